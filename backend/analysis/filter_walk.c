// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_walk.c - a path through chains as one list of cubes, of which the first decides.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/filter_walk.h"
#include "kmod/core/view.h"

#define WALK_DEPTH_MAX 1500	/* each takes 500 bytes of stack */

struct walk {
	struct filter *f;
	struct filter_flat *flat;
	enum effect_level level;
	__u64 *budget;
	__u32 depth;
};

/* packets on their way, as they came, and what has become of them */
struct state {
	struct cube cube;
	enum filter_path path;
	__u32 base;		/* the base chain where they are */
	__u8 tosand, tosxor;
	bool is_dnat, is_snat;
	__u32 daddr, saddr;	/* where they are translated to; 0: not known */
	__u16 dport;		/* 0: as it was */
	struct filter_by by;
};

/* where packets go on when a chain is over: a rule, NULL at its end, and so on */
struct frame {
	const struct frame *up;
	const struct filter_rule *rule;
};

static int chain_walk(struct walk *w, const struct state *s, const struct filter_rule *r,
		      const struct frame *up, bool goes_on);

static const struct filter_chain *base_of(const struct walk *w, const struct state *s)
{
	return w->f->path[s->path][s->base];
}

static void by_add(struct state *s, const struct filter_chain *c, const struct filter_rule *r)
{
	struct filter_by *by = &s->by;
	__u32 keep = by->n < FILTER_BY_MAX ? by->n : FILTER_BY_MAX - 1;

	memmove(by->chain + 1, by->chain, keep * sizeof(*by->chain));
	memmove(by->rule + 1, by->rule, keep * sizeof(*by->rule));
	by->chain[0] = c;
	by->rule[0] = r;
	by->n = keep + 1;
}

static int flat_reserve(struct filter_flat *flat)
{
	__u32 cap = flat->cap ? 2 * flat->cap : 64;
	struct effect *effect;
	struct filter_by *by;
	__u32 *first;

	if (flat->pieces.nrules < flat->cap)
		return 0;
	effect = reallocarray(flat->effect, cap, sizeof(*effect));
	if (effect)
		flat->effect = effect;
	by = reallocarray(flat->by, cap, sizeof(*by));
	if (by)
		flat->by = by;
	first = reallocarray(flat->pieces.first, cap + 1, sizeof(*first));
	if (first)
		flat->pieces.first = first;
	if (!effect || !by || !first)
		return -ENOMEM;
	flat->cap = cap;
	return 0;
}

static int emit(struct walk *w, const struct state *s, enum fw_action action)
{
	struct filter_flat *flat = w->flat;
	struct effect e = { .action = action, .tosand = 0xff };
	struct piece_list *p = &flat->pieces;
	int err = p->nrules == FILTER_PIECES_MAX ? -E2BIG : flat_reserve(flat);

	if (err)
		return err;
	if (action == FW_PASS)
		e.action = s->is_snat ? FW_MASQUERADE : s->is_dnat ? FW_REDIRECT : FW_PASS;
	if (action == FW_PASS && w->level >= EFFECT_PACKET) {
		e.tosand = s->tosand;
		e.tosxor = s->tosxor;
		e.daddr = s->daddr;
		e.saddr = s->saddr;
		e.redirport = s->dport;
	}
	flat->effect[p->nrules] = e;
	flat->by[p->nrules] = s->by;
	p->first[p->nrules] = p->count;
	err = piece_add(p, &s->cube);
	p->first[++p->nrules] = p->count;
	return err;
}

/* A packet is translated once in each of the two ways. */
static bool is_translated(const struct state *s, const struct filter_chain *c)
{
	return c->hook == PLAN_PREROUTING || c->hook == PLAN_OUTPUT ? s->is_dnat : s->is_snat;
}

/* Packets of which a base chain has accepted go to the next one. */
static int base_next(struct walk *w, struct state s, __u32 base)
{
	const struct filter_chain *c;
	int err;

	for (;; base++) {
		if (base == w->f->nbases[s.path])
			return emit(w, &s, FW_PASS);
		c = w->f->path[s.path][base];
		if (!c->is_nat || !is_translated(&s, c))
			break;
	}
	if (c->is_nat && s.cube.set[CUBE_STATE] & FW_STATE_INVALID) {
		struct state invalid = s;

		/* they have no connection, so nothing translates them */
		invalid.cube.set[CUBE_STATE] = FW_STATE_INVALID;
		err = base_next(w, invalid, base + 1);
		s.cube.set[CUBE_STATE] &= ~FW_STATE_INVALID;
		if (err || !s.cube.set[CUBE_STATE])
			return err;
	}
	s.base = base;
	return chain_walk(w, &s, c->rules, NULL, true);
}

