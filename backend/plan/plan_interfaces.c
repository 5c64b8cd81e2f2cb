// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_interfaces.c - the interfaces that a plan depends on.
 */
#include "backend/plan/plan_interfaces.h"

#include "backend/interfaces.h"

static bool interface_named(const struct fw_ruleset *rs)
{
	const struct fw_rule *r;
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < rs->list[list].count; i++) {
			r = fw_list_rule(&rs->list[list], i);
			if (r->via || r->vianame[0])
				return true;
		}
	}
	return false;
}

/* A masqueraded packet has the address of the interface that it leaves by. */
static bool interfaces_matter(const struct fw_ruleset *rs, const struct plan_options *o)
{
	return (plan_needs_of(rs) | o->lasting) & PLAN_MASQUERADES || interface_named(rs);
}

int plan_interfaces(struct fw_interfaces *ifs, const struct fw_ruleset *rs,
		    struct plan_options *o, struct fw_error *e)
{
	int err;

	*ifs = (struct fw_interfaces){ 0 };
	if (!interfaces_matter(rs, o))
		return 0;
	err = interfaces_system(ifs, e);
	o->devs = ifs->dev;
	o->ndevs = ifs->count;
	return err;
}
