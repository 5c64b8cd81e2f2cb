/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.h - `ipfwadm engine', which carries out the requests of a shell.
 *
 * The engine is a poll loop (engine.c) that opens no backend.  Each request is carried
 * out by a worker, a process of its own (engine_worker.c, engine_request.c), so that
 * a library that ends the process, a crash or a cancelled command end nothing else.  A
 * worker returns its answer as JSON; what it prints is passed on to the shell.
 *
 * A process of its own (run/confirm.h) holds the rules to which an unconfirmed commit goes
 * back before the commit's worker may change anything.
 */
#ifndef IPFWADM_ENGINE_H
#define IPFWADM_ENGINE_H

#include <sys/types.h>

#include "ipfwadm/app/app.h"
#include "ipfwadm/engine/engine_wire.h"

/* the refusal of a request that expects another STATE */
#define ENGINE_CHANGED "somebody else has changed the rules meanwhile"

int engine_run(struct app *app, int argc, char **argv);

enum { WORKER_OUTPUT, WORKER_ERRORS, WORKER_ANSWER, WORKER_PIPES };

struct engine_worker {
	pid_t pid;		/* 0: there is none */
	int fd[WORKER_PIPES];	/* to read from; -1 after the end */
	struct engine_wire answer;	/* as far as it has been read: JSON without a frame */
	bool cancelled;
};

/* 0 or -errno */
int engine_worker_start(struct engine_worker *w, struct app *app, const json_t *request);

/* Sends it SIGTERM; it may end by itself before that. */
void engine_worker_cancel(struct engine_worker *w);

/* Reads from one of its pipes: the number of bytes, 0 at the end, -EAGAIN. */
long engine_worker_read(struct engine_worker *w, int pipe, char *buf, size_t size);

/* All pipes are at their end: it and its children are gone, or about to be. */
bool engine_worker_is_done(const struct engine_worker *w);

/*
 * Waits for it and returns its answer; without one, an answer that says how it ended,
 * with "unknown" true.  NULL if memory is short.
 */
json_t *engine_worker_end(struct engine_worker *w);

/*
 * Carries out a request, in a worker.  Output goes to stdout and stderr.  Returns a
 * new object, NULL if memory is short.  "attempted" is true in it if a backend was
 * asked to change rules.
 */
json_t *engine_request(struct app *app, const json_t *request);

/*
 * Makes edits on *rs.  Returns 0, or -errno with *e set; e->edit is the index of the
 * refused edit.  *plain is a malloc'ed array of *nplain edits of a backend if a backend
 * can carry out all of them, else NULL.
 */
int engine_edits_apply(const json_t *edits, struct fw_ruleset *rs, struct fw_edit **plain,
		       size_t *nplain, struct fw_error *e);

/* Replaces *rs by text in saved form, with its counters. */
int engine_text_apply(const json_t *text, struct fw_ruleset *rs, struct fw_error *e);

#endif
