// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod_message.c - rules, edits, packets and answers as netlink attributes.
 */
#include "backend/kmod/kmod_message.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>

#include "backend/ruleset.h"
#include "kmod/core/names.h"

/* numbers of the core are those of the messages */
_Static_assert((int)IPFWADM_OP_APPEND == FW_OP_APPEND &&
		       (int)IPFWADM_OP_TIMEOUTS == FW_OP_TIMEOUTS &&
		       (int)IPFWADM_VERDICT_DENY == FW_V_DENY &&
		       (int)IPFWADM_VERDICT_MASQUERADE == FW_V_MASQUERADE &&
		       (int)IPFWADM_BY_NONE == FW_BY_NONE &&
		       (int)IPFWADM_BY_POLICY == FW_BY_POLICY,
	       "the core and ipfwadm_uapi.h number things differently");

/* numbers that are what they would be without the attribute are left out */

static void u8_put(struct nlmsghdr *h, __u16 type, __u8 value)
{
	if (value)
		mnl_attr_put_u8(h, type, value);
}

static void u16_put(struct nlmsghdr *h, __u16 type, __u16 value)
{
	if (value)
		mnl_attr_put_u16(h, type, value);
}

static void u32_put(struct nlmsghdr *h, __u16 type, __u32 value)
{
	if (value)
		mnl_attr_put_u32(h, type, value);
}

static void u64_put(struct nlmsghdr *h, __u16 type, __u64 value)
{
	if (value)
		mnl_attr_put_u64(h, type, value);
}

/* text of up to max characters, perhaps without a NUL behind it */
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

static void rule_put(struct nlmsghdr *h, const struct fw_rule *r, bool counters)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_EDIT_RULE);
	const char *helper = fw_helper_name(r->helper);

	u32_put(h, IPFWADM_RULE_SRC, r->src);
	u32_put(h, IPFWADM_RULE_SRC_MASK, r->smsk);
	u32_put(h, IPFWADM_RULE_DST, r->dst);
	u32_put(h, IPFWADM_RULE_DST_MASK, r->dmsk);
	u32_put(h, IPFWADM_RULE_VIA, r->via);
	u16_put(h, IPFWADM_RULE_FLAGS, r->flags);
	u8_put(h, IPFWADM_RULE_NSP, r->nsp);
	u8_put(h, IPFWADM_RULE_NDP, r->ndp);
	ports_put(h, r);
	if (r->tosand != 0xff)
		mnl_attr_put_u8(h, IPFWADM_RULE_TOS_AND, r->tosand);
	u8_put(h, IPFWADM_RULE_TOS_XOR, r->tosxor);
	text_put(h, IPFWADM_RULE_INTERFACE, r->vianame, FW_IFNAMSIZ);
	u8_put(h, IPFWADM_RULE_STATE, r->state);
	u8_put(h, IPFWADM_RULE_KEEP_STATE, r->keep_state);
	if (helper)
		mnl_attr_put_strz(h, IPFWADM_RULE_HELPER, helper);
	text_put(h, IPFWADM_RULE_COMMENT, r->comment, FW_COMMENT_MAX);
	if (counters) {
		u64_put(h, IPFWADM_RULE_PACKETS, r->pcnt);
		u64_put(h, IPFWADM_RULE_BYTES, r->bcnt);
	}
	mnl_attr_nest_end(h, nest);
}

static void timeouts_put(struct nlmsghdr *h, const struct fw_timeouts *t)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_EDIT_TIMEOUTS);

	u32_put(h, IPFWADM_TIMEOUT_TCP, t->tcp);
	u32_put(h, IPFWADM_TIMEOUT_TCPFIN, t->tcpfin);
	u32_put(h, IPFWADM_TIMEOUT_UDP, t->udp);
	mnl_attr_nest_end(h, nest);
}

