// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox.c - the processes of the sandbox: which user, which namespaces, which limits.
 */
#include "ipfwadm/run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <dirent.h>

#define NOBODY 65534		/* whom root becomes */
#define COPY_MAX (1 << 20)	/* bytes */

static int text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	int err = n < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

static bool sysctl_is(const char *path, char value)
{
	FILE *f = fopen(path, "re");
	int c = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	return c == value;
}

/* What a distribution or an administrator forbids user namespaces with. */
static const char *forbidden_by(void)
{
	static const struct {
		const char *path, *why;
		char value;
	} rows[] = {
		{ "/proc/sys/user/max_user_namespaces", " (user.max_user_namespaces=0)", '0' },
		{ "/proc/sys/kernel/unprivileged_userns_clone",
		  " (kernel.unprivileged_userns_clone=0)", '0' },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		  " (kernel.apparmor_restrict_unprivileged_userns=1)", '1' },
	};

	for (size_t i = 0; i < FW_COUNT(rows); i++)
		if (sysctl_is(rows[i].path, rows[i].value))
			return rows[i].why;
	return "";
}

static void copy_open(struct sandbox *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= COPY_MAX &&
	    s->ncopies < SANDBOX_COPIES)
		s->copy[s->ncopies++] = (struct sandbox_copy){ strdup(path), fd };
	else
		close(fd);
}

/* The script, and the files of its folder, which it may source. */
static void copies_open(struct sandbox *s)
{
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	const struct dirent *entry;
	DIR *d;

	memcpy(folder, s->script, sizeof(folder));
	dirname(folder);
	copy_open(s, s->script);
	d = opendir(folder);
	while (d && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (strcmp(path, s->script) != 0)
			copy_open(s, path);
	}
	if (d)
		closedir(d);
}

static void copies_close(struct sandbox *s)
{
	while (s->ncopies) {
		close(s->copy[--s->ncopies].fd);
		free(s->copy[s->ncopies].path);
	}
}

/*
 * RLIMIT_NPROC does not hold for root, nor would a mistake here be harmless.  In a namespace
 * that has no other user root stays, and pid_max must do.  A process that was root cannot be
 * dumped, nor write to its own /proc.
 */
static int user_become(struct sandbox *s)
{
	s->uid = getuid();
	s->gid = getgid();
	if (geteuid() != 0)
		return 0;
	copies_open(s);
	if (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0)
		s->uid = s->gid = NOBODY;
	else if (errno != EINVAL && errno != EPERM)
		return -errno;
	if (prctl(PR_SET_DUMPABLE, 1) < 0)
		return -errno;
	if (access(s->script, R_OK) == 0)
		copies_close(s);
	return 0;
}

static int user_map(const struct sandbox *s)
{
	char uid[40], gid[40];
	int err;

	snprintf(uid, sizeof(uid), "0 %u 1\n", s->uid);
	snprintf(gid, sizeof(gid), "0 %u 1\n", s->gid);
	err = text_write("/proc/self/setgroups", "deny");
	if (!err)
		err = text_write("/proc/self/uid_map", uid);
	return err ? err : text_write("/proc/self/gid_map", gid);
}

static int namespaces_make(struct sandbox *s, struct fw_error *e)
{
	int err = user_become(s);

	if (err)
		return fw_error_set(e, -err, "cannot become an ordinary user: %s", strerror(-err));
	if (unshare(CLONE_NEWUSER) < 0)
		return fw_error_set(e, errno, "user namespaces are forbidden here%s: %s",
				    forbidden_by(), strerror(errno));
	err = user_map(s);
	if (err)
		return fw_error_set(e, -err, "cannot map users: %s%s", strerror(-err),
				    forbidden_by());
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC) < 0)
		return fw_error_set(e, errno, "namespaces are forbidden here%s: %s",
				    forbidden_by(), strerror(errno));
	return 0;
}

/* Is the limit on processes in force?  Nothing of the script runs before. */
static int processes_limit(const struct sandbox *s)
{
	char text[20];
	FILE *f;
	int n = 0;

	snprintf(text, sizeof(text), "%d", SANDBOX_PROCESSES);
	if (text_write("/proc/sys/kernel/pid_max", text) == 0) {
		f = fopen("/proc/sys/kernel/pid_max", "re");
		if (f && fscanf(f, "%d", &n) != 1)
			n = 0;
		if (f)
			fclose(f);
	}
	return n == SANDBOX_PROCESSES || s->uid != 0 ? 0 : -EPERM;
}

/* No other namespaces, which would give back what the script's processes lack. */
static int namespaces_end(void)
{
	static const char *const names[] = { "user", "mnt", "pid", "net", "uts", "ipc", "cgroup" };
	char path[60];

	for (size_t i = 0; i < FW_COUNT(names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", names[i]);
		if (text_write(path, "0") < 0 && i == 0)
			return -errno;
	}
	return 0;
}

/* After this nobody writes to sysctls but to those of ours in /proc/sys/net. */
static int sysctls_close(void)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };

	return mount_setattr(AT_FDCWD, "/proc/sys", 0, &ro, sizeof(ro)) < 0 ? -errno : 0;
}

static int first_process(struct sandbox *s, int (*fn)(void *), void *ctx, int result)
{
	char name[MACHINE_NAME];
	struct fw_error e = { 0 };
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = sandbox_mount(s, &e);
	if (!err && (err = processes_limit(s)) < 0)
		fw_error_set(&e, -err, "the number of processes cannot be limited");
	if (!err && (err = namespaces_end()) < 0)
		fw_error_set(&e, -err, "cannot forbid namespaces: %s", strerror(-err));
	if (!err && (err = sysctls_close()) < 0)
		fw_error_set(&e, -err, "cannot make /proc/sys read-only: %s", strerror(-err));
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(s->machine->hostname, "."),
		 s->machine->hostname);
	if (!err && sethostname(name, strlen(name)) < 0)
		err = fw_error_set(&e, errno, "cannot set the host's name: %s", strerror(errno));
	if (err) {
		if (write(result, &e, sizeof(e)) < 0)
			return 1;
		return 1;
	}
	prctl(PR_SET_DUMPABLE, 0);
	close(result);
	return fn(ctx);
}

/* The process between outside and inside: namespaces take effect for its child. */
static int middle_process(struct sandbox *s, int (*fn)(void *), void *ctx, int result)
{
	struct fw_error e = { 0 };
	int status = 0;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (namespaces_make(s, &e) < 0)
		return write(result, &e, sizeof(e)) < 0;
	pid = fork();
	if (pid == 0)
		_exit(first_process(s, fn, ctx, result));
	close(result);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int sandbox_run(struct sandbox *s, int (*fn)(void *ctx), void *ctx, struct fw_error *e)
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
		return fw_error_set(e, why.code, "cannot make a sandbox: %.200s", why.text);
	if (!WIFEXITED(status))
		return fw_error_set(e, EINTR, "the sandbox was ended by a signal");
	return WEXITSTATUS(status);
}

static int capabilities_drop(void)
{
	static const int kept[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL };

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		bool is_kept = false;

		for (size_t i = 0; i < FW_COUNT(kept); i++)
			is_kept |= kept[i] == cap;
		if (!is_kept && prctl(PR_CAPBSET_DROP, cap) < 0 && errno != EINVAL)
			return -errno;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
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
	return environment_clear() < 0 ? -ENOMEM : capabilities_drop();
}
