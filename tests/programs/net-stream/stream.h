/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - numbered packets through a router, without pause, while the test
 * does something else.
 *
 * Each packet of each flow has a number, its IP id.  A thread sends them, another
 * takes what comes out, and in the end every number is accounted for.
 */
#ifndef TESTS_NET_STREAM_H
#define TESTS_NET_STREAM_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/lib/router.h"

#define STREAM_FLOWS 20
#define STREAM_NUMBERS 65536

struct flow {
	const char *name;
	const char *from;	/* arrives by this device; NULL: the machine sends it */
	const char *to;		/* must leave by it; NULL: must be delivered */
	bool passes;
	struct fw_packet sent;
	/* the header as it should come out; dport tells the flow, and is no other's */
	struct fw_packet out;
};

/* what became of the packets of one flow; packets are numbered from 1 */
struct flow_account {
	__u32 sent;
	__u8 came[STREAM_NUMBERS];	/* how often */
	__u16 during[STREAM_NUMBERS];	/* in which step it was sent */
	__u32 changed;		/* came with another header, or elsewhere */
	__u32 refused;		/* the machine itself was told -EPERM */
	__u32 failed;		/* could not be sent at all */
};

struct stream {
	struct router *router;
	const struct flow *flow;
	unsigned int nflows;
	struct flow_account *account;
	unsigned int interval_us;	/* from one packet to the next */
	atomic_uint step;
	atomic_uint passing, came;	/* packets that pass: sent, and come so far */
	atomic_bool sender_ends, receiver_ends;
	pthread_t sender, receiver;
	unsigned int lost;		/* came, but the test was too slow for them */
};

/* what must not be, summed over all flows */
struct stream_faults {
	unsigned int passed;	/* denied packets that came */
	unsigned int missing;	/* others that did not */
	unsigned int changed, doubled, failed;
	unsigned int lost;
};

/* Starts to send.  flow and r stay as they are meanwhile.  0 or -errno. */
int stream_start(struct stream *s, struct router *r, const struct flow *flow,
		 unsigned int nflows, unsigned int interval_us);

/* What is sent from now on belongs to this step. */
void stream_step(struct stream *s, unsigned int step);

/* Sends no more, and waits until all that can come has come.  0 or -ETIMEDOUT. */
int stream_stop(struct stream *s);

/*
 * Sums up what is wrong, and tells of each flow the first such packet; steps has
 * the names of the steps.
 */
void stream_judge(const struct stream *s, const char (*steps)[64],
		  struct stream_faults *f);

void stream_free(struct stream *s);

#endif
