// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_check.c - CHECK: what would happen to a packet.
 */
#include <linux/capability.h>
#include <linux/log2.h>

#include "kmod/control/netlink.h"

static const struct nla_policy packet_policy[IPFWADM_PACKET_END] = {
	[IPFWADM_PACKET_SADDR] = { .type = NLA_U32 },
	[IPFWADM_PACKET_DADDR] = { .type = NLA_U32 },
	[IPFWADM_PACKET_PROTO] = { .type = NLA_U8 },
	[IPFWADM_PACKET_LENGTH] = { .type = NLA_U16 },
	[IPFWADM_PACKET_TOS] = { .type = NLA_U8 },
	[IPFWADM_PACKET_TTL] = { .type = NLA_U8 },
	[IPFWADM_PACKET_ID] = { .type = NLA_U16 },
	[IPFWADM_PACKET_FRAGMENT] = { .type = NLA_U16 },
	[IPFWADM_PACKET_SPORT] = { .type = NLA_U16 },
	[IPFWADM_PACKET_DPORT] = { .type = NLA_U16 },
	[IPFWADM_PACKET_TCP_FLAGS] = { .type = NLA_U8 },
	[IPFWADM_PACKET_ICMP_TYPE] = { .type = NLA_U8 },
	[IPFWADM_PACKET_ICMP_CODE] = { .type = NLA_U8 },
	[IPFWADM_PACKET_ICMP_ID] = { .type = NLA_U16 },
	[IPFWADM_PACKET_OPTIONS] = { .type = NLA_BINARY, .len = 4 * FW_PACKET_OPTIONS },
	[IPFWADM_PACKET_STATE] = NLA_POLICY_MASK(NLA_U8, FW_STATES),
};

static const struct nla_policy device_policy[IPFWADM_DEVICE_END] = {
	[IPFWADM_DEVICE_NAME] = { .type = NLA_NUL_STRING, .len = FW_IFNAMSIZ - 1 },
	[IPFWADM_DEVICE_ADDR] = { .type = NLA_U32 },
};

const struct nla_policy fwk_check_policy[IPFWADM_A_OUTGOING + 1] = {
	[IPFWADM_A_LIST] = NLA_POLICY_MAX(NLA_U32, FW_LISTS - 1),
	[IPFWADM_A_PACKET] = NLA_POLICY_NESTED(packet_policy),
	[IPFWADM_A_DEVICE] = NLA_POLICY_NESTED(device_policy),
	[IPFWADM_A_OUTGOING] = { .type = NLA_FLAG },
};

#define NUMBER(type, member) FWK_NUMBER(IPFWADM_PACKET_##type, fw_packet, member)

static const struct fwk_number packet_numbers[] = {
	NUMBER(SADDR, saddr),
	NUMBER(DADDR, daddr),
	NUMBER(PROTO, proto),
	NUMBER(LENGTH, len),
	NUMBER(TOS, tos),
	NUMBER(TTL, ttl),
	NUMBER(ID, id),
	NUMBER(FRAGMENT, frag_off),
	NUMBER(SPORT, sport),
	NUMBER(DPORT, dport),
	NUMBER(TCP_FLAGS, tcpflags),
	NUMBER(ICMP_TYPE, icmp_type),
	NUMBER(ICMP_CODE, icmp_code),
	NUMBER(ICMP_ID, icmp_id),
	NUMBER(STATE, state),
};

static int options_get(struct fw_packet *pkt, const struct nlattr *nla,
		       struct netlink_ext_ack *extack)
{
	__be32 words[FW_PACKET_OPTIONS];
	unsigned int i;

	if (!nla)
		return 0;
	if (nla_len(nla) % 4) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "options are words of four bytes");
		return -EINVAL;
	}
	pkt->noptions = nla_memcpy(words, nla, sizeof(words)) / 4;
	for (i = 0; i < pkt->noptions; i++)
		pkt->options[i] = be32_to_cpu(words[i]);
	return 0;
}

