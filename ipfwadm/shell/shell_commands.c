// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_commands.c - the words that the shell itself knows.
 */
#include <string.h>

#include "ipfwadm/shell/shell.h"

static int quit_run(struct shell *sh, const struct line *line)
{
	(void)line;
	sh->quit = true;
	return SHELL_OK;
}

static int source_command_run(struct shell *sh, const struct line *line)
{
	const struct words *w = &line->words;

	if (w->count != 2)
		return line_refuse(sh, line->source, w->loc[w->count > 2 ? 2 : 0], "",
				   "'source' needs the name of a file");
	return source_run(sh, w->text[1]);
}

static const struct shell_command shell_commands[] = {
	{ "begin", begin_run },
	{ "commit", commit_run },
	{ "abort", abort_run },
	{ "diff", diff_run },
	{ "undo", undo_run },
	{ "redo", redo_run },
	{ "confirm", confirm_run },
	{ "revert", revert_run },
	{ "show", show_run },
	{ "load", load_command_run },
	{ "watch", watch_run },
	{ "help", help_command_run },
	{ "source", source_command_run },
	{ "quit", quit_run },
	{ "exit", quit_run },
	{ NULL, NULL },
};

const struct shell_command *shell_command_find(const char *name)
{
	for (const struct shell_command *c = shell_commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static const char *const subcommand_names[] = {
	"save", "dump", "trace", "refresh", "backends", "version",
};

bool subcommand_known(const char *name)
{
	for (unsigned int i = 0; i < FW_COUNT(subcommand_names); i++)
		if (strcmp(name, subcommand_names[i]) == 0)
			return true;
	return false;
}

void command_names(void (*visit)(void *ctx, const char *name), void *ctx)
{
	for (const struct shell_command *c = shell_commands; c->name; c++)
		visit(ctx, c->name);
	for (unsigned int i = 0; numbered_names[i]; i++)
		visit(ctx, numbered_names[i]);
	for (unsigned int i = 0; i < FW_COUNT(subcommand_names); i++)
		visit(ctx, subcommand_names[i]);
}
