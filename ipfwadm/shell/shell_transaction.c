// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_transaction.c - begin, commit, abort; confirm, revert; undo, redo: edits that are
 * staged or unconfirmed, and rules to go back to.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ipfwadm/shell/shell.h"

#define CONFIRM_SECONDS (10 * 60)	/* unless given */

long long shell_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void past_free(struct past *p)
{
	json_decref(p->text);
	*p = (struct past){ .text = NULL };
}

static void pasts_clear(struct pasts *p)
{
	while (p->count)
		past_free(&p->item[--p->count]);
}

/* The oldest one is discarded when there is no room. */
static void pasts_push(struct pasts *p, const json_t *answer)
{
	struct past *item;

	if (p->count == PASTS) {
		past_free(&p->item[0]);
		p->count--;
		memmove(&p->item[0], &p->item[1], p->count * sizeof(p->item[0]));
	}
	item = &p->item[p->count];
	item->text = json_incref(json_object_get(answer, "before"));
	snprintf(item->state, sizeof(item->state), "%s", shell_answer_text(answer, "state"));
	p->count += item->text != NULL;
}

void shell_undo_record(struct shell *sh, const json_t *answer)
{
	pasts_clear(&sh->redo);
	pasts_push(&sh->undo, answer);
	snprintf(sh->shown, sizeof(sh->shown), "%s", shell_answer_text(answer, "state"));
}

void shell_transaction_free(struct transaction *t)
{
	json_decref(t->edits);
	json_decref(t->typed);
	*t = (struct transaction){ .edits = NULL };
}

/* Edits that were staged since then follow those that are staged again. */
void shell_unconfirmed_restage(struct shell *sh)
{
	if (!sh->unconfirmed.edits)
		return;
	if (sh->staged.edits) {
		json_array_extend(sh->unconfirmed.edits, sh->staged.edits);
		json_array_extend(sh->unconfirmed.typed, sh->staged.typed);
	}
	shell_transaction_free(&sh->staged);
	sh->staged = sh->unconfirmed;
	sh->unconfirmed = (struct transaction){ .edits = NULL };
	pasts_clear(&sh->undo);	/* they begin at the rules that were taken back */
}

static int fail(const char *sentence)
{
	fflush(stdout);
	fprintf(stderr, "ipfwadm: %s\n", sentence);
	return SHELL_FAILED;
}

int shell_begin_run(struct shell *sh, const struct line *line)
{
	json_t *answer;
	int status;

	(void)line;
	if (sh->staged.edits)
		return fail("a transaction has begun already");
	status = shell_client_ask(sh, json_pack("{s:s}", "do", "rules"), &answer);
	if (!status) {
		snprintf(sh->staged.base, sizeof(sh->staged.base), "%s",
			 shell_answer_text(answer, "state"));
		sh->staged.edits = json_array();
		sh->staged.typed = json_array();
	}
	json_decref(answer);
	return status;
}

int shell_abort_run(struct shell *sh, const struct line *line)
{
	(void)line;
	if (!sh->staged.edits)
		return fail("no transaction has begun");
	shell_transaction_free(&sh->staged);
	return SHELL_OK;
}

/* "commit", "commit confirm [SECONDS]", "commit force" */
static int commit_read(struct shell *sh, const struct line *line, json_t *request)
{
	const struct words *w = &line->words;
	const char *word = w->count > 1 ? w->text[1] : "";
	long seconds = CONFIRM_SECONDS;
	char *end = "";

	json_object_set_new(request, "expect", json_string(sh->staged.base));
	if (w->count == 1)
		return SHELL_OK;
	if (w->count == 2 && strcmp(word, "force") == 0)
		return json_object_del(request, "expect") ? SHELL_FAILED : SHELL_OK;
	if (w->count > 2)
		seconds = strtol(w->text[2], &end, 10);
	if (strcmp(word, "confirm") != 0 || w->count > 3 || *end || seconds < 1 ||
	    seconds > ENGINE_CONFIRM_MAX)
		return shell_line_refuse(sh, line->source, w->loc[w->count > 2 ? 2 : 1],
					 "commit, commit force or commit confirm [SECONDS]",
					 "this is no way to commit");
	json_object_set_new(request, "confirm", json_integer(seconds));
	return SHELL_OK;
}

/* Reports the staged line that was refused. */
static void refusal_report(struct shell *sh, const json_t *answer)
{
	const json_t *edit = json_object_get(answer, "edit");
	const json_t *typed = json_is_integer(edit) ?
		json_array_get(sh->staged.typed, (size_t)json_integer_value(edit)) : NULL;
	struct source source = { .name = NULL };
	char *text = engine_wire_text_bytes(json_array_get(typed, 0), &source.len);

	source.text = text;
	if (!text) {
		shell_answer_report(answer);
	} else {
		shell_line_refuse(sh, &source, (struct loc){ 0, (unsigned int)source.len }, "",
				  "%s", shell_answer_text(answer, "error"));
	}
	free(text);
	fail(json_is_true(json_object_get(answer, "changed")) ?
	     "nothing is in force; look with 'diff', then 'commit force' or 'abort'" :
	     "nothing of it is in force; the edits are still staged");
}

