/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - the rules of a network namespace, as generations under RCU.
 *
 * A struct fw_table is one generation: lists, policies and timeouts that never
 * change once packets can meet them.  Packets read it under rcu_read_lock();
 * whoever needs it longer takes a reference.  A transaction builds the next
 * generation beside it and puts it in force with one pointer, so a packet meets
 * the old rules or the new ones and nothing between.  Only what a rule is bound to
 * (bindings.h) changes by itself, as interfaces do.
 *
 * Counters are kept apart, per CPU, and outlive generations: a rule that stays
 * keeps its counter.  They only ever grow; zeroing remembers where a counter
 * stood, so it takes nothing from a packet that is counted meanwhile.
 *
 * fw_net.lock orders transactions and zeroing; readers take no lock.
 */
#ifndef FW_TABLE_H
#define FW_TABLE_H

#include "kmod/core/match.h"

struct fw_net;
struct fw_table;

struct fw_count {
	__u64 packets, bytes;
};

/* The present generation, with a reference. */
struct fw_table *fw_table_get(struct fw_net *fn);
void fw_table_put(struct fw_table *t);

__u32 fw_table_generation(const struct fw_table *t);
__u32 fw_table_policy(const struct fw_table *t, enum fw_list_id list);
__u32 fw_table_rules(const struct fw_table *t, enum fw_list_id list);
struct fw_timeouts fw_table_timeouts(const struct fw_table *t);

/* Rule i of a list; its counters are those of long ago: see fw_table_count. */
const struct fw_rule *fw_table_rule(const struct fw_table *t, enum fw_list_id list,
				    __u32 i);

/*
 * The counters of rules first ... first + n - 1 into count[0 ... n - 1].  With
 * zero, each begins anew in the same step.  May sleep; takes fw_net.lock.
 */
void fw_table_count(struct fw_net *fn, const struct fw_table *t, enum fw_list_id list,
		    __u32 first, __u32 n, struct fw_count *count, bool zero);

/* why a transaction was refused */
struct fw_refusal {
	__u32 edit;		/* index of the edit */
	enum fw_field field;	/* FW_FIELD_NONE: the edit as such */
	const char *text;	/* a sentence; lasts */
};

struct fw_transaction {
	const struct fw_edit *edits;	/* rules need not have been checked */
	__u32 n;
	__u32 generation;	/* -ESTALE unless it is the present one; 0: any */
	bool replace;		/* begin with everything as after loading */
	__u32 portid;		/* of the netlink socket that asked, for the event */
};

/*
 * Carries out a transaction as a whole, or refuses it as a whole with *why.
 * May sleep; takes fw_net.lock.  Tells the netlink listeners.
 */
int fw_table_edit(struct fw_net *fn, const struct fw_transaction *what,
		  struct fw_refusal *why);

/*
 * What would happen to the packet; nothing is counted.  dev may be NULL; -EINVAL
 * when the namespace has no such device or it has another address.  log: rules
 * with -o print their line, as the CHECK option of 2.0 did.
 */
int fw_table_check(struct fw_net *fn, enum fw_list_id list, const struct fw_packet *pkt,
		   const struct fw_dev *dev, bool log, struct fw_decision *d);

#define FW_MATCHED_MAX 64

/* which accounting rules would count a packet */
struct fw_accounting {
	struct fw_decision decision;
	__u32 n;			/* the first FW_MATCHED_MAX of them */
	__u32 matched[FW_MATCHED_MAX];
};

/* The same for the accounting list; dir is the direction of the packet. */
int fw_table_account(struct fw_net *fn, enum fw_direction dir, const struct fw_packet *pkt,
		     const struct fw_dev *dev, bool log, struct fw_accounting *a);

#endif
