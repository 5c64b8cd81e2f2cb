// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-sockopt.c - the socket options of 2.0, as a program of its time uses them.
 *
 *	kmod-sockopt [SEED]
 *	kmod-sockopt --on|--off		only: are the options there?
 *	kmod-sockopt --library N	one of N checks of a kind: each is a process
 *	kmod-sockopt --simulator N	and only of rules that the language can say
 *
 * Runs where the module is loaded and ip_tables is not, or with the preload library, as
 * root, in namespaces of its own.  Compiled for i386 it is a 32-bit program.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/old_options.h"
#include "tests/lib/tally.h"

#define LO	0x7f000001u
#define EDITS	4000

static struct tally tally;
static struct random chance;
static int inet;	/* a socket */
static unsigned int one_of = 1;	/* how many checks of a kind are one that is done */
static bool simulated;	/* the file of the simulator holds what the language can say */

static bool skipped(void)
{
	return one_of > 1 && !random_one_in(&chance, one_of);
}

static void expect(const char *what, long n, int got, int wanted)
{
	if (got == wanted)
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s %ld: %d (%s), not %d", what, n, got,
			   strerror(-got), wanted);
}

static int option(int number, const void *arg, size_t len)
{
	return old_option(inet, number, arg, len);
}

static int rule_option(enum fw_list_id list, enum old_command command,
		       const struct fw_rule *rule)
{
	return old_rule_option(inet, list, command, rule, &chance);
}

static int policy_set(enum fw_list_id list, int policy)
{
	return old_policy(inet, list, policy);
}

static int flush(enum fw_list_id list)
{
	return old_flush(inet, list);
}

static int zero(enum fw_list_id list)
{
	return old_zero(inet, list);
}

static void expect_text(const char *what, enum fw_list_id list, const char *wanted)
{
	char *text = old_proc_text(old_proc_path[list]);

	if (text && !strcmp(text, wanted))
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s: %s is\n%snot\n%s", what, old_proc_path[list],
			   text ? text : "unreadable\n", wanted);
	free(text);
}

static const struct {
	int first, last;
} numbers[FW_LISTS] = { { 64, 71 }, { 320, 326 }, { 576, 582 }, { 832, 836 } };

/* calls a function with every number that 2.0 had */
static void numbers_each(void (*with)(int number))
{
	for (int i = 0; i < FW_LISTS; i++)
		for (int number = numbers[i].first; number <= numbers[i].last; number++)
			with(number);
}

/* Neighbours that others may have today are left alone. */
static void unknown_numbers(void)
{
	static const int unknown[] = {
		72, 73, 319, 327, 328, 575, 583, 831, 837, 838, 839
	};
	int value = 0;

	for (unsigned int i = 0; i < FW_COUNT(unknown); i++)
		expect("unknown number", unknown[i], option(unknown[i], &value, 4),
		       -ENOPROTOOPT);
}

/* there was setsockopt(2) only */
static void not_readable(int number)
{
	int value = 0;
	socklen_t len = sizeof(value);
	int err = getsockopt(inet, IPPROTO_IP, number, &value, &len) ? -errno : 0;

	expect("getsockopt", number, err, -ENOPROTOOPT);
}

static void errors_of(int number)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = pages + 4096;	/* nothing can be read from here on */
	size_t size = sizeof(struct old_rule);

	if (pages == MAP_FAILED || mprotect(end, 4096, PROT_NONE))
		abort();
	old_admin(false);
	expect("unreadable before forbidden", number, option(number, end, 1), -EFAULT);
	expect("forbidden before too short", number, option(number, pages, 0), -EPERM);
	expect("forbidden before too long", number,
	       option(number, pages, size + 1), -EPERM);
	expect("forbidden, nothing given", number, option(number, NULL, 0), -EPERM);
	expect("forbidden before cut off", number, option(number, end - 4, 8), -EPERM);
	old_admin(true);
	expect("unreadable before too short", number, option(number, end, 0), -EFAULT);
	for (int i = 1; i < 4; i++)
		expect("an int cut off", number, option(number, end - i, 1), -EFAULT);
	expect("too short", number, option(number, pages, 0), -EINVAL);
	expect("too short, nothing given", number, option(number, NULL, 0), -EINVAL);
	expect("too long", number, option(number, pages, size + 1), -EINVAL);
	expect("far too long", number, option(number, pages, 0x7fffffff), -EINVAL);
	expect("negative", number, option(number, pages, (size_t)-1), -EINVAL);
	expect("nothing given", number, option(number, NULL, 1), -EFAULT);
	expect("cut off", number, option(number, end - 4, 5), -EFAULT);
	expect("cut off", number, option(number, end - size + 1, size), -EFAULT);
	munmap(pages, 8192);
}

