// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-netlink-dump.c - the module's dumps while others edit, who may do what, events,
 * and a transaction of 100,000 rules.
 *
 * usage: kmod-netlink-dump
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/edits.h"
#include "tests/lib/family.h"
#include "tests/lib/tally.h"

#define MESSAGE_MAX 512
#define MANY 3000		/* rules: some buffers full */
#define BULK 100000
#define NOBODY 65534
#define GUESTS_MAX 64

static struct tally tally;

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void begin(struct family *f)
{
	must(!unshare(CLONE_NEWNET), "unshare");
	must(!family_open(f), "family_open");
}

/* rule i of a list of many, with counters that tell it, too */
static struct fw_edit numbered(enum fw_list_id list, __u32 i)
{
	return (struct fw_edit) {
		.op = FW_OP_APPEND, .list = list, .counters = true,
		.rule = {
			.src = i, .smsk = ~0u, .dst = ~i, .dmsk = ~0u, .flags = FW_ACCEPT,
			.tosand = 0xff, .pcnt = i + 1, .bcnt = 10ull * i + 1,
		},
	};
}

/* Fills a list with n such rules at once. */
static int numbered_fill(struct family *f, enum fw_list_id list, __u32 n)
{
	struct fw_edit *edits = calloc(n, sizeof(*edits));
	int err;

	must(edits, "calloc");
	for (__u32 i = 0; i < n; i++)
		edits[i] = numbered(list, i);
	err = family_edit(f, edits, n);
	free(edits);
	return err;
}

static struct nlmsghdr *dump_message(struct family *f, void *buf, int list)
{
	struct nlmsghdr *nlh = family_message(f, buf, IPFWADM_CMD_RULES_GET, NLM_F_DUMP);

	if (list >= 0)
		mnl_attr_put_u32(nlh, IPFWADM_A_LIST, list);
	return nlh;
}

/* what the messages of a dump told */
struct dumped {
	__u32 generation;
	__u32 messages, rules[FW_LISTS];
	bool ordered, counted;	/* as numbered() makes them */
	__u32 last_list;
	bool mixed;		/* generations, or lists out of order */
};

static const struct dumped nothing = { .ordered = true, .counted = true };

static int dumped_take(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *nla, *tb[IPFWADM_A_END];
	struct dumped *d = ctx;
	struct fw_rule r;
	__u32 list, generation;

	family_attrs(nlh, tb, IPFWADM_A_END - 1);
	list = mnl_attr_get_u32(tb[IPFWADM_A_LIST]);
	generation = mnl_attr_get_u32(tb[IPFWADM_A_GENERATION]);
	d->mixed |= list >= FW_LISTS || (d->messages && list < d->last_list) ||
		    (d->messages && generation != d->generation);
	d->last_list = list;
	d->generation = generation;
	d->messages++;
	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		struct fw_edit want;

		if (mnl_attr_get_type(nla) != IPFWADM_A_RULE)
			continue;
		family_rule_get(nla, &r);
		want = numbered(list, d->rules[list]++);
		d->counted &= r.pcnt == want.rule.pcnt && r.bcnt == want.rule.bcnt;
		r.pcnt = want.rule.pcnt;
		r.bcnt = want.rule.bcnt;
		d->ordered &= rules_same(&r, &want.rule);
	}
	return MNL_CB_OK;
}

static void empty_check(void)
{
	struct dumped d = nothing;
	char buf[MESSAGE_MAX];
	struct family f;
	struct answer a;

	begin(&f);
	family_ask(&f, dump_message(&f, buf, -1), dumped_take, &d, &a);
	check(!a.error && d.messages == FW_LISTS, "a message for each empty list: %u",
	      d.messages);
	d = nothing;
	family_ask(&f, dump_message(&f, buf, FW_OUTPUT), dumped_take, &d, &a);
	check(!a.error && d.messages == 1 && d.last_list == FW_OUTPUT, "one empty list");
	family_close(&f);
}

static void many_check(void)
{
	struct dumped d = nothing;
	char buf[MESSAGE_MAX];
	struct family f;
	struct answer a;

	begin(&f);
	check(!numbered_fill(&f, FW_FORWARD, MANY), "many rules");
	check(!numbered_fill(&f, FW_ACCT, 1), "and one");
	family_ask(&f, dump_message(&f, buf, -1), dumped_take, &d, &a);
	check(!a.error && !a.interrupted && d.ordered && d.counted && !d.mixed,
	      "all lists: %d %s", a.error, a.text);
	check(d.rules[FW_FORWARD] == MANY && !d.rules[FW_INPUT] && d.rules[FW_ACCT] == 1,
	      "%u and %u rules", d.rules[FW_FORWARD], d.rules[FW_ACCT]);
	family_close(&f);
}

