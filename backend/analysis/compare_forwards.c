// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compare_forwards.c - do two tables of port forwards send every connection to the same target?
 *
 * Forwards are about one address or about all, a range of ports, or a mark.  So it is enough
 * to ask for each address and mark that a forward has, and for one that none has, at the
 * ports where a range begins or is over.
 */
#include "backend/analysis/compare_forwards.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SOME_ADDRESS 0xc0000201u	/* 192.0.2.1: of a host; or one that follows */
#define CLIENT	0xcb007101u		/* 203.0.113.1 */

#define IN_ROW 500	/* connections that show a difference, or it is not called one */

struct forwards {
	const struct fw_portfw_table *table[2];
	__u32 *address, *mark;		/* each once, in order; the last is one that is not there */
	__u32 naddresses, nmarks;
	bool moves[2];			/* those for an address move, as there are several */
	__u64 *budget;
	bool is_undecided;
	struct forward_difference *d;
};

static int number_compare(const void *a, const void *b)
{
	const __u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return (x > y) - (x < y);
}

/* Each number once, in order; returns how many. */
static __u32 numbers_once(__u32 *number, __u32 n)
{
	__u32 kept = 0;

	qsort(number, n, sizeof(*number), number_compare);
	for (__u32 i = 0; i < n; i++)
		if (!kept || number[kept - 1] != number[i])
			number[kept++] = number[i];
	return kept;
}

static bool is_for_address(const struct fw_portfw *f)
{
	return !f->mark && !(f->flags & FW_PORTFW_ANY_ADDR);
}

static int numbers_collect(struct forwards *c)
{
	const size_t n = (size_t)c->table[0]->count + c->table[1]->count + 1;
	__u32 other = SOME_ADDRESS;

	c->address = calloc(n, sizeof(*c->address));
	c->mark = calloc(n, sizeof(*c->mark));
	if (!c->address || !c->mark)
		return -ENOMEM;
	for (int s = 0; s < 2; s++) {
		__u32 before = c->naddresses;

		for (__u32 i = 0; i < c->table[s]->count; i++) {
			const struct fw_portfw *f = &c->table[s]->entry[i];

			c->mark[c->nmarks++] = f->mark;
			if (is_for_address(f))
				c->address[c->naddresses++] = f->addr;
		}
		c->moves[s] = c->naddresses > before + 1;
	}
	c->mark[c->nmarks++] = 0;	/* packets without */
	c->nmarks = numbers_once(c->mark, c->nmarks);
	c->naddresses = numbers_once(c->address, c->naddresses);
	for (__u32 i = 0; i < c->naddresses; i++)
		other += c->address[i] == other;
	c->address[c->naddresses++] = other;
	return 0;
}

/* The next forward from i on for a packet, or where the table ends. */
static __u32 covering_next(const struct fw_portfw_table *t, __u32 i, const struct fw_packet *pkt)
{
	for (; i < t->count; i++) {
		const struct fw_portfw *f = &t->entry[i];
		bool does_nothing = !f->to && !f->trigger_port && f->flags & FW_PORTFW_ANY_ADDR;

		if (!does_nothing && fw_portfw_covers(f, pkt->proto, pkt->daddr, pkt->dport,
						      pkt->mark))
			break;
	}
	return i;
}

static bool target_is_same(const struct forwards *c, const __u32 at[2], __u16 dport)
{
	const struct fw_portfw *f[2];
	__u16 port[2];

	for (int s = 0; s < 2; s++) {
		if (at[s] >= c->table[s]->count)
			return false;
		f[s] = &c->table[s]->entry[at[s]];
		port[s] = f[s]->flags & FW_PORTFW_HAS_PORT ? f[s]->to_port : dport;
	}
	if (port[0] != port[1] || f[0]->trigger_port != f[1]->trigger_port)
		return false;
	if (f[0]->trigger_port)
		return f[0]->trigger_proto == f[1]->trigger_proto &&
		       f[0]->trigger_time == f[1]->trigger_time;
	return f[0]->to == f[1]->to;
}

static bool weight_is_same(const struct forwards *c, const __u32 at[2])
{
	return c->table[0]->entry[at[0]].weight == c->table[1]->entry[at[1]].weight;
}

/* Does it take turns with another one of the same outer side? */
static bool has_turns(const struct fw_portfw_table *t, const struct fw_portfw *f)
{
	__u32 i = 0;

	while (i < t->count && (&t->entry[i] == f || !fw_portfw_same_side(&t->entry[i], f)))
		i++;
	return i < t->count && f->weight;
}

/*
 * May packets come past a forward to one behind it, or to none?  While its host is not
 * known; and if it moves behind others after its turn, as those for an address all do.
 */
static bool is_passed(const struct forwards *c, int side, __u32 at)
{
	const struct fw_portfw *f = &c->table[side]->entry[at];

	return f->trigger_port || has_turns(c->table[side], f) ||
	       (c->moves[side] && is_for_address(f));
}