/* a rule that 2.0 took */
static const struct fw_rule plain = {
	.src = 0x0a000000,
	.smsk = 0xff000000,
	.flags = FW_KIND_TCP | FW_ACCEPT,
	.nsp = 1,
	.ndp = 2,
	.pts = { 1, 2, 3 },
	.tosand = 0xff,
};

static void lengths_of(int number)
{
	enum fw_list_id list = (enum fw_list_id)((number - 64) / 256);
	size_t size = sizeof(struct old_rule);
	struct old_rule rule;
	int dummy = 0;

	old_rule_write(&rule, &plain, &chance);
	switch ((number - 64) % 256) {
	case OLD_INSERT:
	case OLD_APPEND:
	case OLD_DELETE:
		for (size_t len = 1; len < size; len++)
			if (!skipped())
				expect("short rule", number,
				       option(number, &rule, len), -EINVAL);
		break;
	case OLD_CHECK:
		for (size_t len = 1; len <= size; len++)
			if (!skipped())
				expect("length of packet", number,
				       option(number, &rule, len), -EINVAL);
		break;
	case OLD_TIMEOUTS:
		for (size_t len = 1; len <= size; len++)
			expect("timeouts", (long)len,
			       option(number, &(struct old_timeouts[10]){}, len),
			       len == sizeof(struct old_timeouts) ? 0 : -EINVAL);
		break;
	case OLD_FLUSH:
	case OLD_ZERO:
		for (size_t len = 1; len <= size; len++)
			if (!skipped())
				expect("dummy", number, option(number, &rule, len), 0);
		break;
	case OLD_POLICY:
		expect("policy", number, policy_set(list, FW_ACCEPT), 0);
		expect("policy of one byte", number, option(number, &dummy, 1), 0);
		expect("policy", number, policy_set(list, FW_ACCEPT), 0);
		break;
	}
}

/* all three commands refuse the rule, or append, insert, and delete it twice */
static void rule_is(const char *what, const struct old_rule *rule, int wanted)
{
	static const enum old_command order[] = {
		OLD_APPEND, OLD_INSERT, OLD_DELETE, OLD_DELETE,
	};

	for (int list = 0; list < FW_LISTS; list++) {
		for (unsigned int i = 0; i < FW_COUNT(order); i++) {
			int number = OLD_NUMBER(list, order[i]);

			expect(what, number, option(number, rule, sizeof(*rule)), wanted);
		}
		expect("deleted", list,
		       option(OLD_NUMBER(list, OLD_DELETE), rule, sizeof(*rule)),
		       -EINVAL);
	}
}

static void counts_are(unsigned int nsp, unsigned int ndp, unsigned int flags)
{
	struct old_rule rule;
	bool valid = nsp + ndp + !!(flags & FW_REDIR) <= 10;

	if ((flags & FW_SRNG && nsp < 2) || (flags & FW_DRNG && ndp < 2))
		valid = false;
	if (skipped() || (simulated && valid))	/* it has no words for unused slots */
		return;
	old_rule_write(&rule, &plain, &chance);
	rule.flg = (unsigned short)(FW_KIND_TCP | FW_ACCEPT | flags);
	rule.nsp = (unsigned short)nsp;
	rule.ndp = (unsigned short)ndp;
	rule_is("port counts", &rule, valid ? 0 : -EINVAL);
}

