// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod_message.c - rules, edits, packets and replies as netlink attributes.
 */
#include "backend/kmod/kmod_message.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>

#include "backend/ruleset.h"
#include "kmod/core/names.h"

/* Messages contain numbers of the core. */
_Static_assert((int)IPFWADM_OP_APPEND == FW_OP_APPEND &&
		       (int)IPFWADM_OP_TIMEOUTS == FW_OP_TIMEOUTS &&
		       IPFWADM_OP_FORWARD_ZERO - IPFWADM_OP_FORWARD_APPEND == FW_PORTFW_ZERO &&
		       (int)IPFWADM_VERDICT_DENY == FW_V_DENY &&
		       (int)IPFWADM_VERDICT_MASQUERADE == FW_V_MASQUERADE &&
		       (int)IPFWADM_BY_NONE == FW_BY_NONE &&
		       (int)IPFWADM_BY_POLICY == FW_BY_POLICY,
	       "the core and ipfwadm_uapi.h have different numbers");

/* an attribute whose payload is a member of a structure; size 0: it needs code */
struct number {
	__u8 size;
	__u8 field;		/* enum fw_field of a rule */
	__u16 offset;
};

#define NUMBER(structure, member)                                                        \
	.size = sizeof(((struct structure *)NULL)->member),                              \
	.offset = offsetof(struct structure, member)

static const struct number rule_attr[IPFWADM_RULE_END] = {
	[IPFWADM_RULE_SRC] = { NUMBER(fw_rule, src), .field = FW_FIELD_SOURCE },
	[IPFWADM_RULE_SRC_MASK] = { NUMBER(fw_rule, smsk), .field = FW_FIELD_SOURCE },
	[IPFWADM_RULE_DST] = { NUMBER(fw_rule, dst), .field = FW_FIELD_DESTINATION },
	[IPFWADM_RULE_DST_MASK] = { NUMBER(fw_rule, dmsk), .field = FW_FIELD_DESTINATION },
	[IPFWADM_RULE_VIA] = { NUMBER(fw_rule, via), .field = FW_FIELD_VIA },
	[IPFWADM_RULE_FLAGS] = { NUMBER(fw_rule, flags), .field = FW_FIELD_FLAGS },
	[IPFWADM_RULE_NSP] = { NUMBER(fw_rule, nsp), .field = FW_FIELD_PORTS },
	[IPFWADM_RULE_NDP] = { NUMBER(fw_rule, ndp), .field = FW_FIELD_PORTS },
	[IPFWADM_RULE_PORTS] = { .field = FW_FIELD_PORTS },
	[IPFWADM_RULE_TOS_AND] = { NUMBER(fw_rule, tosand), .field = FW_FIELD_TOS },
	[IPFWADM_RULE_TOS_XOR] = { NUMBER(fw_rule, tosxor), .field = FW_FIELD_TOS },
	[IPFWADM_RULE_INTERFACE] = { .field = FW_FIELD_INTERFACE },
	[IPFWADM_RULE_STATE] = { NUMBER(fw_rule, state), .field = FW_FIELD_STATE },
	[IPFWADM_RULE_KEEP_STATE] = { NUMBER(fw_rule, keep_state),
				      .field = FW_FIELD_KEEP_STATE },
	[IPFWADM_RULE_HELPER] = { .field = FW_FIELD_HELPER },
	[IPFWADM_RULE_COMMENT] = { .field = FW_FIELD_COMMENT },
	[IPFWADM_RULE_PACKETS] = { NUMBER(fw_rule, pcnt) },
	[IPFWADM_RULE_BYTES] = { NUMBER(fw_rule, bcnt) },
};

/* the value of members whose attributes are absent */
static const struct fw_rule rule_absent = { .tosand = 0xff };

static const struct number timeout_attr[IPFWADM_TIMEOUT_END] = {
	[IPFWADM_TIMEOUT_TCP] = { NUMBER(fw_timeouts, tcp) },
	[IPFWADM_TIMEOUT_TCPFIN] = { NUMBER(fw_timeouts, tcpfin) },
	[IPFWADM_TIMEOUT_UDP] = { NUMBER(fw_timeouts, udp) },
};

