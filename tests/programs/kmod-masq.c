// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-masq.c - programs behind the masquerading module, with real sockets.
 *
 *	kmod-masq
 *
 *	inside 10.0.1.2 ---- 10.0.1.1 gate 192.0.2.1 ---- 192.0.2.2 outside
 *
 * The outside has no route to the inside.  Runs where the module is loaded, as root, in
 * network namespaces of its own; the rules are the gate's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kmod/core/conn.h"
#include "tests/lib/namespace.h"
#include "tests/lib/tally.h"

#define INSIDE	0x0a000102u
#define GATE	0xc0000201u	/* its address outside */
#define OUTSIDE	0xc0000202u

#define WAIT 5000	/* ms for what must come */
#define SOON 300	/* ms in which what must not come would have come */
#define TRANSFER (4u << 20)	/* bytes */

static struct tally tally;
static int inside, gate, outside;	/* namespaces */

static void need(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void expect(const char *what, long got, long wanted)
{
	if (got == wanted)
		tally_pass(&tally);
	else
		tally_fail(&tally, "%s: %ld, not %ld", what, got, wanted);
}

static void enter(int ns)
{
	need(!namespace_enter(ns), "enter a namespace");
}

static void run(int ns, const char *command)
{
	enter(ns);
	need(!namespace_run(command, NULL), command);
}

/* one command of ipfwadm in the gate */
static void rule(const char *words)
{
	const char *build = getenv("BUILD");
	char command[512];

	snprintf(command, sizeof(command), "IPFWADM_BACKEND=kmod %s/bin/ipfwadm %s",
		 build ? build : "build", words);
	run(gate, command);
}

/* the last number that a command prints in the gate */
static long printed(const char *command)
{
	char line[512];
	long n = -1;
	FILE *f;

	enter(gate);
	f = popen(command, "re");
	need(f, command);
	while (fgets(line, sizeof(line), f))
		n = strtol(line, NULL, 10);
	pclose(f);
	return n;
}

/* lines of /proc/net/ip_masquerade that contain that */
static long listed(const char *part)
{
	char line[512];
	long n = 0;
	FILE *f;

	enter(gate);
	f = fopen("/proc/thread-self/net/ip_masquerade", "re");
	need(f, "open ip_masquerade");
	while (fgets(line, sizeof(line), f))
		if (strstr(line, part)) {
			expect("bytes of a line", (long)strlen(line), 128);
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

	enter(ns);
	f = fopen("/proc/thread-self/net/snmp", "re");
	need(f, "open snmp");
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

static struct sockaddr_in end(__u32 addr, int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(addr),
		.sin_port = htons(port),
	};
}

static int sock_open(int ns, int type, int proto)
{
	const struct timeval wait = { .tv_sec = WAIT / 1000 };
	int fd, on = 1;

	enter(ns);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, proto);
	need(fd >= 0, "open a socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return fd;
}

/* a socket at port, 0: any; listening, if it is for TCP and listens */
static int sock_bound(int ns, int type, int port, bool listens)
{
	const struct sockaddr_in at = end(0, port);
	int fd = sock_open(ns, type, 0);

	need(!bind(fd, (const struct sockaddr *)&at, sizeof(at)), "bind");
	need(!listens || !listen(fd, 5), "listen");
	return fd;
}

static long sock_connect(int fd, __u32 addr, int port)
{
	const struct sockaddr_in to = end(addr, port);

	return connect(fd, (const struct sockaddr *)&to, sizeof(to)) ? -errno : 0;
}

/* bytes that arrive within wait ms, or -errno; *from: who sent them */
static long receive(int fd, int wait, struct sockaddr_in *from)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(*from);
	char bytes[2048];
	long n;

	if (poll(&p, 1, wait) != 1)
		return -ETIMEDOUT;
	n = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)from,
		     from ? &len : NULL);
	return n < 0 ? -errno : n;
}

