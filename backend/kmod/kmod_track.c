// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod_track.c - the connections that the module tracks, and its timeouts.
 */
#include "backend/kmod/kmod_track.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/kmod/kmod_message.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track_timeouts.h"

/* timeouts that one request may set: each is at most 64 bytes of KMOD_ROOM's double */
#define TIMEOUTS_MAX 28

static int refused(int err, const struct netlink_refusal *why, struct fw_error *e)
{
	if (why->text[0])
		return fw_error_set(e, -err, "%s", why->text);
	if (err == -EPERM)
		return fw_error_rights(e, "the module's connections");
	return fw_error_set(e, -err, "module ipfwadm refuses: %s", strerror(-err));
}

/* Appends the rules of a filter to a request; more than the module takes: none. */
static int filter_put(struct kmod_request *r, const struct track_filter *filter)
{
	size_t i;
	int err = 0;

	for (i = 0; i < filter->count && !err; i++) {
		err = kmod_request_grow(r);
		if (!err)
			kmod_filter_put(r->message, &filter->rule[i]);
	}
	return err;
}

/* What a dump contains: attributes of one type, each a structure of that size. */
struct items {
	__u16 type;
	size_t size;
	char *item; /* malloc'ed */
	size_t n, room;
};

static int item_add(struct items *all, const void *item)
{
	size_t room = all->room ? 2 * all->room : 64;
	char *bigger;

	if (all->n == all->room) {
		bigger = reallocarray(all->item, room, all->size);
		if (!bigger)
			return -ENOMEM;
		all->item = bigger;
		all->room = room;
	}
	memcpy(all->item + all->n++ * all->size, item, all->size);
	return 0;
}

static int on_items(const struct nlmsghdr *h, void *ctx)
{
	struct items *all = ctx;
	const struct nlattr *a;
	int err;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) != all->type)
			continue;
		if (mnl_attr_get_payload_len(a) < all->size)
			return -EPROTO;
		err = item_add(all, mnl_attr_get_payload(a));
		if (err)
			return err;
	}
	return 0;
}

/*
 * A dump during which the table was resized lacks items or has some twice, so it is read
 * again, after 1 ms, 2 ms and so on; of a table that is resized without pause the last one
 * counts.
 */
static int items_read(struct kmod_link *l, struct kmod_request *r, struct items *all,
		      struct netlink_refusal *why)
{
	int err = -EAGAIN, i;

	for (i = 0; i < KMOD_DUMPS_MAX && err == -EAGAIN; i++) {
		if (i)
			usleep(500u << i);
		all->n = 0;
		err = kmod_link_query(l, r, true, on_items, all, why);
	}
	return err == -EAGAIN ? 0 : err;
}

int kmod_conns_read(struct kmod_link *l, const struct track_filter *filter,
		    kmod_conn_fn each, void *ctx, struct netlink_refusal *why)
{
	struct items all = {.type = IPFWADM_A_CONN, .size = sizeof(struct ipfwadm_conn)};
	struct kmod_request r;
	int err = kmod_request_begin(&r, l, IPFWADM_CMD_CONNS_GET);

	*why = (struct netlink_refusal){0};
	if (err)
		return err;
	if (filter)
		err = filter_put(&r, filter);
	if (!err)
		err = items_read(l, &r, &all, why);
	for (size_t i = 0; i < all.n && !err; i++)
		err = each((const struct ipfwadm_conn *)(void *)all.item + i, ctx);
	free(all.item);
	kmod_request_free(&r);
	return err;
}

int kmod_expects_read(struct kmod_link *l, kmod_expect_fn each, void *ctx,
		      struct netlink_refusal *why)
{
	struct items all = {.type = IPFWADM_A_EXPECT, .size = sizeof(struct ipfwadm_expect)};
	struct kmod_request r;
	int err = kmod_request_begin(&r, l, IPFWADM_CMD_EXPECTS_GET);

	*why = (struct netlink_refusal){0};
	if (err)
		return err;
	err = items_read(l, &r, &all, why);
	for (size_t i = 0; i < all.n && !err; i++)
		err = each((const struct ipfwadm_expect *)(void *)all.item + i, ctx);
	free(all.item);
	kmod_request_free(&r);
	return err;
}

