// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove_lists.c - do the rules of a plan hold for the packets of their ipfwadm rules?
 *
 * For each list, each place where it is asked and each interface: what rule i of the plan
 * holds for, and what the core's rule i matches, must be the same set of packets, apart
 * from those that an earlier rule takes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/prove_state.h"
#include "kmod/core/conn.h"
#include "kmod/core/names.h"
#include "kmod/core/view.h"

#define ALIASES_MAX 64
#define SUSPECT_TRIES 1000

/* one place, one interface */
struct place {
	struct prove *p;
	enum fw_list_id list;
	enum traversal_step step;
	struct plan_view view;
	const struct fw_dev *base;	/* view.dev, or what that is an alias of */
	__u32 alias[ALIASES_MAX];
	struct cube root[ROOTS_MAX];
	unsigned int nroots;
	bool is_unasked;		/* no rules of the plan are asked there */
	struct piece_list pieces;	/* excluded ones as rule 0, then rule i as i + 1 */
	__u32 ncore;			/* of the core; those of the plan follow */
};

static struct cube cube_of_any_source(const struct cube *x)
{
	struct cube y = *x;

	y.bits[CUBE_SRC].mask = y.bits[CUBE_SRC].value = 0;
	if (y.set[CUBE_CLASS] & (CLASSES_TCP | CLASSES_UDP))
		y.range[CUBE_SPORT] = (struct cube_range){ 0, 65535 };
	return y;
}

/* An ordinary packet of x as the core has it at this place, by each path. */
static bool packet_try(struct place *at, const struct cube *x)
{
	static const enum packet_path paths[STEPS][3] = {
		[STEP_ACCT_IN] = { PATH_LOCAL_IN, PATH_FORWARDED, PATHS },
		[STEP_INPUT] = { PATH_LOCAL_IN, PATH_FORWARDED, PATHS },
		[STEP_FORWARD] = { PATH_FORWARDED, PATHS, PATHS },
		[STEP_OUTPUT] = { PATH_LOCAL_OUT, PATH_FORWARDED, PATHS },
		[STEP_ACCT_OUT] = { PATH_LOCAL_OUT, PATH_FORWARDED, PATHS },
	};
	static const struct device_ids none;
	/* by what is asked before */
	const __s32 want[FW_ACCT] = {
		[FW_INPUT] = at->step > STEP_INPUT ? ANY_PASS : ANYTHING,
		[FW_FORWARD] = at->step > STEP_FORWARD ? ANY_PASS : ANYTHING,
		[FW_OUTPUT] = at->step > STEP_OUTPUT ? ANY_PASS : ANYTHING,
	};
	struct prove *p = at->p;
	unsigned int i, k, n;

	for (i = 0; i < 3 && paths[at->step][i] != PATHS; i++) {
		struct traversal_packet tp = { .path = paths[at->step][i] };
		bool local = tp.path == PATH_LOCAL_OUT;
		struct witness w;
		struct cube y = *x;

		if ((at->view.masqueraded || at->view.answers) && local)
			continue;
		if (at->view.answers) {
			tp.path = PATH_ANSWER;
			tp.inner_addr = x->bits[CUBE_SRC].value;
			tp.inner_port = x->range[CUBE_SPORT].lo;
			y = cube_of_any_source(&y);
		}
		if (at->view.masqueraded) {
			/* any source, whose translation is what x has */
			tp.masq_port = x->range[CUBE_SPORT].lo;
			y = cube_of_any_source(&y);
		}
		witness_make(&w, &y, &none);
		tp.pkt = w.pkt;
		if (!tp.masq_port)
			tp.masq_port = FW_MASQ_PORT_FIRST;
		n = local || tp.path == PATH_LOCAL_IN ? 1 : p->ndevs + 1;
		for (k = 0; k < n; k++) {
			const struct fw_dev *other = k < p->ndevs ? &p->devs[k] : &p->any;

			if (dev_is_alias(other))
				continue;
			tp.in = local ? NULL : at->view.out ? other : at->base;
			tp.out = tp.path == PATH_LOCAL_IN ? NULL : at->view.out ? at->base : other;
			tp.alias = tp.in ? prove_alias(p, tp.in, tp.pkt.daddr) : NULL;
			if (prove_try(p, &tp) || prove_search(p, &tp, &y, want))
				return true;
		}
	}
	return false;
}

