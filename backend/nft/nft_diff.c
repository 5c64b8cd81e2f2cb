// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_diff.c - from the rules in force to others by as few messages as it takes.
 *
 * Chains are the same if they have the same name, or if they belong to rules that
 * are the same.  Of a chain's rules, those at both ends that are the same stay;
 * between them the new ones are looked for among the old ones in order.
 */
#include "backend/nft/nft_diff.h"

#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_same.h"

#define LOOK_AHEAD 1024
#define GONE 0xffffffffu	/* no such rule */

struct diff {
	struct nft_writer *w;
	const struct nft_view *old;
	struct nft_index to;	/* of w->plan */
	const struct plan_chain **stays; /* by its chain id: the old one, or NULL */
	/* by rule number of `to': number of the old rule that it is, or GONE */
	__u32 *kept;
	bool *chain_kept;	/* by old chain id */
	bool *rule_kept;	/* by old rule number */
	__s32 *order;		/* by accounting rule */
	__s32 *from;		/* likewise: the old one whose tagged it keeps, or -1 */
	char **name;		/* by chain id of `to': malloc'ed name of a new one */
	const char **planned;	/* by chain id of `to': its name at first */
};

static void *array(size_t n, size_t size)
{
	return calloc(n + 1, size);
}

static bool diff_alloc(struct diff *d, struct plan *to)
{
	const struct nft_index *old = &d->old->index;
	__u32 i;

	if (nft_index_make(&d->to, to))
		return false;
	d->stays = array(to->nchains, sizeof(struct plan_chain *));
	d->kept = array(d->to.nrules, sizeof(*d->kept));
	d->chain_kept = array(old->plan->nchains, sizeof(*d->chain_kept));
	d->rule_kept = array(old->nrules, sizeof(*d->rule_kept));
	d->order = array(d->w->rules->list[FW_ACCT].count, sizeof(*d->order));
	d->from = array(d->w->rules->list[FW_ACCT].count, sizeof(*d->from));
	d->name = array(to->nchains, sizeof(char *));
	d->planned = array(to->nchains, sizeof(char *));
	if (!d->stays || !d->kept || !d->chain_kept || !d->rule_kept || !d->order ||
	    !d->from || !d->name || !d->planned)
		return false;
	for (i = 0; i < d->w->rules->list[FW_ACCT].count; i++)
		d->from[i] = -1;
	for (i = 0; i < d->to.nrules; i++)
		d->kept[i] = GONE;
	for (i = 0; i < to->nchains; i++)
		d->planned[i] = d->to.chain[i]->name;
	return true;
}

/* Chains have their planned names again: the others are for this diff only. */
static void diff_free(struct diff *d)
{
	__u32 i;

	for (i = 0; d->planned && d->name && i < d->to.plan->nchains; i++) {
		if (d->planned[i])
			d->to.chain[i]->name = d->planned[i];
		free(d->name[i]);
	}
	free(d->name);
	free(d->planned);
	nft_index_free(&d->to);
	free(d->stays);
	free(d->kept);
	free(d->chain_kept);
	free(d->rule_kept);
	free(d->order);
	free(d->from);
}

static bool rule_same(const struct diff *d, const struct plan_rule *old,
		      const struct plan_rule *r);

/* Does the kernel have all of it as planned? */
static bool chain_is_installed(const struct diff *d, const struct plan_chain *old)
{
	__u32 i;

	for (i = 0; i < old->nrules; i++)
		if (!d->old->rule[d->old->index.first[old->id] + i])
			return false;
	return d->old->held[old->id];
}

/* Do chains that belong to one rule each hold the same? */
static bool own_chain_same(const struct diff *d, const struct plan_chain *old,
			   const struct plan_chain *c)
{
	const struct plan_rule *a, *b;

	if (d->stays[c->id])
		return d->stays[c->id] == old;
	if (d->chain_kept[old->id] || old->nrules != c->nrules || !chain_is_installed(d, old))
		return false;
	for (a = old->rules, b = c->rules; a && b; a = a->next, b = b->next)
		if (!rule_same(d, a, b))
			return false;
	return true;
}

