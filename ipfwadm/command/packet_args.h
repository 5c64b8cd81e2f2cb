/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_args.h - the arguments of trace: packets, as for -c but with all their fields.
 */
#ifndef IPFWADM_PACKET_ARGS_H
#define IPFWADM_PACKET_ARGS_H

#include "ipfwadm/app/app.h"

#define PACKET_ARGS_MAX 64

struct packet_arg {
	struct fw_packet pkt;
	const char *interface;	/* -W: receiving; NULL: the host itself sends */
	__u32 at;		/* --at SECONDS: ticks since the first packet */
	bool reply;		/* --reply: also trace the peer's answer */
	bool error;		/* --error TYPE[/CODE]: also an ICMP error about it */
	__u8 error_type, error_code;
};

struct packet_args {
	struct packet_arg packet[PACKET_ARGS_MAX];
	unsigned int count;
	const char *pcap;	/* --pcap FILE: its packets instead, or NULL */
	const char *interface;	/* -W with --pcap: where all of them arrive, or NULL */
	const char *out;	/* --out NAME: the default route's, or NULL */
	const char *rules;	/* --rules FILE, or NULL */
	bool keep;		/* --keep: connections stay in the simulator */
	bool verbose;		/* -v */
	bool svg;		/* --svg: a picture */
};

/* 0, or -EINVAL after a message */
int command_packet_read(const struct app *app, int argc, char **argv,
			struct packet_args *args);

#endif
