// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * other_backends.c - rules of ours that stand elsewhere, and filter packets there.
 */
#include <string.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/app.h"
#include "ipfwadm/format/saved.h"

static bool ruleset_filters(const struct fw_ruleset *rs)
{
	unsigned int list;

	for (list = 0; list < FW_LISTS; list++)
		if (rs->list[list].count ||
		    (list != FW_ACCT && rs->list[list].policy != FW_POLICY_ACCEPT))
			return true;
	return false;
}

static bool backend_filters(const char *name)
{
	struct fw_ruleset rs;
	struct fw_error e;
	struct backend b;
	bool filters;

	if (backend_open(&b, name, &saved_format, false, &e) < 0)
		return false;
	fw_ruleset_init(&rs);
	filters = b.ops->load(&b, &rs, &e) == 0 && ruleset_filters(&rs);
	fw_ruleset_free(&rs);
	backend_close(&b);
	return filters;
}

void app_standing_warn(const struct app *app, const char *chosen)
{
	const struct backend_info *info;
	size_t len = strcspn(chosen, ":");

	if (len == 3 && !strncmp(chosen, "sim", len))
		return;
	for (info = backends; info->name; info++) {
		if (!strcmp(info->name, chosen) || !backend_holds(info) ||
		    !backend_filters(info->name))
			continue;
		app_error(app, "warning: rules stand in %s, too, and filter there; "
			  "`ipfwadm --backend %s load /dev/null' takes them away",
			  info->name, info->name);
	}
}