static bool target_same(const struct diff *d, const struct plan_chain *old,
			const struct plan_chain *c)
{
	if (d->to.belongs[c->id] != d->old->index.belongs[old->id])
		return false;
	return d->to.belongs[c->id] ? own_chain_same(d, old, c)
				    : !strcmp(old->name, c->name);
}

static bool action_same(const struct diff *d, const struct plan_action *a,
			const struct plan_action *b)
{
	if (a->type == b->type && (a->type == PLAN_A_JUMP || a->type == PLAN_A_GOTO))
		return target_same(d, a->chain, b->chain);
	return plan_action_same(a, b);
}

static bool settings_same(const struct diff *d)
{
	const struct fw_ruleset *a = &d->old->store.rules, *b = d->w->rules;
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		if (a->list[i].policy != b->list[i].policy)
			return false;
	return !memcmp(&a->timeouts, &b->timeouts, sizeof(a->timeouts)) &&
	       d->old->store.settings.mark_mask == d->to.plan->mark_mask &&
	       d->old->store.settings.log_group == d->to.plan->log_group &&
	       d->old->store.settings.needs == d->to.plan->needs;
}

static bool origin_same(const struct diff *d, const struct plan_rule *old,
			const struct plan_rule *r)
{
	const struct fw_rule *a, *b;

	if (plan_rule_forward(r) >= 0)
		return !d->w->renews_forwards && plan_text_same(old->comment, r->comment);
	if (r->origin < 0)
		return old->origin == r->origin &&
		       plan_text_same(old->comment, r->comment) &&
		       (r != d->w->settings || settings_same(d));
	if (old->origin < 0 || old->list != r->list)
		return false;
	a = fw_list_rule(&d->old->store.rules.list[old->list], (__u32)old->origin);
	b = fw_list_rule(&d->w->rules->list[r->list], (__u32)r->origin);
	return store_rule_same(a, b) && a->pcnt == b->pcnt && a->bcnt == b->bcnt;
}

static bool rule_same(const struct diff *d, const struct plan_rule *old,
		      const struct plan_rule *r)
{
	unsigned int i;

	if (old->nmatches != r->nmatches || old->nactions != r->nactions ||
	    !origin_same(d, old, r))
		return false;
	for (i = 0; i < r->nmatches; i++)
		if (!plan_match_same(&old->match[i], &r->match[i]))
			return false;
	for (i = 0; i < r->nactions; i++)
		if (!action_same(d, &old->action[i], &r->action[i]))
			return false;
	return true;
}

static bool rule_tells_order(const struct diff *d, const struct plan_rule *r)
{
	return r->list == FW_ACCT && r->origin >= 0 &&
	       d->w->tagged[FW_ACCT][r->origin] == r;
}

static void chain_keep(struct diff *d, const struct plan_chain *old,
		       struct plan_chain *c);

static void rule_keep(struct diff *d, const struct plan_rule *old, __u32 old_number,
		      const struct plan_rule *r, __u32 number)
{
	const struct plan_chain *to = nft_rule_target(r);

	d->kept[number] = old_number;
	d->rule_kept[old_number] = true;
	if (to && d->to.belongs[to->id] && !d->stays[to->id])
		chain_keep(d, nft_rule_target(old), d->to.chain[to->id]);
	if (!rule_tells_order(d, r))
		return;
	d->order[r->origin] = d->old->store.number[FW_ACCT][old->origin];
	d->from[r->origin] = old->origin;
}

/* all of a chain that belongs to a rule which stays */
static void chain_keep(struct diff *d, const struct plan_chain *old, struct plan_chain *c)
{
	const struct plan_rule *a = old->rules, *b = c->rules;
	__u32 i;

	d->stays[c->id] = old;
	d->chain_kept[old->id] = true;
	c->name = old->name;
	for (i = 0; a && b; i++, a = a->next, b = b->next)
		rule_keep(d, a, d->old->index.first[old->id] + i, b,
			  d->to.first[c->id] + i);
}

