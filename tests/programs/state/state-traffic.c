// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state-traffic - packets of real programs through this thread's network namespace: what
 * connection tracking says of each, held against our tracker.
 *
 *	state-traffic [--none-invalid] [--at-least N] NAME
 *
 * It ends the connections of the namespace, prints "ready", and compares what is
 *forwarded until its standard input ends.  With its deliberate differences taken back our
 *tracker must agree on every packet; with them it may differ where one decided about an
 *earlier packet of the connection, which is counted by number.  Invalid packets are
 *printed with our tracker's reason; with --none-invalid there must be none.
 *
 * The packets must be handled by one processor, as otherwise their order is not known,
 *and as they are on the wire: without offloads, without address translation.  Connections
 *to port 21 have the FTP helper.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/conntrack/conntrack.h"
#include "backend/sim/fragments.h"
#include "kmod/core/names.h"
#include "kmod/core/track.h"
#include "kmod/core/track_packet.h"
#include "tests/lib/namespace.h"
#include "tests/lib/packet_log.h"
#include "tests/lib/tally.h"
#include "tests/lib/track_world.h"

#define LOG_BUFFER (256 << 20)
#define ENTRIES 65536
#define QUIET_MS 500 /* after the last packet */
#define FLOWS 65536

static const char table[] =
	"table ip traffic\n"
	"delete table ip traffic\n"
	"table ip traffic {\n"
	"	chain arriving {\n"
	"		type filter hook prerouting priority -199;\n" PACKET_LOG_BY_STATE(
		7) "	}\n"
		   "}\n";

/* what our tracker says of a packet */
struct verdict {
	__u8 state, dir;
	__u16 own; /* FW_OWN_* that decided */
	char why[128];
};

struct traffic {
	struct tally tally;
	const char *name;
	bool none_invalid;
	unsigned long at_least, invalid, cut;
	struct sim_tracker as_linux, ours;
	__u64 start_usec;
	__u16 own[FLOWS]; /* FW_OWN_* that decided about packets of a connection */
	unsigned long differ[16]; /* packets, by number of the difference */
};

static const char *state_word(__u8 state)
{
	switch (state) {
	case FW_STATE_NEW:
		return "new";
	case FW_STATE_ESTABLISHED:
		return "established";
	case FW_STATE_RELATED:
		return "related";
	case FW_STATE_INVALID:
		return "invalid";
	default:
		return "none";
	}
}

/* The same number for both directions of a connection. */
static unsigned int flow_of(const struct fw_track_packet *p)
{
	return ((p->key.saddr ^ p->key.daddr) * 31 + (p->key.sport ^ p->key.dport) * 7u +
		p->key.proto) %
	       FLOWS;
}

static void packet_print(FILE *out, const struct traffic *t,
			 const struct logged_packet *p,
			 const struct fw_track_packet *read, const char *what)
{
	const struct fw_key *k = &read->key;

	fprintf(out,
		"%s: %s, packet %lu: protocol %u %u.%u.%u.%u:%u -> %u.%u.%u.%u:%u, "
		"%u bytes, flags %02x seq %u ack %u: ",
		what, t->name, t->tally.packets + 1, p->bytes[9], k->saddr >> 24,
		k->saddr >> 16 & 255, k->saddr >> 8 & 255, k->saddr & 255, k->sport,
		k->daddr >> 24, k->daddr >> 16 & 255, k->daddr >> 8 & 255, k->daddr & 255,
		k->dport, p->len, read->tcpflags, read->seq, read->ack);
}

static void model_see(struct sim_tracker *w, const struct fw_track_packet *p,
		      struct verdict *v)
{
	struct fw_seen s = {0};

	fw_track_in(&w->table.track, p, w->now, &s);
	if (p->key.proto == FW_PROTO_TCP && p->key.dport == 21)
		fw_track_helper(&s, FW_HELPER_FTP);
	if (s.state)
		fw_track_confirm(&w->table.track, p, w->now, &s);
	*v = (struct verdict){.state = s.state, .dir = s.dir, .own = s.own};
	fw_why_text(&s, v->why, sizeof(v->why));
}

static bool agrees(const struct verdict *v, const struct logged_packet *p)
{
	return v->state == p->state && v->dir == p->dir;
}

static void differences_count(struct traffic *t, __u16 own)
{
	unsigned int n;

	for (n = 1; n < 16; n++)
		if (own & FW_OWN(n))
			t->differ[n]++;
}

