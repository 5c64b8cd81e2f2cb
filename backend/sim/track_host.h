/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_host.h - the tracker's host in user space: one thread, an array, a hash.
 *
 * struct track_table begins with the tracker's struct fw_track.  Entries are never
 * moved, so their addresses last until they end.
 */
#ifndef BACKEND_SIM_TRACK_HOST_H
#define BACKEND_SIM_TRACK_HOST_H

#include "kmod/core/table.h"

struct track_table {
	struct fw_track track;
	__u64 stat[FW_STATS];
	struct fw_entry *entries;	/* of the caller */
	__u32 nentries, next_unused;
	struct fw_link *free;
	struct fw_link **heads;	/* of the caller; a power of two */
	__u32 mask;
	struct fw_link *age_first, **age_last;
	__u32 sweep_at;	/* the next entry to look at for a victim */
	__u32 swept;	/* the tick at which nothing had expired */
	bool swept_once;
};

/*
 * entries and heads are the caller's, nheads is a power of two.  The tracker's
 * arrays are given to fw_track_init() by the caller, before.
 */
void track_table_init(struct track_table *t, struct fw_entry *entries, __u32 nentries,
		      struct fw_link **heads, __u32 nheads);

/* The entry with the next larger id than that, NULL at the end. */
struct fw_entry *track_table_next(struct track_table *t, __u32 id);

static inline bool track_entry_used(const struct fw_entry *c)
{
	return c->link[0].prev; /* NOLINT: c is an element of the table */
}

static inline __u32 track_hash(const struct fw_key *k)
{
	__u64 h = ((__u64)k->saddr << 32 | k->daddr) * 0x9e3779b97f4a7c15;

	h ^= h >> 32;
	h += (__u64)k->sport << 32 | (__u32)k->dport << 16 | k->proto << 1 | k->kind;
	h *= 0xbf58476d1ce4e5b9;
	return (__u32)(h >> 32);
}

static inline void track_link(struct fw_link **head, struct fw_link *l)
{
	l->next = *head;
	l->prev = head;
	if (l->next)
		l->next->prev = &l->next;
	*head = l;
}

static inline void track_unlink(struct fw_link *l)
{
	*l->prev = l->next;
	if (l->next)
		l->next->prev = l->prev;
	l->prev = NULL;
}

static inline struct fw_entry *fw_host_find(struct fw_track *track,
					    const struct fw_key *k, unsigned int *dir)
{
	struct track_table *t = (struct track_table *)track;
	struct fw_link *l = t->heads[track_hash(k) & t->mask];

	for (; l; l = l->next) {
		/* The low bit of an entry's index in a link's address is its direction.
		 */
		struct fw_entry *c = (struct fw_entry *)l;

		/* all that a packet reads of it, wherever in a line it begins */
		__builtin_prefetch((char *)l + 64);
		__builtin_prefetch((char *)l + 128);
		__builtin_prefetch((char *)l + 176);
		*dir = ((unsigned long)((char *)l - (char *)t->entries) %
			sizeof(struct fw_entry)) != 0;
		if (*dir)
			c = (struct fw_entry *)(l - 1);
		if (fw_entry_is(c, *dir, k))
			return c;
	}
	return NULL;
}

static inline struct fw_entry *fw_host_alloc(struct fw_track *track)
{
	struct track_table *t = (struct track_table *)track;
	struct fw_link *l = t->free;

	if (l) {
		t->free = l->next;
		return (struct fw_entry *)l;
	}
	if (t->next_unused == t->nentries)
		return NULL;
	return &t->entries[t->next_unused++];
}

static inline void fw_host_free(struct fw_track *track, struct fw_entry *c)
{
	struct track_table *t = (struct track_table *)track;

	c->link[0] = (struct fw_link){ .next = t->free };
	t->free = &c->link[0];
}

static inline void track_age_unlink(struct track_table *t, struct fw_entry *c)
{
	if (!c->age.prev)
		return;
	if (!c->age.next)
		t->age_last = c->age.prev;
	track_unlink(&c->age);
}

