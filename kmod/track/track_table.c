// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_table.c - resizing the hash table while packets use it.
 *
 * The number of buckets is a power of two, at least that of bucket locks, so a lock
 * covers the same hashes in both tables.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "kmod/track/track_host.h"

struct fwk_buckets *fwk_buckets_new(struct fwk_track *t, u32 n)
{
	struct fwk_buckets *b;
	size_t bytes = struct_size(b, head, n);

	if (!fwk_quota_charge(t->quota, bytes))
		return NULL;
	b = kvzalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (b)
		b->mask = n - 1;
	else
		fwk_quota_uncharge(t->quota, bytes);
	return b;
}

void fwk_buckets_free(struct fwk_track *t, struct fwk_buckets *b)
{
	if (b)
		fwk_quota_uncharge(t->quota, struct_size(b, head, b->mask + 1));
	kvfree(b);
}

/* One bucket for each link; an entry has two. */
static u32 buckets_wanted(const struct fwk_track *t)
{
	u32 links = 2 * (u32)atomic_read(&t->count);

	return links <= FWK_LOCKS ? FWK_LOCKS : roundup_pow_of_two(links);
}

/* Growing is due at once, shrinking when seven of eight buckets are not needed. */
bool fwk_table_is_unfit(const struct fwk_track *t)
{
	u32 wanted = buckets_wanted(t);
	u32 n = rcu_dereference_protected(t->buckets, true)->mask + 1;

	return wanted > n || wanted < n / 8;
}

static void bucket_move(struct fwk_track *t, struct fwk_buckets *from, u32 bucket,
			struct fwk_buckets *to)
{
	struct hlist_node *link, *next;

	fwk_buckets_lock(bucket, bucket);
	write_seqcount_begin(&t->moves);
	hlist_for_each_safe(link, next, &from->head[bucket])
	{
		unsigned int dir = fwk_link_dir(link);
		u32 hash = fwk_entry_hash(t, fwk_link_entry(link, dir), dir);

		hlist_del_rcu(link);
		hlist_add_head_rcu(link, &to->head[hash & to->mask]);
	}
	write_seqcount_end(&t->moves);
	fwk_buckets_unlock(bucket, bucket);
}

void fwk_table_resize(struct fwk_track *t)
{
	struct fwk_buckets *from = rcu_dereference_protected(t->buckets, true), *to;
	u32 i;

	to = fwk_buckets_new(t, buckets_wanted(t));
	if (!to)
		return;
	WRITE_ONCE(t->resizes, t->resizes + 1);
	smp_wmb();	/* who finds the new table finds that, too */
	RCU_INIT_POINTER(to->old, from);
	rcu_assign_pointer(t->buckets, to);
	/* Writers that began before still add links to the old table. */
	synchronize_rcu();
	for (i = 0; i <= from->mask; i++) {
		bucket_move(t, from, i, to);
		cond_resched();
	}
	/* From here on buckets are visited in another order. */
	RCU_INIT_POINTER(to->old, NULL);
	smp_wmb();	/* a walk that begins after this has one order */
	WRITE_ONCE(t->resizes, t->resizes + 1);
	synchronize_rcu();
	fwk_buckets_free(t, from);
}
