// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_hint.c - what may follow, dimmed after the cursor.
 *
 * Readline does not know of it: it is printed after the line, the cursor moves back,
 * and it is erased before readline redraws.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <readline/readline.h>

#include "ipfwadm/shell/shell_choices.h"

#define HINT_MAX 512

static struct {
	struct shell *sh;
	bool able, shown;
	int prompt;		/* columns */
} hint;

/* columns of a text, -1 if they are unknown */
static int columns_of(const char *text)
{
	wchar_t wide[HINT_MAX];
	size_t n = mbstowcs(wide, text, HINT_MAX);

	return n >= HINT_MAX ? -1 : wcswidth(wide, n);
}

void shell_hint_clear(void)
{
	if (hint.shown)
		fputs("\033[K", rl_outstream);
	fflush(rl_outstream);
	hint.shown = false;
}

/* The rest of the only candidate, or all candidates. */
static void hint_text(char *buf, size_t size, const struct choices *c)
{
	size_t n = 0, typed = strlen(c->word);

	buf[0] = '\0';
	if (*c->word) {
		if (c->count == 1)
			snprintf(buf, size, "%s", c->item[0].word + typed);
		return;
	}
	if (c->open)
		n = (size_t)snprintf(buf, size, " %s", c->open);
	if (c->files)
		n += (size_t)snprintf(buf + n, size - n, " FILE");
	for (unsigned int i = 0; i < c->count && n < size - 1; i++)
		n += (size_t)snprintf(buf + n, size - n, " %s", c->item[i].word);
}

static void hint_show(void)
{
	int rows, columns, used = columns_of(rl_line_buffer);
	char buf[HINT_MAX];
	struct choices c;
	int room;

	rl_get_screen_size(&rows, &columns);
	room = columns - 1 - hint.prompt - used;
	if (used <= 0 || room < 4)
		return;
	shell_choices_make(&c, hint.sh, rl_line_buffer, true);
	hint_text(buf, sizeof(buf), &c);
	shell_choices_free(&c);
	if (!buf[0])
		return;
	fprintf(rl_outstream, "\033[2m%.*s\033[m\033[%dD", room, buf,
		(int)strnlen(buf, (size_t)room));
	fflush(rl_outstream);
	hint.shown = true;
}

static void redisplay(void)
{
	shell_hint_clear();
	rl_redisplay();
	if (rl_point == rl_end && rl_end < HINT_MAX / 2 && !strchr(rl_line_buffer, '\n') &&
	    !RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_DONE | RL_STATE_COMPLETING))
		hint_show();
}

static int enter(int count, int key)
{
	shell_hint_clear();
	return rl_newline(count, key);
}

void shell_hint_prompt(const char *prompt)
{
	int n = columns_of(prompt);

	hint.prompt = n < 0 ? 0 : n;
}

void shell_hint_init(struct shell *sh)
{
	const char *term = getenv("TERM");

	hint.sh = sh;
	hint.able = term && *term && strcmp(term, "dumb") != 0;
	if (!hint.able)
		return;
	rl_redisplay_function = redisplay;
	rl_add_defun("ipfwadm-enter", enter, '\r');
	rl_bind_key('\n', enter);
}
