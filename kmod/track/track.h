/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track.h - the connection table of a network namespace.
 *
 * The core decides what a packet means (kmod/core/track.h); this folder is its host: the
 * table, memory, locks and time.  track_host.h has the inline functions that the core
 * calls.
 *
 * Table.  An entry has one link per direction, and both are in one hash table.  The hash
 * is keyed by a secret of the namespace.  Packets walk the chains under RCU and take no
 * reference.  An entry is freed a grace period after it was unlinked.
 *
 * Resizing (track_table.c).  A work item allocates the next table and moves the links,
 * bucket after bucket.  Meanwhile a lookup searches the old table and then the new one.
 * A link that moves leads a reader into another chain, so a lookup that finds nothing is
 * repeated if links moved meanwhile: struct fwk_track.moves.
 *
 * Sweep (track_sweep.c).  An entry whose time is over is absent to packets.  The same work
 * item unlinks such entries: it visits a sixteenth of the table each second, for at most
 * 10 ms at a time, and does not run while the table is empty.
 *
 * Full table.  Unassured entries are in FWK_AGES queues, in order of their numbers, so
 * that the oldest is found in constant time (track_host.c).  Before that a bounded part
 * of the table is searched for an entry whose time is over.  An assured entry is never
 * evicted.  A 64th of the table is kept for connections to the host itself, from lo and
 * from the addresses of reserve_from.
 *
 * Locks, in order: help lock of a namespace, for packets of connections with a helper; its
 * masq lock, for packets that are translated; entry lock; two bucket locks in order of their
 * index; lock of a queue.  The expectation lock contains no other.  All are spinlocks taken
 * with softirqs disabled, because work items and netlink take them, too.  Bucket and
 * entry locks are arrays that all namespaces share.
 *
 * Port forwards (forwards.c).  Packets find and change their table under the masq lock; a
 * transaction of the rules exchanges it.
 *
 * Life cycle.  fwk_track_start() allocates the table before the first rule that needs
 * states is in force.  It stays until the namespace ends.  The namespace's hooks are
 * unregistered before its table is freed.
 */
#ifndef FWK_TRACK_H
#define FWK_TRACK_H

#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/seqlock.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "kmod/core/track.h"
#include "kmod/linux/quota.h"

#define FWK_LOCKS 1024		/* bucket locks; no table has fewer buckets */
#define FWK_AGES 64
#define FWK_EXPECTS 1024
#define FWK_HELPS 256

struct fwk_buckets {
	struct fwk_buckets __rcu *old;	/* the table that is being emptied, or NULL */
	u32 mask;
	struct hlist_head head[];
};

/* unassured entries, oldest first */
struct fwk_age {
	spinlock_t lock;
	struct list_head entries;
};

/* of a processor */
struct fwk_stats {
	u64 n[FW_STATS];
};

struct fwk_track {
	struct fw_track core;	/* first: the core's functions get its address */
	struct fw_track_settings settings;
	struct net *net;
	struct fwk_quota *quota;	/* for tables and entries; NULL: no limit */
	u64 reserve_from;	/* address and mask of the administrator's hosts */
	bool masq_random;	/* ports are given out in no order */
	u32 magic;	/* of struct fwk_seen in packets of this namespace */
	atomic_t count, next_id;
	struct fwk_stats __percpu *stats;	/* while it is started */
	hsiphash_key_t key;
	struct fwk_buckets __rcu *buckets;	/* NULL: not started */
	seqcount_t moves;	/* written by the work item, in bucket locks */
	u32 resizes;	/* odd while the table is resized; written by the work item */
	spinlock_t expect_lock;
	spinlock_t help_lock;	/* contents of helper data */
	spinlock_t masq_lock;	/* translations are decided and begin, one after the other */
	struct fw_portfw_table forwards;	/* core.portfw */
	u32 ports_swept, ports_bucket;	/* tick of the last sweep for ports; its next bucket */
	struct fwk_age age[FWK_AGES];
	u32 victim_age, victim_bucket;	/* where the next search begins */
	struct delayed_work sweep;
	u32 swept;	/* the next bucket to visit */
};

struct fwk_track *fwk_track(const struct net *net);

