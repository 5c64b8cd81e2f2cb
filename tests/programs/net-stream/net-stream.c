// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net-stream - packets that must always pass and packets that never may, while the
 * rules are replaced and edited by the real program.
 *
 *	net-stream BACKEND IPFWADM [flush|delete|zero]
 *
 * With a word, one thing is done as it should not be: the lists are flushed, or
 * their table deleted, before rules are loaded, or counters are listed first and
 * set to 0 then.  That must be noticed.  LOADS: how often rules are loaded, 50 by itself.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/tally.h"
#include "tests/programs/net-stream/many_rules.h"
#include "tests/lib/namespace.h"
#include "tests/programs/net-stream/stream.h"

#define RULES 10000
#define PLANTED_LOADS 2
#define FEW_RULES 2000	/* where the number is not what matters */
#define EDIT_AFTER 2	/* loads come two edits */
#define ROUNDS 12	/* of edits, each with a listing that sets to 0 */
#define STEPS 512
#define INTERVAL_US 500

#define IP(a, b, c, d) ((__u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define INNER_ROUTER IP(10, 1, 0, 1)
#define OUTER_ROUTER IP(203, 0, 113, 5)
#define GATEWAY IP(203, 0, 113, 6)
#define SERVER IP(198, 51, 100, 1)
#define CLIENT IP(10, 1, 0, 2)
#define MASQUERADED IP(10, 1, 0, 4)
#define KEPT IP(10, 1, 0, 5)
#define UNKNOWN IP(10, 1, 0, 6)

#define PACKET(protocol, from, from_port, to, to_port) { \
	.proto = (protocol), .ttl = 64, .tcpflags = FW_TCP_ACK, \
	.saddr = (from), .sport = (from_port), .daddr = (to), .dport = (to_port) }
#define UDP(...) PACKET(FW_PROTO_UDP, __VA_ARGS__)
#define TCP(...) PACKET(FW_PROTO_TCP, __VA_ARGS__)
#define UNCHANGED(packet) .sent = packet, .out = packet

/* in place of the port that the kernel chooses for a masqueraded connection */
#define CHOSEN 0

static const struct fw_dev devs[] = {
	{ "eth1", INNER_ROUTER, IP(255, 255, 0, 0) },
	{ "ppp0", OUTER_ROUTER, IP(255, 255, 255, 252) },
};

static struct flow flows[] = {
	{ "forwarded", "eth1", "ppp0", true, UNCHANGED(UDP(CLIENT, 1025, SERVER, 2001)) },
	{ "forwarded inwards", "ppp0", "eth1", true,
	  UNCHANGED(TCP(SERVER, 1025, CLIENT, 2002)) },
	{ "to the router", "eth1", NULL, true,
	  UNCHANGED(UDP(CLIENT, 1025, INNER_ROUTER, 2003)) },
	{ "of the router", NULL, "ppp0", true,
	  UNCHANGED(UDP(OUTER_ROUTER, 1025, SERVER, 2004)) },
	{ "masqueraded UDP", "eth1", "ppp0", true,
	  .sent = UDP(MASQUERADED, 2006, SERVER, 2005),
	  .out = UDP(OUTER_ROUTER, CHOSEN, SERVER, 2005) },
	{ "masqueraded UDP, answers", "ppp0", "eth1", true,
	  .sent = UDP(SERVER, 2005, OUTER_ROUTER, CHOSEN),
	  .out = UDP(SERVER, 2005, MASQUERADED, 2006) },
	{ "masqueraded TCP", "eth1", "ppp0", true,
	  .sent = TCP(MASQUERADED, 2008, SERVER, 2007),
	  .out = TCP(OUTER_ROUTER, CHOSEN, SERVER, 2007) },
	{ "masqueraded TCP, answers", "ppp0", "eth1", true,
	  .sent = TCP(SERVER, 2007, OUTER_ROUTER, CHOSEN),
	  .out = TCP(SERVER, 2007, MASQUERADED, 2008) },
	{ "of a kept connection", "eth1", "ppp0", true,
	  UNCHANGED(TCP(KEPT, 2010, SERVER, 2009)) },
	{ "of a kept connection, answers", "ppp0", "eth1", true,
	  UNCHANGED(TCP(SERVER, 2009, KEPT, 2010)) },
	{ "denied by a forward rule", "eth1", "ppp0", false,
	  UNCHANGED(UDP(CLIENT, 1025, SERVER, 2011)) },
	{ "denied by the forward policy", "eth1", "ppp0", false,
	  UNCHANGED(TCP(CLIENT, 1025, SERVER, 2012)) },
	{ "denied by an input rule", "eth1", NULL, false,
	  UNCHANGED(UDP(CLIENT, 1025, INNER_ROUTER, 2013)) },
	{ "denied by the input policy", "ppp0", NULL, false,
	  UNCHANGED(UDP(SERVER, 1025, OUTER_ROUTER, 2014)) },
	{ "denied by the input policy, TCP", "eth1", NULL, false,
	  UNCHANGED(TCP(CLIENT, 1025, INNER_ROUTER, 2017)) },
	{ "denied by the input policy, others", "eth1", "ppp0", false,
	  UNCHANGED(UDP(UNKNOWN, 1025, SERVER, 2018)) },
	{ "denied by the input policy, outside", "ppp0", "eth1", false,
	  UNCHANGED(TCP(SERVER, 1025, UNKNOWN, 2019)) },
	{ "denied by an output rule", "eth1", "ppp0", false,
	  UNCHANGED(UDP(CLIENT, 1025, SERVER, 2015)) },
	{ "of the router, denied", NULL, "ppp0", false,
	  UNCHANGED(UDP(OUTER_ROUTER, 1025, SERVER, 2016)) },
};