static void rules_are_checked(void)
{
	static const unsigned int counts[] = { 0,  1,   2,   5,     9,    10,
					       11, 255, 256, 65526, 65535 };
	struct old_rule rule;

	for (unsigned int i = 0; i < FW_COUNT(counts); i++)
		for (unsigned int j = 0; j < FW_COUNT(counts); j++)
			for (unsigned int bits = 0; bits < 8; bits++)
				counts_are(counts[i], counts[j],
					   (bits & 1 ? FW_SRNG : 0) |
						   (bits & 2 ? FW_DRNG : 0) |
						   (bits & 4 ? FW_REDIR : 0));
	if (simulated)
		return;
	for (unsigned int flag = 1; flag <= 0x8000; flag <<= 1) {
		old_rule_write(&rule, &plain, &chance);
		rule.flg = (unsigned short)flag;
		rule.nsp = rule.ndp = 2;
		rule_is("flag", &rule, flag > FW_FLAGS ? -EINVAL : 0);
	}
	old_rule_write(&rule, &plain, &chance);
	rule.flg |= FW_SRNG;
	rule.nsp = 2;
	rule.pts[0] = 2;
	rule.pts[1] = 1;
	rule.src.s_addr = htonl(0x0a000001);
	rule_is("an empty range and bits outside the mask", &rule, 0);
	rule.flg = FW_KIND_ICMP | FW_ACCEPT | FW_ICMPRPL | FW_ACCTIN | FW_ACCTOUT;
	rule_is("flags that make no sense", &rule, 0);
}

/* the line that the description of 2.0 shows */
static void example_is_listed(void)
{
	struct fw_rule rule = {
		.src = 0x0a000000,
		.smsk = 0xff000000,
		.dst = 0xc0a80101,
		.dmsk = 0xffffffff,
		.via = 0xc0a80101,
		.flags = 0x86d,
		.nsp = 2,
		.ndp = 2,
		.pts = { 1024, 65535, 80, 443, 3128 },
		.tosand = 0x00,
		.tosxor = 0x11,
		.vianame = "eth0",
	};

	expect("append", 321, rule_option(FW_INPUT, OLD_APPEND, &rule), 0);
	expect_text(
		"example", FW_INPUT,
		"IP firewall input rules, default 4\n"
		"0A000000/FF000000->C0A80101/FFFFFFFF eth0 C0A80101 86D 2 2 0          "
		"0          1024 65535 80 443 3128 0 0 0 0 0 A01 X10\n");
	expect("flush", 323, flush(FW_INPUT), 0);
}

static void policies_are_listed(void)
{
	static const int policies[] = { 4, 0, 0x100, 4, 0x204, -1, 0x7fffffff, 4 };
	static const char *const title[] = { "forward", "input", "output" };
	const unsigned int n = simulated ? 4 : FW_COUNT(policies);

	for (int list = 0; list < FW_ACCT; list++) {
		for (unsigned int i = 0; i < n; i++) {
			char text[80];

			snprintf(text, sizeof(text), "IP firewall %s rules, default %d\n",
				 title[list], policies[i]);
			expect("policy", list, policy_set(list, policies[i]), 0);
			expect("flush keeps the policy", list, flush(list), 0);
			expect_text("policy", list, text);
		}
	}
	expect_text("accounting", FW_ACCT, "IP accounting rules\n");
}

/* a change that lets deletions hit, and some of them miss */
static void rule_vary(struct fw_rule *rule)
{
	switch (simulated ? 3 : random_below(&chance, 6)) {
	case 0:
		rule->tosand ^= 0x1e;	/* deletions do not look at it */
		break;
	case 1:
		rule->pts[FW_MAX_PORTS - 1] ^= 1;
		break;
	case 2:
		rule->vianame[0] ^= 1;
		break;
	case 3:
		rule->flags ^= FW_PRN;
		break;
	}
}

static void edits_do_what_2_0_did(void)
{
	static struct old_model model;
	static struct fw_rule recent[16];

	old_model_init(&model);
	for (unsigned int i = 0; i < EDITS / one_of; i++) {
		enum fw_list_id list = (enum fw_list_id)random_below(&chance, FW_LISTS);
		enum old_command command = (enum old_command)random_below(&chance, 3);
		struct fw_rule *rule = &recent[random_below(&chance, FW_COUNT(recent))];
		int wanted;

		if (simulated)	/* the language has words for few rules of other lists */
			rule = &recent[4 * list + random_below(&chance, 4)];
		if (random_one_in(&chance, 3))
			old_random_rule(&chance, list, rule, simulated);
		else
			rule_vary(rule);
		if (random_one_in(&chance, 200))
			command = OLD_FLUSH;
		wanted = old_model_edit(&model, list, command, rule);
		expect("edit", i, rule_option(list, command, rule), wanted);
		if (random_one_in(&chance, 10)) {
			char *text = old_model_text(&model, list);

			expect_text("after edits", list, text);
			free(text);
		}
	}
	for (int list = 0; list < FW_LISTS; list++)
		expect("flush", list, flush(list), 0);
}

