/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.h - the generic netlink family of ipfwadm_uapi.h.
 */
#ifndef FW_NETLINK_H
#define FW_NETLINK_H

#include "kmod/net.h"

int fw_netlink_init(void);
void fw_netlink_exit(void);

/* Tells the group "changes"; may sleep.  A lost message is no error. */
void fw_netlink_changed(struct fw_net *fn, __u32 generation, __u32 edits, __u32 portid);

#endif
