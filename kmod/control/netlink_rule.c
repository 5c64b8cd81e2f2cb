// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_rule.c - rules and timeouts as netlink attributes, and back.
 */
#include "kmod/control/netlink_ops.h"

#define TOS_AND_DEFAULT 0xff

const struct nla_policy fw_rule_policy[IPFWADM_RULE_END] = {
	[IPFWADM_RULE_SRC] = { .type = NLA_U32 },
	[IPFWADM_RULE_SRC_MASK] = { .type = NLA_U32 },
	[IPFWADM_RULE_DST] = { .type = NLA_U32 },
	[IPFWADM_RULE_DST_MASK] = { .type = NLA_U32 },
	[IPFWADM_RULE_VIA] = { .type = NLA_U32 },
	[IPFWADM_RULE_FLAGS] = NLA_POLICY_MASK(NLA_U16, FW_FLAGS),
	[IPFWADM_RULE_NSP] = NLA_POLICY_MAX(NLA_U8, FW_MAX_PORTS),
	[IPFWADM_RULE_NDP] = NLA_POLICY_MAX(NLA_U8, FW_MAX_PORTS),
	[IPFWADM_RULE_PORTS] = { .type = NLA_BINARY, .len = FW_MAX_PORTS * sizeof(u16) },
	[IPFWADM_RULE_TOS_AND] = { .type = NLA_U8 },
	[IPFWADM_RULE_TOS_XOR] = { .type = NLA_U8 },
	[IPFWADM_RULE_INTERFACE] = { .type = NLA_NUL_STRING, .len = FW_IFNAMSIZ },
	[IPFWADM_RULE_STATE] = NLA_POLICY_MASK(NLA_U8, FW_STATES),
	[IPFWADM_RULE_KEEP_STATE] = NLA_POLICY_MAX(NLA_U8, 1),
	[IPFWADM_RULE_HELPER] = { .type = NLA_NUL_STRING, .len = IPFWADM_HELPER_MAX },
	[IPFWADM_RULE_COMMENT] = { .type = NLA_NUL_STRING, .len = FW_COMMENT_MAX },
	[IPFWADM_RULE_PACKETS] = { .type = NLA_U64 },
	[IPFWADM_RULE_BYTES] = { .type = NLA_U64 },
};

const struct nla_policy fw_timeouts_policy[IPFWADM_TIMEOUT_END] = {
	[IPFWADM_TIMEOUT_TCP] = { .type = NLA_U32 },
	[IPFWADM_TIMEOUT_TCPFIN] = { .type = NLA_U32 },
	[IPFWADM_TIMEOUT_UDP] = { .type = NLA_U32 },
};

/* what has the value that it would have if it were absent is left out */

static int u8_put(struct sk_buff *skb, int type, u8 value, u8 absent)
{
	return value == absent ? 0 : nla_put_u8(skb, type, value);
}

static int u16_put(struct sk_buff *skb, int type, u16 value)
{
	return value ? nla_put_u16(skb, type, value) : 0;
}

static int u32_put(struct sk_buff *skb, int type, u32 value)
{
	return value ? nla_put_u32(skb, type, value) : 0;
}

static int u64_put(struct sk_buff *skb, int type, u64 value)
{
	return value ? nla_put_u64_64bit(skb, type, value, IPFWADM_RULE_PAD) : 0;
}

/* text of up to max characters, with or without a NUL behind it */
static int string_put(struct sk_buff *skb, int type, const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	struct nlattr *nla;

	if (!len)
		return 0;
	nla = nla_reserve(skb, type, len + 1);
	if (!nla)
		return -EMSGSIZE;
	memcpy(nla_data(nla), text, len);
	((char *)nla_data(nla))[len] = '\0';
	return 0;
}

static int ports_put(struct sk_buff *skb, const struct fw_rule *r)
{
	unsigned int n = FW_MAX_PORTS;

	while (n && !r->pts[n - 1])
		n--;
	return n ? nla_put(skb, IPFWADM_RULE_PORTS, n * sizeof(r->pts[0]), r->pts) : 0;
}

static int helper_put(struct sk_buff *skb, const struct fw_rule *r)
{
	const char *name = fw_helper_name(r->helper);

	return name ? string_put(skb, IPFWADM_RULE_HELPER, name, IPFWADM_HELPER_MAX) : 0;
}