enum { MASQUERADED_UDP = 4, MASQUERADED_TCP = 6, KEPT_TCP = 8, OUTPUT_DENIED = 17 };

/* what decides about them, in every version of the rules */
static const char *const must[] = {
	"-I -p deny", "-F -p deny", "-O -p deny",
	"-I -a accept -P udp -W eth1 -S 10.1.0.2 -D 198.51.100.1 2001",
	"-F -a accept -P udp -S 10.1.0.2 -D 198.51.100.1 2001",
	"-I -a accept -P tcp -W ppp0 -S 198.51.100.1 -D 10.1.0.2 2002",
	"-F -a accept -P tcp -W eth1 -S 198.51.100.1 -D 10.1.0.2 2002",
	"-I -a accept -P udp -W eth1 -S 10.1.0.2 -D 10.1.0.1 2003",
	"-O -a accept -P udp -W ppp0 -S 203.0.113.5 -D 198.51.100.1 2001:2004",
	"-O -a accept -P udp -W ppp0 -S 10.1.0.2 -D 198.51.100.1 2001:2004",
	"-O -a accept -P tcp -W eth1 -S 198.51.100.1 -D 10.1.0.2",
	"-I -a accept -S 10.1.0.4 -D 198.51.100.1",
	"-F -a masquerade -S 10.1.0.4 -D 198.51.100.1",
	"-I -a accept -P udp -W ppp0 -S 198.51.100.1 2005 -D 203.0.113.5",
	"-I -a accept -P tcp -W ppp0 -S 198.51.100.1 2007 -D 203.0.113.5",
	"-O -a accept -P udp -S 203.0.113.5 -D 198.51.100.1 2005",
	"-O -a accept -P tcp -S 203.0.113.5 -D 198.51.100.1 2007",
	"-O -a accept -W eth1 -S 198.51.100.1 -D 10.1.0.4",
	"-I -a accept -P tcp -b -S 10.1.0.5 -D 198.51.100.1",
	"-F -a accept -P tcp -W ppp0 -S 10.1.0.5 -D 198.51.100.1 2009 --keep-state",
	"-O -a accept -P tcp -W ppp0 -S 10.1.0.5 -D 198.51.100.1",
	"-I -a accept -P udp -W eth1 -S 10.1.0.2 -D 198.51.100.1 2011 2015",
	"-F -a deny -P udp -S 10.1.0.2 -D 198.51.100.1 2011",
	"-F -a accept -P udp -S 10.1.0.2 -D 198.51.100.1 2015",
	"-I -a accept -P tcp -W eth1 -S 10.1.0.2 -D 198.51.100.1 2012",
	"-I -a deny -P udp -W eth1 -S 10.1.0.2 -D 10.1.0.1 2013",
	"-O -a deny -P udp -S 0.0.0.0/0 -D 198.51.100.1 2015:2016",
	"-F -a accept -b -S 10.1.0.6 -D 198.51.100.1",
	"-O -a accept -b -S 10.1.0.6 -D 198.51.100.1",
	"-A in -a -P udp -W eth1 -S 10.1.0.2 -D 10.1.0.1 2003",
	"-A out -a -P udp -W ppp0 -S 203.0.113.5 -D 198.51.100.1 2004",
};

