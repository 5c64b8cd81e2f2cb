// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_next.c - from a view and edits to the next rules, their numbers and plan.
 */
#include "backend/store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_check.h"
#include "backend/ruleset.h"

/*
 * Applies an edit to a copy of the old rules whose packet counter is the old index and 1,
 * and whose byte counter says that the rule was zeroed.
 */
static int origin_edit(struct fw_ruleset *rs, const struct fw_edit *edit)
{
	struct fw_edit plain = *edit;
	struct fw_list *l = &rs->list[edit->list];
	__u32 i;

	if (edit->op == FW_OP_ZERO) {
		for (i = 0; i < l->count; i++)
			fw_list_rule(l, i)->bcnt = 1;
		return 0;
	}
	plain.counters = false;
	return fw_ruleset_edit(rs, &plain);
}

static void origins_number(struct fw_ruleset *rs)
{
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < rs->list[list].count; i++) {
			fw_list_rule(&rs->list[list], i)->pcnt = i + 1;
			fw_list_rule(&rs->list[list], i)->bcnt = 0;
		}
	}
}

static void map_fill(struct store_next *n, const struct fw_ruleset *origins)
{
	const struct fw_rule *r;
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < origins->list[list].count; i++) {
			r = fw_list_rule(&origins->list[list], i);
			n->old[list][i] = (__s32)r->pcnt - 1;
			n->is_zeroed[list][i] = r->bcnt != 0;
		}
	}
}

static int map_alloc(struct store_next *n)
{
	__u32 list, i, count;

	for (list = 0; list < FW_LISTS; list++) {
		count = n->rules.list[list].count;
		n->old[list] = calloc(count + 1, sizeof(*n->old[list]));
		n->is_zeroed[list] = calloc(count + 1, sizeof(*n->is_zeroed[list]));
		n->number[list] = calloc(count + 1, sizeof(*n->number[list]));
		if (!n->old[list] || !n->is_zeroed[list] || !n->number[list])
			return -ENOMEM;
		for (i = 0; i < count; i++)
			n->old[list][i] = -1;
	}
	return 0;
}

/* The edits have been applied to the same rules before: they work. */
static int map_edits(struct store_next *n, const struct store_view *v,
		     const struct store_change *c)
{
	struct fw_ruleset origins;
	size_t i;
	int err = fw_ruleset_copy(&origins, &v->rules);

	if (err)
		return err;
	origins_number(&origins);
	for (i = 0; i < c->count && !err; i++)
		err = origin_edit(&origins, &c->edit[i]);
	if (!err)
		map_fill(n, &origins);
	fw_ruleset_free(&origins);
	return err;
}

/*
 * New rules are before or after all old ones, and get numbers below or above all that
 * a rule has now.  All are numbered from 1 if the numbers would not fit.
 */
static void numbers_choose(__s32 *number, const __s32 *old_number, __u32 nold,
			   const __s32 *old, __u32 count)
{
	__s64 first = nold ? old_number[0] : 1, last = nold ? old_number[nold - 1] : 0;
	__u32 i, head = 0;
	bool fits;

	while (head < count && old[head] < 0)
		head++;
	if (head == count)
		head = 0; /* all are new */
	fits = last + count <= INT_MAX && first - head >= INT_MIN;
	for (i = 0; i < count; i++)
		number[i] = !fits         ? (__s32)i + 1
			    : i < head    ? (__s32)(first - head + i)
			    : old[i] >= 0 ? old_number[old[i]]
					  : (__s32)++last;
}

bool store_change_removes_foreign(const struct store_change *c)
{
	size_t i = 0;

	while (i < c->count && c->edit[i].op != FW_OP_FLUSH)
		i++;
	return c->rules || i < c->count;
}

static int next_rules(struct store_next *n, const struct store_view *v,
		      const struct store_change *c, struct fw_error *e)
{
	int err = fw_ruleset_copy(&n->rules, c->rules ? c->rules : &v->rules);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	return c->rules ? 0 : fw_ruleset_edit_all(&n->rules, c->edit, c->count, e);
}

int store_next_apply(struct store_next *n, const struct store_view *v,
		     const struct store_change *c, struct fw_error *e)
{
	__u32 list;
	int err;

	*n = (struct store_next){.format = v->format};
	err = next_rules(n, v, c, e);
	if (err)
		return err;
	if (map_alloc(n) || (!c->rules && map_edits(n, v, c)))
		return fw_error_set(e, ENOMEM, "out of memory");
	for (list = 0; list < FW_LISTS; list++)
		numbers_choose(n->number[list], v->number[list],
			       c->rules ? 0 : v->rules.list[list].count, n->old[list],
			       n->rules.list[list].count);
	return 0;
}

int store_next_lower(struct store_next *n, enum plan_target target, struct plan_options o,
		     const struct store_change *c, struct fw_error *e)
{
	int err = store_lower_here(&n->plan, &n->interfaces, target, &n->rules, n->number,
				   &o, n->format, e);

	return err ? err : plan_check(n->plan, &n->rules, c->edit, c->count, e);
}

void store_next_free(struct store_next *n)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++) {
		free(n->old[i]);
		free(n->is_zeroed[i]);
		free(n->number[i]);
	}
	plan_free(n->plan);
	free(n->interfaces.dev);
	fw_ruleset_free(&n->rules);
}

bool store_rules_are_default(const struct fw_ruleset *rs)
{
	struct fw_ruleset none;
	unsigned int i;

	fw_ruleset_init(&none);
	for (i = 0; i < FW_LISTS; i++)
		if (rs->list[i].count || rs->list[i].policy != none.list[i].policy)
			return false;
	return !rs->portfw.count &&
	       !memcmp(&rs->timeouts, &none.timeouts, sizeof(none.timeouts));
}
