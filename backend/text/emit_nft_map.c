// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_nft_map.c - rules of which a packet matches one at most, as one lookup.
 *
 * What a map does not have goes on with the rule after the lookup, as what matches no rule
 * of the run would.
 */
#include <stdlib.h>

#include "backend/plan/plan_same.h"
#include "backend/text/emit_nft.h"

#define RUN_MIN 4	/* rules; of fewer a walk is as fast */
#define RUN_MAX 4096	/* each is compared with each */

/* what a map may be asked for, in this order */
enum { KEY_SADDR, KEY_DADDR, KEY_SPORT, KEY_DPORT, KEYS };

/* the packets of a rule, as far as keys tell them apart */
struct box {
	struct { __u32 lo, hi; } key[KEYS];
};

struct nft_maps {
	struct box box[RUN_MAX];
	__u32 count;		/* boxes: rules of the run */
	unsigned int keys;	/* bits 1 << KEY_*: in which they differ */
	bool has_intervals;	/* of more than a value */
	__u32 number;		/* of maps until now, which are named by it */
	unsigned int rejects;	/* bits 1 << code: chains that their elements go to */
};

struct nft_maps *nft_maps_new(void)
{
	return malloc(sizeof(struct nft_maps));
}

void nft_maps_free(struct nft_maps *maps)
{
	free(maps);
}

/* The key that m is about, with one interval in *b; -1: none. */
static int match_key(const struct plan_match *m, struct box *b)
{
	bool is_source = m->type == PLAN_M_SADDR || m->type == PLAN_M_SPORT;
	int key;

	if (m->invert)
		return -1;
	switch (m->type) {
	case PLAN_M_SADDR:
	case PLAN_M_DADDR:
		if (!emit_mask_is_prefix(m->bits.mask))
			return -1;
		key = is_source ? KEY_SADDR : KEY_DADDR;
		b->key[key].lo = m->bits.value;
		b->key[key].hi = m->bits.value | ~m->bits.mask;
		return key;
	case PLAN_M_SPORT:
	case PLAN_M_DPORT:
		if (m->ranges.count != 1)
			return -1;
		key = is_source ? KEY_SPORT : KEY_DPORT;
		b->key[key].lo = m->ranges.item->lo;
		b->key[key].hi = m->ranges.item->hi;
		return key;
	default:
		return -1;
	}
}

/* The box of a rule; false: two of its conditions are about one key. */
static bool box_make(struct box *b, const struct emit_rule *s)
{
	unsigned int i, seen = 0;
	int key;

	for (key = 0; key < KEYS; key++) {
		b->key[key].lo = 0;
		b->key[key].hi = ~0u;
	}
	for (i = 0; i < s->nmatches; i++) {
		key = match_key(&s->match[i], b);
		if (key >= 0 && seen & 1u << key)
			return false;
		seen |= key >= 0 ? 1u << key : 0;
	}
	return true;
}

static bool boxes_are_disjoint(const struct box *a, const struct box *b)
{
	int key;

	for (key = 0; key < KEYS; key++)
		if (a->key[key].hi < b->key[key].lo || b->key[key].hi < a->key[key].lo)
			return true;
	return false;
}

static unsigned int boxes_differ(const struct box *a, const struct box *b)
{
	unsigned int keys = 0;
	int key;

	for (key = 0; key < KEYS; key++)
		if (a->key[key].lo != b->key[key].lo || a->key[key].hi != b->key[key].hi)
			keys |= 1u << key;
	return keys;
}

/* Does an element of a map do all that the rule does? */
static bool rule_is_element(const struct plan_rule *r)
{
	if (r->origin < 0 || r->is_lead || r->nactions > 2 || !r->nactions ||
	    r->action[0].type != PLAN_A_COUNTER)
		return false;
	if (r->nactions == 1)
		return true;
	switch (r->action[1].type) {
	case PLAN_A_ACCEPT:
	case PLAN_A_DROP:
	case PLAN_A_RETURN:
	case PLAN_A_GOTO:
	case PLAN_A_REJECT:
		return true;
	default:
		return false;
	}
}

/* Do their conditions differ in the intervals of keys alone? */
static bool rules_are_like(const struct emit_rule *a, const struct emit_rule *b)
{
	struct box unused;
	unsigned int i;

	if (a->nmatches != b->nmatches)
		return false;
	for (i = 0; i < a->nmatches; i++) {
		int key = match_key(&a->match[i], &unused);

		if (key != match_key(&b->match[i], &unused) ||
		    (key < 0 && !plan_match_same(&a->match[i], &b->match[i])))
			return false;
	}
	return true;
}

/* Adds a rule like the first one, unless packets of it match one before. */
static bool run_add(struct nft_maps *run, const struct emit_rule *s)
{
	struct box *b = &run->box[run->count];
	__u32 i;

	if (run->count == RUN_MAX || !box_make(b, s))
		return false;
	for (i = 0; i < run->count; i++)
		if (!boxes_are_disjoint(b, &run->box[i]))
			return false;
	run->keys |= boxes_differ(b, &run->box[0]);
	run->count++;
	return true;
}

static bool run_has_intervals(const struct nft_maps *run)
{
	__u32 i;
	int key;

	for (i = 0; i < run->count; i++)
		for (key = 0; key < KEYS; key++)
			if (run->keys & 1u << key &&
			    run->box[i].key[key].lo != run->box[i].key[key].hi)
				return true;
	return false;
}

