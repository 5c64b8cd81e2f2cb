// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * random_rules.c - rules of the full language, by chance.
 */
#include <string.h>

#include "tests/lib/random_rules.h"

#define ADDR(a, b, c, d) ((__u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* interfaces that rules are about, one of them an alias */
static const struct fw_dev random_devs[] = {
	{ "lo", ADDR(127, 0, 0, 1), ADDR(255, 0, 0, 0) },
	{ "eth0", ADDR(10, 0, 0, 1), ADDR(255, 255, 255, 0) },
	{ "eth0:1", ADDR(10, 0, 5, 1), ADDR(255, 255, 255, 0) },
	{ "eth1", ADDR(192, 168, 1, 1), ADDR(255, 255, 255, 0) },
	{ "ppp0", ADDR(1, 2, 3, 4), ADDR(255, 255, 255, 255) },
};

static const __u32 addresses[] = {
	ADDR(10, 0, 0, 1), ADDR(10, 0, 0, 2), ADDR(10, 0, 5, 9), ADDR(10, 1, 0, 7),
	ADDR(192, 168, 1, 1), ADDR(192, 168, 1, 20), ADDR(1, 2, 3, 4), ADDR(127, 0, 0, 1),
	ADDR(198, 51, 100, 7), ADDR(203, 0, 113, 255), ADDR(224, 0, 0, 5), 0, ~0u,
};

static const __u16 ports[] = {
	0, 1, 20, 21, 22, 25, 53, 79, 80, 81, 113, 1023, 1024, 6000, 6667, 8080, 60999,
	61000, 61001, 65095, 65096, 65534, 65535,
};

static const __u8 icmp_types[] = { 0, 3, 4, 5, 8, 11, 12, 13, 14, 17, 254, 255 };

static const __u8 tos_bytes[] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x08, 0x10, 0x1e, 0x1f, 0xe0, 0xfc, 0xfe, 0xff,
};

#define PICK(r, array) ((array)[random_below(r, FW_COUNT(array))])

static __u32 random_address(struct random *r)
{
	if (random_one_in(r, 8))
		return random_word(r);
	return PICK(r, addresses) ^ (random_one_in(r, 8) ? 1u << random_below(r, 32) : 0);
}

static __u16 random_port(struct random *r)
{
	return random_one_in(r, 6) ? (__u16)random_word(r) : PICK(r, ports);
}

static __u8 random_tos(struct random *r)
{
	return random_one_in(r, 3) ? (__u8)random_word(r) : PICK(r, tos_bytes);
}

static __u32 random_mask(struct random *r)
{
	__u32 bits = random_below(r, 40);

	if (random_one_in(r, 8))
		return random_one_in(r, 2) ? random_word(r) : ADDR(255, 0, 255, 0);
	if (bits >= 32)
		return ~0u;
	return bits ? ~0u << (32 - bits) : 0;
}

static void end_fill(struct random *r, __u32 *addr, __u32 *mask)
{
	*mask = random_one_in(r, 3) ? 0 : random_mask(r);
	*addr = random_address(r) & *mask;
}

static void kind_fill(struct random *r, struct fw_rule *rule)
{
	static const __u16 kinds[] = {
		FW_KIND_ALL, FW_KIND_TCP, FW_KIND_TCP, FW_KIND_UDP, FW_KIND_ICMP,
	};

	rule->flags |= PICK(r, kinds);
	if (random_one_in(r, 6))
		rule->flags |= FW_TCPSYN;
	if (random_one_in(r, 6))
		rule->flags |= FW_TCPACK;
}

/* Slots from first on for one side, room for max; returns how many. */
static __u8 ports_fill(struct random *r, struct fw_rule *rule, unsigned int first,
		       unsigned int max, __u16 range)
{
	unsigned int n = random_one_in(r, 2) ? 0 : random_below(r, max + 1), i;
	__u16 *slot = rule->pts + first;

	if (n > 3 && !random_one_in(r, 3))
		n = 1 + random_below(r, 3);
	for (i = 0; i < n; i++)
		slot[i] = random_port(r);
	if (n >= 2 && random_one_in(r, 2)) {
		rule->flags |= range;
		if (slot[0] > slot[1]) {
			__u16 low = slot[1];

			slot[1] = slot[0];
			slot[0] = low;
		}
	}
	return (__u8)n;
}

static void types_fill(struct random *r, struct fw_rule *rule)
{
	unsigned int i;

	rule->nsp = random_one_in(r, 2) ? 0 : (__u8)(1 + random_below(r, 4));
	for (i = 0; i < rule->nsp; i++)
		rule->pts[i] = PICK(r, icmp_types);
}

/* the redirect port, if there is one, wants the slot behind */
static void slots_fill(struct random *r, struct fw_rule *rule)
{
	unsigned int room = rule->flags & FW_REDIR ? FW_MAX_PORTS - 1 : FW_MAX_PORTS;

	switch (rule->flags & FW_KIND_MASK) {
	case FW_KIND_ICMP:
		types_fill(r, rule);
		break;
	case FW_KIND_TCP:
	case FW_KIND_UDP:
		rule->nsp = ports_fill(r, rule, 0, room, FW_SRNG);
		rule->ndp = ports_fill(r, rule, rule->nsp, room - rule->nsp, FW_DRNG);
		break;
	}
	if (rule->flags & FW_REDIR)
		rule->pts[rule->nsp + rule->ndp] = random_one_in(r, 3) ? 0 : random_port(r);
}

