// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * family.c - the module's generic netlink family, for tests.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "tests/lib/family.h"

#define RECEIVE_SIZE 32768
#define SEND_SIZE (64 << 20)	/* what a socket may send at once */

void family_nest_attrs(const struct nlattr *nest, const struct nlattr **tb, int max)
{
	const struct nlattr *nla;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_for_each_nested(nla, nest)
		if (mnl_attr_get_type(nla) <= max)
			tb[mnl_attr_get_type(nla)] = nla;
}

void family_attrs(const struct nlmsghdr *nlh, const struct nlattr **tb, int max)
{
	const struct nlattr *nla;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(nla) <= max)
			tb[mnl_attr_get_type(nla)] = nla;
}

static __u32 group_find(const struct nlattr *groups, const char *name)
{
	const struct nlattr *group, *tb[CTRL_ATTR_MCAST_GRP_ID + 1];

	if (!groups)
		return 0;
	mnl_attr_for_each_nested(group, groups) {
		family_nest_attrs(group, tb, CTRL_ATTR_MCAST_GRP_ID);
		if (!strcmp(mnl_attr_get_str(tb[CTRL_ATTR_MCAST_GRP_NAME]), name))
			return mnl_attr_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return 0;
}

static int family_take(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GROUPS + 1];
	struct family *f = ctx;

	family_attrs(nlh, tb, CTRL_ATTR_MCAST_GROUPS);
	f->id = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	f->group = group_find(tb[CTRL_ATTR_MCAST_GROUPS], IPFWADM_GROUP_CHANGES);
	f->conns_group = group_find(tb[CTRL_ATTR_MCAST_GROUPS], IPFWADM_GROUP_CONNS);
	return MNL_CB_OK;
}

static int family_find(struct family *f)
{
	char buf[256];
	struct nlmsghdr *nlh;
	struct answer a;

	f->id = GENL_ID_CTRL;
	nlh = family_message(f, buf, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, IPFWADM_FAMILY);
	family_ask(f, nlh, family_take, f, &a);
	return a.error;
}

