/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counters.h - how often a rule matched: a counter per rule and CPU.
 *
 * What packets add to only ever grows.  A counter begins anew by remembering
 * where it stood, so it takes nothing from a packet that is counted meanwhile.
 * A counter belongs to its rule, whichever arrays the rule is copied to: it
 * lives until the last of them is freed.
 *
 * Packets add with fw_counter_add(); all else needs fw_net.lock.
 */
#ifndef FW_COUNTERS_H
#define FW_COUNTERS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include "kmod/rules/table.h"

struct fw_binding;
struct fw_counters;
struct fw_counter_block;

struct fw_live {
	u64_stats_t packets, bytes;
	struct u64_stats_sync sync;
};

struct fw_counter {
	struct fw_counter_block *block;
	struct fw_live __percpu *live;
	struct fw_count begin;	/* where it stood when it began */
	struct fw_binding *binding;	/* of the rule, and as long-lived; may be NULL */
	u32 holders;		/* arrays of rules; 0: free */
	bool marked;		/* to begin anew when the transaction is in force */
};

struct fw_counters *fw_counters_new(void);
void fw_counters_free(struct fw_counters *cs);

/* A counter with one holder, begun at zero; NULL if there is no memory. */
struct fw_counter *fw_counter_new(struct fw_counters *cs);
void fw_counter_hold(struct fw_counter *c);
/* No packet may be able to find a counter that has lost its last holder. */
void fw_counter_put(struct fw_counters *cs, struct fw_counter *c);

struct fw_count fw_counter_read(const struct fw_counter *c);
/* The counter shows count from now on. */
void fw_counter_set(struct fw_counter *c, struct fw_count count);
/* What it shows; from now on it shows zero. */
struct fw_count fw_counter_take(struct fw_counter *c);

/* => softirqs are off, so nothing on this CPU counts meanwhile */
static inline void fw_counter_add(struct fw_counter *c, u32 bytes)
{
	struct fw_live *live = this_cpu_ptr(c->live);

	u64_stats_update_begin(&live->sync);
	u64_stats_inc(&live->packets);
	u64_stats_add(&live->bytes, bytes);
	u64_stats_update_end(&live->sync);
}

#endif
