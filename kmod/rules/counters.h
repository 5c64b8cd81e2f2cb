/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counters.h - packets and bytes that matched a rule, per CPU.
 *
 * Packets increase a counter with fwk_counter_add().  All other functions need
 * fwk_rules.lock.  A counter is freed with the last array that contains its rule.
 */
#ifndef FWK_COUNTERS_H
#define FWK_COUNTERS_H

#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include "kmod/linux/quota.h"
#include "kmod/rules/iface_binding.h"
#include "kmod/rules/rules.h"

/* the allocator of a namespace */
struct fwk_counters {
	struct list_head partial;	/* blocks with at least one free counter */
	unsigned long bytes;	/* of rules and counters, of all generations */
	unsigned long bytes_max;	/* sysctl rules_memory */
	struct fwk_quota *quota;	/* of the namespace's user, or NULL */
	const char *exceeded;	/* the limit that refused memory in this transaction */
};

/* Counts memory that is about to be allocated; false if the namespace may have no more. */
bool fwk_memory_charge(struct fwk_counters *cs, size_t bytes);

static inline void fwk_memory_uncharge(struct fwk_counters *cs, size_t bytes)
{
	cs->bytes -= bytes;
	fwk_quota_uncharge(cs->quota, bytes);
}

struct fwk_percpu {
	u64_stats_t packets, bytes;
	struct u64_stats_sync sync;
};

struct fwk_counter {
	struct fwk_counter_block *block;
	struct fwk_percpu __percpu *percpu;	/* never decreases */
	struct fwk_count origin;	/* the sum that is shown as zero */
	/* of the rule, or NULL; freed with the counter */
	struct fwk_iface_binding *binding;
	char *comment;
	u32 charged;	/* bytes for these two */
	u32 users;	/* arrays of rules; 0: free */
	bool reset_pending;	/* to be zeroed when the transaction commits */
};

static inline void fwk_counters_init(struct fwk_counters *cs, unsigned long bytes_max,
				     struct fwk_quota *quota)
{
	*cs = (struct fwk_counters){ .bytes_max = bytes_max, .quota = quota };
	INIT_LIST_HEAD(&cs->partial);
}

/* Returns a counter of value 0 with one user, NULL without memory. */
struct fwk_counter *fwk_counter_new(struct fwk_counters *cs);
/* The last put frees it: a grace period has passed since packets could count in it. */
void fwk_counter_put(struct fwk_counters *cs, struct fwk_counter *c);

struct fwk_count fwk_counter_read(const struct fwk_counter *c);
struct fwk_count fwk_counter_read_and_reset(struct fwk_counter *c);
void fwk_counter_set(struct fwk_counter *c, struct fwk_count value);

/* Caller has disabled softirqs, so that no other packet of this CPU interferes. */
static inline void fwk_counter_add(struct fwk_counter *c, u32 bytes)
{
	struct fwk_percpu *p = this_cpu_ptr(c->percpu);

	u64_stats_update_begin(&p->sync);
	u64_stats_inc(&p->packets);
	u64_stats_add(&p->bytes, bytes);
	u64_stats_update_end(&p->sync);
}

#endif
