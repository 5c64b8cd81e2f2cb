/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step.h - one recorded packet: what was to happen, and what did.
 */
#ifndef TESTS_NET_STEP_H
#define TESTS_NET_STEP_H

#include <jansson.h>

#include "tests/lib/recorded.h"
#include "tests/programs/paths/renaming.h"
#include "tests/lib/router.h"

#define STEP_PACKETS 8

/* how the packets that came differ from those recorded; bits */
#define STEP_MISSING	0x01	/* one did not come */
#define STEP_EXTRA	0x02	/* one came that should not */
#define STEP_COUNTERS	0x04	/* rules counted otherwise */
#define STEP_STATUS	0x08	/* the sender was told something else */
#define STEP_BROKEN	0x10	/* a wrong checksum, or no network */
#define STEP_RENAMED	0x20	/* a connection changed its port, or two share one */

/* a packet that should leave by dev or, with dev NULL, be delivered */
struct wanted {
	const struct fw_dev *dev;
	struct fw_packet pkt;
	bool masqueraded;	/* the source port is the kernel's choice */
	bool redirected;	/* delivered to redirport of any own address */
	__u16 redirport;
	bool own_port;		/* which is the one that it came for, or by chance */
	bool found;
};

struct step {
	const json_t *events;
	const struct recorded_devs *devs;
	const struct fw_dev *receiver;	/* NULL: the machine itself sends it */
	bool told;		/* its sender learns of a refusal */
	int ret, want_ret;
	struct fw_packet recorded;	/* what is sent */
	struct fw_packet sent;	/* the same with live masquerade ports */
	bool masqueraded;	/* in the recording */
	bool demasqueraded;	/* likewise */
	struct fw_packet masqueraded_as;
	struct fw_packet inside;	/* header as the inner host knows it */
	bool invalid;		/* connection tracking refuses to know it */
	bool told_apart;	/* rules decide otherwise about its live ports */
	struct wanted want[STEP_PACKETS];
	struct captured have[STEP_PACKETS];
	bool expected[STEP_PACKETS];	/* have[i] is one of want[] */
	unsigned int nwant, nhave;
	unsigned int differs;	/* STEP_* */
};

/* Reads the recorded step. */
void step_read(struct step *s, const json_t *recorded, const struct recorded_devs *devs,
	       const struct renaming *names);

/* the event's header as a packet */
void step_event_packet(const struct step *s, const json_t *event, struct fw_packet *p);

/* The first event called name, NULL if there is none. */
const json_t *step_event(const struct step *s, const char *name);

/* Was the sender told of a shorter way? */
bool step_sends_redirect(const struct step *s);

/* Pairs have[] with want[], learns new names, and sets differs. */
void step_compare(struct step *s, struct renaming *names);

#endif
