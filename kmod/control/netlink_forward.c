// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_forward.c - port forwards as netlink attributes, and back.
 */
#include "kmod/control/netlink.h"

static_assert(IPFWADM_FORWARD_ANY_ADDR == FW_PORTFW_ANY_ADDR);
static_assert(IPFWADM_FORWARD_HAS_PORT == FW_PORTFW_HAS_PORT);
static_assert(IPFWADM_FORWARD_SAME_PORT == FW_PORTFW_SAME_PORT);
static_assert(FW_HELPER_FTP == 2 && FW_HELPER_IRC == 4 && FW_HELPER_CUSEEME == 12 &&
	      FW_HELPER_QUAKE == 13 && FW_HELPER_RAUDIO == 14 && FW_HELPER_VDOLIVE == 15);
static_assert(IPFWADM_FORWARDS_MAX == FWK_FORWARDS_MAX);

const struct nla_policy fwk_forward_policy[IPFWADM_FORWARD_END] = {
	[IPFWADM_FORWARD_PROTO] = { .type = NLA_U8 },
	[IPFWADM_FORWARD_FLAGS] = NLA_POLICY_MASK(NLA_U8, FW_PORTFW_FLAGS),
	[IPFWADM_FORWARD_ADDR] = { .type = NLA_U32 },
	[IPFWADM_FORWARD_LOW] = { .type = NLA_U16 },
	[IPFWADM_FORWARD_HIGH] = { .type = NLA_U16 },
	[IPFWADM_FORWARD_MARK] = { .type = NLA_U32 },
	[IPFWADM_FORWARD_TO] = { .type = NLA_U32 },
	[IPFWADM_FORWARD_TO_PORT] = { .type = NLA_U16 },
	[IPFWADM_FORWARD_TRIGGER_PROTO] = { .type = NLA_U8 },
	[IPFWADM_FORWARD_TRIGGER_PORT] = { .type = NLA_U16 },
	[IPFWADM_FORWARD_TRIGGER_TIME] = { .type = NLA_U32 },
	[IPFWADM_FORWARD_WEIGHT] = { .type = NLA_U32 },
	[IPFWADM_FORWARD_LEFT] = { .type = NLA_U32 },
	[IPFWADM_FORWARD_CONNS] = { .type = NLA_U64 },
	[IPFWADM_FORWARD_HELPER] = { .type = NLA_U8 },
};

#define NUMBER(type, member) FWK_NUMBER(IPFWADM_FORWARD_##type, fw_portfw, member)

static const struct fwk_number numbers[] = {
	NUMBER(PROTO, proto),
	NUMBER(FLAGS, flags),
	NUMBER(ADDR, addr),
	NUMBER(LOW, low),
	NUMBER(HIGH, high),
	NUMBER(MARK, mark),
	NUMBER(TO, to),
	NUMBER(TO_PORT, to_port),
	NUMBER(TRIGGER_PROTO, trigger_proto),
	NUMBER(TRIGGER_PORT, trigger_port),
	NUMBER(TRIGGER_TIME, trigger_time),
	NUMBER(WEIGHT, weight),
	NUMBER(HELPER, helper),
};

int fwk_forward_put(struct sk_buff *skb, const struct fw_portfw *f)
{
	static const struct fw_portfw none;
	struct nlattr *nest = nla_nest_start(skb, IPFWADM_A_FORWARD);

	if (!nest)
		return -EMSGSIZE;
	if (fwk_numbers_put(skb, numbers, ARRAY_SIZE(numbers), f, &none) ||
	    nla_put_u32(skb, IPFWADM_FORWARD_LEFT, f->left) ||
	    nla_put_u64_64bit(skb, IPFWADM_FORWARD_CONNS, f->conns, IPFWADM_FORWARD_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

int fwk_forward_get(struct fw_portfw *f, const struct nlattr *nest,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_FORWARD_END];
	int err = nla_parse_nested(tb, IPFWADM_FORWARD_END - 1, nest, NULL, extack);

	if (err)
		return err;
	*f = (struct fw_portfw){ 0 };
	fwk_numbers_get(f, numbers, ARRAY_SIZE(numbers), tb);
	f->left = tb[IPFWADM_FORWARD_LEFT] ? nla_get_u32(tb[IPFWADM_FORWARD_LEFT]) : f->weight;
	if (tb[IPFWADM_FORWARD_CONNS])
		f->conns = nla_get_u64(tb[IPFWADM_FORWARD_CONNS]);
	if (f->trigger_port && f->to) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IPFWADM_FORWARD_TO], "a trigger learns its target");
		return -EINVAL;
	}
	if (f->trigger_time > FW_TIMEOUT_LONGEST) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IPFWADM_FORWARD_TRIGGER_TIME],
				    "a timeout is at most 21474836 seconds");
		return -ERANGE;
	}
	return 0;
}
