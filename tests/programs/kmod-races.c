// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-races.c - first packets of connections on several processors at once.
 *
 * usage: kmod-races CONNECTIONS SECONDS
 *
 * Two threads have a queue of one tunnel each and send the same first packet at the same
 * time, over and over: each pair must make one entry, and both packets must leave.  Then
 * for so many seconds, at the limit of the table, all of these at once: first packets by
 * chance, listing, ending, changes of rules, of the limit and of timeouts.  And for so many
 * seconds rules come and go, and the hooks with them, while packets that no rule is about
 * pass: none of these is lost, and none of the others passes while it must not.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/kmod/kmod.h"
#include "backend/kmod/kmod_track.h"
#include "backend/ruleset.h"
#include "tests/lib/namespace.h"
#include "tests/lib/random.h"
#include "tests/lib/tally.h"
#include "tests/lib/tun.h"

#define THREADS 2
#define LIMIT 2000

static struct tally tally;

static struct {
	int ns, in[THREADS], out;
	atomic_uint turn, ready;
	unsigned int connections;
	atomic_bool over;
	atomic_ulong sent;
} world;

/* The first packet of connection n: a SYN, or a datagram. */
static struct tun_packet packet_make(unsigned int n, bool tcp)
{
	return (struct tun_packet){
		.saddr = 0x0a000002,
		.daddr = 0xc6336407,
		.sport = (__u16)(1024 + n % 60000),
		.dport = (__u16)(80 + n / 60000),
		.tcpflags = tcp ? FW_TCP_SYN : 0,
	};
}

/* Both threads send connection n when both have come to it. */
static void *racer(void *arg)
{
	const int fd = *(int *)arg;
	unsigned int n;

	for (n = 0; n < world.connections; n++) {
		const struct tun_packet p = packet_make(n, n % 2);

		if (atomic_fetch_add(&world.ready, 1) % THREADS == THREADS - 1)
			atomic_store(&world.turn, n + 1);
		while (atomic_load(&world.turn) <= n)
			sched_yield();
		if (!tun_send(fd, &p))
			atomic_fetch_add(&world.sent, 1);
	}
	return NULL;
}

/* Counts what leaves, so that the tunnel's queue does not overflow. */
static void *taker(void *arg)
{
	unsigned long *n = arg;

	while (!atomic_load(&world.over))
		*n += tun_drain(world.out);
	*n += tun_drain(world.out);
	return NULL;
}

struct conns {
	unsigned long count, packets;
	bool two;	/* each was begun by one packet and joined by another */
};

static int conn_take(const struct ipfwadm_conn *conn, void *ctx)
{
	struct conns *all = ctx;

	all->count++;
	all->packets += conn->packets[0];
	all->two &= conn->packets[0] == THREADS;
	return 0;
}

static void rules_load(struct backend *b, __u8 state)
{
	struct fw_edit edit = {
		.op = FW_OP_APPEND, .list = FW_FORWARD,
		.rule = { .flags = FW_ACCEPT, .tosand = 0xff, .state = state,
			  .keep_state = 1 },
	};
	struct fw_error e;
	struct fw_ruleset rs;

	fw_ruleset_init(&rs);
	fw_ruleset_edit(&rs, &edit);
	if (kmod_ops.replace(b, &rs, &e))
		tally_fail(&tally, "rules: %s", e.text);
	fw_ruleset_free(&rs);
}

#define check(good, ...) \
	((good) ? tally_pass(&tally) : tally_fail(&tally, __VA_ARGS__))

static void pairs_check(struct backend *b, struct kmod_link *l)
{
	/* None ends while all are counted. */
	const struct track_timeout timeouts[] = {
		{ .name = "udp", .seconds = 100000 },
		{ .name = "tcp-syn-sent", .seconds = 100000 },
	};
	struct conns all = { .two = true };
	struct netlink_refusal why;
	struct fw_error e;
	unsigned long left = 0;
	pthread_t t[THREADS], out;
	size_t i;

	rules_load(b, FW_STATE_NEW);
	check(!kmod_ops.track->timeouts_set(b, timeouts, 2, &e), "timeouts: %s", e.text);
	pthread_create(&out, NULL, taker, &left);
	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, racer, &world.in[i]);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	atomic_store(&world.over, true);
	pthread_join(out, NULL);
	check(atomic_load(&world.sent) == THREADS * world.connections, "%lu packets sent",
	      atomic_load(&world.sent));
	check(left == THREADS * world.connections, "%lu packets have left, not %u", left,
	      THREADS * world.connections);
	check(!kmod_conns_read(l, NULL, conn_take, &all, &why), "connections: %s", why.text);
	check(all.count == world.connections, "%lu connections, not %u", all.count,
	      world.connections);
	check(all.two, "%lu packets counted in %lu connections", all.packets, all.count);
	tally.packets += left;
}

