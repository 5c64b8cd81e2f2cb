// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * other_backends.c - rules of ours in other backends, which filter there as well.
 */
#include <errno.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/app.h"

static bool ruleset_filters(const struct fw_ruleset *rs)
{
	for (unsigned int list = 0; list < FW_LISTS; list++)
		if (rs->list[list].count ||
		    (list != FW_ACCT && rs->list[list].policy != FW_POLICY_ACCEPT))
			return true;
	return rs->denies_ipv6;
}

static bool backend_filters(const struct app *app, const char *name)
{
	struct fw_ruleset rs;
	struct fw_error e;
	struct backend b;
	bool filters;
	int err;

	if (backend_open(&b, name, app->format, false, &e) < 0)
		return false;
	fw_ruleset_init(&rs);
	err = b.ops->load(&b, &rs, &e);
	/* ESTALE: rules from a dump that are not known */
	filters = err == -ESTALE || (!err && ruleset_filters(&rs));
	fw_ruleset_free(&rs);
	backend_close(&b);
	return filters;
}

bool app_backend_is_kernel(const char *chosen)
{
	return chosen && strcmp(chosen, "sim") != 0 && strncmp(chosen, "sim:", 4) != 0;
}

void app_other_backends_warn(const struct app *app, const char *chosen)
{
	if (!app_backend_is_kernel(chosen))
		return;
	for (const struct backend_info *info = backends; info->name; info++) {
		if (!strcmp(info->name, chosen) || !backend_holds(info) ||
		    !backend_filters(app, info->name))
			continue;
		app_warn(app, "there are rules in %s, too, and they filter; "
			  "`ipfwadm --backend %s load /dev/null' takes them away",
			  info->name, info->name);
	}
	for (const struct backend_info *info = backends; info->name; info++)
		if (info->ops->has_loaded_dump && info->ops->has_loaded_dump())
			app_warn(app, "rules of a dump are in force in iptables-nft, "
				  "too, and filter there; `iptables-nft-save | grep -v ipfw- | "
				  "iptables-nft-restore' takes them away");
}
