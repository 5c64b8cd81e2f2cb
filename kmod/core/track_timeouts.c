// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/track_timeouts.h"

const struct fw_timeout fw_timeout_table[FW_TIMEOUTS] = {
	[FW_TIMEOUT_SYN_SENT] = { "tcp-syn-sent", 120 },
	[FW_TIMEOUT_SYN_SENT2] = { "tcp-syn-sent2", 120 },
	[FW_TIMEOUT_SYN_RECV] = { "tcp-syn-recv", 60 },
	[FW_TIMEOUT_ESTABLISHED] = { "tcp-established", 432000 },
	[FW_TIMEOUT_FIN_WAIT] = { "tcp-fin-wait", 120 },
	[FW_TIMEOUT_CLOSE_WAIT] = { "tcp-close-wait", 60 },
	[FW_TIMEOUT_LAST_ACK] = { "tcp-last-ack", 30 },
	[FW_TIMEOUT_TIME_WAIT] = { "tcp-time-wait", 120 },
	[FW_TIMEOUT_CLOSE] = { "tcp-close", 10 },
	[FW_TIMEOUT_MAX_RETRANS] = { "tcp-max-retrans", 300 },
	[FW_TIMEOUT_UNACKNOWLEDGED] = { "tcp-unacknowledged", 300 },
	[FW_TIMEOUT_UDP_ONE_WAY] = { "udp", 30 },
	[FW_TIMEOUT_UDP_STREAM] = { "udp-stream", 120 },
	[FW_TIMEOUT_ICMP_QUERY] = { "icmp", 30 },
	[FW_TIMEOUT_GRE] = { "gre", 30 },
	[FW_TIMEOUT_GRE_STREAM] = { "gre-stream", 180 },
	[FW_TIMEOUT_GENERIC] = { "generic", 600 },
	[FW_TIMEOUT_FRAGMENTS] = { "fragments", 30 },
};

static bool name_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int fw_timeout_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < FW_TIMEOUTS; i++)
		if (name_equal(fw_timeout_table[i].name, name))
			return (int)i;
	return -ENOENT;
}
