// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_random.c - rule sets of the whole language, and packets that come close
 * to the edges of their rules.
 */
#include <stdio.h>
#include <string.h>

#include "kmod/core/conn.h"
#include "tests/lib/plan_random.h"

static const __u32 address_pool[] = {
	0x0a000001, 0x0a000002, 0x0a0000ff, 0x0a010203, 0xc0a80101, 0xc0a80180,
	0xcb007105, 0xc6336407, 0x7f000001, 0xe0000001, 0xffffffff, 0,
};

static const __u32 mask_pool[] = {
	0, 0, 0, 0xff000000, 0xffff0000, 0xffffff00, 0xffffff80, 0xffffffff, 0xffffffff,
	0x000000ff, 0xff0000ff, 0x00000001, 0xfffffffe,
};

static const __u16 port_pool[] = {
	0, 1, 20, 21, 22, 25, 53, 80, 80, 113, 1023, 1024, 6000, 60999, 61000, 61001,
	62000, 65094, 65095, 65096, 65534, 65535,
};

static const __u16 icmp_pool[] = {
	0, 3, 4, 5, 8, 8, 11, 12, 13, 14, 15, 17, 18, 254, 255, 256, 300, 65535,
};

static const __u8 other_protocols[] = { 0, 2, 47, 50, 132, 255 };

static const char *const name_pool[] = {
	"eth0", "eth1", "ppp0", "lo", "eth7", "eth0:1", "eth1:0", "eth9:9",
};

static const __u32 mark_mask_pool[] = {
	0xffff0000, 0x0000ffff, 0x00ffff00, 0x07fffff0, 0xffffffff,
};

#define PICK(r, pool) ((pool)[random_below((r), FW_COUNT(pool))])

static void dev_set(struct fw_dev *d, const char *name, __u32 addr, __u32 mask)
{
	*d = (struct fw_dev){ .addr = addr, .mask = mask };
	strncpy(d->name, name, sizeof(d->name) - 1);
}

static void devs_make(struct random_set *s, struct random *r)
{
	__u32 shared = random_chance(r, 10) ? 0x0a000001 : 0xcb007105;

	s->ndevs = 0;
	dev_set(&s->dev[s->ndevs++], "lo", 0x7f000001, 0xff000000);
	dev_set(&s->dev[s->ndevs++], "eth0", 0x0a000001, 0xffffff00);
	if (random_chance(r, 70))
		dev_set(&s->dev[s->ndevs++], "eth1", 0xc0a80101, 0xffff0000);
	if (random_chance(r, 70))
		dev_set(&s->dev[s->ndevs++], "ppp0", shared, 0xffffffff);
	if (random_chance(r, 15))
		dev_set(&s->dev[s->ndevs++], "eth0:1", 0x0a0000ff, 0xffffff00);
	if (random_chance(r, 10))
		dev_set(&s->dev[s->ndevs++], "eth1:0", 0xc0a80180, 0xffffff00);
}

static void address_make(struct random *r, __u32 *addr, __u32 *mask)
{
	*mask = PICK(r, mask_pool);
	if (random_chance(r, 5))
		*mask = random_word(r);
	*addr = PICK(r, address_pool) & *mask;
	if (random_chance(r, 1))
		*addr |= 1;	/* perhaps outside the mask */
}

static __u16 port_make(struct random *r, __u16 kind)
{
	if (kind == FW_KIND_ICMP)
		return PICK(r, icmp_pool);
	return random_chance(r, 10) ? (__u16)random_word(r) : PICK(r, port_pool);
}

/* Fills n slots, perhaps beginning with a range; tells whether they do. */
static bool slots_make(struct random *r, __u16 *slot, unsigned int n, __u16 kind)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		slot[i] = port_make(r, kind);
	if (n < 2 || random_chance(r, 50))
		return false;
	if (slot[0] > slot[1] && random_chance(r, 90)) {
		__u16 swap = slot[0];

		slot[0] = slot[1];
		slot[1] = swap;
	}
	if (random_chance(r, 10)) {
		slot[0] = FW_MASQ_PORT_FIRST;
		slot[1] = FW_MASQ_PORT_END - 1;
	}
	return true;
}

