// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/sim/sim_track.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "backend/sim/sim_state.h"
#include "kmod/core/table.h"

static void conn_make(struct track_conn *c, const struct fw_entry *entry, __u32 now)
{
	__u32 masq = entry->masq ? fw_tick_left(entry->masq_expires, now) : 0;

	*c = (struct track_conn){
		.proto = entry->proto,
		.state = track_state_name(entry->proto, entry->state, entry->flags),
		.seconds = fw_tick_left(entry->expires, now),
		.saddr = entry->saddr,
		.daddr = entry->daddr,
		.masqueraded = entry->masq,
		.maddr = entry->maddr,
		.mport = entry->mport,
		.counted = true,
		.out = { entry->packets[0], entry->bytes[0] },
		.back = { entry->packets[1], entry->bytes[1] },
	};
	/* Its translation may last longer, and the entry with it. */
	if (c->seconds < masq)
		c->seconds = masq;
	if (c->proto == FW_PROTO_ICMP) {
		c->icmp_id = entry->sport;
		c->icmp_type = (__u8)(entry->dport >> 8);
		c->icmp_code = (__u8)entry->dport;
	} else if (c->proto == FW_PROTO_TCP || c->proto == FW_PROTO_UDP) {
		c->has_ports = true;
		c->sport = entry->sport;
		c->dport = entry->dport;
	}
	if (entry->flags & FW_ENTRY_INWARD)
		track_conn_turn(c);
}

/* Reports what the filter chooses; end: and ends it. */
static int entries_walk(struct sim_state *s, const struct track_filter *filter, bool end,
			track_fn each, void *ctx, struct fw_error *e)
{
	struct fw_entry **sorted;
	struct track_conn c;
	__u32 n, i;
	int err = sim_tracker_entries(&s->tracker, &sorted, &n);

	if (err)
		return fw_error_set(e, -err, "out of memory");
	for (i = 0; i < n && !err; i++) {
		conn_make(&c, sorted[i], s->tracker.now);
		if (!track_chosen(filter, &c))
			continue;
		if (each)
			err = each(&c, ctx);
		if (end && !err)
			fw_track_end(&s->tracker.table.track, sorted[i]);
	}
	free(sorted);
	return err;
}

static int sim_track_list(struct backend *b, const struct track_filter *filter,
			  track_fn each, void *ctx, struct fw_error *e)
{
	struct sim_state s;
	int err = sim_state_peek(b, &s, e);

	if (err)
		return err;
	err = entries_walk(&s, filter, false, each, ctx, e);
	sim_state_end(&s);
	return err;
}

static int sim_track_end(struct backend *b, const struct track_filter *filter,
			 track_fn each, void *ctx, struct fw_error *e)
{
	struct sim_state s;
	int err = sim_state_begin(b, &s, e);

	if (err)
		return err;
	err = entries_walk(&s, filter, true, each, ctx, e);
	if (!err)
		err = sim_state_write(b, &s, &s.rules, e);
	sim_state_end(&s);
	return err;
}

static int sim_track_flush(struct backend *b, struct fw_error *e)
{
	static const struct track_filter all = { NULL, 0 };

	return sim_track_end(b, &all, NULL, NULL, e);
}

static int sim_track_timeouts(struct backend *b, struct track_timeout **timeouts, size_t *n,
			      struct fw_error *e)
{
	struct sim_state s;
	int err = sim_state_peek(b, &s, e);

	if (err)
		return err;
	err = sim_state_track(&s, e);
	if (!err && track_timeouts_make(s.tracker.set.timeout, timeouts, n))
		err = fw_error_set(e, ENOMEM, "out of memory");
	sim_state_end(&s);
	return err;
}

static int timeouts_store(struct sim_tracker *t, const struct track_timeout *timeouts,
			  size_t n, struct fw_error *e)
{
	for (size_t i = 0; i < n; i++) {
		int id = fw_timeout_find(timeouts[i].name);

		if (id < 0)
			return fw_error_set(e, ENOENT, "the simulator has no timeout '%s'",
					    timeouts[i].name);
		if (timeouts[i].seconds > FW_TIMEOUT_LONGEST)
			return fw_error_set(e, ERANGE, "timeout '%s': at most %u seconds",
					    timeouts[i].name, FW_TIMEOUT_LONGEST);
		t->set.timeout[id] = timeouts[i].seconds;
	}
	return 0;
}

static int sim_track_timeouts_set(struct backend *b, const struct track_timeout *timeouts,
				  size_t n, struct fw_error *e)
{
	struct sim_state s;
	int err = sim_state_begin(b, &s, e);

	if (err)
		return err;
	err = sim_state_track(&s, e);
	if (!err)
		err = timeouts_store(&s.tracker, timeouts, n, e);
	if (!err)
		err = sim_state_write(b, &s, &s.rules, e);
	sim_state_end(&s);
	return err;
}

const struct track_ops sim_track_ops = {
	.list = sim_track_list,
	.end = sim_track_end,
	.flush = sim_track_flush,
	.timeouts = sim_track_timeouts,
	.timeouts_set = sim_track_timeouts_set,
};

int sim_connections(struct backend *b, struct fw_conn **conns, size_t *n,
		    struct fw_error *e)
{
	struct timespec clock;
	struct sim_state s;
	__u64 now;
	int err = sim_state_peek(b, &s, e);

	if (err)
		return err;
	/* the clock that times are compared with who lists them */
	clock_gettime(CLOCK_MONOTONIC, &clock);
	now = (__u64)clock.tv_sec * FW_HZ + (__u64)clock.tv_nsec / (1000000000 / FW_HZ);
	if (sim_tracker_masqueraded(&s.tracker, conns, n))
		err = fw_error_set(e, ENOMEM, "out of memory");
	for (size_t i = 0; i < *n && !err; i++)
		(*conns)[i].expires = now + ((__u32)(*conns)[i].expires - s.tracker.now);
	sim_state_end(&s);
	return err;
}