static void *flooder(void *arg)
{
	const int fd = *(int *)arg;
	struct random r;

	random_seed(&r, (__u64)fd);
	while (!atomic_load(&world.over)) {
		const struct tun_packet p = packet_make(random_below(&r, 200000),
							random_one_in(&r, 2));

		if (!tun_send(fd, &p))
			atomic_fetch_add(&world.sent, 1);
	}
	return NULL;
}

static int conn_ignore(const struct ipfwadm_conn *conn, void *ctx)
{
	(void)conn;
	(void)ctx;
	return 0;
}

static void control_step(struct backend *b, struct kmod_link *l, struct random *r)
{
	struct fw_rule rule = { .flags = FW_KIND_UDP };
	const struct track_filter udp = { &rule, 1 };
	struct track_timeout timeout = { .name = "udp" };
	struct netlink_refusal why;
	struct fw_error e;
	char text[16];

	switch (random_below(r, 6)) {
	case 0:
		check(!kmod_conns_read(l, NULL, conn_ignore, NULL, &why), "list");
		break;
	case 1:
		check(!kmod_ops.track->end(b, &udp, NULL, NULL, &e), "end: %s", e.text);
		break;
	case 2:
		rules_load(b, random_one_in(r, 3) ? 0 : FW_STATE_NEW);
		break;
	case 3:
		snprintf(text, sizeof(text), "%u", random_one_in(r, 2) ? LIMIT : 60000);
		check(!namespace_sysctl("ipv4/ipfwadm/conn_max", text), "limit");
		break;
	case 4:
		timeout.seconds = 1 + random_below(r, 30);
		check(!kmod_ops.track->timeouts_set(b, &timeout, 1, &e), "timeouts: %s",
		      e.text);
		break;
	default:
		check(!kmod_ops.track->flush(b, &e), "flush: %s", e.text);
	}
}

static void chaos(struct backend *b, struct kmod_link *l, unsigned int seconds)
{
	const time_t end = time(NULL) + (time_t)seconds;
	struct random r;
	unsigned long left = 0;
	pthread_t t[THREADS], out;
	size_t i;

	random_seed(&r, 1);
	atomic_store(&world.over, false);
	atomic_store(&world.sent, 0);
	pthread_create(&out, NULL, taker, &left);
	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, flooder, &world.in[i]);
	while (time(NULL) < end)
		control_step(b, l, &r);
	atomic_store(&world.over, true);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	pthread_join(out, NULL);
	printf("%lu first packets, %lu have left\n", atomic_load(&world.sent), left);
	check(left > 0, "nothing has left");
	tally.packets += left;
}

#define PORT_FREE 5000	/* packets to it always pass */
#define PORT_HELD 5001	/* those to it in order of the rules */
#define QUEUED 2000	/* packets of the sender that have not left */
#define BURST 50
#define INSIDE 0x0a000002

static struct {
	atomic_ulong sent, left;	/* to PORT_FREE */
	unsigned long passed, masqueraded;	/* to PORT_HELD */
	atomic_bool over;	/* nothing is sent any more */
} flow;

static int packet_send(int fd, __u16 sport, __u16 dport)
{
	const struct tun_packet p = {
		.saddr = INSIDE, .daddr = 0xc6336407, .sport = sport, .dport = dport,
	};

	return tun_send(fd, &p);
}

static void *free_sender(void *arg)
{
	const int fd = *(int *)arg;

	while (!atomic_load(&world.over)) {
		if (atomic_load(&flow.sent) - atomic_load(&flow.left) > QUEUED)
			sched_yield();
		else if (!packet_send(fd, 1000, PORT_FREE))
			atomic_fetch_add(&flow.sent, 1);
	}
	return NULL;
}

static void *flow_taker(void *arg)
{
	struct tun_packet p;

	(void)arg;
	for (;;) {
		bool over = atomic_load(&flow.over);

		while (tun_receive(world.out, &p)) {
			if (p.dport == PORT_FREE)
				atomic_fetch_add(&flow.left, 1);
			else if (p.saddr == INSIDE)
				flow.passed++;
			else
				flow.masqueraded++;
		}
		if (over)
			return NULL;
	}
}

