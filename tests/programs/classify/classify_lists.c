// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * classify_lists.c - long lists of several kinds, and packets for them.
 */
#include <string.h>

#include "tests/lib/random_rules.h"
#include "tests/programs/classify/classify_lists.h"

#define NETWORKS 64

const char *const list_kinds[LIST_KINDS] = {
	"acl", "fw", "ipc", "host", "gw", "any", "cross", "mask",
};

enum { ACL, FW, IPC, HOST, GW, ANY, CROSS, MASK };

static const __u16 services[] = {
	20, 21, 22, 23, 25, 53, 69, 80, 110, 111, 113, 119, 123, 137, 139, 143, 161, 179, 443,
	445, 514, 515, 993, 1433, 2049, 3128, 3306, 3389, 5060, 6000, 6667, 8080, 8443,
};

static const char names[][FW_IFNAMSIZ] = { "eth0", "eth1", "eth2", "ppp0", "ppp1", "tun0" };

#define PICK(r, array) ((array)[random_below(r, FW_COUNT(array))])

int list_kind_find(const char *name)
{
	int i;

	for (i = 0; i < LIST_KINDS; i++)
		if (!strcmp(list_kinds[i], name))
			return i;
	return -1;
}

static __u32 mask_of(unsigned int bits)
{
	return bits ? ~0u << (32 - bits) : 0;
}

/* a prefix in one of some networks, or with the chance of any percent everything */
static void prefix_fill(struct random *r, __u32 *addr, __u32 *mask, unsigned int any,
			unsigned int networks)
{
	static const unsigned int bits[] = { 32, 32, 32, 32, 30, 28, 24, 24, 24, 20, 16 };
	__u32 network = (random_below(r, networks) * 0x9e3779b1u) & 0xffff0000;

	*mask = random_chance(r, any) ? 0 : mask_of(PICK(r, bits));
	*addr = (network | random_below(r, 65536)) & *mask;
}

static void range_fill(struct random *r, __u16 *slot)
{
	__u32 low = random_chance(r, 40) ? 1024 : random_below(r, 40000);

	slot[0] = (__u16)low;
	slot[1] = low == 1024 ? 65535 : (__u16)(low + random_below(r, 2000));
}

/* one source or destination port, several, or a range */
static void ports_fill(struct random *r, struct fw_rule *rule, unsigned int sources,
		       unsigned int one, unsigned int several, unsigned int range)
{
	unsigned int chance = random_below(r, 100), i;

	if (random_chance(r, sources)) {
		range_fill(r, rule->pts);
		rule->nsp = 2;
		rule->flags |= FW_SRNG;
	}
	if (chance < one)
		rule->ndp = 1;
	else if (chance < one + several)
		rule->ndp = (__u8)(2 + random_below(r, 6));
	for (i = 0; i < rule->ndp; i++)
		rule->pts[rule->nsp + i] = PICK(r, services);
	if (!rule->ndp && chance < one + several + range) {
		range_fill(r, rule->pts + rule->nsp);
		rule->ndp = 2;
		rule->flags |= FW_DRNG;
	}
}

static void kind_fill(struct random *r, struct fw_rule *rule, unsigned int tcp, unsigned int udp)
{
	unsigned int chance = random_below(r, 100);

	rule->flags |= chance < tcp	  ? FW_KIND_TCP :
		       chance < tcp + udp ? FW_KIND_UDP :
		       chance < 95	  ? FW_KIND_ICMP :
					    FW_KIND_ALL;
}

static bool rule_has_ports(const struct fw_rule *rule)
{
	unsigned int kind = rule->flags & FW_KIND_MASK;

	return kind == FW_KIND_TCP || kind == FW_KIND_UDP;
}

static void gateway_fill(struct random *r, struct fw_rule *rule)
{
	if (random_chance(r, 60))
		memcpy(rule->vianame, PICK(r, names), FW_IFNAMSIZ);
	else if (random_one_in(r, 10))
		rule->via = 0xc0a80101 + random_below(r, 4);
	if (rule_has_ports(rule)) {
		ports_fill(r, rule, 25, 35, 25, 15);
		if (random_one_in(r, 5))
			rule->flags |= random_one_in(r, 2) ? FW_TCPSYN : FW_TCPACK;
	} else if ((rule->flags & FW_KIND_MASK) == FW_KIND_ICMP) {
		rule->nsp = 1;
		rule->ndp = random_one_in(r, 4);	/* as old programs may say it */
		rule->pts[0] = random_one_in(r, 2) ? 8 : 3;
		rule->flags |= random_one_in(r, 2) ? FW_BIDIR : 0;
	}
	if (random_one_in(r, 8))
		rule->flags |= FW_BIDIR;
	if (random_one_in(r, 16))
		rule->state = FW_STATE_ESTABLISHED | FW_STATE_RELATED;
}

static void cross_fill(struct random *r, struct fw_rule *rule)
{
	bool source = random_one_in(r, 2);
	__u32 *mask = source ? &rule->smsk : &rule->dmsk;
	__u32 *addr = source ? &rule->src : &rule->dst;
	unsigned int i;

	*mask = mask_of(8 + random_below(r, 25));
	*addr = random_word(r) & *mask;
	rule->flags |= FW_KIND_TCP | FW_SRNG | FW_DRNG;
	rule->nsp = rule->ndp = 2;
	for (i = 0; i < 4; i += 2) {
		rule->pts[i] = (__u16)random_below(r, 60000);
		rule->pts[i + 1] = (__u16)(rule->pts[i] + random_below(r, 65536 - rule->pts[i]));
	}
}

