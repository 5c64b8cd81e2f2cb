// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim-robust.c - the simulator's file under bad conditions: many writers, killed
 * writers, no room, no permission, files that are none.  Whatever happens, the
 * file is the old one or the new one, and the next command works.
 *
 * usage: sim-robust
 *
 * Each edit is made by a process of its own, as the program would.  What needs
 * root (mounts, another user) is skipped without.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/ruleset.h"
#include "tests/lib/fail_syscall.h"
#include "tests/programs/sim-robust/sim_child.h"

#define NOBODY 65534

static unsigned int skipped;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- many writers --- */

static pid_t writer_start(const char *path, __u32 first, unsigned int n)
{
	pid_t pid = fork();
	unsigned int i;

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	for (i = 0; i < n; i++)
		if (sim_edit(path, FW_OP_APPEND, first + i))
			_exit(1);
	_exit(0);
}

/* Waits for all children; the number of them that failed. */
static unsigned int children_wait(void)
{
	unsigned int bad = 0;
	int status;

	while (wait(&status) > 0)
		bad += status != 0;
	return bad;
}

/* Is every rule of every writer there, in the order that it wrote them? */
static bool writers_all_there(const char *path, unsigned int writers, unsigned int n)
{
	unsigned int next[16] = { 0 }, i, w;
	struct fw_ruleset rs;
	bool good = !sim_load(path, &rs) && rs.list[FW_INPUT].count == writers * n;

	for (i = 0; good && i < writers * n; i++) {
		__u32 src = fw_list_rule(&rs.list[FW_INPUT], i)->src;

		w = src / 1000;
		good = w < writers && src % 1000 == next[w]++;
	}
	fw_ruleset_free(&rs);
	return good;
}

static void many_writers(void)
{
	const unsigned int writers = 8, n = 200;
	double begin = seconds();
	unsigned int w, bad, looks = 0;
	int seen = 0, now;

	unlink(file);
	for (w = 0; w < writers; w++)
		writer_start(file, w * 1000, n);
	/* a reader meanwhile */
	while ((now = sim_count(file)) >= seen && now < (int)(writers * n) &&
	       seconds() - begin < 60) {
		seen = now;
		looks++;
	}
	bad = children_wait();
	check(!bad, "8 writers of 200 rules each: all succeed (%u failed)", bad);
	check(now >= seen && looks > 10, "a reader sees only more rules (%u looks)", looks);
	check(writers_all_there(file, writers, n), "all 1600 rules are there, in order");
	check(names_count(dir) == 1, "nothing but the state file is left");
}

static void many_creators(void)
{
	unsigned int round, w, bad = 0;

	for (round = 0; round < 50; round++) {
		unlink(file);
		for (w = 0; w < 8; w++)
			writer_start(file, w * 1000, 1);
		bad += children_wait();
		bad += !writers_all_there(file, 8, 1);
	}
	check(!bad, "8 writers on a missing file, 50 times: nothing is lost (%u times)", bad);
}

/* --- killed writers --- */

/* Appends without end and tells after each how many were done. */
static pid_t endless_start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	for (report->done = 0; !sim_edit(file, FW_OP_APPEND, report->done); report->done++)
		;
	_exit(1);
}

