/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sockopt.h - the IP_FW_* socket options of 2.0.
 */
#ifndef FW_SOCKOPT_H
#define FW_SOCKOPT_H

#include "kmod/net.h"

/* 0 also when ip_tables owns the numbers, which is told in the log. */
int fw_sockopt_init(void);
void fw_sockopt_exit(void);

#endif