/* A dump tells its first moment, whatever happens meanwhile, and that it did. */
static void interruption_check(void)
{
	const struct fw_edit flush = { .op = FW_OP_FLUSH, .list = FW_INPUT };
	const struct fw_edit zero = { .op = FW_OP_ZERO, .list = FW_INPUT };
	struct dumped d = nothing;
	struct family reader, writer;
	char buf[MESSAGE_MAX];
	struct answer a;

	begin(&reader);
	must(!family_open(&writer), "family_open");
	check(!numbered_fill(&writer, FW_INPUT, MANY), "many rules");
	must(!family_send(&reader, dump_message(&reader, buf, FW_INPUT)), "send");
	check(!family_edit(&writer, &zero, 1), "zeroed meanwhile");
	family_receive(&reader, dumped_take, &d, &a);
	check(!a.error && !a.interrupted && d.rules[FW_INPUT] == MANY && d.ordered &&
	      d.counted, "zeroing is no new generation");

	d = nothing;
	must(!family_send(&reader, dump_message(&reader, buf, FW_INPUT)), "send");
	check(!family_edit(&writer, &flush, 1), "flushed meanwhile");
	check(family_rules(&writer, FW_INPUT, false, NULL, 0) == 0, "no rules any more");
	family_receive(&reader, dumped_take, &d, &a);
	check(!a.error && d.rules[FW_INPUT] == MANY && d.ordered && !d.mixed,
	      "the old rules: %u, %s", d.rules[FW_INPUT], a.text);
	check(a.interrupted, "and that they are old");
	family_close(&writer);
	family_close(&reader);
}

static void two_dumps_check(void)
{
	struct dumped d = nothing, e = nothing;
	struct family f, g;
	char buf[MESSAGE_MAX];
	struct answer a, b;

	begin(&f);
	must(!family_open(&g), "family_open");
	check(!numbered_fill(&f, FW_OUTPUT, MANY), "many rules");
	must(!family_send(&f, dump_message(&f, buf, FW_OUTPUT)), "send");
	must(!family_send(&g, dump_message(&g, buf, -1)), "send");
	family_receive(&f, dumped_take, &d, &a);
	family_receive(&g, dumped_take, &e, &b);
	check(!a.error && d.rules[FW_OUTPUT] == MANY && d.ordered, "one dump");
	check(!b.error && e.rules[FW_OUTPUT] == MANY && e.ordered, "another beside it");

	must(!family_send(&f, dump_message(&f, buf, FW_OUTPUT)), "send");
	family_ask(&f, dump_message(&f, buf, FW_OUTPUT), NULL, NULL, &a);
	check(a.error == -EBUSY, "two dumps of one socket: %d", a.error);
	/* a reader who goes away in the middle */
	family_close(&f);
	family_close(&g);
}

static void zero_check(void)
{
	struct fw_rule *rules = calloc(MANY, sizeof(*rules));
	struct dumped d = nothing;
	struct nlmsghdr *nlh;
	struct family f;
	char buf[MESSAGE_MAX];
	struct answer a;
	__u32 left = 0;

	must(rules, "calloc");
	begin(&f);
	check(!numbered_fill(&f, FW_INPUT, MANY) && !numbered_fill(&f, FW_OUTPUT, 1),
	      "rules to zero");
	nlh = dump_message(&f, buf, FW_INPUT);
	mnl_attr_put(nlh, IPFWADM_A_ZERO, 0, NULL);
	family_ask(&f, nlh, dumped_take, &d, &a);
	check(!a.error && d.ordered && d.counted && d.rules[FW_INPUT] == MANY,
	      "as it was before zeroing");
	check(family_rules(&f, FW_INPUT, false, rules, MANY) == MANY, "after it");
	for (__u32 i = 0; i < MANY; i++)
		left += rules[i].pcnt || rules[i].bcnt;
	check(!left, "%u counters were not zeroed", left);
	check(family_rules(&f, FW_OUTPUT, false, rules, 1) == 1 && rules[0].pcnt == 1,
	      "another list keeps its own");
	family_close(&f);
	free(rules);
}