/* One rule about PORT_HELD: the list denies it, or for FW_ACCT it is masqueraded. */
static void held_load(struct backend *b, enum fw_list_id list)
{
	struct fw_edit edit = {
		.op = FW_OP_APPEND, .list = list == FW_ACCT ? FW_FORWARD : list,
		.rule = { .flags = FW_KIND_UDP, .ndp = 1, .pts = { PORT_HELD },
			  .tosand = 0xff },
	};
	struct fw_error e;
	struct fw_ruleset rs;

	fw_ruleset_init(&rs);
	if (list == FW_ACCT)
		edit.rule.flags |= FW_POLICY_MASQ;
	fw_ruleset_edit(&rs, &edit);
	if (kmod_ops.replace(b, &rs, &e))
		tally_fail(&tally, "rules: %s", e.text);
	fw_ruleset_free(&rs);
}

static unsigned long burst_send(void)
{
	unsigned long sent = 0;
	__u16 i;

	for (i = 0; i < BURST; i++)
		sent += !packet_send(world.in[0], (__u16)(2000 + i), PORT_HELD);
	return sent;
}

static void rules_flush(struct backend *b)
{
	struct fw_ruleset rs;
	struct fw_error e;

	fw_ruleset_init(&rs);
	if (kmod_ops.replace(b, &rs, &e) || kmod_ops.track->flush(b, &e))
		tally_fail(&tally, "flush: %s", e.text);
	fw_ruleset_free(&rs);
}

static void hooks_come_and_go(struct backend *b, unsigned int seconds)
{
	const time_t end = time(NULL) + (time_t)seconds;
	unsigned long passing = 0, masqueraded = 0, sent;
	pthread_t sender, out;
	struct random r;
	unsigned int n;

	random_seed(&r, 1);
	atomic_store(&world.over, false);
	rules_flush(b);
	tun_drain(world.out);
	pthread_create(&out, NULL, flow_taker, NULL);
	pthread_create(&sender, NULL, free_sender, &world.in[1]);
	for (n = 0; time(NULL) < end || n < FW_LISTS; n++) {
		held_load(b, n % FW_LISTS);
		usleep(random_below(&r, 100000));
		sent = burst_send();
		if (n % FW_LISTS == FW_ACCT)
			masqueraded += sent;
		rules_flush(b);
		passing += burst_send();
		/* the hooks are there for 100 ms */
		usleep(random_below(&r, 200000));
	}
	atomic_store(&world.over, true);
	pthread_join(sender, NULL);
	atomic_store(&flow.over, true);
	pthread_join(out, NULL);
	check(atomic_load(&flow.left) == atomic_load(&flow.sent),
	      "%lu of %lu packets have left", atomic_load(&flow.left),
	      atomic_load(&flow.sent));
	check(flow.passed == passing, "%lu packets have passed, not %lu", flow.passed, passing);
	check(flow.masqueraded == masqueraded, "%lu packets were masqueraded, not %lu",
	      flow.masqueraded, masqueraded);
	printf("rules came %u times, %lu packets passed meanwhile\n", n,
	       atomic_load(&flow.left));
	tally.packets += atomic_load(&flow.left);
}

int main(int argc, char **argv)
{
	static const char setup[] = "link set lo up\n"
				    "addr add 10.0.0.1/24 dev in\n"
				    "addr add 203.0.113.1/24 dev out\n"
				    "link set in up\n"
				    "link set out up txqueuelen 10000\n"
				    "route add default dev out\n";
	struct backend b = { .ops = &kmod_ops };
	struct kmod_link l;
	struct fw_error e;
	char limit[16];
	size_t i;

	if (argc != 3) {
		fprintf(stderr, "usage: %s CONNECTIONS SECONDS\n", argv[0]);
		return 2;
	}
	world.connections = (unsigned int)atoi(argv[1]);
	snprintf(limit, sizeof(limit), "%u", 2 * world.connections);
	world.ns = namespace_new();
	for (i = 0; i < THREADS; i++)
		world.in[i] = tun_open("in", true);
	world.out = tun_open("out", false);
	if (world.ns < 0 || namespace_run("ip -batch -", setup) ||
	    namespace_sysctl("ipv4/ip_forward", "1") ||
	    namespace_sysctl("ipv4/ipfwadm/conn_max", limit) || kmod_ops.open(&b, NULL, &e) ||
	    kmod_link_open(&l, &e)) {
		fputs("cannot make a router\n", stderr);
		return 1;
	}
	pairs_check(&b, &l);
	chaos(&b, &l, (unsigned int)atoi(argv[2]));
	hooks_come_and_go(&b, (unsigned int)atoi(argv[2]));
	kmod_link_close(&l);
	kmod_ops.close(&b);
	return tally_end(&tally);
}
