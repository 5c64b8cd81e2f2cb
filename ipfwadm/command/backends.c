// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * backends.c - which backends work here, and what of ours each holds.
 */
#include <errno.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"

struct state {
	const struct backend_info *info;
	bool works, chosen;
	long rules;		/* -1: they cannot be read */
	__u32 policy[FW_ACCT];	/* of the lists that have one */
	struct fw_error e;	/* why it does not work, or its rules cannot be read */
};

static void rules_read(const struct app *app, const char *spec, struct state *s)
{
	struct fw_ruleset rs;
	struct backend b;

	if (backend_open(&b, spec, app->format, false, &s->e) < 0)
		return;
	fw_ruleset_init(&rs);
	if (b.ops->load(&b, &rs, &s->e) == 0) {
		s->rules = 0;
		for (int i = 0; i < FW_LISTS; i++)
			s->rules += rs.list[i].count;
		for (int i = 0; i < FW_ACCT; i++)
			s->policy[i] = rs.list[i].policy;
		app_helpers_missing_warn(app, &b);
	}
	fw_ruleset_free(&rs);
	backend_close(&b);
}

/* chosen: the spec of the chosen backend, such as "sim:FILE"; NULL if none works */
static void state_read(const struct app *app, const char *chosen,
		       const struct backend_info *info, struct state *s)
{
	size_t len = strlen(info->name);
	const char *colon;

	*s = (struct state){ .info = info, .rules = -1 };
	s->chosen = chosen && strncmp(chosen, info->name, len) == 0 &&
		    (chosen[len] == '\0' || chosen[len] == ':');
	colon = s->chosen ? strchr(chosen, ':') : NULL;
	s->works = backend_probe(info, colon ? colon + 1 : NULL, &s->e) == 0;
	if (s->works)
		rules_read(app, s->chosen ? chosen : info->name, s);
}

static void state_print(const struct state *s)
{
	printf("%-8s %s%s\n", s->info->name, s->info->summary, s->chosen ? " (chosen)" : "");
	if (!s->works)
		printf("%-8s does not work here: %s\n", "", s->e.text);
	else if (s->rules < 0)
		printf("%-8s works here, but its rules cannot be read\n", "");
	else
		printf("%-8s works here, rules: %ld, policies: input %s, forward %s, output %s\n",
		       "", s->rules, fw_policy_name(s->policy[FW_INPUT]),
		       fw_policy_name(s->policy[FW_FORWARD]),
		       fw_policy_name(s->policy[FW_OUTPUT]));
}

static json_t *state_json(const struct state *s)
{
	json_t *o = json_pack("{s:s, s:s, s:b}", "name", s->info->name, "summary",
			      s->info->summary, "works", s->works);

	if (s->works)
		json_object_set_new(o, "rules", json_integer(s->rules));
	else
		json_object_set_new(o, "reason", json_string(s->e.text));
	json_object_set_new(o, "chosen", json_boolean(s->chosen));
	if (s->rules >= 0)
		json_object_set_new(o, "policies",
				    json_pack("{s:s, s:s, s:s}", "input",
					      fw_policy_name(s->policy[FW_INPUT]), "forward",
					      fw_policy_name(s->policy[FW_FORWARD]), "output",
					      fw_policy_name(s->policy[FW_OUTPUT])));
	return o;
}

int command_backends(struct app *app, int argc, char **argv)
{
	const char *chosen = app->backend ? app->backend : backend_choose(NULL, 0, NULL);
	json_t *list = app->json ? json_array() : NULL;
	int status = STATUS_OK;
	struct state s;

	if (argc != 1)
		return app_word_refuse(app, argv[0], argv[0], argv[1], NULL);
	for (const struct backend_info *info = backends; info->name; info++) {
		state_read(app, chosen, info, &s);
		if (s.rules < 0 && (s.works || s.e.code == ENOMEM)) {
			app_error(app, "%s: %s", info->name, s.e.text);
			status = STATUS_FAILED;
		}
		if (app->json)
			json_array_append_new(list, state_json(&s));
		else
			state_print(&s);
	}
	if (app->json)
		json_write_member(app, "backends", list);
	if (chosen) {
		app_other_backends_warn(app, chosen);
		app_foreign_chains_warn(app, chosen, ~0u, true);
		app_ipv6_warn(app, chosen);
	}
	return status;
}
