// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * edit.c - transactions: the next generation is made beside the present one.
 *
 * Arrays of rules are shared with the present generation as long as an edit only
 * adds at an end where there is room, or takes from an end; else the list gets an
 * array of its own.  A refused transaction takes back what it added to shared
 * arrays; nobody has seen it.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "kmod/rules/generation.h"
#include "kmod/control/netlink.h"

#define ROOM_MIN 16	/* slots that are free at the growing end of a new array */

/* slots in use */
struct extent {
	u32 begin, end;
};

struct draft {
	struct fw_counters *counters;
	struct fw_table *present, *next;
	struct extent used[FW_LISTS];	/* of the present arrays, when it all began */
	struct fw_refusal *why;
	bool changes;		/* something that makes a generation */
	bool zeroes;		/* counters are marked */
};

static int refuse(const struct draft *d, int err, enum fw_field field, const char *text)
{
	d->why->field = field;
	d->why->text = text;
	return err;
}

static int refuse_memory(const struct draft *d)
{
	return refuse(d, -ENOMEM, FW_FIELD_NONE, "not enough memory");
}

/* Is the array in use by the present generation too? */
static bool slots_shared(const struct draft *d, enum fw_list_id id)
{
	return d->next->slots[id] == d->present->slots[id];
}

/* Does the list reach to the ends of its array's used part, so it may grow there? */
static bool list_has_room(const struct draft *d, enum fw_list_id id, bool head)
{
	const struct fw_list *l = &d->next->rules.list[id];
	const struct fw_slots *s = d->next->slots[id];

	if (!s)
		return false;
	if (head)
		return l->first && l->first == s->begin;
	return l->first + l->count == s->end && s->end < s->cap;
}

/* Gives the list an array of its own, with room slots before and behind its rules. */
static int list_renew(struct draft *d, enum fw_list_id id, u32 before, u32 behind)
{
	struct fw_list *l = &d->next->rules.list[id];
	struct fw_slots *s = fw_slots_new(before + l->count + behind, before);

	if (!s)
		return refuse_memory(d);
	if (l->count)
		fw_slots_copy(s, d->next->slots[id], l);
	fw_slots_put(d->counters, d->next->slots[id]);
	d->next->slots[id] = s;
	l->slots = s->rule;
	l->cap = s->cap;
	l->first = before;
	return 0;
}

/* The growing end gets as much room again as there are rules, the other keeps its. */
static int list_grow(struct draft *d, enum fw_list_id id, bool head)
{
	const struct fw_list *l = &d->next->rules.list[id];
	u32 room = max_t(u32, l->count, ROOM_MIN);
	u32 before = min(l->first, l->count);
	u32 behind = min(l->cap - l->first - l->count, l->count);

	if (l->count >= FW_RULES_MAX)
		return refuse(d, -ENOSPC, FW_FIELD_LIST, "the list is full");
	return list_renew(d, id, head ? room : before, head ? behind : room);
}

static const char *const refused_field[] = {
	[FW_FIELD_LIST] = "there is no such list",
	[FW_FIELD_PORTS] = "more ports than a rule holds, or a range without its end",
	[FW_FIELD_STATE] = "there is no such state",
	[FW_FIELD_KEEP_STATE] = "only an accepting rule of a firewall list can keep the state",
	[FW_FIELD_HELPER] = "there is no such helper",
	[FW_FIELD_COMMENT] = "the comment is too long or cannot be printed",
	[FW_FIELD_FLAGS] = "there is no such flag",
};

static int rule_check(const struct draft *d, const struct fw_rule *r, enum fw_list_id id)
{
	static const char no_states[] = "connections are not tracked by this module";
	enum fw_field field;

	if (fw_rule_check(r, id, &field))
		return refuse(d, -EINVAL, field, refused_field[field]);
	if (r->state)
		return refuse(d, -EOPNOTSUPP, FW_FIELD_STATE, no_states);
	if (r->keep_state)
		return refuse(d, -EOPNOTSUPP, FW_FIELD_KEEP_STATE, no_states);
	if (r->helper)
		return refuse(d, -EOPNOTSUPP, FW_FIELD_HELPER, no_states);
	return 0;
}

/* The counter of a new rule, and the binding; NULL if there is no memory. */
static struct fw_counter *counter_make(const struct draft *d, const struct fw_edit *e)
{
	struct fw_counter *c = fw_counter_new(d->counters);

	if (!c)
		return NULL;
	if (e->rule.vianame[0]) {
		c->binding = fw_binding_get(d->next->fn, e->rule.vianame);
		if (!c->binding) {
			fw_counter_put(d->counters, c);
			return NULL;
		}
	}
	if (e->counters)
		fw_counter_set(c, (struct fw_count){ e->rule.pcnt, e->rule.bcnt });
	return c;
}