static inline void fw_host_unassured(struct fw_track *track, struct fw_entry *c)
{
	struct track_table *t = (struct track_table *)track;

	c->age.next = NULL;
	c->age.prev = t->age_last;
	*t->age_last = &c->age;
	t->age_last = &c->age.next;
}

static inline struct fw_entry *fw_host_publish(struct fw_track *track, struct fw_entry *c)
{
	struct track_table *t = (struct track_table *)track;
	struct fw_entry *winner;
	unsigned int dir, found;
	struct fw_key k;

	for (dir = 0; dir < 2; dir++) {
		k = fw_entry_key(c, dir);
		winner = fw_host_find(track, &k, &found);
		if (winner)
			return winner;
	}
	for (dir = 0; dir < 2; dir++) {
		k = fw_entry_key(c, dir);
		track_link(&t->heads[track_hash(&k) & t->mask], &c->link[dir]);
	}
	c->age.prev = NULL;
	if (!(c->flags & FW_ENTRY_ASSURED))
		fw_host_unassured(track, c);
	return NULL;
}

static inline bool fw_host_unlink(struct fw_track *track, struct fw_entry *c)
{
	if (!track_entry_used(c))
		return false;
	track_unlink(&c->link[0]);
	track_unlink(&c->link[1]);
	track_age_unlink((struct track_table *)track, c);
	return true;
}

static inline bool fw_host_is_linked(const struct fw_entry *c)
{
	return track_entry_used(c);
}

static inline void fw_host_assured(struct fw_track *track, struct fw_entry *c)
{
	track_age_unlink((struct track_table *)track, c);
}

/* Ends all entries whose time is over. */
static inline void fw_host_sweep(struct fw_track *track, __u32 now)
{
	struct track_table *t = (struct track_table *)track;
	__u32 i;

	for (i = 0; i < t->next_unused; i++)
		if (track_entry_used(&t->entries[i]) &&
		    fw_entry_over(track, &t->entries[i], now))
			fw_track_end(track, &t->entries[i]);
}

/* At most one search per tick finds nothing that has expired. */
static inline struct fw_entry *fw_host_victim(struct fw_track *track, __u32 now)
{
	struct track_table *t = (struct track_table *)track;
	__u32 n;

	for (n = 0; n < t->next_unused && !(t->swept_once && t->swept == now); n++) {
		struct fw_entry *c = &t->entries[t->sweep_at];

		t->sweep_at = (t->sweep_at + 1) % t->next_unused;
		if (track_entry_used(c) && fw_entry_over(track, c, now))
			return c;
	}
	t->swept = now;
	t->swept_once = true;
	if (!t->age_first)
		return NULL;
	return (struct fw_entry *)((char *)t->age_first -
				   __builtin_offsetof(struct fw_entry, age));
}

static inline __u32 fw_host_count(const struct fw_track *t)
{
	return t->count;
}

static inline __u32 fw_host_limit(const struct fw_track *t, const struct fw_entry *draft)
{
	(void)draft;
	return t->max;
}

static inline void fw_host_count_add(struct fw_track *t, __s32 n)
{
	t->count += (__u32)n;
}

static inline __u32 fw_host_id(struct fw_track *t)
{
	return ++t->next_id ? t->next_id : ++t->next_id;
}

static inline void fw_host_stat_add(struct fw_track *t, unsigned int stat)
{
	((struct track_table *)t)->stat[stat]++;
}

static inline void fw_host_counter_add(__u32 *counter, __s32 n)
{
	*counter += (__u32)n;
}

static inline bool fw_host_ref_get(struct fw_entry *c)
{
	return c->refs && ++c->refs;
}

static inline bool fw_host_ref_put(struct fw_entry *c)
{
	return !--c->refs;
}

static inline void fw_host_lock(struct fw_entry *c)
{
	(void)c;
}

static inline void fw_host_unlock(struct fw_entry *c)
{
	(void)c;
}

static inline void fw_host_expect_lock(struct fw_track *t)
{
	(void)t;
}

static inline void fw_host_expect_unlock(struct fw_track *t)
{
	(void)t;
}

#endif
