// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-masq.c - programs behind the masquerading module, with real sockets.
 *
 *	kmod-masq [MIB]	so much is transferred over a wire with faults
 *
 * Runs where the module is loaded, as root, in network namespaces of its own; the rules
 * are the gate's.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/namespace.h"
#include "tests/programs/kmod-masq/gate.h"
#include "tests/programs/kmod-masq/masq_helpers.h"

/* lines of /proc/net/ip_masquerade that contain that */
static long listed(const char *part)
{
	char line[512];
	long n = 0;
	FILE *f;

	gate_enter(gate_self);
	f = fopen("/proc/thread-self/net/ip_masquerade", "re");
	gate_need(f, "open ip_masquerade");
	while (fgets(line, sizeof(line), f))
		if (strstr(line, part)) {
			gate_expect("bytes of a line", (long)strlen(line), 128);
			n++;
		}
	fclose(f);
	return n;
}

/* a counter of /proc/net/snmp */
static long snmp(int ns, const char *proto, const char *name)
{
	char names[1024], values[1024], *a, *b, *sa, *sb;
	FILE *f;
	long n = -1;

	gate_enter(ns);
	f = fopen("/proc/thread-self/net/snmp", "re");
	gate_need(f, "open snmp");
	while (n < 0 && fgets(names, sizeof(names), f) && fgets(values, sizeof(values), f)) {
		a = strtok_r(names, " :\n", &sa);
		b = strtok_r(values, " :\n", &sb);
		if (!a || strcmp(a, proto))
			continue;
		while (a && b && strcmp(a, name)) {
			a = strtok_r(NULL, " :\n", &sa);
			b = strtok_r(NULL, " :\n", &sb);
		}
		if (b)
			n = strtol(b, NULL, 10);
	}
	fclose(f);
	return n;
}

/* segments with a wrong checksum that the ends have received */
static long sums_wrong(void)
{
	return snmp(gate_inside, "Tcp", "InCsumErrors") +
	       snmp(gate_outside, "Tcp", "InCsumErrors");
}

