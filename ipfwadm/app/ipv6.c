// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipv6.c - IPv6 packets, which the rules do not see.
 */
#include "backend/choose.h"
#include "backend/plan/plan.h"
#include "ipfwadm/app/app.h"

/* Has an interface an address of global scope? */
static bool has_address(void)
{
	FILE *f = fopen("/proc/net/if_inet6", "re");
	bool found = false;
	unsigned int scope;

	while (f && !found && fscanf(f, "%*s %*x %*x %x %*x %*s", &scope) == 1)
		found = scope == 0;
	if (f)
		fclose(f);
	return found;
}

static void chain_look(void *ctx, const struct foreign_chain *c)
{
	if (c->sees_ipv6 && c->hook == PLAN_INPUT && (c->drops || !c->is_empty))
		*(bool *)ctx = true;
}

void app_ipv6_warn(const struct app *app, const char *chosen)
{
	bool is_filtered = false;

	if (!app_backend_is_kernel(chosen) || !has_address())
		return;
	for (const struct backend_info *info = backends; info->name && !is_filtered; info++)
		if (info->ops->foreign_chains &&
		    info->ops->foreign_chains(chain_look, &is_filtered))
			return;	/* what cannot be asked may filter */
	if (!is_filtered)
		app_warn(app, "this host has a global IPv6 address, which nothing "
			  "filters: these rules are for IPv4 alone (`ipfwadm ipv6 deny' closes "
			  "it)");
}
