// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox.c - the processes of the sandbox, their limits and their environment.
 */
#include "ipfwadm/run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int first_process(struct sandbox *s, int (*fn)(void *), void *ctx, int result)
{
	char name[MACHINE_NAME];
	struct fw_error e = { 0 };
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = sandbox_mount(s, &e);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(s->machine->hostname, "."),
		 s->machine->hostname);
	if (!err && sethostname(name, strlen(name)) < 0)
		err = fw_error_set(&e, errno, "cannot set the host's name: %s", strerror(errno));
	if (!err)
		err = sandbox_rights_limit(s, &e);
	if (err) {
		if (write(result, &e, sizeof(e)) < 0)
			return 1;
		return 1;
	}
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a change of rights has cleared it */
	close(result);
	return fn(ctx);
}

/* The process between outside and inside: namespaces take effect for its child. */
static int middle_process(struct sandbox *s, int (*fn)(void *), void *ctx, int result)
{
	struct fw_error e = { 0 };
	int status = 0;
	pid_t pid;

	if (sandbox_namespaces_make(s, &e) < 0)
		return write(result, &e, sizeof(e)) < 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a change of rights would clear it */
	pid = fork();
	if (pid == 0)
		_exit(first_process(s, fn, ctx, result));
	close(result);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int sandbox_try(struct sandbox *s, int (*fn)(void *ctx), void *ctx, struct fw_error *e)
{
	struct fw_error why = { 0 };
	int result[2], status = 0;
	ssize_t n;
	pid_t pid;

	fflush(NULL);
	if (pipe2(result, O_CLOEXEC) < 0)
		return fw_error_set(e, errno, "cannot make a sandbox: %s", strerror(errno));
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid < 0)
		return fw_error_set(e, errno, "cannot make a sandbox: %s", strerror(errno));
	if (pid == 0)
		_exit(middle_process(s, fn, ctx, result[1]));
	close(result[1]);
	n = read(result[0], &why, sizeof(why));
	close(result[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n == sizeof(why))
		return fw_error_set(e, why.code, "cannot make a sandbox: %.230s", why.text);
	if (!WIFEXITED(status))
		return fw_error_set(e, EINTR, "the sandbox was ended by a signal");
	return WEXITSTATUS(status);
}

int sandbox_run(struct sandbox *s, int (*fn)(void *ctx), void *ctx, struct fw_error *e)
{
	int status = sandbox_try(s, fn, ctx, e);

	if (status >= 0 || status == -EINTR || geteuid() != 0)
		return status;
	s->is_roots = true;
	return sandbox_try(s, fn, ctx, e);
}

static int environment_clear(void)
{
	static const char *const unset[] = {
		"ENV", "SHELLOPTS", "BASHOPTS", "CDPATH", "IFS", "PERL5LIB", "PERL5OPT",
		"PYTHONPATH",
	};
	static const char *const set[][2] = {
		{ "HOME", "/root" }, { "USER", "root" }, { "LOGNAME", "root" },
		{ "SHELL", "/bin/sh" },
		{ "PATH", "/sbin:/usr/sbin:/bin:/usr/bin" }, { "LC_ALL", "C" }, { "LANG", "C" },
		{ "_POSIX2_VERSION", "199209" }, { "TMPDIR", "/tmp" },
	};
	bool bad = false;

	for (size_t i = 0; i < FW_COUNT(unset); i++)
		unsetenv(unset[i]);
	for (char **v = environ; *v;) {
		char name[64];
		size_t len = strcspn(*v, "=");

		if (strncmp(*v, "LD_", 3) != 0 || len >= sizeof(name)) {
			v++;
			continue;
		}
		memcpy(name, *v, len);
		name[len] = '\0';
		unsetenv(name);
	}
	for (size_t i = 0; i < FW_COUNT(set); i++)
		bad |= setenv(set[i][0], set[i][1], 1) != 0;
	/* bash believes them */
	if (getuid() != 0)
		bad |= setenv("UID", "0", 1) != 0 || setenv("EUID", "0", 1) != 0;
	return bad ? -ENOMEM : 0;
}

int sandbox_confine(unsigned int seconds)
{
	const struct {
		int resource;
		rlim_t limit;
	} limits[] = {
		{ RLIMIT_NPROC, SANDBOX_PROCESSES }, { RLIMIT_AS, SANDBOX_PROCESS_MEMORY },
		{ RLIMIT_FSIZE, 32 << 20 }, { RLIMIT_NOFILE, 256 }, { RLIMIT_CORE, 0 },
		{ RLIMIT_CPU, seconds },
	};

	setsid();
	for (size_t i = 0; i < FW_COUNT(limits); i++) {
		struct rlimit r = { limits[i].limit, limits[i].limit };

		if (setrlimit((__rlimit_resource_t)limits[i].resource, &r) < 0)
			return -errno;
	}
	return environment_clear();
}