struct entry_ctx {
	track_fn each;
	void *ctx;
};

static struct track_conn conn_read(const struct ipfwadm_conn *conn)
{
	struct track_conn c = {
		.proto = conn->proto,
		.state = track_state_name(conn->proto, conn->tcp_state, conn->flags),
		.seconds = conn->seconds,
		.saddr = conn->saddr,
		.daddr = conn->daddr,
		.masqueraded = conn->flags & IPFWADM_CONN_MASQUERADED,
		.maddr = conn->maddr,
		.mport = conn->mport,
		.counted = true,
		.out = {conn->packets[0], conn->bytes[0]},
		.back = {conn->packets[1], conn->bytes[1]},
	};

	if (c.proto == FW_PROTO_ICMP) {
		c.icmp_id = conn->sport;
		c.icmp_type = conn->dport >> 8;
		c.icmp_code = (__u8)conn->dport;
	} else if (c.proto == FW_PROTO_TCP || c.proto == FW_PROTO_UDP) {
		c.has_ports = true;
		c.sport = conn->sport;
		c.dport = conn->dport;
	}
	if (conn->flags & IPFWADM_CONN_INWARD)
		track_conn_turn(&c);
	return c;
}

static int on_conn(const struct ipfwadm_conn *conn, void *ctx)
{
	const struct entry_ctx *t = ctx;
	const struct track_conn c = conn_read(conn);

	return t->each(&c, t->ctx);
}

static int track_list(struct backend *b, const struct track_filter *filter, track_fn each,
		      void *ctx, struct fw_error *e)
{
	struct entry_ctx t = {each, ctx};
	struct netlink_refusal why;
	int err = kmod_conns_read(b->state, filter, on_conn, &t, &why);

	return err ? refused(err, &why, e) : 0;
}

struct lines {
	struct fw_conn *line; /* malloc'ed */
	size_t n, room;
	__u64 now; /* ticks */
};

