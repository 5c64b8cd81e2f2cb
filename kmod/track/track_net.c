// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_net.c - the table of a namespace, from its start to its end.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <net/netns/generic.h>

#include "kmod/core/masq.h"
#include "kmod/track/track_host.h"

#define MAX_LIMIT 262144 /* entries, by default: of the first namespace */
#define MAX_LIMIT_OTHERS 65536
#define BYTES_PER_ENTRY 16384 /* of the machine's memory, by default */
/* of a table besides its buckets and entries */
#define TABLE_BYTES                                                                      \
	(FWK_EXPECTS * sizeof(struct fw_expect) + FWK_HELPS * sizeof(struct fw_help) +   \
	 num_possible_cpus() * sizeof(struct fwk_stats))

static unsigned int fwk_track_id;

struct fwk_track *fwk_track(const struct net *net)
{
	return net_generic(net, fwk_track_id);
}

int fwk_track_start(struct fwk_track *t)
{
	struct fw_expect *expects;
	struct fw_help *helps;
	struct fwk_buckets *b;
	const struct fw_masq masq = t->core.masq;

	if (fwk_track_started(t))
		return 0;
	if (!fwk_quota_charge(t->quota, TABLE_BYTES))
		return -EDQUOT;
	b = fwk_buckets_new(t, FWK_LOCKS);
	expects = kvcalloc(FWK_EXPECTS, sizeof(*expects), GFP_KERNEL_ACCOUNT);
	helps = kvcalloc(FWK_HELPS, sizeof(*helps), GFP_KERNEL_ACCOUNT);
	t->stats = alloc_percpu_gfp(struct fwk_stats, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!b || !expects || !helps || !t->stats) {
		free_percpu(t->stats);
		fwk_buckets_free(t, b);
		kvfree(expects);
		kvfree(helps);
		fwk_quota_uncharge(t->quota, TABLE_BYTES);
		return -ENOMEM;
	}
	fw_track_init(&t->core, &t->settings, t->core.max, expects, FWK_EXPECTS, helps,
		      FWK_HELPS);
	t->core.masq = masq;
	t->core.portfw = &t->forwards;
	rcu_assign_pointer(t->buckets, b);
	return 0;
}

void fwk_track_timeouts_set(struct net *net, const u32 seconds[FW_TIMEOUTS],
			    const struct fw_timeouts *masq)
{
	struct fwk_track *t = fwk_track(net);
	unsigned int i;

	for (i = 0; i < FW_TIMEOUTS; i++)
		WRITE_ONCE(t->settings.timeout[i], seconds[i]);
	spin_lock_bh(&t->masq_lock);
	t->core.masq.timeouts = *masq;
	spin_unlock_bh(&t->masq_lock);
}

static u32 max_default(const struct net *net)
{
	u64 fitting = (u64)totalram_pages() * PAGE_SIZE / BYTES_PER_ENTRY;

	return (u32)min_t(u64, fitting,
			  net_eq(net, &init_net) ? MAX_LIMIT : MAX_LIMIT_OTHERS);
}

void fwk_masq_ports_set(struct fwk_track *t, u16 first, u16 last)
{
	struct fw_masq *m = &t->core.masq;

	spin_lock_bh(&t->masq_lock);
	m->port_first = first;
	m->port_end = last + 1;
	if (m->next_port < first || m->next_port > last)
		m->next_port = first;
	spin_unlock_bh(&t->masq_lock);
}

static int __net_init track_net_init(struct net *net)
{
	struct fwk_track *t = fwk_track(net);
	unsigned int i;

	if (fwk_quota_get(net, &t->quota))
		return -ENOMEM;
	t->net = net;
	t->reserve_from = U32_MAX; /* 0.0.0.0/32: nobody */
	t->core.max = max_default(net);
	fw_track_settings_default(&t->settings);
	t->settings.edits = true;
	fw_masq_init(&t->core.masq);
	do {
		t->magic = get_random_u32();
	} while (!t->magic);
	get_random_bytes(&t->key, sizeof(t->key));
	seqcount_init(&t->moves);
	spin_lock_init(&t->expect_lock);
	spin_lock_init(&t->help_lock);
	spin_lock_init(&t->masq_lock);
	for (i = 0; i < FWK_AGES; i++) {
		spin_lock_init(&t->age[i].lock);
		INIT_LIST_HEAD(&t->age[i].entries);
	}
	INIT_DELAYED_WORK(&t->sweep, fwk_sweep);
	return 0;
}

static void entry_end(struct fwk_track *t, struct fw_entry *c, void *ctx)
{
	fw_track_end(&t->core, c);
}

static void track_end(struct fwk_track *t)
{
	struct fwk_buckets *b;

	cancel_delayed_work_sync(&t->sweep);
	fwk_track_visit_all(t, entry_end, NULL);	/* nothing resizes it any more */
	WARN_ON(atomic_read(&t->count));
	b = rcu_dereference_protected(t->buckets, true);
	WARN_ON(rcu_access_pointer(b->old));
	fwk_buckets_free(t, b);
	kvfree(t->core.expects);
	kvfree(t->core.helps);
	free_percpu(t->stats);
	fwk_quota_uncharge(t->quota, TABLE_BYTES);
}

/* No packet of the namespace is in a hook. */
static void __net_exit track_net_exit(struct net *net)
{
	struct fwk_track *t = fwk_track(net);

	kvfree(t->forwards.entry);
	if (fwk_track_started(t))
		track_end(t);
	fwk_quota_put(t->quota);
}

static struct pernet_operations track_net_ops = {
	.init = track_net_init,
	.exit = track_net_exit,
	.id = &fwk_track_id,
	.size = sizeof(struct fwk_track),
};

int __init fwk_track_init(fwk_conn_event_fn on_event)
{
	unsigned int i;
	int err;

	fwk_on_conn_event = on_event;
	for (i = 0; i < FWK_LOCKS; i++) {
		spin_lock_init(&fwk_bucket_locks[i]);
		spin_lock_init(&fwk_entry_locks[i]);
	}
	fwk_track_cache = kmem_cache_create("ipfwadm_connection", sizeof(struct fw_entry),
					    FWK_ENTRY_ALIGN, SLAB_ACCOUNT, NULL);
	if (!fwk_track_cache)
		return -ENOMEM;
	err = register_pernet_subsys(&track_net_ops);
	if (err)
		kmem_cache_destroy(fwk_track_cache);
	return err;
}

void fwk_track_exit(void)
{
	unregister_pernet_subsys(&track_net_ops);
	rcu_barrier(); /* fwk_entry_free_rcu() */
	kmem_cache_destroy(fwk_track_cache);
}
