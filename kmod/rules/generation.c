// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * generation.c - life cycle of generations, and of the rules of a namespace.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "kmod/rules/generation.h"

unsigned int fwk_rules_id;
const struct fwk_rules_events *fwk_rules_events __ro_after_init;

static struct workqueue_struct *free_queue;

static ulong user_rules_memory;
module_param_cb(user_rules_memory, &param_ops_ulong, &user_rules_memory, 0644);
__MODULE_PARM_TYPE(user_rules_memory, "ulong");
MODULE_PARM_DESC(user_rules_memory,
		 "bytes of rules in a namespace of an ordinary user (default: a 64th of "
		 "the memory, at most 16 MiB)");

/* The memory is the machine's, so whoever is not its root gets a small part of it. */
static unsigned long memory_max(const struct net *net)
{
	if (net->user_ns == &init_user_ns)
		return ULONG_MAX;
	return READ_ONCE(user_rules_memory) ?:
	       min_t(unsigned long, SZ_16M, totalram_pages() << PAGE_SHIFT >> 6);
}

unsigned long *fwk_rules_memory_max(struct net *net)
{
	return &fwk_rules(net)->counters.bytes_max;
}

void fwk_generation_discard(struct fwk_generation *g)
{
	unsigned int list;

	lockdep_assert_held(&g->owner->lock);
	for (list = 0; list < FW_LISTS; list++) {
		fwk_classifier_put(&g->owner->counters, g->classifier[list]);
		fwk_rule_array_put(&g->owner->counters, g->array[list]);
	}
	kfree(g);
}

static void generation_free(struct work_struct *work)
{
	struct fwk_generation *g =
		container_of(to_rcu_work(work), struct fwk_generation, free);
	struct fwk_rules *rules = g->owner;

	mutex_lock(&rules->lock);
	fwk_generation_discard(g);
	mutex_unlock(&rules->lock);
}

struct fwk_generation *fwk_generation_new(struct fwk_rules *rules)
{
	struct fwk_generation *g = kzalloc(sizeof(*g), GFP_KERNEL_ACCOUNT);
	unsigned int list, i;

	if (!g)
		return NULL;
	refcount_set(&g->users, 1);
	INIT_RCU_WORK(&g->free, generation_free);
	g->owner = rules;
	for (list = 0; list < FW_ACCT; list++)
		g->rules.list[list].policy = FW_POLICY_ACCEPT;
	for (i = 0; i < FW_TIMEOUTS; i++)
		g->track_timeouts[i] = fw_timeout_table[i].seconds;
	g->rules.timeouts =
		(struct fw_timeouts){ FW_TIMEOUT_TCP, FW_TIMEOUT_TCPFIN, FW_TIMEOUT_UDP };
	return g;
}

struct fwk_generation *fwk_generation_copy(const struct fwk_generation *g)
{
	struct fwk_generation *copy = fwk_generation_new(g->owner);
	unsigned int list;

	lockdep_assert_held(&g->owner->lock);
	if (!copy)
		return NULL;
	copy->number = g->number;
	copy->rules = g->rules;
	memcpy(copy->track_timeouts, g->track_timeouts, sizeof(copy->track_timeouts));
	memcpy(copy->stateful, g->stateful, sizeof(copy->stateful));
	memcpy(copy->devices, g->devices, sizeof(copy->devices));
	memcpy(copy->classifier, g->classifier, sizeof(copy->classifier));
	memcpy(copy->classified, g->classified, sizeof(copy->classified));
	copy->masquerading = g->masquerading;
	memcpy(copy->counting, g->counting, sizeof(copy->counting));
	for (list = 0; list < FW_LISTS; list++) {
		copy->array[list] = g->array[list];
		if (g->array[list])
			g->array[list]->users++;
		if (g->classifier[list])
			g->classifier[list]->users++;
	}
	return copy;
}

void fwk_generation_complete(struct fwk_generation *g)
{
	const struct fw_list *l = g->rules.list;
	unsigned int list;

	g->needs = (g->counting[FW_DIR_IN] ? FWK_NEEDS_ACCT_IN : 0) |
		   (g->counting[FW_DIR_OUT] ? FWK_NEEDS_ACCT_OUT : 0);
	g->accepts = 0;
	for (list = 0; list < FW_ACCT; list++) {
		if (!l[list].count && (l[list].policy & FW_POLICY_MASK) == FW_POLICY_ACCEPT)
			g->accepts |= BIT(list);
		else
			g->needs |= FWK_NEEDS_LISTS |
				    (list == FW_FORWARD ? FWK_NEEDS_FORWARD : 0);
	}
	for (list = 0; list < FW_LISTS; list++)
		if (g->stateful[list])
			g->needs |= FWK_NEEDS_STATES | FWK_NEEDS_TRACKING;
	if (g->masquerading || g->rules.portfw.count ||
	    fw_flags_masquerade(l[FW_FORWARD].policy & FW_POLICY_MASK))
		g->needs |= FWK_NEEDS_TRACKING;
}

