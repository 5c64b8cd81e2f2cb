// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_edits.c - edits of consecutive lines, until they are committed or staged.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "parser/print.h"

#define EDIT_MAX (PRINT_RULE_MAX + 64)

void shell_batch_free(struct batch *b)
{
	json_decref(b->edits);
	free(b->line);
	*b = (struct batch){ .edits = NULL };
}

/* Takes edit. */
static int edit_add(struct batch *b, const struct line *line, json_t *edit)
{
	size_t n = json_array_size(b->edits), room = 2 * b->room + 64;
	unsigned int *bigger;

	if (!b->edits)
		b->edits = json_array();
	if (n == b->room) {
		bigger = realloc(b->line, 2 * room * sizeof(*bigger));
		if (!bigger) {
			json_decref(edit);
			return SHELL_FAILED;
		}
		b->line = bigger;
		b->room = room;
	}
	b->line[2 * n] = line->begin;
	b->line[2 * n + 1] = line->end;
	return json_array_append_new(b->edits, edit) ? SHELL_FAILED : SHELL_OK;
}

/*
 * Names have become numbers, so it means the same to the engine.  Whoever typed a pattern
 * of other programs as an interface is warned.
 */
static json_t *edit_text(const struct fw_edit *edit)
{
	char buf[EDIT_MAX];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	if (print_pattern_warning(&t, edit))
		fprintf(stderr, "warning: %s\n", buf);
	fw_text_init(&t, buf, sizeof(buf));
	print_edit(&t, edit);
	return engine_wire_text(buf, strlen(buf));
}

int shell_batch_add(struct batch *b, const struct line *line, const struct program *p)
{
	int status = SHELL_OK;

	for (unsigned int i = 0; i < p->nedits && !status; i++) {
		json_t *edit = edit_text(&p->edit[i]);

		if (p->command[0].verbose)
			edit = json_pack("{s:o, s:b}", "line", edit, "verbose", 1);
		status = edit_add(b, line, edit);
	}
	return status;
}

int shell_batch_add_load(struct batch *b, const struct line *line, const char *text, size_t length)
{
	return edit_add(b, line, json_pack("{s:o}", "load", engine_wire_text(text, length)));
}

const char *const shell_numbered_names[] = { "insert", "replace", "delete", "move", NULL };

bool shell_numbered_command(const char *name)
{
	for (unsigned int i = 0; shell_numbered_names[i]; i++)
		if (strcmp(name, shell_numbered_names[i]) == 0)
			return true;
	return false;
}

/* NAME -LIST [DIRECTION] N ...: the words before the rule */
struct numbered {
	const char *name;
	char list;
	json_int_t number;
	unsigned int at;	/* index of the number's word */
};

static int number_read(struct shell *sh, const struct line *line, unsigned int i,
		       json_int_t *number)
{
	const char *word = i < line->words.count ? line->words.text[i] : "";
	struct loc loc = line->words.loc[i < line->words.count ? i : i - 1];
	char *end;

	*number = strtol(word, &end, 10);
	if (isdigit((unsigned char)word[0]) && !*end && *number > 0 && end - word < 10)
		return SHELL_OK;
	return shell_line_refuse(sh, line->source, loc, "'show' prints the numbers",
				 "the number of a rule is needed here");
}

static int numbered_read(struct shell *sh, const struct line *line, struct numbered *n)
{
	const struct words *w = &line->words;
	const char *list = w->count > 1 ? w->text[1] : "";

	n->name = w->text[0];
	n->list = list[0] == '-' ? list[1] : 0;
	if (!n->list || !strchr("AFIO", n->list) || list[2])
		return shell_line_refuse(sh, line->source, w->loc[w->count > 1], "-A, -F, -I or -O",
					 "'%s' needs a list", n->name);
	n->at = 2;
	if (n->list == 'A' && w->count > 2 && !isdigit((unsigned char)w->text[2][0]))
		n->at = 3;
	return number_read(sh, line, n->at, &n->number);
}

/* Parses the rule after the number, at its place on the line. */
static int rule_read(struct shell *sh, const struct line *line, const struct numbered *n,
		     struct program *p)
{
	char *text = strndup(line->source->text, line->end);
	struct source source = { .name = line->source->name, .text = text,
				 .len = line->end };
	const struct words *w = &line->words;
	struct diags diags;
	int status = SHELL_OK;

	if (!text)
		return SHELL_FAILED;
	/* words that are no rule become blanks; line ends stay, so that lines are counted */
	for (unsigned int i = 0; i < line->end; i++)
		if ((i < w->loc[1].begin && text[i] != '\n') ||
		    (i >= w->loc[n->at].begin && i < w->loc[n->at].end))
			text[i] = ' ';
	if (program_parse_line(p, &source, &diags)) {
		diags.source = line->source;
		fflush(stdout);
		diags_print(stderr, &diags, sh->color);
		status = SHELL_USAGE;
	} else if (!p->nedits || (p->edit[0].op != FW_OP_APPEND &&
				  p->edit[0].op != FW_OP_INSERT)) {
		status = shell_line_refuse(sh, line->source, w->loc[0], "such as -a accept -P tcp",
					   "'%s' needs a rule behind the number", n->name);
	}
	diags_free(&diags);
	free(text);
	return status;
}

static json_t *edit_delete(const struct numbered *n)
{
	char list[2] = { n->list };

	return json_pack("{s:I, s:s}", "delete", n->number, "list", list);
}