static const struct fw_timeouts timeouts_absent;

static const struct number forward_attr[IPFWADM_FORWARD_END] = {
	[IPFWADM_FORWARD_PROTO] = { NUMBER(fw_portfw, proto) },
	[IPFWADM_FORWARD_FLAGS] = { NUMBER(fw_portfw, flags) },
	[IPFWADM_FORWARD_ADDR] = { NUMBER(fw_portfw, addr) },
	[IPFWADM_FORWARD_LOW] = { NUMBER(fw_portfw, low) },
	[IPFWADM_FORWARD_HIGH] = { NUMBER(fw_portfw, high) },
	[IPFWADM_FORWARD_MARK] = { NUMBER(fw_portfw, mark) },
	[IPFWADM_FORWARD_TO] = { NUMBER(fw_portfw, to) },
	[IPFWADM_FORWARD_TO_PORT] = { NUMBER(fw_portfw, to_port) },
	[IPFWADM_FORWARD_TRIGGER_PROTO] = { NUMBER(fw_portfw, trigger_proto) },
	[IPFWADM_FORWARD_TRIGGER_PORT] = { NUMBER(fw_portfw, trigger_port) },
	[IPFWADM_FORWARD_TRIGGER_TIME] = { NUMBER(fw_portfw, trigger_time) },
	[IPFWADM_FORWARD_WEIGHT] = { NUMBER(fw_portfw, weight) },
	[IPFWADM_FORWARD_LEFT] = { NUMBER(fw_portfw, left) },
	[IPFWADM_FORWARD_CONNS] = { NUMBER(fw_portfw, conns) },
	[IPFWADM_FORWARD_HELPER] = { NUMBER(fw_portfw, helper) },
};

static const struct number packet_attr[IPFWADM_PACKET_END] = {
	[IPFWADM_PACKET_TOS] = { NUMBER(fw_packet, tos) },
	[IPFWADM_PACKET_TTL] = { NUMBER(fw_packet, ttl) },
	[IPFWADM_PACKET_ID] = { NUMBER(fw_packet, id) },
	[IPFWADM_PACKET_FRAGMENT] = { NUMBER(fw_packet, frag_off) },
	[IPFWADM_PACKET_SPORT] = { NUMBER(fw_packet, sport) },
	[IPFWADM_PACKET_DPORT] = { NUMBER(fw_packet, dport) },
	[IPFWADM_PACKET_TCP_FLAGS] = { NUMBER(fw_packet, tcpflags) },
	[IPFWADM_PACKET_ICMP_TYPE] = { NUMBER(fw_packet, icmp_type) },
	[IPFWADM_PACKET_ICMP_CODE] = { NUMBER(fw_packet, icmp_code) },
	[IPFWADM_PACKET_ICMP_ID] = { NUMBER(fw_packet, icmp_id) },
	[IPFWADM_PACKET_STATE] = { NUMBER(fw_packet, state) },
};

static const struct fw_packet packet_absent;

/* Puts members that differ from *absent, attributes 1 ... end - 1. */
static void numbers_put(struct nlmsghdr *h, const struct number *attr, __u16 end,
			const void *from, const void *absent)
{
	__u16 type;

	for (type = 1; type < end; type++) {
		const char *value = (const char *)from + attr[type].offset;

		if (memcmp(value, (const char *)absent + attr[type].offset,
			   attr[type].size))
			mnl_attr_put(h, type, attr[type].size, value);
	}
}

/* Puts a string of up to max characters; text of that length has no NUL. */
static void text_put(struct nlmsghdr *h, __u16 type, const char *text, size_t max)
{
	char string[FW_COMMENT_MAX + 1];
	size_t len = strnlen(text, max);

	if (!len)
		return;
	memcpy(string, text, len);
	string[len] = '\0';
	mnl_attr_put_strz(h, type, string);
}

static void ports_put(struct nlmsghdr *h, const struct fw_rule *r)
{
	size_t n = FW_MAX_PORTS;

	while (n && !r->pts[n - 1])
		n--;
	if (n)
		mnl_attr_put(h, IPFWADM_RULE_PORTS, n * sizeof(r->pts[0]), r->pts);
}