static struct old_packet packet_to(unsigned char protocol, unsigned int sport,
				   unsigned int dport)
{
	struct old_packet p = {
		.ip = { 0x45, 0, 0,  40, 0, 1, 0,  0, 64, protocol,
			0,    0, 10, 0,  0, 1, 10, 0, 0,  2 },
		.transport = { (unsigned char)(sport >> 8), (unsigned char)sport,
			       (unsigned char)(dport >> 8), (unsigned char)dport },
		.via.s_addr = htonl(LO),
		.vianame = "lo",
	};

	return p;
}

static void check_is(const char *what, const struct old_packet *p, int wanted)
{
	for (int list = 0; list < FW_ACCT; list++)
		expect(what, list,
		       option(OLD_NUMBER(list, OLD_CHECK), p, sizeof(*p)), wanted);
}

static void impossible_checks(void)
{
	struct old_packet p = packet_to(6, 1, 2);

	check_is("a packet", &p, 0);
	p.ip[0] = 0x46;
	check_is("with IP options", &p, -EINVAL);
	p = packet_to(6, 1, 2);
	p.via.s_addr = htonl(LO + 1);
	check_is("another address", &p, -EINVAL);
	p.via.s_addr = 0;
	check_is("no address", &p, -EINVAL);
	p = packet_to(6, 1, 2);
	strcpy(p.vianame, "lo0");
	check_is("no such device", &p, -EINVAL);
	p.vianame[0] = '\0';
	check_is("no device", &p, -EINVAL);
	memset(p.vianame, 'l', sizeof(p.vianame));
	check_is("a name without end", &p, -EINVAL);
	memset(p.vianame, 'x', sizeof(p.vianame));
	strcpy(p.vianame, "lo");
	check_is("garbage behind the name", &p, 0);
}

static void policies_decide(void)
{
	static const struct {
		int policy, wanted;
	} cases[] = {
		{ 0, -ETIMEDOUT }, { 0x100, -ECONNREFUSED }, { 0x204, -ECONNRESET },
		{ 0x104, 0 }, { 0x200, -ETIMEDOUT }, { 4, 0 },
	};
	const unsigned int n = simulated ? 2 : FW_COUNT(cases);
	struct old_packet p = packet_to(17, 1, 2);

	for (unsigned int i = 0; i < n; i++) {
		for (int list = 0; list < FW_ACCT; list++)
			expect("policy", list, policy_set(list, cases[i].policy), 0);
		check_is("policy", &p, cases[i].wanted);
	}
}

static void rules_decide(void)
{
	static const struct fw_rule rules[] = {
		{ .flags = FW_KIND_TCP | FW_ACCEPT, .ndp = 1, .pts = { 80 } },
		{ .flags = FW_KIND_TCP | FW_ACCEPT | FW_REDIR,
		  .ndp = 1,
		  .pts = { 81, 3128 } },
		{ .flags = FW_KIND_TCP | FW_ACCEPT | FW_TCPSYN, .ndp = 1, .pts = { 25 } },
		{ .flags = FW_KIND_UDP | FW_ACCEPT | FW_MASQ | FW_SRNG,
		  .nsp = 2,
		  .ndp = 1,
		  .pts = { 1024, 65535, 2049 } },
		{ .flags = FW_KIND_ICMP, .nsp = 1, .pts = { 8 } },
		{ .flags = FW_KIND_ICMP | FW_ACCEPT, .vianame = "lo", .via = LO },
		{ .flags = FW_KIND_ALL | FW_ICMPRPL },
	};
	struct old_packet p;

	for (int list = 0; list < FW_ACCT; list++)
		for (unsigned int i = 0; i < FW_COUNT(rules); i++)
			expect("append", list,
			       rule_option(list, OLD_APPEND, &rules[i]), 0);
	p = packet_to(6, 1024, 80);
	check_is("accepted", &p, 0);
	p.ip[3] = 39;
	check_is("long enough", &p, 0);
	p.ip[3] = 35;
	check_is("too short a packet", &p, -ETIMEDOUT);
	p = packet_to(6, 1024, 81);
	check_is("redirected", &p, -ECONNABORTED);
	p.ip[7] = 2;
	check_is("a later fragment", &p, 0);
	p.ip[7] = 1;
	check_is("a fragment that hides a header", &p, -ETIMEDOUT);
	p = packet_to(6, 1024, 25);
	check_is("no SYN", &p, -ECONNREFUSED);
	p.transport[13] = 0x02;
	check_is("SYN", &p, 0);
	p.transport[13] = 0x12;
	check_is("SYN and ACK", &p, -ECONNREFUSED);
	p = packet_to(17, 1024, 2049);
	check_is("masqueraded", &p, -ECONNRESET);
	p = packet_to(17, 1023, 2049);
	check_is("rejected", &p, -ECONNREFUSED);
	p = packet_to(1, 8 << 8, 0);
	check_is("denied", &p, -ETIMEDOUT);
	p = packet_to(1, 0, 0);
	check_is("by its interface", &p, 0);
	p = packet_to(47, 0, 80);
	check_is("another protocol", &p, -ECONNREFUSED);
}