static void difference_note(struct forwards *c, const __u32 at[2])
{
	for (int s = 0; s < 2; s++)
		c->d->forward[s] = at[s] < c->table[s]->count ? (__s32)at[s] : -1;
}

/* Where connections in a row go: hosts and ports.  With hosts, triggers know one each. */
static int connections_follow(const struct fw_portfw_table *table, const struct fw_packet *pkt,
			      bool hosts, __u64 went[IN_ROW])
{
	struct fw_portfw_table t = *table;
	size_t size = table->count * sizeof(*table->entry);

	t.entry = malloc(size + 1);
	if (!t.entry)
		return -ENOMEM;
	memcpy(t.entry, table->entry, size);
	for (__u32 i = 0; i < t.count; i++)
		if (t.entry[i].trigger_port) {
			t.entry[i].to = hosts ? t.entry[i].trigger_port : 0;
			t.entry[i].trigger_time = 0;
		}
	for (int i = 0; i < IN_ROW; i++) {
		struct fw_portfw *f = fw_portfw_find(&t, pkt, 0);

		went[i] = !f ? 0 : (__u64)f->to << 16 |
				   (f->flags & FW_PORTFW_HAS_PORT ? f->to_port : pkt->dport);
		if (f)
			fw_portfw_use(&t, f);
	}
	free(t.entry);
	return 0;
}

/* By the core: the same target may be written in two ways, or be there twice. */
static int difference_confirm(const struct forwards *c, const struct fw_packet *pkt)
{
	__u64 went[2][IN_ROW];
	int err = 0;

	for (int hosts = 0; hosts < 2; hosts++) {
		for (int s = 0; s < 2 && !err; s++)
			err = connections_follow(c->table[s], pkt, hosts, went[s]);
		if (err || memcmp(went[0], went[1], sizeof(went[0])) != 0)
			return err ? err : 1;
	}
	return 0;
}

/* The n-th forwards of a packet on both sides, by those before them. */
struct pair {
	__u32 before[2], at[2];
	bool passed[2];		/* may it come so far? */
};

static void pair_next(const struct forwards *c, struct pair *p, const struct fw_packet *pkt, int n)
{
	for (int s = 0; s < 2; s++) {
		p->before[s] = p->at[s];
		p->at[s] = covering_next(c->table[s], n ? p->at[s] + 1 : 0, pkt);
		p->passed[s] = !n || is_passed(c, s, p->before[s]);
	}
}

static bool pair_is_end(const struct forwards *c, const struct pair *p)
{
	return (!p->passed[0] && !p->passed[1]) ||
	       (p->at[0] >= c->table[0]->count && p->at[1] >= c->table[1]->count);
}

/* What of a pair differs, or NULL.  One forward that has no other behind it has no turns. */
static const __u32 *pair_differs(const struct forwards *c, const struct pair *p, __u16 dport, int n)
{
	if (n && !weight_is_same(c, p->before))
		return p->before;
	if (p->passed[0] != p->passed[1] || !target_is_same(c, p->at, dport))
		return p->at;
	return n && !weight_is_same(c, p->at) ? p->at : NULL;
}

static int packet_compare(struct forwards *c, const struct fw_packet *pkt)
{
	const __u32 cost = c->table[0]->count + c->table[1]->count;
	const __u32 *differs = NULL;
	struct pair pair = { 0 };
	int answer, n;

	if (cost > *c->budget)
		return -E2BIG;
	*c->budget -= cost;
	for (n = 0; !differs; n++) {
		pair_next(c, &pair, pkt, n);
		if (pair_is_end(c, &pair))
			return COMPARE_ALIKE;
		differs = pair_differs(c, &pair, pkt->dport, n);
	}
	answer = n == 1 ? 1 : difference_confirm(c, pkt);
	if (answer < 0)
		return answer;
	c->is_undecided |= !answer;
	if (!answer)
		return COMPARE_ALIKE;
	c->d->pkt = *pkt;
	c->d->later = n > 1;
	difference_note(c, differs);
	return COMPARE_DIFFERS;
}

/* Packets to one port. */
static int port_compare(struct forwards *c, __u32 address, __u16 port)
{
	static const __u8 protocols[] = { FW_PROTO_TCP, FW_PROTO_UDP };
	int answer = COMPARE_ALIKE;

	for (size_t p = 0; p < FW_COUNT(protocols); p++)
		for (__u32 m = 0; m < c->nmarks && answer == COMPARE_ALIKE; m++) {
			struct fw_packet pkt = {
				.proto = protocols[p], .saddr = CLIENT, .sport = 1024,
				.daddr = address, .dport = port, .mark = c->mark[m],
				.ttl = 64, .len = 40,
				.tcpflags = protocols[p] == FW_PROTO_TCP ? FW_TCP_SYN : 0,
			};

			answer = packet_compare(c, &pkt);
		}
	return answer;
}

