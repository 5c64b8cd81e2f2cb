// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_read.c - the parts of a plan that is read from a text.
 */
#include "backend/analysis/plan_read.h"

#include <errno.h>
#include <string.h>

#include "backend/analysis/prove.h"

bool plan_read_begin(struct plan_read *r, const struct plan *wanted)
{
	struct plan *p = plan_new(wanted->target);

	memset(r, 0, sizeof(*r));
	r->wanted = wanted;
	r->plan = p;
	if (!p)
		return false;
	p->needs = wanted->needs;
	p->mark_mask = wanted->mark_mask;
	p->marks = wanted->marks;
	p->log_group = wanted->log_group;
	memcpy(p->helpers, wanted->helpers, sizeof(p->helpers));
	p->nhelpers = wanted->nhelpers;
	memcpy(p->timeouts, wanted->timeouts, sizeof(p->timeouts));
	p->ntimeouts = wanted->ntimeouts;
	memcpy(p->report, wanted->report, sizeof(p->report));
	memcpy(p->policy_report, wanted->policy_report, sizeof(p->policy_report));
	memcpy(p->nreports, wanted->nreports, sizeof(p->nreports));
	p->portfw_report = wanted->portfw_report;
	p->nportfw = wanted->nportfw;
	return true;
}

int plan_read_fail(struct plan_read *r, __u32 line, __u32 column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	filter_error_set(&r->error, line, column, format, args);
	va_end(args);
	return -EINVAL;
}

struct plan_match *plan_read_match(struct plan_read *r, enum plan_match_type type, bool invert)
{
	struct plan_match *m = &r->match[r->nmatches];

	if (r->nmatches < PLAN_READ_MATCHES - 1)
		r->nmatches++;
	else
		plan_read_fail(r, 0, 0, "more than %d conditions", PLAN_READ_MATCHES - 1);
	*m = (struct plan_match){ .type = type, .invert = invert };
	return m;
}

void plan_read_range(struct plan_read *r, struct plan_match *m, __u32 lo, __u32 hi)
{
	struct plan_range *all = plan_alloc(r->plan, (m->ranges.count + 1) * sizeof(*all));

	if (m->ranges.count)
		memcpy(all, m->ranges.item, m->ranges.count * sizeof(*all));
	all[m->ranges.count++] = (struct plan_range){ (__u16)lo, (__u16)hi };
	m->ranges.item = all;
}

void plan_read_proto(struct plan_read *r, __u8 proto)
{
	struct plan_match *m;

	for (unsigned int i = 0; i < r->nmatches; i++)
		if (r->match[i].type == PLAN_M_PROTO && !r->match[i].invert &&
		    r->match[i].ranges.count == 1 && r->match[i].ranges.item->lo == proto &&
		    r->match[i].ranges.item->hi == proto)
			return;
	m = plan_read_match(r, PLAN_M_PROTO, false);
	plan_read_range(r, m, proto, proto);
}

struct plan_action *plan_read_action(struct plan_read *r, enum plan_action_type type)
{
	struct plan_action *a = &r->action[r->nactions];

	if (r->nactions < PLAN_READ_ACTIONS - 1)
		r->nactions++;
	else
		plan_read_fail(r, 0, 0, "more than %d actions", PLAN_READ_ACTIONS - 1);
	*a = (struct plan_action){ .type = type };
	return a;
}

struct plan_chain *plan_read_chain(const struct plan_read *r, const char *table, const char *name)
{
	struct plan_chain *c = r->plan->chains;

	while (c && (strcmp(c->name, name) != 0 || (table && strcmp(c->table, table) != 0)))
		c = c->next;
	return c;
}

void plan_read_rule(struct plan_read *r, struct plan_chain *c)
{
	struct plan_rule *rule;

	rule = plan_rule_add(r->plan, c,
			     plan_copy(r->plan, r->match, r->nmatches * sizeof(*r->match)),
			     r->nmatches,
			     plan_copy(r->plan, r->action, r->nactions * sizeof(*r->action)),
			     r->nactions);
	rule->origin = PLAN_ORIGIN_GLUE;
}

void plan_read_altered(const struct plan_read *r, int *answer, struct proof *proof)
{
	if (!r->is_altered || *answer != PROVE_SAME)
		return;
	*answer = PROVE_UNDECIDED;
	proof->reason = "what is not exact is not as it is wanted either";
	proof->list = r->altered_list;
	proof->rule = r->altered_rule >= 0 ? r->altered_rule : -1;
}