static int rule_add(struct draft *d, const struct fw_edit *e, bool head)
{
	struct fw_list *l = &d->next->rules.list[e->list];
	struct fw_counter *c;
	struct fw_slots *s;
	int err;

	err = rule_check(d, &e->rule, e->list);
	if (!err && !list_has_room(d, e->list, head))
		err = list_grow(d, e->list, head);
	if (err)
		return err;
	c = counter_make(d, e);
	if (!c)
		return refuse_memory(d);
	s = d->next->slots[e->list];
	if (head) {
		fw_list_insert(l, &e->rule);
		s->counter[--s->begin] = c;
	} else {
		fw_list_append(l, &e->rule);
		s->counter[s->end++] = c;
	}
	fw_list_rule(l, head ? 0 : l->count - 1)->bound =
		c->binding ? &c->binding->ifindex : NULL;
	d->changes = true;
	return 0;
}

/* The index of the first equal rule, or the count if there is none. */
static u32 rule_find(const struct fw_list *l, const struct fw_rule *r)
{
	u32 i;

	for (i = 0; i < l->count && !fw_rule_equal(fw_list_rule(l, i), r); i++)
		cond_resched();
	return i;
}

/* Takes a rule out of an array of our own and closes the gap from the nearer end. */
static void slot_remove(struct draft *d, enum fw_list_id id, u32 index)
{
	struct fw_list *l = &d->next->rules.list[id];
	struct fw_slots *s = d->next->slots[id];
	u32 slot = l->first + index, n;

	fw_counter_put(d->counters, s->counter[slot]);
	if (index < l->count / 2) {
		n = slot - s->begin;
		memmove(&s->rule[s->begin + 1], &s->rule[s->begin], n * sizeof(*s->rule));
		memmove(&s->counter[s->begin + 1], &s->counter[s->begin],
			n * sizeof(*s->counter));
		s->begin++;
		l->first++;
	} else {
		n = --s->end - slot;
		memmove(&s->rule[slot], &s->rule[slot + 1], n * sizeof(*s->rule));
		memmove(&s->counter[slot], &s->counter[slot + 1], n * sizeof(*s->counter));
	}
	l->count--;
}

static int rule_delete(struct draft *d, const struct fw_edit *e)
{
	struct fw_list *l = &d->next->rules.list[e->list];
	u32 index, count = l->count;
	int err = rule_check(d, &e->rule, e->list);

	if (err)
		return err;
	index = rule_find(l, &e->rule);
	if (index == count)
		return refuse(d, -EINVAL, FW_FIELD_NONE, "there is no such rule");
	d->changes = true;
	if (slots_shared(d, e->list) && (!index || index == count - 1) &&
	    count > l->cap / 4) {
		l->first += !index;
		l->count--;
		return 0;
	}
	if (slots_shared(d, e->list)) {
		err = list_renew(d, e->list, min(l->first, count),
				min(l->cap - l->first - count, count));
		if (err)
			return err;
	}
	slot_remove(d, e->list, index);
	return 0;
}

static void list_flush(struct draft *d, enum fw_list_id id)
{
	struct fw_list *l = &d->next->rules.list[id];

	fw_slots_put(d->counters, d->next->slots[id]);
	d->next->slots[id] = NULL;
	*l = (struct fw_list){ .policy = l->policy };
	d->changes = true;
}

/* Whether counters begin anew is known only when the transaction is in force. */
static void list_mark(struct draft *d, enum fw_list_id id)
{
	const struct fw_list *l = &d->next->rules.list[id];
	u32 i;

	for (i = 0; i < l->count; i++) {
		d->next->slots[id]->counter[l->first + i]->marked = true;
		cond_resched();
	}
	d->zeroes = true;
}

static void timeouts_set(struct draft *d, const struct fw_timeouts *timeouts)
{
	struct fw_timeouts *t = &d->next->rules.timeouts;

	if (timeouts->tcp)
		t->tcp = timeouts->tcp;
	if (timeouts->tcpfin)
		t->tcpfin = timeouts->tcpfin;
	if (timeouts->udp)
		t->udp = timeouts->udp;
	d->changes = true;
}

static int policy_set(struct draft *d, const struct fw_edit *e)
{
	if (e->list == FW_ACCT)
		return refuse(d, -EINVAL, FW_FIELD_POLICY, "accounting has no policy");
	d->next->rules.list[e->list].policy = e->policy;
	d->changes = true;
	return 0;
}