/* At the end of a chain that nothing called is the policy. */
static int chain_end(struct walk *w, const struct state *s, const struct frame *up)
{
	const struct filter_chain *c = base_of(w, s);
	struct state end = *s;

	if (up)
		return chain_walk(w, s, up->rule, up->up, true);
	if (c->policy != FILTER_ACCEPT || (!c->is_nat && c->priority >= 0))
		by_add(&end, c, NULL);
	if (c->policy == FILTER_SNAT) {
		end.is_snat = true;
		return base_next(w, end, s->base + 1);
	}
	return c->policy == FILTER_ACCEPT ? base_next(w, end, s->base + 1) :
	       emit(w, &end, c->policy == FILTER_DROP ? FW_DROP : FW_ANSWER);
}

/*
 * A cube of a rule as one of packets as they came, before they were translated.  What
 * asks for something that is not known is a fact of the rule's own.  1, 0: it holds for
 * none; or -EINVAL.
 */
static int cube_before(struct walk *w, const struct state *s, const struct filter_rule *r,
		       const struct cube *k, struct cube *out)
{
	bool has_ports = !(s->cube.set[CUBE_CLASS] & ~(CLASSES_TCP | CLASSES_UDP));
	bool is_unknown = false;
	char key[64];
	int fact;

	*out = *k;
	if (base_of(w, s)->is_nat) {
		if (!(k->set[CUBE_STATE] & FW_STATE_NEW))
			return 0;
		out->set[CUBE_STATE] = ~0u;
	}
	if (s->is_dnat) {
		if (s->daddr && (k->bits[CUBE_DST].value ^ s->daddr) & k->bits[CUBE_DST].mask)
			return 0;
		is_unknown |= !s->daddr && k->bits[CUBE_DST].mask;
		out->bits[CUBE_DST] = (struct cube_bits){ 0, 0 };
	}
	if (s->dport && has_ports) {
		if (s->dport < k->range[CUBE_DPORT].lo || s->dport > k->range[CUBE_DPORT].hi)
			return 0;
		out->range[CUBE_DPORT] = (struct cube_range){ 0, 0xffff };
	}
	if (s->is_snat) {
		if (s->saddr && (k->bits[CUBE_SRC].value ^ s->saddr) & k->bits[CUBE_SRC].mask)
			return 0;
		is_unknown |= !s->saddr && k->bits[CUBE_SRC].mask;
		out->bits[CUBE_SRC] = (struct cube_bits){ 0, 0 };
		if (has_ports) {
			is_unknown |= k->range[CUBE_SPORT].lo || k->range[CUBE_SPORT].hi < 0xffff;
			out->range[CUBE_SPORT] = (struct cube_range){ 0, 0xffff };
		}
	}
	if (s->is_dnat || s->is_snat)
		is_unknown |= (k->bits[CUBE_FACTS].mask & ~FACTS_KNOWN) != 0;
	if (!is_unknown)
		return 1;
	snprintf(key, sizeof(key), "addresses after translation, %s %u of %s", w->f->unit,
		 r->line, w->f->title);
	fact = filter_fact(w->f->space, key);
	if (fact < 0)
		return filter_fail(w->f, r->line, 0, "more than %d conditions that are not known",
				   FILTER_FACTS_MAX - FACT_UNKNOWN);
	out->bits[CUBE_FACTS].mask &= FACTS_KNOWN;
	out->bits[CUBE_FACTS].value &= FACTS_KNOWN;
	out->bits[CUBE_FACTS].mask |= 1u << fact;
	out->bits[CUBE_FACTS].value |= 1u << fact;
	return 1;
}