static void ports_make(struct fw_rule *rule, struct random *r)
{
	__u16 kind = rule->flags & FW_KIND_MASK;

	if (kind == FW_KIND_ALL && random_chance(r, 95))
		return;
	if (random_chance(r, 60))
		rule->nsp = (__u8)random_below(r, random_chance(r, 80) ? 4 : 6);
	if (random_chance(r, 70))
		rule->ndp = (__u8)random_below(r, 4);
	if (slots_make(r, rule->pts, rule->nsp, kind))
		rule->flags |= FW_SRNG;
	if (slots_make(r, rule->pts + rule->nsp, rule->ndp, kind))
		rule->flags |= FW_DRNG;
	if (rule->flags & FW_REDIR)
		rule->pts[rule->nsp + rule->ndp] =
			random_chance(r, 50) ? 0 : (__u16)(3128 + random_below(r, 3));
}

static void flags_make(struct fw_rule *rule, struct random *r, enum fw_list_id list)
{
	static const __u16 policy[] = {
		FW_ACCEPT, FW_ACCEPT, FW_ACCEPT, 0, FW_ICMPRPL, FW_ICMPRPL | FW_ACCEPT,
	};

	rule->flags = (__u16)(random_below(r, 4) | PICK(r, policy));
	if (random_chance(r, 25))
		rule->flags |= FW_BIDIR;
	if (random_chance(r, 12))
		rule->flags |= FW_TCPSYN;
	if (random_chance(r, 12))
		rule->flags |= FW_TCPACK;
	if (random_chance(r, 5))
		rule->flags |= FW_PRN;
	if (list == FW_ACCT && random_chance(r, 60))
		rule->flags |= random_chance(r, 50) ? FW_ACCTIN : FW_ACCTOUT;
	if (random_chance(r, 2))
		rule->flags |= FW_ACCTIN | FW_ACCTOUT;
	if (random_chance(r, list == FW_FORWARD ? 30 : 3))
		rule->flags |= FW_MASQ;
	if (random_chance(r, list == FW_INPUT ? 15 : 2))
		rule->flags |= FW_REDIR;
}

static void device_make(struct fw_rule *rule, const struct random_set *s,
			struct random *r)
{
	if (random_chance(r, 20))
		strncpy(rule->vianame, random_chance(r, 80) ? PICK(r, name_pool)
							    : "eth0",
			sizeof(rule->vianame) - 1);
	if (random_chance(r, 10))
		rule->via = random_chance(r, 90)
				    ? s->dev[random_below(r, s->ndevs)].addr
				    : 0x01020304;
}

static void tos_make(struct fw_rule *rule, struct random *r)
{
	static const __u8 usual[][2] = {
		{ 0x01, 0x10 }, { 0x01, 0x08 }, { 0x01, 0x04 }, { 0x01, 0x02 },
		{ 0xe1, 0x10 }, { 0x03, 0x10 }, { 0xff, 0x02 }, { 0xfd, 0x02 },
	};
	__u32 i = random_below(r, FW_COUNT(usual));

	rule->tosand = 0xff;
	if (random_chance(r, 70))
		return;
	rule->tosand = random_chance(r, 50) ? usual[i][0] : (__u8)random_word(r);
	rule->tosxor = random_chance(r, 50) ? usual[i][1] : (__u8)random_word(r);
}

static void state_make(struct fw_rule *rule, const struct random_set *s,
		       struct random *r, enum fw_list_id list)
{
	if (random_chance(r, 15))
		rule->state = (__u8)(1 + random_below(r, FW_STATES));
	if (s->keeps && list != FW_ACCT && rule->flags & FW_ACCEPT &&
	    random_chance(r, 15))
		rule->keep_state = 1;
	if (random_chance(r, 1))
		rule->helper = (__u8)random_below(r, FW_HELPERS);
}

