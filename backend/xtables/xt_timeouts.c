// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_timeouts.c - the timeouts of -M -s as sysctls of connection tracking.
 */
#include "backend/xtables/xt_timeouts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/conntrack/conntrack.h"
#include "backend/xtables/xt_table.h"

#define SECONDS_MAX 2000000 /* the kernel counts in 31 bits, a thousand a second */

/* 2.0 had one timeout more for TCP connections closed by both sides. */
static const struct timeout {
	const char *name;
	size_t member;
} timeouts[] = {
	{"tcp-established", offsetof(struct fw_timeouts, tcp)},
	{"tcp-fin-wait", offsetof(struct fw_timeouts, tcp)},
	{"tcp-close-wait", offsetof(struct fw_timeouts, tcp)},
	{"tcp-last-ack", offsetof(struct fw_timeouts, tcpfin)},
	{"tcp-time-wait", offsetof(struct fw_timeouts, tcpfin)},
	{"udp", offsetof(struct fw_timeouts, udp)},
	{"udp-stream", offsetof(struct fw_timeouts, udp)},
};

static void timeouts_choose(struct xt_timeouts *set, const struct fw_timeouts *t)
{
	struct track_timeout *to;
	__u32 seconds;
	unsigned int i;

	set->count = 0;
	for (i = 0; i < FW_COUNT(timeouts); i++) {
		memcpy(&seconds, (const char *)t + timeouts[i].member, sizeof(seconds));
		if (!seconds)
			continue;
		to = &set->item[set->count++];
		strcpy(to->name, timeouts[i].name); /* NOLINT: it fits */
		to->seconds = seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
	}
}

/* What of all there are does set contain? */
static void timeouts_pick(struct xt_timeouts *picked, const struct xt_timeouts *set,
			  const struct track_timeout *all, size_t n)
{
	size_t i, k;

	for (i = 0; i < set->count; i++)
		for (k = 0; k < n; k++)
			if (!strcmp(all[k].name, set->item[i].name))
				picked->item[picked->count++] = all[k];
}

int xt_timeouts_set(const struct fw_timeouts *t, struct xt_timeouts *before,
		    struct fw_error *e)
{
	struct track_timeout *all = NULL;
	struct xt_timeouts set;
	size_t n = 0;
	int err;

	before->count = 0;
	timeouts_choose(&set, t);
	if (!set.count)
		return 0;
	err = conntrack_timeouts(&all, &n, e);
	if (err == -ENOENT && xt_module_load("nf_conntrack"))
		err = conntrack_timeouts(&all, &n, e);
	if (!err)
		err = conntrack_timeouts_set(set.item, set.count, e);
	if (!err)
		timeouts_pick(before, &set, all, n);
	free(all);
	return err;
}

void xt_timeouts_restore(const struct xt_timeouts *before)
{
	if (before->count)
		conntrack_timeouts_set(before->item, before->count, NULL);
}