static void rule_put(struct nlmsghdr *h, __u16 type, const struct fw_rule *r,
		     bool counters)
{
	struct nlattr *nest = mnl_attr_nest_start(h, type);
	const char *helper = fw_helper_name(r->helper);

	numbers_put(h, rule_attr, counters ? IPFWADM_RULE_END : IPFWADM_RULE_PACKETS, r,
		    &rule_absent);
	ports_put(h, r);
	text_put(h, IPFWADM_RULE_INTERFACE, r->vianame, FW_IFNAMSIZ);
	if (helper)
		mnl_attr_put_strz(h, IPFWADM_RULE_HELPER, helper);
	text_put(h, IPFWADM_RULE_COMMENT, r->comment, FW_COMMENT_MAX);
	mnl_attr_nest_end(h, nest);
}

static void timeouts_put(struct nlmsghdr *h, const struct fw_timeouts *t)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_EDIT_TIMEOUTS);

	numbers_put(h, timeout_attr, IPFWADM_TIMEOUT_END, t, &timeouts_absent);
	mnl_attr_nest_end(h, nest);
}

/* Without counters none are sent, and the module begins anew. */
static void forward_edit_put(struct nlmsghdr *h, const struct fw_portfw_edit *e, bool counters)
{
	struct fw_portfw f = e->forward;
	const struct fw_portfw absent = { .left = f.weight };
	struct nlattr *nest;

	mnl_attr_put_u32(h, IPFWADM_EDIT_OP, IPFWADM_OP_FORWARD_APPEND + e->op);
	if (e->cut)
		mnl_attr_put(h, IPFWADM_EDIT_CUT, 0, NULL);
	if (e->op == FW_PORTFW_FLUSH || e->op == FW_PORTFW_ZERO)
		return;
	if (f.trigger_port)
		f.to = 0;
	if (!counters) {
		f.left = f.weight;
		f.conns = 0;
	}
	nest = mnl_attr_nest_start(h, IPFWADM_EDIT_FORWARD);
	numbers_put(h, forward_attr, IPFWADM_FORWARD_END, &f, &absent);
	mnl_attr_nest_end(h, nest);
}

void kmod_edit_put(struct nlmsghdr *h, const struct fw_edit *e)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_A_EDIT);

	if (e->op == FW_OP_PORTFW) {
		forward_edit_put(h, &e->portfw, e->counters);
		mnl_attr_nest_end(h, nest);
		return;
	}
	mnl_attr_put_u32(h, IPFWADM_EDIT_OP, e->op == FW_OP_IPV6 ? IPFWADM_OP_IPV6 : e->op);
	if (e->op != FW_OP_TIMEOUTS && e->op != FW_OP_IPV6)
		mnl_attr_put_u32(h, IPFWADM_EDIT_LIST, e->list);
	switch (e->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
		if (e->counters)
			mnl_attr_put(h, IPFWADM_EDIT_COUNTERS, 0, NULL);
		rule_put(h, IPFWADM_EDIT_RULE, &e->rule, e->counters);
		break;
	case FW_OP_DELETE:
		rule_put(h, IPFWADM_EDIT_RULE, &e->rule, false);
		break;
	case FW_OP_POLICY:
	case FW_OP_IPV6:
		mnl_attr_put_u32(h, IPFWADM_EDIT_POLICY, e->policy);
		break;
	case FW_OP_TIMEOUTS:
		timeouts_put(h, &e->timeouts);
		break;
	case FW_OP_FLUSH:
	case FW_OP_ZERO:
	case FW_OP_PORTFW:
		break;
	}
	mnl_attr_nest_end(h, nest);
}

void kmod_filter_put(struct nlmsghdr *h, const struct fw_rule *r)
{
	struct fw_rule plain = *r;

	/* The rest of a rule is not looked at. */
	plain.state = plain.keep_state = plain.helper = 0;
	plain.comment[0] = '\0';
	rule_put(h, IPFWADM_A_RULE, &plain, false);
}

