// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-hooks.c - what packets and their senders learn of the module's verdicts.
 *
 *	kmod-hooks
 *
 *	client 10.0.1.2 ---- 10.0.1.1 gate 10.0.2.1 ---- 10.0.2.2 server
 *	                 10.0.1.99 eth0:1
 *
 * Runs where the module is loaded, as root, in network namespaces of its own; the
 * rules are the gate's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kmod/core/base.h"
#include "tests/lib/tally.h"
#include "tests/lib/namespace.h"

#define GATE	0x0a000101u
#define ALIAS	0x0a000163u
#define SERVER	0x0a000202u
#define ABSENT	0x0a000203u	/* a host that never answers */

#define WAIT 2000	/* ms for what must come */
#define SOON 200	/* ms in which what must not come would have come */

static struct tally tally;
static int client, gate, server;	/* namespaces */

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

/* one command of ipfwadm in the gate */
static void __attribute__((format(printf, 1, 2))) rule(const char *format, ...)
{
	const char *build = getenv("BUILD");
	char words[256], command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	snprintf(command, sizeof(command), "IPFWADM_BACKEND=kmod %s/bin/ipfwadm %s",
		 build ? build : "build", words);
	enter(gate);
	need(!namespace_run(command, NULL), words);
}

static void rules_flush(void)
{
	static const char *const lists[] = { "-I", "-O", "-F" };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		rule("%s -f", lists[i]);
		rule("%s -p accept", lists[i]);
	}
	rule("-A -f");
}

/* packets that rule number n (from 0) of a list has counted: /proc/net/ip_... */
static long counted(const char *list, unsigned int n)
{
	char path[64], line[512];
	unsigned long packets = 0;
	unsigned int i;
	FILE *f;

	enter(gate);
	snprintf(path, sizeof(path), "/proc/thread-self/net/ip_%s", list);
	f = fopen(path, "re");
	need(f, path);
	for (i = 0; i <= n + 1; i++)
		need(fgets(line, sizeof(line), f), "read a rule");
	fclose(f);
	need(sscanf(line, "%*s %*s %*s %*s %*s %*s %lu", &packets) == 1, "read a counter");
	return (long)packets;
}

static struct sockaddr_in end(__u32 addr, int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(addr),
		.sin_port = htons(port),
	};
}

