// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/track.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/entry.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track_timeouts.h"
#include "kmod/core/view.h"

bool track_chosen(const struct track_filter *filter, const struct track_conn *c)
{
	static const struct fw_walk any = { .list = FW_FORWARD };
	const struct fw_packet pkt = {
		.saddr = c->saddr,
		.daddr = c->daddr,
		.proto = c->proto,
		.sport = c->sport,
		.dport = c->dport,
		.icmp_type = c->icmp_type,
	};
	struct fw_view v;

	if (!filter->count)
		return true;
	fw_view_init(&v, &any, &pkt);
	for (size_t i = 0; i < filter->count; i++)
		if (fw_rule_match(&filter->rule[i].match, &v))
			return true;
	return false;
}

void track_conn_turn(struct track_conn *c)
{
	c->raddr = c->saddr;
	c->rport = c->sport;
	c->saddr = c->daddr;
	c->sport = c->dport;
	c->daddr = c->maddr;
	c->dport = c->mport;
	c->masqueraded = false;
	c->redirected = true;
}

const char *track_state_name(__u8 proto, __u8 tcp_state, __u8 flags)
{
	/* the words of conntrack */
	static const char *const names[FW_TCP_STATES] = {
		[FW_TCP_SYN_SENT] = "syn-sent", [FW_TCP_SYN_SENT2] = "syn-sent2",
		[FW_TCP_SYN_RECV] = "syn-recv", [FW_TCP_ESTABLISHED] = "established",
		[FW_TCP_FIN_WAIT] = "fin-wait", [FW_TCP_CLOSE_WAIT] = "close-wait",
		[FW_TCP_LAST_ACK] = "last-ack", [FW_TCP_TIME_WAIT] = "time-wait",
		[FW_TCP_CLOSE] = "close",
	};

	if (proto == FW_PROTO_TCP && tcp_state < FW_TCP_STATES && names[tcp_state])
		return names[tcp_state];
	if (flags & FW_ENTRY_ANSWERED)
		return "established";
	return flags & FW_ENTRY_EXPECTED ? "related" : "new";
}

static int name_compare(const void *a, const void *b)
{
	const struct track_timeout *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int track_timeouts_make(const __u32 *seconds, struct track_timeout **timeouts, size_t *n)
{
	*timeouts = calloc(FW_TIMEOUTS, sizeof(**timeouts));
	if (!*timeouts)
		return -ENOMEM;
	*n = FW_TIMEOUTS;
	for (size_t i = 0; i < FW_TIMEOUTS; i++) {
		snprintf((*timeouts)[i].name, sizeof((*timeouts)[i].name), "%s",
			 fw_timeout_table[i].name);
		(*timeouts)[i].seconds = seconds[i];
	}
	qsort(*timeouts, *n, sizeof(**timeouts), name_compare);
	return 0;
}