/* Runs it in a process of its own; the tally of that is ours. */
static void aside(void (*run)(void))
{
	int pipes[2], status;
	pid_t pid;

	must(!pipe(pipes), "pipe");
	fflush(NULL);
	pid = fork();
	must(pid >= 0, "fork");
	if (!pid) {
		tally = (struct tally) { 0 };
		run();
		_exit(write(pipes[1], &tally, sizeof(tally)) != sizeof(tally));
	} else {
		struct tally of_child;

		close(pipes[1]);
		must(read(pipes[0], &of_child, sizeof(of_child)) == sizeof(of_child),
		     "a process of its own");
		must(waitpid(pid, &status, 0) == pid && !status, "its end");
		close(pipes[0]);
		tally.passed += of_child.passed;
		tally.failed += of_child.failed;
	}
}

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* => in a namespace with a rule in its input list */
static void powerless_ask(struct family *f)
{
	const struct fw_edit flush = { .op = FW_OP_FLUSH, .list = FW_INPUT };
	struct family_status s;
	struct fw_rule r;

	check(!family_status(f, &s) && s.count[FW_INPUT] == 1, "status");
	check(family_rules(f, FW_INPUT, false, &r, 1) == 1 && r.pcnt == 1, "rules");
	check(family_rules(f, FW_INPUT, true, &r, 1) == -EPERM, "zero");
	check(family_edit(f, &flush, 1) == -EPERM, "edit");
	check(family_rules(f, FW_INPUT, false, &r, 1) == 1 && r.pcnt == 1, "as before");
}

static void nobody(void)
{
	struct family f;

	must(!setuid(NOBODY), "setuid");
	must(!family_open(&f), "family_open");
	powerless_ask(&f);
	family_close(&f);
}

/* Root of a user namespace: powerless in the network it came from, not in its own. */
static void foreign_root(void)
{
	const struct fw_edit add = numbered(FW_INPUT, 0);
	struct family early, late, own;

	must(!setuid(NOBODY), "setuid");
	must(!prctl(PR_SET_DUMPABLE, 1), "prctl");	/* to own its files in /proc */
	must(!family_open(&early), "family_open");
	must(!unshare(CLONE_NEWUSER), "unshare");
	file_write("/proc/self/uid_map", "0 65534 1");
	must(!family_open(&late), "family_open");
	powerless_ask(&early);
	powerless_ask(&late);
	must(!unshare(CLONE_NEWNET), "unshare");
	must(!family_open(&own), "family_open");
	check(!family_edit(&own, &add, 1), "edit a network of its own");
	check(family_rules(&own, FW_INPUT, true, NULL, 0) == 1, "and zero it");
	powerless_ask(&early);
	family_close(&early);
	family_close(&late);
	family_close(&own);
}

/* Those without the capability can keep so many dumps open, and root one more. */
static void guests(void)
{
	static struct family f[GUESTS_MAX + 1];
	struct family root;
	char buf[MESSAGE_MAX];
	struct answer a;
	int i;

	must(!family_open(&root), "family_open");
	check(!numbered_fill(&root, FW_OUTPUT, MANY), "many rules");
	must(!seteuid(NOBODY), "seteuid");
	for (i = 0; i < GUESTS_MAX + 1; i++)
		must(!family_open(&f[i]), "family_open");
	for (i = 0; i < GUESTS_MAX; i++)
		must(!family_send(&f[i], dump_message(&f[i], buf, FW_OUTPUT)), "send");
	family_ask(&f[i], dump_message(&f[i], buf, FW_OUTPUT), NULL, NULL, &a);
	check(a.error == -EBUSY, "too many readers: %d %s", a.error, a.text);
	must(!seteuid(0), "seteuid");
	check(family_rules(&root, FW_OUTPUT, false, NULL, 0) == MANY, "root may");
	must(!seteuid(NOBODY), "seteuid");
	family_close(&f[0]);
	check(family_rules(&f[GUESTS_MAX], FW_OUTPUT, false, NULL, 0) == MANY,
	      "there is a place again");
	for (i = 1; i < GUESTS_MAX + 1; i++)
		family_close(&f[i]);
	must(!seteuid(0), "seteuid");
	family_close(&root);
}

static void users_check(void)
{
	const struct fw_edit add = numbered(FW_INPUT, 0);
	struct family f;

	begin(&f);
	check(!family_edit(&f, &add, 1), "a rule");
	aside(nobody);
	aside(foreign_root);
	aside(guests);
	family_close(&f);
}

struct event {
	__u32 generation, edits, portid;
};

