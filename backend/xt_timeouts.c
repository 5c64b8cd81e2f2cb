// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_timeouts.c - the timeouts of -M -s, as far as iptables can have them.
 */
#include "backend/xt_timeouts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/conntrack.h"

#define SECONDS_MAX 2000000	/* the kernel counts in 31 bits, a thousand a second */

struct settings {
	struct track_timeout item[8];
	size_t count;
};

static void setting_add(struct settings *s, const char *name, __u32 seconds)
{
	struct track_timeout *t = &s->item[s->count++];

	snprintf(t->name, sizeof(t->name), "%s", name);
	t->seconds = seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
}

/* 2.0 told apart whether both sides have closed; beginning is left to the kernel. */
static void settings_fill(struct settings *s, const struct fw_timeouts *was,
			  const struct fw_timeouts *is)
{
	if (is->tcp != was->tcp) {
		setting_add(s, "tcp-established", is->tcp);
		setting_add(s, "tcp-fin-wait", is->tcp);
		setting_add(s, "tcp-close-wait", is->tcp);
	}
	if (is->tcpfin != was->tcpfin) {
		setting_add(s, "tcp-last-ack", is->tcpfin);
		setting_add(s, "tcp-time-wait", is->tcpfin);
	}
	if (is->udp != was->udp) {
		setting_add(s, "udp", is->udp);
		setting_add(s, "udp-stream", is->udp);
	}
}

int xt_timeouts_change(const struct fw_timeouts *was, const struct fw_timeouts *is,
		       struct fw_error *e)
{
	struct settings s = { .count = 0 };
	int err;

	settings_fill(&s, was, is);
	if (!s.count)
		return 0;
	err = conntrack_timeouts_set(s.item, s.count, e);
	return err == -ENOENT ? 0 : err;
}
