// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_transaction.c - begin, commit, abort; undo, redo; confirm, revert.
 */
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"

static void past_free(struct past *p)
{
	free(p->text);
	*p = (struct past){ .text = NULL };
}

void pasts_clear(struct pasts *p)
{
	while (p->count)
		past_free(&p->item[--p->count]);
}

/* The oldest is forgotten when there is no room. */
static void pasts_push(struct pasts *p, const json_t *answer)
{
	struct past *item;

	if (p->count == PASTS) {
		past_free(&p->item[0]);
		p->count--;
		memmove(&p->item[0], &p->item[1], p->count * sizeof(p->item[0]));
	}
	item = &p->item[p->count];
	item->text = strdup(answer_text(answer, "before"));
	snprintf(item->state, sizeof(item->state), "%s", answer_text(answer, "state"));
	p->count += item->text != NULL;
}

void undo_keep(struct shell *sh, const json_t *answer)
{
	pasts_clear(&sh->redo);
	pasts_push(&sh->undo, answer);
	snprintf(sh->shown, sizeof(sh->shown), "%s", answer_text(answer, "state"));
}

void answer_complain(const json_t *answer)
{
	const char *error = answer_text(answer, "error");

	fflush(stdout);
	if (*error)
		fprintf(stderr, "ipfwadm: %s\n", error);
}

static int say(const char *sentence)
{
	fflush(stdout);
	fprintf(stderr, "ipfwadm: %s\n", sentence);
	return SHELL_FAILED;
}

static int alone_check(struct shell *sh, const struct line *line)
{
	if (line->words.count == 1)
		return SHELL_OK;
	return line_refuse(sh, line->source, line->words.loc[1], "",
			   "'%s' takes no words", line->words.text[0]);
}

int begin_run(struct shell *sh, const struct line *line)
{
	json_t *answer;
	int status = alone_check(sh, line);

	if (status)
		return status;
	if (sh->staged)
		return say("a transaction has begun already");
	answer = client_call(sh, json_pack("{s:s}", "do", "rules"));
	status = answer ? (int)answer_status(answer) : SHELL_FAILED;
	answer_complain(answer);
	if (!status) {
		snprintf(sh->base, sizeof(sh->base), "%s", answer_text(answer, "state"));
		sh->staged = json_array();
		sh->typed = json_array();
	}
	json_decref(answer);
	return status;
}

static void staged_drop(struct shell *sh)
{
	json_decref(sh->staged);
	json_decref(sh->typed);
	sh->staged = sh->typed = NULL;
}

int abort_run(struct shell *sh, const struct line *line)
{
	int status = alone_check(sh, line);

	if (status)
		return status;
	if (!sh->staged)
		return say("no transaction has begun");
	staged_drop(sh);
	return SHELL_OK;
}

/* "commit", "commit confirm SECONDS", "commit force" */
static int commit_read(struct shell *sh, const struct line *line, json_t *request)
{
	const struct words *w = &line->words;
	char *end = NULL;
	long seconds;

	json_object_set_new(request, "expect", json_string(sh->base));
	if (w->count == 1)
		return SHELL_OK;
	if (w->count == 2 && strcmp(w->text[1], "force") == 0)
		return json_object_del(request, "expect") ? SHELL_FAILED : SHELL_OK;
	seconds = w->count == 3 ? strtol(w->text[2], &end, 10) : 0;
	if (strcmp(w->text[1], "confirm") != 0 || !end || *end || seconds < 1 ||
	    seconds > ENGINE_CONFIRM_MAX)
		return line_refuse(sh, line->source, w->loc[w->count > 2 ? 2 : 1],
				   "commit, commit force or commit confirm SECONDS",
				   "this is no way to commit");
	json_object_set_new(request, "confirm", json_integer(seconds));
	return SHELL_OK;
}

/* the staged line that was refused */
static void refused_tell(struct shell *sh, const json_t *answer)
{
	const json_t *edit = json_object_get(answer, "edit");
	const json_t *typed = json_is_integer(edit) ?
		json_array_get(sh->typed, (size_t)json_integer_value(edit)) : NULL;
	const json_t *text = json_array_get(typed, 0);
	struct source source = { .text = json_string_value(text),
				 .len = json_string_length(text) };

	if (!source.text) {
		answer_complain(answer);
	} else {
		line_refuse(sh, &source, (struct loc){ 0, (unsigned int)source.len }, "",
			    "%s", answer_text(answer, "error"));
	}
	say(json_is_true(json_object_get(answer, "changed")) ?
	    "nothing is in force; look with 'diff', then 'commit force' or 'abort'" :
	    "nothing of it is in force; the edits are still staged");
}