/* A TCP connection from the inside, with so many bytes in both directions. */
static void transfer(const char *name, int port)
{
	int listening = gate_bound(gate_outside, SOCK_STREAM, port, true);
	long wrong = sums_wrong();
	int a = gate_bound(gate_inside, SOCK_STREAM, 0, false), b;
	struct sockaddr_in from = gate_end(0, 0);
	socklen_t len = sizeof(from);

	printf("%s\n", name);
	gate_expect("connects", gate_connect(a, OUTSIDE, port), 0);
	b = accept4(listening, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
	gate_need(b >= 0, "accept");
	gate_expect("from the gate", ntohl(from.sin_addr.s_addr), GATE);
	gate_expect("from a port of masquerading", ntohs(from.sin_port) >= FW_MASQ_PORT_FIRST &&
					      ntohs(from.sin_port) < FW_MASQ_PORT_END, 1);
	gate_transfer("bytes out", a, b);
	gate_transfer("bytes in", b, a);
	close(a);
	close(b);
	close(listening);
	gate_expect("wrong checksums", sums_wrong() - wrong, 0);
}

static void offload_off(int ns, const char *device)
{
	static const __u32 commands[] = { ETHTOOL_SGRO, ETHTOOL_SGSO, ETHTOOL_STSO,
					  ETHTOOL_SSG, ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM };
	int fd = gate_socket(ns, SOCK_DGRAM, 0);
	struct ethtool_value value = { 0 };
	struct ifreq request = { .ifr_data = (void *)&value };
	size_t i;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	for (i = 0; i < FW_COUNT(commands); i++) {
		value.cmd = commands[i];
		gate_need(!ioctl(fd, SIOCETHTOOL, &request), "turn offload off");
	}
	close(fd);
}

/*
 * Over a wire that loses, duplicates and reorders packets in both directions.  How many it
 * has lost on one.
 */
static long transfers_impaired(unsigned int mib)
{
	static const char faults[] = "root netem delay 2ms reorder 25% loss 2% duplicate 2%";
	const unsigned int bytes = gate_bytes;
	char command[128];
	long lost;

	snprintf(command, sizeof(command), "tc qdisc add dev ppp0 %s", faults);
	gate_run(gate_self, command);
	snprintf(command, sizeof(command), "tc qdisc add dev eth0 %s", faults);
	gate_run(gate_outside, command);
	gate_bytes = mib << 20;
	transfer("over a wire with faults", 5100);
	masq_helpers_impaired();
	gate_bytes = bytes;
	lost = gate_printed("tc -s qdisc show dev ppp0 |"
			    "sed -n 's/.*dropped \\([0-9]*\\).*/\\1/p'");
	gate_run(gate_self, "tc qdisc del dev ppp0 root");
	gate_run(gate_outside, "tc qdisc del dev eth0 root");
	return lost;
}

/*
 * Segments are cut and summed after translation; then before it, as on a wire; so the
 * receiver verifies what was computed of our sums.
 */
static void transfers(unsigned int mib)
{
	long lost = transfers_impaired(mib);

	gate_rule("-M -s 0 5999 0");	/* a debug kernel takes minutes */
	transfer("large segments", 5000);
	gate_expect("is listed", listed(" C0000202:138"), 1);
	offload_off(gate_self, "ppp0");
	offload_off(gate_self, "eth0");
	transfer("cut after translation", 5001);
	offload_off(gate_inside, "eth0");
	offload_off(gate_outside, "eth0");
	transfer("as on a wire", 5002);
	gate_expect("are listed", listed(" C0000202:138"), 3);
	gate_expect("by ipfwadm, too",
		    gate_printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm -M -l -n |"
					  "grep -c '^tcp .* 10.0.1.2  *192.0.2.2 .*500[012]$'"), 3);
	gate_expect("by netstat of old",
		    gate_printed("netstat -M -n |"
				 "grep -c '^tcp .* 10.0.1.2 .* 192.0.2.2 .*500[012] '"), 3);
	gate_expect("both ends have closed",
		    gate_printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm -M -l -n |"
				 "grep -c '^tcp  *[5-9][0-9]:.* 500[012]$'"), 3);
	gate_rule("-M -s 0 120 0");
	lost += transfers_impaired(mib);
	gate_expect("packets were lost", lost > 0, 1);
}

