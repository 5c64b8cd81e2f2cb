// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_single.c - edits of one ordinary rule, without reading all the others.
 *
 * A rule is ordinary if the plan of it alone has the same glue as the plan of no
 * rule at all: then nothing but its own kernel rules comes or goes with it.
 */
#include "backend/nft/nft_single.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_commands.h"
#include "backend/plan/plan_interfaces.h"
#include "backend/nft/nft_expr.h"
#include "backend/nft/nft_index.h"
#include "backend/nft/nft_lasting.h"
#include "backend/nft/nft_same.h"
#include "backend/nft/nft_write.h"
#include "backend/plan/plan_same.h"
#include "backend/ruleset.h"

/* one rule, lowered alone */
struct single {
	struct nft *nft;
	const struct fw_edit *edit;
	struct fw_ruleset rules;	/* just the rule */
	struct fw_interfaces interfaces;
	struct nft_index index;		/* of its plan */
	struct plan_chain *list;	/* of the plan: with the list's rules */
	__u32 generation;
	struct store_record_head record; /* the newest entry's */
};

static void single_free(struct single *q)
{
	if (q->index.plan)
		plan_free(q->index.plan);
	nft_index_free(&q->index);
	free(q->interfaces.dev);
	fw_ruleset_free(&q->rules);
}

static int single_lower(struct single *q, struct fw_error *e)
{
	struct plan_options o = { .mark_mask = q->nft->mark_mask };
	struct rule_settings installed = { .log_group = 0 };
	struct fw_edit append = *q->edit;
	const struct plan_report *report;
	int err;

	/* chain "commands" has to have its command */
	if (!plan_command_fits(PLAN_NFT, append.list, &append.rule,
			       q->nft->format->describe))
		return NFT_NOT_SINGLE;
	append.op = FW_OP_APPEND;
	if (fw_ruleset_edit(&q->rules, &append))
		return NFT_NOT_SINGLE;
	if (append.rule.flags & FW_PRN &&
	    nft_lasting_settings(q->nft, &installed, NULL))
		return NFT_NOT_SINGLE;
	o.log_group = installed.log_group;
	err = plan_interfaces(&q->interfaces, &q->rules, &o, e);
	if (err)
		return err;
	if (nft_index_make(&q->index, plan_lower_nft(&q->rules, &o)) || !q->index.plan)
		return fw_error_set(e, ENOMEM, "out of memory");
	report = &q->index.plan->report[q->edit->list][0];
	/* the longer way reports both */
	return report->exactness == PLAN_IMPOSSIBLE || report->passes_more ? NFT_NOT_SINGLE : 0;
}

/* Are the chains of both plans the same, but for what is the rule's own? */
static bool glue_same(const struct nft_index *with, const struct plan *without)
{
	const struct plan_chain *a = with->plan->chains, *b;

	for (b = without->chains; b; b = b->next, a = a->next) {
		while (a && with->belongs[a->id])
			a = a->next;
		if (!a || !plan_glue_same(a, b))
			return false;
	}
	while (a && with->belongs[a->id])
		a = a->next;
	return !a;
}

static int single_compare(struct single *q, struct fw_error *e)
{
	struct plan_options o = { .mark_mask = q->nft->mark_mask };
	struct fw_ruleset none;
	struct plan *p;
	bool same;

	fw_ruleset_init(&none);
	p = plan_lower_nft(&none, &o);
	if (!p)
		return fw_error_set(e, ENOMEM, "out of memory");
	same = glue_same(&q->index, p);
	plan_free(p);
	return same ? 0 : NFT_NOT_SINGLE;
}

/* The chain of the rule's list: the only one with rules of it that is not its own. */
static int single_locate(struct single *q)
{
	struct plan_chain *c;

	for (c = q->index.plan->chains; c; c = c->next) {
		if (q->index.belongs[c->id] || !c->rules || c->rules->origin < 0)
			continue;
		if (q->list)
			return NFT_NOT_SINGLE;
		q->list = c;
	}
	return q->list ? 0 : NFT_NOT_SINGLE;
}

