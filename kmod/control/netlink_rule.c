// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_rule.c - rules and timeouts as netlink attributes, and back.
 */
#include "kmod/control/netlink.h"
#include "kmod/core/names.h"

const struct nla_policy fwk_rule_policy[IPFWADM_RULE_END] = {
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

const struct nla_policy fwk_timeouts_policy[IPFWADM_TIMEOUT_END] = {
	[IPFWADM_TIMEOUT_TCP] = { .type = NLA_U32 },
	[IPFWADM_TIMEOUT_TCPFIN] = { .type = NLA_U32 },
	[IPFWADM_TIMEOUT_UDP] = { .type = NLA_U32 },
};

/* an attribute that is left out has the value that the member has here */
static const struct fw_rule absent = { .tosand = 0xff };

#define NUMBER(type, member) FWK_NUMBER(IPFWADM_RULE_##type, fw_rule, member)

static const struct fwk_number rule_numbers[] = {
	NUMBER(SRC, src),        NUMBER(SRC_MASK, smsk), NUMBER(DST, dst),
	NUMBER(DST_MASK, dmsk),  NUMBER(VIA, via),       NUMBER(FLAGS, flags),
	NUMBER(NSP, nsp),        NUMBER(NDP, ndp),       NUMBER(TOS_AND, tosand),
	NUMBER(TOS_XOR, tosxor), NUMBER(STATE, state),   NUMBER(KEEP_STATE, keep_state),
};

int fwk_numbers_put(struct sk_buff *skb, const struct fwk_number *map, unsigned int n,
		    const void *from, const void *none)
{
	for (; n--; map++) {
		const void *value = (const char *)from + map->offset;

		if (memcmp(value, (const char *)none + map->offset, map->size) &&
		    nla_put(skb, map->type, map->size, value))
			return -EMSGSIZE;
	}
	return 0;
}

static int u64_put(struct sk_buff *skb, int type, u64 value)
{
	return value ? nla_put_u64_64bit(skb, type, value, IPFWADM_RULE_PAD) : 0;
}

/* Puts a string of up to max characters; text of that length has no NUL. */
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

int fwk_rule_put(struct sk_buff *skb, const struct fw_rule *r,
		 const struct fwk_count *count)
{
	struct nlattr *nest = nla_nest_start(skb, IPFWADM_A_RULE);

	if (!nest)
		return -EMSGSIZE;
	if (fwk_numbers_put(skb, rule_numbers, ARRAY_SIZE(rule_numbers), r, &absent) ||
	    ports_put(skb, r) ||
	    string_put(skb, IPFWADM_RULE_INTERFACE, r->vianame, FW_IFNAMSIZ) ||
	    helper_put(skb, r) ||
	    string_put(skb, IPFWADM_RULE_COMMENT, r->comment, FW_COMMENT_MAX) ||
	    u64_put(skb, IPFWADM_RULE_PACKETS, count->packets) ||
	    u64_put(skb, IPFWADM_RULE_BYTES, count->bytes)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

void fwk_numbers_get(void *to, const struct fwk_number *map, unsigned int n,
		     struct nlattr **tb)
{
	for (; n--; map++)
		if (tb[map->type])
			nla_memcpy((char *)to + map->offset, tb[map->type], map->size);
}

int fwk_string_get(char *dst, size_t max, const struct nlattr *nla,
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
	err = fwk_string_get(name, IPFWADM_HELPER_MAX, nla, extack);
	if (err)
		return err;
	r->helper = fw_helper_find(name);
	if (!r->helper) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "unknown helper");
		return -EINVAL;
	}
	return 0;
}

int fwk_rule_get(struct fw_rule *r, const struct nlattr *nest,
		 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_RULE_END];
	int err = nla_parse_nested(tb, IPFWADM_RULE_END - 1, nest, NULL, extack);

	if (err)
		return err;
	*r = absent;
	fwk_numbers_get(r, rule_numbers, ARRAY_SIZE(rule_numbers), tb);
	if (tb[IPFWADM_RULE_PACKETS])
		r->pcnt = nla_get_u64(tb[IPFWADM_RULE_PACKETS]);
	if (tb[IPFWADM_RULE_BYTES])
		r->bcnt = nla_get_u64(tb[IPFWADM_RULE_BYTES]);
	return ports_get(r, tb[IPFWADM_RULE_PORTS], extack) ?:
	       helper_get(r, tb[IPFWADM_RULE_HELPER], extack) ?:
	       fwk_string_get(r->vianame, sizeof(r->vianame), tb[IPFWADM_RULE_INTERFACE],
			      extack) ?:
	       fwk_string_get(r->comment, FW_COMMENT_MAX, tb[IPFWADM_RULE_COMMENT],
			      extack);
}

const struct nlattr *fwk_rule_attr(const struct nlattr *nest, enum fw_field field)
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
	    nla_parse_nested(tb, IPFWADM_RULE_END - 1, nest, NULL, NULL) || !tb[types[field]])
		return nest;
	return tb[types[field]];
}

static const struct fwk_number timeout_numbers[] = {
	FWK_NUMBER(IPFWADM_TIMEOUT_TCP, fw_timeouts, tcp),
	FWK_NUMBER(IPFWADM_TIMEOUT_TCPFIN, fw_timeouts, tcpfin),
	FWK_NUMBER(IPFWADM_TIMEOUT_UDP, fw_timeouts, udp),
};

int fwk_timeouts_put(struct sk_buff *skb, const struct fw_timeouts *t)
{
	struct nlattr *nest = nla_nest_start(skb, IPFWADM_A_TIMEOUTS);

	if (!nest || nla_put_u32(skb, IPFWADM_TIMEOUT_TCP, t->tcp) ||
	    nla_put_u32(skb, IPFWADM_TIMEOUT_TCPFIN, t->tcpfin) ||
	    nla_put_u32(skb, IPFWADM_TIMEOUT_UDP, t->udp))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int fwk_timeouts_get(struct fw_timeouts *t, const struct nlattr *nest,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_TIMEOUT_END];
	int err = nla_parse_nested(tb, IPFWADM_TIMEOUT_END - 1, nest, NULL, extack);

	if (err)
		return err;
	fwk_numbers_get(t, timeout_numbers, ARRAY_SIZE(timeout_numbers), tb);
	return 0;
}