static void lo_set(bool up)
{
	expect("lo up or down", up, old_lo_set(inet, up), 0);
}

/* The rules before have one for lo, which accepts. */
static void rules_are_bound(void)
{
	static const struct fw_rule rule = {
		.flags = FW_KIND_ICMP | FW_MASQ | FW_ACCEPT, .nsp = 1, .pts = { 0 },
		.vianame = "lo",
	};
	const struct old_packet p = packet_to(1, 0, 0);

	lo_set(false);
	check_is("lo is down", &p, -ECONNREFUSED);
	for (int list = 0; list < FW_ACCT; list++)
		expect("insert", list, rule_option(list, OLD_INSERT, &rule), 0);
	check_is("loaded while lo is down", &p, -ECONNRESET);
	for (int list = 0; list < FW_ACCT; list++)
		expect("delete", list, rule_option(list, OLD_DELETE, &rule), 0);
	check_is("lo is down still", &p, -ECONNREFUSED);
	lo_set(true);
	check_is("lo is up again", &p, 0);
}

/* What is checked is not counted. */
static void nothing_was_counted(void)
{
	for (int list = 0; list < FW_ACCT; list++) {
		char *text = old_proc_text(old_proc_path[list]);
		int lines = 0;

		for (char *at = text; at && (at = strchr(at, '\n')); at++)
			lines++;
		expect("lines", list, lines, 1 + 7);
		for (char *at = text; at && (at = strstr(at, " 0          0          ")); at++)
			lines--;
		expect("lines that counted", list, lines, 1);
		free(text);
		expect("flush", list, flush(list), 0);
	}
}

static void acct_text(char *text, const unsigned int flags[2],
		      const unsigned long packets[2])
{
	int len = sprintf(text, "IP accounting rules\n");

	for (int i = 0; i < 2; i++)
		len += sprintf(
			text + len,
			"00000000/00000000->00000000/00000000 - 00000000 %X 0 1 %-10lu "
			"%-10lu 7777 0 0 0 0 0 0 0 0 0 AFF X00\n",
			flags[i], packets[i], 100 * packets[i]);
}

/* Counters last until they are zeroed, whatever becomes of other rules. */
static void counters_are_zeroed(void)
{
	static const unsigned int flags[2] = { FW_KIND_UDP | FW_ACCTIN, FW_KIND_UDP };
	struct fw_rule rule = { .ndp = 1, .pts = { 7777 }, .tosand = 0xff };
	char text[1024];

	for (int i = 0; i < 2; i++) {
		rule.flags = (unsigned short)flags[i];
		expect("append", i, rule_option(FW_ACCT, OLD_APPEND, &rule), 0);
	}
	old_datagrams_send(5, 72);	/* 100 with their headers */
	expect("insert", 832, rule_option(FW_ACCT, OLD_INSERT, &plain), 0);
	expect("delete", 834, rule_option(FW_ACCT, OLD_DELETE, &plain), 0);
	expect("zero another list", 324, zero(FW_INPUT), 0);
	acct_text(text, flags, (const unsigned long[2]){ 5, 10 });
	expect_text("counted", FW_ACCT, text);
	expect("zero", 836, zero(FW_ACCT), 0);
	acct_text(text, flags, (const unsigned long[2]){ 0, 0 });
	expect_text("zeroed", FW_ACCT, text);
	old_datagrams_send(2, 72);
	acct_text(text, flags, (const unsigned long[2]){ 2, 4 });
	expect_text("counted again", FW_ACCT, text);
	expect("flush", 835, flush(FW_ACCT), 0);
}