int family_open(struct family *f)
{
	const struct timeval patience = { .tv_sec = 20 };
	int fd, on = 1, size = SEND_SIZE, err;

	memset(f, 0, sizeof(*f));
	f->nl = mnl_socket_open(NETLINK_GENERIC);
	if (!f->nl)
		return -errno;
	fd = mnl_socket_get_fd(f->nl);
	if (mnl_socket_bind(f->nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(f->nl, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    mnl_socket_setsockopt(f->nl, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0) {
		err = -errno;
		mnl_socket_close(f->nl);
		return err;
	}
	/* only those with the capability may, and they only send much */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	f->portid = mnl_socket_get_portid(f->nl);
	err = family_find(f);
	if (err)
		mnl_socket_close(f->nl);
	return err;
}

void family_close(struct family *f)
{
	mnl_socket_close(f->nl);
	f->nl = NULL;
}

struct nlmsghdr *family_message(struct family *f, void *buf, __u8 command, __u16 flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = f->id;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
		nlh->nlmsg_flags |= NLM_F_ACK;
	nlh->nlmsg_seq = ++f->seq;
	genl->cmd = command;
	genl->version = IPFWADM_FAMILY_VERSION;
	return nlh;
}

int family_send(struct family *f, const struct nlmsghdr *nlh)
{
	return mnl_socket_sendto(f->nl, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

/* what netlink says of a refusal; the module's own message is not repeated */
static void answer_read(const struct nlmsghdr *nlh, size_t fixed, struct answer *a)
{
	const struct nlattr *nla;

	a->error = *(const int *)mnl_nlmsg_get_payload(nlh);
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(nla, nlh, fixed) {
		switch (mnl_attr_get_type(nla)) {
		case NLMSGERR_ATTR_MSG:
			strncpy(a->text, mnl_attr_get_str(nla), sizeof(a->text) - 1);
			break;
		case NLMSGERR_ATTR_OFFS:
			a->offset = mnl_attr_get_u32(nla);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			a->missing = mnl_attr_get_u32(nla);
			break;
		case NLMSGERR_ATTR_MISS_NEST:
			a->missing_nest = mnl_attr_get_u32(nla);
			break;
		}
	}
}

/* Is it the end of the answer to the request? */
static bool message_take(struct family *f, const struct nlmsghdr *nlh, mnl_cb_t take,
			 void *ctx, struct answer *a)
{
	if (nlh->nlmsg_seq != f->seq)
		return false;
	a->interrupted |= !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		answer_read(nlh, sizeof(struct nlmsgerr), a);
		return true;
	}
	if (nlh->nlmsg_type == NLMSG_DONE) {
		answer_read(nlh, sizeof(int), a);
		return true;
	}
	if (take)
		take(nlh, ctx);
	return false;
}

void family_receive(struct family *f, mnl_cb_t take, void *ctx, struct answer *a)
{
	char *buf = malloc(RECEIVE_SIZE);
	const struct nlmsghdr *nlh;
	bool end = false;
	ssize_t len;
	int left;

	memset(a, 0, sizeof(*a));
	a->offset = a->missing = a->missing_nest = -1;
	while (!end) {
		len = buf ? mnl_socket_recvfrom(f->nl, buf, RECEIVE_SIZE) : -1;
		if (len < 0) {
			a->error = buf ? -errno : -ENOMEM;
			break;
		}
		left = (int)len;
		for (nlh = (void *)buf; !end && mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left))
			end = message_take(f, nlh, take, ctx, a);
	}
	free(buf);
}

void family_ask(struct family *f, const struct nlmsghdr *nlh, mnl_cb_t take, void *ctx,
		struct answer *a)
{
	int err = family_send(f, nlh);

	if (!err) {
		family_receive(f, take, ctx, a);
		return;
	}
	memset(a, 0, sizeof(*a));
	a->offset = a->missing = a->missing_nest = -1;
	a->error = err;
}

struct nlattr *family_rule_put(struct nlmsghdr *nlh, int type, const struct fw_rule *r)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);
	char name[FW_IFNAMSIZ + 1] = "";

	mnl_attr_put_u32(nlh, IPFWADM_RULE_SRC, r->src);
	mnl_attr_put_u32(nlh, IPFWADM_RULE_SRC_MASK, r->smsk);
	mnl_attr_put_u32(nlh, IPFWADM_RULE_DST, r->dst);
	mnl_attr_put_u32(nlh, IPFWADM_RULE_DST_MASK, r->dmsk);
	mnl_attr_put_u32(nlh, IPFWADM_RULE_VIA, r->via);
	mnl_attr_put_u16(nlh, IPFWADM_RULE_FLAGS, r->flags);
	mnl_attr_put_u8(nlh, IPFWADM_RULE_NSP, r->nsp);
	mnl_attr_put_u8(nlh, IPFWADM_RULE_NDP, r->ndp);
	mnl_attr_put(nlh, IPFWADM_RULE_PORTS, sizeof(r->pts), r->pts);
	mnl_attr_put_u8(nlh, IPFWADM_RULE_TOS_AND, r->tosand);
	mnl_attr_put_u8(nlh, IPFWADM_RULE_TOS_XOR, r->tosxor);
	memcpy(name, r->vianame, FW_IFNAMSIZ);
	if (*name)
		mnl_attr_put_strz(nlh, IPFWADM_RULE_INTERFACE, name);
	if (*r->comment)
		mnl_attr_put_strz(nlh, IPFWADM_RULE_COMMENT, r->comment);
	mnl_attr_put_u64(nlh, IPFWADM_RULE_PACKETS, r->pcnt);
	mnl_attr_put_u64(nlh, IPFWADM_RULE_BYTES, r->bcnt);
	mnl_attr_nest_end(nlh, nest);
	return nest;
}

static __u32 u32_get(const struct nlattr *nla)
{
	return nla ? mnl_attr_get_u32(nla) : 0;
}

static __u8 u8_get(const struct nlattr *nla, __u8 absent)
{
	return nla ? mnl_attr_get_u8(nla) : absent;
}

static __u64 u64_get(const struct nlattr *nla)
{
	return nla ? mnl_attr_get_u64(nla) : 0;
}

static void bytes_get(void *to, size_t size, const struct nlattr *nla)
{
	size_t len = nla ? mnl_attr_get_payload_len(nla) : 0;

	if (len)
		memcpy(to, mnl_attr_get_payload(nla), len < size ? len : size);
}

void family_rule_get(const struct nlattr *nest, struct fw_rule *r)
{
	const struct nlattr *tb[IPFWADM_RULE_END];

	family_nest_attrs(nest, tb, IPFWADM_RULE_END - 1);
	memset(r, 0, sizeof(*r));
	r->src = u32_get(tb[IPFWADM_RULE_SRC]);
	r->smsk = u32_get(tb[IPFWADM_RULE_SRC_MASK]);
	r->dst = u32_get(tb[IPFWADM_RULE_DST]);
	r->dmsk = u32_get(tb[IPFWADM_RULE_DST_MASK]);
	r->via = u32_get(tb[IPFWADM_RULE_VIA]);
	r->flags = tb[IPFWADM_RULE_FLAGS] ? mnl_attr_get_u16(tb[IPFWADM_RULE_FLAGS]) : 0;
	r->nsp = u8_get(tb[IPFWADM_RULE_NSP], 0);
	r->ndp = u8_get(tb[IPFWADM_RULE_NDP], 0);
	bytes_get(r->pts, sizeof(r->pts), tb[IPFWADM_RULE_PORTS]);
	r->tosand = u8_get(tb[IPFWADM_RULE_TOS_AND], 0xff);
	r->tosxor = u8_get(tb[IPFWADM_RULE_TOS_XOR], 0);
	bytes_get(r->vianame, sizeof(r->vianame), tb[IPFWADM_RULE_INTERFACE]);
	bytes_get(r->comment, sizeof(r->comment), tb[IPFWADM_RULE_COMMENT]);
	r->pcnt = u64_get(tb[IPFWADM_RULE_PACKETS]);
	r->bcnt = u64_get(tb[IPFWADM_RULE_BYTES]);
}

static void timeouts_put(struct nlmsghdr *nlh, const struct fw_timeouts *t)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPFWADM_EDIT_TIMEOUTS);

	if (t->tcp)
		mnl_attr_put_u32(nlh, IPFWADM_TIMEOUT_TCP, t->tcp);
	if (t->tcpfin)
		mnl_attr_put_u32(nlh, IPFWADM_TIMEOUT_TCPFIN, t->tcpfin);
	if (t->udp)
		mnl_attr_put_u32(nlh, IPFWADM_TIMEOUT_UDP, t->udp);
	mnl_attr_nest_end(nlh, nest);
}

