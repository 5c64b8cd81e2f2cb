// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell.c - ipfwadm-shell: options, and lines from a terminal, a file or stdin.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "ipfwadm/app/version.h"
#include "ipfwadm/shell/shell.h"
#include "parser/diag.h"

#define SHELL_SUFFIX "-shell"	/* the engine's name is that of this program without it */
#define ENGINE_ARGS 12

static const struct option options[] = {
	/* for the engine */
	{ "backend", required_argument, NULL, 'b' },
	{ "mark-mask", required_argument, NULL, 'm' },
	{ "trace-backend", no_argument, NULL, 't' },
	{ "json", no_argument, NULL, 'j' },
	/* for the shell */
	{ "color", no_argument, NULL, 'c' },
	{ "keep-going", no_argument, NULL, 'k' },
	{ "engine", required_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] = "usage: ipfwadm shell [--keep-going] [--engine COMMAND] [FILE]\n";

/* the command line of the engine */
struct engine_args {
	char path[PATH_MAX];
	char mask[64];
	char *arg[ENGINE_ARGS];
	int count;
	bool is_custom;		/* a command of the user's */
};

static void engine_arg(struct engine_args *e, char *arg)
{
	if (!e->is_custom && e->count < ENGINE_ARGS - 2)
		e->arg[e->count++] = arg;
}

/* The program in the folder of this one, whatever PATH is. */
static void engine_path(char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	size_t suffix = strlen(SHELL_SUFFIX);

	if (len < 0)	/* without /proc: as it was started */
		len = snprintf(path, PATH_MAX, "%s", (const char *)getauxval(AT_EXECFN));
	path[len < PATH_MAX ? len : PATH_MAX - 1] = '\0';
	if (strlen(path) > suffix && strcmp(path + strlen(path) - suffix, SHELL_SUFFIX) == 0)
		path[strlen(path) - suffix] = '\0';
}

static void option_suggest(const char *word)
{
	const char *names[FW_COUNT(options)], *near;

	for (size_t i = 0; i < FW_COUNT(options); i++)
		names[i] = options[i].name;
	near = diag_suggest(word, names);
	if (near)
		fprintf(stderr, "ipfwadm-shell: did you mean '--%s'?\n", near);
}

/* 0, or a status after a message */
static int options_read(struct shell *sh, struct engine_args *e, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "hk", options, NULL)) != -1) {
		if (c == 'b' && setenv("IPFWADM_BACKEND", optarg, 1) < 0)
			return SHELL_FAILED;
		if (c == 'm') {
			snprintf(e->mask, sizeof(e->mask), "--mark-mask=%.40s", optarg);
			engine_arg(e, e->mask);
		}
		if (c == 't')
			engine_arg(e, "--trace-backend");
		if (c == 'j')
			engine_arg(e, "--json");
		if (c == 'e')	/* a command of sh(1), sudo say */
			*e = (struct engine_args){ .arg = { "sh", "-c", optarg },
						    .is_custom = true };
		sh->color |= c == 'c';
		sh->keep_going |= c == 'k';
		if (c == 'h' || c == 'v') {
			printf("%s", c == 'v' ? "ipfwadm-shell " IPFWADM_VERSION "\n" : usage);
			if (c == 'h')
				puts("`ipfwadm help shell' has the options; `?' at the prompt "
				     "lists its commands.");
			exit(SHELL_OK);
		}
		if (c == '?') {
			if (!optopt)
				option_suggest(argv[optind - 1] + strlen("--"));
			fputs("`ipfwadm-shell --help' says more\n", stderr);
			return SHELL_USAGE;
		}
	}
	if (optind < argc - 1) {
		fputs(usage, stderr);
		return SHELL_USAGE;
	}
	return SHELL_OK;
}

static void about_ask(struct shell *sh)
{
	json_t *request = json_pack("{s:s, s:b}", "do", "about", "greets", true), *answer;

	if (shell_client_ask(sh, request, &answer) == SHELL_OK) {
		sh->backend = strdup(shell_answer_text(answer, "backend"));
		sh->netns = strdup(shell_answer_text(answer, "netns"));
	}
	json_decref(answer);
}

/* the standard input, as far as it has been read */
struct stream {
	char *text;
	size_t used, size;
	bool end;
};

/* Reads what is there; waits if nothing is. */
static int stream_read(struct stream *s)
{
	size_t size = s->size ? 2 * s->size : 1 << 16;
	ssize_t n;

	if (s->used == s->size) {
		char *bigger = realloc(s->text, size);

		if (!bigger)
			return -ENOMEM;
		s->text = bigger;
		s->size = size;
	}
	n = read(STDIN_FILENO, s->text + s->used, s->size - s->used);
	if (n < 0)
		return errno == EINTR && !shell_interrupted() ? 0 : -errno;
	s->used += (size_t)n;
	s->end = n == 0;
	return 0;
}

/* Can more be read at once? */
static bool stream_ready(void)
{
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };

	return poll(&fd, 1, 0) > 0;
}

/* Carries out whole lines as they arrive. */
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
		status = shell_lines_run(sh, &source, &at);
		worst = status ? status : worst;
	}
	free(s.text);
	if (err)
		fprintf(stderr, "ipfwadm: cannot read the standard input: %s\n",
			strerror(-err));
	return err ? SHELL_FAILED : worst;
}

/* Colour needs a terminal that has it, and no NO_COLOR. */
static bool color_wanted(const struct shell *sh)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return sh->interactive && isatty(STDERR_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0 && !(no && *no);
}

/* What is staged is told of by shell_transactions_end(). */
static void leaving_print(const struct shell *sh)
{
	if (!sh->undo.count)
		puts("No rules were changed; `ipfwadm save' prints them.");
	else if (strncmp(sh->backend, "sim", 3) == 0)
		puts("The rules are kept; `ipfwadm shell' comes back to them.");
	else
		puts("The rules stay until the next boot; `ipfwadm enable' keeps them.");
}

static int input_run(struct shell *sh, const char *file)
{
	int status;

	if (file)
		return shell_source_run(sh, file);
	if (!sh->interactive)
		return stdin_run(sh);
	about_ask(sh);
	if (sh->backend)
		printf("ipfwadm: rules of Linux 2.0, here in %s.\n", sh->backend);
	puts("Type ? for help, TAB for what may follow, quit to leave.");
	status = shell_prompt_run(sh);
	if (!shell_hung_up())
		leaving_print(sh);
	return status;
}

int main(int argc, char **argv)
{
	struct shell sh = { .client = { .fd = -1 } };
	struct engine_args engine = { .count = 0 };
	int status;

	setlocale(LC_CTYPE, "");
	engine_path(engine.path);
	engine_arg(&engine, engine.path);
	status = options_read(&sh, &engine, argc, argv);
	if (status)
		return status;
	sh.interactive = optind == argc && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	sh.color |= color_wanted(&sh);
	engine_arg(&engine, "engine");
	sh.client.argv = engine.arg;
	shell_signals_catch();
	status = input_run(&sh, argv[optind]);
	shell_transactions_end(&sh);
	shell_client_stop(&sh.client);
	free(sh.backend);
	free(sh.netns);
	return fflush(stdout) || ferror(stdout) ? SHELL_FAILED : status;
}