static void options_put(struct nlmsghdr *h, const struct fw_packet *pkt)
{
	__u8 bytes[4 * FW_PACKET_OPTIONS];
	unsigned int i;

	for (i = 0; i < pkt->noptions && i < FW_PACKET_OPTIONS; i++) {
		bytes[4 * i] = pkt->options[i] >> 24;
		bytes[4 * i + 1] = pkt->options[i] >> 16;
		bytes[4 * i + 2] = pkt->options[i] >> 8;
		bytes[4 * i + 3] = pkt->options[i];
	}
	if (i)
		mnl_attr_put(h, IPFWADM_PACKET_OPTIONS, 4 * i, bytes);
}

void kmod_packet_put(struct nlmsghdr *h, const struct fw_packet *pkt)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_A_PACKET);

	mnl_attr_put_u32(h, IPFWADM_PACKET_SADDR, pkt->saddr);
	mnl_attr_put_u32(h, IPFWADM_PACKET_DADDR, pkt->daddr);
	mnl_attr_put_u8(h, IPFWADM_PACKET_PROTO, pkt->proto);
	mnl_attr_put_u16(h, IPFWADM_PACKET_LENGTH, pkt->len);
	numbers_put(h, packet_attr, IPFWADM_PACKET_END, pkt, &packet_absent);
	options_put(h, pkt);
	mnl_attr_nest_end(h, nest);
}

void kmod_device_put(struct nlmsghdr *h, const struct fw_dev *dev)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_A_DEVICE);
	char name[FW_IFNAMSIZ + 1] = "";

	memcpy(name, dev->name, FW_IFNAMSIZ);
	mnl_attr_put_strz(h, IPFWADM_DEVICE_NAME, name);
	mnl_attr_put_u32(h, IPFWADM_DEVICE_ADDR, dev->addr);
	mnl_attr_nest_end(h, nest);
}

/* Copies a number of size bytes into *to.  Returns 0, or -EPROTO if a has another size. */
static int number_get(const struct nlattr *a, void *to, size_t size)
{
	if (mnl_attr_get_payload_len(a) != size)
		return -EPROTO;
	memcpy(to, mnl_attr_get_payload(a), size);
	return 0;
}

/* The same for an attribute of that table; one that is not in it is ignored. */
static int member_get(const struct nlattr *a, const struct number *attr, __u16 end,
		      void *to)
{
	__u16 type = mnl_attr_get_type(a);

	if (type >= end || !attr[type].size)
		return 0;
	return number_get(a, (char *)to + attr[type].offset, attr[type].size);
}

static int text_get(const struct nlattr *a, char *to, size_t max)
{
	size_t len;

	if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
		return -EPROTO;
	len = strlen(mnl_attr_get_str(a));
	if (len > max)
		return -EPROTO;
	memcpy(to, mnl_attr_get_str(a), len);
	return 0;
}

