/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_host.h - the core's host in the kernel: FW_HOST_H of kmod/Kbuild.
 *
 * Callers hold rcu_read_lock().  See track.h for locks, and kmod/core/track.h for what
 * each function must do.
 */
#ifndef FWK_TRACK_HOST_H
#define FWK_TRACK_HOST_H

#include <linux/hash.h>
#include <linux/slab.h>
#include <net/route.h>

#include "kmod/core/table.h"
#include "kmod/track/track.h"

/* Entries are aligned to 32 bytes, so a link's address shows its direction. */
#define FWK_ENTRY_ALIGN 32
static_assert(offsetof(struct fw_entry, link[1]) == 16);
static_assert(sizeof(struct fw_link) == sizeof(struct hlist_node));
static_assert(sizeof(struct fw_link) == sizeof(struct list_head));
static_assert(sizeof(((struct fw_entry *)0)->host) >= sizeof(struct rcu_head));

extern struct kmem_cache *fwk_track_cache;
extern fwk_conn_event_fn fwk_on_conn_event;
extern spinlock_t fwk_bucket_locks[FWK_LOCKS], fwk_entry_locks[FWK_LOCKS];

static inline struct fwk_track *fwk_track_of(const struct fw_track *t)
{
	return container_of(t, struct fwk_track, core);
}

static inline struct hlist_node *fwk_link(struct fw_entry *c, unsigned int dir)
{
	return (struct hlist_node *)&c->link[dir];
}

static inline unsigned int fwk_link_dir(const struct hlist_node *link)
{
	return (unsigned long)link / sizeof(*link) % (FWK_ENTRY_ALIGN / sizeof(*link));
}

static inline struct fw_entry *fwk_link_entry(struct hlist_node *link, unsigned int dir)
{
	return (struct fw_entry *)(link - dir);
}

static inline u32 fwk_track_hash(const struct fwk_track *t, const struct fw_key *k)
{
	return hsiphash_4u32(k->saddr, k->daddr, (u32)k->sport << 16 | k->dport,
			     k->proto << 8 | k->kind, &t->key);
}

static inline u32 fwk_entry_hash(const struct fwk_track *t, const struct fw_entry *c,
				 unsigned int dir)
{
	struct fw_key k = fw_entry_key(c, dir);

	return fwk_track_hash(t, &k);
}

static inline struct fw_entry *fwk_chain_find(const struct fwk_buckets *b, u32 hash,
					      const struct fw_key *k, unsigned int *dir)
{
	struct hlist_node *link;

	for (link = rcu_dereference(hlist_first_rcu(&b->head[hash & b->mask])); link;
	     link = rcu_dereference(hlist_next_rcu(link))) {
		unsigned int d = fwk_link_dir(link);
		struct fw_entry *c = fwk_link_entry(link, d);

		if (fw_entry_is(c, d, k)) {
			*dir = d;
			return c;
		}
	}
	return NULL;
}

static inline struct fw_entry *fwk_table_find(const struct fwk_track *t, u32 hash,
					      const struct fw_key *k, unsigned int *dir)
{
	const struct fwk_buckets *b, *old;
	struct fw_entry *c = NULL;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&t->moves);
		b = rcu_dereference(t->buckets);
		old = rcu_dereference(b->old);
		if (old)
			c = fwk_chain_find(old, hash, k, dir);
		if (!c)
			c = fwk_chain_find(b, hash, k, dir);
	} while (!c && read_seqcount_retry(&t->moves, seq));
	return c;
}

static inline struct fw_entry *fw_host_find(struct fw_track *track,
					    const struct fw_key *k, unsigned int *dir)
{
	const struct fwk_track *t = fwk_track_of(track);

	return fwk_table_find(t, fwk_track_hash(t, k), k, dir);
}

/* Locks the buckets of two hashes. */
static inline void fwk_buckets_lock(u32 a, u32 b)
{
	a %= FWK_LOCKS;
	b %= FWK_LOCKS;
	spin_lock_bh(&fwk_bucket_locks[min(a, b)]);
	if (a != b)
		spin_lock_nested(&fwk_bucket_locks[max(a, b)], SINGLE_DEPTH_NESTING);
	else
		__acquire(&fwk_bucket_locks[a]);
}

