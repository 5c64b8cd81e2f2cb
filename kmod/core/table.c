// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/table.h"

#include "kmod/core/expect.h"

#include FW_HOST_H

/* What a lookup reads is in one cache line, what a packet writes in the next two. */
#define FW_ENTRY_AT(member, offset)                                                      \
	_Static_assert(sizeof(void *) != 8 ||                                            \
			       __builtin_offsetof(struct fw_entry, member) == (offset),  \
		       #member)
FW_ENTRY_AT(link, 0);
FW_ENTRY_AT(expects, 62);
FW_ENTRY_AT(lock, 64);
FW_ENTRY_AT(bytes, 128);
FW_ENTRY_AT(iface, 164);
_Static_assert(sizeof(struct fw_entry) <= 224, "an entry is larger than planned");

static void entry_put(struct fw_track *t, struct fw_entry *c)
{
	if (fw_host_ref_put(c))
		fw_host_free(t, c);
}

static void masq_count_add(struct fw_track *t, const struct fw_entry *c, __s32 n)
{
	if (c->masq)
		fw_host_counter_add(c->shares_port ? &t->masq.sharing
						   : fw_masq_used(t, c->proto), n);
	if (c->forwarded)
		fw_host_counter_add(&t->masq.forwarded, n);
}

void fw_track_end(struct fw_track *t, struct fw_entry *c)
{
	if (!fw_host_unlink(t, c))
		return;
	fw_host_count_add(t, -1);
	masq_count_add(t, c, -1);
	if (c->control)
		entry_put(t, c->control);
	fw_expect_end(t, c);
	fw_help_end(t, c);
	entry_put(t, c);
}

struct fw_entry *fw_track_find(struct fw_track *t, const struct fw_key *k,
			       unsigned int *dir, __u32 now)
{
	struct fw_entry *c = fw_host_find(t, k, dir);

	if (c && fw_entry_over(t, c, now)) {
		fw_track_end(t, c);
		c = NULL;
	}
	return c;
}

/* Memory for a new entry, by eviction if need be. */
static struct fw_entry *entry_alloc(struct fw_track *t, const struct fw_entry *draft,
				    __u32 now)
{
	bool room = fw_host_count(t) < fw_host_limit(t, draft);
	struct fw_entry *c = room ? fw_host_alloc(t) : NULL, *victim;

	if (c)
		return c;
	victim = fw_host_victim(t, now);
	if (victim) {
		fw_host_stat_add(t, FW_STAT_EVICTED);
		fw_track_end(t, victim);
		c = fw_host_alloc(t);
	}
	if (!c)
		fw_host_stat_add(t, FW_STAT_DROPPED);
	return c;
}

struct fw_entry *fw_track_add(struct fw_track *t, const struct fw_entry *draft, __u32 now,
			      struct fw_entry **winner)
{
	struct fw_entry *control = draft->control, *c;

	*winner = NULL;
	/* Before memory is taken, which may be that of a control that has ended. */
	if (control && !fw_host_ref_get(control))
		control = NULL;
	c = entry_alloc(t, draft, now);
	if (c) {
		*c = *draft;
		c->control = control;
		c->refs = 1;
		c->id = fw_host_id(t);
		*winner = fw_host_publish(t, c);
		if (*winner)
			fw_host_free(t, c);
	}
	if (!c || *winner) {
		if (control)
			entry_put(t, control);
		return NULL;
	}
	fw_host_count_add(t, 1);
	masq_count_add(t, c, 1);
	fw_host_stat_add(t, FW_STAT_NEW);
	return c;
}
