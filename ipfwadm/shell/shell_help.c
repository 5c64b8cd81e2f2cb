// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_help.c - `help' and `help TOPIC'.
 */
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "ipfwadm/shell/shell_manual.h"

#define WIDTH 78

static void command_tell(void *ctx, const char *name)
{
	char about[120] = "";

	manual_brief(name, about, sizeof(about));
	fprintf(ctx, "  %-10s %.64s\n", name, about);
}

static bool topic_tell(FILE *out, const char *topic)
{
	if (topic)
		return manual_show(out, topic, WIDTH);
	fputs("Rules are changed and listed by the options of ipfwadm, such as\n"
	      "\n"
	      "  -I -a accept -P tcp -D 192.168.1.1 smtp\n"
	      "  -I -l\n"
	      "\n"
	      "and these commands, of which 'help COMMAND' tells more, as does 'help -I'\n"
	      "or 'help --state' of options.  TAB tells what may come next.\n"
	      "\n", out);
	command_names(command_tell, out);
	return true;
}

int help_command_run(struct shell *sh, const struct line *line)
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
	found = topic_tell(out, w->count > 1 ? topic : NULL);
	fclose(out);
	page_begin(sh);
	page_write(text, size);
	page_end();
	free(text);
	if (found)
		return SHELL_OK;
	return line_refuse(sh, line->source, w->loc[1], "an option, a command or a section",
			   "the manuals have no such topic");
}
