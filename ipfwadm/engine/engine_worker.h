/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_worker.h - a process for one request.
 */
#ifndef IPFWADM_ENGINE_WORKER_H
#define IPFWADM_ENGINE_WORKER_H

#include <sys/types.h>

#include "ipfwadm/engine/engine_private.h"

enum { WORKER_OUTPUT, WORKER_ERRORS, WORKER_ANSWER, WORKER_PIPES };

struct worker {
	pid_t pid;		/* 0: there is none */
	int fd[WORKER_PIPES];	/* to read from; -1 once it is at its end */
	struct wire answer;	/* as far as it has been read: bare text */
	bool cancelled;
};

/* 0 or -errno */
int worker_start(struct worker *w, struct app *app, const json_t *request);

/* It is told to end; it may have been faster. */
void worker_cancel(struct worker *w);

/* What it says: bytes, 0 at the end, -EAGAIN. */
long worker_read(struct worker *w, int pipe, char *buf, size_t size);

/* Has all been read? */
bool worker_done(const struct worker *w);

/* Waits for it; its answer, or one that tells how it ended. */
json_t *worker_end(struct worker *w);

#endif
