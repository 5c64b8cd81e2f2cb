// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parser-resolve.c - what lines mean: names, addresses, ports, defaults, checks,
 * and the traps of 2.3.0.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parser/nameservice.h"
#include "parser/number.h"
#include "parser/print.h"
#include "tests/lib/edits.h"
#include "tests/lib/fake_names.h"

#define WORDS 40

static struct diags diags;	/* of the last line */

/* the words of a line are those between blanks */
static int line_parse(struct program *p, struct source *source, const char *line)
{
	char *text = strdup(line), *word, *rest = text, *argv[WORDS];
	int argc = 1, err;

	diags_free(&diags);
	argv[0] = "ipfwadm";
	while ((word = strsep(&rest, " ")))
		argv[argc++] = word;
	argv[argc] = NULL;
	err = program_parse_argv(p, argc, argv, source, &diags);
	free(text);
	return err;
}

/* the edits of a command line, one a line */
static void means(const char *line, const char *expected)
{
	struct source source;
	struct program p;
	char *text;
	size_t len;

	assert_int_equal(line_parse(&p, &source, line), 0);
	assert_int_equal(p.ncommands, 1);
	text = program_text(&p, &len);
	assert_string_equal(text, expected);
	free(text);
	program_free(&p);
	source_free(&source);
}

static void refused(const char *line, const char *expected)
{
	struct source source;
	struct program p;

	assert_int_equal(line_parse(&p, &source, line), -EINVAL);
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.item[0].text, expected);
	assert_int_equal(diags.item[0].status, 2);
	assert_true(diags.item[0].trailer);
	assert_null(p.command);
	source_free(&source);
}

static void numbers(void **state)
{
	__u32 a;

	(void)state;
	assert_int_equal(number_parse("10", 10), 10);
	assert_int_equal(number_parse(" \t+0010", 10), 10);
	assert_int_equal(number_parse("-0", 10), 0);
	assert_int_equal(number_parse("11", 10), -1);
	assert_int_equal(number_parse("-1", 10), -1);
	assert_int_equal(number_parse("", 10), -1);
	assert_int_equal(number_parse("+", 10), -1);
	assert_int_equal(number_parse("1 ", 10), -1);
	assert_int_equal(number_parse("0x1", 10), -1);
	assert_int_equal(number_parse("99999999999999999999999", 2147483647), -1);
	assert_int_equal(number_parse("18446744073709551617", 10), -1);
	assert_int_equal(hexbyte_parse("0xfF"), 0xff);
	assert_int_equal(hexbyte_parse("100"), -1);
	assert_int_equal(hexbyte_parse("-1"), -1);
	assert_true(dotted_parse("010.0.00.+1", &a));
	assert_int_equal(a, 0x0a000001);
	assert_false(dotted_parse("10.0.1", &a));
	assert_false(dotted_parse("10.0.0.0.1", &a));
	assert_false(dotted_parse("10.0.0.256", &a));
	assert_false(dotted_parse("000010.0000.0000.0001", &a));
	assert_true(mask_parse("32", &a) && a == 0xffffffff);
	assert_true(mask_parse("0", &a) && a == 0);
	assert_true(mask_parse("+08", &a) && a == 0xff000000);
	assert_true(mask_parse("255.0.255.0", &a) && a == 0xff00ff00);
	assert_false(mask_parse("33", &a));
	assert_false(mask_parse("255.255.255", &a));
}

static void defaults(void **state)
{
	(void)state;
	means("-I -a accept", "-I -a accept\n");
	means("-O -d r", "-O -d reject\n");
	means("-I -i d -P a", "-I -i deny\n");
	means("-F -a m", "-F -a masquerade\n");
	means("-F -m -a a", "-F -a masquerade\n");
	means("-F -p accept -m", "-F -p masquerade\n");
	means("-F -p m", "-F -p masquerade\n");
	means("-A -a", "-A -a\n");
	means("-A i -d -o", "-A in -d -o\n");
	means("-I -f", "-I -f\n");
	means("-A both -z", "-A -z\n");
	means("-M -s 0 10 2147483647", "-M -s 0 10 2147483647\n");
	means("-I -a accept -r -P tcp", "-I -a accept -P tcp -r 0\n");
	means("-I -a deny -t fe 0x1", "-I -a deny -t 0xFE 0x01\n");
	means("-I -a deny -W abcdefghijklmnopqrstuvw",
	      "-I -a deny -W abcdefghijklmnop\n");
}

