// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/programs/state/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/sim/fragments.h"
#include "backend/sim/track_host.h"
#include "kmod/core/expect.h"
#include "kmod/core/names.h"
#include "kmod/core/packet.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track.h"
#include "kmod/core/track_packet.h"
#include "tests/lib/jsonl.h"

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

static const struct {
	const char *sysctl;
	enum fw_timeout_id id;
} timeout_settings[] = {
	{"tcp_timeout_syn_sent", FW_TIMEOUT_SYN_SENT},
	{"tcp_timeout_syn_recv", FW_TIMEOUT_SYN_RECV},
	{"tcp_timeout_established", FW_TIMEOUT_ESTABLISHED},
	{"tcp_timeout_fin_wait", FW_TIMEOUT_FIN_WAIT},
	{"tcp_timeout_close_wait", FW_TIMEOUT_CLOSE_WAIT},
	{"tcp_timeout_last_ack", FW_TIMEOUT_LAST_ACK},
	{"tcp_timeout_time_wait", FW_TIMEOUT_TIME_WAIT},
	{"tcp_timeout_close", FW_TIMEOUT_CLOSE},
	{"tcp_timeout_max_retrans", FW_TIMEOUT_MAX_RETRANS},
	{"tcp_timeout_unacknowledged", FW_TIMEOUT_UNACKNOWLEDGED},
	{"udp_timeout", FW_TIMEOUT_UDP_ONE_WAY},
	{"udp_timeout_stream", FW_TIMEOUT_UDP_STREAM},
	{"icmp_timeout", FW_TIMEOUT_ICMP_QUERY},
	{"gre_timeout", FW_TIMEOUT_GRE},
	{"gre_timeout_stream", FW_TIMEOUT_GRE_STREAM},
	{"generic_timeout", FW_TIMEOUT_GENERIC},
	{"ipfrag_time", FW_TIMEOUT_FRAGMENTS},
};

/* False: a setting that this test does not know. */
static bool setting_apply(struct fw_track_settings *set, const char *name, __u32 value)
{
	size_t i;

	for (i = 0; i < FW_COUNT(timeout_settings); i++) {
		if (strcmp(name, timeout_settings[i].sysctl) != 0)
			continue;
		set->timeout[timeout_settings[i].id] = value;
		return true;
	}
	if (!strcmp(name, "tcp_loose"))
		set->tcp_loose = value;
	else if (!strcmp(name, "tcp_be_liberal"))
		set->tcp_liberal = value;
	else if (!strcmp(name, "tcp_ignore_invalid_rst"))
		set->tcp_ignore_invalid_rst = value;
	else if (!strcmp(name, "tcp_max_retrans"))
		set->tcp_max_retrans = value;
	else if (!strcmp(name, "checksum"))
		set->checksum = value;
	else
		return false;
	return true;
}

static const char *addr_text(__u32 addr, char text[16])
{
	snprintf(text, 16, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
		 addr & 255);
	return text;
}

static const char *proto_text(__u8 proto, char text[8])
{
	switch (proto) {
	case FW_PROTO_ICMP:
		return "icmp";
	case FW_PROTO_TCP:
		return "tcp";
	case FW_PROTO_UDP:
		return "udp";
	case 47:
		return "gre";
	default:
		snprintf(text, 8, "%u", proto);
		return text;
	}
}

/* An entry as recordings have it, but for the seconds left and the helper. */
static void entry_text(const struct fw_entry *c, char *text, size_t size)
{
	char from[16], to[16], proto[8], port[16], flags[8] = "";

	snprintf(port, sizeof(port), c->proto == FW_PROTO_ICMP ? "%u.%u" : "%.0u%u",
		 c->proto == FW_PROTO_ICMP ? c->dport >> 8 : 0,
		 c->proto == FW_PROTO_ICMP ? c->dport & 255 : c->dport);
	if (c->flags & FW_ENTRY_ANSWERED)
		strcat(flags, "r");
	if (c->flags & FW_ENTRY_ASSURED)
		strcat(flags, "a");
	if (c->flags & FW_ENTRY_EXPECTED)
		strcat(flags, "x");
	snprintf(text, size, "%s %s:%u %s:%s %s %s", proto_text(c->proto, proto),
		 addr_text(c->saddr, from), c->sport, addr_text(c->daddr, to), port,
		 c->proto == FW_PROTO_TCP ? fw_tcp_state_names[c->state] : "-",
		 *flags ? flags : "-");
}

