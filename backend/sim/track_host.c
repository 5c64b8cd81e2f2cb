// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/sim/track_host.h"

void track_table_init(struct track_table *t, struct fw_entry *entries, __u32 nentries,
		      struct fw_link **heads, __u32 nheads)
{
	__u32 i;

	t->entries = entries;
	t->nentries = nentries;
	t->next_unused = 0;
	t->free = NULL;
	t->heads = heads;
	t->mask = nheads - 1;
	t->age_first = NULL;
	t->age_last = &t->age_first;
	t->sweep_at = 0;
	t->swept = 0;
	t->swept_once = false;
	for (i = 0; i < nheads; i++)
		heads[i] = NULL;
}

struct fw_entry *track_table_next(struct track_table *t, __u32 id)
{
	struct fw_entry *best = NULL;
	__u32 i;

	for (i = 0; i < t->next_unused; i++) {
		struct fw_entry *c = &t->entries[i];

		if (track_entry_used(c) && c->id > id && (!best || c->id < best->id))
			best = c;
	}
	return best;
}
