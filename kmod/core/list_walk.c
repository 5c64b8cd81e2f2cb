// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list_walk.c - which rule of a list decides?
 */
#include "kmod/core/list_walk.h"

bool fw_candidates_try(struct fw_list *l, const struct fw_view *v, fw_match_fn on_match,
		       struct fw_decision *d)
{
	struct fw_candidates c;
	__u32 begin, end;

	c.begun = false;
	do {
		fw_candidates_next(&c, l, v, &begin, &end);
		if (fw_rules_try(l, v, on_match, begin, end, d))
			return true;
	} while (end < l->count);
	return false;
}

void fw_list_walk(struct fw_list *l, const struct fw_walk *w, const struct fw_packet *pkt,
		  struct fw_decision *d)
{
	fw_list_walk_inline(l, w, w->on_match, pkt, d);
}