static int ports_get(const struct nlattr *a, struct fw_rule *r)
{
	if (mnl_attr_get_payload_len(a) > sizeof(r->pts))
		return -EPROTO;
	memcpy(r->pts, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	return 0;
}

static int helper_get(const struct nlattr *a, struct fw_rule *r)
{
	if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
		return -EPROTO;
	r->helper = fw_helper_find(mnl_attr_get_str(a));
	return r->helper ? 0 : -EPROTO;
}

/* Attributes of a newer module are ignored. */
static int rule_attr_get(const struct nlattr *a, struct fw_rule *r)
{
	switch (mnl_attr_get_type(a)) {
	case IPFWADM_RULE_PORTS:
		return ports_get(a, r);
	case IPFWADM_RULE_INTERFACE:
		return text_get(a, r->vianame, FW_IFNAMSIZ);
	case IPFWADM_RULE_HELPER:
		return helper_get(a, r);
	case IPFWADM_RULE_COMMENT:
		return text_get(a, r->comment, FW_COMMENT_MAX);
	default:
		return member_get(a, rule_attr, IPFWADM_RULE_END, r);
	}
}

static int rule_append(const struct nlattr *nest, __u32 list, struct fw_ruleset *rs)
{
	struct fw_edit edit = {
		.op = FW_OP_APPEND, .list = list, .counters = true, .rule = rule_absent
	};
	const struct nlattr *a;
	int err = 0;

	mnl_attr_for_each_nested (a, nest) {
		err = rule_attr_get(a, &edit.rule);
		if (err)
			return err;
	}
	err = fw_ruleset_edit(rs, &edit);
	return err == -EINVAL ? -EPROTO : err;
}

static int forward_append(const struct nlattr *nest, struct fw_ruleset *rs)
{
	struct fw_edit edit = { .op = FW_OP_PORTFW, .counters = true };
	const struct nlattr *a;
	int err;

	mnl_attr_for_each_nested (a, nest) {
		err = member_get(a, forward_attr, IPFWADM_FORWARD_END, &edit.portfw.forward);
		if (err)
			return err;
	}
	err = fw_ruleset_edit(rs, &edit);
	return err == -EINVAL ? -EPROTO : err;
}

int kmod_rules_read(const struct nlmsghdr *h, struct fw_ruleset *rs, __u32 *generation)
{
	__u32 list = FW_LISTS;
	const struct nlattr *a;
	bool forwards = false;
	int err = 0;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == IPFWADM_A_GENERATION)
			err = number_get(a, generation, sizeof(*generation));
		else if (mnl_attr_get_type(a) == IPFWADM_A_LIST)
			err = number_get(a, &list, sizeof(list));
		else if (mnl_attr_get_type(a) == IPFWADM_A_RULE)
			err = rule_append(a, list, rs);
		else if (mnl_attr_get_type(a) == IPFWADM_A_FORWARD)
			err = forward_append(a, rs);
		forwards |= mnl_attr_get_type(a) == IPFWADM_A_FORWARD;
		if (err)
			return err;
	}
	return list < FW_LISTS || forwards ? 0 : -EPROTO;
}

static int policies_read(const struct nlattr *nest, struct fw_ruleset *rs)
{
	const struct nlattr *a;
	int err = 0;

	mnl_attr_for_each_nested (a, nest) {
		__u32 list = mnl_attr_get_type(a) - 1u;

		if (list < FW_ACCT && !err)
			err = number_get(a, &rs->list[list].policy,
					 sizeof(rs->list[list].policy));
	}
	return err;
}

static int timeouts_read(const struct nlattr *nest, struct fw_timeouts *t)
{
	const struct nlattr *a;
	int err;

	mnl_attr_for_each_nested (a, nest) {
		err = member_get(a, timeout_attr, IPFWADM_TIMEOUT_END, t);
		if (err)
			return err;
	}
	return 0;
}

int kmod_features_read(const struct nlmsghdr *h, __u32 *features)
{
	const struct nlattr *a;
	int err = 0;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == IPFWADM_A_FEATURES && !err)
			err = number_get(a, features, sizeof(*features));
	return err;
}

/* A timeout that this program does not know is ignored. */
static int track_timeout_get(const struct nlattr *nest, __u32 seconds[FW_TIMEOUTS])
{
	const struct nlattr *a;
	__u32 value = 0;
	int id = -1, err = 0;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == IPFWADM_TRACK_SECONDS)
			err = number_get(a, &value, sizeof(value));
		else if (mnl_attr_get_type(a) == IPFWADM_TRACK_NAME)
			err = mnl_attr_validate(a, MNL_TYPE_NUL_STRING) ? -EPROTO : 0;
		if (err)
			return err;
		if (mnl_attr_get_type(a) == IPFWADM_TRACK_NAME)
			id = fw_timeout_find(mnl_attr_get_str(a));
	}
	if (id >= 0)
		seconds[id] = value;
	return 0;
}

void kmod_track_timeout_put(struct nlmsghdr *h, const struct track_timeout *timeout)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_TRACK_TIMEOUT);

	mnl_attr_put_strz(h, IPFWADM_TRACK_NAME, timeout->name);
	mnl_attr_put_u32(h, IPFWADM_TRACK_SECONDS, timeout->seconds);
	mnl_attr_nest_end(h, nest);
}

