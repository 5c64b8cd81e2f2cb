// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_pieces.c - the conditions of a plan's rule as sets of packets.
 */
#include <errno.h>
#include <string.h>

#include "backend/analysis/plan_pieces.h"
#include "kmod/core/conn.h"

#define PIECES_MAX 4096		/* of one rule */

/* conditions that are left to be applied */
struct conditions {
	struct piece_list *to;
	__u32 most;		/* pieces that it may contain */
	const struct plan_view *view;
	const struct plan_match *match;
	unsigned int n;
};

static int conditions_apply(const struct conditions *c, const struct cube *x);

static int rest_apply(const struct conditions *c, const struct cube *x)
{
	struct conditions rest = *c;

	rest.match++;
	rest.n--;
	return conditions_apply(&rest, x);
}

static bool is_excluded(const struct plan_view *v, const struct plan_match *m)
{
	__u32 i;

	for (i = 0; m->type == PLAN_M_DADDR && m->bits.mask == ~0u && i < v->nnot_daddr; i++)
		if (v->not_daddr[i] == m->bits.value)
			return true;
	return false;
}

/* All addresses but those that have the bits: by the first bit that differs. */
static int other_bits_apply(const struct conditions *c, const struct cube *x, unsigned int dim)
{
	const struct plan_match *m = c->match;
	__u32 fixed = m->bits.mask & x->bits[dim].mask, todo = m->bits.mask & ~fixed;
	struct cube part = *x;
	int err = 0;

	if ((x->bits[dim].value ^ m->bits.value) & fixed || m->bits.value & ~m->bits.mask ||
	    (!fixed && is_excluded(c->view, m)))
		return rest_apply(c, x);
	while (todo && !err) {
		__u32 bit = 1u << (31 - __builtin_clz(todo));

		todo &= ~bit;
		part.bits[dim].mask |= bit;
		part.bits[dim].value |= ~m->bits.value & bit;
		err = rest_apply(c, &part);
		part.bits[dim].value ^= bit;
	}
	return err;
}

/* Does the plan see another source than the list does? */
static bool source_is_unknown(const struct plan_view *v)
{
	return v->masqueraded || v->answers;
}

static int address_apply(const struct conditions *c, const struct cube *x, unsigned int dim)
{
	const struct plan_match *m = c->match;
	struct cube y = *x;

	if (m->type == PLAN_M_SADDR && source_is_unknown(c->view) && m->bits.mask)
		return -EOPNOTSUPP;
	if (m->invert)
		return other_bits_apply(c, x, dim);
	if ((x->bits[dim].value ^ m->bits.value) & m->bits.mask & x->bits[dim].mask ||
	    m->bits.value & ~m->bits.mask)
		return 0;
	y.bits[dim].mask |= m->bits.mask;
	y.bits[dim].value |= m->bits.value;
	return rest_apply(c, &y);
}

static int range_apply(const struct conditions *c, const struct cube *x, unsigned int dim,
		       unsigned int lo, unsigned int hi)
{
	struct cube y = *x;

	if (lo > y.range[dim].lo)
		y.range[dim].lo = (__u16)lo;
	if (hi < y.range[dim].hi)
		y.range[dim].hi = (__u16)hi;
	return lo > hi || y.range[dim].lo > y.range[dim].hi ? 0 : rest_apply(c, &y);
}

/* Ports, of some classes alone; excluded ranges must be in order. */
static int ranges_apply(const struct conditions *c, const struct cube *x, unsigned int dim,
			__u32 classes)
{
	const struct plan_match *m = c->match;
	unsigned int next = 0;
	struct cube y = *x;
	int err = 0;
	__u32 i;

	y.set[CUBE_CLASS] &= classes;
	if (!y.set[CUBE_CLASS])
		return 0;
	for (i = 0; i < m->ranges.count && !err; i++) {
		const struct plan_range *r = &m->ranges.item[i];

		if (r->lo > r->hi)
			continue;
		if (m->invert && r->lo < next)
			return -EOPNOTSUPP;
		if (!m->invert)
			err = range_apply(c, &y, dim, r->lo, r->hi);
		else if (r->lo > next)
			err = range_apply(c, &y, dim, next, r->lo - 1u);
		next = r->hi + 1u;
	}
	return err || !m->invert || next > 0xffff ? err : range_apply(c, &y, dim, next, 0xffff);
}

static int port_apply(const struct conditions *c, const struct cube *x, unsigned int dim)
{
	if (c->match->type == PLAN_M_SPORT && source_is_unknown(c->view))
		return -EOPNOTSUPP;
	return ranges_apply(c, x, dim, CLASSES_TCP | CLASSES_UDP);
}

static int classes_apply(const struct conditions *c, const struct cube *x, __u32 classes)
{
	struct cube y = *x;

	y.set[CUBE_CLASS] &= classes;
	return y.set[CUBE_CLASS] ? rest_apply(c, &y) : 0;
}