static void forward_put(struct nlmsghdr *nlh, const struct fw_portfw *f, bool counters)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPFWADM_EDIT_FORWARD);

	mnl_attr_put_u8(nlh, IPFWADM_FORWARD_PROTO, f->proto);
	mnl_attr_put_u8(nlh, IPFWADM_FORWARD_FLAGS, f->flags);
	mnl_attr_put_u32(nlh, IPFWADM_FORWARD_ADDR, f->addr);
	mnl_attr_put_u16(nlh, IPFWADM_FORWARD_LOW, f->low);
	mnl_attr_put_u16(nlh, IPFWADM_FORWARD_HIGH, f->high);
	mnl_attr_put_u32(nlh, IPFWADM_FORWARD_MARK, f->mark);
	mnl_attr_put_u32(nlh, IPFWADM_FORWARD_TO, f->to);
	mnl_attr_put_u16(nlh, IPFWADM_FORWARD_TO_PORT, f->to_port);
	mnl_attr_put_u8(nlh, IPFWADM_FORWARD_TRIGGER_PROTO, f->trigger_proto);
	mnl_attr_put_u16(nlh, IPFWADM_FORWARD_TRIGGER_PORT, f->trigger_port);
	mnl_attr_put_u32(nlh, IPFWADM_FORWARD_TRIGGER_TIME, f->trigger_time);
	mnl_attr_put_u32(nlh, IPFWADM_FORWARD_WEIGHT, f->weight);
	if (counters) {
		mnl_attr_put_u32(nlh, IPFWADM_FORWARD_LEFT, f->left);
		mnl_attr_put_u64(nlh, IPFWADM_FORWARD_CONNS, f->conns);
	}
	mnl_attr_nest_end(nlh, nest);
}

