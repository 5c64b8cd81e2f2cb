/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk.h - the walk of a packet through a list of the present generation.
 */
#ifndef FW_PASS_H
#define FW_PASS_H

#include "kmod/net.h"

/* Counts and logs, as the list says.  => rcu_read_lock() */
void fw_list_pass(struct fw_net *fn, enum fw_list_id list, enum fw_direction dir,
		  const struct fw_packet *pkt, const struct fw_dev *dev,
		  struct fw_decision *d);

/* Has the list no rules?  => rcu_read_lock() */
bool fw_list_is_empty(struct fw_net *fn, enum fw_list_id list);

#endif