static int sock_open(int ns, int type)
{
	const struct timeval wait = { .tv_sec = WAIT / 1000 };
	int fd;

	enter(ns);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	need(fd >= 0, "open a socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	return fd;
}

/* a socket that waits at addr:port; listening, if it is for TCP */
static int sock_bound(int ns, int type, __u32 addr, int port)
{
	const struct sockaddr_in at = end(addr, port);
	int fd = sock_open(ns, type), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	need(!bind(fd, (const struct sockaddr *)&at, sizeof(at)), "bind");
	need(type != SOCK_STREAM || !listen(fd, 5), "listen");
	return fd;
}

static int sock_connected(int ns, int type, __u32 addr, int port)
{
	const struct sockaddr_in to = end(addr, port);
	int fd = sock_open(ns, type);

	if (connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

/* bytes that arrive, or -errno */
static long receive(int fd, int wait)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[8192];
	long n;

	if (poll(&p, 1, wait) != 1)
		return -ETIMEDOUT;
	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	return n < 0 ? -errno : n;
}

/* The error with which a datagram to addr:port comes back; 0: none. */
static long datagram_error(int ns, __u32 addr, int port, const char *bytes, size_t n)
{
	int fd = sock_connected(ns, SOCK_DGRAM, addr, port), on = 1;
	long err;

	need(fd >= 0, "connect");
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	if (send(fd, bytes, n, 0) < 0)
		err = errno;
	else
		err = -receive(fd, SOON);
	close(fd);
	return err == ETIMEDOUT ? 0 : err;
}

static void refusals_by_list(void)
{
	/* somebody who hears it, so that the server itself does not refuse */
	int waiting = sock_bound(server, SOCK_DGRAM, 0, 99);

	expect("no rule", datagram_error(client, SERVER, 99, "x", 1), 0);
	expect("delivered", receive(waiting, WAIT), 1);
	rule("-I -a reject -P udp");
	expect("input rejects", datagram_error(client, SERVER, 99, "x", 1), ECONNREFUSED);
	rule("-I -f");
	rule("-F -a reject -P udp");
	expect("forward rejects", datagram_error(client, SERVER, 99, "x", 1), EHOSTUNREACH);
	expect("not forwarded for the gate itself",
	       datagram_error(gate, SERVER, 99, "x", 1), 0);
	expect("delivered", receive(waiting, WAIT), 1);
	rule("-F -f");
	rule("-O -a reject -P udp");
	expect("output rejects", datagram_error(client, SERVER, 99, "x", 1), EHOSTUNREACH);
	expect("output rejects our own", datagram_error(gate, SERVER, 99, "x", 1), EPERM);
	rule("-O -f");
	rule("-O -a deny -P udp");
	expect("output denies", datagram_error(client, SERVER, 99, "x", 1), 0);
	expect("output denies our own", datagram_error(gate, SERVER, 99, "x", 1), EPERM);
	rule("-O -f");
	rule("-F -p masquerade");
	expect("masqueraded", datagram_error(client, SERVER, 99, "x", 1), 0);
	expect("arrives", receive(waiting, WAIT), 1);
	close(waiting);
	rules_flush();
}

/* Accounting sees fragments, input the whole; by lo all lists are met. */
static void fragments_and_loopback(void)
{
	static const char big[4000];
	int waiting = sock_bound(server, SOCK_DGRAM, 0, 99);

	rule("-A in -a -P udp");
	rule("-A out -a -P udp");
	rule("-A out -a -P udp -D 10.0.2.2 99");
	rule("-I -a accept -P udp");
	rule("-F -a accept -P udp -W eth1");
	expect("a big datagram", datagram_error(client, SERVER, 99, big, sizeof(big)), 0);
	expect("arrives", receive(waiting, WAIT), sizeof(big));
	expect("fragments come in", counted("acct", 0), 3);
	expect("fragments go out", counted("acct", 1), 3);
	expect("one of them with a port", counted("acct", 2), 1);
	expect("input sees the whole", counted("input", 0), 1);
	expect("forward sees the whole", counted("forward", 0), 1);
	close(waiting);
	rules_flush();
	rule("-A in -a -W lo");
	rule("-A out -a -W lo");
	rule("-I -a accept -W lo -V 127.0.0.1");
	rule("-O -a accept -W lo");
	waiting = sock_bound(gate, SOCK_DGRAM, 0, 98);
	expect("to ourselves", datagram_error(gate, SERVER - 1, 98, "x", 1), 0);
	expect("arrives", receive(waiting, WAIT), 1);
	expect("in by lo", counted("acct", 0), 1);
	expect("out by lo", counted("acct", 1), 1);
	expect("input from lo", counted("input", 0), 1);
	expect("output to lo", counted("output", 0), 1);
	close(waiting);
	rules_flush();
}

static void devices(void)
{
	int waiting = sock_bound(gate, SOCK_DGRAM, 0, 97);

	rule("-A in -a -W eth0");
	rule("-I -a accept -W eth0:1");
	rule("-I -a accept -V 10.0.1.1");
	rule("-I -a accept -W eth0");
	rule("-O -a accept -V 10.0.2.1 -D 10.0.2.2");
	expect("to the alias", datagram_error(client, ALIAS, 97, "x", 1), 0);
	expect("arrives", receive(waiting, WAIT), 1);
	expect("to the interface", datagram_error(client, GATE, 97, "x", 1), 0);
	expect("arrives", receive(waiting, WAIT), 1);
	expect("through the gate", datagram_error(client, SERVER, 97, "x", 1), ECONNREFUSED);
	expect("accounting knows no alias", counted("acct", 0), 3);
	expect("input does", counted("input", 0), 1);
	expect("address of the interface", counted("input", 1), 2);
	expect("name of the interface", counted("input", 2), 0);
	expect("address of the outgoing interface", counted("output", 0), 1);
	close(waiting);
	enter(gate);
	need(!namespace_run("ip addr del 10.0.1.99/24 dev eth0", NULL), "remove the alias");
	expect("without an alias", datagram_error(client, GATE, 97, "x", 1), ECONNREFUSED);
	expect("its rule rests", counted("input", 0), 1);
	rules_flush();
}

/* how often the kernel logged that */
static long logged(const char *part)
{
	static char log[1 << 17];
	int n = klogctl(3, log, sizeof(log) - 1);
	const char *found = log;
	long times = 0;

	need(n >= 0, "read the kernel's log");
	log[n] = '\0';
	while ((found = strstr(found, part))) {
		times++;
		found += strlen(part);
	}
	return times;
}

static void log_limit_set(const char *lines)
{
	FILE *f = fopen("/sys/module/ipfwadm/parameters/log_limit", "we");

	need(f && fputs(lines, f) >= 0 && !fclose(f), "set the limit");
}

static void log_limited(void)
{
	const struct sockaddr_in to = end(SERVER, 95);
	int fd = sock_open(client, SOCK_DGRAM), i;

	rule("-F -a deny -P udp -D 10.0.2.2 95 -o");
	log_limit_set("2");
	for (i = 0; i < 6; i++)
		need(sendto(fd, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to)) == 1,
		     "send");
	expect("all are counted", counted("forward", 0), 6);
	expect("two are logged", logged("10.0.2.2:95 "), 2);
	log_limit_set("0");
	close(fd);
	rules_flush();
}

static void log_and_tos(void)
{
	int waiting = sock_bound(server, SOCK_DGRAM, 0, 96), on = 1;
	struct sockaddr_in from = end(0, 4321), to = end(SERVER, 96);
	struct cmsghdr *c;
	char bytes[8], space[64];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			    .msg_controllen = sizeof(space) };
	int fd = sock_open(client, SOCK_DGRAM);

	rule("-F -a accept -P udp -S 10.0.1.2 4321 -o -t 0xff 0x10");
	need(!bind(fd, (struct sockaddr *)&from, sizeof(from)), "bind");
	setsockopt(waiting, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
	need(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1, "send");
	expect("arrives", recvmsg(waiting, &m, 0), 1);
	c = CMSG_FIRSTHDR(&m);
	expect("has a new TOS", c && c->cmsg_type == IP_TOS ? *CMSG_DATA(c) : -1, 0x10);
	expect("is logged as it came", logged("IP fw-fwd acc eth1 UDP 10.0.1.2:4321 "
					      "10.0.2.2:96 L=29 S=0x00 I="), 1);
	expect("with its TTL", logged("F=0x4000 T=63\n"), 1);
	close(fd);
	close(waiting);
	rules_flush();
}

/* accepted: the address and port that the client meant */
static int connection_accept(int listening, const struct sockaddr_in *meant)
{
	struct sockaddr_in own = { 0 };
	socklen_t len = sizeof(own);
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

	expect("a redirected connection", fd < 0 ? errno : 0, 0);
	if (fd < 0)
		return fd;
	need(!getsockname(fd, (struct sockaddr *)&own, &len), "ask for a name");
	expect("has the address that was meant", own.sin_addr.s_addr,
	       meant->sin_addr.s_addr);
	expect("and the port", ntohs(own.sin_port), ntohs(meant->sin_port));
	return fd;
}

static void connection_talk(int a, int b)
{
	expect("says", send(a, "question", 8, 0), 8);
	expect("hears", receive(b, WAIT), 8);
	expect("answers", send(b, "answer", 6, 0), 6);
	expect("hears", receive(a, WAIT), 6);
}

static void redirect_tcp(__u32 addr, const char *only)
{
	const struct sockaddr_in meant = end(addr, 80);
	int listening = sock_bound(gate, SOCK_STREAM, 0, 8080), a, b;

	rule("-F -p deny");
	rule("-I -a accept -P tcp -D 0.0.0.0/0 80 -r 8080 %s", only);
	a = sock_connected(client, SOCK_STREAM, addr, 80);
	expect("connects", a < 0 ? a : 0, 0);
	b = a < 0 ? a : connection_accept(listening, &meant);
	if (b >= 0) {
		connection_talk(a, b);
		rule("-I -f");
		connection_talk(b, a);
		close(b);
		expect("is told the end", receive(a, WAIT), 0);
	}
	if (a >= 0)
		close(a);
	close(listening);
	rules_flush();
}

static void redirect_udp(void)
{
	int waiting = sock_bound(gate, SOCK_DGRAM, 0, 5353), on = 1;
	struct cmsghdr *c;
	char bytes[8], space[64];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			    .msg_controllen = sizeof(space) };

	rule("-I -a accept -P udp -D 0.0.0.0/0 53 -r 5353");
	setsockopt(waiting, IPPROTO_IP, IP_RECVORIGDSTADDR, &on, sizeof(on));
	expect("a question", datagram_error(client, SERVER, 53, "x", 1), 0);
	expect("is taken in", recvmsg(waiting, &m, MSG_DONTWAIT), 1);
	c = CMSG_FIRSTHDR(&m);
	need(c && c->cmsg_type == IP_ORIGDSTADDR, "learn an address");
	expect("for the port that was meant",
	       ntohs(((struct sockaddr_in *)CMSG_DATA(c))->sin_port), 53);
	close(waiting);
	rules_flush();
}

