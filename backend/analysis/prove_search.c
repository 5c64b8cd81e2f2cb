// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prove_search.c - packets that lists decide as is wanted of them.
 */
#include <stdlib.h>

#include "backend/analysis/prove_state.h"
#include "kmod/core/conn.h"
#include "kmod/core/view.h"

#define SEARCH_STEPS 3000	/* cubes of one search */

/* a search for a packet that the lists decide as wanted */
struct search {
	struct prove *p;
	struct traversal_packet packet;
	const __s32 *want;
	struct piece_list pieces;	/* of the lists that are asked, one after the other */
	enum fw_list_id list[FW_ACCT];
	__u32 base[FW_ACCT];		/* their first rules */
	unsigned int nlists;
	__u32 before[FW_ACCT];		/* rules that must not match: from base on */
	__u32 decides[FW_LISTS];	/* by list: the flags of the rule or policy */
	unsigned int steps;
};

/* The source, or the destination, that lists see differs from what the packet has. */
static struct cube cube_free(const struct cube *c, bool source)
{
	struct cube x = *c;

	x.bits[source ? CUBE_SRC : CUBE_DST] = (struct cube_bits){ 0, 0 };
	x.range[source ? CUBE_SPORT : CUBE_DPORT] = (struct cube_range){ 0, 65535 };
	return x;
}

static bool is_translated(const struct search *s, unsigned int at, bool *source)
{
	enum packet_path path = s->packet.path;

	*source = !path_is_inward(path);
	if (path == PATH_LOCAL_IN)	/* to the target of a forward, perhaps */
		*source = false;
	if (s->list[at] != FW_OUTPUT || path == PATH_LOCAL_OUT)
		return false;
	return path != PATH_FORWARDED || fw_flags_masquerade(s->decides[FW_FORWARD]);
}

/* No earlier rule matches: asks for a packet of x, and tries it. */
static bool search_end(struct search *s, const struct cube *x)
{
	static const struct device_ids none;
	struct cover *c = &s->p->cover;
	struct traversal_packet tp = s->packet;
	struct witness w;
	unsigned int i;
	bool source;
	int err = 0;

	c->piece = s->pieces.piece;
	cover_begin(c);
	for (i = 0; i < s->nlists && !err; i++)
		if (s->before[i] && !is_translated(s, i, &source))
			err = cover_add(c, x, s->pieces.first[s->base[i]],
					s->pieces.first[s->base[i] + s->before[i]]);
	if (err || cover_ask(c, x) != COVER_NO)
		return false;
	witness_make(&w, &c->witness, &none);
	tp.pkt.saddr = w.pkt.saddr;
	tp.pkt.daddr = w.pkt.daddr;
	tp.pkt.proto = w.pkt.proto;
	tp.pkt.sport = w.pkt.sport;
	tp.pkt.dport = w.pkt.dport;
	tp.pkt.icmp_type = w.pkt.icmp_type;
	tp.pkt.tcpflags = w.pkt.tcpflags;
	tp.pkt.state = w.pkt.state;
	if (tp.in)
		tp.alias = prove_alias(s->p, tp.in, tp.pkt.daddr);
	return prove_try(s->p, &tp);
}

static bool search_from(struct search *s, const struct cube *x, unsigned int at);

/* of a rule, or of the policy if it is last */
static __u32 flags_of(const struct fw_list *l, __u32 rule)
{
	return rule < l->count ? fw_list_rule(l, rule)->flags : l->policy;
}

/* The packets of x that rule number rule of list `at' decides, or the policy if it is last. */
static bool search_rule(struct search *s, const struct cube *x, unsigned int at, __u32 rule)
{
	const struct fw_list *l = &s->p->rs->list[s->list[at]];
	const __u32 *first = s->pieces.first + s->base[at];
	bool source, translated = is_translated(s, at, &source);
	__u32 i;

	s->before[at] = rule;
	s->decides[s->list[at]] = flags_of(l, rule);
	if (rule == l->count)
		return search_from(s, x, at + 1);
	for (i = first[rule]; s->pieces.piece && i < first[rule + 1]; i++) {
		struct cube piece = s->pieces.piece[i].cube, y;

		if (translated) {
			s->packet.inner_addr = piece.bits[source ? CUBE_SRC : CUBE_DST].value;
			s->packet.inner_port = piece.range[source ? CUBE_SPORT : CUBE_DPORT].lo;
			piece = cube_free(&piece, source);
		}
		if (cube_intersect(x, &piece, &y) && search_from(s, &y, at + 1))
			return true;
	}
	return false;
}