/* what is done between loads; some of it does with every rule anew */
static const char *const edits[][2] = {
	{ "-I -i deny -P udp -S 172.31.0.1 -D 172.31.0.2 9",
	  "-I -d deny -P udp -S 172.31.0.1 -D 172.31.0.2 9" },
	{ "-F -p reject", "-F -p deny" },
	{ "-A -i -S 172.31.0.5 -b", "-A -f" },
	{ "-O -p accept", "-O -p deny" },
	{ "-F -a accept -P tcp -S 172.31.0.3 -D 172.31.0.4 9 10",
	  "-F -d accept -P tcp -S 172.31.0.3 -D 172.31.0.4 9 10" },
	{ "-I -i accept -P udp -S 172.31.0.6 -b -o", "-I -l -z -n" },
	{ "-O -i reject -S 172.31.0.7 -t 0x01 0x08", "-O -z" },
	{ "-F -i masquerade -P udp -S 172.31.0.8", "-M -s 1000 0 400" },
	{ "-F -z", "refresh" },
};

/* the same without what takes counters away that are looked at */
static const char *const counted_edits[] = {
	"-I -i deny -P udp -S 172.31.0.1 -D 172.31.0.2 9",
	"-F -a accept -P tcp -S 172.31.0.3 -D 172.31.0.4 9 10",
	"-O -p accept",
	"-A -i -S 172.31.0.5 -b",
	"-O -f",
	"load --append /dev/stdin",
	"-F -p reject",
	"-O -a deny -S 172.31.0.7 -t 0x01 0x08",
	"-I -i accept -P udp -S 172.31.0.6 -b -o",
	"-I -d deny -P udp -S 172.31.0.1 -D 172.31.0.2 9",
	"-A -d -S 172.31.0.5 -b",
	"-O -z",
	"refresh",
};

/* a rule that counts a flow, alone of its list */
static struct counting {
	const char *list;
	unsigned int flow;
	const char *ports;	/* how its line ends */
	unsigned long long packets, bytes;
} countings[] = {
	{ .list = "-I", .flow = 2, .ports = " -> 2003" },
	{ .list = "-F", .flow = 1, .ports = " -> 2002" },
	{ .list = "-A", .flow = 2, .ports = " -> 2003" },
	{ .list = "-A", .flow = 3, .ports = " -> 2004" },
};

static const char *const counted_lists[] = { "-I", "-F", "-A" };

static const char *backend, *program, *planted;
static struct router router;
static struct stream stream;
static char steps[STEPS][64] = { "before anything" };
static unsigned int nsteps = 1;
static struct tally tally;

static void expect(bool ok, const char *what)
{
	if (ok)
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s", what);
}

static bool planted_is(const char *what)
{
	return planted && !strcmp(planted, what);
}

/* Begins a step called as printed. */
static void __attribute__((format(printf, 1, 2))) step_begin(const char *format, ...)
{
	unsigned int n = nsteps < STEPS ? nsteps++ : STEPS - 1;
	va_list args;

	va_start(args, format);
	vsnprintf(steps[n], sizeof(steps[n]), format, args);
	va_end(args);
	stream_step(&stream, n);
}

/* The program must succeed; nobody reads what it prints. */
static void program_run(const char *words, const char *input)
{
	char command[512];

	snprintf(command, sizeof(command), "'%s' --backend %s %s >/dev/null", program,
		 backend, words);
	if (namespace_run(command, input))
		tally_fail(&tally, "ipfwadm %s failed", words);
	else
		tally_pass(&tally);
}

static void edit_do(const char *words)
{
	step_begin("%s", words);
	program_run(words, "-O -a deny -P tcp -S 172.31.0.9 -D 172.31.0.10 25\n");
}

