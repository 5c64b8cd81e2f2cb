// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox_user.c - the user of the sandbox: its namespaces, its rights, how many processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <libgen.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipfwadm/run/sandbox.h"

#define NOBODY 65534		/* whom root becomes */
#define OWN_USERS 2000000000	/* with the process number: no other sandbox's, nor a person's */
#define COPY_MAX (1 << 20)	/* bytes */
#define COPIES_DEPTH 3		/* of folders */
#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC)

/* What the script may do of what is for root: rights to files, which are all private. */
static const unsigned int capabilities[] = {
	CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL,
};

static int text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	int err = n < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

static bool sysctl_is(const char *name, char value)
{
	char path[80] = "/proc/sys/";
	FILE *f;
	int c;

	for (size_t i = 0, n = strlen(path); name[i] && n + i + 1 < sizeof(path); i++)
		path[n + i] = name[i] == '.' ? '/' : name[i];
	f = fopen(path, "re");
	c = f ? fgetc(f) : EOF;
	if (f)
		fclose(f);
	return c == value;
}

/* By what a distribution, an administrator or a container forbids them, and the remedy. */
static int users_forbidden(struct fw_error *e, int err)
{
	static const struct {
		const char *name;
		char value;
		const char *other;
	} rows[] = {
		{ "user.max_user_namespaces", '0', "10000" },
		{ "kernel.unprivileged_userns_clone", '0', "1" },
		{ "kernel.apparmor_restrict_unprivileged_userns", '1', "0" },
	};

	for (size_t i = 0; i < FW_COUNT(rows); i++)
		if (sysctl_is(rows[i].name, rows[i].value))
			return fw_error_set(e, err, "user namespaces are forbidden here (%s=%c): "
					    "%s: root needs none, or 'sysctl -w %s=%s' allows them",
					    rows[i].name, rows[i].value, strerror(err),
					    rows[i].name, rows[i].other);
	return fw_error_set(e, err, "user namespaces are forbidden here: %s: root needs none; "
			    "a container needs a seccomp filter that allows unshare and mount",
			    strerror(err));
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

static int folders_last(const FTSENT **a, const FTSENT **b)
{
	return ((*a)->fts_info == FTS_D) - ((*b)->fts_info == FTS_D);
}

/* The script, and the files of its folder and those below it, which it may source. */
static void copies_open(struct sandbox *s)
{
	char folder[PATH_MAX], *roots[] = { folder, NULL };
	FTSENT *entry;
	FTS *fts;

	memcpy(folder, s->script, sizeof(folder));
	dirname(folder);
	copy_open(s, s->script);
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, folders_last);
	while (fts && s->ncopies < SANDBOX_COPIES && (entry = fts_read(fts))) {
		if (entry->fts_level > COPIES_DEPTH ||
		    (entry->fts_level > 0 && entry->fts_name[0] == '.'))
			fts_set(fts, entry, FTS_SKIP);
		else if ((entry->fts_info == FTS_F || entry->fts_info == FTS_SL) &&
			 strcmp(entry->fts_path, s->script) != 0)
			copy_open(s, entry->fts_path);
	}
	if (fts)
		fts_close(fts);
}

static void copies_close(struct sandbox *s)
{
	while (s->ncopies) {
		close(s->copy[--s->ncopies].fd);
		free(s->copy[s->ncopies].path);
	}
}

/* Root becomes an ordinary user, if the namespace that this is in has another. */
static int user_change(uid_t id)
{
	if (setgroups(0, NULL) == 0 && setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0)
		return 0;
	if (id != NOBODY)
		return user_change(NOBODY);
	return errno == EINVAL || errno == EPERM ? 0 : -errno;
}

/*
 * RLIMIT_NPROC does not hold for root, nor would a mistake here be harmless.  A process
 * that was root cannot be dumped, nor write to its own /proc.
 */
