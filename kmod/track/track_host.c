// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_host.c - entries in the table: publish, unlink, evict, visit.
 */
#include <linux/delay.h>

#include "kmod/track/track_host.h"

#define BUCKETS_SEARCHED 32 /* for an entry whose time is over, when it is full */
#define BUCKETS_SWEPT 256 /* when all ports are in use, in a tick */
#define BUCKETS_VISITED 64 /* in an RCU read section */

struct kmem_cache *fwk_track_cache;
fwk_conn_event_fn fwk_on_conn_event __ro_after_init;
spinlock_t fwk_bucket_locks[FWK_LOCKS], fwk_entry_locks[FWK_LOCKS];

void fwk_entry_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(fwk_track_cache,
			container_of((void *)head, struct fw_entry, host));
}

static struct list_head *age_link(struct fw_entry *c)
{
	return (struct list_head *)&c->age;
}

static struct fw_entry *age_entry(struct list_head *link)
{
	return container_of((struct fw_link *)link, struct fw_entry, age);
}

/* The queue of an entry; numbers are given out in turn, so all queues grow alike. */
static struct fwk_age *age_of(struct fwk_track *t, const struct fw_entry *c)
{
	return &t->age[c->id % FWK_AGES];
}

static void age_remove(struct fwk_track *t, struct fw_entry *c)
{
	struct fwk_age *age = age_of(t, c);

	spin_lock_bh(&age->lock);
	list_del_init(age_link(c));
	spin_unlock_bh(&age->lock);
}

static void age_add(struct fwk_track *t, struct fw_entry *c)
{
	struct fwk_age *age = age_of(t, c);

	spin_lock_bh(&age->lock);
	list_add_tail(age_link(c), &age->entries);
	spin_unlock_bh(&age->lock);
}

/* The oldest entry of the next queue that has one; it stays there. */
static struct fw_entry *age_oldest(struct fwk_track *t)
{
	u32 first = READ_ONCE(t->victim_age), i;

	for (i = 0; i < FWK_AGES; i++) {
		struct fwk_age *age = &t->age[(first + i) % FWK_AGES];
		struct list_head *link;

		if (list_empty(&age->entries))
			continue;
		WRITE_ONCE(t->victim_age, first + i + 1);
		spin_lock_bh(&age->lock);
		link = list_empty(&age->entries) ? NULL : age->entries.next;
		spin_unlock_bh(&age->lock);
		/* RCU keeps it until the caller has ended it. */
		if (link)
			return age_entry(link);
	}
	return NULL;
}

static void buckets_add(struct fwk_track *t, struct fw_entry *c, const u32 hash[2])
{
	struct fwk_buckets *b = rcu_dereference_bh(t->buckets);
	unsigned int dir;

	for (dir = 0; dir < 2; dir++)
		hlist_add_head_rcu(fwk_link(c, dir), &b->head[hash[dir] & b->mask]);
}

struct fw_entry *fw_host_publish(struct fw_track *track, struct fw_entry *c)
{
	struct fwk_track *t = fwk_track_of(track);
	const struct fw_key k[2] = {fw_entry_key(c, 0), fw_entry_key(c, 1)};
	const u32 hash[2] = {fwk_track_hash(t, &k[0]), fwk_track_hash(t, &k[1])};
	struct fw_entry *winner;
	unsigned int dir;

	INIT_LIST_HEAD(age_link(c));
	fwk_buckets_lock(hash[0], hash[1]);
	winner = fwk_table_find(t, hash[0], &k[0], &dir);
	if (!winner)
		winner = fwk_table_find(t, hash[1], &k[1], &dir);
	if (!winner) {
		/* It is in its queue before another processor can find and assure it. */
		if (!(c->flags & FW_ENTRY_ASSURED))
			age_add(t, c);
		fwk_on_conn_event(t, FWK_CONN_NEW, c);
		buckets_add(t, c, hash);
	}
	fwk_buckets_unlock(hash[0], hash[1]);
	if (!winner && !delayed_work_pending(&t->sweep))
		queue_delayed_work(system_unbound_wq, &t->sweep, HZ);
	return winner;
}

bool fw_host_unlink(struct fw_track *track, struct fw_entry *c)
{
	struct fwk_track *t = fwk_track_of(track);
	const u32 hash[2] = {fwk_entry_hash(t, c, 0), fwk_entry_hash(t, c, 1)};
	bool linked;

	fwk_buckets_lock(hash[0], hash[1]);
	linked = !hlist_unhashed(fwk_link(c, 0));
	if (linked) {
		hlist_del_init_rcu(fwk_link(c, 0));
		hlist_del_init_rcu(fwk_link(c, 1));
	}
	fwk_buckets_unlock(hash[0], hash[1]);
	if (linked) {
		age_remove(t, c);
		fwk_on_conn_event(t, FWK_CONN_DESTROYED, c);
	}
	return linked;
}

