/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * portfw_option.h - a socket option of port forwarding, as a command of our front ends.
 */
#ifndef COMPAT_PORTFW_OPTION_H
#define COMPAT_PORTFW_OPTION_H

#include "compat/abi_portfw.h"
#include "compat/portfw_front.h"

union portfw_option {
	struct abi_masq_ctl ctl;	/* of ABI_MASQ_CTL */
	union abi_portfw_argument u;	/* of the others */
};

/*
 * Carries out an option of abi_portfw_find().  Bytes of arg after len are 0.  Returns 0 or
 * -errno.
 *
 * Modules of 2.2 returned errors of which the kernel made success: only to delete what
 * is not there succeeds here, too.
 */
int portfw_option_run(const struct portfw_host *h, int number, enum abi_layout layout,
		      const union portfw_option *arg, __u32 len, struct fw_error *e);

#endif