static void policy_fill(struct random *r, enum fw_list_id list, struct fw_rule *rule)
{
	static const __u16 policies[] = {
		FW_POLICY_DENY, FW_POLICY_ACCEPT, FW_POLICY_ACCEPT, FW_POLICY_REJECT,
	};
	static const __u16 directions[] = { 0, 0, FW_ACCTIN, FW_ACCTOUT };

	if (list == FW_ACCT) {
		rule->flags |= PICK(r, directions);
		return;
	}
	rule->flags |= PICK(r, policies);
	if (!(rule->flags & FW_ACCEPT))
		return;
	if ((rule->flags & FW_KIND_MASK) != FW_KIND_ICMP) {	/* refused there */
		if (list == FW_FORWARD && random_one_in(r, 2))
			rule->flags |= FW_MASQ;
		if (list == FW_INPUT && random_one_in(r, 3))
			rule->flags |= FW_REDIR;
	}
	if (random_one_in(r, 3)) {
		rule->tosand = random_tos(r) | 1;
		rule->tosxor = random_tos(r) & 0xfe;
	}
}

static void via_fill(struct random *r, struct fw_rule *rule)
{
	const struct fw_dev *dev = &PICK(r, random_devs);

	if (random_one_in(r, 4))
		memcpy(rule->vianame, dev->name, FW_IFNAMSIZ);
	else if (random_one_in(r, 20))
		memcpy(rule->vianame, "isdn*", sizeof("isdn*"));
	if (random_one_in(r, 6))
		rule->via = random_one_in(r, 6) ? random_address(r) : dev->addr;
}

static void comment_fill(struct random *r, struct fw_rule *rule)
{
	unsigned int n = 1 + random_below(r, FW_COMMENT_MAX), i;

	for (i = 0; i < n; i++)
		rule->comment[i] = (char)(' ' + random_below(r, 95));
}

static void extensions_fill(struct random *r, enum fw_list_id list, struct fw_rule *rule)
{
	if (random_one_in(r, 6))
		rule->state = (__u8)(1 + random_below(r, FW_STATES));
	if (list != FW_ACCT && rule->flags & FW_ACCEPT && random_one_in(r, 8))
		rule->keep_state = 1;
	if (random_one_in(r, 12))
		rule->helper = (__u8)random_below(r, FW_HELPERS);
	if (random_one_in(r, 8))
		comment_fill(r, rule);
}

void random_rule(struct random *r, enum fw_list_id list, struct fw_rule *rule)
{
	memset(rule, 0, sizeof(*rule));
	rule->tosand = 0xff;
	end_fill(r, &rule->src, &rule->smsk);
	end_fill(r, &rule->dst, &rule->dmsk);
	kind_fill(r, rule);
	policy_fill(r, list, rule);
	slots_fill(r, rule);
	via_fill(r, rule);
	if (random_one_in(r, 4))
		rule->flags |= FW_BIDIR;
	if (list != FW_ACCT && random_one_in(r, 6))
		rule->flags |= FW_PRN;
	extensions_fill(r, list, rule);
	rule->pcnt = random_one_in(r, 2) ? 0 : random_word(r);
	rule->bcnt = rule->pcnt * 40;
}

void random_portfw_edit(struct random *r, struct fw_edit *e)
{
	static const enum fw_portfw_op ops[] = {
		FW_PORTFW_APPEND, FW_PORTFW_APPEND, FW_PORTFW_APPEND, FW_PORTFW_INSERT,
		FW_PORTFW_INSERT, FW_PORTFW_DELETE, FW_PORTFW_DELETE_SIDE, FW_PORTFW_ZERO,
	};
	struct fw_portfw *f = &e->portfw.forward;

	*e = (struct fw_edit){ .op = FW_OP_PORTFW, .counters = random_one_in(r, 4) };
	e->portfw.op = random_one_in(r, 50) ? FW_PORTFW_FLUSH : ops[random_below(r, FW_COUNT(ops))];
	e->portfw.cut = e->portfw.op >= FW_PORTFW_DELETE && e->portfw.op <= FW_PORTFW_FLUSH &&
			random_one_in(r, 2);
	if (e->portfw.op >= FW_PORTFW_FLUSH)
		return;
	f->proto = random_one_in(r, 20) ? FW_PROTO_ICMP
					: random_one_in(r, 2) ? FW_PROTO_TCP : FW_PROTO_UDP;
	f->to = 0x0a000002 + random_below(r, 2);
	f->weight = f->left = 1 + random_below(r, 3);
	f->flags = FW_PORTFW_HAS_PORT;
	f->to_port = 8080;
	if (e->counters) {
		f->left = random_below(r, 3);
		f->conns = random_word(r);
	}
	if (random_one_in(r, 4)) {
		f->mark = 1 + random_below(r, 2);
		return;
	}
	f->addr = 0xc0000201 + random_below(r, 2);
	f->low = f->high = 80 + random_below(r, 3);
	if (random_one_in(r, 2))
		return;
	/* of every address: a range, a trigger, or the same port */
	f->addr = f->to_port = 0;
	f->flags = FW_PORTFW_ANY_ADDR;
	f->high += random_below(r, 2);
	if (random_one_in(r, 2))
		return;
	f->to = 0;
	if (random_one_in(r, 2)) {
		f->flags |= FW_PORTFW_SAME_PORT;
		return;
	}
	f->trigger_proto = FW_PROTO_UDP;
	f->trigger_port = 7070;
	f->trigger_time = random_below(r, 2) * 15;
}