/* If others have changed any rule since ours, the longer way looks what it was. */
static int single_prepare(struct single *q, __u32 generation, struct fw_error *e)
{
	int err = single_lower(q, e);

	if (!err)
		err = single_compare(q, e);
	if (!err)
		err = single_locate(q);
	if (err)
		return err;
	q->generation = generation;
	return nft_record_head_read(&q->record) && q->record.state == generation &&
			       q->record.left
		       ? 0
		       : NFT_NOT_SINGLE;
}

/* how many rules a chain has tags of */
static __u32 tagged_count(const struct nft_chain *c)
{
	const struct nft_rule *r;
	struct rule_tag o;
	__u32 n = 0;

	for (r = c->rules; r; r = r->next)
		n += !rule_tag_read(&o, r->udata, r->udata_len) &&
		     o.kind == TAG_RULE;
	return n;
}

/*
 * Chains of the rule's own are called by its place in the list, which makes it
 * necessary to read that.  name: room for the new name.
 */
static int own_chain_name(struct single *q, char **name, struct fw_error *e)
{
	const char *number;
	struct plan_chain *own = NULL, *c;
	struct nft_table t;
	int err;

	for (c = q->index.plan->chains; c; c = c->next) {
		if (!q->index.belongs[c->id])
			continue;
		if (own)
			return NFT_NOT_SINGLE;
		own = c;
	}
	number = own ? strrchr(own->name, '-') : NULL;
	if (!own || !number)
		return own ? NFT_NOT_SINGLE : 0;
	err = nft_table_read_chain(&t, &q->nft->link, q->list->name, e);
	if (!err && asprintf(name, "%.*s-%u", (int)(number - own->name), own->name,
			     t.nchains ? tagged_count(t.chain[0]) + 1 : 1) < 0)
		err = fw_error_set(e, ENOMEM, "out of memory");
	else if (!err)
		own->name = *name;
	nft_table_free(&t);
	return err;
}

/* What each insertion puts at the head comes before what is there: last one first. */
static void rules_insert(struct nft_writer *w, const struct plan_chain *c,
			 const struct plan_rule *r)
{
	if (!r)
		return;
	rules_insert(w, c, r->next);
	nft_write_rule(w, c, r, NFT_AT_HEAD, 0);
}

static int record_write(struct single *q, struct nft_writer *w)
{
	struct store_record r;
	int err = store_record_edit(&r, &q->record, q->edit, q->generation + 1);

	if (!err)
		nft_write_record(w, &r, true);
	store_record_free(&r);
	return err;
}

static void single_write(struct single *q, struct nft_writer *w)
{
	struct plan_chain *c;

	for (c = q->index.plan->chains; c; c = c->next) {
		if (q->index.belongs[c->id]) {
			nft_write_own_chain(w, c);
			nft_write_chain_rules(w, c);
		}
	}
	if (q->edit->op == FW_OP_INSERT)
		rules_insert(w, q->list, q->list->rules);
	else
		nft_write_chain_rules(w, q->list);
}

/* If there is no list, or the name of a chain is taken, it takes more. */
static int single_add(struct single *q, struct fw_error *e)
{
	struct nft_refusal why;
	struct nft_writer w;
	char *name = NULL;
	int err = own_chain_name(q, &name, e);

	if (!err) {
		err = nft_writer_init(&w, q->index.plan, &q->rules, q->generation);
		w.describe = q->nft->format->describe;
		if (!err)
			single_write(q, &w);
		if (!err)
			err = record_write(q, &w);
		if (!err)
			err = w.error;
		if (!err)
			err = nft_batch_send(&q->nft->link, &w.batch, &why);
		nft_writer_free(&w);
		if (err && err != -ERESTART)
			err = NFT_NOT_SINGLE;	/* the longer way reports what is wrong */
	}
	free(name);
	return err;
}