void fw_host_assured(struct fw_track *track, struct fw_entry *c)
{
	struct fwk_track *t = fwk_track_of(track);

	age_remove(t, c);
	fwk_on_conn_event(t, FWK_CONN_ASSURED, c);
}

/* Unless another processor unlinks it: that one removes it from its queue afterwards. */
void fw_host_unassured(struct fw_track *track, struct fw_entry *c)
{
	struct fwk_track *t = fwk_track_of(track);
	const u32 hash[2] = {fwk_entry_hash(t, c, 0), fwk_entry_hash(t, c, 1)};

	fwk_buckets_lock(hash[0], hash[1]);
	if (!hlist_unhashed(fwk_link(c, 0)) && list_empty(age_link(c)))
		age_add(t, c);
	fwk_buckets_unlock(hash[0], hash[1]);
}

struct search {
	struct fw_entry *found;
	u32 now;
};

static void search_expired(struct fwk_track *t, struct fw_entry *c, void *ctx)
{
	struct search *s = ctx;

	if (fw_entry_over(&t->core, c, s->now))
		s->found = c;
}

struct fw_entry *fw_host_victim(struct fw_track *track, __u32 now)
{
	struct fwk_track *t = fwk_track_of(track);
	struct search s = {.now = now};
	u32 bucket = READ_ONCE(t->victim_bucket);

	if (!fwk_track_visit(t, &bucket, BUCKETS_SEARCHED, search_expired, &s))
		bucket = 0;
	WRITE_ONCE(t->victim_bucket, bucket);
	return s.found ? s.found : age_oldest(t);
}

static void entry_sweep(struct fwk_track *t, struct fw_entry *c, void *now)
{
	if (fw_entry_over(&t->core, c, *(u32 *)now))
		fw_track_end(&t->core, c);
}

/* A part of the table in turn, once a tick, because a packet waits. */
void fw_host_sweep(struct fw_track *track, __u32 now)
{
	struct fwk_track *t = fwk_track_of(track);

	if (t->ports_swept == now)
		return;
	t->ports_swept = now;
	if (!fwk_track_visit(t, &t->ports_bucket, BUCKETS_SWEPT, entry_sweep, &now))
		t->ports_bucket = 0;
}

static void chain_visit(struct fwk_track *t, const struct hlist_head *head,
			void (*fn)(struct fwk_track *t, struct fw_entry *c, void *ctx),
			void *ctx)
{
	struct hlist_node *link, *next;

	for (link = rcu_dereference(hlist_first_rcu(head)); link; link = next) {
		next = rcu_dereference(hlist_next_rcu(link));
		if (fwk_link_dir(link) == FW_ORIGINAL)
			fn(t, fwk_link_entry(link, FW_ORIGINAL), ctx);
	}
}

/*
 * Buckets are those of the smaller of the two tables of a move: a bucket of it is
 * several of the larger one.
 */
bool fwk_track_visit(struct fwk_track *t, u32 *bucket, u32 count,
		     void (*fn)(struct fwk_track *t, struct fw_entry *c, void *ctx),
		     void *ctx)
{
	const struct fwk_buckets *b = rcu_dereference(t->buckets);
	const struct fwk_buckets *old = rcu_dereference(b->old);
	u32 mask = old ? min(b->mask, old->mask) : b->mask, i;

	for (; count && *bucket <= mask; count--, ++*bucket) {
		for (i = *bucket; old && i <= old->mask; i += mask + 1)
			chain_visit(t, &old->head[i], fn, ctx);
		for (i = *bucket; i <= b->mask; i += mask + 1)
			chain_visit(t, &b->head[i], fn, ctx);
	}
	return *bucket <= mask;
}

bool fwk_track_visit_all(struct fwk_track *t,
			 void (*fn)(struct fwk_track *t, struct fw_entry *c, void *ctx),
			 void *ctx)
{
	bool more = fwk_track_started(t);
	u32 bucket = 0, begin = fwk_track_walk_begin(t);

	while (begin & 1) {
		msleep(1);
		begin = fwk_track_walk_begin(t);
	}
	while (more) {
		rcu_read_lock();
		more = fwk_track_visit(t, &bucket, BUCKETS_VISITED, fn, ctx);
		rcu_read_unlock();
		cond_resched();
	}
	return fwk_track_walk_is_whole(t, begin);
}
