// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rules.c - subcommands that move whole rule sets: save, load, backends.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/app/app.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"

int save_run(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "counters", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct fw_ruleset rs;
	struct fw_error e;
	struct backend b;
	bool counters = false;
	int c, err;

	while ((c = getopt_long(argc, argv, "c", options, NULL)) != -1) {
		if (c != 'c')
			return help_usage(app, argv[0]);
		counters = true;
	}
	if (optind != argc)
		return help_usage(app, argv[0]);
	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	fw_ruleset_init(&rs);
	err = b.ops->load(&b, &rs, &e);
	if (err < 0)
		app_error(app, "%s", e.text);
	else if (app->json)
		json_ruleset_write(stdout, &rs, NULL, counters);
	else
		err = saved_write(stdout, &rs,
				  counters ? SAVED_ALL_COUNTERS : SAVED_NO_COUNTERS);
	fw_ruleset_free(&rs);
	app_standing_warn(app, b.ops->name);
	backend_close(&b);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

/* Tells which line the refused edit stands in. */
static void refusal_tell(const struct app *app, const struct source *source,
			 const struct program *p, const struct fw_error *e)
{
	const struct command *c;
	unsigned int line, column;

	if (e->edit >= p->nedits) {
		app_error(app, "%s", e->text);
		return;
	}
	c = &p->command[p->edit[e->edit].origin];
	source_position(source, c->loc.begin, &line, &column);
	app_error(app, "%s:%u: %s", source->name, line, e->text);
}

static int rules_append(struct app *app, const struct source *source,
			const struct program *p)
{
	struct fw_error e = { .edit = p->nedits };
	struct backend b;
	int err;

	if (app_backend_open_for(app, &b, p->edit, p->nedits) < 0)
		return STATUS_FAILED;
	err = b.ops->edit(&b, p->edit, p->nedits, &e);
	if (err < 0)
		refusal_tell(app, source, p, &e);
	app_standing_warn(app, b.ops->name);
	backend_close(&b);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

/* Could the backend that is meant carry it out? */
static int program_check(const struct app *app, const struct source *source,
			 const struct program *p)
{
	struct fw_error e = { .edit = p->nedits };
	int err = 0;

	if (app->backend)
		err = backend_able(app->backend, p->edit, p->nedits, &e);
	else if (backend_choose(NULL, 0, NULL) &&
		 !backend_choose(p->edit, p->nedits, &e))
		err = -EOPNOTSUPP;
	if (err < 0)
		refusal_tell(app, source, p, &e);
	return err;
}

/* Takes the program: with many rules, its memory is needed for what comes. */
static int rules_replace(struct app *app, const struct source *source,
			 struct program *p, bool check_only)
{
	struct fw_interfaces ifs = { 0 };
	const char *spec = app->backend;
	struct app chosen = *app;
	struct fw_ruleset rs;
	struct fw_error e;
	struct backend b;
	int err;

	if (check_only && program_check(app, source, p) < 0)
		return STATUS_FAILED;
	/* the edits are gone when it is opened; if none can, opening reports why */
	chosen.backend = spec ? spec : backend_choose(p->edit, p->nedits, &e);
	fw_ruleset_init(&rs);
	err = saved_apply(p, source, &rs, &ifs, stderr, &e);
	program_free(p);
	if (err < 0) {
		app_error(app, "%s", e.text);
	} else if (!check_only) {
		err = app_backend_open(&chosen, &b);
		if (err == 0) {
			err = b.ops->replace(&b, &rs, &e);
			if (err < 0)
				app_error(app, "%s", e.text);
			app_standing_warn(app, b.ops->name);
			backend_close(&b);
		}
	}
	free(ifs.dev);
	fw_ruleset_free(&rs);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

int load_run(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "append", no_argument, NULL, 'a' },
		{ "check", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	bool append = false, check_only = false;
	struct program program = { 0 };
	struct source source = { 0 };
	int c, status;

	while ((c = getopt_long(argc, argv, "an", options, NULL)) != -1) {
		if (c == 'a')
			append = true;
		else if (c == 'n')
			check_only = true;
		else
			return help_usage(app, argv[0]);
	}
	if (optind != argc - 1)
		return help_usage(app, argv[0]);
	if (saved_parse(argv[optind], app->color, &source, &program) < 0)
		status = STATUS_USAGE;
	else if (append && !check_only)
		status = rules_append(app, &source, &program);
	else
		status = rules_replace(app, &source, &program, check_only);
	program_free(&program);
	source_free(&source);
	return status;
}

static int backend_refresh(const struct app *app)
{
	struct fw_error e;
	struct backend b;
	int err;

	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	err = b.ops->refresh(&b, &e);
	if (err < 0)
		app_error(app, "%s", e.text);
	backend_close(&b);
	return err < 0 ? STATUS_FAILED : STATUS_OK;
}

/* Rules may stand wherever they can; which backend they were loaded with is not told. */
int refresh_run(struct app *app, int argc, char **argv)
{
	const struct backend_info *info;
	struct app one = *app;
	bool found = false;
	int status = STATUS_OK;

	if (argc != 1)
		return help_usage(app, argv[0]);
	for (info = backends; info->name && (!app->backend || app->configured); info++) {
		if (!backend_holds(info))
			continue;
		found = true;
		one.backend = info->name;
		if (backend_refresh(&one) != STATUS_OK)
			status = STATUS_FAILED;
	}
	return found ? status : backend_refresh(app);
}

/* how many rules of ours stand in a backend, -1 if that cannot be told */
static long rules_count(const char *spec)
{
	struct fw_ruleset rs;
	struct fw_error e;
	struct backend b;
	long n = -1;
	int i;

	if (backend_open(&b, spec, &saved_format, false, &e) < 0)
		return -1;
	fw_ruleset_init(&rs);
	if (b.ops->load(&b, &rs, &e) == 0)
		for (i = 0, n = 0; i < FW_LISTS; i++)
			n += rs.list[i].count;
	fw_ruleset_free(&rs);
	backend_close(&b);
	return n;
}

/* The chosen backend's own spec, such as "sim:FILE", if info is the chosen one. */
static const char *backend_spec(const char *chosen, const struct backend_info *info)
{
	size_t len = strlen(info->name);

	if (chosen && strncmp(chosen, info->name, len) == 0 &&
	    (chosen[len] == '\0' || chosen[len] == ':'))
		return chosen;
	return info->name;
}

/* chosen: the spec of the one that is; NULL if none works */
static json_t *backend_describe(const char *chosen, const struct backend_info *info)
{
	const char *spec = backend_spec(chosen, info);
	const char *colon = strchr(spec, ':');
	struct fw_error e = { .text = "" };
	bool works = backend_probe(info, colon ? colon + 1 : NULL, &e) == 0;
	json_t *o = json_pack("{s:s, s:s, s:b}", "name", info->name, "summary",
			      info->summary, "works", works);

	if (works)
		json_object_set_new(o, "rules", json_integer(rules_count(spec)));
	else
		json_object_set_new(o, "reason", json_string(e.text));
	json_object_set_new(o, "chosen", json_boolean(spec == chosen));
	return o;
}

static void backend_show(const json_t *o)
{
	const json_t *rules = json_object_get(o, "rules");

	printf("%-8s %s%s\n", json_string_value(json_object_get(o, "name")),
	       json_string_value(json_object_get(o, "summary")),
	       json_is_true(json_object_get(o, "chosen")) ? " (chosen)" : "");
	if (!rules)
		printf("%-8s does not work here: %s\n", "",
		       json_string_value(json_object_get(o, "reason")));
	else if (json_integer_value(rules) < 0)
		printf("%-8s works here, but its rules cannot be read\n", "");
	else
		printf("%-8s works here, rules: %lld\n", "",
		       (long long)json_integer_value(rules));
}

int backends_run(struct app *app, int argc, char **argv)
{
	const char *chosen = app->backend ? app->backend : backend_choose(NULL, 0, NULL);
	const struct backend_info *info;
	json_t *list, *o;
	size_t i;

	if (argc != 1)
		return help_usage(app, argv[0]);
	list = json_array();
	for (info = backends; info->name; info++)
		json_array_append_new(list, backend_describe(chosen, info));
	if (app->json)
		json_write(stdout, list);
	else
		json_array_foreach(list, i, o)
			backend_show(o);
	json_decref(list);
	if (chosen)
		app_standing_warn(app, chosen);
	return STATUS_OK;
}
