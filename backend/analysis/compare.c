// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compare.c - do two lists of rules treat every packet alike?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/compare.h"
#include "backend/analysis/lint.h"

struct side {
	const struct fw_list *rules;	/* NULL: the last cubes leave nothing to a policy */
	__u32 begin, end;	/* its rules, as they are numbered through */
	struct effect policy;
};

struct compare {
	enum fw_list_id id;
	struct side side[2];
	struct device_ids devices;
	struct piece_list pieces;
	struct cover cover;
	struct effect *effect;	/* by rule */
	__u32 *number;		/* rules of one number are the same rule; from 1 on */
	bool *common;		/* by rule: in the common subsequence */
	/* pieces of each side that precede the pair in question and meet it */
	__u32 *outer, *inner;
	__u32 nouter, ninner;
	bool is_undecided;
	struct difference *d;
	/* The packet of the last "no": a difference, -E2BIG if that is not sure, or an error. */
	int (*confirm)(struct compare *c);
	compare_confirm_fn other_confirm;
	void *ctx;
};

/* A rule as it is compared: what does not matter is zero. */
struct rule_key {
	struct fw_match match;
	__u32 rule;
};

#define KEY_SIZE (offsetof(struct fw_match, vianame) + FW_IFNAMSIZ)

static int key_compare(const void *a, const void *b)
{
	const struct rule_key *x = a, *y = b;
	int order = memcmp(&x->match, &y->match, KEY_SIZE);

	return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

static void key_make(struct rule_key *k, const struct fw_match *m, __u32 rule)
{
	unsigned int used = (unsigned int)m->nsp + m->ndp + !!(m->flags & FW_REDIR);
	size_t length = strnlen(m->vianame, FW_IFNAMSIZ);

	k->match = *m;
	k->rule = rule;
	fw_match_prepare(&k->match);
	if (used < FW_MAX_PORTS)
		memset(k->match.pts + used, 0, (FW_MAX_PORTS - used) * sizeof(*m->pts));
	memset(k->match.vianame + length, 0, FW_IFNAMSIZ - length);
}

/* Numbers the rules of both sides, equal ones by one number. */
static int rules_number(struct compare *c)
{
	__u32 n = c->side[1].end, i, number = 0;
	struct rule_key *key = calloc((size_t)n + 1, sizeof(*key));

	if (!key)
		return -ENOMEM;
	for (int s = 0; s < 2; s++)
		for (i = c->side[s].begin; i < c->side[s].end; i++)
			key_make(&key[i], &fw_list_rule(c->side[s].rules,
							i - c->side[s].begin)->match, i);
	qsort(key, n, sizeof(*key), key_compare);
	for (i = 0; i < n; i++) {
		number += !i || memcmp(&key[i - 1].match, &key[i].match, KEY_SIZE) != 0;
		c->number[key[i].rule] = number;
	}
	free(key);
	return 0;
}

/* For each rule of side 1 the next equal one of side 0 that is free; or NONE. */
#define NONE (~0u)

static void partners_find(const struct compare *c, __u32 *partner, __u32 *next, __u32 *head)
{
	__u32 na = c->side[0].end, i;

	memset(head, 0xff, ((size_t)c->side[1].end + 1) * sizeof(*head));
	for (i = na; i-- > 0;) {
		next[i] = head[c->number[i]];
		head[c->number[i]] = i;
	}
	for (i = na; i < c->side[1].end; i++) {
		__u32 *at = &head[c->number[i]];

		partner[i - na] = *at;
		if (*at != NONE)
			*at = next[*at];
	}
}

/* Marks a longest increasing subsequence of partner[n]. */
static void increasing_mark(struct compare *c, const __u32 *partner, __u32 n, __u32 *tail,
			    __u32 *before)
{
	__u32 na = c->side[0].end, length = 0, i;

	for (i = 0; i < n; i++) {
		__u32 lo = 0, hi = length;

		if (partner[i] == NONE)
			continue;
		while (lo < hi) {
			__u32 middle = (lo + hi) / 2;

			if (partner[tail[middle]] < partner[i])
				lo = middle + 1;
			else
				hi = middle;
		}
		before[i] = lo ? tail[lo - 1] : NONE;
		tail[lo] = i;
		length += lo == length;
	}
	for (i = length ? tail[length - 1] : NONE; i != NONE; i = before[i])
		c->common[partner[i]] = c->common[na + i] = true;
}

static int common_find(struct compare *c)
{
	size_t n = (size_t)c->side[1].end + 1;
	__u32 *room = calloc(4 * n, sizeof(*room));

	if (!room)
		return -ENOMEM;
	partners_find(c, room, room + n, room + 2 * n);
	increasing_mark(c, room, c->side[1].end - c->side[1].begin, room + n, room + 3 * n);
	free(room);
	return 0;
}

static const struct effect *effect_of(const struct compare *c, int s, __s32 rule)
{
	return rule < 0 ? &c->side[s].policy : &c->effect[c->side[s].begin + (__u32)rule];
}

/* The packet of the last "no": the core must treat it differently. */
static int difference_confirm(struct compare *c)
{
	struct difference *d = c->d;
	struct fw_packet *pkt = &d->witness.pkt;
	struct effect e[2];

	witness_make(&d->witness, &c->cover.witness, &c->devices);
	for (int s = 0; s < 2; s++) {
		d->decision[s] = witness_decide(&d->witness, c->id, c->side[s].rules);
		e[s] = effect_for_port(*effect_of(c, s, d->decision[s].rule), pkt->dport);
	}
	/* rules do not ask for the TOS, so it may be one that shows what they do to it */
	if (e[0].tosxor == e[1].tosxor)
		pkt->tos = e[0].tosand ^ e[1].tosand;
	for (int s = 0; s < 2; s++)
		d->decision[s] = witness_decide(&d->witness, c->id, c->side[s].rules);
	return effect_equal(&e[0], &e[1]) ? -EBADE : COMPARE_DIFFERS;
}

/* After a question: does it show a difference?  "Undecided" is only recorded. */
static int answer_take(struct compare *c, int answer)
{
	if (answer == COVER_YES)
		return COMPARE_ALIKE;
	if (answer == COVER_NO)
		answer = c->confirm(c);
	if (answer != -E2BIG)
		return answer;
	c->is_undecided = true;
	return COMPARE_ALIKE;
}

static bool any_contains(const struct compare *c, const __u32 *index, __u32 n,
			 const struct cube *x)
{
	__u32 i = 0;

	while (i < n && !cube_contains(&c->pieces.piece[index[i]].cube, x))
		i++;
	return i < n;
}

/* Packets of y on which a and b differ, outside of what precedes both. */
static int pair_compare(struct compare *c, const struct effect *a, const struct effect *b,
			const struct cube *y)
{
	struct cube part[2];
	unsigned int nparts = effect_parts(a, b, y, part), i;
	int answer = COMPARE_ALIKE, err;

	for (i = 0; i < nparts && answer == COMPARE_ALIKE; i++) {
		err = cover_spend(&c->cover, c->ninner + c->nouter);
		if (!err && (any_contains(c, c->inner, c->ninner, &part[i]) ||
			     any_contains(c, c->outer, c->nouter, &part[i])))
			continue;	/* so it is most often */
		cover_begin(&c->cover);
		if (!err)
			err = cover_add_some(&c->cover, &part[i], c->outer, c->nouter);
		if (!err)
			err = cover_add_some(&c->cover, &part[i], c->inner, c->ninner);
		answer = answer_take(c, err ? err : cover_ask(&c->cover, &part[i]));
	}
	return answer;
}

/* The packets of x, of a rule of side s: those that this rule decides there. */
static int root_compare(struct compare *c, int s, __u32 rule, const struct cube *x)
{
	const struct side *mine = &c->side[s], *other = &c->side[!s];
	const struct piece *piece = c->pieces.piece;
	const __u32 *first = c->pieces.first;
	int answer = cover_spend(&c->cover, c->pieces.count);
	struct cube y;
	__u32 i;

	if (answer)
		return answer_take(c, answer);
	c->nouter = c->ninner = 0;
	for (i = first[mine->begin]; i < first[rule]; i++) {
		if (!cube_meets(&piece[i].cube, x))
			continue;
		if (cube_contains(&piece[i].cube, x))
			return COMPARE_ALIKE;
		c->outer[c->nouter++] = i;
	}
	for (i = first[other->begin]; i < first[other->end] && answer == COMPARE_ALIKE; i++) {
		if (!cube_intersect(x, &piece[i].cube, &y))
			continue;
		answer = pair_compare(c, &c->effect[rule], &c->effect[piece[i].rule], &y);
		if (answer != COMPARE_ALIKE || cube_contains(&piece[i].cube, x))
			return answer;
		c->inner[c->ninner++] = i;
	}
	return answer == COMPARE_ALIKE && other->rules ?
	       pair_compare(c, &c->effect[rule], &other->policy, x) : answer;
}

/* packets that no rule of either side decides */
static int policies_compare(struct compare *c)
{
	struct cube space = list_space(c->id), root[ROOTS_MAX], part[2];
	int answer = COMPARE_ALIKE;
	unsigned int n, i, k;

	n = roots_of(&space, c->id, root);
	for (i = 0; i < n; i++) {
		unsigned int nparts = effect_parts(&c->side[0].policy, &c->side[1].policy,
						   &root[i], part);

		for (k = 0; k < nparts && answer == COMPARE_ALIKE; k++)
			answer = answer_take(c, cover_question(&c->cover, &part[k], 0,
							       c->pieces.count));
	}
	return answer;
}

static int firewall_compare(struct compare *c)
{
	struct cube root[RULE_ROOTS_MAX];
	int answer = common_find(c);
	__u32 i;

	for (i = 0; i < c->pieces.nrules && answer == COMPARE_ALIKE; i++) {
		unsigned int n = c->common[i] ? 0 : rule_roots(&c->pieces, i, c->id, root), k;

		for (k = 0; k < n && answer == COMPARE_ALIKE; k++)
			answer = root_compare(c, i >= c->side[1].begin, i, &root[k]);
	}
	if (answer == COMPARE_ALIKE)
		answer = policies_compare(c);
	return answer == COMPARE_ALIKE && c->is_undecided ? -E2BIG : answer;
}

/* A rule that the other side has not, or less often, and that can match. */
static int accounting_compare(struct compare *c)
{
	struct cube root[RULE_ROOTS_MAX];
	__u32 *next = calloc(3 * ((size_t)c->pieces.nrules + 1), sizeof(*next));
	__u32 n = c->pieces.nrules + 1, i;
	int answer = COMPARE_ALIKE;

	if (!next)
		return -ENOMEM;
	/* a partner for each: those of side 1 without, then those of side 0 left over */
	partners_find(c, next + n, next, next + 2 * (size_t)n);
	for (i = 0; i < n - 1; i++)
		c->common[i] = i >= c->side[1].begin && next[n + i - c->side[1].begin] != NONE;
	for (i = 0; i < c->side[1].end - c->side[1].begin; i++)
		if (next[n + i] != NONE)
			c->common[next[n + i]] = true;
	for (i = 0; i < n - 1 && answer == COMPARE_ALIKE; i++) {
		int s = i >= c->side[1].begin;
		struct fw_list one = { .count = 1, .cap = 1 };

		if (c->common[i] || !rule_roots(&c->pieces, i, c->id, root))
			continue;
		one.slots = fw_list_rule(c->side[s].rules, i - c->side[s].begin);
		witness_make(&c->d->witness, &root[0], &c->devices);
		c->d->decision[s] = witness_decide(&c->d->witness, c->id, &one);
		answer = c->d->decision[s].rule == 0 ? COMPARE_DIFFERS : -EBADE;
		c->d->decision[s].rule = (__s32)(i - c->side[s].begin);
		c->d->decision[!s] = (struct fw_decision){ .rule = -1 };
	}
	free(next);
	return answer;
}

/* Room for what is known of each rule, and of each piece. */
static int rooms_make(struct compare *c)
{
	size_t n = (size_t)c->pieces.nrules + 1;

	c->effect = calloc(n, sizeof(*c->effect));
	c->number = calloc(n, sizeof(*c->number));
	c->common = calloc(n, sizeof(*c->common));
	n = (size_t)c->pieces.count + 1;
	c->outer = calloc(n, sizeof(*c->outer));
	c->inner = calloc(n, sizeof(*c->inner));
	c->cover.piece = c->pieces.piece;
	return c->effect && c->number && c->common && c->outer && c->inner ? 0 : -ENOMEM;
}

static int compare_begin(struct compare *c, enum effect_level level)
{
	const struct fw_list *list[2] = { c->side[0].rules, c->side[1].rules };
	__u32 i;
	int err = device_ids_make(&c->devices, list, 2);

	for (int s = 0; s < 2 && !err; s++) {
		c->side[s].begin = c->pieces.nrules;
		err = piece_list_add(&c->pieces, c->id, list[s], &c->devices);
		c->side[s].end = c->pieces.nrules;
		c->side[s].policy = effect_of_policy(c->id, list[s]->policy);
	}
	if (err)
		return err;
	err = rooms_make(c);
	if (!err)
		err = rules_number(c);
	if (err)
		return err;
	for (int s = 0; s < 2; s++)
		for (i = c->side[s].begin; i < c->side[s].end; i++)
			c->effect[i] = effect_of_rule(c->id,
				&fw_list_rule(list[s], i - c->side[s].begin)->match,
				c->number[i], level);
	return 0;
}

static void compare_free(struct compare *c)
{
	cover_free(&c->cover);
	piece_list_free(&c->pieces);
	device_ids_free(&c->devices);
	free(c->effect);
	free(c->number);
	free(c->common);
	free(c->outer);
	free(c->inner);
}

int compare_lists(enum fw_list_id id, const struct fw_list *a, const struct fw_list *b,
		  enum effect_level level, __u64 *budget, struct difference *d)
{
	struct compare c = {
		.id = id, .side = { { .rules = a }, { .rules = b } },
		.cover = { .budget = *budget, .limit = ANALYSIS_LIMIT },
		.d = d, .confirm = difference_confirm,
	};
	int answer = compare_begin(&c, level);

	if (!answer && id != FW_ACCT)
		answer = firewall_compare(&c);
	else if (!answer && level >= EFFECT_COUNTERS)
		answer = accounting_compare(&c);
	*budget = c.cover.budget;
	compare_free(&c);
	return answer;
}

/* A cube and its effect, in a form without gaps. */
struct flat_key {
	struct cube cube;
	__u32 effect[5];
	__u32 rule;
};

static int flat_compare(const void *a, const void *b)
{
	const struct flat_key *x = a, *y = b;
	int order = memcmp(x, y, offsetof(struct flat_key, rule));

	return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

static int flats_number(struct compare *c)
{
	__u32 n = c->pieces.nrules, i, number = 0;
	struct flat_key *key = calloc((size_t)n + 1, sizeof(*key));

	if (!key)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		const struct effect *e = &c->effect[i];

		key[i] = (struct flat_key){
			.cube = c->pieces.piece[i].cube, .rule = i,
			.effect = { e->action, (__u32)e->tosand << 8 | e->tosxor, e->redirport,
				    e->daddr, e->saddr },
		};
	}
	qsort(key, n, sizeof(*key), flat_compare);
	for (i = 0; i < n; i++) {
		number += !i || memcmp(&key[i - 1], &key[i], offsetof(struct flat_key, rule)) != 0;
		c->number[key[i].rule] = number;
	}
	free(key);
	return 0;
}

static int flat_begin(struct compare *c, const struct piece_list *const p[2],
		      const struct effect *const effect[2])
{
	__u32 n = p[0]->count + p[1]->count, i;
	int err;

	c->pieces.first = calloc((size_t)n + 1, sizeof(*c->pieces.first));
	if (!c->pieces.first)
		return -ENOMEM;
	for (int s = 0; s < 2; s++) {
		c->side[s].begin = c->pieces.nrules;
		for (i = 0; i < p[s]->count; i++) {
			err = piece_add(&c->pieces, &p[s]->piece[i].cube);
			if (err)
				return err;
			c->pieces.first[++c->pieces.nrules] = c->pieces.count;
		}
		c->side[s].end = c->pieces.nrules;
	}
	err = rooms_make(c);
	if (err)
		return err;
	for (int s = 0; s < 2; s++)
		memcpy(c->effect + c->side[s].begin, effect[s],
		       p[s]->count * sizeof(*c->effect));
	return flats_number(c);
}

static int flat_confirm(struct compare *c)
{
	return c->other_confirm(c->ctx, &c->cover.witness);
}

int compare_flat(const struct piece_list *const p[2], const struct effect *const effect[2],
		 __u64 *budget, compare_confirm_fn confirm, void *ctx)
{
	struct compare c = {
		.cover = { .budget = *budget, .limit = ANALYSIS_LIMIT },
		.confirm = flat_confirm, .other_confirm = confirm, .ctx = ctx,
	};
	int answer = flat_begin(&c, p, effect);
	__u32 i;

	if (!answer)
		answer = common_find(&c);
	for (i = 0; i < c.pieces.nrules && answer == COMPARE_ALIKE; i++)
		if (!c.common[i])
			answer = root_compare(&c, i >= c.side[1].begin, i,
					      &c.pieces.piece[i].cube);
	if (answer == COMPARE_ALIKE && c.is_undecided)
		answer = -E2BIG;
	*budget = c.cover.budget;
	compare_free(&c);
	return answer;
}
