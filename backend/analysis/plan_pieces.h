/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_pieces.h - the conditions of a plan's rule as sets of packets.
 */
#ifndef BACKEND_PLAN_PIECES_H
#define BACKEND_PLAN_PIECES_H

#include "backend/analysis/pieces.h"
#include "backend/plan/plan.h"

/* the packets that rules are compared with, and what the plan knows of them there */
struct plan_view {
	struct fw_dev dev;	/* as the core has it */
	char name[FW_IFNAMSIZ];	/* as the plan has it: without alias */
	bool out;		/* packets leave by it */
	bool masqueraded;	/* the plan does not know the source, which is dev's address */
	bool answers;		/* nor is it the packet's, but where the connection first went */
	struct cube space;
	/* destinations that are not in space */
	const __u32 *not_daddr;
	__u32 nnot_daddr;
};

/* The roots of a view's space: their number. */
unsigned int plan_view_roots(const struct plan_view *v, enum fw_list_id id,
			     struct cube root[ROOTS_MAX]);

/*
 * Adds those packets within root for which all conditions of r hold.  0, -ENOMEM, or
 * -EOPNOTSUPP: r asks for something that cubes do not tell apart.
 */
int plan_pieces_add(struct piece_list *p, const struct plan_rule *r, const struct plan_view *v,
		    const struct cube *root);

#endif
