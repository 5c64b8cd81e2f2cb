// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_commands.c - the words that the shell itself knows.
 */
#include <string.h>

#include "ipfwadm/shell.h"

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

const struct shell_command shell_commands[] = {
	{ "begin", begin_run },
	{ "commit", commit_run },
	{ "abort", abort_run },
	{ "diff", diff_run },
	{ "undo", undo_run },
	{ "redo", redo_run },
	{ "confirm", confirm_run },
	{ "revert", revert_run },
	{ "show", show_run },
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