static int rule_add(struct shell *sh, struct batch *b, const struct line *line,
		    const struct numbered *n)
{
	struct program p = { 0 };
	int status = rule_read(sh, line, n, &p);

	if (!status && strcmp(n->name, "replace") == 0)
		status = edit_add(b, line, edit_delete(n));
	for (unsigned int i = 0; i < p.nedits && !status; i++) {
		p.edit[i].op = FW_OP_APPEND;
		status = edit_add(b, line, json_pack("{s:I, s:o}", "insert", n->number + i,
						     "line", edit_text(&p.edit[i])));
	}
	program_free(&p);
	return status;
}

static int extra_refuse(struct shell *sh, const struct line *line, unsigned int i)
{
	if (i >= line->words.count)
		return SHELL_OK;
	return shell_line_refuse(sh, line->source, line->words.loc[i], "", "one word too many");
}

int shell_batch_add_numbered(struct shell *sh, struct batch *b, const struct line *line)
{
	struct numbered n = { .name = NULL };
	json_int_t to;
	char list[2] = "";
	int status = numbered_read(sh, line, &n);

	if (status)
		return status;
	b->numbers = true;
	if (strcmp(n.name, "insert") == 0 || strcmp(n.name, "replace") == 0)
		return rule_add(sh, b, line, &n);
	if (strcmp(n.name, "delete") == 0) {
		status = extra_refuse(sh, line, n.at + 1);
		return status ? status : edit_add(b, line, edit_delete(&n));
	}
	status = number_read(sh, line, n.at + 1, &to);
	if (!status)
		status = extra_refuse(sh, line, n.at + 2);
	if (status)
		return status;
	list[0] = n.list;
	return edit_add(b, line, json_pack("{s:I, s:I, s:s}", "move", n.number, "to", to,
					   "list", list));
}

/* The engine checks staged edits when they are committed. */
static int batch_stage(struct shell *sh, struct batch *b, const struct source *source)
{
	size_t n = json_array_size(b->edits);

	sh->is_quit_asked = false;
	for (size_t i = 0; i < n; i++) {
		unsigned int begin = b->line[2 * i], end = b->line[2 * i + 1];
		json_t *typed;

		json_array_append(sh->staged.edits, json_array_get(b->edits, i));
		if (!i || begin != b->line[2 * i - 2])
			sh->lines++;
		typed = engine_wire_text(source->text + begin, end - begin);
		json_array_append_new(sh->staged.typed, json_pack("[o, i]", typed, sh->lines));
	}
	shell_batch_free(b);
	return SHELL_OK;
}

/* Edits [from, to), all of them in one step. */
static json_t *batch_commit(struct shell *sh, const struct batch *b, size_t from, size_t to)
{
	json_t *edits = json_array(), *request;

	for (size_t i = from; i < to; i++)
		json_array_append(edits, json_array_get(b->edits, i));
	request = json_pack("{s:s, s:o}", "do", "commit", "edits", edits);
	if (b->numbers && sh->shown[0])
		json_object_set_new(request, "expect", json_string(sh->shown));
	return shell_client_call(sh, request);
}

/* Commits [from, to); the index of the edit that is refused, to if none is, or -1. */
static long part_commit(struct shell *sh, const struct batch *b, size_t from, size_t to,
			json_t **answer)
{
	const json_t *edit;
	size_t k;

	*answer = batch_commit(sh, b, from, to);
	if (!*answer)
		return -1;
	if (shell_answer_status(*answer) == SHELL_OK) {
		shell_undo_record(sh, *answer);
		return (long)to;
	}
	edit = json_object_get(*answer, "edit");
	k = json_is_integer(edit) ? (size_t)json_integer_value(edit) : to;
	if (k < to - from)
		return (long)(from + k);
	shell_answer_report(*answer);
	return -1;
}

/* The line of edit k: its edits are [*first, *last). */
static struct loc line_of(const struct batch *b, size_t k, size_t from, size_t to,
			  size_t *first, size_t *last)
{
	unsigned int begin = b->line[2 * k];

	for (*first = k; *first > from && b->line[2 * *first - 2] == begin; (*first)--)
		;
	for (*last = k + 1; *last < to && b->line[2 * *last] == begin; (*last)++)
		;
	return (struct loc){ begin, b->line[2 * k + 1] };
}

/*
 * Commits edits from *from on up to a line that is refused.  Reports that line and
 * sets *from to the edit after it.
 */
static int batch_step(struct shell *sh, struct batch *b, const struct source *source,
		      size_t *from)
{
	size_t n = json_array_size(b->edits), first, last;
	json_t *answer = NULL, *before = NULL;
	long k = part_commit(sh, b, *from, n, &answer);
	int status = answer ? (int)shell_answer_status(answer) : SHELL_FAILED;
	struct loc loc;

	if (k < 0 || (size_t)k == n) {
		*from = n;
	} else {
		loc = line_of(b, (size_t)k, *from, n, &first, &last);
		if (first > *from)
			part_commit(sh, b, *from, first, &before);
		shell_line_refuse(sh, source, loc, "", "%s", shell_answer_text(answer, "error"));
		*from = last;
	}
	json_decref(before);
	json_decref(answer);
	return status;
}

int shell_batch_flush(struct shell *sh, struct batch *b, const struct source *source)
{
	int status = SHELL_OK, worst = SHELL_OK;
	size_t from = 0;

	if (sh->staged.edits && json_array_size(b->edits))
		return batch_stage(sh, b, source);
	while (from < json_array_size(b->edits) && (!status || sh->keep_going)) {
		status = batch_step(sh, b, source, &from);
		worst = status ? status : worst;
	}
	shell_batch_free(b);
	return worst;
}