static void killed_writers(void)
{
	unsigned int i, bad = 0, leftovers = 0;
	int n;

	for (i = 0; i < 300; i++) {
		pid_t pid;

		unlink(file);
		report->done = 0;
		pid = endless_start();
		usleep(rand() % 4000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		n = sim_count(file);
		bad += n != (int)report->done && n != (int)report->done + 1;
		leftovers += names_count(dir) > 2;
	}
	check(!bad, "300 killed writers: the file is the old one or the new one");
	check(!leftovers, "300 killed writers: leftovers do not add up");
	check_works(file, "an edit after a writer was killed");
	check(names_count(dir) == 1, "and nothing but the state file is left");
}

/* --- interrupted writes --- */

static void limit_size(const void *arg)
{
	const struct rlimit limit = { *(const rlim_t *)arg, *(const rlim_t *)arg };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void limit_size_fatal(const void *arg)
{
	limit_size(arg);
	signal(SIGXFSZ, SIG_DFL);
}

/* Nothing may be larger than size bytes: 0 if the edit fails and changes nothing. */
static bool refused_at_size(rlim_t size, const char *before)
{
	int err = child_edit(file, limit_size, &size);
	char *after = file_get(file);
	bool good = err == -EFBIG && report->error.text[0] && !strcmp(before, after) &&
		    names_count(dir) == 1;

	free(after);
	return good;
}

static void interrupted_writes(void)
{
	char *before, *after;
	unsigned int bad = 0;
	rlim_t size, full;

	file_put(file, START);
	child_edit(file, NULL, NULL);
	after = file_get(file);
	full = strlen(after);
	file_put(file, START);
	before = file_get(file);
	for (size = 0; size < full; size++)
		bad += !refused_at_size(size, before);
	check(!bad, "a write that ends at any of %u bytes: error, nothing changed (not at %u)",
	      (unsigned int)full, bad);
	free(after);
	size = full / 2;
	check(child_edit(file, limit_size_fatal, &size) == SIGXFSZ,
	      "a write that kills its process");
	after = file_get(file);
	check(!strcmp(before, after), "leaves the file as it was");
	check(!child_edit(file, limit_size, &full) && names_count(dir) == 1,
	      "a write that just fits: works");
	free(before);
	free(after);
}

/* --- system calls that fail --- */

struct failure {
	long nr;
	int error;
	const char *name;
};

static void fail_one(const void *arg)
{
	const struct failure *f = arg;

	fail_syscall(f->nr, f->error);
}

static void failing_calls(void)
{
	static const struct failure failures[] = {
		{ SYS_write, EIO, "write" },	 { SYS_write, EDQUOT, "write" },
		{ SYS_close, ENOSPC, "close" },	 { SYS_fchmod, EPERM, "fchmod" },
		{ SYS_flock, ENOLCK, "flock" },	 { SYS_renameat2, EIO, "renameat2" },
	};
	static const struct failure no_read = { SYS_read, EIO, "read" };
	static const struct failure no_swap = { SYS_renameat2, EINVAL, "renameat2" };
	size_t i;

	for (i = 0; i < FW_COUNT(failures); i++) {
		file_put(file, START);
		check_refused(file, failures[i].error, fail_one, &failures[i],
			      failures[i].name);
		unlink(file);
		check_refused(file, failures[i].error, fail_one, &failures[i],
			      "the same without a file");
	}
	file_put(file, START);
	check_refused(file, EIO, fail_one, &no_read, no_read.name);
	check(!child_edit(file, fail_one, &no_swap) && sim_count(file) == 2 &&
	      names_count(dir) == 1, "a file system that cannot swap names: works");
}

/* --- the lock --- */

/* A child that holds the lock for some time, then puts another file there. */
static pid_t holder_start(unsigned int ms, const char *successor)
{
	char path[sizeof(dir) + 16];
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		int fd = open(file, O_RDWR);

		if (fd < 0 || flock(fd, LOCK_EX) || write(ready[1], "", 1) != 1)
			_exit(1);
		usleep(ms * 1000);
		snprintf(path, sizeof(path), "%s/successor", dir);
		if (successor) {
			file_put(path, successor);
			rename(path, file);
		}
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		die("holder");
	close(ready[0]);
	return pid;
}

static void held_locks(void)
{
	double begin;
	pid_t pid;
	char *text;

	file_put(file, START);
	holder_start(200, NULL);
	check_works(file, "an edit waits for the lock");
	children_wait();

	holder_start(200, "rule 1 4 99 0 0\n");
	check(!child_edit(file, NULL, NULL), "the file is replaced while an edit waits");
	children_wait();
	text = file_get(file);
	check(strstr(text, "rule 1 4 99 0 0\n") && strstr(text, " 4711 "),
	      "and the edit is made in the new one");
	free(text);

	pid = holder_start(60000, NULL);
	begin = seconds();
	check_refused(file, EBUSY, NULL, NULL, "the lock is held for ever");
	begin = seconds() - begin;
	check(begin > 8 && begin < 15, "given up after 10 seconds");
	kill(pid, SIGKILL);
	children_wait();
	check_works(file, "the lock of a killed process is free");
}

/* --- what is no file --- */

static const char *in_dir(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void no_files(void)
{
	char name[300], target[PATH_MAX];

	file_put(file, START);
	check_refused(dir, EISDIR, NULL, NULL, "a directory");
	check(sim_count(dir) == -ENOTSUP, "reading it: %s", report->error.text);
	if (mkfifo(in_dir("fifo"), 0600))
		die("mkfifo");
	check_refused(in_dir("fifo"), ENOTSUP, NULL, NULL, "a FIFO");
	check(sim_count(in_dir("fifo")) == -ENOTSUP, "reading it: %s", report->error.text);
	unlink(in_dir("fifo"));
	check_refused(in_dir("none/state"), ENOENT, NULL, NULL, "no such directory");
	check_refused(in_dir("state/state"), ENOTDIR, NULL, NULL, "a file for a directory");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	check_refused(in_dir(name), ENAMETOOLONG, NULL, NULL, "a long name");
	name[254] = '\0';
	check_refused(in_dir(name), ENAMETOOLONG, NULL, NULL, "a name with no room beside");

	snprintf(target, sizeof(target), "%s", in_dir("link"));
	if (symlink("link", target))
		die("symlink");
	check_refused(target, ELOOP, NULL, NULL, "a link to itself");
	unlink(target);
	if (symlink("none/state", target))
		die("symlink");
	check_refused(target, ENOENT, NULL, NULL, "a link to nowhere");
	unlink(target);
	if (symlink("state", target))
		die("symlink");
	unlink(file);
	check_works(target, "a link to a file that is yet to be made");
	check(sim_count(file) == 1 && names_count(dir) == 2, "the file is made, the link stays");
	unlink(target);
}

static void taken_temporaries(void)
{
	const char *temporary;
	char victim[sizeof(dir) + 16], *text;

	file_put(file, START);
	if (mkdir(in_dir(".state.new"), 0700))
		die("mkdir");
	check_works(file, "a directory has the temporary file's name");
	check(names_count(dir) == 2, "another name is used, and not left");
	rmdir(in_dir(".state.new"));
	snprintf(victim, sizeof(victim), "%s/victim", dir);
	file_put(victim, "precious");
	temporary = in_dir(".state.new");
	if (symlink(victim, temporary))
		die("symlink");
	check_works(file, "a link has the temporary file's name");
	text = file_get(victim);
	check(!strcmp(text, "precious"), "what it points to is not touched");
	free(text);
	unlink(victim);
	check(names_count(dir) == 1, "nothing but the state file is left");
}

/* --- permissions --- */

static void become_nobody(const void *arg)
{
	(void)arg;
	if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
		_exit(99);
}

static bool owner_is(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	struct stat st;

	return !stat(path, &st) && st.st_uid == uid && st.st_gid == gid &&
	       (st.st_mode & 07777) == mode;
}

static void permissions(void)
{
	file_put(file, START);
	if (chmod(dir, 0755) || chmod(file, 0666))
		die(dir);
	check_refused(file, EACCES, become_nobody, NULL, "a directory not to be written");
	unlink(file);
	check_refused(file, EACCES, become_nobody, NULL, "the same without a file");

	file_put(file, START);
	if (chmod(dir, 0777) || chmod(file, 0644))
		die(dir);
	check_refused(file, EACCES, become_nobody, NULL, "a file not to be written");
	chmod(file, 0600);
	check_refused(file, EACCES, become_nobody, NULL, "a file not to be read");
	chmod(file, 0666);
	check_refused(file, EPERM, become_nobody, NULL, "a file that would change its owner");

	if (chown(file, NOBODY, NOBODY) || chmod(file, 0640))
		die(file);
	check_works(file, "another's file, as root");
	check(owner_is(file, NOBODY, NOBODY, 0640), "its owner and mode are kept");
	check(!child_edit(file, become_nobody, NULL), "one's own file: works");
	check(owner_is(file, NOBODY, NOBODY, 0640), "its owner and mode are kept");
	chmod(dir, 0700);
}

/* --- file systems; in a mount namespace of its own --- */

static void mount_tmpfs(const char *options)
{
	if (mount("none", dir, "tmpfs", 0, options))
		die("mount");
}

/* Takes what room there is. */
static void disk_fill(void)
{
	static const char page[4096];
	int fd = open(in_dir("filler"), O_WRONLY | O_CREAT, 0600);

	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
}

/* made here: if this goes wrong, those of the machine are not to suffer */
static void devices(void)
{
	static const struct { const char *name; int number; } device[] = {
		{ "null", 3 }, { "zero", 5 }, { "full", 7 },
	};
	size_t i;

	mount_tmpfs("size=64k");
	for (i = 0; i < FW_COUNT(device); i++) {
		if (mknod(in_dir(device[i].name), S_IFCHR | 0600,
			  makedev(1, device[i].number)))
			die("mknod");
		check_refused(in_dir(device[i].name), ENOTSUP, NULL, NULL, "a device");
		check(sim_count(in_dir(device[i].name)) == -ENOTSUP, "reading it: %s",
		      report->error.text);
	}
	umount(dir);
}

static void file_systems(void)
{
	mount_tmpfs("size=64k");
	file_put(file, START);
	disk_fill();
	check_refused(file, ENOSPC, NULL, NULL, "a full disk");
	unlink(in_dir("filler"));
	check_works(file, "the same with room again");
	umount(dir);

	mount_tmpfs("nr_inodes=2");
	file_put(file, START);
	check_refused(file, ENOSPC, NULL, NULL, "a disk without inodes");
	umount(dir);

	mount_tmpfs("size=64k");
	disk_fill();
	check_refused(file, ENOSPC, NULL, NULL, "a full disk and no file yet");
	umount(dir);

	mount_tmpfs("size=64k");
	file_put(file, START);
	if (mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		die("remount");
	check_refused(file, EROFS, NULL, NULL, "a read-only file system");
	check(sim_count(file) == 1, "it can be read");
	umount(dir);
}

static void as_root(void)
{
	if (geteuid()) {
		skipped += 3;
		puts("SKIP  permissions, file systems, devices: not root");
		return;
	}
	permissions();
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		skipped += 2;
		puts("SKIP  file systems, devices: no mount namespace");
		return;
	}
	file_systems();
	devices();
}

int main(void)
{
	sim_child_begin();
	srand(1);
	setvbuf(stdout, NULL, _IOLBF, 0);

	many_writers();
	many_creators();
	killed_writers();
	interrupted_writes();
	failing_calls();
	held_locks();
	no_files();
	taken_temporaries();
	as_root();

	unlink(file);
	if (rmdir(dir))
		check(false, "the directory is empty in the end");
	if (skipped)
		printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	else
		printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