static void rules_load(const char *text, unsigned int i)
{
	step_begin("load %u", i);
	if (planted_is("flush")) {
		program_run("-I -f", NULL);
		program_run("-F -f", NULL);
	} else if (planted_is("delete")) {
		namespace_run(strcmp(backend, "nft") ?
			      "printf '*%s\nCOMMIT\n' nat mangle | iptables-legacy-restore" :
			      "nft delete table ip ipfwadm", NULL);
	}
	program_run("load /dev/stdin", text);
}

/* One packet goes through before the stream; false if it does not as it should. */
static bool packet_passes(const struct flow *f, struct fw_packet p, struct fw_packet *out)
{
	struct captured c[8];
	int i, n;

	if (router_inject(&router, f->from, &p))
		return false;
	n = router_collect(&router, c, FW_COUNT(c));
	for (i = 0; i < n; i++) {
		if (c[i].pkt.dport != f->out.dport)
			continue;
		*out = c[i].pkt;
		return true;
	}
	return false;
}

/* Opens the connection of flow[0] and, the other way, flow[1]. */
static bool connection_open(struct flow *flow)
{
	struct fw_packet syn = flow[0].sent, answer = flow[1].sent, out;

	syn.tcpflags = FW_TCP_SYN;
	answer.tcpflags = FW_TCP_SYN | FW_TCP_ACK;
	if (!packet_passes(&flow[0], syn, &out))
		return false;
	flow[0].out.sport = out.sport;
	flow[1].sent.dport = answer.dport = out.sport;
	return packet_passes(&flow[1], answer, &out) &&
	       packet_passes(&flow[0], flow[0].sent, &out);
}

static bool port_is_masquerade(const struct flow *f)
{
	return f->out.sport >= 61000 && f->out.sport <= 65095;
}

static void connections_open(void)
{
	expect(connection_open(&flows[MASQUERADED_UDP]), "no masqueraded UDP");
	expect(connection_open(&flows[MASQUERADED_TCP]), "no masqueraded TCP connection");
	expect(connection_open(&flows[KEPT_TCP]), "no connection with --keep-state");
	expect(port_is_masquerade(&flows[MASQUERADED_UDP]) &&
	       port_is_masquerade(&flows[MASQUERADED_TCP]), "other ports than 61000-65095");
}

static void stream_begin(unsigned int nflows)
{
	expect(!stream_start(&stream, &router, flows, nflows, INTERVAL_US),
	       "the stream does not start");
}

static void stream_end(struct stream_faults *f)
{
	unsigned int i, n = 0;

	expect(!stream_stop(&stream), "the router does not answer");
	stream_judge(&stream, steps, f);
	for (i = 0; i < stream.nflows; i++)
		n += stream.account[i].sent;
	printf("%u packets until step %u, '%s'\n", n, nsteps - 1, steps[nsteps - 1]);
	expect(!f->lost && !f->failed, "the test itself has failed");
}

static void faults_expect_none(const struct stream_faults *f)
{
	expect(!f->passed, "denied packets have passed");
	expect(!f->missing, "packets are missing");
	expect(!f->changed, "packets came out changed, or elsewhere");
	expect(!f->doubled, "packets came twice");
}

/* Rules are loaded and edited while packets run. */
static void verdicts_check(char *const text[2])
{
	const char *wanted = getenv("LOADS");
	unsigned int loads = planted ? PLANTED_LOADS : wanted ? (unsigned int)atoi(wanted) : 50, i;
	struct stream_faults f;

	stream_begin(FW_COUNT(flows));
	for (i = 0; i < loads; i++) {
		rules_load(text[~i & 1], i + 1);
		if (i % EDIT_AFTER)
			continue;
		edit_do(edits[i / EDIT_AFTER % FW_COUNT(edits)][0]);
		edit_do(edits[i / EDIT_AFTER % FW_COUNT(edits)][1]);
	}
	stream_end(&f);
	stream_free(&stream);
	if (planted_is("flush"))
		expect(f.missing, "nobody noticed that no rules were there");
	else if (planted_is("delete"))
		expect(f.passed, "nobody noticed that all was open");
	else
		faults_expect_none(&f);
}

