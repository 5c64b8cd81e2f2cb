// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruleset.c - rule sets in malloc'ed memory: the core edits a list in the array
 * it is given, here the array is made larger when an end of it is full.
 */
#include "backend/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/classify.h"

/* free slots that a list gets at least when it grows */
#define ROOM_MIN 8

/* rules have indices of type __s32 */
#define LIST_MAX 0x7fffffffu

enum list_end { LIST_HEAD, LIST_TAIL };

void fw_ruleset_init(struct fw_ruleset *rs)
{
	int i;

	memset(rs, 0, sizeof(*rs));
	for (i = 0; i < FW_LISTS; i++)
		rs->list[i].policy = FW_POLICY_ACCEPT;
	rs->timeouts.tcp = FW_TIMEOUT_TCP;
	rs->timeouts.tcpfin = FW_TIMEOUT_TCPFIN;
	rs->timeouts.udp = FW_TIMEOUT_UDP;
}

void fw_list_unclassify(struct fw_list *l)
{
	free((void *)l->classifier);
	l->classifier = NULL;
}

/* Without memory, or if it is better walked, the list gets no classifier. */
void fw_list_classify(struct fw_list *l)
{
	struct fw_classifier_sizes sizes;
	struct fw_classifier_build *b;
	struct fw_classifier *c;
	void *scratch;

	fw_list_unclassify(l);
	if (!fw_classifier_sizes(l, &sizes))
		return;
	c = malloc(sizes.bytes);
	scratch = malloc(sizes.scratch);
	if (c && scratch) {
		b = fw_classifier_begin(c, scratch, &sizes, l);
		while (fw_classifier_step(b))
			;
		if (fw_classifier_is_useful(b)) {
			l->classifier = c;
			l->classified_first = FW_CLASSIFY_HEAD;
			c = NULL;
		}
	}
	free(scratch);
	free(c);
}

void fw_ruleset_classify(struct fw_ruleset *rs)
{
	int i;

	for (i = 0; i < FW_LISTS; i++)
		fw_list_classify(&rs->list[i]);
}

void fw_ruleset_free(struct fw_ruleset *rs)
{
	int i;

	for (i = 0; i < FW_LISTS; i++) {
		fw_list_unclassify(&rs->list[i]);
		free(rs->list[i].slots);
	}
	free(rs->portfw.entry);
	fw_ruleset_init(rs);
}

static int list_copy(struct fw_list *to, const struct fw_list *from)
{
	*to = (struct fw_list){ .policy = from->policy };
	if (!from->count)
		return 0;
	to->slots = calloc(from->count, sizeof(*to->slots));
	if (!to->slots)
		return -ENOMEM;
	to->cap = to->count = from->count;
	memcpy(to->slots, fw_list_rule(from, 0), from->count * sizeof(*to->slots));
	return 0;
}

static int portfw_copy(struct fw_portfw_table *to, const struct fw_portfw_table *from)
{
	if (!from->count)
		return 0;
	to->entry = calloc(from->count, sizeof(*to->entry));
	if (!to->entry)
		return -ENOMEM;
	to->cap = to->count = from->count;
	to->keeps_ports = from->keeps_ports;
	memcpy(to->entry, from->entry, from->count * sizeof(*to->entry));
	return 0;
}

int fw_ruleset_copy(struct fw_ruleset *to, const struct fw_ruleset *from)
{
	int i, err;

	fw_ruleset_init(to);
	to->timeouts = from->timeouts;
	to->denies_ipv6 = from->denies_ipv6;
	err = portfw_copy(&to->portfw, &from->portfw);
	for (i = 0; i < FW_LISTS && !err; i++)
		err = list_copy(&to->list[i], &from->list[i]);
	if (err)
		fw_ruleset_free(to);
	return err;
}

/*
 * Moves the rules of l into an array that has as many free slots at the given
 * end as there are rules, so that each rule added there costs constant time on
 * average.  Free slots at the other end stay, but no more than that.
 */