/* a chain's rules by index */
struct rule_array {
	const struct plan_rule **rule;	/* malloc'ed */
	__u32 first, count;
};

static struct rule_array rule_array_of(const struct plan_chain *c, __u32 first)
{
	struct rule_array row = {array(c->nrules, sizeof(struct plan_rule *)), first, c->nrules};
	const struct plan_rule *r;
	__u32 i = 0;

	for (r = c->rules; row.rule && r; r = r->next)
		row.rule[i++] = r;
	return row;
}

static enum tag_kind tag_of(const struct nft_writer *w, const struct plan_rule *r)
{
	if (r == w->settings)
		return TAG_SETTINGS;
	if (r->origin < 0)
		return TAG_NONE;
	return w->tagged[r->list][r->origin] == r ? TAG_RULE : TAG_MORE;
}

/* Kernel rules of an accounting rule have its number, which the tagged one must keep. */
static bool number_same(const struct diff *d, const struct plan_rule *old,
			const struct plan_rule *r)
{
	return r->list != FW_ACCT || tag_of(d->w, r) != TAG_MORE ||
	       d->from[r->origin] == old->origin;
}

/* A rule that the kernel does not have as planned cannot stay. */
static bool match_rule(struct diff *d, const struct rule_array *old, __u32 i,
		       const struct rule_array *to, __u32 j)
{
	const struct plan_rule *a = old->rule[i], *b = to->rule[j];
	const struct nft_rule *held = d->old->rule[old->first + i];

	if (!a || !b || !held || held->tag != tag_of(d->w, b) || !rule_same(d, a, b) ||
	    !number_same(d, a, b))
		return false;
	rule_keep(d, old->rule[i], old->first + i, to->rule[j], to->first + j);
	return true;
}

static void rule_arrays_compare(struct diff *d, const struct rule_array *old,
				const struct rule_array *to)
{
	__u32 begin = 0, end = old->count, j, k, last = to->count;

	while (begin < end && begin < last && match_rule(d, old, begin, to, begin))
		begin++;
	while (end > begin && last > begin && match_rule(d, old, end - 1, to, last - 1)) {
		end--;
		last--;
	}
	for (j = begin; j < last; j++) {
		for (k = begin; k < end && k - begin < LOOK_AHEAD; k++) {
			if (match_rule(d, old, k, to, j)) {
				begin = k + 1;
				break;
			}
		}
	}
}

/* false: they cannot be turned into each other */
static bool chain_compare(struct diff *d, const struct plan_chain *old,
			  struct plan_chain *c)
{
	struct rule_array from, to;
	bool ok;

	if (old->hook != c->hook || old->priority != c->priority ||
	    (c->type && strcmp(old->type, c->type) != 0))
		return false;
	d->stays[c->id] = old;
	d->chain_kept[old->id] = true;
	from = rule_array_of(old, d->old->index.first[old->id]);
	to = rule_array_of(c, d->to.first[c->id]);
	ok = from.rule && to.rule;
	if (ok)
		rule_arrays_compare(d, &from, &to);
	free(from.rule);
	free(to.rule);
	return ok;
}

/* Chains that nothing leads to: those that are the same come in the same order. */
static void alone_compare(struct diff *d)
{
	const struct nft_index *old = &d->old->index;
	__u32 i, j, begin = 0, tries;

	for (j = 0; j < d->to.plan->nchains; j++) {
		if (!d->to.alone[j])
			continue;
		for (i = begin, tries = 0; i < old->plan->nchains && tries < LOOK_AHEAD;
		     i++) {
			if (!old->alone[i])
				continue;
			tries++;
			if (own_chain_same(d, old->chain[i], d->to.chain[j])) {
				chain_keep(d, old->chain[i], d->to.chain[j]);
				begin = i + 1;
				break;
			}
		}
	}
}

