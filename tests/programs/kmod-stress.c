// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-stress.c - everything at once, and the module comes and goes.
 *
 *	kmod-stress [SECONDS]
 *
 * Three namespaces in a row; datagrams go from either end to the other and within
 * the middle one.  Two sets of rules replace each other all the time.  Both
 * let one port pass and not another, one by what it accepts and one by what it
 * denies, so that a mixture of them would be wrong about one of the ports.
 * Meanwhile others list, zero and flush.  While all of that goes on the module is
 * unloaded and loaded again; what happens until rules are there is not looked at.
 *
 * Runs as root in a machine of its own, with ip(8), and leaves the module loaded.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/kmod/kmod.h"
#include "backend/ruleset.h"
#include "tests/lib/old_options.h"
#include "tests/lib/tally.h"
#include "tests/lib/namespace.h"

#define SPACES		3
#define PASSES		5000	/* the port that always passes */
#define DROPPED		5001	/* the one that never does */
#define NOISE		12	/* rules about other ports, of the first set */
#define SLICE_MS	4000	/* between loading and unloading */
#define ARRIVAL_MS	1500	/* less, so that what is lost is seen in time */

enum deed { SENT, EDITED, LISTED, ZEROED, FLUSHED, LOADED, DEEDS };
enum fault { LOST, PASSED, REFUSED, MIXED, STUCK, FAULTS };

static const char *const deed_name[DEEDS] = {
	"datagrams", "edits", "listings", "zeroings", "flushes", "loads",
};

static const char *const fault_name[FAULTS] = {
	"datagrams that should have passed were lost",
	"datagrams that should have been dropped passed",
	"requests were refused",
	"listings were of two sets of rules",
	"times the module did not unload",
};

/* seen by all processes */
static struct shared {
	atomic_uint watched;	/* number of the time with rules; 0: not now */
	atomic_bool over;
	atomic_ulong deeds[DEEDS], faults[FAULTS];
} *all;

static int spaces[SPACES];
static struct random chance;