static bool passes(const struct search *s, unsigned int at, __u32 rule)
{
	__u32 flags = flags_of(&s->p->rs->list[s->list[at]], rule);

	return flags & FW_ACCEPT && !(flags & FW_REDIR);
}

static bool search_from(struct search *s, const struct cube *x, unsigned int at)
{
	__s32 want;
	__u32 count, i;

	if (s->steps++ >= SEARCH_STEPS)
		return false;
	if (at == s->nlists)
		return search_end(s, x);
	count = s->p->rs->list[s->list[at]].count;
	want = s->want[s->list[at]];
	s->before[at] = s->decides[s->list[at]] = 0;
	if (want == ANYTHING)
		return search_from(s, x, at + 1);
	if (want != ANY_PASS)
		return search_rule(s, x, at, want < 0 ? count : (__u32)want);
	for (i = 0; i <= count; i++)
		if (passes(s, at, i) && search_rule(s, x, at, i))
			return true;
	return false;
}

/* The rules of a list that may match by this interface. */
static int search_list_add(struct search *s, enum fw_list_id id, const struct fw_dev *dev)
{
	static const struct device_ids any;
	struct piece_list *to = &s->pieces;
	const struct fw_list *l = &s->p->rs->list[id];
	int err = 0;
	__u32 i;

	s->list[s->nlists] = id;
	s->base[s->nlists++] = to->nrules;
	for (i = 0; i < l->count && !err; i++) {
		const struct fw_match *m = &fw_list_rule(l, i)->match;

		to->first[to->nrules++] = to->count;
		if (fw_device_matches(m, dev))
			err = piece_list_add_rule(to, id, m, &any);
	}
	to->first[to->nrules] = to->count;
	return err;
}

static bool search_way(struct search *s, const struct cube *x)
{
	const struct traversal_packet *tp = &s->packet;
	const struct fw_list *l = s->p->rs->list;
	bool found = false;
	int err = 0;

	s->nlists = s->steps = 0;
	s->pieces = (struct piece_list){ 0 };
	s->pieces.first = calloc((size_t)l[FW_INPUT].count + l[FW_FORWARD].count +
				 l[FW_OUTPUT].count + 2, sizeof(*s->pieces.first));
	if (!s->pieces.first)
		return false;
	if (tp->in)
		err = search_list_add(s, FW_INPUT, tp->in);
	if (!err && tp->in && tp->out && !path_is_inward(tp->path) && tp->path != PATH_ERROR &&
	    tp->path != PATH_LOCAL_IN)
		err = search_list_add(s, FW_FORWARD, tp->out);
	if (!err && tp->out)
		err = search_list_add(s, FW_OUTPUT, tp->out);
	if (!err)
		found = search_from(s, x, 0);
	piece_list_free(&s->pieces);
	return found;
}

bool prove_search(struct prove *p, const struct traversal_packet *packet, const struct cube *x,
		  const __s32 want[FW_ACCT])
{
	struct search s = { .p = p, .packet = *packet, .want = want };
	static const __u16 ports[] = { FW_MASQ_PORT_FIRST, FW_MASQ_PORT_END - 1, 61001 };
	bool found = search_way(&s, x);
	__u32 i, k, n = p->ndevs + 1;

	for (i = 0; i < n && !found; i++)
		for (k = 0; k < n && !found; k++) {
			const struct fw_dev *in = i < p->ndevs ? &p->devs[i] : &p->any;
			const struct fw_dev *out = k < p->ndevs ? &p->devs[k] : &p->any;

			if (dev_is_alias(in) || dev_is_alias(out) || (i && !packet->in) ||
			    (k && !packet->out))
				continue;
			s.packet.in = packet->in ? in : NULL;
			s.packet.out = packet->out ? out : NULL;
			s.packet.masq_port = ports[(i + k) % FW_COUNT(ports)];
			found = search_way(&s, x);
		}
	return found;
}
