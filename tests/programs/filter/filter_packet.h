/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_packet.h - packets near the rules of a rule set, and what its reader says of them.
 */
#ifndef TESTS_FILTER_PACKET_H
#define TESTS_FILTER_PACKET_H

#include "backend/analysis/filter_walk.h"
#include "tests/lib/random.h"
#include "tests/lib/router.h"
#include "tests/lib/tally.h"

#define FILTER_BUDGET 20000000
#define FILTER_DEVS 6
#define FILTER_HOSTS_MAX 512

extern const struct fw_dev filter_devs[FILTER_DEVS];
extern const __u32 filter_gateway;

/* a host with a rule set */
struct filter_host {
	struct filter_space space;
	struct filter filter;
};

struct filter_packet {
	enum filter_path path;
	const struct fw_dev *in, *out;	/* NULL: sent, delivered */
	struct fw_packet pkt;
};

/* what may become of a packet: the first n effects of flat */
struct filter_outcomes {
	struct filter_flat flat;
	__u32 n;
};

/* Addresses of neighbours that rules name, and some more: their number. */
__u32 filter_hosts(const struct filter_host *h, __u32 addr[FILTER_HOSTS_MAX]);

void filter_packet_draw(const struct filter_host *h, struct random *r, struct filter_packet *p);

/* What answers p, which has passed as it was, or is an error about it; false: nothing. */
bool filter_packet_answer(struct random *r, const struct filter_packet *p,
			  struct filter_packet *answer);

/*
 * What the reader says; p's path becomes that of where it is translated to.  false: the
 * path is not known.  The caller frees flat.
 */
bool filter_outcomes_make(struct filter_host *h, struct filter_packet *p,
			  struct filter_outcomes *o);

#endif