static int protocol_apply(const struct conditions *c, const struct cube *x)
{
	static const struct { __u8 proto; __u32 classes; } known[] = {
		{ FW_PROTO_ICMP, CLASSES_ICMP | 1u << CLASS_ICMP_LATER },
		{ FW_PROTO_TCP, CLASSES_TCP | 1u << CLASS_TCP_LATER },
		{ FW_PROTO_UDP, CLASSES_UDP | 1u << CLASS_UDP_LATER },
	};
	const struct plan_match *m = c->match;
	__u32 classes = 0, i, k;

	for (i = 0; i < m->ranges.count; i++) {
		for (k = 0; k < FW_COUNT(known); k++)
			if (m->ranges.item[i].lo == known[k].proto &&
			    m->ranges.item[i].hi == known[k].proto)
				break;
		if (k == FW_COUNT(known))
			return -EOPNOTSUPP;
		classes |= known[k].classes;
	}
	return classes_apply(c, x, m->invert ? ~classes : classes);
}

static int flags_apply(const struct conditions *c, const struct cube *x)
{
	const struct plan_match *m = c->match;
	__u32 classes = 0, i;

	if (m->bits.mask & ~(__u32)(FW_TCP_SYN | FW_TCP_RST | FW_TCP_ACK | FW_TCP_FIN))
		return -EOPNOTSUPP;
	for (i = 0; i < 16; i++) {
		__u32 flags = (i & CLASS_SYN ? FW_TCP_SYN : 0) | (i & CLASS_RST ? FW_TCP_RST : 0) |
			      (i & CLASS_ACK ? FW_TCP_ACK : 0) | (i & CLASS_FIN ? FW_TCP_FIN : 0);

		if (((flags & m->bits.mask) == m->bits.value) != m->invert)
			classes |= 1u << (CLASS_TCP + i);
	}
	return classes_apply(c, x, classes);
}

static int name_apply(const struct conditions *c, const struct cube *x)
{
	const struct plan_match *m = c->match;
	const struct plan_view *v = c->view;
	bool is_out = m->type == PLAN_M_OIFNAME, holds = false;
	__u32 i;

	if (v->out && !is_out)
		return -EOPNOTSUPP;
	/* where a packet enters it does not leave by any */
	for (i = 0; v->out == is_out && i < m->names.count && !holds; i++)
		holds = !strncmp(m->names.item[i], v->name, FW_IFNAMSIZ);
	return holds != m->invert ? rest_apply(c, x) : 0;
}

static int state_apply(const struct conditions *c, const struct cube *x)
{
	const struct plan_match *m = c->match;
	struct cube y = *x;

	y.set[CUBE_STATE] &= m->invert ? ~m->bits.value : m->bits.value;
	return y.set[CUBE_STATE] ? rest_apply(c, &y) : 0;
}

static int conditions_apply(const struct conditions *c, const struct cube *x)
{
	if (!c->n)
		return c->to->count < c->most ? piece_add(c->to, x) : -EOPNOTSUPP;
	switch (c->match->type) {
	case PLAN_M_NEVER:
		return 0;
	case PLAN_M_CT_ORIG_DADDR:
		if (!c->view->answers)
			return -EOPNOTSUPP;
		/* fall through */
	case PLAN_M_SADDR:
		return address_apply(c, x, CUBE_SRC);
	case PLAN_M_DADDR:
		return address_apply(c, x, CUBE_DST);
	case PLAN_M_PROTO:
		return protocol_apply(c, x);
	case PLAN_M_CT_ORIG_DPORT:
		if (!c->view->answers)
			return -EOPNOTSUPP;
		/* fall through */
	case PLAN_M_SPORT:
		return port_apply(c, x, CUBE_SPORT);
	case PLAN_M_DPORT:
		return port_apply(c, x, CUBE_DPORT);
	case PLAN_M_ICMP_TYPE:
		return ranges_apply(c, x, CUBE_SPORT, CLASSES_ICMP);
	case PLAN_M_TCP_FLAGS:
		return flags_apply(c, x);
	case PLAN_M_IIFNAME:
	case PLAN_M_OIFNAME:
		return name_apply(c, x);
	case PLAN_M_CT_STATE:
		return state_apply(c, x);
	case PLAN_M_FRAGMENT:
		return classes_apply(c, x, (CLASSES_LATER | 1u << CLASS_OTHER_LATER) ^
					   (c->match->invert ? ~0u : 0));
	default:
		return -EOPNOTSUPP;
	}
}

unsigned int plan_view_roots(const struct plan_view *v, enum fw_list_id id,
			     struct cube root[ROOTS_MAX])
{
	unsigned int n = roots_of(&v->space, id, root), i;

	for (i = 0; v->masqueraded && i < n; i++) {
		root[i].bits[CUBE_SRC] = (struct cube_bits){ v->dev.addr, ~0u };
		if (root[i].set[CUBE_CLASS] & (CLASSES_TCP | CLASSES_UDP))
			root[i].range[CUBE_SPORT] = (struct cube_range){
				FW_MASQ_PORT_FIRST, FW_MASQ_PORT_END - 1 };
	}
	return n;
}

int plan_pieces_add(struct piece_list *p, const struct plan_rule *r, const struct plan_view *v,
		    const struct cube *root)
{
	struct conditions c = {
		.to = p, .most = p->count + PIECES_MAX, .view = v,
		.match = r->match, .n = r->nmatches,
	};

	return conditions_apply(&c, root);
}
