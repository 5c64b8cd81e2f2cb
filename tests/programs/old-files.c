// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * old-files.c - a program that reads the files of 2.0 in /proc/net, by every function.
 *
 *	old-files roads		all ways to open one, and what they show after edits
 *	old-files zero		the accounting rules have counted: what zeroes them?
 *	old-files others N	N times what is none of the preload library's business
 *
 * Runs with the preload library, as root.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/old_options.h"
#include "tests/lib/tally.h"

#define PATH "/proc/net/ip_acct"
#define THREADS 4
#define TEXT_MAX 8192

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags);

static struct tally tally;
static struct old_model model;
static struct random chance;
static int inet;
static char wanted[TEXT_MAX];	/* text of the file, from the model */

static void expect(const char *what, long got, long want)
{
	if (got == want)
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s: %ld, not %ld (%s)", what, got, want,
			   strerror(errno));
}

static void text_is(const char *what, const char *text, ssize_t len)
{
	if (len == (ssize_t)strlen(wanted) && !memcmp(text, wanted, (size_t)len))
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s: %zd bytes\n%.*s\nnot\n%s", what, len,
			   len > 0 ? (int)len : 0, text, wanted);
}

/* from where the descriptor is to the end */
static void reads(const char *what, int fd)
{
	char text[TEXT_MAX];
	ssize_t n, len = 0;

	while ((n = read(fd, text + len, 100)) > 0)
		len += n;
	text_is(what, text, n < 0 ? n : len);
}

static void reads_all(const char *what, int fd)
{
	reads(what, fd);
	close(fd);
}

static void stream_reads(const char *what, FILE *in)
{
	char text[TEXT_MAX];

	text_is(what, text, in ? (ssize_t)fread(text, 1, sizeof(text), in) : -1);
}

static void stream_reads_all(const char *what, FILE *in)
{
	stream_reads(what, in);
	if (in)
		fclose(in);
}

/* one rule more, by socket option */
static void rule_add(void)
{
	struct fw_rule rule = { .flags = FW_KIND_UDP, .ndp = 1, .tosand = 0xff };
	char *text;

	rule.pts[0] = (__u16)(7000 + model.list[FW_ACCT].count);
	expect("append", old_rule_option(inet, FW_ACCT, OLD_APPEND, &rule, &chance), 0);
	old_model_edit(&model, FW_ACCT, OLD_APPEND, &rule);
	text = old_model_text(&model, FW_ACCT);
	snprintf(wanted, sizeof(wanted), "%s", text);
	free(text);
}

static void descriptors(void)
{
	int net = open("/proc/net", O_RDONLY | O_DIRECTORY);

	reads_all("open", open(PATH, O_RDONLY));
	reads_all("open64", open64(PATH, O_RDONLY));
	reads_all("openat", openat(AT_FDCWD, PATH, O_RDONLY));
	reads_all("openat64", openat64(net, PATH, O_RDONLY));
	reads_all("openat of a folder", openat(net, "ip_acct", O_RDONLY | O_NOFOLLOW));
	reads_all("__open_2", __open_2(PATH, O_RDONLY));
	reads_all("__open64_2", __open64_2(PATH, O_RDONLY | O_CLOEXEC));
	reads_all("__openat_2", __openat_2(AT_FDCWD, PATH, O_RDONLY));
	reads_all("__openat64_2", __openat64_2(net, "./ip_acct", O_RDONLY));
	reads_all("another name", open("//proc/self//net/ip_acct", O_RDONLY));
	reads_all("to write, too", open(PATH, O_RDWR | O_TRUNC));
	expect("enter", chdir("/proc/net"), 0);
	reads_all("from within", open("ip_acct", O_RDONLY));
	expect("leave", chdir("/"), 0);
	expect("elsewhere", open("ip_acct", O_RDONLY), -1);
	expect("elsewhere", errno, ENOENT);
	close(net);
}