/* every kind of inet socket will do */
static void sockets_are_alike(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW };

	for (unsigned int i = 0; i < FW_COUNT(types); i++) {
		int s = socket(AF_INET, types[i],
			       types[i] == SOCK_RAW ? IPPROTO_ICMP : 0);

		expect("flush", types[i], old_flush(s, FW_INPUT), 0);
		close(s);
	}
}

/*
 * In a child: its user namespace owns no network but the one that it makes.
 * Returns how many things were wrong.
 */
static int strangers_namespace(void)
{
	struct fw_rule rule = plain;
	int wrong = 0, s;

	if (unshare(CLONE_NEWUSER))
		return 77;
	wrong += flush(FW_INPUT) != -EPERM;
	if (unshare(CLONE_NEWNET))
		return 77;
	wrong += flush(FW_INPUT) != -EPERM;
	if (one_of > 1)		/* the library's process has what its user has, no more */
		return wrong;
	s = socket(AF_INET, SOCK_DGRAM, 0);
	wrong += old_rule_option(s, FW_INPUT, OLD_APPEND, &rule, &chance) != 0;
	wrong += old_policy(s, FW_INPUT, 0) != 0;
	wrong += old_rule_option(s, FW_INPUT, OLD_DELETE, &rule, &chance) != 0;
	wrong += old_flush(s, FW_INPUT) != 0;
	return wrong;
}

static void namespaces_are_apart(void)
{
	int status;
	pid_t child;

	expect("append", 321, rule_option(FW_INPUT, OLD_APPEND, &plain), 0);
	fflush(NULL);
	child = fork();
	if (!child)
		_exit(strangers_namespace());
	if (waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 77)
		tally_skip(&tally);
	else
		expect("another's namespace", 0, status, 0);
	expect_text("untouched", FW_INPUT,
		    "IP firewall input rules, default 4\n"
		    "0A000000/FF000000->00000000/00000000 - 00000000 5 1 2 0          0  "
		    "        "
		    "1 2 3 0 0 0 0 0 0 0 AFF X00\n");
	expect("flush", 323, flush(FW_INPUT), 0);
}

static void served(int number)
{
	expect("served", number, option(number, NULL, 0), -EINVAL);
}

/* 64 and 65 are ip_tables' when it is there. */
static void unserved(int number)
{
	if (number > 65)
		expect("not served", number, option(number, NULL, 0), -ENOPROTOOPT);
}

static void everything(void)
{
	unknown_numbers();
	if (one_of == 1)	/* else ip_tables may answer */
		numbers_each(not_readable);
	numbers_each(errors_of);
	numbers_each(lengths_of);
	rules_are_checked();
	example_is_listed();
	policies_are_listed();
	edits_do_what_2_0_did();
	impossible_checks();
	policies_decide();
	if (simulated)		/* it has no packets, and all namespaces see its file */
		return;
	rules_decide();
	if (one_of == 1)	/* other backends ask no rule of an interface that is down */
		rules_are_bound();
	nothing_was_counted();
	counters_are_zeroed();
	sockets_are_alike();
	namespaces_are_apart();
}

static void library_served(bool with_simulator, const char *n)
{
	simulated = with_simulator;
	one_of = (unsigned int)strtoul(n, NULL, 0);
	random_seed(&chance, (unsigned long long)getpid());
	everything();
}

int main(int argc, char **argv)
{
	const char *arg = argc > 1 ? argv[1] : "1996";
	int err = old_namespace();

	inet = socket(AF_INET, SOCK_DGRAM, 0);
	if (err || inet < 0) {
		fprintf(stderr, "cannot make a network namespace: %s\n", strerror(-err));
		return 1;
	}
	random_seed(&chance, strtoull(arg, NULL, 0));
	if (!strcmp(arg, "--on"))
		numbers_each(served);
	else if (!strcmp(arg, "--off"))
		numbers_each(unserved);
	else if (argc > 2)
		library_served(!strcmp(arg, "--simulator"), argv[2]);
	else
		everything();
	return tally_end(&tally);
}
