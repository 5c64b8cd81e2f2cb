// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-proc.c - readers of /proc/net/ip_input and its siblings.
 *
 *	kmod-proc [SEED]
 *
 * Runs where the module is loaded and ip_tables is not, as root, in a network
 * namespace of its own.  Rules change between reads by the socket options.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/old_options.h"
#include "tests/lib/tally.h"

#define LO		0x7f000001u
#define TEXT_MAX	(1 << 18)
#define LINE_MAX	256	/* no line is longer */
#define ROUNDS		150

static struct tally tally;
static struct random chance;
static struct old_model model;
static int inet;	/* a socket */

static void expect(const char *what, long n, long got, long wanted)
{
	if (got == wanted)
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s %ld: %ld, not %ld", what, n, got, wanted);
}

static void need(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

/* An edit that the kernel and the model carry out alike. */
static void edit(enum fw_list_id list, enum old_command command,
		 const struct fw_rule *rule)
{
	int wanted = old_model_edit(&model, list, command, rule);

	expect("edit", command, old_rule_option(inet, list, command, rule, &chance),
	       wanted);
}

static void rules_add(enum fw_list_id list, __u32 n)
{
	struct fw_rule rule;

	while (n--) {
		old_random_rule(&chance, list, &rule, false);
		edit(list, random_one_in(&chance, 2) ? OLD_INSERT : OLD_APPEND, &rule);
	}
}

/* what happens to the rules while somebody reads */
static void rules_disturb(enum fw_list_id list)
{
	const struct fw_list *l = &model.list[list];
	struct fw_rule rule;

	switch (random_below(&chance, 40)) {
	case 0:
		edit(list, OLD_FLUSH, &(struct fw_rule){});
		rules_add(list, random_below(&chance, 60));
		break;
	case 1: case 2: case 3: case 4: case 5:
		rules_add(list, 1);
		break;
	case 6: case 7: case 8:
		if (!l->count)
			break;
		rule = *fw_list_rule(l, random_below(&chance, l->count));
		edit(list, OLD_DELETE, &rule);
		break;
	case 9:
		expect("zero", list, old_zero(inet, list), 0);
		break;
	}
}

static size_t random_size(void)
{
	static const size_t sizes[] = {
		1, 2, 3, 10, 45, 90, 100, 106, 255, 256, 257, 300, 1000, 1024, 3072, 4096,
		8192, 16384, 32768, 65536,
	};

	if (random_one_in(&chance, 3))
		return 1 + random_below(&chance, 2000);
	return sizes[random_below(&chance, FW_COUNT(sizes))];
}

/* Whole lines, wherever one surely fits. */
static bool lines_whole(const char *text, size_t at, size_t n, size_t size)
{
	if (size < LINE_MAX || (at && text[at - 1] != '\n'))
		return true;
	return text[at + n - 1] == '\n';
}

/*
 * Reads a listing from offset 0, size bytes at a time (0: of all sizes), with
 * edits between.  It must be the one that there was at the beginning.
 */
static void listing_read(int fd, enum fw_list_id list, size_t size, bool disturbed)
{
	static char text[TEXT_MAX];
	char *wanted = old_model_text(&model, list);
	size_t at = 0, broken = 0;

	need(lseek(fd, 0, SEEK_SET) == 0, "seek");
	for (;;) {
		size_t room = size ? size : random_size();
		ssize_t n = read(fd, text + at, room);

		if (n <= 0 || (size_t)n > room || at + (size_t)n + 65536 > TEXT_MAX) {
			expect("end of listing", (long)size, n, 0);
			break;
		}
		broken += !lines_whole(text, at, (size_t)n, room);
		at += (size_t)n;
		if (disturbed)
			rules_disturb(list);
	}
	text[at] = '\0';
	if (broken || strcmp(text, wanted))
		tally_fail(&tally, "read %zu at a time, %zu lines are broken:\n%snot\n%s",
			   size, broken, text, wanted);
	else
		tally_pass(&tally);
	free(wanted);
}

static void readers_see_one_generation(void)
{
	static const size_t sizes[] = { 1, 7, 105, 255, 256, 1000, 4096, 65536 };
	int fd[FW_LISTS];

	for (int list = 0; list < FW_LISTS; list++) {
		fd[list] = open(old_proc_path[list], O_RDONLY);
		need(fd[list] >= 0, old_proc_path[list]);
		listing_read(fd[list], list, 0, false);
		rules_add(list, 40);
	}
	for (unsigned int i = 0; i < FW_COUNT(sizes); i++)
		for (int list = 0; list < FW_LISTS; list++)
			listing_read(fd[list], list, sizes[i], sizes[i] > 1);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		enum fw_list_id list = (enum fw_list_id)random_below(&chance, FW_LISTS);

		listing_read(fd[list], list, 0, !random_one_in(&chance, 3));
	}
	for (int list = 0; list < FW_LISTS; list++) {
		close(fd[list]);
		edit(list, OLD_FLUSH, &(struct fw_rule){});
	}
}

