// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell.c - ipfwadm-shell: rules at a prompt, or from a file.
 */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/app/sibling.h"
#include "ipfwadm/shell/shell.h"

#define ENGINE_NAME "ipfwadm"
#define ENGINE_WORDS 12

static const struct option options[] = {
	/* those that the engine gets */
	{ "backend", required_argument, NULL, 'b' },
	{ "mark-mask", required_argument, NULL, 'm' },
	{ "trace-backend", no_argument, NULL, 't' },
	{ "json", no_argument, NULL, 'j' },
	/* and our own */
	{ "color", no_argument, NULL, 'c' },
	{ "keep-going", no_argument, NULL, 'k' },
	{ "engine", required_argument, NULL, 'e' },
	{ NULL, 0, NULL, 0 },
};

/* the engine's command line: the program beside this one */
struct engine_words {
	char path[PATH_MAX];
	char mask[64];
	char *word[ENGINE_WORDS];
	int count;
	bool own;		/* a command of the user's */
};

static void engine_word(struct engine_words *e, char *word)
{
	if (!e->own && e->count < ENGINE_WORDS - 2)
		e->word[e->count++] = word;
}

/* 0, or a status after a message */
static int options_read(struct shell *sh, struct engine_words *e, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "k", options, NULL)) != -1) {
		if (c == 'b' && setenv("IPFWADM_BACKEND", optarg, 1) < 0)
			return SHELL_FAILED;
		if (c == 'm') {
			snprintf(e->mask, sizeof(e->mask), "--mark-mask=%.40s", optarg);
			engine_word(e, e->mask);
		}
		if (c == 't')
			engine_word(e, "--trace-backend");
		if (c == 'j')
			engine_word(e, "--json");
		if (c == 'e')	/* a command of sh(1), which runs as somebody else, say */
			*e = (struct engine_words){ .word = { "sh", "-c", optarg },
						    .own = true };
		sh->color |= c == 'c';
		sh->keep_going |= c == 'k';
		if (c == '?')
			return SHELL_USAGE;
	}
	if (optind < argc - 1) {
		fputs("usage: ipfwadm shell [-k] [--engine COMMAND] [FILE]\n", stderr);
		return SHELL_USAGE;
	}
	return SHELL_OK;
}

static void about_ask(struct shell *sh)
{
	json_t *answer = client_call(sh, json_pack("{s:s}", "do", "about"));

	answer_complain(answer);
	if (answer_status(answer) == SHELL_OK) {
		sh->backend = strdup(answer_text(answer, "backend"));
		sh->netns = strdup(answer_text(answer, "netns"));
	}
	json_decref(answer);
}

/* a text that grows while it is carried out */
struct stream {
	char *text;
	size_t used, size;
	bool end;
};

/* More of the standard input; waits only if nothing is there. */
static int stream_read(struct stream *s)
{
	size_t size = s->size ? 2 * s->size : 1 << 16;
	ssize_t n;

	if (s->used == s->size) {
		char *more = realloc(s->text, size);

		if (!more)
			return -ENOMEM;
		s->text = more;
		s->size = size;
	}
	n = read(STDIN_FILENO, s->text + s->used, s->size - s->used);
	if (n < 0)
		return errno == EINTR && !interrupted() ? 0 : -errno;
	s->used += (size_t)n;
	s->end = n == 0;
	return 0;
}

/* Is more there already? */
static bool stream_ready(void)
{
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };

	return poll(&fd, 1, 0) > 0;
}

/* Whole lines are carried out as they come. */
static int stdin_run(struct shell *sh)
{
	struct stream s = { .text = NULL };
	unsigned int at = 0;
	int err = 0, status = SHELL_OK, worst = SHELL_OK;

	while (!err && !s.end && !sh->quit && (!status || sh->keep_going)) {
		const char *newline;
		struct source source = { .name = "-" };

		err = stream_read(&s);
		if (!s.end && s.used < ENGINE_FRAME_MAX && stream_ready())
			continue;
		newline = s.used ? memrchr(s.text + at, '\n', s.used - at) : NULL;
		source.text = s.text;
		source.len = s.end ? s.used : newline ? (size_t)(newline - s.text) + 1 : 0;
		if (source.len <= at)
			continue;
		status = lines_run(sh, &source, &at);
		worst = status ? status : worst;
	}
	free(s.text);
	if (err)
		fprintf(stderr, "ipfwadm: cannot read the standard input: %s\n",
			strerror(-err));
	return err ? SHELL_FAILED : worst;
}

/* somebody looks, at a screen that can, and does not mind */
static bool color_wanted(const struct shell *sh)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return sh->interactive && isatty(STDERR_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0 && !(no && *no);
}

static int shell_live(struct shell *sh, const char *file)
{
	if (file)
		return source_run(sh, file);
	if (!sh->interactive)
		return stdin_run(sh);
	about_ask(sh);
	return prompt_run(sh);
}

int main(int argc, char **argv)
{
	struct shell sh = { .client = { .fd = -1 } };
	struct engine_words engine = { .count = 0 };
	int status, err = sibling_path(engine.path, ENGINE_NAME);

	setlocale(LC_CTYPE, "");
	engine_word(&engine, engine.path);
	if (err) {
		fprintf(stderr, "ipfwadm: cannot tell where this program is: %s\n",
			strerror(-err));
		return SHELL_FAILED;
	}
	status = options_read(&sh, &engine, argc, argv);
	if (status)
		return status;
	sh.interactive = optind == argc && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	sh.color |= color_wanted(&sh);
	engine_word(&engine, "engine");
	sh.client.argv = engine.word;
	signals_catch();
	status = shell_live(&sh, argv[optind]);
	if (sh.staged && json_array_size(sh.staged))
		fputs("ipfwadm: what was staged is dropped\n", stderr);
	if (sh.confirming)
		fputs("ipfwadm: what was not confirmed is taken back\n", stderr);
	client_stop(&sh.client);
	json_decref(sh.staged);
	json_decref(sh.typed);
	pasts_clear(&sh.undo);
	pasts_clear(&sh.redo);
	free(sh.backend);
	free(sh.netns);
	return fflush(stdout) || ferror(stdout) ? SHELL_FAILED : status;
}
