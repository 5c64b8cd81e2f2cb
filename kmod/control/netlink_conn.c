// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_conn.c - CONNS_GET, CONNS_END, EXPECTS_GET: the tracker's table.
 *
 * A dump visits the table a few buckets at a time and holds no lock in between.  The
 * entries of a bucket are copied, each under its lock, and put into the message; what
 * does not fit is put again when the next buffer begins with the same bucket, so a
 * bucket is in a message whole, unless it is larger than a message.
 */
#include <linux/mm.h>
#include <net/sock.h>

#include "kmod/control/netlink.h"
#include "kmod/core/expect.h"
#include "kmod/core/masq.h"
#include "kmod/core/view.h"
#include "kmod/track/track_host.h"

static_assert(sizeof(struct ipfwadm_conn) == 88);
static_assert(sizeof(struct ipfwadm_expect) == 20);
static_assert(IPFWADM_CONN_ANSWERED == FW_ENTRY_ANSWERED);
static_assert(IPFWADM_CONN_ASSURED == FW_ENTRY_ASSURED);
static_assert(IPFWADM_CONN_EXPECTED == FW_ENTRY_EXPECTED);

#define BUCKETS_MAX 4096	/* visited in one RCU read section */

#define FLAGS (FW_ENTRY_ANSWERED | FW_ENTRY_ASSURED | FW_ENTRY_EXPECTED)

const struct nla_policy fwk_conn_policy[IPFWADM_A_RULE + 1] = {
	[IPFWADM_A_RULE] = NLA_POLICY_NESTED(fwk_rule_policy),
};

/* which connections; n 0: all */
struct filter {
	u32 n;
	struct fw_match match[IPFWADM_FILTERS_MAX];
};

struct dump {
	struct filter filter;
	u32 bucket; /* the next to visit */
	u32 skip; /* entries of it that were put before */
	u32 begin; /* fwk_track_walk_begin() */
};

/* Only protocol, addresses and ports are looked at. */
static void filter_add(struct filter *f, const struct fw_rule *r)
{
	struct fw_match *m = &f->match[f->n++];

	*m = r->match;
	m->flags &= FW_KIND_MASK | FW_SRNG | FW_DRNG | FW_BIDIR;
	m->via = 0;
	m->state = 0;
	memset(m->vianame, 0, sizeof(m->vianame));
}

static int filter_get(struct filter *f, const struct nlmsghdr *nlh,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *nla;
	struct fw_rule rule;
	int rem, err;

	f->n = 0;
	nlmsg_for_each_attr(nla, nlh, GENL_HDRLEN, rem)
	{
		if (nla_type(nla) != IPFWADM_A_RULE)
			continue;
		if (f->n == IPFWADM_FILTERS_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, nla, "too many filters at once");
			return -E2BIG;
		}
		err = fwk_rule_get(&rule, nla, extack);
		if (!err && fw_rule_check(&rule, FW_INPUT, NULL)) {
			NL_SET_ERR_MSG_ATTR(extack, nla, "no such rule is possible");
			err = -EINVAL;
		}
		if (err)
			return err;
		filter_add(f, &rule);
	}
	return 0;
}

static bool filter_matches(const struct filter *f, const struct fw_entry *c)
{
	const struct fw_walk walk = {.list = FW_INPUT};
	bool inward = c->flags & FW_ENTRY_INWARD;
	const struct fw_packet pkt = {
		.saddr = inward ? c->daddr : c->saddr,
		.daddr = inward ? c->maddr : c->daddr,
		.proto = c->proto,
		.sport = inward ? c->dport : c->sport,
		.dport = inward ? c->mport : c->dport,
		.icmp_type = c->dport >> 8,
		.icmp_code = (u8)c->dport,
	};
	struct fw_view v;
	u32 i;

	if (!f->n)
		return true;
	fw_view_init(&v, &walk, &pkt);
	for (i = 0; i < f->n; i++)
		if (fw_rule_match(&f->match[i], &v))
			return true;
	return false;
}

void fwk_conn_read(const struct fwk_track *t, struct ipfwadm_conn *to,
		   const struct fw_entry *c, u32 now)
{
	struct fw_conn line;

	*to = (struct ipfwadm_conn){
		.id = c->id,
		.saddr = c->saddr,
		.daddr = c->daddr,
		.maddr = c->maddr,
		.sport = c->sport,
		.dport = c->dport,
		.mport = c->mport,
		.proto = c->proto,
		.tcp_state = c->state,
		.flags = (c->flags & FLAGS) | (c->kept ? IPFWADM_CONN_KEPT : 0) |
			 (c->flags & FW_ENTRY_INWARD ? IPFWADM_CONN_INWARD : 0),
		.helper = c->helper,
		.seconds = fw_tick_left(c->expires, now),
		.age = (now - c->begun) / FW_TRACK_HZ,
		.packets = {c->packets[0], c->packets[1]},
		.bytes = {c->bytes[0], c->bytes[1]},
	};
	if (fw_masq_line(&t->core, c, now, &line)) {
		to->flags |= IPFWADM_CONN_MASQUERADED;
		to->masq = line.flags;
		to->masq_ticks = (u32)line.expires - now;
		to->masq_seq = line.init_seq;
		to->masq_delta = line.delta;
		to->masq_previous_delta = line.previous_delta;
	}
}

struct fill {
	struct sk_buff *skb;
	struct dump *dump;
	u32 now, seen;
	bool full;
};

