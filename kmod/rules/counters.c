// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counters.c - counters are allocated in blocks because one takes only 16 to 24 bytes per
 * CPU and alloc_percpu() has an overhead per allocation.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "kmod/rules/counters.h"

#define BLOCK 128		/* counters */

struct fwk_counter_block {
	struct list_head partial;	/* in fwk_counters.partial while nfree > 0 */
	struct fwk_percpu __percpu *percpu;
	u32 nfree;
	u8 free[BLOCK];		/* indices of the free counters */
	struct fwk_counter counter[BLOCK];
};

bool fwk_memory_charge(struct fwk_counters *cs, size_t bytes)
{
	unsigned long max = READ_ONCE(cs->bytes_max);

	if (cs->bytes > max || bytes > max - cs->bytes) {
		cs->exceeded = "the rules of this network namespace would take more memory "
			       "than net.ipv4.ipfwadm.rules_memory";
		return false;
	}
	if (!fwk_quota_charge(cs->quota, bytes)) {
		cs->exceeded = FWK_QUOTA_EXCEEDED;
		return false;
	}
	cs->bytes += bytes;
	return true;
}

static size_t block_size(void)
{
	return sizeof(struct fwk_counter_block) +
	       BLOCK * sizeof(struct fwk_percpu) * num_possible_cpus();
}

static void block_init(struct fwk_counter_block *b)
{
	unsigned int i;
	int cpu;

	for (i = 0; i < BLOCK; i++) {
		b->counter[i] =
			(struct fwk_counter){ .block = b, .percpu = b->percpu + i };
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(b->percpu + i, cpu)->sync);
		b->free[i] = BLOCK - 1 - i;
	}
	b->nfree = BLOCK;
}

static bool block_add(struct fwk_counters *cs)
{
	struct fwk_counter_block *b;

	if (!fwk_memory_charge(cs, block_size()))
		return false;
	b = kvmalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);
	if (!b)
		goto failed;
	b->percpu =
		__alloc_percpu_gfp(BLOCK * sizeof(struct fwk_percpu),
				   __alignof__(struct fwk_percpu), GFP_KERNEL_ACCOUNT);
	if (!b->percpu)
		goto failed;
	block_init(b);
	list_add(&b->partial, &cs->partial);
	return true;

failed:
	kvfree(b);
	fwk_memory_uncharge(cs, block_size());
	return false;
}

struct fwk_counter *fwk_counter_new(struct fwk_counters *cs)
{
	struct fwk_counter_block *b;
	struct fwk_counter *c;

	if (list_empty(&cs->partial) && !block_add(cs))
		return NULL;
	b = list_first_entry(&cs->partial, struct fwk_counter_block, partial);
	c = &b->counter[b->free[--b->nfree]];
	if (!b->nfree)
		list_del(&b->partial);
	c->users = 1;
	c->reset_pending = false;
	c->binding = NULL;
	c->comment = NULL;
	c->charged = 0;
	fwk_counter_read_and_reset(c);
	return c;
}

void fwk_counter_put(struct fwk_counters *cs, struct fwk_counter *c)
{
	struct fwk_counter_block *b = c->block;

	if (--c->users)
		return;
	if (c->binding)
		fwk_iface_binding_put(c->binding);
	kfree(c->comment);
	fwk_memory_uncharge(cs, c->charged);
	if (!b->nfree)
		list_add(&b->partial, &cs->partial);
	b->free[b->nfree++] = c - b->counter;
	if (b->nfree == BLOCK) {
		list_del(&b->partial);
		free_percpu(b->percpu);
		kvfree(b);
		fwk_memory_uncharge(cs, block_size());
	}
}

static struct fwk_count counter_sum(const struct fwk_counter *c)
{
	struct fwk_count sum = { 0 };
	int cpu;

	for_each_possible_cpu(cpu)
	{
		const struct fwk_percpu *p = per_cpu_ptr(c->percpu, cpu);
		u64 packets, bytes;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&p->sync);
			packets = u64_stats_read(&p->packets);
			bytes = u64_stats_read(&p->bytes);
		} while (u64_stats_fetch_retry(&p->sync, start));
		sum.packets += packets;
		sum.bytes += bytes;
	}
	return sum;
}

static struct fwk_count count_sub(struct fwk_count a, struct fwk_count b)
{
	return (struct fwk_count){ a.packets - b.packets, a.bytes - b.bytes };
}

struct fwk_count fwk_counter_read(const struct fwk_counter *c)
{
	return count_sub(counter_sum(c), c->origin);
}

struct fwk_count fwk_counter_read_and_reset(struct fwk_counter *c)
{
	struct fwk_count sum = counter_sum(c), value = count_sub(sum, c->origin);

	c->origin = sum;
	return value;
}

void fwk_counter_set(struct fwk_counter *c, struct fwk_count value)
{
	c->origin = count_sub(counter_sum(c), value);
}
