/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc.h - /proc/net/ip_input, ip_output, ip_forward and ip_acct as 2.0 had them.
 */
#ifndef FW_PROC_H
#define FW_PROC_H

#include "kmod/net.h"

int fw_proc_init(struct fw_net *fn);
void fw_proc_exit(struct fw_net *fn);

#endif