static int packet_get(struct fw_packet *pkt, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_PACKET_END];
	int err = nla_parse_nested(tb, IPFWADM_PACKET_END - 1, nest, NULL, extack);

	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, IPFWADM_PACKET_SADDR) ||
	    NL_REQ_ATTR_CHECK(extack, nest, tb, IPFWADM_PACKET_DADDR) ||
	    NL_REQ_ATTR_CHECK(extack, nest, tb, IPFWADM_PACKET_PROTO) ||
	    NL_REQ_ATTR_CHECK(extack, nest, tb, IPFWADM_PACKET_LENGTH)) {
		NL_SET_ERR_MSG(extack, "a packet has addresses, protocol and length");
		return -EINVAL;
	}
	*pkt = (struct fw_packet){ 0 };
	fwk_numbers_get(pkt, packet_numbers, ARRAY_SIZE(packet_numbers), tb);
	if (pkt->state && !is_power_of_2(pkt->state)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IPFWADM_PACKET_STATE],
				    "a packet has one state");
		return -EINVAL;
	}
	return options_get(pkt, tb[IPFWADM_PACKET_OPTIONS], extack);
}

static int device_get(struct fw_dev *dev, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_DEVICE_END];
	int err = nla_parse_nested(tb, IPFWADM_DEVICE_END - 1, nest, NULL, extack);

	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, IPFWADM_DEVICE_NAME) ||
	    NL_REQ_ATTR_CHECK(extack, nest, tb, IPFWADM_DEVICE_ADDR)) {
		NL_SET_ERR_MSG(extack, "a device has a name and an address");
		return -EINVAL;
	}
	memset(dev, 0, sizeof(*dev));
	dev->addr = nla_get_u32(tb[IPFWADM_DEVICE_ADDR]);
	return fwk_string_get(dev->name, sizeof(dev->name), tb[IPFWADM_DEVICE_NAME],
			      extack);
}

static int reply_put(struct sk_buff *skb, const struct genl_info *info,
		     const struct fwk_check *check)
{
	const struct fw_decision *d = &check->decision;
	void *hdr = genlmsg_put(skb, info->snd_portid, info->snd_seq, &fwk_netlink_family,
				0, IPFWADM_CMD_CHECK);

	if (!hdr || nla_put_u32(skb, IPFWADM_A_VERDICT, d->verdict) ||
	    nla_put_u32(skb, IPFWADM_A_BY, d->by) ||
	    nla_put_u8(skb, IPFWADM_A_TOS, d->tos) ||
	    (d->by == FW_BY_RULE && nla_put_u32(skb, IPFWADM_A_INDEX, d->rule)) ||
	    (d->verdict == FW_V_REDIRECT && check->walk.list == FW_INPUT &&
	     nla_put_u16(skb, IPFWADM_A_REDIRECT_PORT, d->redirport)) ||
	    (check->walk.list == FW_ACCT &&
	     nla_put(skb, IPFWADM_A_MATCHED, check->nmatched * sizeof(check->matched[0]),
		     check->matched)))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

static int reply_send(struct genl_info *info, const struct fwk_check *check)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	if (reply_put(skb, info, check)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	return genlmsg_reply(skb, info);
}

static int attributes_check(struct genl_info *info)
{
	struct nlattr **tb = info->attrs;

	if (GENL_REQ_ATTR_CHECK(info, IPFWADM_A_LIST) ||
	    GENL_REQ_ATTR_CHECK(info, IPFWADM_A_PACKET)) {
		GENL_SET_ERR_MSG(info, "a check needs a list and a packet");
		return -EINVAL;
	}
	if (tb[IPFWADM_A_OUTGOING] && nla_get_u32(tb[IPFWADM_A_LIST]) != FW_ACCT) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[IPFWADM_A_OUTGOING],
				    "only the accounting list is for both ways");
		return -EINVAL;
	}
	return 0;
}

/* Any process may check a packet, but only those with CAP_NET_ADMIN cause log lines. */
int fwk_check_do(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct nlattr **tb = info->attrs;
	struct fw_packet pkt;
	struct fw_dev dev;
	struct fwk_check check = {
		.walk.direction = tb[IPFWADM_A_OUTGOING] ? FW_DIR_OUT : FW_DIR_IN,
		.log = netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN),
	};
	int err;

	err = attributes_check(info) ?:
	      packet_get(&pkt, tb[IPFWADM_A_PACKET], info->extack);
	if (!err && tb[IPFWADM_A_DEVICE]) {
		check.walk.dev = &dev;
		err = device_get(&dev, tb[IPFWADM_A_DEVICE], info->extack);
	}
	if (err)
		return err;
	check.walk.list = nla_get_u32(tb[IPFWADM_A_LIST]);
	err = fwk_rules_check(net, &check, &pkt);
	if (err) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[IPFWADM_A_DEVICE],
				    "no device has that name and address");
		return err;
	}
	return reply_send(info, &check);
}
