// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_record.c - the lists as they were loaded, in a chain of their own.
 */
#include "backend/store/store_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ruleset.h"
#include "kmod/core/names.h"

#define RECORD_TYPE 0x6a /* of user data */
#define ENTRY_MAX (RULE_TAG_UDATA_MAX - 3) /* bytes; xtables: after an empty comment */
#define EDITS_MAX 256 /* entries that may be added, more if there are many rules */

const char *store_record_chain(enum plan_target target)
{
	return target == PLAN_NFT ? "record" : "ipfw-record";
}

static struct rule_udata *entry_add(struct store_record *r)
{
	size_t cap = r->cap ? 2 * r->cap : 4;
	struct rule_udata *u;

	if (!r->entry || r->count == r->cap) {
		u = reallocarray(r->entry, cap, sizeof(*u));
		if (!u)
			return NULL;
		r->entry = u;
		r->cap = cap;
	}
	u = &r->entry[r->count++];
	u->byte[0] = RECORD_TYPE;
	memcpy(u->byte + 2, &r->head, sizeof(r->head));
	u->len = 2 + sizeof(r->head);
	u->byte[1] = sizeof(r->head);
	return u;
}

/* An edit as bytes, and how many; 0: it changes nothing that is recorded. */
static size_t edit_write(struct rule_udata *u, const struct fw_edit *e)
{
	const struct rule_tag tag = {.kind = TAG_RULE, .list = e->list, .rule = e->rule};

	u->len = 0;
	switch (e->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
	case FW_OP_DELETE:
		rule_tag_write(u, NULL, &tag);
		memmove(u->byte + 1, u->byte, u->len);
		break;
	case FW_OP_POLICY:
		memcpy(u->byte + 1, &e->policy, u->len = sizeof(e->policy));
		break;
	case FW_OP_TIMEOUTS:
		memcpy(u->byte + 1, &e->timeouts, u->len = sizeof(e->timeouts));
		break;
	case FW_OP_PORTFW:
		memcpy(u->byte + 1, &e->portfw.forward, u->len = sizeof(e->portfw.forward));
		break;
	case FW_OP_FLUSH:
		break;
	case FW_OP_ZERO:
	case FW_OP_IPV6:
		return 0;
	}
	u->byte[0] = (__u8)(e->op << 2 | (e->op == FW_OP_TIMEOUTS ? 0 : e->list));
	return ++u->len;
}

static int edit_add(struct store_record *r, const struct fw_edit *e)
{
	struct rule_udata *to = r->count ? &r->entry[r->count - 1] : NULL, one;
	size_t size = edit_write(&one, e);

	if (!to || to->len + size > ENTRY_MAX)
		to = entry_add(r);
	if (!to)
		return -ENOMEM;
	memcpy(to->byte + to->len, one.byte, size);
	to->len += size;
	to->byte[1] = (__u8)(to->len - 2);
	return 0;
}

static int rules_add(struct store_record *r, const struct fw_ruleset *rs,
		     const struct fw_portfw_table *forwards)
{
	struct fw_edit e = {.op = FW_OP_TIMEOUTS, .timeouts = rs->timeouts};
	int err = edit_add(r, &e);
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		e = (struct fw_edit){
			.op = FW_OP_POLICY, .list = list, .policy = rs->list[list].policy};
		if (!err && list != FW_ACCT)
			err = edit_add(r, &e);
		e.op = FW_OP_APPEND;
		for (i = 0; i < rs->list[list].count && !err; i++) {
			e.rule = *fw_list_rule(&rs->list[list], i);
			err = edit_add(r, &e);
		}
	}
	e = (struct fw_edit){.op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_APPEND};
	for (i = 0; i < forwards->count && !err; i++) {
		e.portfw.forward = forwards->entry[i];
		err = edit_add(r, &e);
	}
	return err;
}

static const struct fw_ruleset *record_rules(const struct store_view *v)
{
	return v->lost && !v->is_unrecorded ? &v->recorded : &v->rules;
}

/* Edits of what others have deleted fail, and are no edits of what is recorded. */
static int lists_record(struct store_record *r, const struct store_view *v,
			const struct store_change *c, const struct fw_ruleset *rules)
{
	struct fw_ruleset edited;
	size_t i;
	int err = 0;

	if (!v || !v->lost || c->rules)
		return rules_add(r, rules, &rules->portfw);
	err = fw_ruleset_copy(&edited, record_rules(v));
	for (i = 0; i < c->count && err != -ENOMEM; i++)
		err = fw_ruleset_edit(&edited, &c->edit[i]);
	if (err != -ENOMEM)
		err = rules_add(r, &edited, &rules->portfw);
	fw_ruleset_free(&edited);
	return err;
}