static void rule_make(struct fw_rule *rule, const struct random_set *s, struct random *r,
		      enum fw_list_id list)
{
	*rule = (struct fw_rule){ 0 };
	flags_make(rule, r, list);
	address_make(r, &rule->src, &rule->smsk);
	address_make(r, &rule->dst, &rule->dmsk);
	if (random_chance(r, 5)) {
		rule->dst = rule->src;
		rule->dmsk = rule->smsk;
	}
	ports_make(rule, r);
	device_make(rule, s, r);
	tos_make(rule, r);
	state_make(rule, s, r, list);
}

static void list_make(struct random_set *s, struct random *r, enum fw_list_id list)
{
	static const __u32 policy[] = {
		FW_POLICY_ACCEPT, FW_POLICY_ACCEPT, FW_POLICY_DENY, FW_POLICY_REJECT,
		FW_POLICY_MASQ, FW_ACCEPT | FW_ICMPRPL | FW_MASQ, FW_ACCEPT | FW_REDIR,
	};
	__u32 usual = list == FW_FORWARD ? 5 : 4;
	struct fw_list *l = &s->rules.list[list];
	__u32 n = random_below(r, random_chance(r, 70) ? 5 : RANDOM_RULES + 1);
	struct fw_rule rule;

	l->slots = s->slot[list];
	l->cap = RANDOM_RULES;
	l->policy = policy[random_below(r, random_chance(r, 95) ? usual
								 : FW_COUNT(policy))];
	while (l->count < n) {
		rule_make(&rule, s, r, list);
		if (fw_rule_check(&rule, list, NULL))
			continue;
		fw_list_append(l, &rule);
		fw_list_rule(l, l->count - 1)->pcnt = random_word(r);
		fw_list_rule(l, l->count - 1)->bcnt = random_word(r);
	}
}

/* Forwards of few outer sides, some of which have several targets. */
static void forwards_make(struct random_set *s, struct random *r)
{
	struct fw_portfw_table *t = &s->rules.portfw;
	__u32 n = random_chance(r, 25) ? 1 + random_below(r, RANDOM_FORWARDS) : 0;
	const __u16 high = (__u16)(1023 + random_below(r, 3));
	const bool marked = random_chance(r, 15);

	t->entry = s->forward;
	t->cap = RANDOM_FORWARDS;
	for (; n > 0; n--) {
		struct fw_portfw_edit e = { .op = FW_PORTFW_APPEND };
		struct fw_portfw *f = &e.forward;

		f->proto = random_chance(r, 70) ? FW_PROTO_TCP : FW_PROTO_UDP;
		f->to = PICK(r, address_pool);
		f->weight = f->left = 1 + random_below(r, 3);
		if (marked) {
			f->mark = 1u << random_below(r, 32);
			f->proto = random_chance(r, 50) ? f->proto : 0;
		} else if (random_chance(r, 30)) {
			f->flags |= FW_PORTFW_ANY_ADDR;
			/* seldom beside port 80 of an address, which may move behind it */
			f->low = random_chance(r, 90) ? 1023 : 80;
			f->high = f->low == 80 ? 80 : high;
		} else {
			f->addr = s->dev[random_below(r, s->ndevs)].addr;
			f->low = f->high = random_chance(r, 50) ? 80 : 81;
		}
		if (f->low == f->high && random_chance(r, 50)) {
			f->flags |= FW_PORTFW_HAS_PORT;
			f->to_port = 8080;
		}
		fw_portfw_table_edit(t, &e);	/* of several equal ones the last counts */
	}
}