/* The next event, or false when there is none. */
static bool event_get(struct family *f, struct event *e)
{
	const struct nlattr *tb[IPFWADM_A_END];
	char buf[MESSAGE_MAX];
	const struct nlmsghdr *nlh = (void *)buf;
	ssize_t len = recv(mnl_socket_get_fd(f->nl), buf, sizeof(buf), MSG_DONTWAIT);

	if (len < 0 || !mnl_nlmsg_ok(nlh, len))
		return false;
	family_attrs(nlh, tb, IPFWADM_A_END - 1);
	if (!tb[IPFWADM_A_GENERATION] || !tb[IPFWADM_A_EDITS] || !tb[IPFWADM_A_PORTID])
		return false;
	e->generation = mnl_attr_get_u32(tb[IPFWADM_A_GENERATION]);
	e->edits = mnl_attr_get_u32(tb[IPFWADM_A_EDITS]);
	e->portid = mnl_attr_get_u32(tb[IPFWADM_A_PORTID]);
	return true;
}

static void events_check(void)
{
	const struct fw_edit good[] = { numbered(FW_INPUT, 0), numbered(FW_INPUT, 1) };
	const struct fw_edit bad = { .op = FW_OP_DELETE, .list = FW_OUTPUT };
	const struct fw_edit zero = { .op = FW_OP_ZERO, .list = FW_INPUT };
	struct family listener, f, other;
	struct family_status s = { 0 };
	struct event e = { 0 };

	begin(&listener);
	must(!family_open(&f), "family_open");
	must(!mnl_socket_setsockopt(listener.nl, NETLINK_ADD_MEMBERSHIP, &listener.group,
				    sizeof(listener.group)), "listen");
	check(!family_edit(&f, good, 2) && !family_status(&f, &s), "edit");
	check(event_get(&listener, &e) && e.generation == s.generation && e.edits == 2 &&
	      e.portid == f.portid, "event: generation %u, %u edits of %u", e.generation,
	      e.edits, e.portid);
	check(!event_get(&listener, &e), "one event of one transaction");
	check(family_edit(&f, &bad, 1) == -EINVAL && !event_get(&listener, &e),
	      "no event of a refusal");
	check(!family_edit(&f, &zero, 1), "zero");
	check(event_get(&listener, &e) && e.generation == s.generation && !e.edits &&
	      e.portid == f.portid, "event: zeroed, %u edits", e.edits);
	check(family_rules(&f, FW_INPUT, true, NULL, 0) == 2 && !event_get(&listener, &e),
	      "no event of a dump that zeroes");
	must(!unshare(CLONE_NEWNET), "unshare");
	must(!family_open(&other), "family_open");
	check(!family_edit(&other, good, 2) && !event_get(&listener, &e),
	      "no event of another namespace");
	family_close(&other);
	family_close(&f);
	family_close(&listener);
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* memory in use, MB */
static double memory_used(void)
{
	unsigned long total = 0, avail = 0;
	char line[128];
	FILE *in = fopen("/proc/meminfo", "r");

	must(in, "/proc/meminfo");
	while (fgets(line, sizeof(line), in)) {
		sscanf(line, "MemTotal: %lu", &total);
		sscanf(line, "MemAvailable: %lu", &avail);
	}
	fclose(in);
	return (total - avail) / 1024.0;
}

static void bulk_check(void)
{
	const struct fw_edit flush = { .op = FW_OP_FLUSH, .list = FW_FORWARD };
	struct dumped d = nothing;
	char buf[MESSAGE_MAX];
	struct family f;
	struct answer a;
	double memory, start, full, loaded, dumped;

	begin(&f);
	memory = memory_used();
	start = seconds_now();
	check(!numbered_fill(&f, FW_FORWARD, BULK), "%d rules at once", BULK);
	loaded = seconds_now() - start;
	full = memory_used() - memory;
	start = seconds_now();
	family_ask(&f, dump_message(&f, buf, FW_FORWARD), dumped_take, &d, &a);
	dumped = seconds_now() - start;
	check(!a.error && d.rules[FW_FORWARD] == BULK && d.ordered && d.counted,
	      "all of them listed: %u", d.rules[FW_FORWARD]);
	check(!family_edit(&f, &flush, 1), "flush them");
	printf("%d rules: loaded in %.2f s, listed in %.2f s, %.1f MB in the kernel\n", BULK,
	       loaded, dumped, full);
	family_close(&f);
}

int main(void)
{
	empty_check();
	many_check();
	interruption_check();
	two_dumps_check();
	zero_check();
	events_check();
	users_check();
	bulk_check();
	return tally_end(&tally);
}