static void answer(int fd, const struct sockaddr_in *to, const char *text)
{
	need(sendto(fd, text, strlen(text), 0, (const struct sockaddr *)to, sizeof(*to)) > 0,
	     "answer");
}

/* byte n of what is transferred */
static unsigned char byte_at(unsigned int n)
{
	return (unsigned char)(n * 2654435761u >> 13);
}

static void *bytes_send(void *ctx)
{
	static __thread unsigned char bytes[16384];
	int fd = *(int *)ctx;
	unsigned int at, i;

	for (at = 0; at < TRANSFER; at += sizeof(bytes)) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = byte_at(at + i);
		if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) != sizeof(bytes))
			break;
	}
	shutdown(fd, SHUT_WR);
	return NULL;
}

/* bytes that come and are right */
static long bytes_receive(int fd)
{
	static unsigned char bytes[65536];
	unsigned int at = 0;
	long n, i;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		for (i = 0; i < n; i++)
			if (bytes[i] != byte_at(at++))
				return -EBADMSG;
	return n < 0 ? -errno : (long)at;
}

/* A TCP connection from the inside, with so many bytes in both directions. */
static void transfer(const char *name, int port)
{
	int listening = sock_bound(outside, SOCK_STREAM, port, true);
	long errors = snmp(inside, "Tcp", "InErrs") + snmp(outside, "Tcp", "InErrs");
	int a = sock_bound(inside, SOCK_STREAM, 0, false), b;
	struct sockaddr_in from = end(0, 0);
	socklen_t len = sizeof(from);
	pthread_t thread;

	printf("%s\n", name);
	expect("connects", sock_connect(a, OUTSIDE, port), 0);
	b = accept4(listening, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
	need(b >= 0, "accept");
	expect("from the gate", ntohl(from.sin_addr.s_addr), GATE);
	expect("from a port of masquerading", ntohs(from.sin_port) >= FW_MASQ_PORT_FIRST &&
					      ntohs(from.sin_port) < FW_MASQ_PORT_END, 1);
	need(!pthread_create(&thread, NULL, bytes_send, &a), "start a thread");
	expect("bytes out", bytes_receive(b), TRANSFER);
	pthread_join(thread, NULL);
	need(!pthread_create(&thread, NULL, bytes_send, &b), "start a thread");
	expect("bytes in", bytes_receive(a), TRANSFER);
	pthread_join(thread, NULL);
	close(a);
	close(b);
	close(listening);
	expect("segments with errors",
	       snmp(inside, "Tcp", "InErrs") + snmp(outside, "Tcp", "InErrs") - errors, 0);
}

static void offload_off(int ns, const char *device)
{
	static const __u32 commands[] = { ETHTOOL_SGRO, ETHTOOL_SGSO, ETHTOOL_STSO,
					  ETHTOOL_SSG, ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM };
	int fd = sock_open(ns, SOCK_DGRAM, 0);
	struct ethtool_value value = { 0 };
	struct ifreq request = { .ifr_data = (void *)&value };
	size_t i;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	for (i = 0; i < FW_COUNT(commands); i++) {
		value.cmd = commands[i];
		need(!ioctl(fd, SIOCETHTOOL, &request), "turn offload off");
	}
	close(fd);
}

/*
 * Segments are cut and summed after translation; then before it, as on a wire; so the
 * receiver verifies what was computed of our sums.
 */
static void transfers(void)
{
	transfer("large segments", 5000);
	expect("is listed", listed("TCP 0A000102:"), 1);
	offload_off(gate, "ppp0");
	offload_off(gate, "eth0");
	transfer("cut after translation", 5001);
	offload_off(inside, "eth0");
	offload_off(outside, "eth0");
	transfer("as on a wire", 5002);
	expect("are listed", listed("TCP 0A000102:"), 3);
	expect("by ipfwadm, too", printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm -M -l -n |"
					  "grep -c '^tcp .* 10.0.1.2  *192.0.2.2 .*500[012]$'"), 3);
	expect("both ends have closed", printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm "
						"-M -l -n | grep -c '^tcp  *0[12]:'"), 3);
}