/* Adds what a line of a listing says: packets, bytes ... ports. */
static void line_count(const char *list, const char *line)
{
	unsigned long long packets, bytes;
	size_t len = strlen(line), i;
	char *end;

	packets = strtoull(line, &end, 10);
	bytes = strtoull(end, NULL, 10);
	for (i = 0; i < FW_COUNT(countings); i++) {
		struct counting *c = &countings[i];
		size_t tail = strlen(c->ports);

		if (strcmp(c->list, list) || len < tail || strcmp(line + len - tail, c->ports))
			continue;
		c->packets += packets;
		c->bytes += bytes;
	}
}

static void counters_list(const char *list, bool zero)
{
	char command[512], line[512];
	FILE *in;

	snprintf(command, sizeof(command), "'%s' --backend %s %s -l -n -e -x%s", program,
		 backend, list, zero ? " -z" : "");
	in = popen(command, "r"); /* NOLINT(cert-env33-c): the program under test */
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		line_count(list, line);
	}
	expect(in && !pclose(in), "a listing failed");
}

static void counters_zero(const char *list)
{
	step_begin("%s -l -z", list);
	if (planted_is("zero")) {
		counters_list(list, false);
		edit_do(!strcmp(list, "-I") ? "-I -z" : !strcmp(list, "-F") ? "-F -z" : "-A -z");
	} else {
		counters_list(list, true);
	}
}

/* Was every packet counted once, and with its length? */
static bool counting_agrees(const struct counting *c)
{
	__u32 sent = stream.account[c->flow].sent;
	unsigned int size = flows[c->flow].sent.proto == FW_PROTO_UDP ? 28 : 40;

	if (c->packets == sent && c->bytes == (unsigned long long)sent * size)
		return true;
	fprintf(stderr, "list %s, rule '%s': %llu packets and %llu bytes of %u packets\n",
		c->list, c->ports, c->packets, c->bytes, sent);
	return false;
}

static void countings_check(void)
{
	unsigned int i, agree = 0;

	for (i = 0; i < FW_COUNT(countings); i++)
		agree += counting_agrees(&countings[i]);
	if (planted_is("zero"))
		expect(agree < FW_COUNT(countings), "nobody noticed that counts were lost");
	else
		expect(agree == FW_COUNT(countings), "packets were not counted once each");
}

/* Rules are edited, and set to 0, while packets are counted. */
static void counters_check(const char *text)
{
	struct stream_faults f;
	unsigned int i;

	rules_load(text, 0);
	program_run("-O -p accept", NULL);
	/* the output list is flushed */
	stream_begin(OUTPUT_DENIED);
	for (i = 0; i < ROUNDS; i++) {
		edit_do(counted_edits[i % FW_COUNT(counted_edits)]);
		counters_zero(counted_lists[i % FW_COUNT(counted_lists)]);
	}
	stream_end(&f);
	for (i = 0; i < FW_COUNT(counted_lists); i++)
		counters_list(counted_lists[i], false);
	countings_check();
	stream_free(&stream);
	faults_expect_none(&f);
}

static int story(void)
{
	unsigned int rules = planted ? FEW_RULES : RULES;
	char *text[3] = {
		many_rules_text(must, FW_COUNT(must), rules, 0),
		many_rules_text(must, FW_COUNT(must), rules, 1),
		many_rules_text(must, FW_COUNT(must), FEW_RULES, 2),
	};
	bool counters = !planted || planted_is("zero");

	if (!text[0] || !text[1] || !text[2]) {
		tally_fail(&tally, "out of memory");
		return tally_end(&tally);
	}
	program_run("load /dev/stdin", text[0]);
	if (!tally.failed)
		connections_open();
	if (!planted_is("zero"))
		verdicts_check(text);
	if (counters)
		counters_check(text[2]);
	free(text[0]);
	free(text[1]);
	free(text[2]);
	return tally_end(&tally);
}

int main(int argc, char **argv)
{
	static const __u32 neighbours[] = { CLIENT, MASQUERADED, KEPT, UNKNOWN };
	int status;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: %s BACKEND IPFWADM [flush|delete|zero]\n", argv[0]);
		return 2;
	}
	backend = argv[1];
	program = argv[2];
	planted = argc > 3 ? argv[3] : NULL;
	if (router_open(&router, devs, FW_COUNT(devs), GATEWAY) ||
	    router_neighbours(&router, neighbours, FW_COUNT(neighbours))) {
		printf("SKIP no network namespace here\n");
		return 77;
	}
	status = story();
	router_close(&router);
	return status;
}
