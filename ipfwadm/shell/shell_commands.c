// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_commands.c - the table of commands, and help.
 */
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"

static int quit_run(struct shell *sh, const struct line *line)
{
	(void)line;
	if (sh->interactive && !sh->depth && json_array_size(sh->staged.edits) &&
	    !sh->is_quit_asked) {
		puts("Edits are staged: 'commit' puts them in force, 'quit' once more drops them.");
		sh->is_quit_asked = true;
		return SHELL_OK;
	}
	sh->quit = true;
	return SHELL_OK;
}

static int help_run(struct shell *sh, const struct line *line);

static const struct shell_command shell_commands[] = {
	{ "begin", shell_begin_run, true },
	{ "commit", shell_commit_run, false },
	{ "abort", shell_abort_run, true },
	{ "diff", shell_diff_run, true },
	{ "undo", shell_undo_run, true },
	{ "redo", shell_redo_run, true },
	{ "confirm", shell_confirm_run, true },
	{ "revert", shell_revert_run, true },
	{ "show", shell_show_run, false },
	{ "load", shell_load_run, false },
	{ "watch", shell_watch_run, false },
	{ "history", shell_history_run, false },
	{ "help", help_run, false },
	{ "source", NULL, false },	/* carried out by shell_lines.c */
	{ "quit", quit_run, false },
	{ "exit", quit_run, false },
	{ NULL, NULL, false },
};

/* what a hand types that knows other prompts */
static const char *const synonyms[][2] = {
	{ "?", "help" }, { "ls", "show" }, { "list", "show" },
};

const struct shell_command *shell_command_find(const char *name)
{
	for (unsigned int i = 0; i < FW_COUNT(synonyms); i++)
		if (strcmp(name, synonyms[i][0]) == 0)
			name = synonyms[i][1];
	for (const struct shell_command *c = shell_commands; c->name; c++)
		if (c->run && strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static const char *const subcommand_names[] = {
	"save", "dump", "trace", "refresh", "ipv6", "backends", "version",
};

bool shell_subcommand_known(const char *name)
{
	for (unsigned int i = 0; i < FW_COUNT(subcommand_names); i++)
		if (strcmp(name, subcommand_names[i]) == 0)
			return true;
	return false;
}

void shell_command_names(void (*visit)(void *ctx, const char *name), void *ctx)
{
	for (const struct shell_command *c = shell_commands; c->name; c++)
		visit(ctx, c->name);
	for (unsigned int i = 0; shell_numbered_names[i]; i++)
		visit(ctx, shell_numbered_names[i]);
	for (unsigned int i = 0; i < FW_COUNT(subcommand_names); i++)
		visit(ctx, subcommand_names[i]);
}

static void command_print(void *ctx, const char *name)
{
	char about[120] = "";

	shell_manual_brief(name, about, sizeof(about));
	fprintf(ctx, "  %-10s %.64s\n", name, about);
}

static bool topic_print(FILE *out, const char *topic)
{
	if (topic)
		return shell_manual_show(out, topic);
	fputs("Rules are changed and listed by the options of ipfwadm, such as\n"
	      "\n"
	      "  -I -a accept -P tcp -D 192.168.1.1 smtp\n"
	      "  -I -l\n"
	      "\n"
	      "and these commands, which 'help COMMAND' describes, as 'help -I' or\n"
	      "'help --state' describe options.  TAB shows what may come next.\n"
	      "\n", out);
	shell_command_names(command_print, out);
	return true;
}

static int help_run(struct shell *sh, const struct line *line)
{
	char topic[200] = "", *text = NULL;
	const struct words *w = &line->words;
	size_t size = 0, n = 0;
	FILE *out = open_memstream(&text, &size);
	bool found;

	if (!out)
		return SHELL_FAILED;
	/* "help exit status" is one topic */
	for (unsigned int i = 1; i < w->count && n < sizeof(topic); i++)
		n += (size_t)snprintf(topic + n, sizeof(topic) - n, "%s%s", i > 1 ? " " : "",
				      w->text[i]);
	found = topic_print(out, w->count > 1 ? topic : NULL);
	if (ferror(out) | fclose(out)) {
		free(text);
		return SHELL_FAILED;
	}
	shell_page_begin(sh);
	shell_page_write(text, size);
	shell_page_end();
	free(text);
	if (found)
		return SHELL_OK;
	return shell_line_refuse(sh, line->source, w->loc[1], "an option, a command or a section",
				 "the manuals have no such topic");
}
