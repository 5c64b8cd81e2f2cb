// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/track_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "kmod/core/track.h"

void track_world_init(struct sim_tracker *w, __u32 entries, __u32 nheads, __u16 expects,
		      __u16 helps)
{
	if (sim_tracker_init(w, entries, nheads, expects, helps))
		abort();
}

struct fw_track *track_world_empty(struct sim_tracker *w)
{
	sim_tracker_reset(w);
	w->now = 0;
	return &w->table.track;
}

struct fw_track_packet track_world_packet(__u8 proto, unsigned int dir, __u16 port)
{
	struct fw_track_packet p = { .has_key = true, .total = 40 };

	p.key = (struct fw_key){ CLIENT, SERVER, CLIENT_PORT, port, proto, 0 };
	p.iface = IFACE_CLIENT;
	if (dir == FW_REPLY) {
		p.key = (struct fw_key){ SERVER, CLIENT, port, CLIENT_PORT, proto, 0 };
		p.iface = IFACE_SERVER;
	}
	return p;
}

struct fw_track_packet track_world_segment(unsigned int dir, __u8 flags, __u32 seq,
					   __u32 ack, __u32 len)
{
	struct fw_track_packet p = track_world_packet(FW_PROTO_TCP, dir, 80);

	p.tcpflags = flags;
	p.seq = seq;
	p.ack = ack;
	p.win = 8192;
	p.payload_len = len;
	p.total += len;
	return p;
}

int track_world_see(struct sim_tracker *w, const struct fw_track_packet *p,
		    struct fw_seen *s)
{
	fw_track_in(&w->table.track, p, w->now, s);
	return s->state ? fw_track_confirm(&w->table.track, p, w->now, s) : -EPERM;
}

static void must(bool so, const char *what)
{
	if (so)
		return;
	fprintf(stderr, "tracker: %s\n", what);
	abort();
}

/* The expectations of an entry are in its list, in their chains, and in time. */
static __u32 expects_check(struct sim_tracker *w, const struct fw_entry *c)
{
	__u32 n = 0;
	__u16 slot;

	for (slot = c->expects; slot; slot = w->expects[slot].sibling) {
		must(w->expects[slot].master == c, "an expectation has another master");
		must(w->expects[slot].proto != 0, "a free expectation is listed");
		must(++n <= w->nexpects, "expectations in a circle");
	}
	return n;
}

void track_world_check(struct sim_tracker *w)
{
	__u32 used = 0, unassured = 0, aged = 0, masters = 0, live = 0, masqueraded = 0, i;
	const struct fw_link *l;

	for (i = 0; i < w->table.next_unused; i++) {
		const struct fw_entry *c = &w->entries[i];
		unsigned int dir, found;

		if (!track_entry_used(c))
			continue;
		used++;
		unassured += !(c->flags & FW_ENTRY_ASSURED);
		for (dir = 0; dir < 2; dir++) {
			struct fw_key k = fw_entry_key(c, dir);

			must(fw_host_find(&w->table.track, &k, &found) == c,
			     "an entry is not found by one of its keys");
		}
		/* Nothing is due later than the longest timeout from now. */
		must((__s32)(c->expires - w->now) <=
			     (__s32)(w->set.timeout[FW_TIMEOUT_ESTABLISHED] *
				     FW_TRACK_HZ),
		     "an entry has no timeout");
		must(c->proto != FW_PROTO_TCP || c->state || c->masq,
		     "a connection has no state");
		masqueraded += !!c->masq;
		must(!c->help || c->help < w->nhelps, "helper data out of bounds");
		masters += expects_check(w, c);
	}
	for (l = w->table.age_first; l; l = l->next)
		must(++aged <= used, "the list of evictable entries is a circle");
	for (i = 1; i < w->nexpects; i++)
		live += w->expects[i].proto != 0;
	must(used == w->table.track.count, "entries are miscounted");
	must(masqueraded == w->table.track.masq.used[0] + w->table.track.masq.used[1] +
				    w->table.track.masq.used[2] + w->table.track.masq.sharing,
	     "masqueraded entries are miscounted");
	must(used <= w->table.nentries, "more entries than there is memory for");
	must(aged == unassured, "an evictable entry is not listed");
	must(live == masters, "an expectation has no master");
}
