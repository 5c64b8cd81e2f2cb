// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_state.c - staged and unconfirmed edits, and rules to go back to.
 */
#include <string.h>
#include <time.h>

#include "ipfwadm/shell/shell.h"

long long shell_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

void shell_past_free(struct past *p)
{
	json_decref(p->text);
	*p = (struct past){ .text = NULL };
}

void shell_pasts_clear(struct pasts *p)
{
	while (p->count)
		shell_past_free(&p->item[--p->count]);
}

/* The oldest one is discarded when there is no room. */
void shell_pasts_push(struct pasts *p, const json_t *answer)
{
	struct past *item;

	if (p->count == PASTS) {
		shell_past_free(&p->item[0]);
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
	shell_pasts_clear(&sh->redo);
	shell_pasts_push(&sh->undo, answer);
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
	shell_pasts_clear(&sh->undo);	/* they begin at the rules that were taken back */
}