/* Does a line of a recorded table describe the entry? */
static bool entry_agrees(const struct world *w, const struct fw_entry *c,
			 const char *line, char *mine, size_t size)
{
	__u32 left = fw_tick_left(c->expires, w->now);
	const char *helper = fw_helper_name(c->helper);
	char theirs_helper[32] = "";
	size_t len;
	int theirs;

	entry_text(c, mine, size);
	len = strlen(mine);
	snprintf(mine + len, size - len, " %u%s%s", left, helper ? " " : "",
		 helper ? helper : "");
	if (strncmp(mine, line, len) != 0 ||
	    sscanf(line + len, " %d %31s", &theirs, theirs_helper) < 1)
		return false;
	return abs(theirs - (int)left) <= w->slack &&
	       !strcmp(theirs_helper, helper ? helper : "");
}

static void say(struct scenario_run *run, size_t packet, const char *what,
		const char *theirs, const char *mine)
{
	snprintf(run->what, sizeof(run->what), "packet %zu: %s is %s, recorded %s",
		 packet, what, mine, theirs);
	run->agrees = false;
}

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
		if (!entry_agrees(w, c, line ? line : "", mine, sizeof(mine)))
			say(run, packet, "an entry", line ? line : "absent", mine);
		i++;
	}
	if (run->agrees && i < json_array_size(table))
		say(run, packet, "an entry", json_string_value(json_array_get(table, i)),
		    "absent");
}

static int text_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void expected_compare(struct world *w, const json_t *expected, size_t packet,
			     struct scenario_run *run)
{
	char texts[EXPECTS][64], *sorted[EXPECTS], from[16], to[16], proto[8];
	size_t n = 0, i;

	for (i = 1; i < EXPECTS; i++) {
		const struct fw_expect *e = &w->expects[i];

		if (!fw_expect_live(&w->table.track, e, w->now))
			continue;
		snprintf(texts[n], sizeof(texts[n]), "%s %s:* %s:%u",
			 proto_text(e->proto, proto),
			 e->any_source ? "*" : addr_text(e->saddr, from),
			 addr_text(e->daddr, to), e->dport);
		sorted[n] = texts[n];
		n++;
	}
	qsort(sorted, n, sizeof(*sorted), text_compare);
	for (i = 0; run->agrees && (i < n || i < json_array_size(expected)); i++) {
		const char *line = json_string_value(json_array_get(expected, i));
		const char *mine = i < n ? sorted[i] : "absent";

		if (!line || strcmp(line, mine) != 0)
			say(run, packet, "an expectation", line ? line : "absent", mine);
	}
}

static const char *state_text(__u8 state)
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
		return "dropped";
	}
}

static const char *dir_text(__u8 dir)
{
	return dir == FW_ORIGINAL ? "original" : dir == FW_REPLY ? "reply" : "-";
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

const char *scenario_word(const json_t *packet, const char *key)
{
	const char *value = json_string_value(json_object_get(packet, key));

	return value ? value : "-";
}

size_t scenario_bytes(const json_t *packet, __u8 *bytes, size_t size)
{
	const char *hex = scenario_word(packet, "packet");
	unsigned int byte;
	size_t n;

	for (n = 0; n < size && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		bytes[n] = (__u8)byte;
	return n;
}

static void packet_run(struct world *w, const json_t *packet, size_t number,
		       struct scenario_run *run)
{
	static __u8 bytes[TEXT];
	const char *iface = scenario_word(packet, "iface"), *hook = scenario_word(packet, "hook");
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
			say(run, number, "whole datagram", "of another length", "whole");
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
		state = state_text(s.state);
		dir = dir_text(s.dir);
		run->own |= s.own;
	}
	if (strcmp(state, scenario_word(packet, "state")) != 0) {
		say(run, number, "state", scenario_word(packet, "state"), state);
		return;
	}
	if (strcmp(dir, scenario_word(packet, "dir")) != 0) {
		say(run, number, "direction", scenario_word(packet, "dir"), dir);
		return;
	}
	/* A packet for the router itself leaves by no interface in any case. */
	helper_drop = !strcmp(scenario_word(packet, "leaves"), "-");
	if ((!strcmp(hook, "forward") || !strcmp(hook, "output")) &&
	    helper_drop != (err != 0))
		say(run, number, "helper", helper_drop ? "drop" : "pass",
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
		if (!setting_apply(&w->set, name, (__u32)json_integer_value(value)))
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
		say(run, 0, "setting", "known", "unknown");
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