static bool set_masquerades(const struct random_set *s)
{
	const struct fw_list *l = &s->rules.list[FW_FORWARD];
	__u32 i;

	if ((l->policy & FW_POLICY_MASQ) == FW_POLICY_MASQ)
		return true;
	for (i = 0; i < l->count; i++)
		if ((l->slots[i].flags & (FW_POLICY_MASQ | FW_REDIR)) == FW_POLICY_MASQ)
			return true;
	return false;
}

static bool set_redirects(const struct random_set *s)
{
	const struct fw_list *l = &s->rules.list[FW_INPUT];
	__u32 i;

	for (i = 0; i < l->count; i++)
		if (l->slots[i].flags & FW_ACCEPT && l->slots[i].flags & FW_REDIR)
			return true;
	return false;
}

void random_set_make(struct random_set *s, struct random *r)
{
	unsigned int list;

	memset(s, 0, sizeof(*s));
	s->mark_mask = PICK(r, mark_mask_pool);
	s->keeps = random_chance(r, 30);
	devs_make(s, r);
	for (list = 0; list < FW_LISTS; list++)
		list_make(s, r, list);
	s->masquerades = set_masquerades(s);
	s->redirects = set_redirects(s);
	/* a connection may have been kept by any rule, as long as there is one */
	s->keeps = false;
	for (list = 0; list < FW_ACCT; list++) {
		const struct fw_list *l = &s->rules.list[list];
		__u32 i;

		for (i = 0; i < l->count; i++)
			s->keeps |= l->slots[i].keep_state;
	}
}

void random_set_make_forwarding(struct random_set *s, struct random *r)
{
	random_set_make(s, r);
	forwards_make(s, r);
}

/* a rule to aim at, NULL if there is none */
static const struct fw_rule *rule_pick(const struct random_set *s, struct random *r)
{
	const struct fw_list *l = &s->rules.list[random_below(r, FW_LISTS)];

	return l->count ? &l->slots[random_below(r, l->count)] : NULL;
}

/* an address that fits, or just does not */
static __u32 address_aim(struct random *r, __u32 addr, __u32 mask)
{
	switch (random_below(r, 8)) {
	case 0:
		return PICK(r, address_pool);
	case 1:
		return addr + 1;
	case 2:
		return addr - 1;
	case 3:
		return addr | ~mask;
	case 4:
		return addr ^ (1u << random_below(r, 32));
	default:
		return addr | (random_word(r) & ~mask);
	}
}

static __u16 slot_aim(struct random *r, const __u16 *slot, unsigned int n, bool range,
		      __u16 kind)
{
	__u16 port = n ? slot[random_below(r, n)] : port_make(r, kind);

	if (range && n > 1 && slot[0] <= slot[1] && random_chance(r, 30))
		port = (__u16)(slot[0] + random_below(r, slot[1] - slot[0] + 1u));
	switch (random_below(r, 8)) {
	case 0:
		return (__u16)(port + 1);
	case 1:
		return (__u16)(port - 1);
	default:
		return port;
	}
}

static __u8 protocol_make(struct random *r, __u16 kind)
{
	static const __u8 usual[] = { 0, FW_PROTO_TCP, FW_PROTO_UDP, FW_PROTO_ICMP };

	if (kind && random_chance(r, 90))
		return usual[kind];
	if (random_chance(r, 20))
		return PICK(r, other_protocols);
	return usual[1 + random_below(r, 3)];
}

static void transport_make(struct fw_packet *k, struct random *r)
{
	static const __u8 tcpflags[] = {
		FW_TCP_SYN, FW_TCP_ACK, FW_TCP_SYN | FW_TCP_ACK, FW_TCP_RST,
		FW_TCP_SYN | FW_TCP_FIN, FW_TCP_SYN | FW_TCP_RST, FW_TCP_FIN, 0,
	};

	k->sport = port_make(r, FW_KIND_TCP);
	k->dport = port_make(r, FW_KIND_TCP);
	k->tcpflags = random_chance(r, 90) ? PICK(r, tcpflags) : (__u8)random_word(r);
	k->icmp_type = (__u8)PICK(r, icmp_pool);
	k->icmp_id = (__u16)random_word(r);
}

