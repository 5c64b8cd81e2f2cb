// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preload_helper.c - starts the helper and waits for it, unseen by the program.
 *
 * The program must get neither SIGCHLD for the helper nor its status from wait().  execve()
 * gives every process SIGCHLD as its exit signal, so there is a process between: it has
 * no exit signal, starts the helper, waits and hands the status on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat/preload_helper.h"

#define STACK_SIZE 6144		/* of each of the two; a thread may have no more than 16 KiB */

/* copies: a program may overwrite its environment */
static char program[PATH_MAX], backend[PATH_MAX], mask[32];

static bool copy(char *to, size_t size, const char *before, const char *text)
{
	return (size_t)snprintf(to, size, "%s%s", before, text) < size;
}

/*
 * Is this process the program itself?  Its backend of legacy iptables uses some of the
 * numbers of 2.0's options in today's meaning.
 */
static bool is_itself(const char *path)
{
	char exe[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe));

	return (len == (ssize_t)strlen(path) && !memcmp(exe, path, (size_t)len)) ||
	       !strcmp((const char *)getauxval(AT_EXECFN), path);
}

bool preload_helper_init(void)
{
	const char *path = getenv(PRELOAD_PROGRAM), *spec = getenv("IPFWADM_BACKEND");
	const char *option = getenv(PRELOAD_MASK);

	return path && !is_itself(path) && copy(program, sizeof(program), "", path) &&
	       (!spec || copy(backend, sizeof(backend), "--backend=", spec)) &&
	       (!option || copy(mask, sizeof(mask), "", option));
}

struct start {
	char *argv[8];
	int in, out;
	sigset_t mask;		/* of the program */
	char *stack_end;	/* of the helper before its execve() */
};

/* The helper.  No handler of the program may run in its memory. */
static int helper_exec(void *arg)
{
	const struct start *s = arg;
	int in = fcntl(s->in, F_DUPFD_CLOEXEC, 3), out = fcntl(s->out, F_DUPFD_CLOEXEC, 3);

	if (in >= 0 && out >= 0 && dup2(in, STDIN_FILENO) == STDIN_FILENO &&
	    dup2(out, STDOUT_FILENO) == STDOUT_FILENO) {
		sigprocmask(SIG_SETMASK, &s->mask, NULL);
		execv(program, s->argv);
	}
	return EIO;
}

/* The process between; returns its exit status. */
static int helper_start(void *arg)
{
	struct sigaction action, reset = { .sa_handler = SIG_DFL };
	int status;
	pid_t pid;

	for (int sig = 1; sig < NSIG; sig++)
		if (sig == SIGCHLD ||
		    (!sigaction(sig, NULL, &action) && action.sa_handler != SIG_IGN))
			sigaction(sig, &reset, NULL);
	pid = clone(helper_exec, ((struct start *)arg)->stack_end,
		    CLONE_VM | CLONE_VFORK | SIGCHLD, arg);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

int preload_helper_run(const char *const words[3], int in, int out)
{
	_Alignas(16) char stack[2][STACK_SIZE];
	struct start s = { .in = in, .out = out, .stack_end = stack[1] + STACK_SIZE };
	int n = 0, err = 0, status = 0, cancel;
	sigset_t all;
	pid_t pid;

	s.argv[n++] = program;
	s.argv[n++] = (char *)PRELOAD_SUBCOMMAND;
	for (int i = 0; i < 3 && words[i]; i++)
		s.argv[n++] = (char *)words[i];
	if (backend[0])
		s.argv[n++] = backend;
	if (mask[0])
		s.argv[n] = mask;
	sigfillset(&all);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_sigmask(SIG_SETMASK, &all, &s.mask);
	pid = clone(helper_start, stack[0] + STACK_SIZE, CLONE_VM | CLONE_VFORK, &s);
	if (pid < 0 || waitpid(pid, &status, __WCLONE) < 0)
		err = errno;
	pthread_sigmask(SIG_SETMASK, &s.mask, NULL);
	pthread_setcancelstate(cancel, NULL);
	if (err)
		return err;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}