static void addresses(void **state)
{
	(void)state;
	means("-I -a a -S 10.1.2.3/8", "-I -a accept -S 10.0.0.0/8 -D 0.0.0.0/0\n");
	means("-I -a a -S 0.0.0.0", "-I -a accept -S 0.0.0.0/32 -D 0.0.0.0/0\n");
	means("-I -a a -S 10/8", "-I -a accept -S 0.0.0.0/8 -D 0.0.0.0/0\n");
	means("-I -a a -D 127.1", "-I -a accept -S 0.0.0.0/0 -D 127.0.0.1/32\n");
	means("-I -a a -S nonsense/0", "-I -a accept\n");
	means("-I -a a -S x/y/0.0.0.0", "-I -a accept\n");
	means("-I -a a -S net/8", "-I -a accept -S 127.0.0.0/8 -D 0.0.0.0/0\n");
	means("-I -a a -S 10.9.9.9/255.0.255.0",
	      "-I -a accept -S 10.0.9.0/255.0.255.0 -D 0.0.0.0/0\n");
	means("-I -a a -V host", "-I -a accept -V 10.1.1.1\n");
	refused("-I -a a -V many", "hostname \"many\" does not specify a unique address");
	refused("-I -a a -V net", "host \"net\" not found");
	refused("-I -a a -S any", "host/network \"any\" not found");
}

/* 10.1.1.1, 10.1.1.145 and 10.1.2.33 */
static void several_addresses(void **state)
{
	(void)state;
	means("-I -i a -S many -D host",
	      "-I -i accept -S 10.1.1.1/32 -D 10.1.1.1/32\n"
	      "-I -i accept -S 10.1.1.145/32 -D 10.1.1.1/32\n"
	      "-I -i accept -S 10.1.2.33/32 -D 10.1.1.1/32\n");
	means("-I -a a -S many/25 -D many/8",
	      "-I -a accept -S 10.1.1.0/25 -D 10.0.0.0/8\n"
	      "-I -a accept -S 10.1.1.128/25 -D 10.0.0.0/8\n"
	      "-I -a accept -S 10.1.2.0/25 -D 10.0.0.0/8\n");
	/* what comes after a double is lost */
	means("-I -a a -S many/24", "-I -a accept -S 10.1.1.0/24 -D 0.0.0.0/0\n");
}

static void ports(void **state)
{
	(void)state;
	means("-I -a a -P tcp -D any/0 25 1024:65535 80",
	      "-I -a accept -P tcp -S 0.0.0.0/0 -D 0.0.0.0/0 1024:65535 25 80\n");
	means("-I -a a -P udp -S any/0 sA:sB 1 -D any/0 1:2 3",
	      "-I -a accept -P udp -S 0.0.0.0/0 65:66 1 -D 0.0.0.0/0 1:2 3\n");
	means("-I -a a -P icmp -S any/0 8 65535",
	      "-I -a accept -P icmp -S 0.0.0.0/0 8 65535 -D 0.0.0.0/0\n");
	means("-I -a a -P tcp -S any/0 1 2 3 4 5 -D any/0 6 7 8 9 -r 10",
	      "-I -a accept -P tcp -S 0.0.0.0/0 1 2 3 4 5 -D 0.0.0.0/0 6 7 8 9 -r 10\n");
	refused("-I -a a -P tcp -S any/0 1:2:3",
		"invalid port/service \"2:3\" specified");
	refused("-I -a a -P tcp -S any/0 2:1", "invalid range of ports (2 > 1)");
	refused("-I -a a -P tcp -S any/0 1 2 3 4 5 6 7 8 9 10 -r 11",
		"too many ports specified (maximum 9 when using -r option)");
	refused("-I -a a -P all -r sA", "invalid port/service \"sA\" specified");
}