static int address_compare(struct forwards *c, __u32 address)
{
	int answer = port_compare(c, address, 1);	/* forwards of a mark: any port */

	for (int s = 0; s < 2; s++)
		for (__u32 i = 0; i < c->table[s]->count && answer == COMPARE_ALIKE; i++) {
			const struct fw_portfw *f = &c->table[s]->entry[i];

			if (f->mark || (!(f->flags & FW_PORTFW_ANY_ADDR) && f->addr != address))
				continue;
			answer = port_compare(c, address, f->low);
			if (answer == COMPARE_ALIKE && f->high < 0xffff)
				answer = port_compare(c, address, (__u16)(f->high + 1));
		}
	return answer;
}

/* The forward by which a masqueraded connection to a port keeps its source port. */
static __u32 keeping_find(const struct fw_portfw_table *t, __u32 port)
{
	__u32 i = 0;

	while (i < t->count && (!(t->entry[i].flags & FW_PORTFW_SAME_PORT) ||
				port < t->entry[i].low || port > t->entry[i].high))
		i++;
	return i;
}

static int kept_port_compare(struct forwards *c, __u32 port)
{
	const struct fw_packet pkt = { .proto = FW_PROTO_UDP, .sport = 1024, .dport = (__u16)port };
	const __u32 at[2] = { keeping_find(c->table[0], port), keeping_find(c->table[1], port) };

	if ((at[0] < c->table[0]->count) == (at[1] < c->table[1]->count))
		return COMPARE_ALIKE;
	c->d->pkt = pkt;
	c->d->leaves = true;
	difference_note(c, at);
	return COMPARE_DIFFERS;
}

static int kept_compare(struct forwards *c)
{
	int answer = COMPARE_ALIKE;

	for (int s = 0; s < 2; s++)
		for (__u32 i = 0; i < c->table[s]->count && answer == COMPARE_ALIKE; i++) {
			const struct fw_portfw *f = &c->table[s]->entry[i];

			if (!(f->flags & FW_PORTFW_SAME_PORT))
				continue;
			answer = kept_port_compare(c, f->low);
			if (answer == COMPARE_ALIKE)
				answer = kept_port_compare(c, f->high + 1u);
		}
	return answer;
}

static __u32 helping_find(const struct fw_portfw_table *t, __u8 proto, __u16 port)
{
	__u32 i = 0;

	while (i < t->count && (!t->entry[i].helper || t->entry[i].proto != proto ||
				t->entry[i].low != port))
		i++;
	return i;
}

static int helper_compare(struct forwards *c, __u8 proto, __u16 port)
{
	const struct fw_packet pkt = { .proto = proto, .sport = 1024, .dport = port };
	const __u32 at[2] = { helping_find(c->table[0], proto, port),
			      helping_find(c->table[1], proto, port) };

	for (int s = 0; s < 2; s++)
		c->d->helper[s] = (__u8)fw_portfw_helper(c->table[s], proto, port);
	if (c->d->helper[0] == c->d->helper[1])
		return COMPARE_ALIKE;
	c->d->pkt = pkt;
	c->d->leaves = c->d->helps = true;
	difference_note(c, at);
	return COMPARE_DIFFERS;
}

/* The ports of helpers in either table, and those that these had of their own. */
static int helpers_compare(struct forwards *c)
{
	int answer = COMPARE_ALIKE;
	__u16 port;

	for (int s = 0; s < 2; s++)
		for (const struct fw_masq_helper *h = fw_masq_helpers;
		     h < fw_masq_helpers + FW_MASQ_HELPERS; h++)
			for (__u32 n = 0; answer == COMPARE_ALIKE &&
			     (port = fw_portfw_helper_port(c->table[s], h, n)); n++)
				answer = helper_compare(c, h->proto, port);
	return answer;
}

int compare_forwards(const struct fw_portfw_table *a, const struct fw_portfw_table *b,
		     __u64 *budget, struct forward_difference *d)
{
	struct forwards c = { .table = { a, b }, .budget = budget, .d = d };
	int answer;

	*d = (struct forward_difference){ .forward = { -1, -1 } };
	answer = numbers_collect(&c);
	for (__u32 i = 0; i < c.naddresses && answer == COMPARE_ALIKE; i++) {
		d->any_address = i + 1 == c.naddresses;
		answer = address_compare(&c, c.address[i]);
	}
	if (answer == COMPARE_ALIKE)
		answer = kept_compare(&c);
	if (answer == COMPARE_ALIKE)
		answer = helpers_compare(&c);
	free(c.address);
	free(c.mark);
	return answer == COMPARE_ALIKE && c.is_undecided ? -E2BIG : answer;
}
