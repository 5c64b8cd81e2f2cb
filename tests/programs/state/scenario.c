// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/programs/state/scenario.h"

#include <stdio.h>
#include <string.h>

#include "backend/sim/fragments.h"
#include "backend/sim/track_host.h"
#include "kmod/core/expect.h"
#include "kmod/core/packet.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track.h"
#include "kmod/core/track_packet.h"
#include "tests/lib/jsonl.h"
#include "tests/programs/state/scenario_text.h"

#define ENTRIES 4096
#define HEADS 1024
#define EXPECTS 1024
#define HELPS 256
#define TEXT 65536

/* the router's interfaces */
enum { IFACE_LOCAL, IFACE_IN, IFACE_OUT };

struct world {
	struct track_table table;
	struct fw_track_settings set;
	struct fragments *fragments;
	const json_t *helpers;
	__u32 now;
	int slack;	/* seconds by which LEFT may differ */
	struct fw_entry entries[ENTRIES];
	struct fw_link *heads[HEADS];
	struct fw_expect expects[EXPECTS];
	struct fw_help helps[HELPS];
};

static void table_compare(struct world *w, const json_t *table, size_t packet,
			  struct scenario_run *run)
{
	struct fw_entry *c = NULL;
	char mine[256];
	size_t i = 0;

	while ((c = track_table_next(&w->table, c ? c->id : 0)) && run->agrees) {
		const char *line = json_string_value(json_array_get(table, i));

		if (fw_tick_over(c->expires, w->now))
			continue;
		if (!scenario_entry_agrees(c, fw_tick_left(c->expires, w->now), w->slack,
					   line ? line : "", mine, sizeof(mine)))
			scenario_say(run, packet, "an entry", line ? line : "absent", mine);
		i++;
	}
	if (run->agrees && i < json_array_size(table))
		scenario_say(run, packet, "an entry", json_string_value(json_array_get(table, i)),
		    "absent");
}

static void expected_compare(struct world *w, const json_t *expected, size_t packet,
			     struct scenario_run *run)
{
	char texts[EXPECTS][SCENARIO_EXPECT];
	size_t n = 0, i;

	for (i = 1; i < EXPECTS; i++)
		if (fw_expect_live(&w->table.track, &w->expects[i], w->now))
			scenario_expect_text(&w->expects[i], texts[n++]);
	scenario_expected_compare(texts, n, expected, packet, run);
}

/* The helper that rules give to a new connection. */
static void helper_assign(const struct world *w, const struct fw_track_packet *p,
			  struct fw_seen *s)
{
	static const struct {
		const char *name;
		enum fw_helper_id id;
		__u8 proto;
	} known[] = {
		{"ftp", FW_HELPER_FTP, FW_PROTO_TCP},
		{"irc", FW_HELPER_IRC, FW_PROTO_TCP},
		{"tftp", FW_HELPER_TFTP, FW_PROTO_UDP},
	};
	size_t i;

	for (i = 0; i < FW_COUNT(known); i++)
		if (p->key.proto == known[i].proto &&
		    jsonl_int(w->helpers, known[i].name, -1) == p->key.dport)
			fw_track_helper(s, known[i].id);
}

size_t scenario_bytes(const json_t *packet, __u8 *bytes, size_t size)
{
	return scenario_hex(scenario_string(packet, "packet"), bytes, size);
}

static void packet_run(struct world *w, const json_t *packet, size_t number,
		       struct scenario_run *run)
{
	static __u8 bytes[TEXT];
	const char *iface = scenario_string(packet, "iface");
	const char *hook = scenario_string(packet, "hook");
	size_t len = scenario_bytes(packet, bytes, sizeof(bytes));
	size_t total = datagram_length(bytes, len);
	bool sent = !strcmp(iface, "local"), helper_drop;
	const char *state = "dropped", *dir = "-";
	const __u8 *ip = bytes;
	struct fw_track_packet p;
	struct fw_seen s = { 0 };
	int err = 0;

