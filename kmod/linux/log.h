/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - the line of a rule with -o.
 */
#ifndef FW_LOG_H
#define FW_LOG_H

#include <net/net_namespace.h>

#include "kmod/core/match.h"

/* where the packet is when it matches */
struct fw_log_place {
	const struct net *net;
	const struct fw_walk *walk;
};

/* A fw_match_fn with a struct fw_log_place: logs, if the rule says so. */
void fw_log_matched(void *place, const struct fw_rule *r, u32 index,
		    const struct fw_packet *pkt);

#endif
