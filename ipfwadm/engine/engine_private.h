/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_private.h - the parts of the engine.
 */
#ifndef IPFWADM_ENGINE_PRIVATE_H
#define IPFWADM_ENGINE_PRIVATE_H

#include "ipfwadm/app/app.h"
#include "ipfwadm/engine/engine.h"

/*
 * Carries out a request that a worker process was made for.  What it prints
 * goes to stdout and stderr; a new object, NULL if memory is short.
 */
json_t *engine_do(struct app *app, const json_t *request);

/*
 * Makes edits on *rs.  Returns 0, or -errno with *e set, e->edit being the index
 * of the refused one.  *plain gets them as edits of a backend, malloc'ed, with
 * their number in *nplain, if a backend can carry them out as they are; else it
 * is NULL.
 */
int engine_edits_apply(const json_t *edits, struct fw_ruleset *rs, struct fw_edit **plain,
		       size_t *nplain, struct fw_error *e);

/* Text in saved form, its counters included, instead of what *rs holds. */
int engine_text_apply(const char *text, struct fw_ruleset *rs, struct fw_error *e);

/* Gives rules of *to that are in *from as well the counters they have there. */
int engine_counters_keep(struct fw_ruleset *to, const struct fw_ruleset *from);

/* "" in the first network namespace, else its name, or a number if it has none */
void engine_netns_name(char *buf, size_t size);

#endif
