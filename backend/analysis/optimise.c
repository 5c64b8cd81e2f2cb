// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * optimise.c - fewer rules that do the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/compare.h"
#include "backend/analysis/lint.h"
#include "backend/analysis/optimise.h"

/* by list, and rule */
struct removals {
	bool *rule[FW_LISTS];
};

static void removal_record(void *ctx, const struct finding *f)
{
	struct removals *r = ctx;

	if (f->kind == FINDING_NEVER || f->kind == FINDING_DEAD || f->kind == FINDING_REPEATS ||
	    f->kind == FINDING_REDUNDANT)
		r->rule[f->list][f->rule] = true;
}

/* The parts that rules have in common which differ in what may be merged. */
static struct fw_rule rule_without(const struct fw_rule *r, bool source, bool destination,
				   bool ports)
{
	struct fw_rule x = *r;
	unsigned int used = (unsigned int)r->nsp + r->ndp, i;
	size_t name = strnlen(r->vianame, FW_IFNAMSIZ);

	memset(x.comment, 0, sizeof(x.comment));
	x.pcnt = x.bcnt = 0;
	memset(x.vianame + name, 0, FW_IFNAMSIZ - name);
	if (source)
		x.src = 0;
	if (destination)
		x.dst = 0;
	if (ports) {
		x.ndp = 0;
		x.pts[r->nsp] = r->flags & FW_REDIR && used < FW_MAX_PORTS ? r->pts[used] : 0;
		used = r->nsp;
	}
	for (i = used + !!(r->flags & FW_REDIR); i < FW_MAX_PORTS; i++)
		x.pts[i] = 0;
	return x;
}

static bool rules_equal_without(const struct fw_rule *a, const struct fw_rule *b, bool source,
				bool destination, bool ports)
{
	const struct fw_rule x = rule_without(a, source, destination, ports);
	const struct fw_rule y = rule_without(b, source, destination, ports);

	return memcmp(&x.match, &y.match, offsetof(struct fw_match, vianame) + FW_IFNAMSIZ) == 0;
}

/* Two halves of a block of addresses? */
static bool halves_merge(__u32 *addr, __u32 *mask, __u32 other)
{
	__u32 bit = *mask & -*mask;

	if (!bit || (*addr ^ other) != bit)
		return false;
	*mask &= ~bit;
	*addr &= *mask;
	return true;
}

/* The ports of b, none of which is in a range, after those of a. */
static bool ports_merge(struct fw_rule *a, const struct fw_rule *b)
{
	__u16 kind = a->flags & FW_KIND_MASK;
	unsigned int used = (unsigned int)a->nsp + a->ndp, all = used + b->ndp;

	if ((kind != FW_KIND_TCP && kind != FW_KIND_UDP) || !a->ndp || !b->ndp ||
	    (a->flags | b->flags) & FW_DRNG || all + !!(a->flags & FW_REDIR) > FW_MAX_PORTS)
		return false;
	if (a->flags & FW_REDIR)
		a->pts[all] = a->pts[used];
	memcpy(a->pts + used, b->pts + b->nsp, b->ndp * sizeof(*b->pts));
	a->ndp = (__u8)(a->ndp + b->ndp);
	return true;
}

/* Makes a match what b, its neighbour, does too; false: there is no such rule. */
static bool rule_merge(struct fw_rule *a, const struct fw_rule *b, enum fw_list_id list)
{
	struct fw_rule both = *a;
	bool is_one = false;

	if (rules_equal_without(a, b, true, false, false))
		is_one = halves_merge(&both.src, &both.smsk, b->src);
	else if (rules_equal_without(a, b, false, true, false))
		is_one = halves_merge(&both.dst, &both.dmsk, b->dst);
	else if (rules_equal_without(a, b, false, false, true))
		is_one = ports_merge(&both, b);
	if (!is_one || fw_rule_check(&both, list, NULL))
		return false;
	both.pcnt += b->pcnt;
	both.bcnt += b->bcnt;
	*a = both;
	return true;
}

/* The rules that are left of a list, in slots. */
static struct fw_list list_shorten(const struct fw_list *l, const bool *removed,
				   struct fw_rule *slots, enum fw_list_id id, struct optimised *o)
{
	struct fw_list short_list = { .slots = slots, .cap = l->count, .policy = l->policy };
	__u32 i, *n = &short_list.count;

	for (i = 0; i < l->count; i++) {
		if (removed[i]) {
			o->removed++;
			continue;
		}
		slots[(*n)++] = *fw_list_rule(l, i);
		while (*n > 1 && rule_merge(&slots[*n - 2], &slots[*n - 1], id)) {
			--*n;
			o->merged++;
		}
	}
	return short_list;
}

/* Replaces the rules of a list by the proved shorter form. */
static int list_optimise(struct fw_list *l, const bool *removed, enum fw_list_id id, __u64 *budget,
			 struct optimised *o)
{
	struct fw_rule *slots = calloc((size_t)l->count + 1, sizeof(*slots));
	struct difference d;
	struct fw_list shorter;
	__u32 i;
	int answer;

	if (!slots)
		return -ENOMEM;
	shorter = list_shorten(l, removed, slots, id, o);
	answer = shorter.count == l->count ? COMPARE_ALIKE :
		 compare_lists(id, l, &shorter, EFFECT_LOG, budget, &d);
	if (answer == COMPARE_ALIKE) {
		for (i = 0; i < shorter.count; i++)
			*fw_list_rule(l, i) = slots[i];
		l->count = shorter.count;
	} else {
		*o = (struct optimised){ .error = answer == COMPARE_DIFFERS ? -EBADE : answer };
	}
	free(slots);
	return answer == -ENOMEM ? answer : 0;
}

int optimise_rules(struct fw_ruleset *rs, __u64 budget, struct optimised done[FW_LISTS])
{
	const struct lint_options options = { .budget = budget, .removes = true };
	struct removals r = { 0 };
	int err = 0, list;

	for (list = 0; list < FW_LISTS && !err; list++) {
		done[list] = (struct optimised){ 0 };
		r.rule[list] = calloc((size_t)rs->list[list].count + 1, sizeof(bool));
		err = r.rule[list] ? 0 : -ENOMEM;
	}
	if (!err)
		err = lint_rules(rs, &options, removal_record, &r);
	for (list = 0; list < FW_ACCT && !err; list++)
		err = list_optimise(&rs->list[list], r.rule[list], (enum fw_list_id)list, &budget,
				    &done[list]);
	for (list = 0; list < FW_LISTS; list++)
		free(r.rule[list]);
	return err;
}