static void undecided(struct place *at, __u32 rule, const char *reason)
{
	prove_undecided(at->p, at->list, (__s32)rule, reason);
}

/* Do these pieces, and those that are excluded, cover x?  *from ... *to - 1 */
static int covered(struct place *at, const struct cube *x, __u32 from, __u32 to, __u32 earlier)
{
	struct cover *c = &at->p->cover;
	int err;

	c->piece = at->pieces.piece;
	cover_begin(c);
	err = cover_add(c, x, 0, earlier);
	if (!err)
		err = cover_add(c, x, from, to);
	return err ? err : cover_ask(c, x);
}

/* Packets of x that pieces [from, to) do not have: none, or taken by earlier rules. */
static int part_check(struct place *at, __u32 rule, const struct cube *x, __u32 from, __u32 to)
{
	const __u32 *first = at->pieces.first;
	int answer = covered(at, x, from, to, first[1]);
	struct cube witness;

	if (answer == COVER_NO && at->list != FW_ACCT)
		answer = covered(at, x, from, to, first[rule + 1]);
	witness = at->p->cover.witness;
	if (answer == COVER_NO && !packet_try(at, &witness))
		undecided(at, rule, "its conditions differ, and no packet was found that shows it");
	if (answer == -E2BIG)
		undecided(at, rule, "the budget was not sufficient");
	return answer == -ENOMEM ? answer : 0;
}

/* Compares the pieces of the plan, which are the last ones, with those of the rule. */
static int sets_compare(struct place *at, __u32 rule)
{
	struct piece_list *l = &at->pieces;
	__u32 begin = l->first[rule + 1], end = l->first[rule + 2], i;
	struct cube x;
	unsigned int k;
	int err = 0;

	for (i = begin; i < end && !err; i++)
		for (k = 0; k < at->nroots && !err; k++)
			if (cube_intersect(&l->piece[i].cube, &at->root[k], &x))
				err = part_check(at, rule, &x, at->ncore, l->count);
	for (i = at->ncore; i < l->count && !err; i++)
		err = part_check(at, rule, &l->piece[i].cube, begin, end);
	return err;
}

static enum source_view source_of(const struct place *at)
{
	return at->view.masqueraded ? SOURCE_MASQUERADED :
	       at->view.answers ? SOURCE_ANSWERS : SOURCE_KNOWN;
}

static bool is_asked(const struct place *at, const struct plan_chain *c)
{
	return !at->is_unasked && at->p->asked[c->id] & ask_bit(at->step, source_of(at));
}

/* The packets for which the rules of a block hold. */
static int block_pieces_add(struct place *at, const struct block *b)
{
	const struct plan_rule *r;
	int err = 0;
	unsigned int k;
	__u32 n;

	for (r = block_conditions(b, &n); n && !err; n--, r = r->next)
		for (k = 0; k < at->nroots && !err; k++)
			err = plan_pieces_add(&at->pieces, r, &at->view, &at->root[k]);
	return err;
}

/* Do packets of the rule, and of it and each other rule, show a difference? */
static bool packets_try(struct place *at, __u32 rule)
{
	const struct piece_list *l = &at->pieces;
	__u32 i, j, tries = 0;
	struct cube x, y;
	unsigned int k;

	for (i = l->first[rule + 1]; i < l->first[rule + 2]; i++)
		for (k = 0; k < at->nroots; k++) {
			if (!cube_intersect(&l->piece[i].cube, &at->root[k], &x))
				continue;
			for (j = l->first[1]; j <= at->ncore && tries++ < SUSPECT_TRIES; j++) {
				y = x;
				if ((j == at->ncore || cube_intersect(&x, &l->piece[j].cube, &y)) &&
				    packet_try(at, &y))
					return true;
			}
		}
	return false;
}

/*
 * A rule whose parts do not do the same, or one out of order: what it does is not known from
 * its sets, so packets of it and of each of its parts are tried.
 */
