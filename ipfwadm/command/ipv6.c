// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipv6.c - `ipfwadm ipv6': the gate for IPv6, shown, closed or opened.
 */
#include <string.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/json.h"

static int gate_show(const struct app *app, struct backend *b, struct fw_error *e)
{
	struct fw_ruleset rs;
	const char *word;
	int err;

	fw_ruleset_init(&rs);
	err = b->ops->load(b, &rs, e);
	word = rs.denies_ipv6 ? "deny" : "accept";
	if (!err && app->json)
		document_add(app->document, json_pack("{s:s}", "ipv6", word));
	else if (!err)
		printf("ipv6 %s\n", word);
	fw_ruleset_free(&rs);
	return err;
}

static int gate_set(const struct app *app, struct backend *b, const struct fw_edit *edit,
		    struct fw_error *e)
{
	bool denies = edit->policy == FW_POLICY_DENY;
	struct fw_ruleset before;
	int err;

	fw_ruleset_init(&before);
	err = app->json ? b->ops->load(b, &before, e) : 0;
	if (!err)
		err = b->ops->edit(b, edit, 1, e);
	if (!err)
		document_add(app->document,
			     json_pack("{s:s, s:b}", "ipv6", denies ? "deny" : "accept",
				       "changed", before.denies_ipv6 != denies));
	fw_ruleset_free(&before);
	return err;
}

int command_ipv6(struct app *app, int argc, char **argv)
{
	static const char *const policies[] = { "deny", "accept", NULL };
	struct fw_edit edit = { .op = FW_OP_IPV6, .policy = FW_POLICY_ACCEPT };
	struct fw_error e;
	struct backend b;
	int err;

	if (argc == 2 && strcmp(argv[1], "deny") == 0)
		edit.policy = FW_POLICY_DENY;
	else if (argc > 2 || (argc == 2 && strcmp(argv[1], "accept") != 0))
		return app_word_refuse(app, argv[0], argv[0], argv[argc - 1], policies);
	if (app_backend_open_for(app, &b, &edit, argc - 1) < 0)
		return STATUS_FAILED;
	err = argc == 2 ? gate_set(app, &b, &edit, &e) : gate_show(app, &b, &e);
	if (err < 0)
		app_error(app, "%s", e.text);
	else if (!app_backend_is_kernel(b.ops->name))
		app_note(app, "the simulator filters no IPv6 packets");
	else if (!app->staged)
		app_other_backends_warn(app, b.ops->name);
	if (!err && edit.policy != FW_POLICY_DENY && !app->staged)
		app_ipv6_warn(app, b.ops->name);
	backend_close(&b);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}