static bool chains_compare(struct diff *d)
{
	const struct plan_chain *old;
	struct plan_chain *c;

	for (old = d->old->store.plan->chains; old; old = old->next) {
		if (d->old->index.belongs[old->id] || !d->old->held[old->id])
			continue;
		for (c = d->to.plan->chains; c; c = c->next)
			if (!d->to.belongs[c->id] && !strcmp(c->name, old->name))
				break;
		if (c && !chain_compare(d, old, c))
			return false;
	}
	alone_compare(d);
	return true;
}

/*
 * Accounting rules that are new come before or behind all that stay, and get
 * numbers to match; false if they do not.
 */
static bool orders_choose(struct diff *d)
{
	__u32 n = d->w->rules->list[FW_ACCT].count, head = 0, tail = n, i;
	bool *stays = array(n, sizeof(*stays));
	const struct plan_rule *r;
	struct plan_chain *c;
	bool ok = stays;

	for (c = d->to.plan->chains; ok && c; c = c->next)
		for (i = 0, r = c->rules; r; r = r->next, i++)
			if (rule_tells_order(d, r) &&
			    d->kept[d->to.first[c->id] + i] != GONE)
				stays[r->origin] = true;
	while (ok && head < n && !stays[head])
		head++;
	while (ok && tail > head && !stays[tail - 1])
		tail--;
	for (i = head; ok && i < tail; i++)
		ok = stays[i];
	free(stays);
	if (!ok)
		return false;
	if (head == n) {
		for (i = 0; i < n; i++)
			d->order[i] = (__s32)i;
		return true;
	}
	for (i = head; i-- > 0; )
		d->order[i] = d->order[i + 1] - 1;
	for (i = tail; i < n; i++)
		d->order[i] = d->order[i - 1] + 1;
	for (i = 1; i < n; i++)	/* equal rules may have been taken for each other */
		if (d->order[i - 1] >= d->order[i])
			return false;
	d->w->order = d->order;
	return true;
}

/* a name that no chain has, like the one that c would have had */
static bool name_choose(struct diff *d, struct plan_chain *c)
{
	const char *wanted = c->name;
	unsigned int i;

	for (i = 1; nft_table_chain(&d->old->table, c->name); i++) {
		free(d->name[c->id]);
		if (asprintf(&d->name[c->id], "%s.%u", wanted, i) < 0) {
			d->name[c->id] = NULL;
			return false;
		}
		c->name = d->name[c->id];
	}
	return true;
}

static bool chains_write_new(struct diff *d)
{
	struct plan_chain *c;

	for (c = d->to.plan->chains; c; c = c->next) {
		if (d->stays[c->id])
			continue;
		if (!d->to.belongs[c->id])
			nft_write_chain(d->w, c);
		else if (name_choose(d, c))
			nft_write_own_chain(d->w, c);
		else
			return false;
	}
	return true;
}

static void rules_delete(struct diff *d)
{
	const struct plan_chain *c;
	__u32 i, number;

	for (c = d->old->store.plan->chains; c; c = c->next) {
		for (i = 0; i < c->nrules; i++) {
			number = d->old->index.first[c->id] + i;
			if (!d->rule_kept[number] && d->old->rule[number])
				nft_delete_rule(d->w, c->name,
						d->old->rule[number]->handle);
		}
	}
}

/* Rules of ours that are not planned: of other interfaces, or that others have moved. */
static void stale_rules_delete(struct diff *d)
{
	const struct nft_chain *c;
	const struct nft_rule *r;
	__u32 i;

	for (i = 0; i < d->old->table.nchains; i++) {
		c = d->old->table.chain[i];
		for (r = c->rules; r; r = r->next)
			if (!r->planned && r->tag != TAG_NONE)
				nft_delete_rule(d->w, c->name, r->handle);
	}
}

static bool chain_is_ours(const struct nft_chain *c)
{
	return !c->type && c->rules && c->rules->tag != TAG_NONE;
}

