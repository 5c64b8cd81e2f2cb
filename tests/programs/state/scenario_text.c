// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/programs/state/scenario_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/names.h"
#include "kmod/core/packet.h"
#include "kmod/core/tcp.h"

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
bool scenario_setting(struct fw_track_settings *set, const char *name, __u32 value)
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

bool scenario_entry_agrees(const struct fw_entry *c, __u32 left, int slack,
			   const char *line, char *mine, size_t size)
{
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
	return abs(theirs - (int)left) <= slack &&
	       !strcmp(theirs_helper, helper ? helper : "");
}

void scenario_say(struct scenario_run *run, size_t packet, const char *what,
		  const char *theirs, const char *mine)
{
	snprintf(run->what, sizeof(run->what), "packet %zu: %s is %s, recorded %s",
		 packet, what, mine, theirs);
	run->agrees = false;
}

static int text_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

void scenario_expect_text(const struct fw_expect *e, char text[SCENARIO_EXPECT])
{
	char from[16], to[16], proto[8];

	snprintf(text, SCENARIO_EXPECT, "%s %s:* %s:%u", proto_text(e->proto, proto),
		 e->any_source ? "*" : addr_text(e->saddr, from), addr_text(e->daddr, to),
		 e->dport);
}

void scenario_expected_compare(char (*texts)[SCENARIO_EXPECT], size_t n,
			       const json_t *expected, size_t packet,
			       struct scenario_run *run)
{
	size_t i;

	qsort(texts, n, sizeof(*texts), text_compare);
	for (i = 0; run->agrees && (i < n || i < json_array_size(expected)); i++) {
		const char *line = json_string_value(json_array_get(expected, i));
		const char *mine = i < n ? texts[i] : "absent";

		if (!line || strcmp(line, mine) != 0)
			scenario_say(run, packet, "an expectation",
				     line ? line : "absent", mine);
	}
}

const char *scenario_state(__u8 state)
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

const char *scenario_dir(__u8 dir)
{
	return dir == FW_ORIGINAL ? "original" : dir == FW_REPLY ? "reply" : "-";
}

size_t scenario_hex(const char *hex, __u8 *bytes, size_t size)
{
	unsigned int byte;
	size_t n;

	for (n = 0; n < size && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		bytes[n] = (__u8)byte;
	return n;
}

const char *scenario_string(const json_t *packet, const char *key)
{
	const char *value = json_string_value(json_object_get(packet, key));

	return value ? value : "-";
}
