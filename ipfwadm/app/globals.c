// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * globals.c - the global options among the words of a command line.
 */
#include <string.h>

#include "ipfwadm/app/app.h"
#include "parser/option.h"

/*
 * --NAME VALUE or --NAME=VALUE at argv[i].  Returns the number of words, 0 if it is
 * another option, -1 after a message if the value is missing.
 */
static int option_read(const struct app *app, int argc, char **argv, int i, const char *name,
		       const char **value)
{
	size_t len = strlen(name);

	if (strncmp(argv[i], name, len) != 0)
		return 0;
	if (argv[i][len] == '=') {
		*value = argv[i] + len + 1;
		return 1;
	}
	if (argv[i][len] != '\0')
		return 0;
	if (i + 1 >= argc) {
		app_error(app, "option '%s' requires an argument", name);
		return -1;
	}
	*value = argv[i + 1];
	return 2;
}

/* Returns the number of words of the global option at argv[i], or as option_read(). */
static int global_read(struct app *app, int argc, char **argv, int i)
{
	const char *mask, *group, *backend;
	int used;

	if (strcmp(argv[i], "--json") == 0)
		return app->json = true;
	if (strcmp(argv[i], "--color") == 0)
		return app->color = true;
	if (strcmp(argv[i], "--trace-backend") == 0)
		return app->trace = true;
	if (strcmp(argv[i], "--help") == 0 && !app_alias_find(app, argv[0]))
		return app->help = true;
	if (strcmp(argv[i], "--version") == 0 && !app_alias_find(app, argv[0]))
		return app->version = true;
	used = option_read(app, argc, argv, i, "--backend", &backend);
	if (used > 0 && (app->only_source || app->staged)) {
		app_error(app, "the backend of %s is chosen when it starts",
			  app->staged ? "'run'" : "the engine");
		return -1;
	}
	if (used > 0)
		app->backend = backend;
	if (used)
		return used;
	used = option_read(app, argc, argv, i, "--mark-mask", &mask);
	if (used > 0 && !app_mark_mask_parse(mask, &app->mark_mask)) {
		app_error(app, "invalid mark mask '%s': a block of at least 16 bits "
			       "is needed, such as 0xffff0000", mask);
		return -1;
	}
	if (used)
		return used;
	used = option_read(app, argc, argv, i, "--log-group", &group);
	if (used > 0 && !app_log_group_parse(group, &app->log_group)) {
		app_error(app, "invalid log group '%s': a number from 1 to 65535 is needed",
			  group);
		return -1;
	}
	return used;
}

static bool takes_command(const struct app *app, const char *name)
{
	const struct app_subcommand *s = app_subcommand_find(app, name);

	return s && s->flags & SUBCOMMAND_TAKES_COMMAND;
}

int app_globals_read(struct app *app, int argc, char **argv)
{
	bool tracking = false;
	int i, out = 1, used;

	for (i = 1; i < argc; i += used) {
		if (strcmp(argv[i], "--") == 0 || (out >= 2 && argv[i][0] != '-' &&
						   takes_command(app, argv[1])))
			break;
		used = out > 1 && option_takes_next(argv[out - 1], &tracking) ?
			0 : global_read(app, argc, argv, i);
		if (used < 0)
			return -1;
		if (used == 0) {
			argv[out++] = argv[i];
			used = 1;
		}
	}
	while (i < argc)
		argv[out++] = argv[i++];
	argv[out] = NULL;
	return out;
}