int store_record_make(struct store_record *r, const struct store_view *v,
		      const struct store_change *c, const struct fw_ruleset *rules,
		      __u32 state, bool replaces)
{
	size_t i;
	int err = 0;

	*r = (struct store_record){.head.state = state};
	r->replaces = replaces || !v || c->rules || !v->is_recorded || v->is_unrecorded ||
		      v->record.left <= c->count || store_change_has_forwards(c);
	if (!r->replaces) {
		r->head.left = v->record.left - (__u32)c->count - 1;
		if (!entry_add(r))
			return -ENOMEM;
		for (i = 0; i < c->count && !err; i++)
			err = edit_add(r, &c->edit[i]);
		return err;
	}
	r->head.left = EDITS_MAX;
	for (i = 0; i < FW_LISTS; i++)
		r->head.left += rules->list[i].count / 4;
	return lists_record(r, v, c, rules);
}

int store_record_edit(struct store_record *r, const struct store_record_head *head,
		      const struct fw_edit *edit, __u32 state)
{
	*r = (struct store_record){.head = {state, head->left - 1}};
	return edit_add(r, edit);
}

void store_record_free(struct store_record *r)
{
	free(r->entry);
}

bool store_record_head_read(struct store_record_head *head, const void *data, size_t len)
{
	size_t size;
	const void *value = rule_udata_find(data, len, RECORD_TYPE, &size);

	if (!value || size < sizeof(*head))
		return false;
	memcpy(head, value, sizeof(*head));
	return true;
}

/* The edit at *at: bytes read, 0 if it is damaged. */
static size_t edit_read(struct fw_edit *e, const __u8 *at, size_t left)
{
	struct rule_tag tag;
	size_t size = 0;

	*e = (struct fw_edit){.op = *at >> 2, .list = *at & 3};
	at++;
	left--;
	switch (e->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
	case FW_OP_DELETE:
		size = left < 2 ? 2 : 2u + at[1];
		if (size > left || rule_tag_read(&tag, at, size) || tag.kind != TAG_RULE)
			return 0;
		e->rule = tag.rule;
		break;
	case FW_OP_POLICY:
		size = sizeof(e->policy);
		memcpy(&e->policy, at, size <= left ? size : 0);
		break;
	case FW_OP_TIMEOUTS:
		size = sizeof(e->timeouts);
		memcpy(&e->timeouts, at, size <= left ? size : 0);
		break;
	case FW_OP_PORTFW:
		size = sizeof(e->portfw.forward);
		e->counters = true;
		memcpy(&e->portfw.forward, at, size <= left ? size : 0);
		break;
	case FW_OP_FLUSH:
		break;
	default:
		return 0;
	}
	return size <= left ? size + 1 : 0;
}

int store_record_replay(struct store_view *v, const void *data, size_t len)
{
	struct fw_edit e;
	size_t size, used;
	const __u8 *at = rule_udata_find(data, len, RECORD_TYPE, &size);
	int err = 0;

	if (!at || !store_record_head_read(&v->record, data, len)) {
		v->is_unrecorded = true;
		return 0;
	}
	v->is_recorded = true;
	at += sizeof(v->record);
	size -= sizeof(v->record);
	for (; size && !err; at += used, size -= used) {
		used = edit_read(&e, at, size);
		err = used ? fw_ruleset_edit(&v->recorded, &e) : -EINVAL;
	}
	if (err == -EINVAL)
		v->is_unrecorded = true;
	return err == -ENOMEM ? err : 0;
}

bool store_rule_same(const struct fw_rule *a, const struct fw_rule *b)
{
	return fw_rule_equal(a, b) && a->nsp == b->nsp && a->ndp == b->ndp &&
	       !memcmp(a->pts, b->pts, sizeof(a->pts)) && a->tosand == b->tosand &&
	       a->tosxor == b->tosxor && !strcmp(a->comment, b->comment);
}

/* The rules of a list that are installed are some of those recorded, in their order. */
static void list_compare(struct store_view *v, __u32 list)
{
	struct fw_list *recorded = &v->recorded.list[list];
	const struct fw_list *l = &v->rules.list[list];
	struct fw_rule *r, *at;
	__u32 i, next = 0;

	for (i = 0; i < recorded->count; i++) {
		r = fw_list_rule(recorded, i);
		at = next < l->count ? fw_list_rule(l, next) : NULL;
		if (at && store_rule_same(r, at)) {
			r->pcnt = at->pcnt;
			r->bcnt = at->bcnt;
			next++;
			continue;
		}
		if (!v->lost++)
			store_view_change(v, "rule %u of the %s list was deleted", i + 1,
					  fw_list_names[list]);
	}
	if (next == l->count)
		return;
	v->is_unrecorded = true;
	store_view_change(v, "the %s list is not in the order that was recorded",
			  fw_list_names[list]);
}

void store_record_compare(struct store_view *v)
{
	__u32 list;

	if (!v->is_recorded || v->is_unrecorded) {
		v->is_unrecorded = true;
		store_view_change(v, "the record of what was loaded is missing or damaged");
		return;
	}
	for (list = 0; list < FW_LISTS; list++)
		list_compare(v, list);
}

const struct fw_ruleset *store_record_rules(struct store_view *v)
{
	store_view_settle(v);
	return record_rules(v);
}