/*
 * The first rule of the list that a deletion means, in the kernel; NULL also if it
 * changes TOS in another way, and so may need other glue.
 */
static const struct nft_rule *tagged_find(const struct nft_chain *c,
					const struct fw_rule *wanted)
{
	const struct nft_rule *r;
	struct rule_tag o;

	for (r = c->rules; r; r = r->next)
		if (!rule_tag_read(&o, r->udata, r->udata_len) &&
		    o.kind == TAG_RULE && fw_rule_equal(&o.rule, wanted))
			break;
	return r && o.rule.tosand == (wanted->tosand | 1) &&
	       o.rule.tosxor == (wanted->tosxor & 0xfe) ? r : NULL;
}

/* r, those behind it that belong to the same rule, and the chain they lead to */
static void tagged_delete(struct nft_writer *w, const char *chain, const struct nft_rule *r)
{
	const char *target = nft_installed_target(r);
	struct rule_tag o = { .kind = TAG_MORE };

	while (r && o.kind == TAG_MORE) {
		nft_delete_rule(w, chain, r->handle);
		r = r->next;
		if (r && rule_tag_read(&o, r->udata, r->udata_len))
			break;
	}
	if (target)
		nft_delete_chain(w, target);
}

/* Does the rule's kernel rule lead to a chain of its own if it leads anywhere? */
static bool target_is_own(const struct single *q)
{
	const struct plan_chain *to = nft_rule_target(q->list->rules);

	return !to || q->index.belongs[to->id];
}

static int tagged_send(struct single *q, __u32 generation, const struct nft_rule *r)
{
	struct nft_refusal why;
	struct nft_writer w;
	int err = nft_writer_init(&w, q->index.plan, &q->rules, generation);

	tagged_delete(&w, q->list->name, r);
	if (!err)
		err = record_write(q, &w);
	if (!err)
		err = nft_batch_send(&q->nft->link, &w.batch, &why);
	nft_writer_free(&w);
	return err;
}

/* Only the list's chain is read; its rules must be the same when one is deleted. */
static int single_delete(struct single *q, __u32 generation, struct fw_error *e)
{
	const struct nft_rule *r;
	struct nft_table t;
	int err;

	if (!target_is_own(q))
		return NFT_NOT_SINGLE;
	err = nft_table_read_chain(&t, &q->nft->link, q->list->name, e);
	if (!err) {
		r = t.nchains ? tagged_find(t.chain[0], &q->edit->rule) : NULL;
		err = r ? tagged_send(q, generation, r) : NFT_NOT_SINGLE;
		if (err && err != -ERESTART)
			err = NFT_NOT_SINGLE;
	}
	nft_table_free(&t);
	return err;
}

int nft_single_add(struct nft *n, const struct fw_edit *edit, struct fw_error *e)
{
	struct single q = { .nft = n, .edit = edit };
	__u32 generation = 0;
	int err;

	if ((edit->op != FW_OP_APPEND && edit->op != FW_OP_INSERT) ||
	    edit->list == FW_ACCT)
		return NFT_NOT_SINGLE;
	fw_ruleset_init(&q.rules);
	err = nft_generation_read(&n->link, &generation, e);
	if (!err)
		err = single_prepare(&q, generation, e);
	if (!err)
		err = single_add(&q, e);
	single_free(&q);
	return err;
}

int nft_single_delete(struct nft *n, __u32 generation, const struct fw_edit *edit,
		     struct fw_error *e)
{
	struct single q = { .nft = n, .edit = edit };
	int err;

	if (edit->op != FW_OP_DELETE || edit->list == FW_ACCT)
		return NFT_NOT_SINGLE;
	fw_ruleset_init(&q.rules);
	err = single_prepare(&q, generation, e);
	if (!err)
		err = single_delete(&q, generation, e);
	single_free(&q);
	return err;
}
