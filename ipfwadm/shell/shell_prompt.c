// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_prompt.c - the terminal: a line is edited by readline, then carried out.
 */
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <unistd.h>
#include <readline/readline.h>
#include <readline/history.h>

#include "ipfwadm/shell/shell_complete.h"
#include "ipfwadm/shell/shell_history.h"

#define PROMPT_SIZE 160

static struct {
	char *line;		/* what has been entered, malloc'ed */
	bool ready, end;
} input;

static void line_ready(char *text)
{
	input.line = text;
	input.end = !text;
	input.ready = true;
	rl_callback_handler_remove();
}

/* "nft@office(3)> " */
static void prompt_text(const struct shell *sh, char *buf, size_t size)
{
	const char *colon = sh->backend ? strchr(sh->backend, ':') : NULL;
	int n = snprintf(buf, size, "%.*s", colon ? (int)(colon - sh->backend) : 20,
			 sh->backend ? sh->backend : "no backend");

	if (sh->netns && sh->netns[0])
		n += snprintf(buf + n, size - (size_t)n, "@%.40s", sh->netns);
	if (sh->staged)
		n += snprintf(buf + n, size - (size_t)n, "(%zu)",
			      json_array_size(sh->staged));
	if (sh->confirming)
		n += snprintf(buf + n, size - (size_t)n, " confirm?");
	snprintf(buf + n, size - (size_t)n, "> ");
}

static void line_drop(void)
{
	interrupted_clear();
	input_forget();
	rl_callback_sigcleanup();
	rl_free_line_state();	/* which draws the line once more */
	hint_clear();
	rl_replace_line("", 0);
	fputs("^C\n", stdout);
	fflush(stdout);
	rl_on_new_line();
	rl_redisplay();
}

/* What the engine says unasked stands above the line, whose prompt may change. */
static void notices_tell(struct shell *sh)
{
	char prompt[PROMPT_SIZE];

	hint_clear();
	rl_clear_visible_line();
	client_notices(sh);
	prompt_text(sh, prompt, sizeof(prompt));
	hint_prompt(prompt);
	rl_set_prompt(prompt);
	rl_on_new_line();
	rl_redisplay_function();
}

/* Keys, words of the engine, signals: until a line is there. */
static void line_await(struct shell *sh)
{
	while (!input.ready && !hung_up()) {
		struct pollfd fds[] = {
			{ STDIN_FILENO, POLLIN, 0 },
			{ interrupt_fd(), POLLIN, 0 },
			{ sh->client.fd, POLLIN, 0 },
		};

		if (poll(fds, 3, input_waiting() ? 0 : -1) < 0)
			continue;
		if (interrupted() && !hung_up())
			line_drop();
		if (fds[2].revents)
			notices_tell(sh);
		if (fds[0].revents || input_waiting())
			rl_callback_read_char();
	}
}

static void line_enter(struct shell *sh, const char *line)
{
	char *text = input_expand(line);
	struct source source = { .text = text, .len = text ? strlen(text) : 0 };
	unsigned int at = 0;

	if (strcmp(text ? text : line, line) == 0)
		history_keep(line);
	input_forget();
	lines_run(sh, &source, &at);
	interrupted_clear();
	free(text);
}

int prompt_run(struct shell *sh)
{
	char prompt[PROMPT_SIZE];

	rl_readline_name = "ipfwadm";
	rl_catch_signals = 0;
	rl_initialize();
	complete_init(sh);
	hint_init(sh);
	input_init();
	history_load();
	while (!sh->quit && !hung_up()) {
		input.ready = input.end = false;
		input.line = NULL;
		prompt_text(sh, prompt, sizeof(prompt));
		hint_prompt(prompt);
		rl_callback_handler_install(prompt, line_ready);
		line_await(sh);
		hint_clear();
		if (!input.ready)
			rl_callback_handler_remove();
		if (!input.ready || input.end) {
			putchar('\n');
			break;
		}
		line_enter(sh, input.line);
		free(input.line);
	}
	return SHELL_OK;
}
