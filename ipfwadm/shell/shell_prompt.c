// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_prompt.c - the terminal: readline edits a line, then it is carried out.
 */
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <unistd.h>
#include <readline/readline.h>
#include <readline/history.h>

#include "ipfwadm/shell/shell.h"

#define PROMPT_SIZE 160
#define SECOND_MS 1000

static struct {
	char *line;		/* malloc'ed */
	bool ready, end;
} input;

static void line_ready(char *text)
{
	input.line = text;
	input.end = !text;
	input.ready = true;
	rl_callback_handler_remove();
}

/* "ipfw[nft@office](3) confirm? 9:58> " */
static void prompt_text(const struct shell *sh, char *buf, size_t size)
{
	const char *colon = sh->backend ? strchr(sh->backend, ':') : NULL;
	int n = snprintf(buf, size, "ipfw[%.*s", colon ? (int)(colon - sh->backend) : 20,
			 sh->backend ? sh->backend : "no backend");

	if (sh->netns && sh->netns[0])
		n += snprintf(buf + n, size - (size_t)n, "@%.40s", sh->netns);
	n += snprintf(buf + n, size - (size_t)n, "]");
	if (sh->staged.edits)
		n += snprintf(buf + n, size - (size_t)n, "(%zu)",
			      json_array_size(sh->staged.edits));
	if (sh->unconfirmed.edits) {
		long long ms = sh->deadline - shell_now_ms();
		int left = ms > 0 ? (int)((ms + SECOND_MS - 1) / SECOND_MS) : 0;

		n += snprintf(buf + n, size - (size_t)n, " confirm? %d:%02d", left / 60,
			      left % 60);
	}
	snprintf(buf + n, size - (size_t)n, "> ");
}

static void line_drop(void)
{
	bool is_empty = !rl_line_buffer[0];

	shell_interrupted_clear();
	shell_input_forget();
	rl_callback_sigcleanup();
	rl_free_line_state();	/* which draws the line once more */
	shell_hint_clear();
	rl_replace_line("", 0);
	puts(is_empty ? "^C: quit, or Ctrl-D, leaves; ? is help" : "^C");
	fflush(stdout);
	rl_on_new_line();
	rl_redisplay();
}

/* Draws the line again, with another prompt, below notices of the engine. */
static void line_redraw(struct shell *sh, bool receives)
{
	char prompt[PROMPT_SIZE];

	shell_hint_clear();
	rl_clear_visible_line();
	if (receives)
		shell_client_receive(sh);
	prompt_text(sh, prompt, sizeof(prompt));
	shell_hint_prompt(prompt);
	rl_set_prompt(prompt);
	rl_on_new_line();
	rl_redisplay_function();
}

/* Handles keys, notices and signals until a line is complete. */
static void line_await(struct shell *sh)
{
	while (!input.ready && !shell_hung_up()) {
		struct pollfd fds[] = {
			{ STDIN_FILENO, POLLIN, 0 },
			{ shell_interrupt_fd(), POLLIN, 0 },
			{ sh->client.fd, POLLIN, 0 },
		};

		int ready = poll(fds, 3, shell_input_waiting() ? 0 :
				 sh->unconfirmed.edits ? SECOND_MS : -1);

		if (ready < 0)
			continue;
		if (shell_interrupted() && !shell_hung_up())
			line_drop();
		if (fds[2].revents || (!ready && sh->unconfirmed.edits))
			line_redraw(sh, fds[2].revents);
		if (fds[0].revents || shell_input_waiting())
			rl_callback_read_char();
	}
}

static void line_enter(struct shell *sh, const char *line)
{
	char *text = shell_input_expand(line);
	struct source source = { .text = text, .len = text ? strlen(text) : 0 };
	unsigned int at = 0;

	if (strcmp(text ? text : line, line) == 0)
		shell_history_record(line);
	shell_input_forget();
	shell_lines_run(sh, &source, &at);
	shell_interrupted_clear();
	free(text);
}

int shell_prompt_run(struct shell *sh)
{
	char prompt[PROMPT_SIZE];

	rl_readline_name = "ipfwadm";
	rl_catch_signals = 0;
	rl_initialize();
	shell_complete_init(sh);
	shell_hint_init(sh);
	shell_input_init();
	shell_history_load();
	while (!sh->quit && !shell_hung_up()) {
		input.ready = input.end = false;
		input.line = NULL;
		prompt_text(sh, prompt, sizeof(prompt));
		shell_hint_prompt(prompt);
		rl_callback_handler_install(prompt, line_ready);
		line_await(sh);
		shell_hint_clear();
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