static void conn_put(struct fwk_track *t, struct fw_entry *c, void *ctx)
{
	struct fill *f = ctx;
	struct ipfwadm_conn conn;

	if (f->full || fw_entry_over(&t->core, c, f->now) ||
	    !filter_matches(&f->dump->filter, c))
		return;
	if (f->seen++ < f->dump->skip)
		return;
	fw_host_lock(c);
	fwk_conn_read(t, &conn, c, f->now);
	fw_host_unlock(c);
	if (nla_put(f->skb, IPFWADM_A_CONN, sizeof(conn), &conn)) {
		f->full = true;
		return;
	}
	f->dump->skip++;
}

/*
 * Puts buckets until the message is full, or many of them were empty.  Returns false
 * after the last bucket.
 */
static bool buckets_put(struct fwk_track *t, struct fill *f)
{
	bool more = true;
	u32 n;

	for (n = 0; more && !f->full && n < BUCKETS_MAX; n++) {
		u32 next = f->dump->bucket;

		f->seen = 0;
		more = fwk_track_visit(t, &next, 1, conn_put, f);
		if (f->full)
			return true;
		f->dump->bucket = next;
		f->dump->skip = 0;
	}
	return more;
}

int fwk_conns_start(struct netlink_callback *cb)
{
	struct fwk_track *t = fwk_track(sock_net(cb->skb->sk));
	struct dump *dump = kvzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	int err;

	if (!dump)
		return -ENOMEM;
	err = filter_get(&dump->filter, cb->nlh, cb->extack);
	if (err) {
		kvfree(dump);
		return err;
	}
	dump->begin = fwk_track_walk_begin(t);
	cb->args[0] = (long)dump;
	return 0;
}

int fwk_conns_done(struct netlink_callback *cb)
{
	kvfree((struct dump *)cb->args[0]);
	return 0;
}

int fwk_conns_fill(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct fwk_track *t = fwk_track(sock_net(cb->skb->sk));
	struct dump *dump = (struct dump *)cb->args[0];
	struct fill f = {.skb = skb, .dump = dump, .now = fwk_track_now()};
	struct nlmsghdr *nlh;
	void *hdr;

	if (cb->args[1] || !fwk_track_started(t))
		return 0;
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &fwk_netlink_family, NLM_F_MULTI, IPFWADM_CMD_CONNS_GET);
	if (!hdr)
		return -EMSGSIZE;
	rcu_read_lock();
	cb->args[1] = !buckets_put(t, &f);
	if (!fwk_track_walk_is_whole(t, dump->begin)) {
		nlh = (struct nlmsghdr *)((char *)hdr - GENL_HDRLEN - NLMSG_HDRLEN);
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	}
	rcu_read_unlock();
	genlmsg_end(skb, hdr);
	return skb->len;
}

struct end {
	struct filter filter;
	u32 count;
};

static void conn_end(struct fwk_track *t, struct fw_entry *c, void *ctx)
{
	struct end *e = ctx;

	if (!filter_matches(&e->filter, c))
		return;
	fw_track_end(&t->core, c);
	e->count++;
}

static int count_reply(struct genl_info *info, u32 count)
{
	struct sk_buff *reply = genlmsg_new(nla_total_size(sizeof(count)), GFP_KERNEL);
	void *hdr;

	if (!reply)
		return -ENOMEM;
	hdr = genlmsg_put_reply(reply, info, &fwk_netlink_family, 0,
				IPFWADM_CMD_CONNS_END);
	if (!hdr || nla_put_u32(reply, IPFWADM_A_COUNT, count)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

int fwk_conns_end_do(struct sk_buff *skb, struct genl_info *info)
{
	struct fwk_track *t = fwk_track(genl_info_net(info));
	struct end *e = kvzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);
	int err;

	if (!e)
		return -ENOMEM;
	err = filter_get(&e->filter, info->nlhdr, info->extack);
	while (!err && !fwk_track_visit_all(t, conn_end, e))
		;
	if (!err)
		err = count_reply(info, e->count);
	kvfree(e);
	return err;
}

/* Copies the expectation of a slot; false if there is none. */
static bool expect_read(struct fwk_track *t, u32 slot, struct ipfwadm_expect *to)
{
	const struct fw_expect *e = &t->core.expects[slot];
	u32 now = fwk_track_now();
	bool live;

	fw_host_expect_lock(&t->core);
	live = fw_expect_live(&t->core, e, now);
	if (live)
		*to = (struct ipfwadm_expect){
			.saddr = e->saddr,
			.daddr = e->daddr,
			.dport = e->dport,
			.proto = e->proto,
			.any_source = e->any_source,
			.master = e->master->id,
			.seconds = fw_tick_left(e->expires, now),
		};
	fw_host_expect_unlock(&t->core);
	return live;
}

int fwk_expects_fill(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct fwk_track *t = fwk_track(sock_net(cb->skb->sk));
	struct ipfwadm_expect expect;
	u32 slot = cb->args[0] ?: 1;
	void *hdr;

	if (!fwk_track_started(t) || slot >= t->core.nexpects)
		return 0;
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &fwk_netlink_family, NLM_F_MULTI, IPFWADM_CMD_EXPECTS_GET);
	if (!hdr)
		return -EMSGSIZE;
	for (; slot < t->core.nexpects; slot++)
		if (expect_read(t, slot, &expect) &&
		    nla_put(skb, IPFWADM_A_EXPECT, sizeof(expect), &expect))
			break;
	cb->args[0] = slot;
	genlmsg_end(skb, hdr);
	return skb->len;
}