static int rule_members_put(struct sk_buff *skb, const struct fw_rule *r,
			    const struct fw_count *count)
{
	return u32_put(skb, IPFWADM_RULE_SRC, r->src) ||
	       u32_put(skb, IPFWADM_RULE_SRC_MASK, r->smsk) ||
	       u32_put(skb, IPFWADM_RULE_DST, r->dst) ||
	       u32_put(skb, IPFWADM_RULE_DST_MASK, r->dmsk) ||
	       u32_put(skb, IPFWADM_RULE_VIA, r->via) ||
	       u16_put(skb, IPFWADM_RULE_FLAGS, r->flags) ||
	       u8_put(skb, IPFWADM_RULE_NSP, r->nsp, 0) ||
	       u8_put(skb, IPFWADM_RULE_NDP, r->ndp, 0) || ports_put(skb, r) ||
	       u8_put(skb, IPFWADM_RULE_TOS_AND, r->tosand, TOS_AND_DEFAULT) ||
	       u8_put(skb, IPFWADM_RULE_TOS_XOR, r->tosxor, 0) ||
	       string_put(skb, IPFWADM_RULE_INTERFACE, r->vianame, FW_IFNAMSIZ) ||
	       u8_put(skb, IPFWADM_RULE_STATE, r->state, 0) ||
	       u8_put(skb, IPFWADM_RULE_KEEP_STATE, r->keep_state, 0) ||
	       helper_put(skb, r) ||
	       string_put(skb, IPFWADM_RULE_COMMENT, r->comment, FW_COMMENT_MAX) ||
	       u64_put(skb, IPFWADM_RULE_PACKETS, count->packets) ||
	       u64_put(skb, IPFWADM_RULE_BYTES, count->bytes);
}

int fw_rule_put(struct sk_buff *skb, const struct fw_rule *r,
		const struct fw_count *count)
{
	struct nlattr *nest = nla_nest_start(skb, IPFWADM_A_RULE);

	if (!nest)
		return -EMSGSIZE;
	if (rule_members_put(skb, r, count)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* the values of attributes that may be absent */

static u8 u8_get(const struct nlattr *nla, u8 absent)
{
	return nla ? nla_get_u8(nla) : absent;
}

static u16 u16_get(const struct nlattr *nla)
{
	return nla ? nla_get_u16(nla) : 0;
}

static u32 u32_get(const struct nlattr *nla)
{
	return nla ? nla_get_u32(nla) : 0;
}

static u64 u64_get(const struct nlattr *nla)
{
	return nla ? nla_get_u64(nla) : 0;
}

int fw_string_get(char *dst, size_t max, const struct nlattr *nla,
		  struct netlink_ext_ack *extack)
{
	size_t len;

	memset(dst, 0, max);
	if (!nla)
		return 0;
	len = strnlen(nla_data(nla), nla_len(nla));
	if (len + 1 != nla_len(nla) || len > max) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "a string goes on behind its end");
		return -EINVAL;
	}
	memcpy(dst, nla_data(nla), len);
	return 0;
}

static int ports_get(struct fw_rule *r, const struct nlattr *nla,
		     struct netlink_ext_ack *extack)
{
	if (!nla)
		return 0;
	if (nla_len(nla) % sizeof(r->pts[0])) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "half a port");
		return -EINVAL;
	}
	nla_memcpy(r->pts, nla, sizeof(r->pts));
	return 0;
}

static int helper_get(struct fw_rule *r, const struct nlattr *nla,
		      struct netlink_ext_ack *extack)
{
	char name[IPFWADM_HELPER_MAX + 1] = "";
	int err;

	if (!nla)
		return 0;
	err = fw_string_get(name, IPFWADM_HELPER_MAX, nla, extack);
	if (err)
		return err;
	r->helper = fw_helper_find(name);
	if (!r->helper) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "unknown helper");
		return -EINVAL;
	}
	return 0;
}

