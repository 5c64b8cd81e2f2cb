// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transaction.c - builds the next generation and publishes it.
 *
 * The new generation shares the arrays of the old one until an edit needs another order
 * of rules or more room.  A refused transaction trims the shared arrays to their old
 * size.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "kmod/rules/forwards.h"
#include "kmod/rules/generation.h"

#define ROOM_MIN 16		/* free slots at the growing end of a new array */

/* a transaction in progress */
struct update {
	struct fwk_rules *rules;
	struct fwk_generation *old, *new;
	struct {
		u32 begin, end;
	} used[FW_LISTS];	/* of the old arrays, before the transaction */
	struct fwk_refusal *why;
	bool changes;		/* the new generation differs from the old one */
	bool resets;		/* counters have reset_pending */
	struct fwk_forwards forwards;
};

static int refuse(const struct update *u, int err, enum fw_field field, const char *text)
{
	u->why->field = field;
	u->why->text = text;
	return err;
}

static int refuse_memory(const struct update *u)
{
	if (u->rules->counters.exceeded)
		return refuse(u, -EDQUOT, FW_FIELD_NONE, u->rules->counters.exceeded);
	return refuse(u, -ENOMEM, FW_FIELD_NONE, "not enough memory");
}

static bool array_is_shared(const struct update *u, enum fw_list_id list)
{
	return u->new->array[list] == u->old->array[list];
}

/* Can the list grow within its array?  Only if it reaches to the end of the used part. */
static bool list_has_room(const struct update *u, enum fw_list_id list, bool head)
{
	const struct fw_list *l = &u->new->rules.list[list];
	const struct fwk_rule_array *a = u->new->array[list];

	if (!a)
		return false;
	if (head)
		return l->first && l->first == a->begin;
	return l->first + l->count == a->end && a->end < a->cap;
}

/* The list's classifier does not know its rules any more. */
static void list_unclassify(struct update *u, enum fw_list_id list)
{
	fwk_classifier_put(&u->rules->counters, u->new->classifier[list]);
	u->new->classifier[list] = NULL;
	u->new->classified[list] = 0;
	u->new->rules.list[list].classifier = NULL;
}

/*
 * Builds a classifier if the list was changed other than by rules at its ends, or if those
 * are many: n appends cost O(n log n) altogether.
 */
static void list_classify(struct update *u, enum fw_list_id list)
{
	struct fw_list *l = &u->new->rules.list[list];
	u32 classified = u->new->classified[list];

	if (l->count <= classified + classified / 4)
		return;
	list_unclassify(u, list);
	u->new->classified[list] = l->count;
	u->new->classifier[list] = fwk_classifier_new(&u->rules->counters, l);
	if (u->new->classifier[list]) {
		l->classifier = &u->new->classifier[list]->trees;
		l->classified_first = FW_CLASSIFY_HEAD;
	}
}

/* Moves the list to an array of its own, with free slots before and after its rules. */
static int list_relocate(struct update *u, enum fw_list_id list, u32 before, u32 after)
{
	struct fw_list *l = &u->new->rules.list[list];
	struct fwk_rule_array *a = fwk_rule_array_new(
		&u->rules->counters, before + l->count + after, before);

	if (!a)
		return refuse_memory(u);
	if (l->count)
		fwk_rule_array_copy(a, u->new->array[list], l);
	fwk_rule_array_put(&u->rules->counters, u->new->array[list]);
	u->new->array[list] = a;
	l->match = a->match;
	l->bound = a->bound;
	l->cap = a->cap;
	l->first = before;
	return 0;
}

/* The growing end gets as many free slots as there are rules; the other keeps its own. */
static int list_grow(struct update *u, enum fw_list_id list, bool head)
{
	const struct fw_list *l = &u->new->rules.list[list];
	u32 room = max_t(u32, l->count, ROOM_MIN);
	u32 before = min(l->first, l->count);
	u32 after = min(l->cap - l->first - l->count, l->count);

	if (l->count >= FWK_RULES_MAX)
		return refuse(u, -ENOSPC, FW_FIELD_LIST, "the list is full");
	return list_relocate(u, list, head ? room : before, head ? after : room);
}

/* Helpers of the language that the module does not have must not be accepted. */
static int helper_check(const struct update *u, u8 helper)
{
	if (!helper || helper == FW_HELPER_FTP || helper == FW_HELPER_IRC ||
	    helper == FW_HELPER_TFTP)
		return 0;
	return refuse(u, -EOPNOTSUPP, FW_FIELD_HELPER,
		      "this module has the helpers ftp, irc and tftp; backends nft and "
		      "xtables have others");
}