/* the first of several mistakes, in the order of 2.3.0 */
static void order(void **state)
{
	(void)state;
	refused("-I -I -q", "multiple categories specified");
	refused("-q -I -I", "invalid option -- 'q'");
	refused("-I -l -s 1", "multiple commands specified");
	refused("-M -s x 1", "-s requires 3 timeout values");
	refused("-I -S nowhere/99 x -a accept -P tpc",
		"invalid protocol \"tpc\" specified");
	refused("-l x", "unknown arguments found on commandline");
	refused("-v x -S", "option requires an argument -- 'S'");
	refused("-v -b -W x", "no command specified");
	refused("-l -b -W x", "missing -A, -F, -I, -O, or -M flag");
	refused("-A -c -b", "specify either -F, -I, or -O for checking a packet");
	refused("-I -l -o -P tcp -b",
		"bidirectional flag (-b) only allowed with insert/append/delete");
	refused("-I -l -W x -V 1.2.3.4",
		"no interface address (-V) allowed with this command");
	refused("-I -c -P tcp -V 1.2.3.4 -W d -D x 3",
		"one port required with source/destination address");
	refused("-I -a a -D nowhere -S 1.2.3.4/99", "invalid mask \"99\" specified");
	refused("-M -s 1 2 3 -D elsewhere", "host/network \"elsewhere\" not found");
	refused("-I -l --state new -P tcp", "no protocol (-P) allowed with this command");
}

static void help(void **state)
{
	struct source source;
	struct program p;

	(void)state;
	assert_int_equal(line_parse(&p, &source, "-I -v -h -q"), 0);
	assert_int_equal(p.ncommands, 1);
	assert_int_equal(p.command->kind, COMMAND_HELP);
	program_free(&p);
	source_free(&source);
	refused("-q -h", "invalid option -- 'q'");
	refused("-I -I -h", "multiple categories specified");
}

static void posixly_correct(void **state)
{
	(void)state;
	setenv("POSIXLY_CORRECT", "1", 1);
	refused("-I x -q", "unknown arguments found on commandline");
	unsetenv("POSIXLY_CORRECT");
	refused("-I x -q", "invalid option -- 'q'");
}

static void listings(void **state)
{
	struct source source;
	struct program p;

	(void)state;
	assert_int_equal(line_parse(&p, &source, "-xnevlzA in"), 0);
	assert_int_equal(p.command->kind, COMMAND_LIST);
	assert_int_equal(p.command->list, FW_ACCT);
	assert_true(p.command->zero && p.command->extended && p.command->numeric &&
		    p.command->verbose && p.command->exact);
	program_free(&p);
	source_free(&source);
	assert_int_equal(line_parse(&p, &source, "-M -l"), 0);
	assert_int_equal(p.command->kind, COMMAND_MASQ_LIST);
	program_free(&p);
	source_free(&source);
}

static void checks(void **state)
{
	struct source source;
	struct program p;
	struct check *c;

	(void)state;
	assert_int_equal(line_parse(&p, &source, "-I -c -y -P tcp -V 10.0.0.1 -W eth0 "
				    "-S many 1025 -D 10.9.9.9/8 sA --state e"), 0);
	assert_int_equal(p.nchecks, 3);
	assert_int_equal(p.command->nchecks, 3);
	c = &p.check[1];
	assert_int_equal(c->pkt.saddr, 0x0a010191);
	assert_int_equal(c->pkt.daddr, 0x0a000000);
	assert_int_equal(c->pkt.proto, FW_PROTO_TCP);
	assert_int_equal(c->pkt.sport, 1025);
	assert_int_equal(c->pkt.dport, 65);
	assert_int_equal(c->pkt.tcpflags, FW_TCP_SYN);
	assert_int_equal(c->pkt.state, FW_STATE_ESTABLISHED);
	assert_int_equal(c->pkt.len, 40);
	assert_int_equal(c->dev.addr, 0x0a000001);
	assert_string_equal(c->dev.name, "eth0");
	program_free(&p);
	source_free(&source);
	assert_int_equal(line_parse(&p, &source, "-F -c -P icmp -V 10.0.0.1 -W eth0 "
				    "-S host 8 -D host"), 0);
	assert_int_equal(p.check->pkt.icmp_type, 0);
	assert_int_equal(p.check->icmp_type, 8);
	assert_int_equal(p.check->pkt.proto, FW_PROTO_ICMP);
	program_free(&p);
	source_free(&source);
}

