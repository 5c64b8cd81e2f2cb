// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * globals.c - the options that are ours, among the words of a command line.
 */
#include <string.h>

#include "ipfwadm/app/app.h"
#include "ipfwadm/app/config.h"
#include "parser/option.h"

/*
 * --NAME, --NAME VALUE or --NAME=VALUE at argv[i]; the number of words used, 0
 * if it is another option, -1 if the value is missing.
 */
static int option_take(int argc, char **argv, int i, const char *name, const char **value)
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
	if (i + 1 >= argc)
		return -1;
	*value = argv[i + 1];
	return 2;
}

/* The global option at argv[i], if it is one: words used, 0, or -1 after a message. */
static int global_take(struct app *app, int argc, char **argv, int i)
{
	const char *mask;
	int used;

	if (strcmp(argv[i], "--json") == 0)
		return app->json = true;
	if (strcmp(argv[i], "--color") == 0)
		return app->color = true;
	if (strcmp(argv[i], "--trace-backend") == 0)
		return app->trace = true;
	used = option_take(argc, argv, i, "--backend", &app->backend);
	if (used < 0)
		app_error(app, "option '--backend' requires an argument");
	if (used)
		return used;
	used = option_take(argc, argv, i, "--mark-mask", &mask);
	if (used > 0 && !config_mask_parse(mask, &app->mark_mask)) {
		app_error(app, "invalid mark mask '%s': a block of at least 16 bits "
			       "is needed, such as 0xffff0000", mask);
		return -1;
	}
	if (used < 0)
		app_error(app, "option '--mark-mask' requires an argument");
	return used;
}

int globals_take(struct app *app, int argc, char **argv)
{
	bool tracking = false;
	int i, out = 1, used;

	for (i = 1; i < argc; i += used) {
		if (strcmp(argv[i], "--") == 0)
			break;
		used = out > 1 && option_takes_next(argv[out - 1], &tracking) ?
			0 : global_take(app, argc, argv, i);
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
