// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-flood.c - tables of connections that are large, flooded or full.
 *
 *	kmod-flood CONNECTIONS [BYTES]	as root
 *	kmod-flood user			in a namespace of a user
 *
 * Packets go through a gate from tunnel "in" to tunnel "out".  So many connections must
 * take no more memory than there is for a million in 240 MiB, or BYTES for each.  Half as
 * many half-open ones must end no assured one, and the administrator gets in all the while;
 * also when the table is full of assured ones, which no other namespace notices.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/kmod/kmod.h"
#include "backend/kmod/kmod_track.h"
#include "backend/ruleset.h"
#include "tests/lib/namespace.h"
#include "tests/lib/tally.h"
#include "tests/lib/tun.h"

#define BYTES_PER_CONNECTION (240.0 * 1024 * 1024 / 1000000)
#define GATE 0x0a000001u
#define CLIENT 0x0a000100u	/* the first of 65536 */
#define ADMIN 0x0a000009u
#define SERVER 0xc6336400u
#define SSH 22
#define ASSURED 1000
#define LIMIT 4096	/* of the table that is full of assured connections */
#define RESERVE (LIMIT / 64)
#define PORTS 60000
#define CLIENT_SEQ 1000
#define SERVER_SEQ 5000

static struct tally tally;

/* a gate in a namespace of its own */
struct gate {
	int ns, in, out, listening;
	struct backend b;
	struct kmod_link link;
};

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

static void need(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "cannot %s\n", what);
	exit(1);
}

static long setting(const char *name)
{
	char path[64];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/ipfwadm/%s", name);
	f = fopen(path, "re");
	need(f && fscanf(f, "%ld", &n) == 1, "read a setting"); /* NOLINT: a number */
	fclose(f);
	return n;
}

static int setting_set(const char *name, unsigned long value)
{
	char path[64], text[24];

	snprintf(path, sizeof(path), "ipv4/ipfwadm/%s", name);
	snprintf(text, sizeof(text), "%lu", value);
	return namespace_sysctl(path, text);
}

static void rules_load(struct backend *b)
{
	const struct fw_edit edit = {
		.op = FW_OP_APPEND, .list = FW_FORWARD,
		.rule = { .flags = FW_ACCEPT, .tosand = 0xff, .state = FW_STATE_NEW,
			  .keep_state = 1 },
	};
	struct fw_ruleset rs;
	struct fw_error e;

	fw_ruleset_init(&rs);
	fw_ruleset_edit(&rs, &edit);
	need(!kmod_ops.replace(b, &rs, &e), "load rules");
	fw_ruleset_free(&rs);
}

static void gate_make(struct gate *g)
{
	static const char setup[] = "link set lo up\n"
				    "addr add 10.0.0.1/8 dev in\n"
				    "link set in up\n"
				    "link set out up\n"
				    "route add default dev out\n";
	const struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(SSH) };
	struct fw_error e;

	g->ns = namespace_new();
	need(g->ns >= 0, "make a namespace");
	g->in = tun_open("in", false);
	g->out = tun_open("out", false);
	g->b = (struct backend){ .ops = &kmod_ops };
	need(!namespace_run("ip -batch -", setup) &&
	     !namespace_sysctl("ipv4/ip_forward", "1"), "make a gate");
	need(!kmod_ops.open(&g->b, NULL, &e) && !kmod_link_open(&g->link, &e),
	     "reach the module");
	g->listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	need(!bind(g->listening, (const struct sockaddr *)&at, sizeof(at)) &&
	     !listen(g->listening, 5), "listen");
	rules_load(&g->b);
}

static void gate_free(struct gate *g)
{
	close(g->listening);
	kmod_link_close(&g->link);
	kmod_ops.close(&g->b);
	close(g->in);
	close(g->out);
	close(g->ns);
}

/* A segment of connection n; flags 0: a datagram. */
static struct tun_packet packet_make(unsigned int n, __u8 flags)
{
	return (struct tun_packet){
		.saddr = CLIENT + n % 65000,
		.daddr = SERVER + n / PORTS,
		.sport = (__u16)(1024 + n % PORTS),
		.dport = 80,
		.tcpflags = flags,
		.seq = flags & FW_TCP_SYN ? CLIENT_SEQ : CLIENT_SEQ + 1,
		.ack = flags & FW_TCP_ACK ? SERVER_SEQ + 1 : 0,
	};
}