static int list_grow(struct fw_list *l, enum list_end end)
{
	__u64 room = (__u64)l->count + ROOM_MIN;
	__u64 head = l->first, tail = l->cap - l->first - l->count;
	struct fw_rule *slots;

	head = end == LIST_HEAD || head > room ? room : head;
	tail = end == LIST_TAIL || tail > room ? room : tail;
	if (head + l->count + tail > LIST_MAX)
		return -ENOMEM;
	slots = reallocarray(NULL, head + l->count + tail, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	if (l->count)
		memcpy(slots + head, fw_list_rule(l, 0), l->count * sizeof(*slots));
	free(l->slots);
	l->slots = slots;
	l->first = head;
	l->cap = head + l->count + tail;
	return 0;
}

static int list_add(struct fw_list *l, enum list_end end, const struct fw_edit *e)
{
	int (*add)(struct fw_list *, const struct fw_rule *) =
		end == LIST_HEAD ? fw_list_insert : fw_list_append;
	struct fw_rule *r;
	int err = add(l, &e->rule);

	if (err == -ENOSPC) {
		err = list_grow(l, end);
		if (!err)
			err = add(l, &e->rule);
	}
	if (!err && e->counters) {
		r = fw_list_rule(l, end == LIST_HEAD ? 0 : l->count - 1);
		r->pcnt = e->rule.pcnt;
		r->bcnt = e->rule.bcnt;
	}
	return err;
}

static int portfw_edit(struct fw_portfw_table *t, const struct fw_edit *e)
{
	struct fw_portfw_edit edit = e->portfw;
	struct fw_portfw *bigger;
	int err;

	if (!e->counters) {
		edit.forward.conns = 0;
		edit.forward.left = edit.forward.weight;
	}
	err = fw_portfw_table_edit(t, &edit);
	if (err != -ENOSPC)
		return err;
	bigger = reallocarray(t->entry, 2 * (size_t)t->cap + ROOM_MIN, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	t->entry = bigger;
	t->cap = 2 * t->cap + ROOM_MIN;
	return fw_portfw_table_edit(t, &edit);
}

static void timeouts_set(struct fw_timeouts *t, const struct fw_timeouts *to)
{
	if (to->tcp)
		t->tcp = to->tcp;
	if (to->tcpfin)
		t->tcpfin = to->tcpfin;
	if (to->udp)
		t->udp = to->udp;
}

int fw_ruleset_edit(struct fw_ruleset *rs, const struct fw_edit *e)
{
	struct fw_list *l;

	if (e->op == FW_OP_TIMEOUTS) {
		timeouts_set(&rs->timeouts, &e->timeouts);
		return 0;
	}
	if (e->op == FW_OP_PORTFW)
		return portfw_edit(&rs->portfw, e);
	if (e->op == FW_OP_IPV6) {
		rs->denies_ipv6 = e->policy == FW_POLICY_DENY;
		return 0;
	}
	if ((unsigned int)e->list >= FW_LISTS)
		return -EINVAL;
	l = &rs->list[e->list];
	fw_list_unclassify(l);
	switch (e->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
		if (fw_rule_check(&e->rule, e->list, NULL))
			return -EINVAL;
		return list_add(l, e->op == FW_OP_INSERT ? LIST_HEAD : LIST_TAIL, e);
	case FW_OP_DELETE:
		return fw_list_delete(l, &e->rule);
	case FW_OP_FLUSH:
		fw_list_flush(l);
		return 0;
	case FW_OP_ZERO:
		fw_list_zero(l);
		return 0;
	case FW_OP_POLICY:
		l->policy = e->policy;
		return 0;
	case FW_OP_TIMEOUTS:
	case FW_OP_PORTFW:
	case FW_OP_IPV6:
		break;
	}
	return -EINVAL;
}

/* says what the rules refused; e->edit is the caller's to set */
static int edit_refuse(const struct fw_edit *edit, int err, struct fw_error *e)
{
	enum fw_field field = FW_FIELD_NONE;
	bool has_rule = edit->op == FW_OP_APPEND || edit->op == FW_OP_INSERT ||
			edit->op == FW_OP_DELETE;

	if (err != -EINVAL)
		return fw_error_set(e, -err, "%s", strerror(-err));
	if (edit->op == FW_OP_PORTFW)
		err = fw_error_set(e, EINVAL, fw_portfw_check(&edit->portfw.forward) ?
				   "invalid port forward" : "no such port forward");
	else if ((unsigned int)edit->list >= FW_LISTS)
		err = fw_error_set(e, EINVAL, "no such list");
	else if (has_rule && fw_rule_check(&edit->rule, edit->list, &field))
		err = fw_error_set(e, EINVAL, "invalid rule");
	else
		err = fw_error_set(e, EINVAL, "no such rule");
	if (e)
		e->field = field;
	return err;
}

int fw_ruleset_edit_all(struct fw_ruleset *rs, const struct fw_edit *edit, size_t n,
			struct fw_error *e)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		err = fw_ruleset_edit(rs, &edit[i]);
		if (err) {
			err = edit_refuse(&edit[i], err, e);
			if (e)
				e->edit = i;
			return err;
		}
	}
	return 0;
}

enum fw_gate fw_gate_wanted(const struct fw_edit *edit, size_t n, bool *others)
{
	enum fw_gate gate = FW_GATE_AS_IS;
	size_t i;

	*others = false;
	for (i = 0; i < n; i++) {
		if (edit[i].op != FW_OP_IPV6)
			*others = true;
		else
			gate = edit[i].policy == FW_POLICY_DENY ? FW_GATE_CLOSED : FW_GATE_OPEN;
	}
	return gate;
}