/* n: 1 or -1 such rule */
static void needs_count(struct update *u, enum fw_list_id list, const struct fw_match *m,
			int n)
{
	if (m->state || m->keep_state || m->helper)
		u->new->stateful[list] += n;
	if (m->via || m->vianame[0] || m->flags & FW_PRN)
		u->new->devices[list] += n;
	if (list == FW_FORWARD && fw_flags_masquerade(m->flags))
		u->new->masquerading += n;
	if (list == FW_ACCT && !(m->flags & FW_ACCTOUT))
		u->new->counting[FW_DIR_IN] += n;
	if (list == FW_ACCT && !(m->flags & FW_ACCTIN))
		u->new->counting[FW_DIR_OUT] += n;
}

static const char *const refused_field[] = {
	[FW_FIELD_LIST] = "there is no such list",
	[FW_FIELD_PORTS] = "more ports than a rule holds, or a range without its end",
	[FW_FIELD_STATE] = "there is no such state",
	[FW_FIELD_KEEP_STATE] =
		"only an accepting rule of a firewall list can keep the state",
	[FW_FIELD_HELPER] = "there is no such helper",
	[FW_FIELD_COMMENT] = "the comment is too long or cannot be printed",
	[FW_FIELD_FLAGS] = "there is no such flag",
};

static int rule_check(const struct update *u, const struct fw_rule *r,
		      enum fw_list_id list)
{
	enum fw_field field = FW_FIELD_NONE;

	if (fw_rule_check(r, list, &field))
		return refuse(u, -EINVAL, field, refused_field[field]);
	return helper_check(u, r->helper);
}

/* Returns the counter of a new rule, with its binding; NULL without memory. */
static struct fwk_counter *counter_new(const struct update *u, const struct fw_edit *e)
{
	struct fwk_counter *c = fwk_counter_new(&u->rules->counters);
	u32 bytes = (e->rule.vianame[0] ? sizeof(*c->binding) : 0) +
		    (e->rule.comment[0] ? strlen(e->rule.comment) + 1 : 0);

	if (!c)
		return NULL;
	if (!fwk_memory_charge(&u->rules->counters, bytes)) {
		fwk_counter_put(&u->rules->counters, c);
		return NULL;
	}
	c->charged = bytes;
	if (e->rule.vianame[0])
		c->binding = fwk_iface_binding_get(u->rules->net, e->rule.vianame);
	if (e->rule.comment[0])
		c->comment = kstrdup(e->rule.comment, GFP_KERNEL_ACCOUNT);
	if ((e->rule.vianame[0] && !c->binding) || (e->rule.comment[0] && !c->comment)) {
		fwk_counter_put(&u->rules->counters, c);
		return NULL;
	}
	if (e->counters)
		fwk_counter_set(c, (struct fwk_count){ e->rule.pcnt, e->rule.bcnt });
	return c;
}

static int rule_add(struct update *u, const struct fw_edit *e, bool head)
{
	struct fwk_counter *c;
	int err;

	err = rule_check(u, &e->rule, e->list);
	if (!err && !list_has_room(u, e->list, head))
		err = list_grow(u, e->list, head);
	if (err)
		return err;
	c = counter_new(u, e);
	if (!c)
		return refuse_memory(u);
	fwk_rule_array_add(u->new->array[e->list], &u->new->rules.list[e->list], head,
			   &e->rule, c);
	u->new->rules.list[e->list].classified_first += head;
	needs_count(u, e->list, &e->rule.match, 1);
	u->changes = true;
	return 0;
}

static int rule_delete(struct update *u, const struct fw_edit *e)
{
	struct fw_list *l = &u->new->rules.list[e->list];
	u32 index, count = l->count;
	int err = rule_check(u, &e->rule, e->list);

	if (err)
		return err;
	for (index = 0; index < count; index++) {
		if (fw_match_equal(&l->match[l->first + index], &e->rule.match))
			break;
		cond_resched();
	}
	if (index == count)
		return refuse(u, -EINVAL, FW_FIELD_NONE, "there is no such rule");
	u->changes = true;
	list_unclassify(u, e->list);
	needs_count(u, e->list, &e->rule.match, -1);
	if (array_is_shared(u, e->list)) {
		/* at an end: shrink the range, unless little of the array would be used
		 */
		if ((!index || index == count - 1) && count > l->cap / 4) {
			l->first += !index;
			l->count--;
			return 0;
		}
		err = list_relocate(u, e->list, min(l->first, count),
				    min(l->cap - l->first - count, count));
		if (err)
			return err;
	}
	fwk_rule_array_remove(&u->rules->counters, u->new->array[e->list], l, index);
	return 0;
}