/* A question from the inside, answered by the outside from any address. */
static void datagrams(void)
{
	int server = gate_bound(gate_outside, SOCK_DGRAM, 53, false), on = 1;
	int client = gate_bound(gate_inside, SOCK_DGRAM, 4000, false), other;
	struct sockaddr_in from, to = gate_end(OUTSIDE, 53);
	const struct sockaddr_in at = gate_end(OUTSIDE + 1, 53);

	gate_answer(client, &to, "question");
	gate_expect("a question", gate_receive(server, WAIT, &from), 8);
	gate_expect("from the gate", ntohl(from.sin_addr.s_addr), GATE);
	gate_answer(server, &from, "answer");
	gate_expect("an answer", gate_receive(client, WAIT, &to), 6);
	gate_expect("from whom it was asked", ntohl(to.sin_addr.s_addr), OUTSIDE);
	other = gate_socket(gate_outside, SOCK_DGRAM, 0);
	gate_need(!bind(other, (const struct sockaddr *)&at, sizeof(at)), "bind");
	gate_answer(other, &from, "another");
	gate_expect("an answer from another address", gate_receive(client, WAIT, &to), 7);
	gate_expect("which is its", ntohl(to.sin_addr.s_addr), OUTSIDE + 1);
	close(other);
	other = gate_bound(gate_outside, SOCK_DGRAM, 54, false);
	gate_answer(other, &from, "wrong");
	gate_expect("none from another port", gate_receive(client, SOON, &to), -ETIMEDOUT);
	close(other);
	/* without a checksum */
	setsockopt(client, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
	to = gate_end(OUTSIDE, 53);
	gate_answer(client, &to, "unsummed");
	gate_expect("a datagram without a checksum", gate_receive(server, WAIT, &from), 8);
	setsockopt(server, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
	gate_answer(server, &from, "unsummed");
	gate_expect("and its answer", gate_receive(client, WAIT, &to), 8);
	gate_expect("is listed", listed("UDP 0A000102:0FA0 C0000202:0035"), 1);
	gate_enter(gate_self);
	gate_need(!namespace_sysctl("ipv4/ip_forward", "0"), "stop forwarding");
	gate_answer(server, &from, "late");
	gate_expect("an answer while nothing is forwarded", gate_receive(client, WAIT, &to), 4);
	gate_enter(gate_self);
	gate_need(!namespace_sysctl("ipv4/ip_forward", "1"), "forward");
	close(client);
	close(server);
}

/* Errors about masqueraded datagrams, from outside, from the gate and from inside. */
static void errors(void)
{
	int client = gate_bound(gate_inside, SOCK_DGRAM, 0, false), ttl = 1, on = 1;
	int server = gate_bound(gate_outside, SOCK_DGRAM, 55, false);
	const struct sockaddr_in to = gate_end(OUTSIDE, 55);
	struct sockaddr_in from;

	gate_expect("to a closed port", gate_connect(client, OUTSIDE, 56), 0);
	gate_need(send(client, "x", 1, 0) == 1, "send");
	gate_expect("it is unreachable", gate_receive(client, WAIT, NULL), -ECONNREFUSED);
	setsockopt(client, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	setsockopt(client, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	gate_need(send(client, "x", 1, 0) == 1, "send");
	gate_expect("time is exceeded at the gate", gate_receive(client, WAIT, NULL),
		    -EHOSTUNREACH);
	close(client);
	client = gate_bound(gate_inside, SOCK_DGRAM, 0, false);
	gate_answer(client, &to, "question");
	gate_expect("a question", gate_receive(server, WAIT, &from), 8);
	close(client);
	gate_need(!connect(server, (struct sockaddr *)&from, sizeof(from)), "connect");
	gate_need(send(server, "answer", 6, 0) == 6, "answer");
	gate_expect("nobody listens any more", gate_receive(server, WAIT, NULL), -ECONNREFUSED);
	close(server);
}

static void echo(long connections)
{
	static const struct icmphdr request = { .type = ICMP_ECHO };
	int fd = gate_socket(gate_inside, SOCK_DGRAM, IPPROTO_ICMP);

	gate_expect("connects", gate_connect(fd, OUTSIDE, 0), 0);
	gate_need(send(fd, &request, sizeof(request), 0) == sizeof(request), "send");
	gate_expect("an echo", gate_receive(fd, WAIT, NULL), sizeof(request));
	gate_expect("is listed", listed("ICMP 0A000102:"), connections);
	close(fd);
}

/* Settings of 2.0, and packets of a connection that began before the rule. */
static void settings(void)
{
	int server = gate_bound(gate_outside, SOCK_DGRAM, 57, false);
	int client = gate_bound(gate_inside, SOCK_DGRAM, 0, false);
	const struct sockaddr_in to = gate_end(OUTSIDE, 57);
	struct sockaddr_in from;

	gate_rule("-M -s 100 50 20");
	gate_answer(client, &to, "question");
	gate_expect("a question", gate_receive(server, WAIT, &from), 8);
	gate_expect("is forgotten after 20 s",
		    gate_printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm -M -l -n |"
				 "grep -c '^udp  *00:1[0-9].* 57$'"), 1);
	gate_rule("-F -f");
	gate_rule("-F -p deny");
	gate_answer(client, &to, "question");
	gate_expect("no rule masquerades", gate_receive(server, SOON, &from), -ETIMEDOUT);
	gate_rule("-F -p masquerade");
	gate_answer(client, &to, "question");
	gate_expect("the policy does", gate_receive(server, WAIT, &from), 8);
	close(client);
	close(server);
}

static void setting(const char *name, const char *value)
{
	char path[64];

	gate_enter(gate_self);
	snprintf(path, sizeof(path), "ipv4/ipfwadm/%s", name);
	gate_need(!namespace_sysctl(path, value), "change a setting");
}

/* The gate's port of a new question to a server; -ETIMEDOUT if it does not come through. */
static long port_of_question(int server)
{
	int client = gate_bound(gate_inside, SOCK_DGRAM, 0, false);
	const struct sockaddr_in to = gate_end(OUTSIDE, 58);
	struct sockaddr_in from;
	long n;

	gate_answer(client, &to, "question");
	n = gate_receive(server, SOON, &from);
	close(client);
	return n < 0 ? n : ntohs(from.sin_port);
}

/* Ports of our own choice, and UDP that is answered by whom it asked alone. */
static void settings_of_ports(void)
{
	int server = gate_bound(gate_outside, SOCK_DGRAM, 58, false), client, other, i;
	const struct sockaddr_in to = gate_end(OUTSIDE, 58), at = gate_end(OUTSIDE + 1, 58);
	struct sockaddr_in from;
	long last, port, apart = 0;

	gate_rule("-T -f");
	setting("masq_ports", "50000 50001");
	gate_expect("the first port", port_of_question(server), 50000);
	gate_expect("the second port", port_of_question(server), 50001);
	gate_expect("no port", port_of_question(server), -ETIMEDOUT);
	setting("masq_ports", "2000 60000");
	setting("masq_random", "1");
	last = port_of_question(server);
	for (i = 0; i < 4; i++) {
		port = port_of_question(server);
		apart += port != last + 1;
		gate_expect("a port of these", port >= 2000 && port <= 60000, 1);
		last = port;
	}
	gate_expect("ports in no order", apart > 0, 1);
	gate_enter(gate_self);
	gate_expect("no such ports", !namespace_sysctl("ipv4/ipfwadm/masq_ports", "7 6"), 0);
	setting("masq_strict_udp", "1");
	client = gate_bound(gate_inside, SOCK_DGRAM, 0, false);
	other = gate_socket(gate_outside, SOCK_DGRAM, 0);
	gate_need(!bind(other, (const struct sockaddr *)&at, sizeof(at)), "bind");
	gate_answer(client, &to, "question");
	gate_expect("a question", gate_receive(server, WAIT, &from), 8);
	gate_answer(other, &from, "other");
	gate_answer(server, &from, "answer");
	gate_expect("only the answer of whom was asked", gate_receive(client, WAIT, NULL), 6);
	gate_expect("nothing else", gate_receive(client, SOON, NULL), -ETIMEDOUT);
	close(other);
	close(client);
	close(server);
	setting("masq_strict_udp", "0");
	setting("masq_random", "0");
	setting("masq_ports", "61000 65095");
}

/* what all processors have counted in a column of /proc/net/stat/ipfwadm */
static long counted(const char *column)
{
	char line[1024], *word, *next;
	int at = -1, i;
	long sum = 0;
	FILE *f;

	gate_enter(gate_self);
	f = fopen("/proc/thread-self/net/stat/ipfwadm", "re");
	gate_need(f && fgets(line, sizeof(line), f), "read the statistics");
	for (i = 0, word = strtok_r(line, " \n", &next); word;
	     word = strtok_r(NULL, " \n", &next), i++)
		if (!strcmp(word, column))
			at = i;
	gate_need(at >= 0 && i <= 32, "find a column that lnstat takes");
	while (fgets(line, sizeof(line), f)) {
		word = strtok_r(line, " ", &next);
		for (i = 0; word && i < at; i++)
			word = strtok_r(NULL, " ", &next);
		gate_need(word, "find a value");
		sum += strtol(word, NULL, 16);
	}
	fclose(f);
	return sum;
}

/* A question is new, an answer that nobody asked for is invalid. */
static void statistics(void)
{
	static const struct icmphdr answer = {.type = ICMP_ECHOREPLY, .checksum = 0xffff};
	int server = gate_bound(gate_outside, SOCK_DGRAM, 58, false);
	int raw = gate_socket(gate_outside, SOCK_RAW, IPPROTO_ICMP);
	const struct sockaddr_in gate = gate_end(GATE, 0);
	long begun = counted("new"), invalid = counted("not_asked");

	gate_expect("a question", port_of_question(server) > 0, 1);
	gate_expect("one more", counted("new") - begun, 1);
	gate_rule("-I -a accept --state invalid");
	gate_need(sendto(raw, &answer, sizeof(answer), 0, (const struct sockaddr *)&gate,
			 sizeof(gate)) == sizeof(answer), "send an answer");
	gate_expect("a question behind it", port_of_question(server) > 0, 1);
	gate_expect("an answer to nothing", counted("not_asked") - invalid, 1);
	gate_rule("-I -f");
	close(raw);
	close(server);
}

/* A connection of TCP to that port outside, taken there; its port of the gate, or -errno. */
static long connection(int listening, int port, int ends[2])
{
	const struct timeval wait = {.tv_usec = SOON * 1000L}, for_ever = {0};
	struct sockaddr_in from = gate_end(0, 0);
	socklen_t len = sizeof(from);
	long err;

	ends[0] = gate_bound(gate_inside, SOCK_STREAM, 0, false);
	gate_need(!setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)), "wait");
	err = gate_connect(ends[0], OUTSIDE, port);
	if (err) {
		close(ends[0]);
		return err;
	}
	setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &for_ever, sizeof(for_ever));
	ends[1] = accept4(listening, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
	gate_need(ends[1] >= 0, "accept");
	return ntohs(from.sin_port);
}

/* Two ports outside for four connections, to two servers. */
static void ports_shared(void)
{
	int listening[2] = { gate_bound(gate_outside, SOCK_STREAM, 58, true),
			     gate_bound(gate_outside, SOCK_STREAM, 59, true) };
	int ends[4][2], none[2], i;

	gate_rule("-T -f");
	setting("masq_ports", "50000 50001");
	for (i = 0; i < 2; i++)
		gate_expect("a port", connection(listening[0], 58, ends[i]), 50000 + i);
	gate_expect("none for more", connection(listening[1], 59, none), -EINPROGRESS);
	gate_expect("which is counted", counted("no_port") > 0, 1);
	setting("masq_share", "1");
	for (i = 2; i < 4; i++)
		gate_expect("a port that is shared", connection(listening[1], 59, ends[i]),
			    50000 + i - 2);
	gate_expect("none for the same server", connection(listening[1], 59, none),
		    -EINPROGRESS);
	gate_expect("are listed", listed(" C0000202:003"), 4);
	for (i = 0; i < 4; i++) {
		gate_transfer("bytes out", ends[i][0], ends[i][1]);
		gate_transfer("bytes in", ends[i][1], ends[i][0]);
		close(ends[i][0]);
		close(ends[i][1]);
	}
	close(listening[0]);
	close(listening[1]);
	setting("masq_share", "0");
	setting("masq_ports", "61000 65095");
}

/* nf_conntrack sees nothing of it. */
static void beside_conntrack(void)
{
	static const char table[] =
		"table ip beside {\n"
		"	chain post {\n"
		"		type filter hook postrouting priority 200;\n"
		"		ct state untracked counter\n"
		"		ct state new,established,related counter\n"
		"	}\n"
		"}\n";

	gate_enter(gate_self);
	gate_need(!namespace_run("nft -f -", table), "load nf_conntrack");
	echo(1);
	gate_expect("untracked", gate_printed("nft list ruleset | sed -n 's/.*untracked.*packets "
				    "\\([0-9]*\\).*/\\1/p'"), 2);
	gate_expect("tracked", gate_printed("nft list ruleset | sed -n 's/.*established.*packets "
				  "\\([0-9]*\\).*/\\1/p'"), 0);
}

int main(int argc, char **argv)
{
	gate_make();
	gate_rule("-F -p deny");
	gate_rule("-F -a masquerade -S 10.0.1.0/24 -W ppp0");
	masq_helpers_merged();
	transfers(argc > 1 ? (unsigned int)atoi(argv[1]) : 1);
	datagrams();
	errors();
	echo(1);
	masq_helpers_test();
	settings();
	settings_of_ports();
	ports_shared();
	statistics();
	beside_conntrack();
	return tally_end(&gate_tally);
}