static int state_refuse(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	static const u8 types[] = {
		IPFWADM_RULE_STATE, IPFWADM_RULE_KEEP_STATE, IPFWADM_RULE_HELPER,
	};
	unsigned int i;

	if (FW_FEATURES & IPFWADM_FEATURE_STATE)
		return 0;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (!tb[types[i]])
			continue;
		NL_SET_ERR_MSG_ATTR(extack, tb[types[i]],
				    "this module does not know connection states");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* the policy of the operation has seen into the nest: no need to do so again */
static int nest_parse(struct nlattr **tb, int max, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	return nla_parse_nested(tb, max, nest, NULL, extack);
}

int fw_rule_get(struct fw_rule *r, const struct nlattr *nest,
		struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_RULE_END];
	int err = nest_parse(tb, IPFWADM_RULE_END - 1, nest, extack);

	if (err)
		return err;
	memset(r, 0, sizeof(*r));
	r->src = u32_get(tb[IPFWADM_RULE_SRC]);
	r->smsk = u32_get(tb[IPFWADM_RULE_SRC_MASK]);
	r->dst = u32_get(tb[IPFWADM_RULE_DST]);
	r->dmsk = u32_get(tb[IPFWADM_RULE_DST_MASK]);
	r->via = u32_get(tb[IPFWADM_RULE_VIA]);
	r->flags = u16_get(tb[IPFWADM_RULE_FLAGS]);
	r->nsp = u8_get(tb[IPFWADM_RULE_NSP], 0);
	r->ndp = u8_get(tb[IPFWADM_RULE_NDP], 0);
	r->tosand = u8_get(tb[IPFWADM_RULE_TOS_AND], TOS_AND_DEFAULT);
	r->tosxor = u8_get(tb[IPFWADM_RULE_TOS_XOR], 0);
	r->state = u8_get(tb[IPFWADM_RULE_STATE], 0);
	r->keep_state = u8_get(tb[IPFWADM_RULE_KEEP_STATE], 0);
	r->pcnt = u64_get(tb[IPFWADM_RULE_PACKETS]);
	r->bcnt = u64_get(tb[IPFWADM_RULE_BYTES]);
	return state_refuse(tb, extack) ?: ports_get(r, tb[IPFWADM_RULE_PORTS], extack) ?:
	       helper_get(r, tb[IPFWADM_RULE_HELPER], extack) ?:
	       fw_string_get(r->vianame, sizeof(r->vianame), tb[IPFWADM_RULE_INTERFACE],
			     extack) ?:
	       fw_string_get(r->comment, FW_COMMENT_MAX, tb[IPFWADM_RULE_COMMENT],
			     extack);
}

const struct nlattr *fw_rule_attr(const struct nlattr *nest, enum fw_field field)
{
	static const u8 types[] = {
		[FW_FIELD_PROTOCOL] = IPFWADM_RULE_FLAGS,
		[FW_FIELD_SOURCE] = IPFWADM_RULE_SRC,
		[FW_FIELD_DESTINATION] = IPFWADM_RULE_DST,
		[FW_FIELD_PORTS] = IPFWADM_RULE_PORTS,
		[FW_FIELD_VIA] = IPFWADM_RULE_VIA,
		[FW_FIELD_INTERFACE] = IPFWADM_RULE_INTERFACE,
		[FW_FIELD_REDIRECT] = IPFWADM_RULE_FLAGS,
		[FW_FIELD_MASQUERADE] = IPFWADM_RULE_FLAGS,
		[FW_FIELD_TOS] = IPFWADM_RULE_TOS_AND,
		[FW_FIELD_STATE] = IPFWADM_RULE_STATE,
		[FW_FIELD_KEEP_STATE] = IPFWADM_RULE_KEEP_STATE,
		[FW_FIELD_HELPER] = IPFWADM_RULE_HELPER,
		[FW_FIELD_COMMENT] = IPFWADM_RULE_COMMENT,
		[FW_FIELD_FLAGS] = IPFWADM_RULE_FLAGS,
	};
	struct nlattr *tb[IPFWADM_RULE_END];

	if (field >= ARRAY_SIZE(types) || !types[field] ||
	    nest_parse(tb, IPFWADM_RULE_END - 1, nest, NULL) || !tb[types[field]])
		return nest;
	return tb[types[field]];
}

int fw_timeouts_put(struct sk_buff *skb, const struct fw_timeouts *t)
{
	struct nlattr *nest = nla_nest_start(skb, IPFWADM_A_TIMEOUTS);

	if (!nest || nla_put_u32(skb, IPFWADM_TIMEOUT_TCP, t->tcp) ||
	    nla_put_u32(skb, IPFWADM_TIMEOUT_TCPFIN, t->tcpfin) ||
	    nla_put_u32(skb, IPFWADM_TIMEOUT_UDP, t->udp))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int fw_timeouts_get(struct fw_timeouts *t, const struct nlattr *nest,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_TIMEOUT_END];
	int err = nest_parse(tb, IPFWADM_TIMEOUT_END - 1, nest, extack);

	if (err)
		return err;
	t->tcp = u32_get(tb[IPFWADM_TIMEOUT_TCP]);
	t->tcpfin = u32_get(tb[IPFWADM_TIMEOUT_TCPFIN]);
	t->udp = u32_get(tb[IPFWADM_TIMEOUT_UDP]);
	return 0;
}
