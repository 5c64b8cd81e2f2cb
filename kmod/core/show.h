/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.h - the texts of the 2.0 kernel: its log line and its /proc files.
 */
#ifndef FW_SHOW_H
#define FW_SHOW_H

#include "kmod/core/conn.h"
#include "kmod/core/match.h"
#include "kmod/core/text.h"

/* What it begins with, and the rest of it. */
#define FW_SHOW_LOG_PREFIX 32	/* bytes, the NUL included: "IP fw-fwd acc/r65535 " */
void fw_show_log_prefix(struct fw_text *t, const struct fw_match *m, enum fw_list_id list,
			enum fw_direction direction);
void fw_show_log_packet(struct fw_text *t, const struct fw_dev *dev,
			const struct fw_packet *pkt);

/*
 * The line that a rule with FW_PRN logs, without level and newline:
 * "IP fw-in rej eth0 TCP 192.168.1.10:1025 198.51.100.7:80 L=44 S=0x10 ...".
 * pkt is the packet before the rule changed its TOS.
 */
static inline void fw_show_log(struct fw_text *t, const struct fw_match *m,
			       const struct fw_walk *w, const struct fw_packet *pkt)
{
	fw_show_log_prefix(t, m, w->list, w->direction);
	fw_show_log_packet(t, w->dev, pkt);
}

/* First line of /proc/net/ip_input and so on, with newline. */
void fw_show_header(struct fw_text *t, enum fw_list_id id, __u32 policy);

/* A rule's line there, with newline; at most FW_SHOW_RULE_MAX bytes. */
#define FW_SHOW_RULE_MAX 256
void fw_show_rule(struct fw_text *t, const struct fw_rule *r);

/*
 * Lines of /proc/net/ip_masquerade, with newline: FW_SHOW_CONN bytes each.  free: ports
 * of UDP, TCP, ICMP; now: ticks.
 */
#define FW_SHOW_CONN 128
void fw_show_conns_header(struct fw_text *t, const __u32 free[3]);
void fw_show_conn(struct fw_text *t, const struct fw_conn *c, __u64 now);

/*
 * Lines of /proc/net/ip_masq_app, with newline: FW_SHOW_HELPER bytes each.  The second is
 * for a port, with the number of connections that the helper follows there.
 */
#define FW_SHOW_HELPER 40
void fw_show_helpers_header(struct fw_text *t);
void fw_show_helper(struct fw_text *t, const struct fw_masq_helper *h, __u16 port,
		    __u32 attached);

#endif