/* The rules from r on that are one lookup, *first being r's; false: it is none. */
static bool run_find(struct nft_maps *run, struct emit_rule *first, const struct plan_rule *r)
{
	struct emit_rule next;

	run->count = 0;
	run->keys = 0;
	if (!rule_is_element(r) || emit_rule_simplify(first, r) || !run_add(run, first))
		return false;
	for (r = r->next; r && rule_is_element(r); r = r->next)
		if (emit_rule_simplify(&next, r) || !rules_are_like(first, &next) ||
		    !run_add(run, &next))
			break;
	run->has_intervals = run_has_intervals(run);
	return run->count >= RUN_MIN;
}

static const struct plan_rule *run_last(const struct nft_maps *run, const struct plan_rule *r)
{
	for (__u32 i = 1; i < run->count; i++)
		r = r->next;
	return r;
}

static void element_value(struct emit *e, int key, const struct box *b)
{
	const __u32 lo = b->key[key].lo, hi = b->key[key].hi;

	if (key == KEY_SADDR || key == KEY_DADDR)
		emit_prefix(e, lo, ~(lo ^ hi));
	else
		emit_range(e, (struct plan_range){ (__u16)lo, (__u16)hi }, '-');
}

/* An element has a verdict only: a rejection is in a chain of its own. */
static void verdict_emit(struct emit *e, struct nft_maps *run, const struct plan_rule *r)
{
	const struct plan_action *a = &r->action[r->nactions - 1];

	if (a->type == PLAN_A_REJECT) {
		emit_print(e, "goto reject-%u", a->bits.value);
		run->rejects |= 1u << a->bits.value;
	} else if (a->type == PLAN_A_COUNTER) {
		emit_str(e, "continue");
	} else {
		emit_nft_action(e, r, a);
	}
}

static void rejects_emit(struct emit *e, const struct nft_maps *run)
{
	const struct plan_rule none = { 0 };
	struct plan_action a = { .type = PLAN_A_REJECT };

	for (; a.bits.value < 32; a.bits.value++) {
		if (!(run->rejects >> a.bits.value & 1))
			continue;
		emit_print(e, "\n\tchain reject-%u {\n\t\t", a.bits.value);
		emit_nft_action(e, &none, &a);
		emit_str(e, "\n\t}\n");
	}
}

static void element_emit(struct emit *e, struct nft_maps *run, const struct box *b,
			 const struct plan_rule *r)
{
	const char *origin = emit_origin(e, r), *separator = "\t\t\t";
	int key;

	emit_room(e);
	emit_nft_remarks(e, r, origin, "\t\t\t");
	for (key = 0; key < KEYS; key++) {
		if (!(run->keys & 1u << key))
			continue;
		emit_str(e, separator);
		element_value(e, key, b);
		separator = " . ";
	}
	emit_char(e, ' ');
	emit_nft_action(e, r, &r->action[0]);
	emit_nft_rule_comment(e, r, origin);
	emit_str(e, " : ");
	verdict_emit(e, run, r);
	emit_str(e, ",\n");
}

static void map_emit(struct emit *e, const struct plan_chain *c, const struct plan_rule *r,
		     struct nft_maps *run)
{
	const char *separator = "\t\ttype ";
	__u32 i;
	int key;

	emit_room(e);
	emit_print(e, "\n\tmap %s-%u {\n", c->name, ++run->number);
	for (key = 0; key < KEYS; key++) {
		if (!(run->keys & 1u << key))
			continue;
		emit_print(e, "%s%s", separator, key < KEY_SPORT ? "ipv4_addr" : "inet_service");
		separator = " . ";
	}
	emit_str(e, " : verdict\n");
	if (run->has_intervals)
		emit_str(e, "\t\tflags interval\n");
	emit_str(e, "\t\tcounter\n\t\telements = {\n");
	for (i = 0; i < run->count; i++, r = r->next)
		element_emit(e, run, &run->box[i], r);
	emit_str(e, "\t\t}\n\t}\n");
}

void emit_nft_maps(struct emit *e, const struct plan *p, struct nft_maps *maps)
{
	const struct plan_chain *c;
	const struct plan_rule *r;
	struct emit_rule first;

	maps->number = maps->rejects = 0;
	for (c = p->chains; c; c = c->next) {
		for (r = c->rules; r; r = r->next) {
			if (!run_find(maps, &first, r))
				continue;
			map_emit(e, c, r, maps);
			r = run_last(maps, r);
		}
	}
	maps->number = 0;
	rejects_emit(e, maps);
}

const struct plan_rule *emit_nft_lookup(struct emit *e, const struct plan_chain *c,
					const struct plan_rule *r, struct nft_maps *maps)
{
	static const char *const word[KEYS] = { "ip saddr", "ip daddr", "sport", "dport" };
	const char *separator = "\t\t";
	struct emit_rule first;
	struct box unused;
	unsigned int i;
	int key;

	if (!run_find(maps, &first, r))
		return NULL;
	for (i = 0; i < first.nmatches; i++) {
		key = match_key(&first.match[i], &unused);
		if ((key >= 0 && maps->keys & 1u << key) ||
		    emit_match_is_implied(&first, &first.match[i]))
			continue;
		emit_room(e);
		emit_str(e, separator);
		emit_nft_match(e, &first, &first.match[i]);
		separator = " ";
	}
	for (key = 0; key < KEYS; key++) {
		if (!(maps->keys & 1u << key))
			continue;
		emit_str(e, separator);
		if (key >= KEY_SPORT)
			emit_print(e, "%s ", emit_nft_transport(&first));
		emit_str(e, word[key]);
		separator = " . ";
	}
	emit_print(e, " vmap @%s-%u\n", c->name, ++maps->number);
	return run_last(maps, r);
}