static void flood(const struct gate *g, unsigned int first, unsigned int n, __u8 flags)
{
	unsigned int i;

	for (i = first; i < first + n; i++) {
		const struct tun_packet p = packet_make(i, flags);

		need(!tun_send(g->in, &p), "send");
	}
	tally.packets += n;
}

/* Does the packet leave? */
static bool passes(const struct gate *g, unsigned int n, __u8 flags)
{
	const struct tun_packet p = packet_make(n, flags);
	struct tun_packet left;

	tun_drain(g->out);
	need(!tun_send(g->in, &p), "send");
	return tun_receive(g->out, &left) && left.saddr == p.saddr && left.sport == p.sport;
}

/* Establishes n connections, from number first on. */
static void establish(const struct gate *g, unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = first; i < first + n; i++) {
		const struct tun_packet syn = packet_make(i, FW_TCP_SYN);
		const struct tun_packet answer = {
			.saddr = syn.daddr, .daddr = syn.saddr,
			.sport = syn.dport, .dport = syn.sport,
			.tcpflags = FW_TCP_SYN | FW_TCP_ACK,
			.seq = SERVER_SEQ, .ack = CLIENT_SEQ + 1,
		};
		const struct tun_packet ack = packet_make(i, FW_TCP_ACK);

		need(!tun_send(g->in, &syn) && !tun_send(g->out, &answer) &&
		     !tun_send(g->in, &ack), "establish");
		tally.packets += 3;
	}
	tun_drain(g->in);
}

/* The administrator connects to the gate, from a port that has not been used. */
static bool admin_connects(const struct gate *g)
{
	static const struct linger reset = { .l_onoff = 1 };
	static __u16 port = 40000;
	struct tun_packet p = {
		.saddr = ADMIN, .daddr = GATE, .sport = ++port, .dport = SSH,
		.tcpflags = FW_TCP_SYN, .seq = CLIENT_SEQ,
	};
	struct tun_packet answer;
	int fd;

	tun_drain(g->in);
	need(!tun_send(g->in, &p), "send");
	if (!tun_receive(g->in, &answer) || answer.tcpflags != (FW_TCP_SYN | FW_TCP_ACK))
		return false;
	p.tcpflags = FW_TCP_ACK;
	p.seq++;
	p.ack = answer.seq + 1;
	need(!tun_send(g->in, &p), "send");
	fd = accept(g->listening, NULL, NULL); /* NOLINT: closed at once */
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	return true;
}

static int assured_count(const struct ipfwadm_conn *conn, void *ctx)
{
	unsigned int *n = ctx;

	*n += conn->flags & IPFWADM_CONN_ASSURED && conn->daddr != GATE;
	return 0;
}

/* A listing is not whole if the table changes its size meanwhile. */
static unsigned int assured(struct gate *g)
{
	struct netlink_refusal why;
	unsigned int n;
	long buckets;

	do {
		n = 0;
		buckets = setting("conn_buckets");
		need(!kmod_conns_read(&g->link, NULL, assured_count, &n, &why), "list");
	} while (setting("conn_buckets") != buckets);
	return n;
}

static void flush(struct gate *g)
{
	struct fw_error e;

	need(!kmod_ops.track->flush(&g->b, &e), "flush");
	check(setting("conn_count") == 0, "%ld connections after a flush",
	      setting("conn_count"));
}

/* Bytes that the kernel's allocator has for entries. */
static unsigned long slab_bytes(void)
{
	FILE *slabs = fopen("/proc/slabinfo", "re");
	unsigned long pages = 0, n = 0;
	char line[256];

	need(slabs, "read slabinfo");
	while (!n && fgets(line, sizeof(line), slabs))
		if (sscanf(line, "ipfwadm_connection %*u %*u %*u %*u %lu : tunables %*u %*u "
				 "%*u : slabdata %*u %lu", &pages, &n) != 2)
			n = 0;
	fclose(slabs);
	return n * pages * (unsigned long)sysconf(_SC_PAGESIZE);
}

/* The table has grown as it should when there is a bucket for each link. */
static void table_settle(unsigned long connections)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int i;

	for (i = 0; i < 600 && setting("conn_buckets") < (long)(2 * connections); i++)
		nanosleep(&pause, NULL);
}

