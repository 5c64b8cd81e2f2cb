// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/programs/kmod-masq/gate.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/namespace.h"

struct tally gate_tally;
int gate_inside, gate_self, gate_outside;
unsigned int gate_bytes = 4u << 20;

void gate_need(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

void gate_expect(const char *what, long got, long wanted)
{
	if (got == wanted)
		tally_pass(&gate_tally);
	else
		tally_fail(&gate_tally, "%s: %ld, not %ld", what, got, wanted);
}

void gate_enter(int ns)
{
	gate_need(!namespace_enter(ns), "enter a namespace");
}

void gate_run(int ns, const char *command)
{
	gate_enter(ns);
	gate_need(!namespace_run(command, NULL), command);
}

/* one command of ipfwadm in the gate */
void gate_rule(const char *words)
{
	const char *build = getenv("BUILD");
	char command[512];

	snprintf(command, sizeof(command), "IPFWADM_BACKEND=kmod %s/bin/ipfwadm %s",
		 build ? build : "build", words);
	gate_run(gate_self, command);
}

/* the last number that a command prints in the gate */
long gate_printed(const char *command)
{
	char line[512];
	long n = -1;
	FILE *f;

	gate_enter(gate_self);
	f = popen(command, "re");
	gate_need(f, command);
	while (fgets(line, sizeof(line), f))
		n = strtol(line, NULL, 10);
	pclose(f);
	return n;
}

struct sockaddr_in gate_end(__u32 addr, int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(addr),
		.sin_port = htons(port),
	};
}

int gate_socket(int ns, int type, int proto)
{
	const struct timeval wait = { .tv_sec = WAIT / 1000 };
	int fd, on = 1;

	gate_enter(ns);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, proto);
	gate_need(fd >= 0, "open a socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return fd;
}

/* a socket at port, 0: any; listening, if it is for TCP and listens */
int gate_bound(int ns, int type, int port, bool listens)
{
	const struct sockaddr_in at = gate_end(0, port);
	int fd = gate_socket(ns, type, 0);

	gate_need(!bind(fd, (const struct sockaddr *)&at, sizeof(at)), "bind");
	gate_need(!listens || !listen(fd, 5), "listen");
	return fd;
}

long gate_connect(int fd, __u32 addr, int port)
{
	const struct sockaddr_in to = gate_end(addr, port);

	return connect(fd, (const struct sockaddr *)&to, sizeof(to)) ? -errno : 0;
}

/* bytes that arrive within wait ms, or -errno; *from: who sent them */
long gate_receive(int fd, int wait, struct sockaddr_in *from)
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

void gate_answer(int fd, const struct sockaddr_in *to, const char *text)
{
	gate_need(sendto(fd, text, strlen(text), 0, (const struct sockaddr *)to, sizeof(*to)) > 0,
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

	for (at = 0; at < gate_bytes; at += sizeof(bytes)) {
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

void gate_transfer(const char *what, int from, int to)
{
	pthread_t thread;

	gate_need(!pthread_create(&thread, NULL, bytes_send, &from), "start a thread");
	gate_expect(what, bytes_receive(to), gate_bytes);
	pthread_join(thread, NULL);
}

void gate_make(void)
{
	char text[1024];

	gate_inside = namespace_new();
	gate_outside = namespace_new();
	gate_self = namespace_new();
	gate_need(gate_inside >= 0 && gate_outside >= 0 && gate_self >= 0, "make namespaces");
	snprintf(text, sizeof(text),
		 "link set lo up\n"
		 "link add eth0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link add ppp0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "addr add 10.0.1.1/24 dev eth0\n"
		 "addr add 192.0.2.1/24 dev ppp0\n"
		 "link set eth0 up\n"
		 "link set ppp0 up\n",
		 (int)getpid(), gate_inside, (int)getpid(), gate_outside);
	gate_need(!namespace_run("ip -batch -", text), "connect the gate");
	gate_need(!namespace_sysctl("ipv4/ip_forward", "1"), "forward");
	gate_run(gate_inside, "ip link set lo up && ip link set eth0 up && "
		    "ip addr add 10.0.1.2/24 dev eth0 && ip route add default via 10.0.1.1");
	gate_need(!namespace_sysctl("ipv4/ping_group_range", "0 0"), "let root ping");
	gate_run(gate_outside, "ip link set lo up && ip link set eth0 up && "
		     "ip addr add 192.0.2.2/24 dev eth0 && ip addr add 192.0.2.3/24 dev eth0");
}
