// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter-live - do packets meet in the kernel what the readers of rule sets say?
 *
 *	filter-live iptables|nft LOADED SAVED SEED PACKETS
 *
 * LOADED is loaded into a namespace, and SAVED, what the kernel's tool lists of it, is
 * read.  Packets near its rules are sent one by one; what has become of each must be what
 * the reader says, or, if a condition is not known, one of the things that it says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/conntrack/conntrack.h"
#include "tests/lib/datagram.h"
#include "tests/lib/namespace.h"
#include "tests/programs/filter/filter_packet.h"

#define CAPTURED_MAX 16

static const struct kind {
	const char *name, *load;
	int (*read)(struct filter *f, const char *text, size_t length);
} kinds[] = {
	{ "iptables", "iptables-legacy-restore", filter_iptables_read },
	{ "nft", "nft -f -", filter_nft_read },
};

struct trial {
	struct filter_host host;
	struct router router;
	struct random random;
	struct tally tally;
	unsigned long undecided;
	bool answers_pass;	/* the host's own packets are not filtered */
	const char *file;
};

static char *file_read(const char *path, size_t *length)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t cap = 0;
	ssize_t n = in ? getdelim(&text, &cap, '\0', in) : -1;

	if (n < 0) {
		perror(path);
		exit(1);
	}
	fclose(in);
	*length = (size_t)n;
	return text;
}

/* Once for the names, and then for the rules. */
static bool saved_read(struct trial *t, const struct kind *kind)
{
	struct filter *f = &t->host.filter;
	size_t length;
	char *text = file_read(t->file, &length);
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		filter_free(f);
		filter_init(f, &t->host.space, "the first");
		err = kind->read(f, text, length);
	}
	if (err)
		tally_fail(&t->tally, "%s: %u:%u: %s", t->file, f->error.line, f->error.column,
			   f->error.text);
	free(text);
	return !err;
}

/* Do all packets of the host itself leave, as far as it is known? */
static bool answers_pass(struct filter_host *h)
{
	struct cube root[FILTER_ROOTS];
	unsigned int n = filter_roots(&h->space, FILTER_OUT, root);
	__u64 budget = FILTER_BUDGET;
	struct filter_flat flat = { 0 };
	bool pass = true;

	for (unsigned int i = 0; i < n; i++)
		pass &= !filter_flatten(&h->filter, FILTER_OUT, &root[i], EFFECT_VERDICT, &budget,
					&flat);
	for (__u32 i = 0; i < flat.pieces.nrules; i++)
		pass &= flat.effect[i].action == FW_PASS;
	filter_flat_free(&flat);
	return pass;
}

/* a packet's neighbours are known beforehand; -1: the router does not answer */
static int packet_send(struct trial *t, const struct filter_packet *p, struct captured *c)
{
	int err = p->path == FILTER_OUT ? router_send(&t->router, &p->pkt) :
		  router_inject(&t->router, p->in->name, &p->pkt);

	if (err < 0 && p->path != FILTER_OUT)
		return err;
	return router_collect(&t->router, c, CAPTURED_MAX);
}

static bool is_answer(const struct fw_packet *sent, const struct fw_packet *got)
{
	return got->daddr == sent->saddr &&
	       ((got->proto == FW_PROTO_ICMP && got->icmp_type == FW_ICMP_UNREACH) ||
		(got->proto == FW_PROTO_TCP && got->tcpflags & FW_TCP_RST)) &&
	       (got->proto != sent->proto || got->id != sent->id);
}

/* Is it the packet as e has changed it, where it should be? */
static bool has_passed(const struct filter_packet *p, const struct effect *e,
		       const struct captured *c)
{
	bool is_local = p->path == FILTER_IN || (e->action == FW_REDIRECT && !e->daddr);
	const struct fw_dev *dev = is_local ? NULL : p->out;
	struct fw_packet want = p->pkt;
	bool has_ports = want.proto == FW_PROTO_TCP || want.proto == FW_PROTO_UDP;

	if (e->action == FW_REDIRECT || e->daddr)
		want.daddr = e->daddr ? e->daddr : p->in->addr;
	if (e->redirport && has_ports)
		want.dport = e->redirport;
	if (e->action == FW_MASQUERADE)
		want.saddr = e->saddr ? e->saddr : dev ? dev->addr : 0;
	want.tos = (want.tos & e->tosand) ^ e->tosxor;
	if (!c->dev != !dev || (dev && strcmp(c->dev->name, dev->name) != 0))
		return false;
	if (c->pkt.proto != want.proto || c->pkt.saddr != want.saddr ||
	    c->pkt.daddr != want.daddr || c->pkt.tos != want.tos)
		return false;
	if (want.proto == FW_PROTO_ICMP)
		return c->pkt.icmp_type == want.icmp_type && c->pkt.icmp_code == want.icmp_code;
	return !has_ports || (c->pkt.dport == want.dport &&
			      (e->action == FW_MASQUERADE || c->pkt.sport == want.sport));
}

/* The kernel answers neither errors nor resets. */
static bool is_answered(const struct trial *t, const struct filter_packet *p)
{
	bool is_query = p->pkt.icmp_type == 8 || p->pkt.icmp_type == 13 ||
			p->pkt.icmp_type == 15 || p->pkt.icmp_type == 17;

	return t->answers_pass && p->path != FILTER_OUT &&
	       (p->pkt.proto != FW_PROTO_ICMP || is_query) &&
	       (p->pkt.proto != FW_PROTO_TCP || !(p->pkt.tcpflags & FW_TCP_RST));
}