void kmod_edit_put(struct nlmsghdr *h, const struct fw_edit *e)
{
	struct nlattr *nest = mnl_attr_nest_start(h, IPFWADM_A_EDIT);

	mnl_attr_put_u32(h, IPFWADM_EDIT_OP, e->op);
	if (e->op != FW_OP_TIMEOUTS)
		mnl_attr_put_u32(h, IPFWADM_EDIT_LIST, e->list);
	switch (e->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
		if (e->counters)
			mnl_attr_put(h, IPFWADM_EDIT_COUNTERS, 0, NULL);
		rule_put(h, &e->rule, e->counters);
		break;
	case FW_OP_DELETE:
		rule_put(h, &e->rule, false);
		break;
	case FW_OP_POLICY:
		mnl_attr_put_u32(h, IPFWADM_EDIT_POLICY, e->policy);
		break;
	case FW_OP_TIMEOUTS:
		timeouts_put(h, &e->timeouts);
		break;
	case FW_OP_FLUSH:
	case FW_OP_ZERO:
		break;
	}
	mnl_attr_nest_end(h, nest);
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
	u8_put(h, IPFWADM_PACKET_TOS, pkt->tos);
	u8_put(h, IPFWADM_PACKET_TTL, pkt->ttl);
	u16_put(h, IPFWADM_PACKET_ID, pkt->id);
	u16_put(h, IPFWADM_PACKET_FRAGMENT, pkt->frag_off);
	u16_put(h, IPFWADM_PACKET_SPORT, pkt->sport);
	u16_put(h, IPFWADM_PACKET_DPORT, pkt->dport);
	u8_put(h, IPFWADM_PACKET_TCP_FLAGS, pkt->tcpflags);
	u8_put(h, IPFWADM_PACKET_ICMP_TYPE, pkt->icmp_type);
	u8_put(h, IPFWADM_PACKET_ICMP_CODE, pkt->icmp_code);
	u16_put(h, IPFWADM_PACKET_ICMP_ID, pkt->icmp_id);
	options_put(h, pkt);
	u8_put(h, IPFWADM_PACKET_STATE, pkt->state);
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

/* The number in *to if a has its size: 0 or -EPROTO. */
static int number_get(const struct nlattr *a, void *to, size_t size)
{
	if (mnl_attr_get_payload_len(a) != size)
		return -EPROTO;
	memcpy(to, mnl_attr_get_payload(a), size);
	return 0;
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

/* Attributes unknown here are of a newer module: they are passed over. */
static int rule_attr_get(const struct nlattr *a, struct fw_rule *r)
{
	switch (mnl_attr_get_type(a)) {
	case IPFWADM_RULE_SRC:
		return number_get(a, &r->src, sizeof(r->src));
	case IPFWADM_RULE_SRC_MASK:
		return number_get(a, &r->smsk, sizeof(r->smsk));
	case IPFWADM_RULE_DST:
		return number_get(a, &r->dst, sizeof(r->dst));
	case IPFWADM_RULE_DST_MASK:
		return number_get(a, &r->dmsk, sizeof(r->dmsk));
	case IPFWADM_RULE_VIA:
		return number_get(a, &r->via, sizeof(r->via));
	case IPFWADM_RULE_FLAGS:
		return number_get(a, &r->flags, sizeof(r->flags));
	case IPFWADM_RULE_NSP:
		return number_get(a, &r->nsp, sizeof(r->nsp));
	case IPFWADM_RULE_NDP:
		return number_get(a, &r->ndp, sizeof(r->ndp));
	case IPFWADM_RULE_PORTS:
		return ports_get(a, r);
	case IPFWADM_RULE_TOS_AND:
		return number_get(a, &r->tosand, sizeof(r->tosand));
	case IPFWADM_RULE_TOS_XOR:
		return number_get(a, &r->tosxor, sizeof(r->tosxor));
	case IPFWADM_RULE_INTERFACE:
		return text_get(a, r->vianame, FW_IFNAMSIZ);
	case IPFWADM_RULE_STATE:
		return number_get(a, &r->state, sizeof(r->state));
	case IPFWADM_RULE_KEEP_STATE:
		return number_get(a, &r->keep_state, sizeof(r->keep_state));
	case IPFWADM_RULE_HELPER:
		return helper_get(a, r);
	case IPFWADM_RULE_COMMENT:
		return text_get(a, r->comment, FW_COMMENT_MAX);
	case IPFWADM_RULE_PACKETS:
		return number_get(a, &r->pcnt, sizeof(r->pcnt));
	case IPFWADM_RULE_BYTES:
		return number_get(a, &r->bcnt, sizeof(r->bcnt));
	default:
		return 0;
	}
}

static int rule_append(const struct nlattr *nest, __u32 list, struct fw_ruleset *rs)
{
	struct fw_edit edit = { .op = FW_OP_APPEND, .list = list, .counters = true };
	const struct nlattr *a;
	int err = 0;

	edit.rule.tosand = 0xff;
	mnl_attr_for_each_nested (a, nest) {
		err = rule_attr_get(a, &edit.rule);
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
	int err = 0;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == IPFWADM_A_GENERATION)
			err = number_get(a, generation, sizeof(*generation));
		else if (mnl_attr_get_type(a) == IPFWADM_A_LIST)
			err = number_get(a, &list, sizeof(list));
		else if (mnl_attr_get_type(a) == IPFWADM_A_RULE)
			err = rule_append(a, list, rs);
		if (err)
			return err;
	}
	return list < FW_LISTS ? 0 : -EPROTO;
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
	int err = 0;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == IPFWADM_TIMEOUT_TCP)
			err = number_get(a, &t->tcp, sizeof(t->tcp));
		else if (mnl_attr_get_type(a) == IPFWADM_TIMEOUT_TCPFIN)
			err = number_get(a, &t->tcpfin, sizeof(t->tcpfin));
		else if (mnl_attr_get_type(a) == IPFWADM_TIMEOUT_UDP)
			err = number_get(a, &t->udp, sizeof(t->udp));
		if (err)
			return err;
	}
	return 0;
}