/* Makes k fit a rule, mostly. */
static void packet_aim(struct fw_packet *k, const struct fw_rule *rule, struct random *r)
{
	__u16 kind = rule->flags & FW_KIND_MASK, sport, dport;
	bool back = random_chance(r, rule->flags & FW_BIDIR ? 50 : 10);
	__u32 saddr = address_aim(r, rule->src, rule->smsk);
	__u32 daddr = address_aim(r, rule->dst, rule->dmsk);

	k->proto = protocol_make(r, kind);
	k->saddr = back ? daddr : saddr;
	k->daddr = back ? saddr : daddr;
	sport = slot_aim(r, rule->pts, rule->nsp, rule->flags & FW_SRNG, kind);
	if (kind == FW_KIND_ICMP) {
		k->icmp_type = (__u8)sport;
		return;
	}
	dport = slot_aim(r, rule->pts + rule->nsp, rule->ndp, rule->flags & FW_DRNG, kind);
	k->sport = back ? dport : sport;
	k->dport = back ? sport : dport;
}

static void header_make(struct fw_packet *k, struct random *r)
{
	static const __u16 lengths[] = { 20, 27, 28, 29, 35, 36, 37, 40 };

	k->tos = (__u8)random_word(r);
	k->ttl = 64;
	k->len = 60;
	if (random_chance(r, 10))
		k->noptions = (__u8)random_below(r, FW_PACKET_OPTIONS + 1);
	k->len = (__u16)(k->len + 4 * k->noptions);
	if (random_chance(r, 8))
		k->len = (__u16)(PICK(r, lengths) + 4 * k->noptions);
	if (random_chance(r, 10))
		k->frag_off = (__u16)random_below(r, 4);
	if (random_chance(r, 10))
		k->frag_off |= FW_IP_MF;
}

static void state_set(struct fw_packet *k, const struct random_set *s, struct random *r)
{
	k->state = (__u8)(random_chance(r, 20) ? 0 : 1 << random_below(r, 4));
	k->kept = s->keeps && random_chance(r, 20);
}

static const struct fw_dev *dev_pick(const struct random_set *s, struct random *r)
{
	const struct fw_dev *d;

	do
		d = &s->dev[random_below(r, s->ndevs)];
	while (memchr(d->name, ':', sizeof(d->name)));
	return d;
}

/* 2.0: what is sent to an alias of the device is received by the alias */
static const struct fw_dev *alias_find(const struct random_set *s,
				       const struct fw_dev *dev, __u32 daddr)
{
	size_t n = strlen(dev->name);
	__u32 i;

	for (i = 0; i < s->ndevs && daddr != dev->addr; i++)
		if (s->dev[i].addr == daddr && !strncmp(s->dev[i].name, dev->name, n) &&
		    s->dev[i].name[n] == ':')
			return &s->dev[i];
	return dev;
}

static enum packet_path path_pick(const struct random_set *s, struct random *r)
{
	__u32 n = random_below(r, 100);

	if (s->rules.portfw.count && random_chance(r, 40))
		return n < 50 ? PATH_LOCAL_IN : n < 75 ? PATH_CLIENT : PATH_ANSWER;
	if (n < 15)
		return PATH_LOCAL_IN;
	if (n < 35)
		return PATH_LOCAL_OUT;
	if (n < 40 && s->redirects)
		return PATH_PROXY;
	if (n < 45 && s->masquerades)
		return PATH_REPLY;
	if (n < 50 && s->masquerades)
		return n < 48 ? PATH_ERROR : n < 49 ? PATH_DATA : PATH_ASKED;
	return n < 60 && s->masquerades && s->keeps ? PATH_KEPT : PATH_FORWARDED;
}