static void network_make(void)
{
	static const char answers[] =
		"link set lo up\n"
		"link set eth0 up\n";
	char text[1024];

	client = namespace_new();
	server = namespace_new();
	gate = namespace_new();
	need(client >= 0 && server >= 0 && gate >= 0, "make namespaces");
	snprintf(text, sizeof(text),
		 "link set lo up\n"
		 "link add eth0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link add eth1 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "addr add 10.0.1.1/24 dev eth0\n"
		 "addr add 10.0.1.99/24 dev eth0 label eth0:1\n"
		 "addr add 10.0.2.1/24 dev eth1\n"
		 "link set eth0 up\n"
		 "link set eth1 up\n",
		 (int)getpid(), client, (int)getpid(), server);
	need(!namespace_run("ip -batch -", text), "connect the gate");
	need(!namespace_sysctl("ipv4/ip_forward", "1"), "forward");
	enter(client);
	need(!namespace_run("ip -batch -", answers), "connect the client");
	need(!namespace_run("ip addr add 10.0.1.2/24 dev eth0 && "
			    "ip route add default via 10.0.1.1", NULL), "set up the client");
	enter(server);
	need(!namespace_run("ip -batch -", answers), "connect the server");
	need(!namespace_run("ip addr add 10.0.2.2/24 dev eth0 && "
			    "ip route add default via 10.0.2.1", NULL), "set up the server");
}

int main(void)
{
	network_make();
	refusals_by_list();
	fragments_and_loopback();
	log_and_tos();
	log_limited();
	redirect_tcp(SERVER, "");
	redirect_tcp(ABSENT, "-y");
	redirect_tcp(GATE, "");
	redirect_udp();
	devices();
	return tally_end(&tally);
}