/* What a rule does with packets that it matches. */
static int rule_do(struct walk *w, struct state s, const struct filter_rule *r,
		   const struct frame *up, bool goes_on)
{
	const struct frame down = { up, r->next };

	s.tosxor = (s.tosxor & r->tosand) ^ r->tosxor;
	s.tosand &= r->tosand;
	if (r->what != FILTER_RETURN && r->what != FILTER_JUMP && r->what != FILTER_GOTO)
		by_add(&s, base_of(w, &s), r);
	switch (r->what) {
	case FILTER_CONTINUE:
		return chain_walk(w, &s, r->next, up, true);
	case FILTER_DROP:
		return emit(w, &s, FW_DROP);
	case FILTER_REJECT:
		return emit(w, &s, FW_ANSWER);
	case FILTER_RETURN:
		return r->next || goes_on ? chain_end(w, &s, up) : 0;
	case FILTER_JUMP:
		return chain_walk(w, &s, r->target->rules, &down, false);
	case FILTER_GOTO:
		return chain_walk(w, &s, r->target->rules, up, true);
	case FILTER_DNAT:
		s.is_dnat = true;
		s.daddr = r->addr;
		s.dport = r->port;
		if (!r->addr && s.path == FILTER_FORWARD)
			s.path = FILTER_IN;	/* from here on; what precedes is the same */
		break;
	case FILTER_SNAT:
		s.is_snat = true;
		s.saddr = r->addr;
		break;
	case FILTER_ACCEPT:
		break;
	}
	return base_next(w, s, s.base + 1);
}

/*
 * From rule r on.  Packets that reach the chain's end go on only if goes_on; if not, they
 * follow the chain's caller with the others.
 */
static int chain_walk(struct walk *w, const struct state *s, const struct filter_rule *r,
		      const struct frame *up, bool goes_on)
{
	struct state part = *s;
	struct cube k;
	int err = ++w->depth > WALK_DEPTH_MAX ? -E2BIG : 0;

	for (; r && !err; r = r->next) {
		if (r->what == FILTER_CONTINUE && r->tosand == 0xff && !r->tosxor)
			continue;
		if (*w->budget < r->ncubes) {
			err = -E2BIG;
			break;
		}
		*w->budget -= r->ncubes;
		for (__u32 i = 0; i < r->ncubes && !err; i++) {
			int holds = cube_before(w, s, r, &r->cube[i], &k);

			if (holds < 0)
				err = holds;
			else if (holds && cube_intersect(&s->cube, &k, &part.cube))
				err = rule_do(w, part, r, up, goes_on);
			/* nothing is left for what follows */
			if (holds > 0 && !err && r->what != FILTER_JUMP &&
			    cube_contains(&k, &s->cube))
				goto done;
		}
	}
	if (!err && goes_on)
		err = chain_end(w, s, up);
done:
	w->depth--;
	return err;
}

int filter_flatten(struct filter *f, enum filter_path path, const struct cube *x,
		   enum effect_level level, __u64 *budget, struct filter_flat *flat)
{
	struct walk w = { .f = f, .flat = flat, .level = level, .budget = budget };
	const struct state s = { .cube = *x, .path = path, .tosand = 0xff };

	return base_next(&w, s, 0);
}

void filter_flat_free(struct filter_flat *flat)
{
	piece_list_free(&flat->pieces);
	free(flat->effect);
	free(flat->by);
	memset(flat, 0, sizeof(*flat));
}

unsigned int filter_roots(const struct filter_space *s, enum filter_path path,
			  struct cube root[FILTER_ROOTS])
{
	__u32 names = s->nnames < 32 ? (1u << s->nnames) - 1 : ~0u;
	struct cube c[FILTER_PROTO_CUBES], ports = filter_space_cube();
	unsigned int n, i;

	filter_proto_cubes(0, 255, c);
	ports.set[CUBE_CLASS] = CLASSES_TCP | CLASSES_UDP;
	root[0] = ports;
	for (i = 0, n = 1; i < FILTER_PROTO_CUBES; i++) {
		if (c[i].set[CUBE_CLASS] & ports.set[CUBE_CLASS])
			continue;
		root[n] = c[i];
		if (c[i].set[CUBE_CLASS] == CLASSES_ICMP) {
			root[n].range[CUBE_SPORT] = (struct cube_range){ 0, 255 };
			root[n].range[CUBE_CODE] = (struct cube_range){ 0, 255 };
		} else {
			root[n].set[CUBE_CLASS] = 1u << CLASS_OTHER;
			root[n].range[CUBE_DPORT] =
				(struct cube_range){ FW_NO_PORT, FW_NO_PORT };
		}
		n++;
	}
	for (i = 0; i < n; i++) {
		root[i].set[CUBE_STATE] = FW_STATES;
		root[i].set[CUBE_ARRIVES] = path == FILTER_OUT ? 1 : names;
		root[i].set[CUBE_LEAVES] = path == FILTER_IN ? 1 : names;
	}
	return n;
}
