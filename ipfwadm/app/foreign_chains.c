// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * foreign_chains.c - chains of other programs that packets pass as well as ours.
 */
#include <errno.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/plan/plan.h"
#include "ipfwadm/app/app.h"

struct warning {
	const struct app *app;
	unsigned int hooks;
	bool marks;
};

static void chain_warn(void *ctx, const struct foreign_chain *c)
{
	const struct warning *w = ctx;
	__u32 bits = w->marks ? c->mark_bits & w->app->mark_mask : 0;

	if (!c->sees_ipv4)
		return;
	if (c->hook < PLAN_HOOKS && w->hooks & 1u << c->hook && (c->drops || !c->is_empty))
		app_warn(w->app, "packets pass %s%s, too, whose verdict is not known",
			  c->name, c->drops ? " (policy drop)" : "");
	if (bits)
		app_warn(w->app, "rules of %s set bits 0x%x of marks, which are "
			  "of our mark mask 0x%x (--mark-mask chooses another)", c->name,
			  bits, w->app->mark_mask);
}

void app_foreign_chains_warn(const struct app *app, const char *chosen,
			     unsigned int hooks, bool marks)
{
	struct warning w = { app, hooks, marks };
	int err;

	if (!app_backend_is_kernel(chosen))
		return;
	for (const struct backend_info *info = backends; info->name; info++) {
		if (!info->ops->foreign_chains || !backend_holds(info))
			continue;
		err = info->ops->foreign_chains(chain_warn, &w);
		if (err)
			app_warn(app, "chains of other programs in %s cannot be "
				  "read: %s", info->name, strerror(-err));
	}
}
