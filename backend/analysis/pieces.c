// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pieces.c - rules as sets of packets, and a packet out of a set.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/pieces.h"
#include "kmod/core/view.h"

static int name_compare(const void *a, const void *b)
{
	return strncmp(a, b, FW_IFNAMSIZ);
}

static int word_compare(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return (x > y) - (x < y);
}

/* Sorts n elements and removes repetitions; returns how many are left. */
static __u32 sort_unique(void *base, __u32 n, size_t size,
			 int (*compare)(const void *, const void *))
{
	char *at = base;
	__u32 i, k = 0;

	if (!n)
		return 0;
	qsort(base, n, size, compare);
	for (i = 1; i < n; i++)
		if (compare(at + k * size, at + i * size) != 0)
			memmove(at + ++k * size, at + i * size, size);
	return k + 1;
}

bool device_name_is_possible(const char name[FW_IFNAMSIZ])
{
	unsigned int i;

	for (i = 0; i < FW_IFNAMSIZ && name[i]; i++)
		if (name[i] == '/' || isspace((unsigned char)name[i]))
			return false;
	return i < FW_IFNAMSIZ && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* bits for n numbers from 1 on */
static unsigned int bits_for(__u32 n)
{
	return n ? 32 - (unsigned int)__builtin_clz(n) : 0;
}

int device_ids_make(struct device_ids *d, const struct fw_list *const list[], unsigned int n)
{
	unsigned int k, addr_bits;
	size_t total = 0;
	__u32 i;

	memset(d, 0, sizeof(*d));
	for (k = 0; k < n; k++)
		total += list[k]->count;
	if (total > INT_MAX)
		return -E2BIG;
	d->name = calloc(total + 1, sizeof(*d->name));
	d->addr = calloc(total + 1, sizeof(*d->addr));
	if (!d->name || !d->addr)
		return -ENOMEM;
	for (k = 0; k < n; k++)
		for (i = 0; i < list[k]->count; i++) {
			const struct fw_rule *r = fw_list_rule(list[k], i);

			if (r->vianame[0])
				memcpy(d->name[d->nnames++], r->vianame, FW_IFNAMSIZ);
			if (r->via)
				d->addr[d->naddrs++] = r->via;
		}
	d->nnames = sort_unique(d->name, d->nnames, sizeof(*d->name), name_compare);
	d->naddrs = sort_unique(d->addr, d->naddrs, sizeof(*d->addr), word_compare);
	d->name_bits = bits_for(d->nnames);
	addr_bits = bits_for(d->naddrs);
	if (d->name_bits + addr_bits > 31)
		return -E2BIG;
	d->name_mask = (1u << d->name_bits) - 1;
	d->addr_mask = ((1u << addr_bits) - 1) << d->name_bits;
	return 0;
}

void device_ids_free(struct device_ids *d)
{
	free(d->name);
	free(d->addr);
	memset(d, 0, sizeof(*d));
}

/* the number of something in a sorted array, from 1 on; it is there */
static __u32 number_of(const void *key, const void *base, __u32 n, size_t size,
		       int (*compare)(const void *, const void *))
{
	const char *at = n ? bsearch(key, base, n, size, compare) : NULL;

	return at ? (__u32)((size_t)(at - (const char *)base) / size) + 1 : 0;
}

static struct cube_bits device_of(const struct fw_match *m, const struct device_ids *d)
{
	struct cube_bits b = { 0, 0 };

	if (m->vianame[0]) {
		b.mask |= d->name_mask;
		b.value |= number_of(m->vianame, d->name, d->nnames, sizeof(*d->name),
				     name_compare);
	}
	if (m->via) {
		b.mask |= d->addr_mask;
		b.value |= number_of(&m->via, d->addr, d->naddrs, sizeof(*d->addr),
				     word_compare) << d->name_bits;
	}
	return b;
}

struct cube list_space(enum fw_list_id id)
{
	struct cube c = {
		.range = { { 0, 0xffff }, { 0, 0xffff } },
		.set = {
			[CUBE_CLASS] = CLASSES_TCP | CLASSES_UDP | CLASSES_ICMP | CLASSES_OTHER,
			[CUBE_STATE] = FW_STATES,
			[CUBE_DIRECTION] = 1u << FW_DIR_IN,
			[CUBE_LEAVES] = 1,
		},
	};

	if (id == FW_ACCT) {
		c.set[CUBE_CLASS] |= CLASSES_LATER;
		c.set[CUBE_DIRECTION] |= 1u << FW_DIR_OUT;
	}
	return c;
}

int piece_add(struct piece_list *p, const struct cube *c)
{
	struct piece *bigger;

	if (cube_is_empty(c))
		return 0;
	if (p->count == p->cap) {
		__u32 cap = p->cap ? 2 * p->cap : 64;

		if (cap < p->cap)
			return -ENOMEM;
		bigger = reallocarray(p->piece, cap, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		p->piece = bigger;
		p->cap = cap;
	}
	p->piece[p->count++] = (struct piece){ .cube = *c, .rule = p->nrules };
	return 0;
}

static int range_compare(const void *a, const void *b)
{
	return ((const struct cube_range *)a)->lo - ((const struct cube_range *)b)->lo;
}

/* Ports as disjoint ranges that do not touch; their number. */
static unsigned int ranges_of(struct cube_range r[FW_MAX_PORTS], const __u16 *slot,
			      unsigned int n, bool range)
{
	unsigned int i = 0, k = 0, merged = 0;

	if (!n) {
		r[0] = (struct cube_range){ 0, 0xffff };
		return 1;
	}
	if (range) {
		if (slot[0] <= slot[1])
			r[k++] = (struct cube_range){ slot[0], slot[1] };
		i = 2;
	}
	for (; i < n; i++)
		r[k++] = (struct cube_range){ slot[i], slot[i] };
	if (!k)
		return 0;
	qsort(r, k, sizeof(*r), range_compare);
	for (i = 1; i < k; i++) {
		if (r[i].lo > r[merged].hi + 1u)
			r[++merged] = r[i];
		else if (r[i].hi > r[merged].hi)
			r[merged].hi = r[i].hi;
	}
	return merged + 1;
}

/* the classes and states that a rule matches */
static void sets_of(struct cube *c, enum fw_list_id id, const struct fw_match *m)
{
	static const __u32 kinds[] = {
		[FW_KIND_ALL] = ~0u,
		[FW_KIND_TCP] = CLASSES_TCP | 1u << CLASS_TCP_LATER,
		[FW_KIND_UDP] = CLASSES_UDP | 1u << CLASS_UDP_LATER,
		[FW_KIND_ICMP] = CLASSES_ICMP | 1u << CLASS_ICMP_LATER,
	};

	*c = list_space(id);
	c->set[CUBE_CLASS] &= kinds[m->flags & FW_KIND_MASK];
	if (m->flags & FW_TCPSYN)
		c->set[CUBE_CLASS] &= ~CLASSES_TCP | CLASSES_SYN;
	if (m->flags & FW_TCPACK)
		c->set[CUBE_CLASS] &= ~CLASSES_TCP | CLASSES_ACK;
	if (m->state)
		c->set[CUBE_STATE] &= m->state;
	if (id == FW_ACCT && m->flags & FW_ACCTIN)
		c->set[CUBE_DIRECTION] &= ~(1u << FW_DIR_OUT);
	if (id == FW_ACCT && m->flags & FW_ACCTOUT)
		c->set[CUBE_DIRECTION] &= ~(1u << FW_DIR_IN);
}

int piece_list_add_rule(struct piece_list *p, enum fw_list_id id, const struct fw_match *m,
			const struct device_ids *d)
{
	struct cube_range port[2][FW_MAX_PORTS];	/* source, destination */
	unsigned int n[2], kind = m->flags & FW_KIND_MASK, back, i, k;
	bool ports = kind == FW_KIND_TCP || kind == FW_KIND_UDP;
	struct cube c;
	int err = 0;

	if (m->src & ~m->smsk || m->dst & ~m->dmsk)
		return 0;
	sets_of(&c, id, m);
	c.bits[CUBE_DEVICE] = device_of(m, d);
	n[0] = ranges_of(port[0], m->pts, ports || kind == FW_KIND_ICMP ? m->nsp : 0,
			 m->flags & FW_SRNG);
	n[1] = ranges_of(port[1], m->pts + m->nsp, ports ? m->ndp : 0, m->flags & FW_DRNG);
	for (back = 0; back <= !!(m->flags & FW_BIDIR); back++) {
		unsigned int swap = back && ports;

		c.bits[back ? CUBE_DST : CUBE_SRC] = (struct cube_bits){ m->src, m->smsk };
		c.bits[back ? CUBE_SRC : CUBE_DST] = (struct cube_bits){ m->dst, m->dmsk };
		for (i = 0; i < n[0]; i++)
			for (k = 0; k < n[1] && !err; k++) {
				c.range[swap ? CUBE_DPORT : CUBE_SPORT] = port[0][i];
				c.range[swap ? CUBE_SPORT : CUBE_DPORT] = port[1][k];
				err = piece_add(p, &c);
			}
	}
	return err;
}

int piece_list_add(struct piece_list *p, enum fw_list_id id, const struct fw_list *l,
		   const struct device_ids *d)
{
	__u32 *first = reallocarray(p->first, (size_t)p->nrules + l->count + 1, sizeof(*first));
	int err = 0;
	__u32 i;

	if (!first)
		return -ENOMEM;
	p->first = first;
	for (i = 0; i < l->count && !err; i++) {
		first[p->nrules] = p->count;
		err = piece_list_add_rule(p, id, &fw_list_rule(l, i)->match, d);
		p->nrules++;
	}
	first[p->nrules] = p->count;
	return err;
}

void piece_list_free(struct piece_list *p)
{
	free(p->piece);
	free(p->first);
	memset(p, 0, sizeof(*p));
}

unsigned int roots_of(const struct cube *x, enum fw_list_id id, struct cube root[ROOTS_MAX])
{
	/* what the classes show as ports */
	static const struct {
		__u32 classes;
		struct cube_range range[CUBE_RANGES];
	} shows[ROOTS_MAX] = {
		{ CLASSES_TCP | CLASSES_UDP, { { 0, 0xffff }, { 0, 0xffff } } },
		{ CLASSES_ICMP, { { 0, 0xff }, { FW_NO_PORT, FW_NO_PORT } } },
		{ 1u << CLASS_ICMP_LATER,
		  { { FW_NO_TYPE, FW_NO_TYPE }, { FW_NO_PORT, FW_NO_PORT } } },
		{ CLASSES_OTHER | 1u << CLASS_TCP_LATER | 1u << CLASS_UDP_LATER,
		  { { FW_NO_PORT, FW_NO_PORT }, { FW_NO_PORT, FW_NO_PORT } } },
	};
	unsigned int i, n = 0;

	for (i = 0; i < ROOTS_MAX; i++) {
		struct cube c = list_space(id);

		c.set[CUBE_CLASS] &= shows[i].classes;
		memcpy(c.range, shows[i].range, sizeof(c.range));
		n += cube_intersect(x, &c, &root[n]);
	}
	return n;
}

unsigned int rule_roots(const struct piece_list *p, __u32 rule, enum fw_list_id id,
			struct cube root[RULE_ROOTS_MAX])
{
	unsigned int n = 0;
	__u32 i;

	for (i = p->first[rule]; i < p->first[rule + 1]; i++)
		n += roots_of(&p->piece[i].cube, id, root + n);
	return n;
}

/* the interface of a number: names and addresses that rules have, or others */
static void device_make(struct witness *w, __u32 number, const struct device_ids *d)
{
	__u32 name = number & d->name_mask, addr = (number & d->addr_mask) >> d->name_bits, i;
	struct fw_dev *dev = &w->dev;

	w->is_named = name && name <= d->nnames;
	w->is_addressed = addr && addr <= d->naddrs;
	w->is_other = !w->is_named && d->nnames;
	if (w->is_named)
		memcpy(dev->name, d->name[name - 1], FW_IFNAMSIZ);
	for (i = 0; !dev->name[0]; i++) {
		char other[FW_IFNAMSIZ] = { 0 };

		snprintf(other, sizeof(other), "any%u", i);
		if (!number_of(other, d->name, d->nnames, sizeof(*d->name), name_compare))
			memcpy(dev->name, other, FW_IFNAMSIZ);
	}
	dev->addr = w->is_addressed ? d->addr[addr - 1] : 0xc0000201;	/* 192.0.2.1 */
	while (!w->is_addressed &&
	       number_of(&dev->addr, d->addr, d->naddrs, sizeof(*d->addr), word_compare))
		dev->addr++;
	dev->mask = 0xffffffff;
}

/* usual values where the cube leaves a choice */
static __u32 bits_fill(struct cube_bits b, __u32 usual)
{
	return b.value | (usual & ~b.mask);
}

static __u16 range_fill(struct cube_range r, __u16 usual)
{
	if (r.lo <= usual && usual <= r.hi)
		return usual;
	return r.lo ? r.lo : r.hi;	/* port 0 is no usual one */
}

static __u32 set_fill(__u32 set, unsigned int usual)
{
	return set >> usual & 1 ? usual : (__u32)__builtin_ctz(set);
}

static void class_fill(struct fw_packet *pkt, __u32 class)
{
	pkt->proto = class <= CLASS_TCP_LATER ? FW_PROTO_TCP :
		     class <= CLASS_UDP_LATER ? FW_PROTO_UDP :
		     class <= CLASS_ICMP_LATER ? FW_PROTO_ICMP : 47;
	if (class < CLASS_TCP_LATER)
		pkt->tcpflags = (class & CLASS_SYN ? FW_TCP_SYN : 0) |
				(class & CLASS_RST ? FW_TCP_RST : 0) |
				(class & CLASS_ACK ? FW_TCP_ACK : 0) |
				(class & CLASS_FIN ? FW_TCP_FIN : 0);
	else if (1u << class & (CLASSES_LATER | 1u << CLASS_OTHER_LATER))
		pkt->frag_off = 100;
}

void witness_make(struct witness *w, const struct cube *c, const struct device_ids *d)
{
	struct fw_packet *pkt = &w->pkt;
	__u32 class = set_fill(c->set[CUBE_CLASS],
			       c->set[CUBE_CLASS] & CLASSES_SYN ? CLASS_SYN : CLASS_ACK);

	memset(w, 0, sizeof(*w));
	pkt->saddr = bits_fill(c->bits[CUBE_SRC], 0xc0000207);	/* 192.0.2.7 */
	pkt->daddr = bits_fill(c->bits[CUBE_DST], 0xc6336411);	/* 198.51.100.17 */
	pkt->len = 60;
	pkt->ttl = 64;
	pkt->state = (__u8)(1u << set_fill(c->set[CUBE_STATE], 0));
	w->direction = (enum fw_direction)set_fill(c->set[CUBE_DIRECTION], FW_DIR_IN);
	device_make(w, bits_fill(c->bits[CUBE_DEVICE], 0), d);
	class_fill(pkt, class);
	if (class < CLASS_TCP_LATER || class == CLASS_UDP) {
		pkt->sport = range_fill(c->range[CUBE_SPORT], 1024);
		pkt->dport = range_fill(c->range[CUBE_DPORT], 80);
	}
	if (class == CLASS_ICMP)
		pkt->icmp_type = (__u8)range_fill(c->range[CUBE_SPORT], FW_ICMP_ECHO);
}

struct fw_decision witness_decide(const struct witness *w, enum fw_list_id id,
				  const struct fw_list *l)
{
	struct fw_walk walk = { .list = id, .direction = w->direction, .dev = &w->dev };
	struct fw_list copy = *l;
	struct fw_decision d;

	copy.bound = NULL;
	fw_list_walk(&copy, &walk, &w->pkt, &d);
	return d;
}