static void mask_fill(struct random *r, struct fw_rule *rule)
{
	rule->smsk = random_word(r) & random_word(r);
	rule->dmsk = random_word(r) & random_word(r) & random_word(r);
	rule->src = random_word(r) & rule->smsk;
	rule->dst = random_word(r) & rule->dmsk;
	kind_fill(r, rule, 0, 50);
	if (rule_has_ports(rule))
		ports_fill(r, rule, 50, 25, 25, 25);
	if (random_chance(r, 30))
		rule->flags |= FW_BIDIR;
}

static void rule_fill(struct fw_rule *rule, int kind, enum fw_list_id id, struct random *r)
{
	/* per kind: percent of any source, any destination, TCP, UDP, source port */
	static const struct {
		unsigned int source, destination, tcp, udp, sources, networks;
	} styles[LIST_KINDS] = {
		[ACL] = { 10, 2, 70, 20, 0, 24 }, [FW] = { 40, 25, 60, 25, 25, 32 },
		[IPC] = { 8, 8, 50, 25, 40, 48 }, [GW] = { 30, 30, 60, 20, 0, 8 },
		[HOST] = { 0, 100, 100, 0, 0, NETWORKS },
	};

	if (kind == ANY) {
		random_rule(r, id, rule);
		return;
	}
	*rule = (struct fw_rule){ .tosand = 0xff, .flags = random_chance(r, 60) ? FW_ACCEPT : 0 };
	if (kind == CROSS) {
		cross_fill(r, rule);
	} else if (kind == MASK) {
		mask_fill(r, rule);
	} else {
		prefix_fill(r, &rule->src, &rule->smsk, styles[kind].source,
			    styles[kind].networks);
		prefix_fill(r, &rule->dst, &rule->dmsk, styles[kind].destination,
			    styles[kind].networks);
		kind_fill(r, rule, styles[kind].tcp, styles[kind].udp);
		if (kind == GW)
			gateway_fill(r, rule);
		else if (rule_has_ports(rule))
			ports_fill(r, rule, styles[kind].sources, 65, 0, 15);
	}
	if (kind == HOST)
		rule->smsk = ~0u;
	if (id == FW_ACCT)
		rule->flags &= ~FW_ACCEPT;
}

void classify_list_fill(struct fw_rule *slots, __u32 n, int kind, enum fw_list_id id,
			struct random *r)
{
	__u32 i;

	for (i = 0; i < n; i++) {
		do
			rule_fill(&slots[i], kind, id, r);
		while (kind != ANY && !slots[i].smsk && !slots[i].dmsk && !slots[i].nsp &&
		       !slots[i].ndp && !slots[i].vianame[0]);
		fw_rule_prepare(&slots[i]);
	}
}

static __u16 port_for(struct random *r, const __u16 *slot, unsigned int n, bool range)
{
	if (!n || random_one_in(r, 8))
		return random_one_in(r, 2) ? PICK(r, services) : (__u16)random_word(r);
	if (range && slot[0] <= slot[1] && random_one_in(r, 2))
		return (__u16)(slot[0] + random_below(r, slot[1] - slot[0] + 1u));
	return slot[random_below(r, n)];
}

static void ends_swap(struct fw_packet *pkt)
{
	__u32 addr = pkt->saddr;
	__u16 port = pkt->sport;

	pkt->saddr = pkt->daddr;
	pkt->daddr = addr;
	pkt->sport = pkt->dport;
	pkt->dport = port;
}

void classify_packet(struct fw_packet *pkt, struct fw_dev *dev, const struct fw_rule *rule,
		     struct random *r)
{
	static const __u8 protocols[] = { FW_PROTO_TCP, FW_PROTO_UDP, FW_PROTO_ICMP, 47 };
	static const __u8 protocol_of[] = { 0, FW_PROTO_TCP, FW_PROTO_UDP, FW_PROTO_ICMP };
	static const __u8 states[] = { 0, FW_STATE_NEW, FW_STATE_ESTABLISHED, FW_STATE_RELATED,
				       FW_STATE_INVALID };
	static const struct fw_rule none;
	const struct fw_rule *m = rule ? rule : &none;
	__u8 proto = protocol_of[m->flags & FW_KIND_MASK];

	*pkt = (struct fw_packet){
		.saddr = m->src | (random_word(r) & ~m->smsk),
		.daddr = m->dst | (random_word(r) & ~m->dmsk),
		.proto = proto ? proto : PICK(r, protocols),
		.len = (__u16)(random_one_in(r, 20) ? 20 + random_below(r, 30) : 60),
		.frag_off = (__u16)(random_one_in(r, 20) ? random_below(r, 3) : 0),
		.sport = port_for(r, m->pts, m->nsp, m->flags & FW_SRNG),
		.dport = port_for(r, m->pts + m->nsp, m->ndp, m->flags & FW_DRNG),
		.state = PICK(r, states),
		.tcpflags = random_one_in(r, 2) ? FW_TCP_SYN : FW_TCP_ACK,
	};
	pkt->icmp_type = (__u8)pkt->sport;
	if (random_one_in(r, 4))
		ends_swap(pkt);
	*dev = (struct fw_dev){ .addr = m->via ? m->via : 0xc0a80101 };
	memcpy(dev->name, m->vianame[0] ? m->vianame : PICK(r, names), FW_IFNAMSIZ);
}