/* A question from the inside, answered by the outside from any address. */
static void datagrams(void)
{
	int server = sock_bound(outside, SOCK_DGRAM, 53, false), on = 1;
	int client = sock_bound(inside, SOCK_DGRAM, 4000, false), other;
	struct sockaddr_in from, to = end(OUTSIDE, 53);
	const struct sockaddr_in at = end(OUTSIDE + 1, 53);

	answer(client, &to, "question");
	expect("a question", receive(server, WAIT, &from), 8);
	expect("from the gate", ntohl(from.sin_addr.s_addr), GATE);
	answer(server, &from, "answer");
	expect("an answer", receive(client, WAIT, &to), 6);
	expect("from whom it was asked", ntohl(to.sin_addr.s_addr), OUTSIDE);
	other = sock_open(outside, SOCK_DGRAM, 0);
	need(!bind(other, (const struct sockaddr *)&at, sizeof(at)), "bind");
	answer(other, &from, "another");
	expect("an answer from another address", receive(client, WAIT, &to), 7);
	expect("which is its", ntohl(to.sin_addr.s_addr), OUTSIDE + 1);
	close(other);
	other = sock_bound(outside, SOCK_DGRAM, 54, false);
	answer(other, &from, "wrong");
	expect("none from another port", receive(client, SOON, &to), -ETIMEDOUT);
	close(other);
	/* without a checksum */
	setsockopt(client, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
	to = end(OUTSIDE, 53);
	answer(client, &to, "unsummed");
	expect("a datagram without a checksum", receive(server, WAIT, &from), 8);
	setsockopt(server, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
	answer(server, &from, "unsummed");
	expect("and its answer", receive(client, WAIT, &to), 8);
	expect("is listed", listed("UDP 0A000102:0FA0 C0000202:0035"), 1);
	enter(gate);
	need(!namespace_sysctl("ipv4/ip_forward", "0"), "stop forwarding");
	answer(server, &from, "late");
	expect("an answer while nothing is forwarded", receive(client, WAIT, &to), 4);
	enter(gate);
	need(!namespace_sysctl("ipv4/ip_forward", "1"), "forward");
	close(client);
	close(server);
}

/* Errors about masqueraded datagrams, from outside, from the gate and from inside. */
static void errors(void)
{
	int client = sock_bound(inside, SOCK_DGRAM, 0, false), ttl = 1, on = 1;
	int server = sock_bound(outside, SOCK_DGRAM, 55, false);
	const struct sockaddr_in to = end(OUTSIDE, 55);
	struct sockaddr_in from;

	expect("to a closed port", sock_connect(client, OUTSIDE, 56), 0);
	need(send(client, "x", 1, 0) == 1, "send");
	expect("it is unreachable", receive(client, WAIT, NULL), -ECONNREFUSED);
	setsockopt(client, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	setsockopt(client, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	need(send(client, "x", 1, 0) == 1, "send");
	expect("time is exceeded at the gate", receive(client, WAIT, NULL), -EHOSTUNREACH);
	close(client);
	client = sock_bound(inside, SOCK_DGRAM, 0, false);
	answer(client, &to, "question");
	expect("a question", receive(server, WAIT, &from), 8);
	close(client);
	need(!connect(server, (struct sockaddr *)&from, sizeof(from)), "connect");
	need(send(server, "answer", 6, 0) == 6, "answer");
	expect("nobody listens any more", receive(server, WAIT, NULL), -ECONNREFUSED);
	close(server);
}

static void echo(long connections)
{
	static const struct icmphdr request = { .type = ICMP_ECHO };
	int fd = sock_open(inside, SOCK_DGRAM, IPPROTO_ICMP);

	expect("connects", sock_connect(fd, OUTSIDE, 0), 0);
	need(send(fd, &request, sizeof(request), 0) == sizeof(request), "send");
	expect("an echo", receive(fd, WAIT, NULL), sizeof(request));
	expect("is listed", listed("ICMP 0A000102:"), connections);
	close(fd);
}

static void say(int fd, const char *text)
{
	need(send(fd, text, strlen(text), MSG_NOSIGNAL) == (long)strlen(text), "say");
}

/* a line, into text of 256 bytes */
static void hear(int fd, char *text)
{
	size_t n = 0;

	while (n < 255 && recv(fd, text + n, 1, 0) == 1 && text[n++] != '\n')
		;
	text[n] = '\0';
}

static void expect_line(int from, int to, const char *text)
{
	char heard[256];

	say(from, text);
	hear(to, heard);
	if (strcmp(heard, text))
		tally_fail(&tally, "heard '%s', not '%s'", heard, text);
	else
		tally_pass(&tally);
}

/* what the client says of a port of its own becomes that of the gate: which */
static long announced(int client, int server, const char *text, const char *format)
{
	unsigned int high = 0, low = 0;
	char heard[256];
	int n;

	say(client, text);
	hear(server, heard);
	n = sscanf(heard, format, &high, &low);
	if (n < 1)
		tally_fail(&tally, "'%s' became '%s'", text, heard);
	return n == 2 ? high << 8 | low : high;
}

/* A connection that an outer address begins to the announced port reaches the client. */
static void data_begin(__u32 addr, int from, long port, int listening)
{
	int data = sock_open(outside, SOCK_STREAM, 0), accepted;
	const struct sockaddr_in at = end(addr, from);
	struct pollfd p = { .fd = listening, .events = POLLIN };

	expect("a port of masquerading",
	       port >= FW_MASQ_PORT_FIRST && port < FW_MASQ_PORT_END, 1);
	need(!bind(data, (const struct sockaddr *)&at, sizeof(at)), "bind");
	expect("data begin", sock_connect(data, GATE, (int)port), 0);
	expect("inside", poll(&p, 1, WAIT), 1);
	accepted = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (accepted >= 0) {
		expect_line(data, accepted, "a line of data\n");
		expect_line(accepted, data, "and one back\n");
		close(accepted);
	}
	close(data);
	close(listening);
}

/* The client connects to a server, whose end is returned. */
static int client_connect(int *client, int port)
{
	int listening = sock_bound(outside, SOCK_STREAM, port, true), server;

	*client = sock_bound(inside, SOCK_STREAM, 0, false);
	expect("connects", sock_connect(*client, OUTSIDE, port), 0);
	server = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	need(server >= 0, "accept");
	close(listening);
	return server;
}

/* Data from outside are related: nothing else new may come in there. */
static void only_related(void)
{
	rule("-I -p deny");
	rule("-I -a accept -W eth0");
	rule("-I -a accept -W ppp0 --state established,related");
}

static void ftp(void)
{
	int client, server = client_connect(&client, 21), listening;
	long port;

	only_related();
	expect_line(server, client, "220 ready\r\n");
	expect_line(client, server, "USER anonymous\r\n");
	expect_line(server, client, "230 come in\r\n");
	listening = sock_bound(inside, SOCK_STREAM, 4500, true);
	port = announced(client, server, "PORT 10,0,1,2,17,148\r\n", "PORT 192,0,2,1,%u,%u\r\n");
	data_begin(OUTSIDE, 20, port, listening);
	expect_line(server, client, "200 thanks\r\n");
	expect_line(client, server, "NOOP\r\n");
	expect("the helper's connections",
	       printed("sed -n 's/^TCP  21  *\\([0-9]*\\)  *ftp *$/\\1/p' "
		       "/proc/self/net/ip_masq_app"), 1);
	expect_line(client, server, "PORT 10,0,1,9,17,148\r\n");
	listening = sock_bound(inside, SOCK_STREAM, 4501, true);
	port = announced(client, server, "EPRT |1|10.0.1.2|4501|\r\n", "EPRT |1|192.0.2.1|%u|\r\n");
	data_begin(OUTSIDE, 1020, port, listening);
	expect_line(server, client, "226 complete\r\n");
	expect_line(client, server, "QUIT\r\n");
	shutdown(client, SHUT_WR);
	expect("the end", receive(server, WAIT, NULL), 0);
	close(client);
	close(server);
}

/* Data come from a port of their own; the helper is the rule's. */
static void tftp(void)
{
	int client = sock_bound(inside, SOCK_DGRAM, 0, false);
	int server = sock_bound(outside, SOCK_DGRAM, 69, false);
	int data = sock_bound(outside, SOCK_DGRAM, 1069, false);
	const struct sockaddr_in to = end(OUTSIDE, 69);
	static const char request[] = "\0\1file\0octet";
	struct sockaddr_in from;

	rule("-F -i masquerade -P udp -S 10.0.1.0/24 -D 0.0.0.0/0 69 -W ppp0 --helper tftp");
	need(sendto(client, request, sizeof(request), 0, (const struct sockaddr *)&to,
		    sizeof(to)) == sizeof(request), "ask");
	expect("a request", receive(server, WAIT, &from), sizeof(request));
	answer(data, &from, "data");
	expect("data from another port", receive(client, WAIT, &from), 4);
	expect("which is the server's", ntohs(from.sin_port), 1069);
	answer(client, &from, "ack");
	expect("an acknowledgement", receive(data, WAIT, &from), 3);
	close(client);
	close(server);
	close(data);
}

static void irc(void)
{
	int client, server = client_connect(&client, 6667), listening;
	long port;

	expect_line(server, client, ":server 001 hello\r\n");
	listening = sock_bound(inside, SOCK_STREAM, 4502, true);
	port = announced(client, server, "PRIVMSG bob :\001DCC SEND file 167772418 4502\001\r\n",
			 "PRIVMSG bob :\001DCC SEND file 3221225985 %u\001\r\n");
	data_begin(OUTSIDE + 1, 3000, port, listening);
	expect_line(client, server, "PRIVMSG bob :sent\r\n");
	rule("-I -f");
	rule("-I -p accept");
	close(client);
	close(server);
}

/* Settings of 2.0, and packets of a connection that began before the rule. */
static void settings(void)
{
	int server = sock_bound(outside, SOCK_DGRAM, 57, false);
	int client = sock_bound(inside, SOCK_DGRAM, 0, false);
	const struct sockaddr_in to = end(OUTSIDE, 57);
	struct sockaddr_in from;

	rule("-M -s 100 50 20");
	answer(client, &to, "question");
	expect("a question", receive(server, WAIT, &from), 8);
	expect("is forgotten after 20 s", printed("IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm "
						  "-M -l -n | grep -c '^udp  *00:1[89].* 57$'"), 1);
	rule("-F -f");
	rule("-F -p deny");
	answer(client, &to, "question");
	expect("no rule masquerades", receive(server, SOON, &from), -ETIMEDOUT);
	rule("-F -p masquerade");
	answer(client, &to, "question");
	expect("the policy does", receive(server, WAIT, &from), 8);
	close(client);
	close(server);
}

static void setting(const char *name, const char *value)
{
	char path[64];

	enter(gate);
	snprintf(path, sizeof(path), "ipv4/ipfwadm/%s", name);
	need(!namespace_sysctl(path, value), "change a setting");
}

/* The gate's port of a new question to a server; -ETIMEDOUT if it does not come through. */
static long port_of_question(int server)
{
	int client = sock_bound(inside, SOCK_DGRAM, 0, false);
	const struct sockaddr_in to = end(OUTSIDE, 58);
	struct sockaddr_in from;
	long n;

	answer(client, &to, "question");
	n = receive(server, SOON, &from);
	close(client);
	return n < 0 ? n : ntohs(from.sin_port);
}

/* Ports of our own choice, and UDP that is answered by whom it asked alone. */
static void settings_of_ports(void)
{
	int server = sock_bound(outside, SOCK_DGRAM, 58, false), client, other, i;
	const struct sockaddr_in to = end(OUTSIDE, 58), at = end(OUTSIDE + 1, 58);
	struct sockaddr_in from;
	long last, port, apart = 0;

	rule("-T -f");
	setting("masq_ports", "50000 50001");
	expect("the first port", port_of_question(server), 50000);
	expect("the second port", port_of_question(server), 50001);
	expect("no port", port_of_question(server), -ETIMEDOUT);
	setting("masq_ports", "2000 60000");
	setting("masq_random", "1");
	last = port_of_question(server);
	for (i = 0; i < 4; i++) {
		port = port_of_question(server);
		apart += port != last + 1;
		expect("a port of these", port >= 2000 && port <= 60000, 1);
		last = port;
	}
	expect("ports in no order", apart > 0, 1);
	enter(gate);
	expect("no such ports", !namespace_sysctl("ipv4/ipfwadm/masq_ports", "7 6"), 0);
	setting("masq_strict_udp", "1");
	client = sock_bound(inside, SOCK_DGRAM, 0, false);
	other = sock_open(outside, SOCK_DGRAM, 0);
	need(!bind(other, (const struct sockaddr *)&at, sizeof(at)), "bind");
	answer(client, &to, "question");
	expect("a question", receive(server, WAIT, &from), 8);
	answer(other, &from, "other");
	answer(server, &from, "answer");
	expect("only the answer of whom was asked", receive(client, WAIT, NULL), 6);
	expect("nothing else", receive(client, SOON, NULL), -ETIMEDOUT);
	close(other);
	close(client);
	close(server);
	setting("masq_strict_udp", "0");
	setting("masq_random", "0");
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

	enter(gate);
	need(!namespace_run("nft -f -", table), "load nf_conntrack");
	echo(1);
	expect("untracked", printed("nft list ruleset | sed -n 's/.*untracked.*packets "
				    "\\([0-9]*\\).*/\\1/p'"), 2);
	expect("tracked", printed("nft list ruleset | sed -n 's/.*established.*packets "
				  "\\([0-9]*\\).*/\\1/p'"), 0);
}

static void network_make(void)
{
	char text[1024];

	inside = namespace_new();
	outside = namespace_new();
	gate = namespace_new();
	need(inside >= 0 && outside >= 0 && gate >= 0, "make namespaces");
	snprintf(text, sizeof(text),
		 "link set lo up\n"
		 "link add eth0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link add ppp0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "addr add 10.0.1.1/24 dev eth0\n"
		 "addr add 192.0.2.1/24 dev ppp0\n"
		 "link set eth0 up\n"
		 "link set ppp0 up\n",
		 (int)getpid(), inside, (int)getpid(), outside);
	need(!namespace_run("ip -batch -", text), "connect the gate");
	need(!namespace_sysctl("ipv4/ip_forward", "1"), "forward");
	run(inside, "ip link set lo up && ip link set eth0 up && "
		    "ip addr add 10.0.1.2/24 dev eth0 && ip route add default via 10.0.1.1");
	need(!namespace_sysctl("ipv4/ping_group_range", "0 0"), "let root ping");
	run(outside, "ip link set lo up && ip link set eth0 up && "
		     "ip addr add 192.0.2.2/24 dev eth0 && ip addr add 192.0.2.3/24 dev eth0");
}

int main(void)
{
	network_make();
	rule("-F -p deny");
	rule("-F -a masquerade -S 10.0.1.0/24 -W ppp0");
	transfers();
	datagrams();
	errors();
	echo(1);
	ftp();
	irc();
	tftp();
	settings();
	settings_of_ports();
	beside_conntrack();
	return tally_end(&tally);
}