/* Without edits, every place of the file is where it was. */
static void any_place_can_be_read(void)
{
	char *text, buf[5000];
	int fd = open(old_proc_path[FW_OUTPUT], O_RDWR);
	size_t len;

	need(fd >= 0, "open");
	rules_add(FW_OUTPUT, 200);
	text = old_model_text(&model, FW_OUTPUT);
	len = strlen(text);
	for (unsigned int i = 0; i < 500; i++) {
		size_t at = random_below(&chance, (__u32)len + 300);
		size_t size = 1 + random_below(&chance, sizeof(buf));
		ssize_t n = pread(fd, buf, size, (off_t)at);

		if (at >= len)
			expect("read behind the end", (long)at, n, 0);
		else
			expect("read", (long)at, n > 0 && !strncmp(buf, text + at, n), 1);
	}
	free(text);
	close(fd);
	edit(FW_OUTPUT, OLD_FLUSH, &(struct fw_rule){});
}

/* counted by every accounting rule of the tests, on its way out and in */
static void datagrams_send(unsigned int n)
{
	old_datagrams_send(n, 1);
}

#define COUNTING 100

/* that many rules, each of which counts every datagram that comes in */
static void counting_rules(void)
{
	struct fw_rule rule = { .flags = FW_KIND_UDP | FW_ACCTIN, .tosand = 0xff };

	edit(FW_ACCT, OLD_FLUSH, &rule);
	for (rule.via = 0, rule.pts[9] = 1; rule.pts[9] <= COUNTING; rule.pts[9]++)
		edit(FW_ACCT, OLD_APPEND, &rule);
}

/* packets and the tenth slot of a line */
#define LINE                                                                             \
	"%*s %*s %*s %*s %*s %*s %lu %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %u"

/* Adds the packets of the rules in a text to sum, by the number in slot 10. */
static void counters_add(const char *text, unsigned long sum[COUNTING + 1])
{
	for (const char *at = strchr(text, '\n'); at && *++at; at = strchr(at, '\n')) {
		unsigned long packets;
		unsigned int rule;

		if (sscanf(at, LINE, &packets, &rule) == 2 && rule <= COUNTING)
			sum[rule] += packets;
		else
			tally_fail(&tally, "not a line: %.80s", at);
	}
}

static void all_counted(const char *what, const unsigned long sum[COUNTING + 1],
			unsigned int from, unsigned long wanted)
{
	for (unsigned int i = from; i <= COUNTING; i++)
		expect(what, i, (long)sum[i], (long)wanted);
}

/* Reads n lines from offset 0, in one read or many, into text. */
static void lines_read(int fd, unsigned int n, char *text)
{
	char c;

	need(lseek(fd, 0, SEEK_SET) == 0, "seek");
	for (unsigned int lines = 0; lines < n; lines += c == '\n') {
		need(read(fd, &c, 1) == 1, "read");
		*text++ = c;
	}
	*text = '\0';
}

static void listing_add(const char *path, unsigned long sum[COUNTING + 1])
{
	char *text = old_proc_text(path);

	need(text, path);
	counters_add(text, sum);
	free(text);
}

