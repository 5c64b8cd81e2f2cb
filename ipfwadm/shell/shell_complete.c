// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_complete.c - completion: readline's callbacks over shell_choices.
 */
#include <stdlib.h>
#include <string.h>
#include <readline/readline.h>

#include "ipfwadm/shell/shell_choices.h"

/* readline's callbacks have no context argument */
static struct shell *shell;
static struct choices choices;

static char *next_choice(const char *text, int state)
{
	static unsigned int i;

	(void)text;
	if (!state)
		i = 0;
	return i < choices.count ? strdup(choices.item[i++].word) : NULL;
}

static char **complete(const char *text, int start, int end)
{
	char *typed = strndup(rl_line_buffer, (size_t)end);
	char **matches = NULL;

	(void)start;
	shell_hint_clear();
	shell_choices_free(&choices);
	if (!typed)
		return NULL;
	shell_choices_make(&choices, shell, typed, false);
	choices.word = NULL;
	free(typed);
	rl_attempted_completion_over = !choices.files;
	if (choices.count)
		matches = rl_completion_matches(text, next_choice);
	return matches;
}

static const char *about_find(const char *word)
{
	for (unsigned int i = 0; i < choices.count; i++)
		if (strcmp(choices.item[i].word, word) == 0)
			return choices.item[i].about;
	return "";
}

/* Prints one a line, each with a short description. */
static void matches_show(char **matches, int count, int longest)
{
	int rows, columns, width = longest < 24 ? longest : 24;
	char line[400];
	bool more = true;

	rl_get_screen_size(&rows, &columns);
	rl_crlf();
	shell_page_begin(shell);
	for (int i = 1; i <= count && more; i++) {
		snprintf(line, sizeof(line), "%-*s  %s", width, matches[i],
			 about_find(matches[i]));
		if (columns > 1 && strlen(line) >= (size_t)columns)
			line[columns - 1] = '\0';
		more = shell_page_write(line, strlen(line)) && shell_page_write("\n", 1);
	}
	shell_page_end();
	rl_on_new_line();
}

void shell_complete_init(struct shell *sh)
{
	shell = sh;
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = matches_show;
	rl_completer_word_break_characters = " \t\n";
	rl_basic_quote_characters = "";
	rl_completer_quote_characters = "\"'";
	rl_completion_query_items = -1;
	rl_variable_bind("show-all-if-ambiguous", "on");
}