static void streams(void)
{
	stream_reads_all("fopen", fopen(PATH, "r"));
	stream_reads_all("fopen64", fopen64(PATH, "re"));
	stream_reads_all("fopen to write, too", fopen(PATH, "r+"));
	stream_reads_all("freopen", freopen(PATH, "r", fopen("/dev/null", "r")));
	stream_reads_all("freopen64", freopen64(PATH, "r", fopen("/dev/null", "r")));
	expect("freopen of none", !freopen(NULL, "r", stdin), 0);
	stream_reads_all("popen", popen("cat " PATH, "r"));
}

static int open_error(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int nobody(void)
{
	if (setgid(65534) || setuid(65534))
		return 1;
	return (open_error(PATH, O_RDWR) != -EACCES) + 2 * (access(PATH, W_OK) == 0) +
	       4 * (access(PATH, R_OK) != 0);
}

/* A user namespace has root alone, to whom the machine's /proc does not belong. */
static bool is_machine(void)
{
	unsigned long count = 0;
	FILE *f = fopen("/proc/self/uid_map", "re");

	if (f && fscanf(f, "%*u %*u %lu", &count) != 1)
		count = 0;
	if (f)
		fclose(f);
	return count > 65534;
}

static void errors(void)
{
	int fd = open(PATH, O_RDONLY), status;
	pid_t child;

	expect("write", write(fd, "x", 1) < 0 ? errno : 0, EBADF);
	close(fd);
	expect("exclusive", open_error(PATH, O_RDONLY | O_CREAT | O_EXCL), -EEXIST);
	expect("folder", open_error(PATH, O_RDONLY | O_DIRECTORY), -ENOTDIR);
	expect("no such file", open_error(PATH "s", O_RDONLY), -ENOENT);
	expect("no folder", open_error(PATH "/", O_RDONLY), -ENOENT);
	if (!is_machine())
		return;
	old_admin(false);
	expect("zero without the capability", open_error(PATH, O_RDWR), -EPERM);
	expect("read without the capability", open_error(PATH, O_RDONLY), 0);
	old_admin(true);
	child = fork();
	if (!child)
		_exit(nobody());
	expect("wait", waitpid(child, &status, 0), child);
	expect("nobody", status, 0);
}

static void properties(void)
{
	const char *masquerade = "/proc/net/ip_masquerade";
	struct stat64 st64;
	struct statx stx;
	struct stat st;

	expect("stat", stat(PATH, &st), 0);
	expect("mode", st.st_mode, S_IFREG | 0644);
	expect("size", (long)st.st_size, 0);
	expect("stat64", stat64(masquerade, &st64), 0);
	expect("mode", st64.st_mode, S_IFREG | 0444);
	expect("lstat", lstat("/proc/net/ip_masq_app", &st), 0);
	expect("mode", st.st_mode, S_IFREG | 0444);
	expect("lstat64", lstat64("/proc/net/ip_input", &st64), 0);
	expect("fstatat", fstatat(AT_FDCWD, "/proc/net/ip_output", &st, 0), 0);
	expect("fstatat64", fstatat64(AT_FDCWD, "/proc/net/ip_forward", &st64, 0), 0);
	expect("statx", statx(AT_FDCWD, PATH, 0, STATX_MODE, &stx), 0);
	expect("mode", stx.stx_mode, S_IFREG | 0644);
	expect("access", access(PATH, R_OK), 0);
	expect("access", access(PATH, X_OK), -1);
	expect("faccessat", faccessat(AT_FDCWD, PATH, R_OK, 0), 0);
	expect("eaccess", eaccess(PATH, R_OK), 0);
	expect("stat of another", stat(PATH "s", &st), -1);
}

/* Who goes back to the beginning reads what is there then, by any descriptor. */
static void rereading(void)
{
	int fd = open(PATH, O_RDONLY), copy = dup(fd), status;
	FILE *stream = fopen(PATH, "r");
	pid_t child;

	reads("first", fd);
	stream_reads("first of a stream", stream);
	rule_add();
	expect("seek", lseek(fd, 0, SEEK_SET), 0);
	reads("after an edit", fd);
	rewind(stream);
	stream_reads("after an edit, rewound", stream);
	rule_add();
	expect("seek", (long)lseek64(copy, 0, SEEK_SET), 0);
	reads("of a copy", fd);
	expect("fseek", fseek(stream, 0, SEEK_SET), 0);
	stream_reads("after an edit, sought", stream);
	rule_add();
	fflush(stdout);
	child = fork();
	if (!child) {
		tally = (struct tally){ 0 };
		lseek(copy, 0, SEEK_SET);
		reads("of a child", copy);
		_exit(tally.failed != 0);
	}
	expect("wait", waitpid(child, &status, 0), child);
	expect("child", status, 0);
	expect("end", read(fd, &status, 1), 0);
	expect("fseeko", fseeko(stream, 0, SEEK_SET), 0);
	stream_reads_all("after an edit, sought", stream);
	close(fd);
	close(copy);
}

static volatile sig_atomic_t children_ended;

static void child_ended(int sig)
{
	(void)sig;
	children_ended = 1;
}

static void *thread(void *failed)
{
	struct fw_rule rule = { .flags = 0x4000 };

	for (int i = 0; i < 4; i++) {
		char *text = old_proc_text(PATH);

		if (!text || strcmp(text, wanted) != 0)
			*(int *)failed += 1;
		if (old_rule_option(inet, FW_ACCT, OLD_APPEND, &rule, &chance) != -EINVAL)
			*(int *)failed += 1;
		free(text);
	}
	return NULL;
}

/* The program has no child of which it knows nothing. */
static void no_children(void)
{
	pthread_t threads[THREADS];
	int failed[THREADS] = { 0 };

	signal(SIGCHLD, child_ended);
	for (int i = 0; i < THREADS; i++)
		expect("thread", pthread_create(&threads[i], NULL, thread, &failed[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		expect("in a thread", failed[i], 0);
	}
	expect("SIGCHLD", children_ended, 0);
	expect("wait", waitpid(-1, NULL, WNOHANG), -1);
	expect("wait", errno, ECHILD);
	signal(SIGCHLD, SIG_IGN);
	reads_all("without children's statuses", open(PATH, O_RDONLY));
	signal(SIGCHLD, SIG_DFL);
}

static void zeroing(void)
{
	char *counted = old_proc_text(PATH), *zeroed;
	int fd;

	if (!counted)
		abort();
	snprintf(wanted, sizeof(wanted), "%s", counted);
	free(counted);
	expect("counted", strstr(wanted, " 5          500 ") != NULL, 1);
	reads_all("reading leaves it", open(PATH, O_RDONLY));
	fd = open(PATH, O_RDWR);
	lseek(fd, 0, SEEK_SET);
	reads("printed before it is zeroed", fd);
	lseek(fd, 0, SEEK_SET);
	zeroed = old_proc_text(PATH);
	expect("zeroed", zeroed && strstr(zeroed, " 0          0          ") != NULL, 1);
	snprintf(wanted, sizeof(wanted), "%s", zeroed);
	reads_all("printed again", fd);
	free(zeroed);
}

/* Ends with a status, and no text: what it does is counted. */
static int others(int n)
{
	int one = 1, s = socket(AF_INET, SOCK_DGRAM, 0), bad = 0;
	struct stat st;

	while (n--) {
		FILE *stream = fopen("/dev/zero", "r");
		int fd = open("/proc/net/dev", O_RDONLY);
		pid_t child = fork();

		if (!child)
			_exit(access("/proc/net/ip_fwchains", R_OK) == 0);
		bad += waitpid(child, &one, 0) != child || one || !stream || fd < 0;
		bad += lseek(fd, 0, SEEK_SET) != 0 || stat("/etc/ip_acct", &st) == 0;
		rewind(stream);
		one = 1;
		bad += setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0;
		bad += setsockopt(s, IPPROTO_IP, IP_TTL, &one, sizeof(one)) != 0;
		fclose(stream);
		close(fd);
	}
	return bad != 0;
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return others(atoi(argv[2]));
	inet = socket(AF_INET, SOCK_DGRAM, 0);
	old_model_init(&model);
	random_seed(&chance, 1996);
	if (argc > 1 && !strcmp(argv[1], "zero")) {
		zeroing();
		return tally_end(&tally);
	}
	expect("flush", old_flush(inet, FW_ACCT), 0);
	rule_add();
	descriptors();
	streams();
	errors();
	properties();
	rereading();
	no_children();
	return tally_end(&tally);
}
