// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/programs/state/state_reasons.h"

#include <stdio.h>
#include <string.h>

#include "kmod/core/packet.h"
#include "tests/lib/jsonl.h"
#include "tests/programs/state/scenario.h"
#include "tests/programs/state/scenario_text.h"

/* The lists have 2.0's rule: it may be no connection at all, but it is dropped. */
static bool is_truncated(const json_t *packet, const __u8 *bytes, size_t len)
{
	size_t head = (bytes[0] & 15) * 4u, total = (size_t)bytes[2] << 8 | bytes[3];
	size_t least = bytes[9] == FW_PROTO_TCP ? 16 : bytes[9] == FW_PROTO_UDP ? 8 : 0;

	return !strcmp(scenario_string(packet, "state"), "invalid") && len >= 20 &&
	       total < head + least;
}

static struct reason {
	const char *name;
	bool (*explains)(const json_t *packet, const __u8 *bytes, size_t len);
	unsigned long count;
} reasons[] = {
	{"truncated TCP and UDP packets are dropped before any rule", is_truncated, 0},
};

/* Linux 6.12: such a reset goes on as a segment with unacknowledged data does. */
static struct reason reset_reason = {
	.name = "a reset that leaves a connection established does not lower its timeout "
		"to "
		"tcp-close",
};

static bool is_reset(const json_t *packet)
{
	__u8 bytes[80];
	size_t len = scenario_bytes(packet, bytes, sizeof(bytes));
	size_t head = (bytes[0] & 15) * 4u;

	return len > head + 13 && bytes[9] == FW_PROTO_TCP &&
	       (bytes[head + 13] & FW_TCP_RST);
}

static long setting(const json_t *scenario, const char *name, long usual)
{
	return (long)jsonl_int(json_object_get(scenario, "set"), name, usual);
}

bool state_reason_left(const json_t *scenario, size_t packet, const char *line,
		       long theirs, long mine)
{
	const json_t *packets = json_object_get(scenario, "packets");
	long unacked = setting(scenario, "tcp_timeout_unacknowledged", 300);
	bool reset = false;
	size_t i;

	for (i = 0; i < packet && !reset; i++)
		reset = is_reset(json_array_get(packets, i));
	if (!reset || !strstr(line, " ESTABLISHED ") ||
	    theirs > setting(scenario, "tcp_timeout_close", 10) || mine > unacked ||
	    mine < unacked - 2)
		return false;
	reset_reason.count++;
	return true;
}

bool state_reason_unseen(const json_t *packet, const __u8 *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < FW_COUNT(reasons); i++) {
		if (!reasons[i].explains(packet, bytes, len))
			continue;
		reasons[i].count++;
		return true;
	}
	return false;
}

static void reason_print(struct reason *r)
{
	if (r->count)
		printf("differs: %lu: %s\n", r->count, r->name);
	r->count = 0;
}

void state_reasons_print(void)
{
	size_t i;

	for (i = 0; i < FW_COUNT(reasons); i++)
		reason_print(&reasons[i]);
	reason_print(&reset_reason);
}