static void packet_judge(const struct logged_packet *p, void *ctx)
{
	struct traffic *t = ctx;
	struct fw_track_packet read;
	struct verdict as_linux, ours;
	size_t total = datagram_length(p->bytes, p->len);
	unsigned int flow;

	if (!total) {
		t->cut++;
		return;
	}
	if (!t->start_usec)
		t->start_usec = p->usec;
	t->as_linux.now = t->ours.now =
		(__u32)((p->usec - t->start_usec) * FW_TRACK_HZ / 1000000);
	fw_track_packet_read(&read, p->bytes, (__u32)total, (__u32)total);
	read.iface = p->iface;
	if (!read.fault && !fw_track_sum_ok(p->bytes, (__u32)total))
		read.fault = FW_WHY_CHECKSUM;
	model_see(&t->as_linux, &read, &as_linux);
	model_see(&t->ours, &read, &ours);
	flow = flow_of(&read);
	t->own[flow] |= ours.own;
	if (p->state == FW_STATE_INVALID || ours.state == FW_STATE_INVALID) {
		packet_print(stdout, t, p, &read, "invalid");
		printf("%s\n",
		       ours.state == FW_STATE_INVALID ? ours.why : "to Linux alone");
		t->invalid++;
	}
	if (!agrees(&as_linux, p)) {
		packet_print(stderr, t, p, &read, "FAIL");
		fprintf(stderr, "%s %u to Linux, %s %u to us (%s)\n",
			state_word(p->state), p->dir, state_word(as_linux.state),
			as_linux.dir, as_linux.why);
		tally_fail(&t->tally, "%s: a packet differs", t->name);
	} else if (!agrees(&ours, p) && !t->own[flow]) {
		packet_print(stderr, t, p, &read, "FAIL");
		tally_fail(&t->tally, "%s: a packet differs without a reason", t->name);
	} else if (!agrees(&ours, p)) {
		differences_count(t, t->own[flow]);
	}
	tally_packet(&t->tally);
}

/* Compares packets until the standard input has ended and none came for a while. */
static int traffic_watch(struct traffic *t, struct packet_log *log)
{
	struct pollfd p[] = {
		{.fd = packet_log_fd(log), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	bool ending = false;
	int err = 0, n;
	char c;

	while (!err && (n = poll(p, ending ? 1 : 2, ending ? QUIET_MS : -1)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && p[0].revents)
			err = packet_log_take(log, false, packet_judge, t);
		if (n > 0 && !ending && p[1].revents)
			ending = read(STDIN_FILENO, &c, 1) <= 0;
	}
	return err;
}

static int connections_end(void)
{
	struct netlink l;
	int err = netlink_open(&l, NETLINK_NETFILTER, NULL);

	if (!err)
		err = conntrack_flush(&l, NULL);
	netlink_close(&l);
	return err;
}

static int traffic_run(struct traffic *t)
{
	struct packet_log log;
	int err = packet_log_open(&log, 7, LOG_BUFFER);

	if (!err)
		err = namespace_run("nft -f -", table);
	if (!err)
		err = connections_end();
	if (err)
		return err;
	puts("ready");
	fflush(stdout);
	err = traffic_watch(t, &log);
	if (log.lost)
		tally_fail(&t->tally, "%s: no room for packets, %lu times", t->name,
			   log.lost);
	packet_log_close(&log);
	return err;
}

static void totals_check(struct traffic *t)
{
	unsigned int n;

	for (n = 1; n < 16; n++)
		if (t->differ[n])
			printf("differs: %s: 13.%u: %lu packets\n", t->name, n,
			       t->differ[n]);
	printf("%s: %lu packets, %lu invalid\n", t->name, t->tally.packets, t->invalid);
	if (t->cut)
		tally_fail(&t->tally, "%s: %lu packets are no datagrams", t->name,
			   t->cut);
	if (t->invalid && t->none_invalid)
		tally_fail(&t->tally, "%s: %lu packets are invalid", t->name, t->invalid);
	if (t->tally.packets < t->at_least)
		tally_fail(&t->tally, "%s: only %lu packets came", t->name,
			   t->tally.packets);
	if (!t->tally.failed)
		tally_pass(&t->tally);
}

int main(int argc, char **argv)
{
	static struct traffic t = {.at_least = 1};
	int i, err;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--none-invalid"))
			t.none_invalid = true;
		else if (!strcmp(argv[i], "--at-least") && i + 1 < argc)
			t.at_least = strtoul(argv[++i], NULL, 10);
		else
			break;
	}
	if (i + 1 != argc) {
		fprintf(stderr, "usage: %s [--none-invalid] [--at-least N] NAME\n",
			argv[0]);
		return 2;
	}
	t.name = argv[i];
	track_world_init(&t.as_linux, ENTRIES, ENTRIES, 1024, 1024);
	track_world_init(&t.ours, ENTRIES, ENTRIES, 1024, 1024);
	t.as_linux.set.own = FW_OWN_NONE;
	t.ours.set.own = FW_OWN_ALL;
	err = traffic_run(&t);
	if (err)
		tally_fail(&t.tally, "%s: %s", t.name, strerror(-err));
	totals_check(&t);
	sim_tracker_free(&t.as_linux);
	sim_tracker_free(&t.ours);
	return tally_end(&t.tally);
}