/* The engine was lost: did it come to the commit? */
static int lost_look(struct shell *sh)
{
	json_t *answer = client_call(sh, json_pack("{s:s}", "do", "rules"));
	bool same = answer && strcmp(answer_text(answer, "state"), sh->base) == 0;

	if (same)
		say("it runs again, and the rules are as they were: commit again or abort");
	else if (answer)
		say("it runs again, but the rules are others than before: see 'diff'");
	json_decref(answer);
	return SHELL_FAILED;
}

int commit_run(struct shell *sh, const struct line *line)
{
	json_t *request, *answer;
	bool confirm;
	int status;

	if (!sh->staged)
		return say("no transaction has begun");
	request = json_pack("{s:s, s:O}", "do", "commit", "edits", sh->staged);
	status = commit_read(sh, line, request);
	if (status) {
		json_decref(request);
		return status;
	}
	confirm = json_object_get(request, "confirm");
	answer = client_call(sh, request);
	if (!answer)
		return lost_look(sh);
	status = (int)answer_status(answer);
	if (status) {
		refused_tell(sh, answer);
	} else {
		undo_keep(sh, answer);
		sh->confirming = confirm;
		staged_drop(sh);
	}
	json_decref(answer);
	return status;
}

/* confirm and revert: a word for the engine */
static int waiting_end(struct shell *sh, const struct line *line, const char *what)
{
	json_t *answer;
	int status = alone_check(sh, line);

	if (status)
		return status;
	answer = client_call(sh, json_pack("{s:s}", "do", what));
	status = answer ? (int)answer_status(answer) : SHELL_FAILED;
	answer_complain(answer);
	json_decref(answer);
	return status;
}

int confirm_run(struct shell *sh, const struct line *line)
{
	int status = waiting_end(sh, line, "confirm");

	if (!status)
		sh->confirming = false;
	return status;
}

int revert_run(struct shell *sh, const struct line *line)
{
	return waiting_end(sh, line, "revert");
}

/* Goes to the last of from; what is left is pushed on to. */
static int pasts_step(struct shell *sh, struct pasts *from, struct pasts *to)
{
	struct past *past = &from->item[from->count - 1];
	json_t *answer = client_call(sh, json_pack("{s:s, s:s, s:s}", "do", "replace", "text",
						   past->text, "expect", past->state));
	int status = answer ? (int)answer_status(answer) : SHELL_FAILED;

	answer_complain(answer);
	if (!status) {
		past_free(past);
		from->count--;
		pasts_push(to, answer);
		snprintf(sh->shown, sizeof(sh->shown), "%s", answer_text(answer, "state"));
	}
	json_decref(answer);
	return status;
}

/* The last line, which may have made several edits. */
static void line_unstage(struct shell *sh)
{
	json_int_t last = 0, number;
	size_t n;

	while ((n = json_array_size(sh->typed))) {
		number = json_integer_value(json_array_get(json_array_get(sh->typed, n - 1), 1));
		if (last && number != last)
			break;
		last = number;
		json_array_remove(sh->staged, n - 1);
		json_array_remove(sh->typed, n - 1);
	}
}

int undo_run(struct shell *sh, const struct line *line)
{
	size_t n = json_array_size(sh->staged);
	int status = alone_check(sh, line);

	if (status)
		return status;
	if (sh->staged && !n)
		return say("nothing is staged; 'abort' ends the transaction");
	if (sh->staged) {
		line_unstage(sh);
		return SHELL_OK;
	}
	if (!sh->undo.count)
		return say("there is nothing to undo");
	return pasts_step(sh, &sh->undo, &sh->redo);
}

int redo_run(struct shell *sh, const struct line *line)
{
	int status = alone_check(sh, line);

	if (status)
		return status;
	if (sh->staged)
		return say("nothing can be done again inside a transaction");
	if (!sh->redo.count)
		return say("there is nothing to do again");
	return pasts_step(sh, &sh->redo, &sh->undo);
}