/* What was read is zeroed, what was not is not. */
static void reading_zeroes_what_is_read(void)
{
	static char text[TEXT_MAX];
	int fd = open(old_proc_path[FW_ACCT], O_RDWR);
	unsigned int n;

	need(fd >= 0, "open");
	for (n = 0; n <= COUNTING; n += 1 + n / 2) {
		unsigned long read[COUNTING + 1] = {}, left[COUNTING + 1] = {};

		counting_rules();
		datagrams_send(3);
		listing_add(old_proc_path[FW_ACCT], left);
		all_counted("reading alone leaves", left, 1, 3);
		memset(left, 0, sizeof(left));
		lines_read(fd, 1 + n, text);
		counters_add(text, read);
		listing_add(old_proc_path[FW_ACCT], left);
		for (unsigned int i = 1; i <= COUNTING; i++) {
			expect("printed before it is zeroed", i, (long)read[i],
			       i <= n ? 3 : 0);
			expect("left", i, (long)left[i], i <= n ? 0 : 3);
		}
	}
	close(fd);
}

/* Nor is what is passed over on the way to a place further on. */
static void passing_over_leaves_counters(void)
{
	static char text[TEXT_MAX];
	unsigned long left[COUNTING + 1] = {};
	int fd = open(old_proc_path[FW_ACCT], O_RDWR);
	char *line;
	ssize_t n;

	need(fd >= 0, "open");
	counting_rules();
	datagrams_send(3);
	need(pread(fd, text, 1, 0) == 1, "read");
	n = pread(fd, text, 3000, 5000);
	need(n > 0, "read further on");
	text[n] = '\0';
	listing_add(old_proc_path[FW_ACCT], left);
	/* the first line that is read begins before the place, and the last is whole */
	line = strchr(text, '\n');
	need(line && text[n - 1] == '\n', "read lines");
	memmove(text, line, strlen(line) + 1);
	counters_add(text, left);
	all_counted("passed over, or read", left, 1, 3);
	expect("read", n, left[COUNTING], 3);
	close(fd);
}

/* All that was sent is read once, whoever seeks, and however much he reads. */
static void nothing_is_lost_or_told_twice(void)
{
	static char text[TEXT_MAX];
	unsigned long sum[COUNTING + 1] = {}, sent = 0;
	int fd = open(old_proc_path[FW_ACCT], O_RDWR);

	need(fd >= 0, "open");
	counting_rules();
	for (unsigned int i = 0; i < 20; i++) {
		size_t at = 0;
		ssize_t n;

		need(lseek(fd, 0, SEEK_SET) == 0, "seek");
		while ((n = read(fd, text + at, random_size())) > 0) {
			/* as a shell does that has read too much for a line */
			__u32 back = random_below(&chance, (__u32)n);

			need(lseek(fd, -(off_t)back, SEEK_CUR) >= 0, "seek back");
			at += (size_t)n - back;
			if (random_one_in(&chance, 4)) {
				datagrams_send(1);
				sent++;
			}
		}
		text[at] = '\0';
		counters_add(text, sum);
	}
	listing_add(old_proc_path[FW_ACCT], sum);
	all_counted("sum", sum, 1, sent);
	close(fd);
}

/* The same while somebody else sends. */
static void nothing_is_lost_while_it_counts(void)
{
	static char text[TEXT_MAX];
	unsigned long sum[COUNTING + 1] = {};
	unsigned int packets = 3000;
	int status = 0, fd = open(old_proc_path[FW_ACCT], O_RDWR);
	pid_t child;

	need(fd >= 0, "open");
	counting_rules();
	fflush(NULL);
	child = fork();
	if (!child) {
		datagrams_send(packets);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		size_t at = 0;
		ssize_t n;

		need(lseek(fd, 0, SEEK_SET) == 0, "seek");
		while ((n = read(fd, text + at, 4096)) > 0)
			at += (size_t)n;
		text[at] = '\0';
		counters_add(text, sum);
	}
	expect("sender", child, status, 0);
	listing_add(old_proc_path[FW_ACCT], sum);
	all_counted("sum", sum, 1, packets);
	close(fd);
}