static int suspect_try(struct place *at, __u32 rule)
{
	const struct prove *p = at->p;
	const struct plan_rule *r;
	struct cube x;
	unsigned int k;
	int err = 0;
	__u32 b, n, i;

	undecided(at, rule, "the parts of the plan that stem from it differ");
	if (packets_try(at, rule))
		return 0;
	for (b = p->first[at->list][rule]; b < p->first[at->list][rule + 1]; b++)
		for (r = block_conditions(&p->block[b], &n); n && !err; n--, r = r->next) {
			for (k = 0; k < at->nroots && !err; k++)
				err = plan_pieces_add(&at->pieces, r, &at->view, &at->root[k]);
			if (!err)
				err = sets_compare(at, rule);
			for (i = at->ncore; i < at->pieces.count && !err; i++) {
				x = at->pieces.piece[i].cube;
				if (packet_try(at, &x))
					break;
			}
			at->pieces.count = at->ncore;
		}
	return err == -EOPNOTSUPP ? 0 : err;
}

/* Each accounting rule counts in one of the chains; of other lists there is one chain. */
static int rule_check(struct place *at, __u32 rule)
{
	const struct prove *p = at->p;
	const __u32 *first = p->first[at->list];
	bool compared = false;
	int err = 0;
	__u32 b;

	for (b = first[rule]; b < first[rule + 1] && !err; b++) {
		if (!is_asked(at, p->block[b].chain))
			continue;
		err = block_pieces_add(at, &p->block[b]);
		if (at->list == FW_ACCT || err)
			continue;
		compared = true;
		err = sets_compare(at, rule);
		at->pieces.count = at->ncore;
	}
	if (!err && !compared)
		err = sets_compare(at, rule);
	at->pieces.count = at->ncore;
	if (err != -EOPNOTSUPP)
		return err;
	undecided(at, rule, "it asks for something that is not compared");
	packets_try(at, rule);
	return 0;
}

static bool is_suspect(const struct prove *p, enum fw_list_id list, __u32 rule)
{
	const struct plan_rule *r;
	__u32 b;

	for (b = p->first[list][rule]; b < p->first[list][rule + 1]; b++) {
		if (!block_is_regular(p, &p->block[b], list))
			return true;
		r = p->block[b].chain->rules;
		for (; list != FW_ACCT && r != p->block[b].rule; r = r->next)
			if (r->origin >= (__s32)rule)
				return true;
	}
	return false;
}

static int core_pieces_make(struct place *at)
{
	static const struct device_ids any;
	const struct fw_list *l = &at->p->rs->list[at->list];
	struct piece_list *to = &at->pieces;
	struct cube x = list_space(at->list);
	int err = 0;
	__u32 i;

	to->first = calloc((size_t)l->count + 3, sizeof(*to->first));
	if (!to->first)
		return -ENOMEM;
	for (i = 0; i < at->view.nnot_daddr && !err; i++) {
		x.bits[CUBE_DST] = (struct cube_bits){ at->view.not_daddr[i], ~0u };
		err = piece_add(to, &x);
	}
	for (i = 0; i < l->count && !err; i++) {
		const struct fw_match *m = &fw_list_rule(l, i)->match;

		to->first[++to->nrules] = to->count;
		if (fw_device_matches(m, &at->view.dev))
			err = piece_list_add_rule(to, at->list, m, &any);
	}
	to->first[++to->nrules] = at->ncore = to->count;
	return err;
}

/* All rules of a list at one place, for one interface. */
static int place_check(struct place *at)
{
	const struct prove *p = at->p;
	int err;
	__u32 i;

	at->nroots = plan_view_roots(&at->view, at->list, at->root);
	err = core_pieces_make(at);
	for (i = 0; i < p->rs->list[at->list].count && !err && p->answer != PROVE_DIFFERS; i++)
		if (prove_is_exact(p, at->list, (__s32)i)) {
			if (is_suspect(p, at->list, i))
				err = suspect_try(at, i);
			if (!err)
				err = rule_check(at, i);
		}
	piece_list_free(&at->pieces);
	return err;
}