static int on_masqueraded(const struct ipfwadm_conn *conn, void *ctx)
{
	struct lines *all = ctx;
	struct fw_conn *bigger;

	if (!(conn->flags & IPFWADM_CONN_MASQUERADED))
		return 0;
	if (all->n == all->room) {
		all->room = all->room ? 2 * all->room : 64;
		bigger = realloc(all->line, all->room * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		all->line = bigger;
	}
	all->line[all->n++] = (struct fw_conn){
		.saddr = conn->saddr,
		.daddr = conn->daddr,
		.maddr = conn->maddr,
		.sport = conn->sport,
		.dport = conn->dport,
		.mport = conn->mport,
		.proto = conn->proto,
		.flags = conn->masq,
		.init_seq = conn->masq_seq,
		.delta = conn->masq_delta,
		.previous_delta = conn->masq_previous_delta,
		.expires = all->now + conn->masq_ticks,
		.id = conn->id,
	};
	return 0;
}

int kmod_masqueraded(struct backend *b, struct fw_conn **conns, size_t *n,
		     struct fw_error *e)
{
	struct netlink_refusal why;
	struct lines all = {.now = fw_ticks_now()};
	int err;

	err = kmod_conns_read(b->state, NULL, on_masqueraded, &all, &why);
	if (err) {
		free(all.line);
		return refused(err, &why, e);
	}
	if (all.n)
		qsort(all.line, all.n, sizeof(*all.line), fw_conn_compare);
	*conns = all.line;
	*n = all.n;
	return 0;
}

static int conns_end(struct backend *b, const struct track_filter *filter,
		     struct fw_error *e)
{
	struct netlink_refusal why = {0};
	struct kmod_request r;
	int err = kmod_request_begin(&r, b->state, IPFWADM_CMD_CONNS_END);

	if (err)
		return refused(err, &why, e);
	err = filter_put(&r, filter);
	if (!err)
		err = kmod_link_query(b->state, &r, false, NULL, NULL, &why);
	kmod_request_free(&r);
	return err ? refused(err, &why, e) : 0;
}

static int track_end(struct backend *b, const struct track_filter *filter, track_fn each,
		     void *ctx, struct fw_error *e)
{
	int err = each ? track_list(b, filter, each, ctx, e) : 0;

	return err ? err : conns_end(b, filter, e);
}

static int track_flush(struct backend *b, struct fw_error *e)
{
	const struct track_filter all = {NULL, 0};

	return conns_end(b, &all, e);
}

static int on_timeouts(const struct nlmsghdr *h, void *ctx)
{
	return kmod_track_timeouts_read(h, ctx);
}

static int track_timeouts(struct backend *b, struct track_timeout **timeouts, size_t *n,
			  struct fw_error *e)
{
	__u32 seconds[FW_TIMEOUTS] = {0};
	struct netlink_refusal why = {0};
	struct kmod_request r;
	int err = kmod_request_begin(&r, b->state, IPFWADM_CMD_STATUS);

	if (!err) {
		err = kmod_link_query(b->state, &r, false, on_timeouts, seconds, &why);
		kmod_request_free(&r);
	}
	if (err)
		return refused(err, &why, e);
	if (track_timeouts_make(seconds, timeouts, n))
		return fw_error_set(e, ENOMEM, "out of memory");
	return 0;
}

static int track_timeouts_set(struct backend *b, const struct track_timeout *timeouts,
			      size_t n, struct fw_error *e)
{
	struct netlink_refusal why = {0};
	struct kmod_request r;
	struct nlattr *nest;
	size_t i;
	int err;

	for (i = 0; i < n; i++)
		if (fw_timeout_find(timeouts[i].name) < 0)
			return fw_error_set(e, ENOENT,
					    "module ipfwadm has no timeout '%s'",
					    timeouts[i].name);
	err = kmod_request_begin(&r, b->state, IPFWADM_CMD_EDIT);
	if (err)
		return refused(err, &why, e);
	nest = mnl_attr_nest_start(r.message, IPFWADM_A_TRACK_TIMEOUTS);
	for (i = 0; i < n && i < TIMEOUTS_MAX; i++)
		kmod_track_timeout_put(r.message, &timeouts[i]);
	mnl_attr_nest_end(r.message, nest);
	err = kmod_link_query(b->state, &r, false, NULL, NULL, &why);
	kmod_request_free(&r);
	return err ? refused(err, &why, e) : 0;
}

static void on_event(const struct ipfwadm_conn *conn, const struct track_listener *to)
{
	static const enum track_event events[] = {
		[IPFWADM_EVENT_NEW] = TRACK_NEW,
		[IPFWADM_EVENT_ASSURED] = TRACK_ASSURED,
		[IPFWADM_EVENT_DESTROYED] = TRACK_ENDED,
	};
	const struct track_conn c = conn_read(conn);

	if (conn->event && conn->event < FW_COUNT(events) && track_chosen(to->filter, &c))
		to->on_event(events[conn->event], &c, to->ctx);
}

static void on_events(const struct nlmsghdr *h, const struct track_listener *to)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;

	if (g->cmd != IPFWADM_CMD_CONNS_CHANGED)
		return;
	mnl_attr_for_each(a, h, sizeof(*g))
	{
		if (mnl_attr_get_type(a) == IPFWADM_A_LOST &&
		    !mnl_attr_validate(a, MNL_TYPE_U32))
			to->on_lost(mnl_attr_get_u32(a), to->ctx);
		if (mnl_attr_get_type(a) == IPFWADM_A_CONN &&
		    mnl_attr_get_payload_len(a) >= sizeof(struct ipfwadm_conn))
			on_event(mnl_attr_get_payload(a), to);
	}
}

/* On a socket of its own, which gets no other answers. */
static int track_follow(struct backend *b, const struct track_listener *to,
			struct fw_error *e)
{
	const struct netlink_refusal none = {0};
	struct kmod_link l;
	int err = kmod_link_open(&l, e);

	(void)b;
	if (err)
		return err;
	if (!l.conns_group)
		err = fw_error_set(e, EOPNOTSUPP, "this module ipfwadm has no events of "
				   "connections");
	else if ((err = netlink_join(&l.netlink, l.conns_group)) ||
		 (err = netlink_follow(&l.netlink, to, on_events)))
		err = refused(err, &none, e);
	kmod_link_close(&l);
	return err;
}

const struct track_ops kmod_track_ops = {
	.list = track_list,
	.end = track_end,
	.flush = track_flush,
	.timeouts = track_timeouts,
	.timeouts_set = track_timeouts_set,
	.follow = track_follow,
};
