// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_edits.c - edits of the shell, made on a rule set.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ruleset.h"
#include "ipfwadm/engine/engine.h"
#include "ipfwadm/format/listing.h"
#include "ipfwadm/format/saved.h"
#include "kmod/core/names.h"

struct edits {
	struct fw_ruleset *rs;
	struct fw_edit *plain;	/* the edits so far, as those of a backend */
	size_t nplain, room;
	bool positions;		/* one edit names a position, which no backend knows */
	struct fw_error *e;
};

/* The text stays in *source, for source_free(). */
static int parse(const json_t *text, struct program *p, struct source *source,
		 struct fw_error *e)
{
	struct diags diags;
	int err;

	*source = (struct source){ .name = "edit" };
	source->text = engine_wire_text_bytes(text, &source->len);
	if (!source->text)
		return json_is_string(text) ? fw_error_set(e, ENOMEM, "out of memory") :
					      fw_error_set(e, EINVAL, "an edit without text");
	err = program_parse_text(p, source, &diags);
	if (err)
		fw_error_set(e, -err, "%s",
			     diags.count ? diags.item[0].text : strerror(-err));
	diags_free(&diags);
	return err;
}

int engine_text_apply(const json_t *text, struct fw_ruleset *rs, struct fw_error *e)
{
	struct fw_interfaces ifs = { 0 };
	struct program p = { 0 };
	struct source source;
	int err = parse(text, &p, &source, e);

	if (!err) {
		fw_ruleset_free(rs);
		err = saved_apply(&p, &source, rs, &ifs, NULL, e);
	}
	free(ifs.dev);
	program_free(&p);
	source_free(&source);
	return err;
}

static int plain_add(struct edits *s, const struct fw_edit *edit)
{
	size_t room = 2 * s->room + 64;
	struct fw_edit *bigger;

	if (s->nplain == s->room) {
		bigger = realloc(s->plain, room * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		s->plain = bigger;
		s->room = room;
	}
	s->plain[s->nplain++] = *edit;
	return 0;
}

/* An edit of a backend; index: the edit of the shell that it is part of. */
static int plain_make(struct edits *s, struct fw_edit *edit, size_t index, bool verbose)
{
	int err = fw_ruleset_edit(s->rs, edit);

	edit->origin = (__u32)index;
	if (!err && !s->positions)
		err = plain_add(s, edit);
	if (err == -EINVAL && edit->op == FW_OP_DELETE)
		return fw_error_set(s->e, EINVAL, "there is no such rule to delete");
	if (err)
		return fw_error_set(s->e, -err, "%s", strerror(-err));
	if (verbose)
		listing_verbose_edit(stdout, edit);
	return 0;
}

static int line_make(struct edits *s, const json_t *line, size_t index, bool verbose)
{
	struct program p = { 0 };
	struct source source;
	int err = parse(line, &p, &source, s->e);

	for (unsigned int i = 0; i < p.nedits && !err; i++)
		err = plain_make(s, &p.edit[i], index, verbose);
	program_free(&p);
	source_free(&source);
	return err;
}

/* The number of a rule, or -ERANGE. */
static long position(struct edits *s, const json_t *number, const struct fw_list *l,
		     __u32 last)
{
	json_int_t n = json_integer_value(number);

	if (n >= 1 && n <= last)
		return (long)n - 1;
	if (!l->count)
		return fw_error_set(s->e, ERANGE, "there is no rule %lld: the list is empty",
				    (long long)n);
	return fw_error_set(s->e, ERANGE, "there is no rule %lld: the list ends with rule %u",
			    (long long)n, l->count);
}

/* Rule from becomes rule to; the rules between move by one. */
static void rule_move(struct fw_list *l, __u32 from, __u32 to)
{
	struct fw_rule *rules = l->slots + l->first;
	struct fw_rule moved = rules[from];

	if (from < to)
		memmove(&rules[from], &rules[from + 1], (to - from) * sizeof(moved));
	else
		memmove(&rules[to + 1], &rules[to], (from - to) * sizeof(moved));
	rules[to] = moved;
}

static int insert_make(struct edits *s, const json_t *edit, const json_t *line)
{
	struct program p = { 0 };
	struct source source;
	struct fw_list *l;
	long at;
	int err = parse(line, &p, &source, s->e);
	bool adds = !err && p.nedits == 1 && p.edit &&
		    (p.edit[0].op == FW_OP_APPEND || p.edit[0].op == FW_OP_INSERT);

	if (!err && !adds)
		err = fw_error_set(s->e, EINVAL, "a rule to insert was expected");
	if (adds) {
		l = &s->rs->list[p.edit[0].list];
		at = position(s, json_object_get(edit, "insert"), l, l->count + 1);
		p.edit[0].op = FW_OP_APPEND;
		err = at < 0 ? (int)at : fw_ruleset_edit(s->rs, &p.edit[0]);
		if (err == -ENOMEM)
			fw_error_set(s->e, ENOMEM, "out of memory");
		if (!err)
			rule_move(l, l->count - 1, (__u32)at);
	}
	program_free(&p);
	source_free(&source);
	return err;
}

static struct fw_list *list_find(struct edits *s, const json_t *edit)
{
	const char *name = json_string_value(json_object_get(edit, "list"));
	enum fw_list_id id = FW_LISTS;

	if (name && name[0] && !name[1])
		id = fw_list_by_letter(name[0]);
	if (id < FW_LISTS)
		return &s->rs->list[id];
	fw_error_set(s->e, EINVAL, "an edit names no list");
	return NULL;
}

static int delete_make(struct edits *s, const json_t *edit)
{
	struct fw_list *l = list_find(s, edit);
	long at = l ? position(s, json_object_get(edit, "delete"), l, l->count) : -EINVAL;

	if (at < 0)
		return (int)at;
	rule_move(l, (__u32)at, l->count - 1);
	l->count--;
	return 0;
}

static int move_make(struct edits *s, const json_t *edit)
{
	struct fw_list *l = list_find(s, edit);
	long from = l ? position(s, json_object_get(edit, "move"), l, l->count) : -EINVAL;
	long to = from < 0 ? from : position(s, json_object_get(edit, "to"), l, l->count);

	if (to < 0)
		return (int)to;
	rule_move(l, (__u32)from, (__u32)to);
	return 0;
}

static int edit_make(struct edits *s, const json_t *edit, size_t index)
{
	const json_t *line = json_is_string(edit) ? edit : json_object_get(edit, "line");
	const json_t *text = json_object_get(edit, "load");
	bool insert = json_object_get(edit, "insert");

	if (line && !insert)
		return line_make(s, line, index,
				 json_is_true(json_object_get(edit, "verbose")));
	s->positions = true;
	if (text)
		return engine_text_apply(text, s->rs, s->e);
	if (line)
		return insert_make(s, edit, line);
	if (json_object_get(edit, "delete"))
		return delete_make(s, edit);
	if (json_object_get(edit, "move"))
		return move_make(s, edit);
	return fw_error_set(s->e, EINVAL, "an edit of an unknown kind");
}

int engine_edits_apply(const json_t *edits, struct fw_ruleset *rs, struct fw_edit **plain,
		       size_t *nplain, struct fw_error *e)
{
	struct edits s = { .rs = rs, .e = e };
	const json_t *edit;
	size_t i;
	int err = 0;

	json_array_foreach(edits, i, edit) {
		err = edit_make(&s, edit, i);
		if (err)
			break;
	}
	e->edit = i;
	if (err || s.positions) {
		free(s.plain);
		s.plain = NULL;
		s.nplain = 0;
	}
	*plain = s.plain;
	*nplain = s.nplain;
	return err;
}