static struct nlattr *portfw_edit_put(struct nlmsghdr *nlh, const struct fw_edit *e)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPFWADM_A_EDIT);

	mnl_attr_put_u32(nlh, IPFWADM_EDIT_OP, IPFWADM_OP_FORWARD_APPEND + e->portfw.op);
	if (e->portfw.op < FW_PORTFW_FLUSH)
		forward_put(nlh, &e->portfw.forward, e->counters);
	if (e->portfw.cut)
		mnl_attr_put(nlh, IPFWADM_EDIT_CUT, 0, NULL);
	mnl_attr_nest_end(nlh, nest);
	return nest;
}

struct nlattr *family_edit_put(struct nlmsghdr *nlh, const struct fw_edit *e)
{
	struct nlattr *nest;

	if (e->op == FW_OP_PORTFW)
		return portfw_edit_put(nlh, e);
	nest = mnl_attr_nest_start(nlh, IPFWADM_A_EDIT);
	mnl_attr_put_u32(nlh, IPFWADM_EDIT_OP, e->op);
	if (e->op != FW_OP_TIMEOUTS)
		mnl_attr_put_u32(nlh, IPFWADM_EDIT_LIST, e->list);
	if (e->op <= FW_OP_DELETE)
		family_rule_put(nlh, IPFWADM_EDIT_RULE, &e->rule);
	if (e->counters)
		mnl_attr_put(nlh, IPFWADM_EDIT_COUNTERS, 0, NULL);
	if (e->op == FW_OP_POLICY)
		mnl_attr_put_u32(nlh, IPFWADM_EDIT_POLICY, e->policy);
	if (e->op == FW_OP_TIMEOUTS)
		timeouts_put(nlh, &e->timeouts);
	mnl_attr_nest_end(nlh, nest);
	return nest;
}

int family_edit(struct family *f, const struct fw_edit *edits, size_t n)
{
	char *buf = malloc(256 + 512 * n);
	struct nlmsghdr *nlh;
	struct answer a;
	size_t i;

	if (!buf)
		return -ENOMEM;
	nlh = family_message(f, buf, IPFWADM_CMD_EDIT, 0);
	for (i = 0; i < n; i++)
		family_edit_put(nlh, &edits[i]);
	family_ask(f, nlh, NULL, NULL, &a);
	free(buf);
	return a.error;
}

/* members of a nest in which list l has type 1 + l */
static void lists_get(const struct nlattr *nest, __u32 *values, int n)
{
	const struct nlattr *tb[FW_LISTS + 1];
	int i;

	family_nest_attrs(nest, tb, n);
	for (i = 0; i < n; i++)
		values[i] = u32_get(tb[1 + i]);
}

static int status_take(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *tb[IPFWADM_A_END], *times[IPFWADM_TIMEOUT_END];
	struct family_status *status = ctx;

	family_attrs(nlh, tb, IPFWADM_A_END - 1);
	if (!tb[IPFWADM_A_POLICY] || !tb[IPFWADM_A_COUNT] || !tb[IPFWADM_A_TIMEOUTS])
		return MNL_CB_OK;
	family_nest_attrs(tb[IPFWADM_A_TIMEOUTS], times, IPFWADM_TIMEOUT_END - 1);
	lists_get(tb[IPFWADM_A_POLICY], status->policy, FW_ACCT);
	lists_get(tb[IPFWADM_A_COUNT], status->count, FW_LISTS);
	status->generation = u32_get(tb[IPFWADM_A_GENERATION]);
	status->features = u32_get(tb[IPFWADM_A_FEATURES]);
	status->timeouts.tcp = u32_get(times[IPFWADM_TIMEOUT_TCP]);
	status->timeouts.tcpfin = u32_get(times[IPFWADM_TIMEOUT_TCPFIN]);
	status->timeouts.udp = u32_get(times[IPFWADM_TIMEOUT_UDP]);
	return MNL_CB_OK;
}