static void memory_check(struct gate *g, unsigned int connections, double most)
{
	static const struct track_timeout timeouts[] = { { .name = "udp", .seconds = 100000 } };
	struct fw_error e;
	double bytes;

	need(!setting_set("conn_max", 2UL * connections), "set the limit");
	need(!kmod_ops.track->timeouts_set(&g->b, timeouts, 1, &e), "set a timeout");
	flood(g, 0, connections, 0);
	check(setting("conn_count") == (long)connections, "%ld connections, not %u",
	      setting("conn_count"), connections);
	table_settle(connections);
	bytes = (double)slab_bytes() + (double)setting("conn_buckets") * sizeof(void *);
	printf("%u connections: %.1f MiB, %ld buckets\n", connections, bytes / 1024 / 1024,
	       setting("conn_buckets"));
	check(bytes <= most * connections, "%.0f bytes a connection",
	      bytes / connections);
	flush(g);
}

static void half_open_check(struct gate *g, unsigned int syns)
{
	const unsigned int part = syns / 20;
	unsigned int i, in = 0, through = 0;

	need(!setting_set("conn_max", syns / 2), "set the limit");
	need(!namespace_sysctl("ipv4/ipfwadm/conn_reserve_from", "10.0.0.0/28"), "reserve");
	establish(g, 0, ASSURED);
	check(assured(g) == ASSURED, "%u assured connections", assured(g));
	for (i = 0; i < 20; i++) {
		flood(g, ASSURED + i * part, part, FW_TCP_SYN);
		through += passes(g, i * (ASSURED / 20), FW_TCP_ACK);
		in += admin_connects(g);
	}
	printf("%u half-open: %ld connections, %ld evicted, %ld dropped\n", syns,
	       setting("conn_count"), setting("conn_evicted"), setting("conn_dropped"));
	check(through == 20, "only %u of 20 segments have passed", through);
	check(in == 20, "the administrator got in %u times of 20", in);
	check(assured(g) == ASSURED, "%u of %u are left", assured(g), ASSURED);
	check(setting("conn_count") <= (long)syns / 2, "more than the limit");
	check(setting("conn_evicted") > (long)syns / 4, "there was no flood");
	check(setting("conn_dropped") == 0, "packets were dropped");
	flush(g);
}

static void full_check(struct gate *g)
{
	struct gate other;
	unsigned int i, through = 0;

	need(!setting_set("conn_max", LIMIT), "set the limit");
	establish(g, 0, LIMIT - RESERVE);
	check(assured(g) == LIMIT - RESERVE, "%u assured connections", assured(g));
	check(!passes(g, LIMIT, FW_TCP_SYN), "there was room for one more");
	check(setting("conn_dropped") == 1, "%ld packets were dropped", setting("conn_dropped"));
	check(passes(g, 0, FW_TCP_ACK), "an old connection does not go on");
	for (i = 0; i < RESERVE; i++)
		through += admin_connects(g);
	check(through == RESERVE, "the administrator got in %u times of %u", through, RESERVE);
	gate_make(&other);
	for (through = i = 0; i < ASSURED; i++)
		through += passes(&other, i, FW_TCP_SYN);
	check(through == ASSURED, "another namespace has %u connections of %u", through, ASSURED);
	check(setting("conn_dropped") == 0, "it has lost packets");
	gate_free(&other);
	need(!namespace_enter(g->ns), "go back");
	check(assured(g) == LIMIT - RESERVE, "%u assured connections are left", assured(g));
}

static void user_check(void)
{
	struct gate g;
	long max;

	gate_make(&g);
	max = setting("conn_max");
	check(max > 0 && max <= 65536, "a user may have %ld connections", max);
	check(setting_set("conn_max", 1000000), "a user sets the limit");
	flood(&g, 0, (unsigned int)max + 1000, FW_TCP_SYN);
	check(setting("conn_count") <= max, "%ld connections", setting("conn_count"));
	check(setting("conn_count") > max / 2, "only %ld connections", setting("conn_count"));
	gate_free(&g);
}

int main(int argc, char **argv)
{
	unsigned int connections = argc > 1 && argc < 4 ? (unsigned int)atoi(argv[1]) : 0;
	struct gate g;

	if (argc == 2 && !strcmp(argv[1], "user")) {
		user_check();
		return tally_end(&tally);
	}
	if (!connections) {
		fprintf(stderr, "usage: %s CONNECTIONS [BYTES]|user\n", argv[0]);
		return 2;
	}
	gate_make(&g);
	memory_check(&g, connections, argc > 2 ? atof(argv[2]) : BYTES_PER_CONNECTION);
	half_open_check(&g, connections / 2);
	full_check(&g);
	gate_free(&g);
	return tally_end(&tally);
}