/* What belongs to a masqueraded connection is whole and known. */
static void path_fit(struct traversal_packet *p, struct random *r)
{
	static const __u8 errors[] = {
		FW_ICMP_UNREACH, FW_ICMP_SOURCEQUENCH, FW_ICMP_TIMXCEED,
	};
	struct fw_packet *k = &p->pkt;

	if (p->path < PATH_PROXY)
		return;
	k->frag_off = 0;
	k->len = (__u16)(60 + 4 * k->noptions);
	k->state = FW_STATE_ESTABLISHED;
	if (p->path == PATH_DATA || p->path == PATH_ASKED)
		k->proto = random_chance(r, 50) ? FW_PROTO_TCP : FW_PROTO_UDP;
	if (p->path == PATH_DATA && random_chance(r, 50))
		k->state = FW_STATE_RELATED;
	if (path_is_forwarded(p->path))
		k->proto = random_chance(r, 50) ? FW_PROTO_TCP : FW_PROTO_UDP;
	if (p->path == PATH_ERROR || (path_is_forwarded(p->path) && random_chance(r, 20))) {
		k->state = FW_STATE_RELATED;
		k->proto = FW_PROTO_ICMP;
		k->icmp_type = PICK(r, errors);
	}
	if (p->path == PATH_KEPT) {
		k->proto = random_chance(r, 50) ? FW_PROTO_TCP : FW_PROTO_UDP;
		k->kept = true;
	}
}

/* Makes k fit a forward, or just not. */
static void forward_aim(struct fw_packet *k, const struct random_set *s, struct random *r)
{
	const struct fw_portfw_table *t = &s->rules.portfw;
	const struct fw_portfw *f = t->count ? &t->entry[random_below(r, t->count)] : NULL;

	if (!f)
		return;
	if (f->proto && random_chance(r, 95))
		k->proto = f->proto;
	if (f->addr && random_chance(r, 95))
		k->daddr = f->addr;
	k->dport = (__u16)(f->low - 1u + random_below(r, f->high - f->low + 3u));
	if (random_chance(r, 80))
		k->tcpflags = FW_TCP_SYN;
}

void random_packet_make(struct traversal_packet *p, const struct random_set *s,
			struct random *r)
{
	static const __u16 masq_ports[] = { 61000, 61001, 62000, 65094, 65095 };
	const struct fw_rule *rule = rule_pick(s, r);
	unsigned int i;

	*p = (struct traversal_packet){ .path = path_pick(s, r) };
	p->pkt.saddr = PICK(r, address_pool);
	p->pkt.daddr = PICK(r, address_pool);
	p->pkt.proto = protocol_make(r, 0);
	header_make(&p->pkt, r);
	transport_make(&p->pkt, r);
	state_set(&p->pkt, s, r);
	if (rule && random_chance(r, 90))
		packet_aim(&p->pkt, rule, r);
	if (random_chance(r, 10))
		p->pkt.daddr = s->dev[random_below(r, s->ndevs)].addr;
	if (p->path == PATH_LOCAL_IN && random_chance(r, 50))
		forward_aim(&p->pkt, s, r);
	path_fit(p, r);
	p->ct_mark = random_word(r) & ~s->mark_mask;
	for (i = 0; i < TRAVERSAL_MARKS; i++)
		p->mark[i] = random_chance(r, 50) ? 0 :
			     1u << random_below(r, 32) | 1u << random_below(r, 32);
	p->masq_port = PICK(r, masq_ports);
	p->inner_addr = rule ? address_aim(r, rule->dst, rule->dmsk)
			     : PICK(r, address_pool);
	p->inner_port = port_make(r, FW_KIND_TCP);
	if (!path_is_local(p->path)) {
		p->in = dev_pick(s, r);
		p->alias = alias_find(s, p->in, p->pkt.daddr);
	}
	if (p->path != PATH_LOCAL_IN || s->rules.portfw.count)
		p->out = dev_pick(s, r);
}