static void extensions(void **state)
{
	(void)state;
	means("-I -a a --state NEW,est --helper ftp",
	      "-I -a accept --state new,established "
	      "--helper ftp\n");
	means("-I -a a --state !i --keep-state",
	      "-I -a accept --state new,established,related --keep-state\n");
	means("-A -a --state=r --comment x", "-A -a --state related --comment x\n");
	refused("-I -a a --state !n,e,r,i", "no state is left in \"!n,e,r,i\"");
	refused("-I -a d --keep-state", "keeping state only allowed with policy accept");
}

/* a file knows the names of the 1990s, a command line only the system's */
static void services(void **state)
{
	static const char text[] = "-I -a accept -P tcp -D any/0 irc\n";
	const struct source source = { "file", text, sizeof(text) - 1 };
	struct program p;

	(void)state;
	means("-I -a accept -P tcp -D any/0 irc",
	      "-I -a accept -P tcp -S 0.0.0.0/0 -D 0.0.0.0/0 194\n");
	diags_free(&diags);
	assert_int_equal(program_parse_text(&p, &source, &diags), 0);
	assert_int_equal(p.edit[0].rule.pts[0], 194);
	program_free(&p);
	assert_int_equal(name_service_port("ident", FW_KIND_TCP), 113);
	assert_int_equal(name_service_port("webcache", FW_KIND_TCP), 8080);
	assert_int_equal(name_service_port("finger", FW_KIND_UDP), -1);
	assert_int_equal(name_service_port("tftp", FW_KIND_TCP), -1);
	assert_int_equal(name_service_port("www", FW_KIND_ICMP), -1);
	assert_int_equal(name_service_port("www", FW_KIND_ALL), -1);
}

/* a file with any mistake gives nothing, and tells of all */
static void all_or_nothing(void **state)
{
	static const char text[] = "-I -a accept\n-I -a acept\n-I -f\n-I -q\n";
	const struct source source = { "file", text, sizeof(text) - 1 };
	struct program p;

	(void)state;
	diags_free(&diags);
	assert_int_equal(program_parse_text(&p, &source, &diags), -EINVAL);
	assert_int_equal(diags.count, 2);
	assert_int_equal(p.ncommands + p.nedits, 0);
	assert_int_equal(diags.item[1].loc.begin, 34);
}

static void suggestions(void **state)
{
	static const char *const words[] = { "accept", "deny", "reject", "masquerade",
					     NULL };

	(void)state;
	assert_string_equal(diag_suggest("acecpt", words), "accept");
	assert_string_equal(diag_suggest("DENY", words), "deny");
	assert_string_equal(diag_suggest("rejct", words), "reject");
	assert_string_equal(diag_suggest("masqurade", words), "masquerade");
	assert_null(diag_suggest("frobnicate", words));
	assert_null(diag_suggest("", words));
	assert_null(diag_suggest("x", words));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),	cmocka_unit_test(defaults),
		cmocka_unit_test(addresses),	cmocka_unit_test(several_addresses),
		cmocka_unit_test(ports),	cmocka_unit_test(order),
		cmocka_unit_test(help),		cmocka_unit_test(posixly_correct),
		cmocka_unit_test(listings),	cmocka_unit_test(checks),
		cmocka_unit_test(extensions),	cmocka_unit_test(services),
		cmocka_unit_test(all_or_nothing), cmocka_unit_test(suggestions),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	diags_free(&diags);
	return failed;
}