static void need(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void did(enum deed deed)
{
	atomic_fetch_add(&all->deeds[deed], 1);
}

/* Counts a fault if rules were there all the time since `since' was taken. */
static void wrong(enum fault fault, unsigned int since)
{
	if (since && since == atomic_load(&all->watched))
		atomic_fetch_add(&all->faults[fault], 1);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void rule_append(struct fw_ruleset *rs, enum fw_list_id list, __u16 flags,
			__u16 port)
{
	struct fw_edit e = {
		.op = FW_OP_APPEND,
		.list = list,
		.rule = { .flags = FW_KIND_UDP | flags, .ndp = 1, .pts = { port },
			  .tosand = 0xff },
	};

	need(!fw_ruleset_edit(rs, &e), "make rules");
}

/* the first set denies what it does not know, the second accepts it */
static void set_make(struct fw_ruleset *rs, bool second)
{
	__u16 noise = second ? 2 * NOISE : NOISE;

	for (enum fw_list_id list = FW_FORWARD; list < FW_ACCT; list++) {
		rs->list[list].policy = second ? FW_POLICY_ACCEPT : FW_POLICY_DENY;
		for (__u16 i = 0; i < noise; i++)
			rule_append(rs, list, second ? FW_POLICY_DENY : FW_POLICY_ACCEPT,
				    (__u16)(10000 + i));
		rule_append(rs, list, second ? FW_POLICY_DENY : FW_POLICY_ACCEPT,
			    second ? DROPPED : PASSES);
	}
}

static __u32 set_rules(__u32 policy)
{
	return (policy == FW_POLICY_DENY ? NOISE : 2 * NOISE) + 1;
}

static int rules_replace(const struct fw_ruleset *rs)
{
	struct backend b = { .ops = &kmod_ops };
	struct fw_error e;
	int err = b.ops->open(&b, NULL, &e);

	if (err)
		return err;
	err = b.ops->replace(&b, rs, &e);
	b.ops->close(&b);
	return err;
}

/* task: replaces one set by the other */
static void edit(void)
{
	static struct fw_ruleset sets[2];
	unsigned int since = atomic_load(&all->watched);

	if (!sets[0].list[FW_INPUT].count) {
		set_make(&sets[0], false);
		set_make(&sets[1], true);
	}
	if (rules_replace(&sets[random_below(&chance, 2)]))
		wrong(REFUSED, since);
	else
		did(EDITED);
}

/* Is the text a header and as many lines as the policy's set has? */
static bool text_whole(const char *text)
{
	unsigned int policy = 0;
	__u32 lines = 0;

	if (sscanf(text, "IP firewall %*s rules, default %u", &policy) != 1)
		return false;
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	return lines == 1 + set_rules(policy);
}

static bool ruleset_whole(const struct fw_ruleset *rs)
{
	for (int list = 0; list < FW_ACCT; list++)
		if (rs->list[list].policy != rs->list[0].policy ||
		    rs->list[list].count != set_rules(rs->list[0].policy))
			return false;
	return true;
}

static void list_by_netlink(unsigned int since)
{
	struct backend b = { .ops = &kmod_ops };
	struct fw_ruleset rs;
	struct fw_error e;

	fw_ruleset_init(&rs);
	if (b.ops->open(&b, NULL, &e)) {
		wrong(REFUSED, since);
	} else {
		if (b.ops->load(&b, &rs, &e))
			wrong(REFUSED, since);
		else if (!ruleset_whole(&rs))
			wrong(MIXED, since);
		b.ops->close(&b);
	}
	fw_ruleset_free(&rs);
}

/* task: lists in both ways */
static void list(void)
{
	unsigned int since = atomic_load(&all->watched);
	char *text = old_proc_text(old_proc_path[random_below(&chance, FW_ACCT)]);

	if (!text)
		wrong(REFUSED, since);
	else if (!text_whole(text))
		wrong(MIXED, since);
	free(text);
	list_by_netlink(since);
	did(LISTED);
}

/* task: zeroes by reading and by asking */
static void zero(void)
{
	unsigned int since = atomic_load(&all->watched);
	enum fw_list_id list = (enum fw_list_id)random_below(&chance, FW_LISTS);
	int fd = open(old_proc_path[list], O_RDWR);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char text[4096];

	while (read(fd, text, 1 + random_below(&chance, sizeof(text) - 1)) > 0)
		;
	close(fd);
	if (fd < 0 || old_zero(s, list))
		wrong(REFUSED, since);
	else
		did(ZEROED);
	close(s);
}

/* task: flushes accounting, and makes some anew */
static void flush(void)
{
	unsigned int since = atomic_load(&all->watched);
	int s = socket(AF_INET, SOCK_DGRAM, 0), err = old_flush(s, FW_ACCT);
	struct fw_rule rule;

	for (__u32 n = random_below(&chance, 10); n && !err; n--) {
		old_random_rule(&chance, FW_ACCT, &rule, false);
		err = old_rule_option(s, FW_ACCT, n % 2 ? OLD_APPEND : OLD_INSERT, &rule,
				      &chance);
	}
	close(s);
	if (err)
		wrong(REFUSED, since);
	else
		did(FLUSHED);
}

/* where datagrams go */
struct flow {
	int from, to;
	const char *address;
};

static const struct flow flows[] = {
	{ 0, 2, "10.2.0.2" },
	{ 1, 1, "127.0.0.1" },
	{ 2, 0, "10.1.0.1" },
};

struct traffic {
	int sender, pass, drop;
	struct sockaddr_in to;
	unsigned int number, first, since;	/* first of the time `since' */
};

static int socket_at(int space, unsigned short port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s;

	need(!namespace_enter(spaces[space]), "enter a namespace");
	s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	need(s >= 0 && !bind(s, (struct sockaddr *)&at, sizeof(at)), "bind");
	return s;
}

/* EPERM: a rule of the output list */
static void datagram_send(struct traffic *t, unsigned short port)
{
	t->to.sin_port = htons(port);
	sendto(t->sender, &t->number, sizeof(t->number), 0, (struct sockaddr *)&t->to,
	       sizeof(t->to));
}

/* Does the datagram arrive in good time? */
static bool datagram_arrives(const struct traffic *t)
{
	struct pollfd wait = { .fd = t->pass, .events = POLLIN };
	unsigned int number = t->number - 1;

	while (number != t->number && poll(&wait, 1, ARRIVAL_MS) > 0)
		if (recv(t->pass, &number, sizeof(number), 0) < 0)
			return false;
	return number == t->number;
}

/* Has one arrived that was sent since rules are there? */
static bool datagram_passed(const struct traffic *t)
{
	unsigned int number;

	while (recv(t->drop, &number, sizeof(number), 0) > 0)
		if (number - t->first <= t->number - t->first)
			return true;
	return false;
}

static void datagrams_exchange(struct traffic *t)
{
	unsigned int since = atomic_load(&all->watched);

	t->number++;
	if (since != t->since) {
		t->since = since;
		t->first = t->number;
	}
	datagram_send(t, DROPPED);
	datagram_send(t, PASSES);
	if (!datagram_arrives(t))
		wrong(LOST, since);
	if (datagram_passed(t))
		wrong(PASSED, since);
	did(SENT);
}

static void flow_run(const struct flow *f)
{
	struct traffic t = { .to.sin_family = AF_INET };

	t.pass = socket_at(f->to, PASSES);
	t.drop = socket_at(f->to, DROPPED);
	t.sender = socket_at(f->from, 0);
	inet_pton(AF_INET, f->address, &t.to.sin_addr);
	while (!atomic_load(&all->over)) {
		datagrams_exchange(&t);
		pause_ms(1);
	}
}

static void task_run(void (*task)(void))
{
	while (!atomic_load(&all->over)) {
		int space = spaces[random_below(&chance, SPACES)];

		need(!namespace_enter(space), "enter a namespace");
		task();
		pause_ms(1);
	}
}

/* lines for ip(8) in a namespace; one process and descriptor may stand in them */
static void links_set(int space, const char *lines, int descriptor)
{
	char text[512];

	snprintf(text, sizeof(text), lines, (int)getpid(), descriptor);
	need(!namespace_enter(spaces[space]), "enter a namespace");
	need(!namespace_run("/sbin/ip -batch -", text), "set up links");
}

/* 10.1.0.1 - 10.1.0.2, 10.2.0.1 - 10.2.0.2 */
static void namespaces_make(void)
{
	for (int i = 0; i < SPACES; i++) {
		spaces[i] = namespace_new();
		need(spaces[i] >= 0, "make a namespace");
		links_set(i, "link set lo up\n", 0);
	}
	links_set(1, "link add west type veth peer name east netns /proc/%d/fd/%d\n"
		     "addr add 10.1.0.2/24 dev west\nlink set west up\n", spaces[0]);
	links_set(1, "link add east type veth peer name west netns /proc/%d/fd/%d\n"
		     "addr add 10.2.0.1/24 dev east\nlink set east up\n", spaces[2]);
	need(!namespace_sysctl("ipv4/ip_forward", "1"), "let the middle forward");
	links_set(0, "addr add 10.1.0.1/24 dev east\nlink set east up\n"
		     "route add default via 10.1.0.2\n", 0);
	links_set(2, "addr add 10.2.0.2/24 dev west\nlink set west up\n"
		     "route add default via 10.2.0.1\n", 0);
}

static void module_unload(void)
{
	for (int i = 0; syscall(SYS_delete_module, "ipfwadm", O_NONBLOCK); i++) {
		if (i == 1000) {
			atomic_fetch_add(&all->faults[STUCK], 1);
			return;
		}
		pause_ms(10);
	}
}

static void module_load(void)
{
	struct fw_ruleset rs;

	need(!system("modprobe ipfwadm"), "load the module");
	fw_ruleset_init(&rs);
	set_make(&rs, false);
	for (int i = 0; i < SPACES; i++) {
		need(!namespace_enter(spaces[i]), "enter a namespace");
		errno = -rules_replace(&rs);
		need(!errno, "load the first rules");
	}
	fw_ruleset_free(&rs);
	did(LOADED);
}

static void child_start(void (*task)(void), const struct flow *f)
{
	pid_t child;

	random_word(&chance);
	fflush(NULL);
	child = fork();
	need(child >= 0, "fork");
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (f)
		flow_run(f);
	else
		task_run(task);
	_exit(0);
}

static int report(struct tally *tally)
{
	for (int i = 0; i < FAULTS; i++) {
		if (all->faults[i])
			tally_fail(tally, "%lu %s", all->faults[i], fault_name[i]);
		else
			tally_pass(tally);
	}
	for (int i = 0; i < DEEDS; i++) {
		printf("%lu %s\n", all->deeds[i], deed_name[i]);
		if (all->deeds[i] < 2)
			tally_fail(tally, "only %lu %s", all->deeds[i], deed_name[i]);
		else
			tally_pass(tally);
	}
	return tally_end(tally);
}

int main(int argc, char **argv)
{
	static void (*const tasks[])(void) = { edit, list, zero, flush };
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 20);
	struct tally tally = { 0 };
	int status;

	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		   -1, 0);
	need(all != MAP_FAILED, "share memory");
	random_seed(&chance, 1996);
	namespaces_make();
	for (unsigned int i = 0; i < FW_COUNT(flows); i++)
		child_start(NULL, &flows[i]);
	for (unsigned int i = 0; i < FW_COUNT(tasks); i++)
		child_start(tasks[i], NULL);
	for (unsigned int round = 1; time(NULL) < end || round < 4; round++) {
		module_unload();
		module_load();
		atomic_store(&all->watched, round);
		pause_ms(SLICE_MS);
		atomic_store(&all->watched, 0);
	}
	atomic_store(&all->over, true);
	while (wait(&status) > 0)
		if (status)
			tally_fail(&tally, "a task ended with status %#x", status);
	return report(&tally);
}