int kmod_status_read(const struct nlmsghdr *h, struct fw_ruleset *rs, __u32 *generation)
{
	const struct nlattr *a;
	int err = 0;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == IPFWADM_A_GENERATION)
			err = number_get(a, generation, sizeof(*generation));
		else if (mnl_attr_get_type(a) == IPFWADM_A_POLICY)
			err = policies_read(a, rs);
		else if (mnl_attr_get_type(a) == IPFWADM_A_TIMEOUTS)
			err = timeouts_read(a, &rs->timeouts);
		if (err)
			return err;
	}
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

static bool attr_holds(const struct nlmsghdr *h, const struct nlattr *a, __u32 offset)
{
	size_t begin = (size_t)((const char *)a - (const char *)h);

	return begin <= offset && offset < begin + a->nla_len;
}

static enum fw_field rule_field(const struct nlmsghdr *h, const struct nlattr *nest,
				__u32 offset)
{
	static const __u8 field[IPFWADM_RULE_END] = {
		[IPFWADM_RULE_SRC] = FW_FIELD_SOURCE,
		[IPFWADM_RULE_SRC_MASK] = FW_FIELD_SOURCE,
		[IPFWADM_RULE_DST] = FW_FIELD_DESTINATION,
		[IPFWADM_RULE_DST_MASK] = FW_FIELD_DESTINATION,
		[IPFWADM_RULE_VIA] = FW_FIELD_VIA,
		[IPFWADM_RULE_FLAGS] = FW_FIELD_FLAGS,
		[IPFWADM_RULE_NSP] = FW_FIELD_PORTS,
		[IPFWADM_RULE_NDP] = FW_FIELD_PORTS,
		[IPFWADM_RULE_PORTS] = FW_FIELD_PORTS,
		[IPFWADM_RULE_TOS_AND] = FW_FIELD_TOS,
		[IPFWADM_RULE_TOS_XOR] = FW_FIELD_TOS,
		[IPFWADM_RULE_INTERFACE] = FW_FIELD_INTERFACE,
		[IPFWADM_RULE_STATE] = FW_FIELD_STATE,
		[IPFWADM_RULE_KEEP_STATE] = FW_FIELD_KEEP_STATE,
		[IPFWADM_RULE_HELPER] = FW_FIELD_HELPER,
		[IPFWADM_RULE_COMMENT] = FW_FIELD_COMMENT,
	};
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, nest)
		if (attr_holds(h, a, offset) && mnl_attr_get_type(a) < IPFWADM_RULE_END)
			return field[mnl_attr_get_type(a)];
	return FW_FIELD_NONE;
}

static enum fw_field edit_field(const struct nlmsghdr *h, const struct nlattr *nest,
				__u32 offset)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, nest) {
		if (!attr_holds(h, a, offset))
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
		if (attr_holds(h, a, offset)) {
			*edit = i;
			*field = edit_field(h, a, offset);
			return true;
		}
		i++;
	}
	return false;
}
