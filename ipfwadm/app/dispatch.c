// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dispatch.c - from a command line to its subcommand.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/app/app.h"

const struct app_alias *app_alias_find(const struct app *app, const char *name)
{
	const char *slash = strrchr(name, '/');
	const struct app_alias *a = app->aliases;

	while (a->name && strcmp(a->name, slash ? slash + 1 : name) != 0)
		a++;
	return a->name ? a : NULL;
}

/* The programs of old have no long options, so --help is answered with their manual. */
static int alias_run(struct app *app, const struct app_alias *alias, int argc, char **argv)
{
	if (!alias->manual || argc != 2 ||
	    (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "--version") != 0))
		return alias->run(app, argc, argv);
	printf("%s of ipfwadm " IPFWADM_VERSION ", see %s\n", alias->name, alias->manual);
	return STATUS_OK;
}

static int command_run(struct app *app, int argc, char **argv)
{
	const struct app_subcommand *s = app->subcommands;
	const struct app_alias *alias = app_alias_find(app, argv[0]);

	if (alias) {
		app_config_read(app);
		return alias_run(app, alias, argc, argv);
	}
	if (app->version)
		return app_version(app, argc, argv);
	while (s->name && (argc < 2 || strcmp(argv[1], s->name) != 0))
		s++;
	if (app->help && !s->summary)
		return app_help(app, 1, argv);
	if (!s->name) {
		app_config_read(app);	/* a script of old works whatever the file says */
		return s->run(app, argc, argv);
	}
	if (app->help || (s->summary && argc > 2 && strcmp(argv[2], "-h") == 0)) {
		app_help_subcommand(stdout, app, s);
		return STATUS_OK;
	}
	if (s->flags & SUBCOMMAND_TEXT)
		app_document_drop(app);
	if (!(s->flags & SUBCOMMAND_NO_CONFIG) && !app_config_read(app))
		return STATUS_USAGE;
	return s->run(app, argc - 1, argv + 1);
}

int app_run(struct app *app, int argc, char **argv)
{
	argc = app_globals_read(app, argc, argv);
	if (!app_document_begin(app))
		return STATUS_FAILED;
	return argc < 0 ? STATUS_USAGE : app_finish(app, command_run(app, argc, argv));
}

/*
 * A closed standard descriptor would be reused for the next file that is opened.
 * It becomes one that cannot be read, or not be written, so that its use fails.
 */
static void descriptors_fill(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_NOCTTY);
}

int app_main(struct app *app, int argc, char **argv)
{
	if (argc < 1)
		return STATUS_USAGE;
	app->name = argv[0];
	app->backend = getenv("IPFWADM_BACKEND");
	descriptors_fill();
	app_json_watch();
	return app_run(app, argc, argv);
}
