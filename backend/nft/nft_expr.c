// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_expr.c - a plan's rule as nf_tables expressions.
 *
 * They are those that nft makes of the emitter's text, so that a table loaded
 * either way lists the same.  They are written as the kernel dumps them, to the
 * order of attributes and with all that are optional: what it dumps is then
 * what was sent, byte for byte.
 */
#include "backend/nft/nft_expr.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "backend/netlink/netlink_attr.h"
#include "backend/nft/nft_put.h"
#include "backend/nft/nft_set.h"

#define OFFSET_TOS 1		/* offsets into the IP header */
#define OFFSET_LENGTH 2
#define OFFSET_FRAGMENT 6
#define OFFSET_PROTOCOL 9
#define OFFSET_CHECKSUM 10
#define OFFSET_SOURCE 12
#define OFFSET_DESTINATION 16
#define OFFSET_TCP_FLAGS 13
#define LOG_WARNING 4

struct build {
	struct nft_put put;
	const struct emit_rule *simple;
	__u32 next_set;
	bool protocol_tested;	/* by "meta l4proto", for what follows */
	int error;		/* the first one, or 0 */
};

/* TOS and identification are covered by the header checksum */
static void expr_header_write(struct build *b, __u32 offset, __u32 len)
{
	nft_put_begin(&b->put, "payload");
	nft_put_be32(&b->put, NFTA_PAYLOAD_SREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nft_put_be32(&b->put, NFTA_PAYLOAD_OFFSET, offset);
	nft_put_be32(&b->put, NFTA_PAYLOAD_LEN, len);
	nft_put_be32(&b->put, NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
	nft_put_be32(&b->put, NFTA_PAYLOAD_CSUM_OFFSET, OFFSET_CHECKSUM);
	nft_put_be32(&b->put, NFTA_PAYLOAD_CSUM_FLAGS, 0);
	nft_put_end(&b->put);
}

/* Looks register 1 up in the rule's next set. */
static void expr_lookup(struct build *b, bool invert)
{
	nft_put_begin(&b->put, "lookup");
	netlink_put_text(b->put.h, NFTA_LOOKUP_SET, NFT_SET_NAME);
	nft_put_be32(&b->put, NFTA_LOOKUP_SREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_LOOKUP_SET_ID, b->next_set++);
	nft_put_be32(&b->put, NFTA_LOOKUP_FLAGS, invert ? NFT_LOOKUP_F_INV : 0);
	nft_put_end(&b->put);
}

/* Register 1 is not lo to hi. */
static void expr_range(struct build *b, const void *lo, const void *hi, __u32 size)
{
	nft_put_begin(&b->put, "range");
	nft_put_be32(&b->put, NFTA_RANGE_SREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_RANGE_OP, NFT_RANGE_NEQ);
	nft_put_value(&b->put, NFTA_RANGE_FROM_DATA, lo, size);
	nft_put_value(&b->put, NFTA_RANGE_TO_DATA, hi, size);
	nft_put_end(&b->put);
}

static void expr_range_not(struct build *b, const struct plan_range *r, unsigned int size)
{
	__u8 lo[2], hi[2];

	expr_range(b, nft_number_wire(lo, r->lo, size), nft_number_wire(hi, r->hi, size), size);
}

/* tests register 1, a number of size 1 or 2, against the ranges of m */
static void match_ranges(struct build *b, const struct plan_match *m, unsigned int size)
{
	const struct plan_range *r = m->ranges.item;
	__u8 wire[2];

	if (nft_match_has_set(m)) {
		expr_lookup(b, m->invert);
	} else if (r->lo == r->hi) {
		nft_put_equal(&b->put, m->invert, nft_number_wire(wire, r->lo, size), size);
	} else if (m->invert) {
		expr_range_not(b, r, size);
	} else {
		nft_put_compare(&b->put, NFT_CMP_GTE, nft_number_wire(wire, r->lo, size), size);
		nft_put_compare(&b->put, NFT_CMP_LTE, nft_number_wire(wire, r->hi, size), size);
	}
}

/* What looks behind the IP header asks for the protocol once. */
static void match_protocol_implied(struct build *b, int protocol)
{
	__u8 number = (__u8)protocol;

	if (b->protocol_tested)
		return;
	b->protocol_tested = true;
	nft_put_meta(&b->put, NFT_META_L4PROTO);
	nft_put_equal(&b->put, false, &number, 1);
}

static bool ports_are_one(const struct plan_match *m)
{
	return m->ranges.count == 1 && !m->invert &&
	       m->ranges.item->lo == m->ranges.item->hi;
}

static bool protocol_has_ports(int protocol)
{
	return protocol == FW_PROTO_TCP || protocol == FW_PROTO_UDP;
}

static void match_ports(struct build *b, const struct plan_match *m, __u32 offset)
{
	int protocol = emit_rule_protocol(b->simple);

	if (protocol_has_ports(protocol))
		match_protocol_implied(b, protocol);
	nft_put_transport(&b->put, offset, 2);
	match_ranges(b, m, 2);
}

/* one source port and one destination port are read together */
static void match_port_pair(struct build *b, const struct plan_match *m)
{
	int protocol = emit_rule_protocol(b->simple);
	__u8 wire[4];

	if (protocol_has_ports(protocol))
		match_protocol_implied(b, protocol);
	nft_number_wire(wire, m[0].ranges.item->lo, 2);
	nft_number_wire(wire + 2, m[1].ranges.item->lo, 2);
	nft_put_transport(&b->put, 0, 4);
	nft_put_equal(&b->put, false, wire, 4);
}

static void match_icmp_type(struct build *b, const struct plan_match *m)
{
	match_protocol_implied(b, FW_PROTO_ICMP);
	nft_put_transport(&b->put, 0, 1);
	match_ranges(b, m, 1);
}

static void match_tcp_flags(struct build *b, const struct plan_match *m)
{
	__u8 mask = (__u8)m->bits.mask, value = (__u8)m->bits.value;

	match_protocol_implied(b, FW_PROTO_TCP);
	nft_put_transport(&b->put, OFFSET_TCP_FLAGS, 1);
	nft_put_bitwise(&b->put, &mask, NULL, 1);
	nft_put_equal(&b->put, m->invert, &value, 1);
}

/* A prefix of whole bytes is read as just these. */
static void match_address(struct build *b, const struct plan_match *m, __u32 offset)
{
	__be32 mask = htobe32(m->bits.mask), value = htobe32(m->bits.value);
	unsigned int length = 4;

	if (emit_mask_is_prefix(m->bits.mask)) {
		length = (unsigned int)__builtin_popcount(m->bits.mask);
		if (length % 8 == 0) {
			nft_put_header(&b->put, offset, length / 8);
			nft_put_equal(&b->put, m->invert, &value, length / 8);
			return;
		}
	}
	nft_put_header(&b->put, offset, 4);
	nft_put_bitwise(&b->put, &mask, NULL, 4);
	nft_put_equal(&b->put, m->invert, &value, 4);
}

static void match_names(struct build *b, const struct plan_match *m, __u32 key)
{
	char name[FW_IFNAMSIZ] = "";

	nft_put_meta(&b->put, key);
	if (nft_match_has_set(m)) {
		expr_lookup(b, m->invert);
		return;
	}
	memcpy(name, m->names.item[0], strnlen(m->names.item[0], sizeof(name) - 1));
	nft_put_equal(&b->put, m->invert, name, sizeof(name));
}

/* (register 1 & mask) is value; all four bytes, host order */
static void match_bits(struct build *b, bool invert, __u32 mask, __u32 value)
{
	if (mask != ~0u)
		nft_put_bitwise(&b->put, &mask, NULL, sizeof(mask));
	nft_put_equal(&b->put, invert, &value, sizeof(value));
}

static __u32 ct_states(__u32 states)
{
	return (states & FW_STATE_INVALID ? NF_CT_STATE_INVALID_BIT : 0) |
	       (states & FW_STATE_ESTABLISHED ? NF_CT_STATE_BIT(IP_CT_ESTABLISHED) : 0) |
	       (states & FW_STATE_RELATED ? NF_CT_STATE_BIT(IP_CT_RELATED) : 0) |
	       (states & FW_STATE_NEW ? NF_CT_STATE_BIT(IP_CT_NEW) : 0);
}

static void match_reply(struct build *b, const struct plan_match *m)
{
	__u8 direction = m->invert ? IP_CT_DIR_ORIGINAL : IP_CT_DIR_REPLY;

	nft_put_ct(&b->put, NFT_CT_DIRECTION);
	nft_put_equal(&b->put, false, &direction, 1);
}

static void match_fragment(struct build *b, bool differs, __u16 offset)
{
	static const __u8 mask[2] = { FW_IP_OFFSET >> 8, FW_IP_OFFSET & 0xff };
	__u8 value[2];

	nft_put_header(&b->put, OFFSET_FRAGMENT, 2);
	nft_put_bitwise(&b->put, mask, NULL, 2);
	nft_put_equal(&b->put, differs, nft_number_wire(value, offset, 2), 2);
}

static void match_tos(struct build *b, const struct plan_match *m, unsigned int shift)
{
	__u8 mask = (__u8)(m->bits.mask << shift), value = (__u8)(m->bits.value << shift);

	nft_put_header(&b->put, OFFSET_TOS, 1);
	nft_put_bitwise(&b->put, &mask, NULL, 1);
	nft_put_equal(&b->put, m->invert, &value, 1);
}

static void match_short(struct build *b, const struct plan_match *m)
{
	static const __u8 low = 0x0f;

	nft_put_header(&b->put, 0, 1);
	nft_put_bitwise(&b->put, &low, NULL, 1);
	nft_put_payload(&b->put, NFT_REG32_01, NFT_PAYLOAD_NETWORK_HEADER, OFFSET_LENGTH, 2);
	expr_lookup(b, m->invert);
}

static void match_plain(struct build *b, const struct plan_match *m)
{
	static const __u8 low = 0x0f, words = PLAN_IP_HEADER / 4;
	__u8 length[2];

	nft_put_header(&b->put, 0, 1);
	nft_put_bitwise(&b->put, &low, NULL, 1);
	nft_put_equal(&b->put, false, &words, 1);
	nft_put_header(&b->put, OFFSET_LENGTH, 2);
	nft_put_compare(&b->put, NFT_CMP_GTE,
			nft_number_wire(length, PLAN_IP_HEADER + m->bits.value, 2), 2);
}

static void match_never(struct build *b)
{
	static const __u8 high = 0xf0, ipv4 = 0x40;

	nft_put_header(&b->put, 0, 1);
	nft_put_bitwise(&b->put, &high, NULL, 1);
	nft_put_equal(&b->put, true, &ipv4, 1);
}

static void match_local(struct build *b, const struct plan_match *m)
{
	const __u32 local = RTN_LOCAL;

	nft_put_begin(&b->put, "fib");
	nft_put_be32(&b->put, NFTA_FIB_DREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nft_put_be32(&b->put, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	nft_put_end(&b->put);
	nft_put_equal(&b->put, m->invert, &local, sizeof(local));
}

/* Numbers in host order can be equal, but have no order. */
static void match_turn(struct build *b, const struct plan_match *m)
{
	const __be32 lo = htobe32(m->turn.lo), hi = htobe32(m->turn.hi);

	nft_put_begin(&b->put, "numgen");
	nft_put_be32(&b->put, NFTA_NG_DREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_NG_MODULUS, m->turn.of);
	nft_put_be32(&b->put, NFTA_NG_TYPE, NFT_NG_INCREMENTAL);
	nft_put_be32(&b->put, NFTA_NG_OFFSET, 0);
	nft_put_end(&b->put);
	if (m->turn.lo == m->turn.hi) {
		nft_put_equal(&b->put, true, &m->turn.lo, sizeof(m->turn.lo));
		return;
	}
	nft_put_begin(&b->put, "byteorder");
	nft_put_be32(&b->put, NFTA_BYTEORDER_SREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_BYTEORDER_DREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	nft_put_be32(&b->put, NFTA_BYTEORDER_LEN, sizeof(lo));
	nft_put_be32(&b->put, NFTA_BYTEORDER_SIZE, sizeof(lo));
	nft_put_end(&b->put);
	expr_range(b, &lo, &hi, sizeof(lo));
}

static void match_build(struct build *b, const struct plan_match *m)
{
	switch (m->type) {
	case PLAN_M_NEVER:
		match_never(b);
		break;
	case PLAN_M_SADDR:
		match_address(b, m, OFFSET_SOURCE);
		break;
	case PLAN_M_DADDR:
		match_address(b, m, OFFSET_DESTINATION);
		break;
	case PLAN_M_PROTO:
		nft_put_header(&b->put, OFFSET_PROTOCOL, 1);
		match_ranges(b, m, 1);
		break;
	case PLAN_M_SPORT:
		match_ports(b, m, 0);
		break;
	case PLAN_M_DPORT:
		match_ports(b, m, 2);
		break;
	case PLAN_M_ICMP_TYPE:
		match_icmp_type(b, m);
		break;
	case PLAN_M_TCP_FLAGS:
		match_tcp_flags(b, m);
		break;
	case PLAN_M_IIFNAME:
		match_names(b, m, NFT_META_IIFNAME);
		break;
	case PLAN_M_OIFNAME:
		match_names(b, m, NFT_META_OIFNAME);
		break;
	case PLAN_M_CT_STATE:
		nft_put_ct(&b->put, NFT_CT_STATE);
		match_bits(b, !m->invert, ct_states(m->bits.value), 0);
		break;
	case PLAN_M_CT_STATUS_SNAT:
		nft_put_ct(&b->put, NFT_CT_STATUS);
		match_bits(b, !m->invert, IPS_SRC_NAT, 0);
		break;
	case PLAN_M_CT_STATUS_DNAT:
		nft_put_ct(&b->put, NFT_CT_STATUS);
		match_bits(b, !m->invert, IPS_DST_NAT, 0);
		break;
	case PLAN_M_CT_STATUS_EXPECTED:
		nft_put_ct(&b->put, NFT_CT_STATUS);
		match_bits(b, !m->invert, IPS_EXPECTED, 0);
		break;
	case PLAN_M_CT_STATUS_CONFIRMED:
		nft_put_ct(&b->put, NFT_CT_STATUS);
		match_bits(b, !m->invert, IPS_CONFIRMED, 0);
		break;
	case PLAN_M_CT_REPLY:
		match_reply(b, m);
		break;
	case PLAN_M_CT_ORIG_DADDR:	/* for xtables */
	case PLAN_M_CT_ORIG_DPORT:
		b->error = -EINVAL;
		break;
	case PLAN_M_CT_MARK:
		nft_put_ct(&b->put, NFT_CT_MARK);
		match_bits(b, m->invert, m->bits.mask, m->bits.value);
		break;
	case PLAN_M_MARK:
		nft_put_meta(&b->put, NFT_META_MARK);
		match_bits(b, m->invert, m->bits.mask, m->bits.value);
		break;
	case PLAN_M_FRAGMENT:
		match_fragment(b, !m->invert, 0);
		break;
	case PLAN_M_FRAGMENT_AT_1:
		match_fragment(b, m->invert, 1);
		break;
	case PLAN_M_SHORT:
		match_short(b, m);
		break;
	case PLAN_M_PLAIN:
		match_plain(b, m);
		break;
	case PLAN_M_DSCP:
		match_tos(b, m, 2);
		break;
	case PLAN_M_ECN:
		match_tos(b, m, 0);
		break;
	case PLAN_M_LOCAL:
		match_local(b, m);
		break;
	case PLAN_M_TURN:
		match_turn(b, m);
		break;
	}
}

static void action_counter(struct build *b, const struct plan_rule *p)
{
	nft_put_begin(&b->put, "counter");
	netlink_put_be64(b->put.h, NFTA_COUNTER_BYTES, p->bytes);
	netlink_put_be64(b->put.h, NFTA_COUNTER_PACKETS, p->packets);
	nft_put_end(&b->put);
}

static void action_log(struct build *b, const struct plan_action *a)
{
	nft_put_begin(&b->put, "log");
	netlink_put_text(b->put.h, NFTA_LOG_PREFIX, a->text);
	if (a->log_group)
		netlink_put_be16(b->put.h, NFTA_LOG_GROUP, a->log_group);
	else
		nft_put_be32(&b->put, NFTA_LOG_LEVEL, LOG_WARNING);
	nft_put_end(&b->put);
}

/* Version and header length precede the TOS byte and are written again. */
static void action_tos(struct build *b, __u8 keep, __u8 value)
{
	__u8 mask[2] = { 0xff, keep }, xor[2] = { 0, value };

	nft_put_header(&b->put, 0, 2);
	nft_put_bitwise(&b->put, mask, xor, 2);
	expr_header_write(b, 0, 2);
}

/* The bits of the mark at hand that stay, or nothing of it; then the new ones. */
static void mark_change(struct build *b, const struct plan_action *a,
			void (*read)(struct nft_put *p, __u32 key), __u32 key)
{
	__u32 keep = ~a->bits.mask;

	if (keep) {
		read(&b->put, key);
		nft_put_bitwise(&b->put, &keep, &a->bits.value, 4);
	} else {
		nft_put_immediate(&b->put, NFT_REG_1, &a->bits.value, 4);
	}
}

static void action_mark(struct build *b, const struct plan_action *a)
{
	mark_change(b, a, nft_put_meta, NFT_META_MARK);
	nft_put_begin(&b->put, "meta");
	nft_put_be32(&b->put, NFTA_META_KEY, NFT_META_MARK);
	nft_put_be32(&b->put, NFTA_META_SREG, NFT_REG_1);
	nft_put_end(&b->put);
}

static void action_ct_mark(struct build *b, const struct plan_action *a)
{
	mark_change(b, a, nft_put_ct, NFT_CT_MARK);
	nft_put_begin(&b->put, "ct");
	nft_put_be32(&b->put, NFTA_CT_SREG, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_CT_KEY, NFT_CT_MARK);
	nft_put_end(&b->put);
}

static void action_object(struct build *b, __u32 type, const char *name)
{
	nft_put_begin(&b->put, "objref");
	nft_put_be32(&b->put, NFTA_OBJREF_IMM_TYPE, type);
	netlink_put_text(b->put.h, NFTA_OBJREF_IMM_NAME, name);
	nft_put_end(&b->put);
}

static void action_reject(struct build *b, __u32 code)
{
	nft_put_begin(&b->put, "reject");
	nft_put_be32(&b->put, NFTA_REJECT_TYPE, NFT_REJECT_ICMP_UNREACH);
	netlink_put_u8(b->put.h, NFTA_REJECT_ICMP_CODE, (__u8)code);
	nft_put_end(&b->put);
}

/* ports in registers 1 and 2; returns the register of the upper, 0: any ports */
static __u32 nat_ports(struct build *b, struct plan_range ports)
{
	__u8 wire[2];

	if (!ports.lo && !ports.hi)
		return 0;
	nft_put_immediate(&b->put, NFT_REG_1, nft_number_wire(wire, ports.lo, 2), 2);
	if (ports.lo == ports.hi)
		return NFT_REG_1;
	nft_put_immediate(&b->put, NFT_REG_2, nft_number_wire(wire, ports.hi, 2), 2);
	return NFT_REG_2;
}

static void action_redirect(struct build *b, __u16 port)
{
	__u32 max = nat_ports(b, (struct plan_range){ port, port });

	nft_put_begin(&b->put, "redir");
	if (max) {
		nft_put_be32(&b->put, NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
		nft_put_be32(&b->put, NFTA_REDIR_REG_PROTO_MAX, max);
		nft_put_be32(&b->put, NFTA_REDIR_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
	}
	nft_put_end(&b->put);
}

static void action_masquerade(struct build *b, struct plan_range ports)
{
	__u32 max = nat_ports(b, ports);

	nft_put_begin(&b->put, "masq");
	if (max) {
		nft_put_be32(&b->put, NFTA_MASQ_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
		nft_put_be32(&b->put, NFTA_MASQ_REG_PROTO_MIN, NFT_REG_1);
		nft_put_be32(&b->put, NFTA_MASQ_REG_PROTO_MAX, max);
	}
	nft_put_end(&b->put);
}

static void action_dnat(struct build *b, const struct plan_action *a)
{
	const __be32 addr = htobe32(a->to.addr);
	__u8 port[2];

	nft_put_immediate(&b->put, NFT_REG_1, &addr, sizeof(addr));
	if (a->to.port)
		nft_put_immediate(&b->put, NFT_REG_2, nft_number_wire(port, a->to.port, 2), 2);
	nft_put_begin(&b->put, "nat");
	nft_put_be32(&b->put, NFTA_NAT_TYPE, NFT_NAT_DNAT);
	nft_put_be32(&b->put, NFTA_NAT_FAMILY, NFPROTO_IPV4);
	nft_put_be32(&b->put, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	nft_put_be32(&b->put, NFTA_NAT_REG_ADDR_MAX, NFT_REG_1);
	if (a->to.port) {
		nft_put_be32(&b->put, NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
		nft_put_be32(&b->put, NFTA_NAT_REG_PROTO_MAX, NFT_REG_2);
	}
	nft_put_be32(&b->put, NFTA_NAT_FLAGS,
		     NF_NAT_RANGE_MAP_IPS | (a->to.port ? NF_NAT_RANGE_PROTO_SPECIFIED : 0));
	nft_put_end(&b->put);
}

static void action_build(struct build *b, const struct plan_rule *p,
			 const struct plan_action *a)
{
	switch (a->type) {
	case PLAN_A_COUNTER:
		action_counter(b, p);
		break;
	case PLAN_A_LOG:
		action_log(b, a);
		break;
	case PLAN_A_TOS:	/* for xtables */
		b->error = -EINVAL;
		break;
	case PLAN_A_DSCP:
		action_tos(b, 0x03, (__u8)(a->bits.value << 2));
		break;
	case PLAN_A_ECN:
		action_tos(b, 0xfc, a->bits.value & 0x03);
		break;
	case PLAN_A_MARK:
		action_mark(b, a);
		break;
	case PLAN_A_CT_MARK:
		action_ct_mark(b, a);
		break;
	case PLAN_A_HELPER:
		action_object(b, NFT_OBJECT_CT_HELPER, a->text);
		break;
	case PLAN_A_TIMEOUT:
		action_object(b, NFT_OBJECT_CT_TIMEOUT, a->text);
		break;
	case PLAN_A_ACCEPT:
		nft_put_verdict(&b->put, NF_ACCEPT, NULL);
		break;
	case PLAN_A_DROP:
		nft_put_verdict(&b->put, NF_DROP, NULL);
		break;
	case PLAN_A_REJECT:
		action_reject(b, a->bits.value);
		break;
	case PLAN_A_RETURN:
		nft_put_verdict(&b->put, NFT_RETURN, NULL);
		break;
	case PLAN_A_JUMP:
		nft_put_verdict(&b->put, NFT_JUMP, a->chain->name);
		break;
	case PLAN_A_GOTO:
		nft_put_verdict(&b->put, NFT_GOTO, a->chain->name);
		break;
	case PLAN_A_REDIRECT:
		action_redirect(b, (__u16)a->bits.value);
		break;
	case PLAN_A_MASQUERADE:
		action_masquerade(b, a->range);
		break;
	case PLAN_A_DNAT:
		action_dnat(b, a);
		break;
	}
}

static bool match_is_port_pair(const struct emit_rule *s, unsigned int i)
{
	return i + 1 < s->nmatches && s->match[i].type == PLAN_M_SPORT &&
	       s->match[i + 1].type == PLAN_M_DPORT && ports_are_one(&s->match[i]) &&
	       ports_are_one(&s->match[i + 1]);
}

int nft_expr_write(struct nlmsghdr *h, const struct emit_rule *s, __u32 first_set)
{
	struct build b = { .put.h = h, .simple = s, .next_set = first_set };
	struct nlattr *all = netlink_nest_start(h, NFTA_RULE_EXPRESSIONS);
	unsigned int i;

	for (i = 0; i < s->nmatches; i++) {
		if (emit_match_is_implied(s, &s->match[i]))
			continue;
		if (match_is_port_pair(s, i))
			match_port_pair(&b, &s->match[i++]);
		else
			match_build(&b, &s->match[i]);
	}
	for (i = 0; i < s->plan->nactions; i++)
		action_build(&b, s->plan, &s->plan->action[i]);
	mnl_attr_nest_end(h, all);
	return b.error;
}