static inline void fwk_buckets_unlock(u32 a, u32 b)
{
	a %= FWK_LOCKS;
	b %= FWK_LOCKS;
	if (a != b)
		spin_unlock(&fwk_bucket_locks[max(a, b)]);
	else
		__release(&fwk_bucket_locks[a]);
	spin_unlock_bh(&fwk_bucket_locks[min(a, b)]);
}

static inline struct fw_entry *fw_host_alloc(struct fw_track *track)
{
	struct fwk_quota *quota = fwk_track_of(track)->quota;
	struct fw_entry *c;

	if (!fwk_quota_charge(quota, sizeof(*c)))
		return NULL;
	c = kmem_cache_alloc(fwk_track_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!c)
		fwk_quota_uncharge(quota, sizeof(*c));
	return c;
}

void fwk_entry_free_rcu(struct rcu_head *head);

static inline void fw_host_free(struct fw_track *track, struct fw_entry *c)
{
	fwk_quota_uncharge(fwk_track_of(track)->quota, sizeof(*c));
	call_rcu((struct rcu_head *)c->host, fwk_entry_free_rcu);
}

struct fw_entry *fw_host_publish(struct fw_track *track, struct fw_entry *c);
bool fw_host_unlink(struct fw_track *track, struct fw_entry *c);

static inline bool fw_host_is_linked(struct fw_entry *c)
{
	return !hlist_unhashed_lockless(fwk_link(c, 0));
}

void fw_host_assured(struct fw_track *track, struct fw_entry *c);
void fw_host_unassured(struct fw_track *track, struct fw_entry *c);
void fw_host_sweep(struct fw_track *track, __u32 now);
struct fw_entry *fw_host_victim(struct fw_track *track, __u32 now);

static inline __u32 fw_host_count(const struct fw_track *track)
{
	/* An entry may end before the processor that published it has counted it. */
	return (__u32)max(atomic_read(&fwk_track_of(track)->count), 0);
}

/* Is it a connection to this host, from where its administrator is? */
static inline bool fwk_entry_is_admins(const struct fwk_track *t, const struct fw_entry *c)
{
	u64 from = READ_ONCE(t->reserve_from);

	return (c->saddr >> 24 == 127 || (c->saddr & (u32)from) == from >> 32) &&
	       inet_addr_type(t->net, htonl(c->daddr)) == RTN_LOCAL;
}

/* A 64th of the table is the administrator's. */
static inline __u32 fw_host_limit(const struct fw_track *track, const struct fw_entry *draft)
{
	u32 max = READ_ONCE(track->max), others = max - max / 64;

	if (fw_host_count(track) < others || !fwk_entry_is_admins(fwk_track_of(track), draft))
		return others;
	return max;
}

static inline void fw_host_count_add(struct fw_track *track, __s32 n)
{
	atomic_add(n, &fwk_track_of(track)->count);
}

static inline __u32 fw_host_id(struct fw_track *track)
{
	atomic_t *id = &fwk_track_of(track)->next_id;
	u32 next = (u32)atomic_inc_return(id);

	return next ? next : (u32)atomic_inc_return(id);
}

static inline void fw_host_stat_add(struct fw_track *track, unsigned int stat)
{
	this_cpu_inc(fwk_track_of(track)->stats->n[stat]);
}

static inline void fw_host_counter_add(__u32 *counter, __s32 n)
{
	static_assert(sizeof(atomic_t) == sizeof(*counter));
	atomic_add(n, (atomic_t *)counter);
}

/* An entry that has ended is freed a grace period after its last reference. */
static inline bool fw_host_ref_get(struct fw_entry *c)
{
	return atomic_inc_not_zero((atomic_t *)&c->refs);
}

static inline bool fw_host_ref_put(struct fw_entry *c)
{
	return atomic_dec_and_test((atomic_t *)&c->refs);
}

static inline spinlock_t *fwk_entry_lock(const struct fw_entry *c)
{
	return &fwk_entry_locks[hash_ptr(c, ilog2(FWK_LOCKS))];
}

static inline void fw_host_lock(struct fw_entry *c)
{
	spin_lock_bh(fwk_entry_lock(c));
}

static inline void fw_host_unlock(struct fw_entry *c)
{
	spin_unlock_bh(fwk_entry_lock(c));
}

static inline void fw_host_expect_lock(struct fw_track *track)
{
	spin_lock_bh(&fwk_track_of(track)->expect_lock);
}

static inline void fw_host_expect_unlock(struct fw_track *track)
{
	spin_unlock_bh(&fwk_track_of(track)->expect_lock);
}

#endif