/* The interface as the plan sees it, and an alias that receives what is sent to it. */
static int view_check(struct place *at, const struct fw_dev *dev, const struct fw_dev *as)
{
	const struct prove *p = at->p;
	struct plan_view *v = &at->view;
	__u32 i;

	at->base = dev;
	v->dev = *as;
	memcpy(v->name, dev->name, FW_IFNAMSIZ);
	v->space = list_space(at->list);
	v->space.set[CUBE_DIRECTION] = 1u << (at->step == STEP_ACCT_OUT ? FW_DIR_OUT : FW_DIR_IN);
	if (v->masqueraded || v->answers)
		v->space.set[CUBE_CLASS] &= CLASSES_TCP | CLASSES_UDP | CLASSES_ICMP;
	if (v->answers)
		v->space.set[CUBE_STATE] &= prove_path_states(PATH_ANSWER);
	v->not_daddr = at->alias;
	v->nnot_daddr = 0;
	if (as != dev)
		v->space.bits[CUBE_DST] = (struct cube_bits){ as->addr, ~0u };
	for (i = 0; at->step == STEP_INPUT && as == dev && i < p->ndevs; i++)
		if (dev_is_alias(&p->devs[i]) &&
		    prove_alias(p, dev, p->devs[i].addr) == &p->devs[i]) {
			if (v->nnot_daddr == ALIASES_MAX) {
				prove_undecided(at->p, at->list, -1,
						"an interface has too many aliases");
				return 0;
			}
			at->alias[v->nnot_daddr++] = p->devs[i].addr;
		}
	return place_check(at);
}

static int device_check(struct place *at, const struct fw_dev *dev)
{
	const struct prove *p = at->p;
	int err = view_check(at, dev, dev);
	__u32 i;

	for (i = 0; at->step == STEP_INPUT && i < p->ndevs && !err; i++)
		if (dev_is_alias(&p->devs[i]) &&
		    prove_alias(p, dev, p->devs[i].addr) == &p->devs[i])
			err = view_check(at, dev, &p->devs[i]);
	return err;
}

static bool device_is_known(const struct prove *p, const char *name)
{
	__u32 i = 0;

	while (i < p->ndevs && strncmp(p->devs[i].name, name, FW_IFNAMSIZ) != 0)
		i++;
	return i < p->ndevs;
}

/* An interface that a rule names, though it is not there; once for each name. */
static int named_check(struct place *at, const struct fw_list *l, __u32 rule)
{
	const struct fw_rule *r = fw_list_rule(l, rule);
	struct fw_dev dev = at->p->any;
	__u32 i;

	memcpy(dev.name, r->vianame, FW_IFNAMSIZ);
	if (!dev.name[0] || memchr(dev.name, ':', FW_IFNAMSIZ) ||
	    !device_name_is_possible(dev.name) || device_is_known(at->p, dev.name))
		return 0;
	for (i = 0; i < rule; i++)
		if (fw_name_equal(fw_list_rule(l, i)->vianame, r->vianame))
			return 0;
	return device_check(at, &dev);
}

static int devices_check(struct place *at)
{
	const struct prove *p = at->p;
	const struct fw_list *l = &p->rs->list[at->list];
	int err = 0;
	__u32 i;

	for (i = 0; i < p->ndevs && !err; i++)
		if (!dev_is_alias(&p->devs[i]))
			err = device_check(at, &p->devs[i]);
	if (at->view.masqueraded)	/* by an interface with an address */
		return err;
	if (!err)
		err = device_check(at, &p->any);
	for (i = 0; i < l->count && !err; i++)
		err = named_check(at, l, i);
	return err;
}

static bool is_asked_at_all(const struct prove *p, __u32 bit)
{
	__u32 i = 0;

	while (i < p->plan->nchains && !(p->asked[i] & bit))
		i++;
	return i < p->plan->nchains;
}

/* A packet of the rule that is helped, by any interface. */
static bool helped_try(struct prove *p, const struct cube *x)
{
	struct place at = {
		.p = p, .list = FW_FORWARD, .step = STEP_FORWARD, .view = { .out = true },
	};
	__u32 i;

	for (i = 0; i <= p->ndevs; i++) {
		at.base = i < p->ndevs ? &p->devs[i] : &p->any;
		if (!dev_is_alias(at.base) && packet_try(&at, x))
			return true;
	}
	return false;
}