static bool outcome_is(const struct trial *t, const struct filter_packet *p,
		       const struct effect *e, const struct captured *c, int n)
{
	bool passed = false, answered = false;

	for (int i = 0; i < n; i++) {
		if (is_answer(&p->pkt, &c[i].pkt))
			answered = true;
		else if (c[i].pkt.proto == FW_PROTO_ICMP && c[i].pkt.icmp_type == FW_ICMP_REDIRECT)
			continue;	/* it leaves as it came */
		else if (e->action == FW_DROP || e->action == FW_ANSWER || !has_passed(p, e, &c[i]))
			return false;
		else
			passed = true;
	}
	if (e->action == FW_ANSWER)
		return answered || !is_answered(t, p);
	return !answered && passed == (e->action != FW_DROP);
}

static void misreading_report(struct trial *t, const struct filter_packet *p,
			      const struct filter_outcomes *o, const struct captured *c, int n)
{
	char text[DATAGRAM_TEXT_MAX];
	const struct filter_by *by = &o->flat.by[0];

	tally_fail(&t->tally, "%s: path %d, %s -> %s, state %d: %s", t->file, p->path,
		   p->in ? p->in->name : "", p->out ? p->out->name : "", p->pkt.state,
		   datagram_text(&p->pkt, text));
	for (__u32 i = 0; i < o->n; i++)
		fprintf(stderr, "  said: action %d, to %x:%d, from %x, tos %x %x\n",
			o->flat.effect[i].action, o->flat.effect[i].daddr,
			o->flat.effect[i].redirport, o->flat.effect[i].saddr,
			o->flat.effect[i].tosand, o->flat.effect[i].tosxor);
	for (__u32 i = by->n; i-- > 0;)
		fprintf(stderr, "  by: %s %s: %s\n", by->chain[i]->table, by->chain[i]->name,
			by->rule[i] ? by->rule[i]->text : "policy");
	for (int i = 0; i < n; i++)
		fprintf(stderr, "  kernel: %s: %s\n", c[i].dev ? c[i].dev->name : "delivered",
			datagram_text(&c[i].pkt, text));
}

/* Sends it, and compares.  true: it has passed as it was, and connections are open. */
static bool packet_try(struct trial *t, struct filter_packet *p)
{
	struct captured c[CAPTURED_MAX];
	struct filter_outcomes o = { 0 };
	bool is_open = false;
	int n;
	__u32 i = 0;

	if (!filter_outcomes_make(&t->host, p, &o)) {
		filter_flat_free(&o.flat);
		return false;
	}
	n = packet_send(t, p, c);
	while (n >= 0 && i < o.n && !outcome_is(t, p, &o.flat.effect[i], c, n))
		i++;
	if (n < 0)
		tally_fail(&t->tally, "%s: the host does not answer", t->file);
	else if (i == o.n)
		misreading_report(t, p, &o, c, n);
	else
		tally_packet(&t->tally);
	t->undecided += o.n > 1;
	is_open = n > 0 && o.n == 1 && o.flat.effect[0].action == FW_PASS && p->path != FILTER_IN;
	filter_flat_free(&o.flat);
	return is_open;
}

static void packets_try(struct trial *t, unsigned long count)
{
	struct filter_packet p, answer;
	struct fw_error e;

	while (t->tally.packets < count && !t->tally.failed) {
		filter_packet_draw(&t->host, &t->random, &p);
		if (packet_try(t, &p) && filter_packet_answer(&t->random, &p, &answer))
			packet_try(t, &answer);
		if (conntrack_track_flush(&e))
			tally_fail(&t->tally, "connections: %s", e.text);
	}
}

static int trial_open(struct trial *t, const struct kind *kind, const char *loaded)
{
	size_t length;
	char *text = file_read(loaded, &length);
	__u32 addr[FILTER_HOSTS_MAX], n = filter_hosts(&t->host, addr);
	int err = router_open(&t->router, filter_devs, FILTER_DEVS, filter_gateway);

	if (!err)
		err = router_neighbours(&t->router, addr, n);
	if (!err)
		err = namespace_run(kind->load, text);
	/* a first packet is new, or it is invalid */
	if (!err)
		namespace_sysctl("netfilter/nf_conntrack_tcp_loose", "0");
	free(text);
	return err;
}

int main(int argc, char **argv)
{
	static struct trial t;
	const struct kind *kind = argc == 6 && !strcmp(argv[1], "nft") ? &kinds[1] : &kinds[0];

	if (argc != 6 || strcmp(kind->name, argv[1]) != 0) {
		fprintf(stderr, "usage: filter-live iptables|nft LOADED SAVED SEED PACKETS\n");
		return 2;
	}
	t.file = argv[3];
	random_seed(&t.random, strtoul(argv[4], NULL, 10));
	if (saved_read(&t, kind)) {
		if (trial_open(&t, kind, argv[2])) {
			fprintf(stderr, "%s: no namespace with it\n", argv[2]);
			return 1;
		}
		t.answers_pass = answers_pass(&t.host);
		packets_try(&t, strtoul(argv[5], NULL, 10));
		router_close(&t.router);
		printf("%lu of %lu undecided\n", t.undecided, t.tally.packets);
		tally_case_end(&t.tally);
	}
	filter_free(&t.host.filter);
	return tally_end(&t.tally);
}
