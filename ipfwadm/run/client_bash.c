// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client_bash.c - ipfwadm as a command of bash itself, which starts no process for it.
 *
 *	enable -f ipfwadm-bash.so FW_NAME FW_SBIN FW_USR_SBIN
 *
 * Half of what a script of a thousand commands took was spent in starting the client as
 * often.  bash looks for a builtin of a command's name also if that is a path.  Where no
 * client would have been started, what would is executed.  What bash expects of such a
 * library, and has for it, is in no header that Debian installs with it: these declarations
 * hold for bash 2.05 to 5.2.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipfwadm/run/client.h"

#define NOT_FOUND 127
#define BUILTIN_ENABLED 1

struct word_desc {
	char *word;
	int flags;
};

struct word_list {
	struct word_list *next;
	struct word_desc *word;
};

struct builtin {
	const char *name;
	int (*function)(struct word_list *args);
	int flags;
	const char *const *long_doc;
	const char *short_doc;
	void *handle;
};

/* of bash, whose getenv() knows its variables, too */
extern char *find_user_command(const char *name);
extern void maybe_make_export_env(void);
extern char **export_env;
extern char *this_command_name;

/* The client is in the folder of the file that bash has read before the script. */
static int is_client(const char *path)
{
	const char *env = getenv("BASH_ENV"), *slash = env ? strrchr(env, '/') : NULL;
	char client[PATH_MAX];
	struct stat a, b;
	int n;

	if (!slash)
		return 0;
	n = snprintf(client, sizeof(client), "%.*s/bin/ipfwadm", (int)(slash - env), env);
	return n < (int)sizeof(client) && stat(path, &a) == 0 && stat(client, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The file that bash would execute; NULL: none.  malloc'ed. */
static char *file_find(const char *name)
{
	return strchr(name, '/') ? strdup(name) : find_user_command(name);
}

static int execute(const char *file, char **argv)
{
	sigset_t child, was;
	int status = 0;
	pid_t pid;

	/* bash would take the status of a process that it does not know */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &was);
	maybe_make_export_env();
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &was, NULL);
		execve(file, argv, export_env);
		perror(argv[0]);
		_exit(NOT_FOUND);
	}
	if (pid < 0)
		perror(argv[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		;
	sigprocmask(SIG_SETMASK, &was, NULL);
	if (pid < 0)
		return NOT_FOUND;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Who does not read what a command prints ends that command, and not the script. */
static int client_run_here(int argc, char **argv)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was;
	int status;

	sigaction(SIGPIPE, &ignore, &was);
	status = client_run(argc, argv);
	sigaction(SIGPIPE, &was, NULL);
	return status;
}

static int call(int argc, char **argv)
{
	char *file = file_find(argv[0]);
	int status = -1;

	if (!file) {
		dprintf(STDERR_FILENO, "%s: command not found\n", argv[0]);
		return NOT_FOUND;
	}
	if (is_client(file))
		status = client_run_here(argc, argv);
	if (status < 0)
		status = execute(file, argv);
	free(file);
	return status;
}

static int builtin_main(struct word_list *args)
{
	struct word_list *w;
	int argc = 0, status;
	char **argv;

	for (w = args; w; w = w->next)
		argc++;
	argv = calloc((size_t)argc + 2, sizeof(*argv));
	if (!argv)
		return NOT_FOUND;
	argv[0] = this_command_name;
	for (argc = 1, w = args; w; w = w->next)
		argv[argc++] = w->word->word;
	status = call(argc, argv);
	free(argv);
	return status;
}

static const char *const documentation[] = { "A command of a session of ipfwadm run.", NULL };

/* bash finds it by the symbol, and writes into it */
#define BUILTIN(symbol, command)                                                        \
	extern struct builtin symbol##_struct;                                          \
	__attribute__((visibility("default"))) struct builtin symbol##_struct = {       \
		.name = (command), .function = builtin_main, .flags = BUILTIN_ENABLED,  \
		.long_doc = documentation, .short_doc = command " [ARG]...",            \
	}

BUILTIN(FW_NAME, "ipfwadm");
BUILTIN(FW_SBIN, "/sbin/ipfwadm");
BUILTIN(FW_USR_SBIN, "/usr/sbin/ipfwadm");