static void list_flush(struct update *u, enum fw_list_id list)
{
	struct fw_list *l = &u->new->rules.list[list];

	list_unclassify(u, list);
	fwk_rule_array_put(&u->rules->counters, u->new->array[list]);
	u->new->array[list] = NULL;
	u->new->stateful[list] = 0;
	u->new->devices[list] = 0;
	if (list == FW_FORWARD)
		u->new->masquerading = 0;
	if (list == FW_ACCT)
		memset(u->new->counting, 0, sizeof(u->new->counting));
	*l = (struct fw_list){ .policy = l->policy };
	u->changes = true;
}

/* Counters are shared with the old generation, so they are zeroed at the commit. */
static void list_zero(struct update *u, enum fw_list_id list)
{
	const struct fw_list *l = &u->new->rules.list[list];
	u32 i;

	for (i = 0; i < l->count; i++) {
		u->new->array[list]->counter[l->first + i]->reset_pending = true;
		cond_resched();
	}
	u->resets = true;
}

/* Ends the pending resets of g's rules; with commit, their counters are zeroed. */
static void resets_finish(const struct fwk_generation *g, bool commit)
{
	unsigned int list;
	u32 i;

	for (list = 0; list < FW_LISTS; list++) {
		const struct fw_list *l = &g->rules.list[list];

		for (i = 0; i < l->count; i++) {
			struct fwk_counter *c = g->array[list]->counter[l->first + i];

			if (c->reset_pending && commit)
				fwk_counter_read_and_reset(c);
			c->reset_pending = false;
			cond_resched();
		}
	}
}

static int policy_set(struct update *u, const struct fw_edit *e)
{
	if (e->list == FW_ACCT)
		return refuse(u, -EINVAL, FW_FIELD_POLICY, "accounting has no policy");
	u->new->rules.list[e->list].policy = e->policy;
	u->changes = true;
	return 0;
}

static void timeouts_set(struct update *u, const struct fw_timeouts *from)
{
	struct fw_timeouts *t = &u->new->rules.timeouts;

	t->tcp = from->tcp ?: t->tcp;
	t->tcpfin = from->tcpfin ?: t->tcpfin;
	t->udp = from->udp ?: t->udp;
	u->changes = true;
}

static int forward_edit(struct update *u, const struct fw_portfw_edit *e)
{
	switch (fwk_forwards_edit(&u->forwards, e)) {
	case 0:
		u->changes |= e->op != FW_PORTFW_ZERO;
		return 0;
	case -ENOSPC:
		return refuse(u, -ENOSPC, FW_FIELD_NONE, "the table of forwards is full");
	default:
		return refuse(u, -EINVAL, FW_FIELD_NONE,
			      fw_portfw_check(&e->forward) ? "invalid port forward"
							   : "no such port forward");
	}
}

static int gate_set(struct update *u, const struct fw_edit *e)
{
	if (e->policy != FW_POLICY_DENY && e->policy != FW_POLICY_ACCEPT)
		return refuse(u, -EINVAL, FW_FIELD_POLICY,
			      "the gate for IPv6 is deny or accept");
	u->new->rules.denies_ipv6 = e->policy == FW_POLICY_DENY;
	u->changes = true;
	return 0;
}

static int edit_apply(struct update *u, const struct fw_edit *e)
{
	if (e->op == FW_OP_PORTFW)
		return forward_edit(u, &e->portfw);
	if (e->op != FW_OP_TIMEOUTS && (unsigned int)e->list >= FW_LISTS)
		return refuse(u, -EINVAL, FW_FIELD_LIST, refused_field[FW_FIELD_LIST]);
	switch (e->op) {
	case FW_OP_APPEND:
		return rule_add(u, e, false);
	case FW_OP_INSERT:
		return rule_add(u, e, true);
	case FW_OP_DELETE:
		return rule_delete(u, e);
	case FW_OP_FLUSH:
		list_flush(u, e->list);
		return 0;
	case FW_OP_ZERO:
		list_zero(u, e->list);
		return 0;
	case FW_OP_POLICY:
		return policy_set(u, e);
	case FW_OP_TIMEOUTS:
		timeouts_set(u, &e->timeouts);
		return 0;
	case FW_OP_IPV6:
		return gate_set(u, e);
	case FW_OP_PORTFW:
		break;
	}
	return refuse(u, -EINVAL, FW_FIELD_NONE, "there is no such operation");
}