int kmod_track_timeouts_read(const struct nlmsghdr *h, __u32 seconds[FW_TIMEOUTS])
{
	const struct nlattr *a, *timeout;
	int err = 0;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != IPFWADM_A_TRACK_TIMEOUTS)
			continue;
		mnl_attr_for_each_nested (timeout, a)
			if (!err)
				err = track_timeout_get(timeout, seconds);
	}
	return err;
}

int kmod_status_read(const struct nlmsghdr *h, struct fw_ruleset *rs, __u32 *generation)
{
	__u32 gate = FW_POLICY_ACCEPT;
	const struct nlattr *a;
	int err = 0;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == IPFWADM_A_GENERATION)
			err = number_get(a, generation, sizeof(*generation));
		else if (mnl_attr_get_type(a) == IPFWADM_A_IPV6)
			err = number_get(a, &gate, sizeof(gate));
		else if (mnl_attr_get_type(a) == IPFWADM_A_POLICY)
			err = policies_read(a, rs);
		else if (mnl_attr_get_type(a) == IPFWADM_A_TIMEOUTS)
			err = timeouts_read(a, &rs->timeouts);
		if (err)
			return err;
	}
	rs->denies_ipv6 = gate == FW_POLICY_DENY;
	return 0;
}

int kmod_decision_read(const struct nlmsghdr *h, struct fw_decision *d)
{
	__u32 verdict = FW_V_MASQUERADE + 1, by = FW_BY_POLICY + 1;
	const struct nlattr *a;
	int err = 0;

	*d = (struct fw_decision){ .rule = -1 };
	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == IPFWADM_A_VERDICT)
			err = number_get(a, &verdict, sizeof(verdict));
		else if (mnl_attr_get_type(a) == IPFWADM_A_BY)
			err = number_get(a, &by, sizeof(by));
		else if (mnl_attr_get_type(a) == IPFWADM_A_INDEX)
			err = number_get(a, &d->rule, sizeof(d->rule));
		else if (mnl_attr_get_type(a) == IPFWADM_A_TOS)
			err = number_get(a, &d->tos, sizeof(d->tos));
		else if (mnl_attr_get_type(a) == IPFWADM_A_REDIRECT_PORT)
			err = number_get(a, &d->redirport, sizeof(d->redirport));
		if (err)
			return err;
	}
	if (verdict > FW_V_MASQUERADE || by > FW_BY_POLICY)
		return -EPROTO;
	d->verdict = verdict;
	d->by = by;
	return 0;
}

static bool attr_contains(const struct nlmsghdr *h, const struct nlattr *a, __u32 offset)
{
	size_t begin = (size_t)((const char *)a - (const char *)h);

	return begin <= offset && offset < begin + a->nla_len;
}

static enum fw_field rule_field(const struct nlmsghdr *h, const struct nlattr *nest,
				__u32 offset)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, nest)
		if (attr_contains(h, a, offset) && mnl_attr_get_type(a) < IPFWADM_RULE_END)
			return rule_attr[mnl_attr_get_type(a)].field;
	return FW_FIELD_NONE;
}

static enum fw_field edit_field(const struct nlmsghdr *h, const struct nlattr *nest,
				__u32 offset)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, nest) {
		if (!attr_contains(h, a, offset))
			continue;
		switch (mnl_attr_get_type(a)) {
		case IPFWADM_EDIT_LIST:
			return FW_FIELD_LIST;
		case IPFWADM_EDIT_RULE:
			return rule_field(h, a, offset);
		case IPFWADM_EDIT_POLICY:
			return FW_FIELD_POLICY;
		case IPFWADM_EDIT_TIMEOUTS:
			return FW_FIELD_TIMEOUTS;
		}
	}
	return FW_FIELD_NONE;
}

bool kmod_edit_find(const struct nlmsghdr *h, __u32 offset, size_t *edit,
		    enum fw_field *field)
{
	const struct nlattr *a;
	size_t i = 0;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != IPFWADM_A_EDIT)
			continue;
		if (attr_contains(h, a, offset)) {
			*edit = i;
			*field = edit_field(h, a, offset);
			return true;
		}
		i++;
	}
	return false;
}