enum fwk_conn_event {
	FWK_CONN_NEW = 1,	/* before others can find it */
	FWK_CONN_ASSURED,	/* holds the entry's lock */
	FWK_CONN_DESTROYED,	/* nobody finds it any more */
};

/* Something happened to an entry.  Called under rcu_read_lock(), and possibly spinlocks. */
typedef void (*fwk_conn_event_fn)(struct fwk_track *t, enum fwk_conn_event event,
				  struct fw_entry *c);

int fwk_track_init(fwk_conn_event_fn on_event);
/* Hooks are unregistered.  Waits until the last entry is freed. */
void fwk_track_exit(void);

/* Allocates the table unless there is one.  0, -ENOMEM or -EDQUOT.  Caller holds a mutex. */
int fwk_track_start(struct fwk_track *t);

/* Take effect with the next packet of each connection. */
void fwk_track_timeouts_set(struct net *net, const u32 seconds[FW_TIMEOUTS],
			    const struct fw_timeouts *masq);

/* Before what may give out a port. */
static inline void fwk_masq_lock(struct fwk_track *t)
{
	struct fw_masq *m = &t->core.masq;

	spin_lock_bh(&t->masq_lock);
	if (READ_ONCE(t->masq_random))
		m->next_port = m->port_first +
			       get_random_u32() % (u32)(m->port_end - m->port_first);
}

/* forwards.c: see struct fwk_rules_events. */
void fwk_forwards_read(struct net *net, struct fw_portfw_table *to);
bool fwk_forwards_exchange(struct net *net, struct fw_portfw_table *edited);
void fwk_forwards_cut(struct net *net, const struct fw_portfw *forwards, u32 n);

/* From now on ports first to last are given to masqueraded connections. */
void fwk_masq_ports_set(struct fwk_track *t, u16 first, u16 last);

static inline bool fwk_track_started(const struct fwk_track *t)
{
	return rcu_access_pointer(t->buckets);
}

/* What a processor has counted of an enum fw_stat. */
static inline u64 fwk_track_stat(const struct fwk_track *t, int cpu, unsigned int stat)
{
	return fwk_track_started(t) ? per_cpu_ptr(t->stats, cpu)->n[stat] : 0;
}

/* Ticks of 1/100 s. */
static inline u32 fwk_track_now(void)
{
	return (u32)div_u64(get_jiffies_64() * FW_TRACK_HZ, HZ);
}

/*
 * Calls fn for the entries of count buckets from *bucket on, which is updated, in the
 * RCU read section of the caller.  An entry is in the table twice; it is shown where
 * its link of the original direction is.  Returns false after the last bucket.
 */
bool fwk_track_visit(struct fwk_track *t, u32 *bucket, u32 count,
		     void (*fn)(struct fwk_track *t, struct fw_entry *c, void *ctx),
		     void *ctx);

/*
 * A walk by fwk_track_visit() in several RCU read sections has visited each entry once if
 * the table was not resized between these two, nor when it began.
 */
static inline u32 fwk_track_walk_begin(const struct fwk_track *t)
{
	u32 resizes = READ_ONCE(t->resizes);

	smp_rmb();	/* pairs with fwk_table_resize() */
	return resizes;
}

static inline bool fwk_track_walk_is_whole(const struct fwk_track *t, u32 begin)
{
	smp_rmb();	/* likewise */
	return !(begin & 1) && READ_ONCE(t->resizes) == begin;
}

/*
 * Calls fn for all entries, in a process.  Returns false if the table was resized
 * meanwhile: then some may have been missed, or visited twice.  None if it is not started.
 */
bool fwk_track_visit_all(struct fwk_track *t,
			 void (*fn)(struct fwk_track *t, struct fw_entry *c, void *ctx),
			 void *ctx);

/* track_table.c */
struct fwk_buckets *fwk_buckets_new(struct fwk_track *t, u32 n);
void fwk_buckets_free(struct fwk_track *t, struct fwk_buckets *b);
/* Is another number of buckets due? */
bool fwk_table_is_unfit(const struct fwk_track *t);
/* Resizes the table.  Called by the work item only. */
void fwk_table_resize(struct fwk_track *t);

/* track_sweep.c */
void fwk_sweep(struct work_struct *work);

#endif
