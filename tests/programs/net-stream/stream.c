// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream.c - numbered packets through a router, without pause, while the test
 * does something else.
 */
#include "tests/programs/net-stream/stream.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/lib/datagram.h"

/*
 * Packets that pass may be under way until the sender waits for them, so that no
 * queue of the kernel is ever full.  Those that do not come within WAIT_MS are
 * taken for lost.
 */
#define UNDER_WAY 200
#define WAIT_MS 300
#define LATE_NS 5000000
#define BUFFER_BYTES (16 << 20)

static const struct timespec millisecond = { .tv_nsec = 1000000 };

static struct timespec time_add(struct timespec t, long ns)
{
	t.tv_nsec += ns;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static bool time_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* Who was late does not make up for it with a burst. */
static void pause_until(struct timespec *next, unsigned int interval_us)
{
	struct timespec now, latest;

	*next = time_add(*next, 1000L * interval_us);
	clock_gettime(CLOCK_MONOTONIC, &now);
	latest = time_add(*next, LATE_NS);
	if (time_before(&latest, &now))
		*next = now;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static void room_wait(struct stream *s, unsigned int *given_up)
{
	unsigned int under_way, waited;

	for (waited = 0; waited < WAIT_MS; waited++) {
		under_way = atomic_load(&s->passing) - atomic_load(&s->came) - *given_up;
		if ((int)under_way < UNDER_WAY)
			return;
		nanosleep(&millisecond, NULL);
	}
	*given_up += under_way;
}

static void flow_send(struct stream *s, unsigned int i)
{
	const struct flow *f = &s->flow[i];
	struct flow_account *a = &s->account[i];
	struct fw_packet p = f->sent;
	int err;

	if (a->sent + 1 >= STREAM_NUMBERS) {
		a->failed++;
		return;
	}
	p.id = (__u16)++a->sent;
	a->during[p.id] = (__u16)atomic_load(&s->step);
	if (f->passes)
		atomic_fetch_add(&s->passing, 1);
	err = f->from ? router_inject(s->router, f->from, &p) : router_send(s->router, &p);
	if (err == -EPERM && !f->from)
		a->refused++;
	else if (err)
		a->failed++;
}

static void *sender_run(void *arg)
{
	struct stream *s = arg;
	unsigned int i = 0, given_up = 0;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	while (!atomic_load(&s->sender_ends)) {
		flow_send(s, i);
		i = (i + 1) % s->nflows;
		room_wait(s, &given_up);
		pause_until(&next, s->interval_us);
	}
	return NULL;
}

/* where a packet came out */
struct outlet {
	struct stream *s;
	const struct router_link *link;	/* NULL: delivered */
};

static bool header_same(const struct fw_packet *a, const struct fw_packet *b)
{
	return a->saddr == b->saddr && a->daddr == b->daddr && a->sport == b->sport;
}

static bool outlet_same(const struct outlet *o, const char *to)
{
	return o->link ? to && o->link == router_link(o->s->router, to) : !to;
}

static void packet_account(const struct outlet *o, unsigned int i, const struct fw_packet *p)
{
	const struct flow *f = &o->s->flow[i];
	struct flow_account *a = &o->s->account[i];

	if (a->came[p->id] < 255)
		a->came[p->id]++;
	if (!header_same(p, &f->out) || !outlet_same(o, f->to))
		a->changed++;
	if (f->passes)
		atomic_fetch_add(&o->s->came, 1);
}

static void packet_take(void *ctx, const __u8 *packet, size_t len, bool checksummed)
{
	const struct outlet *o = ctx;
	struct fw_packet p;
	unsigned int i;

	if (datagram_parse(packet, len, !checksummed, &p))
		return;
	for (i = 0; i < o->s->nflows; i++)
		if (o->s->flow[i].out.proto == p.proto &&
		    o->s->flow[i].out.dport == p.dport)
			packet_account(o, i, &p);
}

static void delivered_packet_take(void *ctx, const __u8 *packet, size_t len, bool invalid)
{
	if (!invalid)
		packet_take(ctx, packet, len, true);
}

static void *receiver_run(void *arg)
{
	struct stream *s = arg;
	struct router *r = s->router;
	struct pollfd p[ROUTER_LINKS + 1];
	struct outlet o = { .s = s };
	__u32 i;

	for (i = 0; i < r->nlinks; i++)
		p[i] = (struct pollfd){ .fd = r->link[i].wire.fd, .events = POLLIN };
	p[i] = (struct pollfd){ .fd = packet_log_fd(&r->delivered.log), .events = POLLIN };
	while (!atomic_load(&s->receiver_ends)) {
		poll(p, r->nlinks + 1, 20);
		for (i = 0; i < r->nlinks; i++) {
			o.link = &r->link[i];
			wire_take(&o.link->wire, packet_take, &o);
		}
		o.link = NULL;
		delivered_take(&r->delivered, delivered_packet_take, &o);
	}
	return NULL;
}

static int buffers_set(const struct router *r)
{
	static const int bytes = BUFFER_BYTES;
	int err = setsockopt(packet_log_fd(&r->delivered.log), SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
			     sizeof(bytes));
	__u32 i;

	for (i = 0; i < r->nlinks && !err; i++)
		err = setsockopt(r->link[i].wire.fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
				 sizeof(bytes));
	return err ? -errno : 0;
}

/* Packets that our sockets had no room for: since this was last asked, */
static unsigned int wires_lost(const struct router *r)
{
	struct tpacket_stats stats;
	unsigned int lost = 0;
	socklen_t len;
	__u32 i;

	for (i = 0; i < r->nlinks; i++) {
		len = sizeof(stats);
		if (!getsockopt(r->link[i].wire.fd, SOL_PACKET, PACKET_STATISTICS, &stats,
				&len))
			lost += stats.tp_drops;
	}
	return lost;
}

/* and in all. */
static unsigned int delivered_lost(const struct router *r)
{
	__u32 mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	getsockopt(packet_log_fd(&r->delivered.log), SOL_SOCKET, SO_MEMINFO, mem, &len);
	return mem[SK_MEMINFO_DROPS];
}

int stream_start(struct stream *s, struct router *r, const struct flow *flow,
		 unsigned int nflows, unsigned int interval_us)
{
	int err = buffers_set(r);

	*s = (struct stream){
		.router = r, .flow = flow, .nflows = nflows, .interval_us = interval_us,
	};
	if (err)
		return err;
	s->account = calloc(nflows, sizeof(*s->account));
	if (!s->account)
		return -ENOMEM;
	wires_lost(r);
	s->lost = delivered_lost(r);
	err = pthread_create(&s->receiver, NULL, receiver_run, s);
	if (!err)
		err = pthread_create(&s->sender, NULL, sender_run, s);
	return -err;
}

void stream_step(struct stream *s, unsigned int step)
{
	atomic_store(&s->step, step);
}

int stream_stop(struct stream *s)
{
	struct outlet o = { .s = s };
	int err = 0;
	__u32 i;

	atomic_store(&s->sender_ends, true);
	pthread_join(s->sender, NULL);
	atomic_store(&s->receiver_ends, true);
	pthread_join(s->receiver, NULL);
	for (i = 0; i < s->router->nlinks && !err; i++) {
		o.link = &s->router->link[i];
		err = wire_settle(&o.link->wire, o.link->dev.addr, packet_take, &o);
	}
	o.link = NULL;
	delivered_take(&s->router->delivered, delivered_packet_take, &o);
	s->lost = wires_lost(s->router) + delivered_lost(s->router) - s->lost;
	return err;
}

/* Tells of packet number i, the first of count that are wrong. */
static void packet_tell(const struct flow *f, const struct flow_account *a,
			const char (*steps)[64], unsigned int count, unsigned int i,
			const char *what)
{
	if (count)
		fprintf(stderr, "%s: %u of %u %s, first number %u, sent during '%s'\n",
			f->name, count, a->sent, what, i, steps[a->during[i]]);
}

/* Counts the numbers that came less often than least or more often than most. */
static unsigned int numbers_count(const struct flow_account *a, unsigned int least,
				  unsigned int most, unsigned int *first)
{
	unsigned int i, n = 0;

	for (i = a->sent; i > 0; i--) {
		if (a->came[i] >= least && a->came[i] <= most)
			continue;
		*first = i;
		n++;
	}
	return n;
}

static void flow_judge(const struct flow *f, const struct flow_account *a,
		       const char (*steps)[64], struct stream_faults *sum)
{
	unsigned int first = 0, n;

	n = numbers_count(a, f->passes, 255, &first);
	packet_tell(f, a, steps, n, first, "did not come");
	sum->missing += n;
	n = numbers_count(a, 0, f->passes, &first);
	packet_tell(f, a, steps, n, first, f->passes ? "came twice" : "came");
	*(f->passes ? &sum->doubled : &sum->passed) += n;
	sum->changed += a->changed;
	sum->failed += a->failed + (a->sent == 0);
	if (a->changed || a->failed || a->sent == 0)
		fprintf(stderr, "%s: of %u, %u came changed, %u could not be sent\n",
			f->name, a->sent, a->changed, a->failed);
	/* what the machine itself may not send, it is told */
	if (!f->from && !f->passes && a->refused != a->sent) {
		sum->passed += a->sent - a->refused;
		fprintf(stderr, "%s: only %u of %u refused\n", f->name, a->refused, a->sent);
	}
}

void stream_judge(const struct stream *s, const char (*steps)[64],
		  struct stream_faults *f)
{
	unsigned int i;

	*f = (struct stream_faults){ .lost = s->lost };
	for (i = 0; i < s->nflows; i++)
		flow_judge(&s->flow[i], &s->account[i], steps, f);
	if (s->lost)
		fprintf(stderr, "the test was too slow for %u packets\n", s->lost);
}

void stream_free(struct stream *s)
{
	free(s->account);
}
