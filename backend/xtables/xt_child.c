// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_child.c - work that is done to its end, also if this process is killed.
 *
 * The memory lasts as long as the child, and so does the lock.
 */
#include "backend/xtables/xt_child.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK (1024 * 1024)

struct job {
	int (*work)(void *ctx);
	void *ctx;
	int result;
};

/* In a session of its own no signal for our group reaches it. */
static int job_do(void *arg)
{
	struct job *j = arg;

	setsid();
	j->result = j->work(j->ctx);
	return 0;
}

/* The caller goes on when the child has ended, and needs no errno of its own. */
static pid_t job_start(struct job *j, char *stack)
{
	return clone(job_do, stack + STACK, CLONE_VM | CLONE_VFORK, j);
}

int xt_child_run(int (*work)(void *ctx), void *ctx)
{
	struct job j = { .work = work, .ctx = ctx };
	sigset_t all, before;
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	pid_t pid = -1;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (stack != MAP_FAILED)
		pid = job_start(&j, stack);
	if (pid < 0)	/* rather so than not at all */
		j.result = work(ctx);
	else
		waitpid(pid, NULL, __WALL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (stack != MAP_FAILED)
		munmap(stack, STACK);
	return j.result;
}