/* xtables: is the helper attached to all that the rule masquerades, as it enters? */
static int helper_check(struct prove *p, __u32 rule, const struct fw_masq_helper *h, __u16 port)
{
	const struct fw_match *m = &fw_list_rule(&p->rs->list[FW_FORWARD], rule)->match;
	struct place at = {
		.p = p, .list = FW_FORWARD, .view = { .space = list_space(FW_FORWARD) },
	};
	static const struct device_ids any;
	struct piece_list *l = &at.pieces;
	const struct plan_chain *c;
	const struct plan_rule *r;
	struct cube x = list_space(FW_FORWARD);
	__u32 n, i;
	int err = piece_list_add_rule(l, FW_FORWARD, m, &any);

	x.set[CUBE_CLASS] = CLASSES_TCP;
	x.range[CUBE_DPORT] = (struct cube_range){ port, port };
	n = l->count;
	for (c = p->plan->chains; c; c = c->next)
		for (r = c->rules; r && !err; r = r->next)
			if (rule_is_early(r) && r->list == FW_FORWARD &&
			    r->origin == (__s32)rule &&
			    !strcmp(r->action[0].text, fw_helper_name(h->id)))
				err = plan_pieces_add(l, r, &at.view, &x);
	for (i = 0; i < n && !err; i++) {
		struct cube y;
		int answer;

		p->cover.piece = l->piece;
		if (!cube_intersect(&l->piece[i].cube, &x, &y))
			continue;
		answer = cover_question(&p->cover, &y, n, l->count);
		if (answer == -ENOMEM)
			err = answer;
		y = p->cover.witness;
		if (answer == -E2BIG || (answer == COVER_NO && !helped_try(p, &y)))
			undecided(&at, rule, "its helper is not attached to all its packets");
	}
	piece_list_free(l);
	if (err == -EOPNOTSUPP)
		undecided(&at, rule, "its helper asks for something that is not compared");
	return err == -EOPNOTSUPP ? 0 : err;
}

static int helpers_check(struct prove *p)
{
	const struct fw_list *l = &p->rs->list[FW_FORWARD];
	const struct fw_masq_helper *h = fw_masq_helpers;
	int err = 0;
	__u32 i, n;
	__u16 port;

	for (; h < fw_masq_helpers + FW_MASQ_HELPERS; h++)
		for (n = 0; (port = fw_portfw_helper_port(&p->rs->portfw, h, n)); n++)
			for (i = 0; i < l->count && !err && p->answer != PROVE_DIFFERS; i++)
				if (fw_flags_masquerade(fw_list_rule(l, i)->flags) &&
				    prove_is_exact(p, FW_FORWARD, (__s32)i) &&
				    plan_netfilter_helps(h->id) &&
				    fw_portfw_helper(&p->rs->portfw, h->proto, port) == h->id)
					err = helper_check(p, i, h, port);
	return err;
}

int prove_lists(struct prove *p)
{
	static const struct {
		enum traversal_step step;
		enum fw_list_id list;
		bool out;
	} places[] = {
		{ STEP_ACCT_IN, FW_ACCT, false }, { STEP_INPUT, FW_INPUT, false },
		{ STEP_FORWARD, FW_FORWARD, true }, { STEP_OUTPUT, FW_OUTPUT, true },
		{ STEP_ACCT_OUT, FW_ACCT, true },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < 2 * SOURCE_VIEWS * FW_COUNT(places) && !err && p->answer != PROVE_DIFFERS;
	     i++) {
		const unsigned int place = i / (2 * SOURCE_VIEWS);
		const enum source_view source = (enum source_view)(i / 2 % SOURCE_VIEWS);
		const bool is_unasked = i & 1;
		struct place at = {
			.p = p, .list = places[place].list, .step = places[place].step,
			.view = { .out = places[place].out,
				  .masqueraded = source == SOURCE_MASQUERADED,
				  .answers = source == SOURCE_ANSWERS },
			.is_unasked = is_unasked,
		};
		__u32 bit = ask_bit(at.step, source);

		if (is_unasked ? p->unasked & bit : is_asked_at_all(p, bit))
			err = devices_check(&at);
	}
	return err || p->plan->target != PLAN_XTABLES ? err : helpers_check(p);
}