	if (total && datagram_is_fragment(ip)) {
		total = fragments_add(w->fragments, ip, total, sent, w->now,
				      w->set.timeout[FW_TIMEOUT_FRAGMENTS] * FW_TRACK_HZ,
				      &ip);
		state = "held";
		if (total && (long long)total != jsonl_int(packet, "whole", -1))
			scenario_say(run, number, "whole datagram", "of another length", "whole");
	}
	if (total) {
		fw_track_packet_read(&p, ip, (__u32)total, (__u32)total);
		p.iface = sent                   ? IFACE_LOCAL
			  : !strcmp(iface, "in") ? IFACE_IN
						 : IFACE_OUT;
		if (!p.fault && !sent && w->set.checksum &&
		    !fw_track_sum_ok(ip, (__u32)total))
			p.fault = FW_WHY_CHECKSUM;
		fw_track_in(&w->table.track, &p, w->now, &s);
		helper_assign(w, &p, &s);
		if (s.state && strcmp(hook, "pre") != 0)
			err = fw_track_confirm(&w->table.track, &p, w->now, &s);
		state = scenario_state(s.state);
		dir = scenario_dir(s.dir);
		run->own |= s.own;
	}
	if (strcmp(state, scenario_string(packet, "state")) != 0) {
		scenario_say(run, number, "state", scenario_string(packet, "state"), state);
		return;
	}
	if (strcmp(dir, scenario_string(packet, "dir")) != 0) {
		scenario_say(run, number, "direction", scenario_string(packet, "dir"), dir);
		return;
	}
	/* A packet for the router itself leaves by no interface in any case. */
	helper_drop = !strcmp(scenario_string(packet, "leaves"), "-");
	if ((!strcmp(hook, "forward") || !strcmp(hook, "output")) &&
	    helper_drop != (err != 0))
		scenario_say(run, number, "helper", helper_drop ? "drop" : "pass",
		    err ? "drop" : "pass");
}

static bool settings_read(struct world *w, const json_t *scenario, __u16 own)
{
	const char *name;
	json_t *value;

	fw_track_settings_default(&w->set);
	w->set.own = own;
	json_object_foreach(json_object_get(scenario, "set"), name, value)
	{
		if (!scenario_setting(&w->set, name, (__u32)json_integer_value(value)))
			return false;
	}
	return true;
}

void scenario_run(const json_t *scenario, __u16 own, struct scenario_run *run)
{
	static struct world w;
	const json_t *table = NULL, *expected = NULL;
	json_t *packet;
	size_t i;

	*run = (struct scenario_run){ .agrees = true };
	w.fragments = fragments_new();
	w.helpers = json_object_get(scenario, "helper");
	w.slack = 0;
	if (!w.fragments || !settings_read(&w, scenario, own)) {
		scenario_say(run, 0, "setting", "known", "unknown");
		fragments_free(w.fragments);
		return;
	}
	fw_track_init(&w.table.track, &w.set, ENTRIES, w.expects, EXPECTS, w.helps,
		      HELPS);
	track_table_init(&w.table, w.entries, ENTRIES, w.heads, HEADS);
	w.now = 0xffffff00;	/* so that clocks wrap around */
	json_array_foreach(json_object_get(scenario, "packets"), i, packet)
	{
		if (json_object_get(packet, "t")) {
			w.slack = 1;
			w.now = 0xffffff00 +
				(__u32)jsonl_int(packet, "t", 0) * FW_TRACK_HZ / 1000;
		}
		if (json_object_get(packet, "table"))
			table = json_object_get(packet, "table");
		if (json_object_get(packet, "expected"))
			expected = json_object_get(packet, "expected");
		packet_run(&w, packet, i + 1, run);
		if (run->agrees)
			table_compare(&w, table, i + 1, run);
		if (run->agrees)
			expected_compare(&w, expected, i + 1, run);
		if (!run->agrees)
			break;
		run->packets++;
	}
	fragments_free(w.fragments);
}
