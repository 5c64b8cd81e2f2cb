// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracker.c - memory for a connection tracker, and its listing.
 */
#include "backend/sim/tracker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kmod/core/masq.h"
#include "kmod/core/track.h"

#define HUGE (2u << 20)

/* Large arrays are on large pages, without which random access is all TLB misses. */
static void *array_new(size_t n, size_t size)
{
	size_t bytes = n ? n * size : size;
	void *array;

	if (bytes < HUGE) {
		array = malloc(bytes);
	} else {
		bytes = (bytes + HUGE - 1) & ~(size_t)(HUGE - 1);
		array = aligned_alloc(HUGE, bytes);
		if (array)
			madvise(array, bytes, MADV_HUGEPAGE);
	}
	return array ? memset(array, 0, bytes) : NULL;
}

void sim_tracker_reset(struct sim_tracker *s)
{
	fw_track_init(&s->table.track, &s->set, s->table.nentries, s->expects,
		      s->nexpects, s->helps, s->nhelps);
	track_table_init(&s->table, s->entries, s->table.nentries, s->heads,
			 s->table.mask + 1);
}

int sim_tracker_init(struct sim_tracker *s, __u32 entries, __u32 nheads, __u16 expects,
		     __u16 helps)
{
	*s = (struct sim_tracker){
		.nexpects = expects,
		.nhelps = helps,
		.entries = array_new(entries, sizeof(*s->entries)),
		.heads = array_new(nheads, sizeof(struct fw_link *)),
		.expects = array_new(expects, sizeof(*s->expects)),
		.helps = array_new(helps, sizeof(*s->helps)),
	};
	if (!s->entries || !s->heads || !s->expects || !s->helps) {
		sim_tracker_free(s);
		return -ENOMEM;
	}
	s->table.nentries = entries;
	s->table.mask = nheads - 1;
	fw_track_settings_default(&s->set);
	s->set.edits = true;
	sim_tracker_reset(s);
	return 0;
}

void sim_tracker_free(struct sim_tracker *s)
{
	free(s->entries);
	free(s->heads);
	free(s->expects);
	free(s->helps);
	*s = (struct sim_tracker){ 0 };
}

void sim_tracker_elapse(struct sim_tracker *s, __u64 ticks)
{
	s->now += (__u32)ticks;
	if (ticks > 0x7fffffff)
		sim_tracker_reset(s);
	else
		fw_host_sweep(&s->table.track, s->now);
}

static int id_compare(const void *a, const void *b)
{
	const struct fw_entry *x = *(const struct fw_entry *const *)a;
	const struct fw_entry *y = *(const struct fw_entry *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int sim_tracker_entries(struct sim_tracker *s, struct fw_entry ***sorted, __u32 *n)
{
	__u32 i;

	*n = 0;
	*sorted = calloc(s->table.track.count + 1, sizeof(**sorted));
	if (!*sorted)
		return -ENOMEM;
	for (i = 0; i < s->table.next_unused; i++)
		if (track_entry_used(&s->entries[i]))
			(*sorted)[(*n)++] = &s->entries[i];
	qsort(*sorted, *n, sizeof(**sorted), id_compare);
	return 0;
}

int sim_tracker_masqueraded(struct sim_tracker *s, struct fw_conn **lines, size_t *n)
{
	__u32 i;

	*lines = calloc(s->table.track.count + 1, sizeof(**lines));
	*n = 0;
	if (!*lines)
		return -ENOMEM;
	for (i = 0; i < s->table.next_unused; i++)
		if (track_entry_used(&s->entries[i]) &&
		    fw_masq_line(&s->table.track, &s->entries[i], s->now, &(*lines)[*n]))
			++*n;
	qsort(*lines, *n, sizeof(**lines), fw_conn_compare);
	return 0;
}
