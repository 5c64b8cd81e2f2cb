// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_event.c - CONNS_CHANGED: what happens to connections.
 *
 * Packets must not wait for listeners.  So an event is a copy of its entry in a queue of its
 * namespace, without a lock, and a work item sends what is queued, several in a message.  The
 * queue is bounded; what it has no room or memory for is counted, and the number is sent.
 *
 * Life cycle.  Events of a namespace that ends, and of a module that is unloaded, are
 * discarded: pre_exit() and fwk_conn_events_exit() stop the queue, and a grace period, which
 * register_pernet_subsys() provides, passes before the work item is cancelled.
 */
#include <linux/llist.h>
#include <linux/workqueue.h>
#include <net/netns/generic.h>

#include "kmod/control/control.h"
#include "kmod/control/netlink.h"
#include "kmod/track/track_host.h"

static_assert((int)IPFWADM_EVENT_NEW == FWK_CONN_NEW);
static_assert((int)IPFWADM_EVENT_ASSURED == FWK_CONN_ASSURED);
static_assert((int)IPFWADM_EVENT_DESTROYED == FWK_CONN_DESTROYED);

struct event {
	struct llist_node link;
	struct ipfwadm_conn conn;
};

/* of a namespace */
struct events {
	struct net *net;
	bool stopped;
	struct llist_head queue; /* newest first */
	atomic_t queued, lost;
	struct work_struct send;
};

static unsigned int events_id;
static bool running;	/* else there is no struct events */

static struct event *event_alloc(struct events *all)
{
	struct event *e;

	if (!atomic_add_unless(&all->queued, 1, IPFWADM_EVENTS_MAX))
		return NULL;
	e = kmalloc(sizeof(*e), GFP_ATOMIC | __GFP_NOWARN);
	if (!e)
		atomic_dec(&all->queued);
	return e;
}

static void event_free(struct events *all, struct event *e)
{
	kfree(e);
	atomic_dec(&all->queued);
}

static void conn_copy(const struct fwk_track *t, struct ipfwadm_conn *to,
		      enum fwk_conn_event event, struct fw_entry *c)
{
	u32 now = fwk_track_now();

	if (event == FWK_CONN_DESTROYED) {
		/* Packets may still count in it. */
		fw_host_lock(c);
		fwk_conn_read(t, to, c, now);
		fw_host_unlock(c);
	} else {
		fwk_conn_read(t, to, c, now);
	}
	to->event = event;
}

void fwk_conn_event_report(struct fwk_track *t, enum fwk_conn_event event,
			   struct fw_entry *c)
{
	struct events *all;
	struct event *e;

	if (!READ_ONCE(running) ||
	    !genl_has_listeners(&fwk_netlink_family, t->net, FWK_GROUP_CONNS))
		return;
	all = net_generic(t->net, events_id);
	if (READ_ONCE(all->stopped))
		return;
	e = event_alloc(all);
	if (e) {
		conn_copy(t, &e->conn, event, c);
		llist_add(&e->link, &all->queue);
	} else {
		atomic_inc(&all->lost);
	}
	queue_work(system_wq, &all->send);
}

/* Moves events from *queue to a message, as many as fit; NULL without memory. */
static struct sk_buff *message_make(struct events *all, struct llist_node **queue, u32 lost)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct event *e;
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put(skb, 0, 0, &fwk_netlink_family, 0, IPFWADM_CMD_CONNS_CHANGED);
	if (!hdr || (lost && nla_put_u32(skb, IPFWADM_A_LOST, lost))) {
		nlmsg_free(skb);
		return NULL;
	}
	while (*queue) {
		e = llist_entry(*queue, struct event, link);
		if (nla_put(skb, IPFWADM_A_CONN, sizeof(e->conn), &e->conn))
			break;
		*queue = (*queue)->next;
		event_free(all, e);
	}
	genlmsg_end(skb, hdr);
	return skb;
}

/* Returns how many there were. */
static u32 queue_free(struct events *all, struct llist_node *queue)
{
	struct event *e, *next;
	u32 n = 0;

	llist_for_each_entry_safe(e, next, queue, link) {
		event_free(all, e);
		n++;
	}
	return n;
}

static void events_send(struct work_struct *work)
{
	struct events *all = container_of(work, struct events, send);
	struct llist_node *queue = llist_reverse_order(llist_del_all(&all->queue));
	u32 lost = atomic_xchg(&all->lost, 0);
	struct sk_buff *skb;

	while (queue || lost) {
		skb = message_make(all, &queue, lost);
		if (!skb) {
			/* The next message says so; until then -ENOBUFS does. */
			atomic_add(lost + queue_free(all, queue), &all->lost);
			genl_set_err(&fwk_netlink_family, all->net, 0, FWK_GROUP_CONNS, -ENOBUFS);
			return;
		}
		lost = 0;
		genlmsg_multicast_netns(&fwk_netlink_family, all->net, skb, 0, FWK_GROUP_CONNS,
					GFP_KERNEL);
		cond_resched();
	}
}

static int __net_init events_net_init(struct net *net)
{
	struct events *all = net_generic(net, events_id);

	all->net = net;
	init_llist_head(&all->queue);
	INIT_WORK(&all->send, events_send);
	return 0;
}

static void __net_exit events_net_pre_exit(struct net *net)
{
	struct events *all = net_generic(net, events_id);

	WRITE_ONCE(all->stopped, true);
}

static void __net_exit events_net_exit(struct net *net)
{
	struct events *all = net_generic(net, events_id);

	cancel_work_sync(&all->send);
	queue_free(all, llist_del_all(&all->queue));
}

static struct pernet_operations events_net_ops = {
	.init = events_net_init,
	.pre_exit = events_net_pre_exit,
	.exit = events_net_exit,
	.id = &events_id,
	.size = sizeof(struct events),
};

int __init fwk_conn_events_init(void)
{
	int err = register_pernet_subsys(&events_net_ops);

	WRITE_ONCE(running, !err);
	return err;
}

void fwk_conn_events_exit(void)
{
	WRITE_ONCE(running, false);
	unregister_pernet_subsys(&events_net_ops);
}