unsigned int fwk_rules_lock(struct net *net)
{
	struct fwk_rules *rules = fwk_rules(net);

	mutex_lock(&rules->lock);
	return fwk_generation_active(rules)->needs;
}

void fwk_rules_unlock(struct net *net)
{
	mutex_unlock(&fwk_rules(net)->lock);
}

struct fwk_generation __rcu **fwk_rules_active(struct net *net)
{
	return &fwk_rules(net)->active;
}

struct fwk_generation *fwk_generation_get(struct net *net)
{
	struct fwk_generation *g;

	rcu_read_lock();
	do {
		g = rcu_dereference(fwk_rules(net)->active);
	} while (!refcount_inc_not_zero(&g->users));
	rcu_read_unlock();
	return g;
}

void fwk_generation_put(struct fwk_generation *g)
{
	if (refcount_dec_and_test(&g->users))
		queue_rcu_work(free_queue, &g->free);
}

void fwk_rule_read(const struct fwk_generation *g, enum fw_list_id list, u32 index,
		   struct fw_rule *r)
{
	const struct fwk_rule_array *a = g->array[list];
	u32 slot = g->rules.list[list].first + index;

	*r = (struct fw_rule){ .match = a->match[slot] };
	if (a->counter[slot]->comment)
		strscpy(r->comment, a->counter[slot]->comment, sizeof(r->comment));
}

void fwk_counts_read(const struct fwk_generation *g, enum fw_list_id list, u32 first,
		     u32 n, struct fwk_count *count, bool reset)
{
	u32 i, slot = g->rules.list[list].first + first;

	mutex_lock(&g->owner->lock);
	for (i = 0; i < n; i++) {
		struct fwk_counter *c = g->array[list]->counter[slot + i];

		count[i] = reset ? fwk_counter_read_and_reset(c) : fwk_counter_read(c);
		cond_resched();
	}
	mutex_unlock(&g->owner->lock);
}

static int __net_init rules_net_init(struct net *net)
{
	struct fwk_rules *rules = fwk_rules(net);
	struct fwk_generation *g;
	struct fwk_quota *quota;

	if (fwk_quota_get(net, &quota))
		return -ENOMEM;
	g = fwk_generation_new(rules);
	if (!g) {
		fwk_quota_put(quota);
		return -ENOMEM;
	}
	g->number = 1;
	fwk_generation_complete(g);
	rules->net = net;
	mutex_init(&rules->lock);
	fwk_counters_init(&rules->counters, memory_max(net), quota);
	rcu_assign_pointer(rules->active, g);
	return 0;
}

static void __net_exit rules_net_exit(struct net *net)
{
	struct fwk_rules *rules = fwk_rules(net);

	fwk_generation_put(rcu_replace_pointer(rules->active, NULL, true));
	rcu_barrier();		/* queue_rcu_work() queues the work after a grace period */
	flush_workqueue(free_queue);
	WARN_ON(!list_empty(&rules->counters.partial));
	fwk_memory_uncharge(&rules->counters, rules->counters.bytes);	/* of forwards */
	fwk_quota_put(rules->counters.quota);
	mutex_destroy(&rules->lock);
}

static struct pernet_operations rules_net_ops = {
	.init = rules_net_init,
	.exit = rules_net_exit,
	.id = &fwk_rules_id,
	.size = sizeof(struct fwk_rules),
};

int __init fwk_rules_init(const struct fwk_rules_events *events)
{
	int err;

	fwk_rules_events = events;
	free_queue = alloc_workqueue("ipfwadm", WQ_UNBOUND, 0);
	if (!free_queue)
		return -ENOMEM;
	err = fwk_iface_init();
	if (err)
		goto failed_iface;
	err = register_pernet_subsys(&rules_net_ops);
	if (err)
		goto failed_net;
	return 0;

failed_net:
	fwk_iface_exit();
failed_iface:
	destroy_workqueue(free_queue);
	return err;
}

void fwk_rules_exit(void)
{
	unregister_pernet_subsys(&rules_net_ops);
	fwk_iface_exit();
	destroy_workqueue(free_queue);
}
