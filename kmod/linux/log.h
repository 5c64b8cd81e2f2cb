/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - the kernel log line of a rule with -o.
 */
#ifndef FWK_LOG_H
#define FWK_LOG_H

#include <net/net_namespace.h>

#include "kmod/core/match.h"

/* Prints the line of a rule with FW_PRN, which matches pkt in walk w. */
void fwk_log_line(const struct net *net, const struct fw_match *m,
		  const struct fw_walk *w, const struct fw_packet *pkt);

static inline void fwk_log_match(const struct net *net, const struct fw_match *m,
				 const struct fw_walk *w, const struct fw_packet *pkt)
{
	if (m->flags & FW_PRN)
		fwk_log_line(net, m, w, pkt);
}

#endif