static int user_become(struct sandbox *s)
{
	int err;

	if (geteuid() == 0) {
		copies_open(s);
		err = user_change(NOBODY);
		if (err || prctl(PR_SET_DUMPABLE, 1) < 0)
			return err ? err : -errno;
		if (access(s->script, R_OK) == 0)
			copies_close(s);
	}
	s->uid = getuid();
	s->gid = getgid();
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

int sandbox_namespaces_make(struct sandbox *s, struct fw_error *e)
{
	int err;

	if (s->is_roots) {
		/* its processes are counted with no other's */
		s->uid = OWN_USERS + (uid_t)getpid();
		if (unshare(NAMESPACES) == 0)
			return 0;
		return fw_error_set(e, errno, "namespaces are forbidden here: %s: a container "
				    "needs CAP_SYS_ADMIN and a seccomp filter that allows unshare "
				    "and mount", strerror(errno));
	}
	err = user_become(s);
	if (err)
		return fw_error_set(e, -err, "cannot become an ordinary user: %s", strerror(-err));
	if (unshare(CLONE_NEWUSER) < 0 || (errno = -user_map(s)) != 0 || unshare(NAMESPACES) < 0)
		return users_forbidden(e, errno);
	return 0;
}

/* No other namespaces, which would give back what the script's processes lack. */
static int namespaces_end(const struct sandbox *s)
{
	static const char *const names[] = { "user", "mnt", "pid", "net", "uts", "ipc", "cgroup" };
	char path[60];

	if (s->is_roots)	/* the limits would be the machine's */
		return 0;
	for (size_t i = 0; i < FW_COUNT(names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", names[i]);
		if (text_write(path, "0") < 0 && i == 0)
			return -errno;
	}
	return 0;
}

/*
 * After this nobody writes to /proc but to the sysctls of ours in /proc/sys/net.  Who has
 * another root than the namespace of mounts can make no user namespace.
 */
static int system_close(const struct sandbox *s)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };

	if (mount_setattr(AT_FDCWD, "/proc", 0, &ro, sizeof(ro)) < 0 ||
	    mount_setattr(AT_FDCWD, "/proc/sys", 0, &ro, sizeof(ro)) < 0 ||
	    (s->is_roots && mount("/", "/", NULL, MS_BIND | MS_REC, NULL) < 0))
		return -errno;
	return 0;
}

/* The rights of the processes to come; without a user namespace also those of this one. */
static int rights_limit(const struct sandbox *s)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	int err;

	for (size_t i = 0; i < FW_COUNT(capabilities); i++)
		data[0].effective |= 1u << capabilities[i];
	data[0].permitted = data[0].inheritable = data[0].effective;
	for (unsigned int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if ((cap > 31 || !(data[0].effective & 1u << cap)) &&
		    prctl(PR_CAPBSET_DROP, cap) < 0 && errno != EINVAL)
			return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (!s->is_roots)
		return 0;
	err = prctl(PR_SET_KEEPCAPS, 1) < 0 ? -errno : user_change(s->uid);
	if (!err && syscall(SYS_capset, &header, data) < 0)
		err = -errno;
	for (size_t i = 0; i < FW_COUNT(capabilities) && !err; i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capabilities[i], 0, 0) < 0)
			err = -errno;
	return err;
}

/* Does RLIMIT_NPROC hold for this user?  One fork shows it. */
static bool nproc_holds(void)
{
	const struct rlimit one = { 1, 1 };
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		if (setrlimit(RLIMIT_NPROC, &one) == 0 && fork() < 0)
			_exit(0);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Without a user namespace it is the machine's, on kernels that have one for all. */
static bool pid_max_holds(const struct sandbox *s)
{
	static const char path[] = "/proc/sys/kernel/pid_max";
	char text[20];
	FILE *f;
	int n = 0;

	snprintf(text, sizeof(text), "%d", SANDBOX_PROCESSES);
	if (s->is_roots || text_write(path, text) < 0)
		return false;
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n == SANDBOX_PROCESSES;
}

int sandbox_rights_limit(const struct sandbox *s, struct fw_error *e)
{
	bool has_limit = pid_max_holds(s);
	int err = namespaces_end(s);

	if (err)
		return fw_error_set(e, -err, "cannot forbid namespaces: %s", strerror(-err));
	err = system_close(s);
	if (err)
		return fw_error_set(e, -err, "cannot make /proc read-only: %s", strerror(-err));
	err = rights_limit(s);
	if (err)
		return fw_error_set(e, -err, "cannot limit rights: %s", strerror(-err));
	if (!has_limit && !nproc_holds())
		return fw_error_set(e, EPERM, "the number of processes cannot be limited");
	return 0;
}
