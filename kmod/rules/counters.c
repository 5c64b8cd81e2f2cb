// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counters.c - counters are made by the block, for one rule needs but 16 bytes
 * of each CPU.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "kmod/rules/iface_binding.h"
#include "kmod/rules/counters.h"

#define BLOCK 128	/* counters */

struct fw_counter_block {
	struct list_head open;	/* in fw_counters.open while a counter is free */
	struct fw_live __percpu *live;
	u32 nfree;
	u8 free[BLOCK];		/* indices of the free counters */
	struct fw_counter counter[BLOCK];
};

struct fw_counters {
	struct list_head open;	/* blocks with free counters */
};

struct fw_counters *fw_counters_new(void)
{
	struct fw_counters *cs = kmalloc(sizeof(*cs), GFP_KERNEL_ACCOUNT);

	if (cs)
		INIT_LIST_HEAD(&cs->open);
	return cs;
}

void fw_counters_free(struct fw_counters *cs)
{
	WARN_ON(!list_empty(&cs->open));
	kfree(cs);
}

static void block_fill(struct fw_counter_block *b)
{
	unsigned int i;
	int cpu;

	for (i = 0; i < BLOCK; i++) {
		b->counter[i] = (struct fw_counter){ .block = b, .live = b->live + i };
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(b->live + i, cpu)->sync);
		b->free[i] = BLOCK - 1 - i;
	}
	b->nfree = BLOCK;
}

static bool block_add(struct fw_counters *cs)
{
	struct fw_counter_block *b = kvmalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);

	if (!b)
		return false;
	b->live = __alloc_percpu_gfp(BLOCK * sizeof(struct fw_live),
				     __alignof__(struct fw_live), GFP_KERNEL_ACCOUNT);
	if (!b->live) {
		kvfree(b);
		return false;
	}
	block_fill(b);
	list_add(&b->open, &cs->open);
	return true;
}

struct fw_counter *fw_counter_new(struct fw_counters *cs)
{
	struct fw_counter_block *b;
	struct fw_counter *c;

	if (list_empty(&cs->open) && !block_add(cs))
		return NULL;
	b = list_first_entry(&cs->open, struct fw_counter_block, open);
	c = &b->counter[b->free[--b->nfree]];
	if (!b->nfree)
		list_del(&b->open);
	c->holders = 1;
	c->marked = false;
	c->binding = NULL;
	fw_counter_take(c);
	return c;
}

void fw_counter_hold(struct fw_counter *c)
{
	c->holders++;
}

void fw_counter_put(struct fw_counters *cs, struct fw_counter *c)
{
	struct fw_counter_block *b = c->block;

	if (--c->holders)
		return;
	if (c->binding)
		fw_binding_put(c->binding);
	if (!b->nfree)
		list_add(&b->open, &cs->open);
	b->free[b->nfree++] = c - b->counter;
	if (b->nfree == BLOCK) {
		list_del(&b->open);
		free_percpu(b->live);
		kvfree(b);
	}
}

/* all that was ever counted */
static struct fw_count counter_sum(const struct fw_counter *c)
{
	struct fw_count sum = { 0 };
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fw_live *live = per_cpu_ptr(c->live, cpu);
		u64 packets, bytes;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&live->sync);
			packets = u64_stats_read(&live->packets);
			bytes = u64_stats_read(&live->bytes);
		} while (u64_stats_fetch_retry(&live->sync, start));
		sum.packets += packets;
		sum.bytes += bytes;
	}
	return sum;
}

struct fw_count fw_counter_read(const struct fw_counter *c)
{
	struct fw_count count = counter_sum(c);

	count.packets -= c->begin.packets;
	count.bytes -= c->begin.bytes;
	return count;
}

void fw_counter_set(struct fw_counter *c, struct fw_count count)
{
	c->begin = counter_sum(c);
	c->begin.packets -= count.packets;
	c->begin.bytes -= count.bytes;
}

struct fw_count fw_counter_take(struct fw_counter *c)
{
	struct fw_count sum = counter_sum(c), count = {
		.packets = sum.packets - c->begin.packets,
		.bytes = sum.bytes - c->begin.bytes,
	};

	c->begin = sum;
	return count;
}