/* A line that no reader got is not zeroed: his memory was not there. */
static void nothing_is_lost_by_a_fault(void)
{
	static char text[TEXT_MAX];
	unsigned long sum[COUNTING + 1] = {};
	char *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open(old_proc_path[FW_ACCT], O_RDWR);
	size_t at = 0;
	ssize_t n = 1;

	need(fd >= 0 && hole != MAP_FAILED, "open");
	counting_rules();
	datagrams_send(2);
	while (n > 0) {
		n = read(fd, hole, 1000);
		if (n)
			expect("read into a hole", (long)at, n < 0 ? -errno : n, -EFAULT);
		n = read(fd, text + at, 1000);
		at += n > 0 ? (size_t)n : 0;
	}
	text[at] = '\0';
	counters_add(text, sum);
	all_counted("after faults", sum, 1, 2);
	close(fd);
	munmap(hole, 4096);
}

static int open_error(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* in a child: whose user is nobody; how many things were wrong */
static int nobody(void)
{
	int wrong = 0;

	if (setgid(65534) || setuid(65534))
		return 1;
	for (int list = 0; list < FW_LISTS; list++) {
		wrong += open_error(old_proc_path[list], O_RDONLY) != 0;
		wrong += open_error(old_proc_path[list], O_RDWR) != -EACCES;
	}
	return wrong;
}

/* how many of 10 bytes sendfile(2) gives, as cat(1) may use it */
static long copied(int fd)
{
	int ends[2];
	ssize_t n;

	need(!pipe(ends), "make a pipe");
	n = sendfile(ends[1], fd, NULL, 10);
	close(ends[0]);
	close(ends[1]);
	return n;
}

static void files_are_as_they_were(void)
{
	int status;
	pid_t child;

	for (int list = 0; list < FW_LISTS; list++) {
		const char *path = old_proc_path[list];
		struct stat st;
		int fd = open(path, O_RDWR);

		need(fd >= 0 && !fstat(fd, &st), path);
		expect("mode", list, st.st_mode, S_IFREG | 0644);
		expect("owner", list, st.st_uid, 0);
		expect("size", list, st.st_size, 0);
		expect("write", list, write(fd, "x", 1) < 0 ? -errno : 0, -EINVAL);
		expect("read of nothing", list, read(fd, &st, 0), 0);
		expect("end", list, lseek(fd, 0, SEEK_END), 0);
		expect("copied by the kernel", list, copied(fd), 10);
		close(fd);
		old_admin(false);
		expect("written without the capability", list, open_error(path, O_RDWR),
		       -EPERM);
		expect("read without the capability", list, open_error(path, O_RDONLY),
		       0);
		old_admin(true);
	}
	fflush(NULL);
	child = fork();
	if (!child)
		_exit(nobody());
	need(waitpid(child, &status, 0) == child, "wait");
	expect("nobody", child, status, 0);
}

/* A descriptor shows the namespace where it was opened, a path one's own. */
static void namespaces_are_apart(void)
{
	static char text[TEXT_MAX];
	char *wanted, *other;
	int fd = open(old_proc_path[FW_ACCT], O_RDONLY);
	ssize_t n;

	counting_rules();
	wanted = old_model_text(&model, FW_ACCT);
	need(!old_namespace(), "make a namespace");
	other = old_proc_text(old_proc_path[FW_ACCT]);
	expect("empty", 0, other ? strcmp(other, "IP accounting rules\n") : 1, 0);
	n = read(fd, text, sizeof(text) - 1);
	expect("first lines", n, n > LINE_MAX ? strncmp(text, wanted, (size_t)n) : 1, 0);
	free(wanted);
	free(other);
	close(fd);
}

int main(int argc, char **argv)
{
	int err = old_namespace();

	inet = socket(AF_INET, SOCK_DGRAM, 0);
	errno = -err;
	need(!err && inet >= 0, "make a network namespace");
	random_seed(&chance, argc > 1 ? strtoull(argv[1], NULL, 0) : 1996);
	old_model_init(&model);
	files_are_as_they_were();
	readers_see_one_generation();
	any_place_can_be_read();
	reading_zeroes_what_is_read();
	passing_over_leaves_counters();
	nothing_is_lost_or_told_twice();
	nothing_is_lost_while_it_counts();
	nothing_is_lost_by_a_fault();
	namespaces_are_apart();
	return tally_end(&tally);
}