static void chains_delete(struct diff *d)
{
	const struct plan_chain *c;
	__u32 i;

	for (c = d->old->store.plan->chains; c; c = c->next)
		if (!d->chain_kept[c->id] && d->old->held[c->id])
			nft_delete_chain(d->w, c->name);
	for (i = 0; i < d->old->table.nchains; i++)
		if (!d->old->table.chain[i]->known && chain_is_ours(d->old->table.chain[i]))
			nft_delete_chain(d->w, d->old->table.chain[i]->name);
}

/* New rules go before the next one that stays, or to the end. */
static void chain_write_rules(struct diff *d, const struct plan_chain *c)
{
	const __u32 *kept = d->kept + d->to.first[c->id];
	const struct plan_rule *r;
	__u32 i = 0, next = 0;

	for (r = c->rules; r; r = r->next, i++) {
		if (kept[i] != GONE)
			continue;
		if (next < i)
			next = i;
		while (next < c->nrules && kept[next] == GONE)
			next++;
		if (next < c->nrules)
			nft_write_rule(d->w, c, r, NFT_BEFORE,
				       d->old->rule[kept[next]]->handle);
		else
			nft_write_rule(d->w, c, r, NFT_AT_END, 0);
	}
}

/* Rules that stay in a table that was restored get their tags. */
static void chain_write_tags(struct diff *d, const struct plan_chain *c)
{
	const __u32 *kept = d->kept + d->to.first[c->id];
	const struct plan_rule *r;

	for (r = c->rules; r; r = r->next, kept++)
		if (*kept != GONE)
			nft_write_rule(d->w, c, r, NFT_INSTEAD, d->old->rule[*kept]->handle);
}

static bool plan_has_helper(const struct plan *p, const char *name)
{
	__u32 i;

	for (i = 0; i < p->nhelpers; i++)
		if (!strcmp(p->helpers[i].name, name))
			return true;
	return false;
}

static bool plan_has_timeout(const struct plan *p, const char *name)
{
	__u32 i;

	for (i = 0; i < p->ntimeouts; i++)
		if (!strcmp(p->timeouts[i].name, name))
			return true;
	return false;
}

static void objects_write_new(struct diff *d)
{
	const struct plan *old = d->old->store.plan, *to = d->to.plan;
	__u32 i;

	for (i = 0; i < to->nhelpers; i++)
		if (!plan_has_helper(old, to->helpers[i].name))
			nft_write_helper(d->w, &to->helpers[i]);
	for (i = 0; i < to->ntimeouts; i++)
		if (!plan_has_timeout(old, to->timeouts[i].name))
			nft_write_timeout(d->w, &to->timeouts[i]);
}

static void objects_delete(struct diff *d)
{
	const struct plan *old = d->old->store.plan, *to = d->to.plan;
	__u32 i;

	for (i = 0; i < old->nhelpers; i++)
		if (!plan_has_helper(to, old->helpers[i].name))
			nft_delete_object(d->w, NFT_OBJECT_CT_HELPER,
					  old->helpers[i].name);
	for (i = 0; i < old->ntimeouts; i++)
		if (!plan_has_timeout(to, old->timeouts[i].name))
			nft_delete_object(d->w, NFT_OBJECT_CT_TIMEOUT,
					  old->timeouts[i].name);
}

static bool diff_write(struct diff *d)
{
	const struct plan_chain *c;

	objects_write_new(d);
	if (!chains_write_new(d))
		return false;
	rules_delete(d);
	if (d->old->store.is_stale || d->old->store.is_changed)
		stale_rules_delete(d);
	for (c = d->to.plan->chains; c; c = c->next) {
		chain_write_rules(d, c);
		if (d->old->store.is_restored)
			chain_write_tags(d, c);
	}
	chains_delete(d);
	objects_delete(d);
	return true;
}

bool nft_diff_write(struct nft_writer *w, struct plan *to, const struct nft_view *old)
{
	struct diff d = { .w = w, .old = old };
	bool ok = old->table.present && diff_alloc(&d, to) && chains_compare(&d) &&
		  orders_choose(&d) && diff_write(&d);

	w->order = NULL;
	diff_free(&d);
	return ok;
}
