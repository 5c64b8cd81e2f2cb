// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - generations: held, read, freed.
 *
 * A generation is freed when nobody holds it any more and every packet that may
 * have met it is done with.
 */
#include <linux/slab.h>

#include "kmod/linux/device.h"
#include "kmod/rules/generation.h"
#include "kmod/linux/log.h"

static struct workqueue_struct *freeing;

int fw_table_wait_init(void)
{
	freeing = alloc_workqueue("ipfwadm", WQ_UNBOUND, 0);
	return freeing ? 0 : -ENOMEM;
}

void fw_table_wait(void)
{
	rcu_barrier();
	flush_workqueue(freeing);
}

void fw_table_wait_exit(void)
{
	destroy_workqueue(freeing);
}

void fw_table_drop(struct fw_table *t)
{
	unsigned int id;

	lockdep_assert_held(&t->fn->lock);
	for (id = 0; id < FW_LISTS; id++)
		fw_slots_put(t->fn->counters, t->slots[id]);
	kfree(t);
}

static void table_free(struct work_struct *work)
{
	struct fw_table *t = container_of(to_rcu_work(work), struct fw_table, free);
	struct fw_net *fn = t->fn;

	mutex_lock(&fn->lock);
	fw_table_drop(t);
	mutex_unlock(&fn->lock);
}

struct fw_table *fw_table_new(struct fw_net *fn)
{
	struct fw_table *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	unsigned int id;

	if (!t)
		return NULL;
	refcount_set(&t->holders, 1);
	INIT_RCU_WORK(&t->free, table_free);
	t->fn = fn;
	for (id = 0; id < FW_ACCT; id++)
		t->rules.list[id].policy = FW_POLICY_ACCEPT;
	t->rules.timeouts = (struct fw_timeouts){
		FW_TIMEOUT_TCP, FW_TIMEOUT_TCPFIN, FW_TIMEOUT_UDP
	};
	return t;
}

struct fw_table *fw_table_copy(const struct fw_table *t)
{
	struct fw_table *copy = fw_table_new(t->fn);
	unsigned int id;

	lockdep_assert_held(&t->fn->lock);
	if (!copy)
		return NULL;
	copy->generation = t->generation;
	copy->rules = t->rules;
	for (id = 0; id < FW_LISTS; id++) {
		copy->slots[id] = t->slots[id];
		if (t->slots[id])
			t->slots[id]->holders++;
	}
	return copy;
}

struct fw_table *fw_table_get(struct fw_net *fn)
{
	struct fw_table *t;

	rcu_read_lock();
	do {
		t = rcu_dereference(fn->table);
	} while (!refcount_inc_not_zero(&t->holders));
	rcu_read_unlock();
	return t;
}

void fw_table_put(struct fw_table *t)
{
	if (refcount_dec_and_test(&t->holders))
		queue_rcu_work(freeing, &t->free);
}

int fw_table_init(struct fw_net *fn)
{
	struct fw_table *t = fw_table_new(fn);

	fn->counters = fw_counters_new();
	if (!t || !fn->counters) {
		kfree(fn->counters);
		kfree(t);
		return -ENOMEM;
	}
	t->generation = 1;
	rcu_assign_pointer(fn->table, t);
	return 0;
}

void fw_table_exit(struct fw_net *fn)
{
	fw_table_put(rcu_replace_pointer(fn->table, NULL, true));
	fw_table_wait();
	fw_counters_free(fn->counters);
}

u32 fw_table_generation(const struct fw_table *t)
{
	return t->generation;
}

u32 fw_table_policy(const struct fw_table *t, enum fw_list_id list)
{
	return t->rules.list[list].policy;
}

u32 fw_table_rules(const struct fw_table *t, enum fw_list_id list)
{
	return t->rules.list[list].count;
}

struct fw_timeouts fw_table_timeouts(const struct fw_table *t)
{
	return t->rules.timeouts;
}

const struct fw_rule *fw_table_rule(const struct fw_table *t, enum fw_list_id list, u32 i)
{
	return fw_list_rule(&t->rules.list[list], i);
}

void fw_table_count(struct fw_net *fn, const struct fw_table *t, enum fw_list_id list,
		    u32 first, u32 n, struct fw_count *count, bool zero)
{
	const struct fw_list *l = &t->rules.list[list];
	u32 i;

	mutex_lock(&fn->lock);
	for (i = 0; i < n; i++) {
		struct fw_counter *c = t->slots[list]->counter[l->first + first + i];

		count[i] = zero ? fw_counter_take(c) : fw_counter_read(c);
		cond_resched();
	}
	mutex_unlock(&fn->lock);
}

int fw_table_check(struct fw_net *fn, enum fw_list_id list, const struct fw_packet *pkt,
		   const struct fw_dev *dev, bool log, struct fw_decision *d)
{
	const struct fw_walk walk = {
		.list = list, .dev = dev,
		.on_match = log ? fw_log_matched : NULL,
		.ctx = &(struct fw_log_place){ .net = fn->net, .walk = &walk },
	};
	struct fw_table *t;

	if ((unsigned int)list >= FW_ACCT || (dev && !fw_device_exists(fn->net, dev)))
		return -EINVAL;
	t = fw_table_get(fn);
	fw_list_walk(&t->rules.list[list], &walk, pkt, d);
	fw_table_put(t);
	return 0;
}

/* an accounting check under way */
struct account_ctx {
	struct fw_accounting *result;
	struct fw_log_place place;
	bool log;
};

static void account_matched(void *ctx, const struct fw_rule *r, __u32 index,
			    const struct fw_packet *pkt)
{
	struct account_ctx *c = ctx;

	if (c->result->n < FW_MATCHED_MAX)
		c->result->matched[c->result->n++] = index;
	if (c->log)
		fw_log_matched(&c->place, r, index, pkt);
}

int fw_table_account(struct fw_net *fn, enum fw_direction dir, const struct fw_packet *pkt,
		     const struct fw_dev *dev, bool log, struct fw_accounting *a)
{
	struct account_ctx c = { .result = a, .log = log };
	const struct fw_walk walk = {
		.list = FW_ACCT, .direction = dir, .dev = dev,
		.on_match = account_matched, .ctx = &c,
	};
	struct fw_table *t;

	if (dev && !fw_device_exists(fn->net, dev))
		return -EINVAL;
	c.place = (struct fw_log_place){ .net = fn->net, .walk = &walk };
	a->n = 0;
	t = fw_table_get(fn);
	fw_list_walk(&t->rules.list[FW_ACCT], &walk, pkt, &a->decision);
	fw_table_put(t);
	return 0;
}
