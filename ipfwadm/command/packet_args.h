/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_args.h - the arguments of trace: a packet, as for -c but with all its fields.
 */
#ifndef IPFWADM_PACKET_ARGS_H
#define IPFWADM_PACKET_ARGS_H

#include "ipfwadm/app/app.h"

struct packet_args {
	struct fw_packet pkt;
	const char *interface;	/* -W: receiving; NULL: the host itself sends */
	const char *out;	/* --out NAME: the default route's, or NULL */
	const char *rules;	/* --rules FILE, or NULL */
	bool reply;		/* --reply: also trace the peer's answer */
	bool error;		/* --error TYPE[/CODE]: also an ICMP error about it */
	__u8 error_type, error_code;
	bool verbose;		/* -v */
};

/* 0, or -EINVAL after a message */
int command_packet_read(const struct app *app, int argc, char **argv,
			struct packet_args *args);

#endif
