/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_worker.h - a process that changes tables.
 *
 * libxtables ends its process at some twenty places, and tables are changed one after the
 * other, each in two steps: it is replaced, and what its entries had counted is added
 * again.  So a change is made by a worker in a session of its own, which is not killed
 * with its parent, takes the lock and reports through a pipe.  A worker whose parent has
 * ended before the first change ends without one; what has begun is finished.  No report
 * is an error.
 */
#ifndef BACKEND_XT_WORKER_H
#define BACKEND_XT_WORKER_H

#include "backend/backend.h"

/* what a worker reports besides its status */
struct xt_report {
	struct fw_ruleset rules; /* empty unless set by the job */
	char warning[256]; /* a sentence, or empty */
	__u32 helpers_missing; /* see struct backend */
};

/* the worker's job: 0, or -errno with a text */
typedef int (*xt_job_fn)(void *ctx, struct xt_report *report, struct fw_error *e);

/* Has a worker do it and waits: 0, or -errno with a text.  The caller frees the rules. */
int xt_worker_run(xt_job_fn job, void *ctx, struct xt_report *report, struct fw_error *e);

/* Is this process a worker? */
bool xt_worker_is_running(void);

/* Does the parent of this worker still wait? */
bool xt_worker_is_awaited(void);

/* Notes the words that libxtables gets next, for a report if it ends the process. */
void xt_worker_doing(const char *words);

/* Reports an error and ends the worker. */
void xt_worker_fail(int code, const char *text) __attribute__((noreturn));

#endif