/* The engine, or its worker, ended early: reports whether the edits are in force. */
static int state_report(struct shell *sh, const char *prefix)
{
	json_t *answer;
	bool known = !shell_client_ask(sh, json_pack("{s:s}", "do", "rules"), &answer);

	if (known && strcmp(shell_answer_text(answer, "state"), sh->staged.base) == 0)
		fprintf(stderr, "ipfwadm: %sthe rules are as they were: commit again or abort\n",
			prefix);
	else if (known)
		fprintf(stderr, "ipfwadm: %sthe rules are others than before: see 'diff'\n",
			prefix);
	json_decref(answer);
	return SHELL_FAILED;
}

int shell_commit_run(struct shell *sh, const struct line *line)
{
	json_t *request, *answer;
	json_int_t seconds;
	int status;

	if (!sh->staged.edits)
		return fail("no transaction has begun");
	request = json_pack("{s:s, s:O}", "do", "commit", "edits", sh->staged.edits);
	status = commit_read(sh, line, request);
	if (status) {
		json_decref(request);
		return status;
	}
	sh->is_committing = true;
	answer = shell_client_call(sh, request);
	sh->is_committing = false;
	if (!answer)
		return state_report(sh, "it runs again, and ");
	status = shell_answer_status(answer);
	if (json_is_true(json_object_get(answer, "unknown"))) {
		shell_answer_report(answer);
		status = state_report(sh, "");
	} else if (status) {
		refusal_report(sh, answer);
	} else {
		shell_undo_record(sh, answer);
		seconds = json_integer_value(json_object_get(answer, "confirm"));
		if (seconds) {
			sh->unconfirmed = sh->staged;
			sh->deadline = shell_now_ms() + seconds * 1000;
			sh->staged = (struct transaction){ .edits = NULL };
		}
		shell_transaction_free(&sh->staged);
		shell_change_print(sh, json_object_get(answer, "before"));
	}
	json_decref(answer);
	return status;
}

void shell_transactions_end(struct shell *sh)
{
	json_t *answer = NULL;

	if (sh->unconfirmed.edits)
		shell_client_ask(sh, json_pack("{s:s}", "do", "revert"), &answer);
	if (sh->unconfirmed.edits && sh->client.fd >= 0)
		fail("what was not confirmed is not yet taken back; the engine goes on trying");
	if (json_array_size(sh->staged.edits))
		fail("what was staged is dropped");
	json_decref(answer);
	shell_transaction_free(&sh->staged);
	shell_transaction_free(&sh->unconfirmed);
	pasts_clear(&sh->undo);
	pasts_clear(&sh->redo);
}

/* The engine does it. */
static int unconfirmed_end(struct shell *sh, const char *what)
{
	json_t *answer;
	int status = shell_client_ask(sh, json_pack("{s:s}", "do", what), &answer);

	json_decref(answer);
	return status;
}

int shell_confirm_run(struct shell *sh, const struct line *line)
{
	int status = unconfirmed_end(sh, "confirm");

	(void)line;
	if (!status)
		shell_transaction_free(&sh->unconfirmed);
	return status;
}

int shell_revert_run(struct shell *sh, const struct line *line)
{
	(void)line;
	return unconfirmed_end(sh, "revert");
}

/* Puts the last of from in force; the rules before that are pushed to the other. */
static int pasts_step(struct shell *sh, struct pasts *from, struct pasts *to)
{
	struct past *past = &from->item[from->count - 1];
	json_t *answer;
	int status = shell_client_ask(sh, json_pack("{s:s, s:O, s:s}", "do", "replace", "text",
						    past->text, "expect", past->state), &answer);

	if (!status) {
		past_free(past);
		from->count--;
		pasts_push(to, answer);
		snprintf(sh->shown, sizeof(sh->shown), "%s", shell_answer_text(answer, "state"));
		shell_change_print(sh, json_object_get(answer, "before"));
	}
	json_decref(answer);
	return status;
}

/* Drops the edits of the last line. */
static void line_unstage(struct shell *sh)
{
	json_int_t last = 0, number;
	const json_t *typed;
	size_t n;

	while ((n = json_array_size(sh->staged.typed))) {
		typed = json_array_get(sh->staged.typed, n - 1);
		number = json_integer_value(json_array_get(typed, 1));
		if (last && number != last)
			break;
		last = number;
		json_array_remove(sh->staged.edits, n - 1);
		json_array_remove(sh->staged.typed, n - 1);
	}
}

int shell_undo_run(struct shell *sh, const struct line *line)
{
	size_t n = json_array_size(sh->staged.edits);

	(void)line;
	if (sh->staged.edits && !n)
		return fail("nothing is staged; 'abort' ends the transaction");
	if (sh->staged.edits) {
		line_unstage(sh);
		return SHELL_OK;
	}
	if (!sh->undo.count)
		return fail("there is nothing to undo");
	return pasts_step(sh, &sh->undo, &sh->redo);
}

int shell_redo_run(struct shell *sh, const struct line *line)
{
	(void)line;
	if (sh->staged.edits)
		return fail("nothing can be done again inside a transaction");
	if (!sh->redo.count)
		return fail("there is nothing to do again");
	return pasts_step(sh, &sh->redo, &sh->undo);
}
