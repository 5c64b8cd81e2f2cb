// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * origins.c - the staged edits are made once more, on rules and origins side by side.
 */
#include "ipfwadm/run/origins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ruleset.h"

static __u32 rule_find(const struct fw_list *l, const struct fw_rule *r)
{
	__u32 i = 0;

	while (i < l->count && !fw_rule_equal(fw_list_rule(l, i), r))
		i++;
	return i;
}

/* Before the edit is made. */
static void edit_follow(const char **text, const struct fw_list *l, const struct fw_edit *edit,
			const char *place)
{
	__u32 at;

	switch (edit->op) {
	case FW_OP_APPEND:
		text[l->count] = place;
		break;
	case FW_OP_INSERT:
		memmove(text + 1, text, l->count * sizeof(*text));
		text[0] = place;
		break;
	case FW_OP_DELETE:
		at = rule_find(l, &edit->rule);
		if (at < l->count)
			memmove(text + at, text + at + 1, (l->count - at - 1) * sizeof(*text));
		break;
	default:
		break;
	}
}

/* After the edit is made; the table had n forwards before. */
static void forward_added(const char **text, const struct fw_portfw_table *t, __u32 n,
			  const struct fw_portfw_edit *edit, const char *place)
{
	__u32 at = edit->op == FW_PORTFW_INSERT ? 0 : n;

	if (t->count <= n)
		return;
	/* targets of a mark stay together */
	while (!fw_portfw_equal(&t->entry[at], &edit->forward))
		at--;
	memmove(text + at + 1, text + at, (n - at) * sizeof(*text));
	text[at] = place;
}

/* Makes the edit. */
static int forwards_follow(const char **text, struct fw_ruleset *rs, const struct fw_edit *edit,
			   const char *place)
{
	const struct fw_portfw_edit *e = &edit->portfw;
	__u32 n = 0;
	int err;

	for (__u32 i = 0; i < rs->portfw.count; i++)
		if (!fw_portfw_is_deleted(&rs->portfw.entry[i], e))
			text[n++] = text[i];
	err = fw_ruleset_edit(rs, edit);
	if (!err)
		forward_added(text, &rs->portfw, n, e, place);
	return err;
}

int origins_make(struct rule_origins *o, const struct session_commands *s)
{
	const struct staged *staged = &s->staged;
	struct fw_ruleset rs;
	int err = fw_ruleset_copy(&rs, &staged->before);

	*o = (struct rule_origins){ 0 };
	for (int list = 0; list < FW_LISTS && !err; list++) {
		o->text[list] = calloc(rs.list[list].count + staged->nedits + 1, sizeof(char *));
		err = o->text[list] ? 0 : -ENOMEM;
	}
	o->forward = calloc(rs.portfw.count + staged->nedits + 1, sizeof(char *));
	err = o->forward ? err : -ENOMEM;
	for (size_t i = 0; i < staged->nedits && !err; i++) {
		const struct fw_edit *edit = &staged->edit[i];
		const char *place = s->place ? s->place[edit->origin] : NULL;

		if (edit->op == FW_OP_PORTFW) {
			err = forwards_follow(o->forward, &rs, edit, place);
			continue;
		}
		if (edit->op != FW_OP_TIMEOUTS)
			edit_follow(o->text[edit->list], &rs.list[edit->list], edit, place);
		err = fw_ruleset_edit(&rs, edit);
	}
	fw_ruleset_free(&rs);
	return err;
}

void origins_free(struct rule_origins *o)
{
	for (int list = 0; list < FW_LISTS; list++)
		free(o->text[list]);
	free(o->forward);
}