static int update_begin(struct update *u, const struct fwk_transaction *tx)
{
	unsigned int list;

	u->rules->counters.exceeded = NULL;
	u->old = fwk_generation_active(u->rules);
	if (tx->generation && tx->generation != u->old->number)
		return refuse(u, -ESTALE, FW_FIELD_NONE,
			      "the rules were changed meanwhile");
	u->new = tx->replace ? fwk_generation_new(u->rules) : fwk_generation_copy(u->old);
	if (!u->new)
		return refuse_memory(u);
	u->changes = tx->replace;
	if (fwk_forwards_begin(&u->forwards, u->rules, tx)) {
		fwk_generation_discard(u->new);
		return refuse_memory(u);
	}
	for (list = 0; list < FW_LISTS; list++) {
		const struct fwk_rule_array *a = u->old->array[list];

		u->used[list].begin = a ? a->begin : 0;
		u->used[list].end = a ? a->end : 0;
	}
	return 0;
}

static void track_timeouts_set(struct update *u, const u32 *seconds)
{
	unsigned int i;

	for (i = 0; i < FW_TIMEOUTS; i++)
		u->new->track_timeouts[i] = seconds[i] ?: u->new->track_timeouts[i];
	u->changes = true;
}

/* Packets meet the hooks before the rules that need them. */
static int hooks_start(struct update *u)
{
	int err;

	fwk_generation_complete(u->new);
	err = fwk_rules_events->hooks_start(u->rules->net, u->new->needs);
	if (err == -ENOMEM)
		return refuse_memory(u);
	if (err == -EDQUOT)
		return refuse(u, err, FW_FIELD_NONE, FWK_QUOTA_EXCEEDED);
	return err ? refuse(u, err, FW_FIELD_NONE, "cannot register the hooks of packets") : 0;
}

/* The hooks of the gate are there before it is closed. */
static int gate_start(struct update *u)
{
	int err = u->new->rules.denies_ipv6 ? fwk_rules_events->gate_start(u->rules->net) : 0;

	if (err == -ENOENT)
		return refuse(u, -EOPNOTSUPP, FW_FIELD_NONE,
			      "the gate for IPv6 needs nf_conntrack, which cannot be loaded");
	return err ? refuse(u, err, FW_FIELD_NONE, "cannot track IPv6 connections") : 0;
}

static int update_apply(struct update *u, const struct fwk_transaction *tx)
{
	u32 i;
	int err;

	if (tx->track_timeouts)
		track_timeouts_set(u, tx->track_timeouts);
	for (i = 0; i < tx->n; i++) {
		u->why->edit = i;
		err = edit_apply(u, &tx->edits[i]);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return refuse(u, -EINTR, FW_FIELD_NONE, "interrupted");
		cond_resched();
	}
	u->new->rules.portfw.count = u->forwards.table.count;
	err = hooks_start(u) ?: gate_start(u);
	if (!err && !fwk_forwards_commit(&u->forwards))
		err = refuse(u, -EAGAIN, FW_FIELD_NONE,
			     "packets change the table of forwards without pause");
	return err;
}

static void update_discard(struct update *u)
{
	unsigned int list;

	if (u->resets)
		resets_finish(u->old, false);
	for (list = 0; list < FW_LISTS; list++)
		if (u->old->array[list])
			fwk_rule_array_trim(&u->rules->counters, u->old->array[list],
					    u->used[list].begin, u->used[list].end);
	fwk_generation_discard(u->new);
}

static void update_publish(struct update *u)
{
	unsigned int list;

	if (u->changes) {
		for (list = 0; list < FW_LISTS; list++)
			list_classify(u, list);
		u->new->number = u->old->number + 1 ?: 1;
		rcu_assign_pointer(u->rules->active, u->new);
		fwk_rules_events->timeouts(u->rules->net, u->new->track_timeouts,
					   &u->new->rules.timeouts);
	}
	if (u->resets)
		resets_finish(u->new, true);
	if (u->changes)
		fwk_generation_put(u->old);
	else
		fwk_generation_discard(u->new);
}

int fwk_rules_edit(struct net *net, const struct fwk_transaction *tx,
		   struct fwk_refusal *why)
{
	struct fwk_rules *rules = fwk_rules(net);
	struct update u = { .rules = rules, .why = why };
	int err;

	*why = (struct fwk_refusal){ .field = FW_FIELD_NONE };
	mutex_lock(&rules->lock);
	err = update_begin(&u, tx);
	if (err)
		goto unlock;
	err = update_apply(&u, tx);
	if (err) {
		update_discard(&u);
		goto end;
	}
	update_publish(&u);
	fwk_rules_events->changed(net, fwk_generation_active(rules)->number,
			    u.changes ? tx->n : 0, tx->portid);
end:
	fwk_rules_events->hooks_stop(net, fwk_generation_active(rules)->needs);
	if (!fwk_generation_active(rules)->rules.denies_ipv6)
		fwk_rules_events->gate_stop(net);
	fwk_forwards_end(&u.forwards);
unlock:
	mutex_unlock(&rules->lock);
	return err;
}
