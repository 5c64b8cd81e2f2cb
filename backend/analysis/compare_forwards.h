/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare_forwards.h - do two tables of port forwards send every connection to the same target?
 *
 * Counts, and how far a turn has come, are not compared.  What lists of rules do with the
 * packets is not looked at.
 */
#ifndef BACKEND_COMPARE_FORWARDS_H
#define BACKEND_COMPARE_FORWARDS_H

#include "backend/analysis/compare.h"
#include "kmod/core/portfw.h"

struct forward_difference {
	/* begins a connection to the host; with leaves one that the host masquerades */
	struct fw_packet pkt;
	bool leaves;		/* does it keep its source port? */
	bool any_address;	/* it may be to any address of the host that no forward names */
	bool later;		/* connections before it are treated alike */
	bool helps;		/* which helper it has; with leaves */
	__u8 helper[2];		/* enum fw_helper_id */
	__s32 forward[2];	/* of the one and the other; -1: none */
};

/* As compare_lists(). */
int compare_forwards(const struct fw_portfw_table *a, const struct fw_portfw_table *b,
		     __u64 *budget, struct forward_difference *d);

#endif
