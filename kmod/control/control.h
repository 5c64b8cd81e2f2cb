/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control.h - the interfaces to user space: generic netlink, /proc, socket options.
 *
 * All need fwk_rules_init() before, fwk_rules_exit() after.
 */
#ifndef FWK_CONTROL_H
#define FWK_CONTROL_H

#include <net/net_namespace.h>

#include "kmod/track/track.h"

/* the generic netlink family of ipfwadm_uapi.h */
int fwk_netlink_init(void);
void fwk_netlink_exit(void);

/* A fwk_change_fn: sends CHANGED to the group "changes".  A lost message is no error. */
void fwk_netlink_report(struct net *net, u32 generation, u32 edits, u32 portid);

/* A fwk_conn_event_fn: sends CONNS_CHANGED to the group "connections", a moment later. */
void fwk_conn_event_report(struct fwk_track *t, enum fwk_conn_event event,
			   struct fw_entry *c);

/* /proc/net/ip_input, ip_output, ip_forward and ip_acct of 2.0 */
int fwk_proc_init(void);
void fwk_proc_exit(void);

/* /proc/net/ip_masquerade, ip_masq_app and stat/ipfwadm; needs fwk_track_init() before */
int fwk_proc_track_init(void);
void fwk_proc_track_exit(void);

/* the IP_FW_* socket options of 2.0; succeeds without them if ip_tables is loaded */
int fwk_sockopt_init(void);
void fwk_sockopt_exit(void);

/* net.ipv4.ipfwadm; needs fwk_track_init() before */
int fwk_sysctl_init(void);
void fwk_sysctl_exit(void);

#endif