static int edit_apply(struct draft *d, const struct fw_edit *e)
{
	if (e->op != FW_OP_TIMEOUTS && (unsigned int)e->list >= FW_LISTS)
		return refuse(d, -EINVAL, FW_FIELD_LIST, refused_field[FW_FIELD_LIST]);
	switch (e->op) {
	case FW_OP_APPEND:
		return rule_add(d, e, false);
	case FW_OP_INSERT:
		return rule_add(d, e, true);
	case FW_OP_DELETE:
		return rule_delete(d, e);
	case FW_OP_FLUSH:
		list_flush(d, e->list);
		return 0;
	case FW_OP_ZERO:
		list_mark(d, e->list);
		return 0;
	case FW_OP_POLICY:
		return policy_set(d, e);
	case FW_OP_TIMEOUTS:
		timeouts_set(d, &e->timeouts);
		return 0;
	}
	return refuse(d, -EINVAL, FW_FIELD_NONE, "there is no such operation");
}

/* Clears the marks of t's rules; with zero, their counters begin anew. */
static void marks_clear(const struct fw_table *t, bool zero)
{
	unsigned int id;
	u32 i;

	for (id = 0; id < FW_LISTS; id++) {
		const struct fw_list *l = &t->rules.list[id];

		for (i = 0; i < l->count; i++) {
			struct fw_counter *c = t->slots[id]->counter[l->first + i];

			if (c->marked && zero)
				fw_counter_take(c);
			c->marked = false;
			cond_resched();
		}
	}
}

static int draft_begin(struct draft *d, struct fw_net *fn, bool replace)
{
	unsigned int id;

	d->counters = fn->counters;
	d->present = fw_table_present(fn);
	d->next = replace ? fw_table_new(fn) : fw_table_copy(d->present);
	if (!d->next)
		return refuse_memory(d);
	d->changes = replace;
	for (id = 0; id < FW_LISTS; id++) {
		const struct fw_slots *s = d->present->slots[id];

		d->used[id] = s ? (struct extent){ s->begin, s->end } : (struct extent){ 0 };
	}
	return 0;
}

static int draft_edit(struct draft *d, const struct fw_transaction *what)
{
	int err = 0;

	u32 i;

	for (i = 0; !err && i < what->n; i++) {
		d->why->edit = i;
		err = edit_apply(d, &what->edits[i]);
		if (!err && fatal_signal_pending(current))
			err = refuse(d, -EINTR, FW_FIELD_NONE, "interrupted");
		cond_resched();
	}
	return err;
}

/* Frees the slots of the present arrays that only the draft used. */
static void slots_give_back(const struct draft *d, enum fw_list_id id)
{
	struct fw_slots *s = d->present->slots[id];

	if (!s)
		return;
	while (s->begin < d->used[id].begin)
		fw_counter_put(d->counters, s->counter[s->begin++]);
	while (s->end > d->used[id].end)
		fw_counter_put(d->counters, s->counter[--s->end]);
}

static void draft_drop(struct draft *d)
{
	unsigned int id;

	if (d->zeroes)
		marks_clear(d->present, false);
	for (id = 0; id < FW_LISTS; id++)
		slots_give_back(d, id);
	fw_table_drop(d->next);
}

static void draft_publish(struct draft *d, struct fw_net *fn)
{
	if (d->changes) {
		d->next->generation = d->present->generation + 1 ?: 1;
		rcu_assign_pointer(fn->table, d->next);
	}
	if (d->zeroes)
		marks_clear(d->next, true);
	if (d->changes)
		fw_table_put(d->present);
	else
		fw_table_drop(d->next);
}

static int transaction_run(struct fw_net *fn, const struct fw_transaction *what,
			   struct fw_refusal *why)
{
	struct draft d = { .why = why };
	int err;

	if (what->generation && what->generation != fw_table_present(fn)->generation)
		return refuse(&d, -ESTALE, FW_FIELD_NONE, "the rules were changed meanwhile");
	err = draft_begin(&d, fn, what->replace);
	if (err)
		return err;
	err = draft_edit(&d, what);
	if (err) {
		draft_drop(&d);
		return err;
	}
	draft_publish(&d, fn);
	/* what only zeroes is told as zeroing */
	fw_netlink_changed(fn, fw_table_present(fn)->generation, d.changes ? what->n : 0,
			   what->portid);
	return 0;
}

int fw_table_edit(struct fw_net *fn, const struct fw_transaction *what,
		  struct fw_refusal *why)
{
	int err;

	*why = (struct fw_refusal){ .field = FW_FIELD_NONE };
	mutex_lock(&fn->lock);
	err = transaction_run(fn, what, why);
	mutex_unlock(&fn->lock);
	return err;
}
