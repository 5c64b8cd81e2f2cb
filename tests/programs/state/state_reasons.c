// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/programs/state/state_reasons.h"

#include <stdio.h>
#include <string.h>

#include "kmod/core/packet.h"
#include "tests/programs/state/scenario.h"

/* The lists have 2.0's rule: it may be no connection at all, but it is dropped. */
static bool is_truncated(const json_t *packet, const __u8 *bytes, size_t len)
{
	size_t head = (bytes[0] & 15) * 4u, total = (size_t)bytes[2] << 8 | bytes[3];
	size_t least = bytes[9] == FW_PROTO_TCP ? 16 : bytes[9] == FW_PROTO_UDP ? 8 : 0;

	return !strcmp(scenario_word(packet, "state"), "invalid") && len >= 20 &&
	       total < head + least;
}

static struct reason {
	const char *name;
	bool (*explains)(const json_t *packet, const __u8 *bytes, size_t len);
	unsigned long count;
} reasons[] = {
	{"truncated TCP and UDP packets are dropped before any rule", is_truncated, 0},
};

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

void state_reasons_print(void)
{
	size_t i;

	for (i = 0; i < FW_COUNT(reasons); i++) {
		if (reasons[i].count)
			printf("differs: %lu: %s\n", reasons[i].count, reasons[i].name);
		reasons[i].count = 0;
	}
}
