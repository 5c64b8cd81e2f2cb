/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icmp_error.h - ICMP errors that the simulated host sends, as icmp_send of 2.0.
 */
#ifndef SIM_ICMP_ERROR_H
#define SIM_ICMP_ERROR_H

#include "backend/sim/route.h"

struct sim_icmp {
	__u8 type, code;
	__u32 gateway;		/* of a redirect, else 0 */
};

/*
 * Makes the error about a packet that was received by dev.  Returns false if none is
 * sent: about later fragments, broadcasts and other ICMP errors.
 */
bool sim_icmp_error(struct fw_packet *error, const struct sim_icmp *icmp,
		    const struct fw_packet *about, const struct fw_dev *dev,
		    const struct sim_routes *routes);

#endif