int family_status(struct family *f, struct family_status *status)
{
	char buf[64];
	struct answer a;

	memset(status, 0, sizeof(*status));
	family_ask(f, family_message(f, buf, IPFWADM_CMD_STATUS, 0), status_take, status, &a);
	return a.error;
}

struct rules_taken {
	struct fw_rule *rules;
	size_t n, cap;
};

static int rules_take(const struct nlmsghdr *nlh, void *ctx)
{
	struct rules_taken *taken = ctx;
	const struct nlattr *nla;

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nla) != IPFWADM_A_RULE)
			continue;
		if (taken->n < taken->cap)
			family_rule_get(nla, &taken->rules[taken->n]);
		taken->n++;
	}
	return MNL_CB_OK;
}

long family_rules(struct family *f, enum fw_list_id list, bool zero, struct fw_rule *rules,
		  size_t cap)
{
	struct rules_taken taken = { .rules = rules, .cap = cap };
	struct nlmsghdr *nlh;
	struct answer a;
	char buf[64];

	nlh = family_message(f, buf, IPFWADM_CMD_RULES_GET, NLM_F_DUMP);
	mnl_attr_put_u32(nlh, IPFWADM_A_LIST, list);
	if (zero)
		mnl_attr_put(nlh, IPFWADM_A_ZERO, 0, NULL);
	family_ask(f, nlh, rules_take, &taken, &a);
	return a.error ? a.error : (long)taken.n;
}

struct forwards_taken {
	struct fw_portfw *forwards;
	size_t n, cap;
};

static __u16 u16_get(const struct nlattr *nla)
{
	return nla ? mnl_attr_get_u16(nla) : 0;
}

static void forward_get(const struct nlattr *nest, struct fw_portfw *f)
{
	const struct nlattr *tb[IPFWADM_FORWARD_END];

	family_nest_attrs(nest, tb, IPFWADM_FORWARD_END - 1);
	*f = (struct fw_portfw){
		.proto = u8_get(tb[IPFWADM_FORWARD_PROTO], 0),
		.flags = u8_get(tb[IPFWADM_FORWARD_FLAGS], 0),
		.addr = u32_get(tb[IPFWADM_FORWARD_ADDR]),
		.low = u16_get(tb[IPFWADM_FORWARD_LOW]),
		.high = u16_get(tb[IPFWADM_FORWARD_HIGH]),
		.mark = u32_get(tb[IPFWADM_FORWARD_MARK]),
		.to = u32_get(tb[IPFWADM_FORWARD_TO]),
		.to_port = u16_get(tb[IPFWADM_FORWARD_TO_PORT]),
		.trigger_proto = u8_get(tb[IPFWADM_FORWARD_TRIGGER_PROTO], 0),
		.trigger_port = u16_get(tb[IPFWADM_FORWARD_TRIGGER_PORT]),
		.trigger_time = u32_get(tb[IPFWADM_FORWARD_TRIGGER_TIME]),
		.weight = u32_get(tb[IPFWADM_FORWARD_WEIGHT]),
		.left = u32_get(tb[IPFWADM_FORWARD_LEFT]),
		.conns = u64_get(tb[IPFWADM_FORWARD_CONNS]),
	};
}

static int forwards_take(const struct nlmsghdr *nlh, void *ctx)
{
	struct forwards_taken *taken = ctx;
	const struct nlattr *nla;

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nla) != IPFWADM_A_FORWARD)
			continue;
		if (taken->n < taken->cap)
			forward_get(nla, &taken->forwards[taken->n]);
		taken->n++;
	}
	return MNL_CB_OK;
}

long family_forwards(struct family *f, struct fw_portfw *forwards, size_t cap)
{
	struct forwards_taken taken = { .forwards = forwards, .cap = cap };
	struct answer a;
	char buf[64];

	family_ask(f, family_message(f, buf, IPFWADM_CMD_RULES_GET, NLM_F_DUMP), forwards_take,
		   &taken, &a);
	return a.error ? a.error : (long)taken.n;
}
