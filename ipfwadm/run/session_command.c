// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session_command.c - one command of a script, carried out on the staged rules.
 */
#include "ipfwadm/run/session_command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/preload_helper.h"
#include "ipfwadm/run/client.h"
#include "ipfwadm/run/near.h"
#include "parser/diag.h"

static const struct client_request *request_of(const char *request)
{
	return (const struct client_request *)request;
}

bool session_request_is_complete(const char *request, size_t used)
{
	return used >= sizeof(struct client_request) &&
	       used == sizeof(struct client_request) + request_of(request)->size;
}

/* The strings are argc arguments, a line and a directory, each with its NUL. */
static bool strings_are_valid(const struct client_request *r)
{
	const char *strings = (const char *)(r + 1);
	__u32 count = 0;

	for (__u32 i = 0; i < r->size; i++)
		count += strings[i] == '\0';
	return r->size && strings[r->size - 1] == '\0' && r->argc && count == r->argc + 2;
}

bool session_request_is_valid(const char *request, size_t used)
{
	const struct client_request *r = request_of(request);

	if (used < sizeof(*r))
		return true;
	if (r->size > CLIENT_REQUEST_MAX || used > sizeof(*r) + r->size)
		return false;
	return used < sizeof(*r) + r->size || strings_are_valid(r);
}

static int buffer_add(struct session_buffer *b, const void *bytes, size_t len)
{
	size_t size = 2 * b->size + len + 256;
	char *bigger;

	if (b->size - b->len < len) {
		bigger = realloc(b->bytes, size);
		if (!bigger)
			return -ENOMEM;
		b->bytes = bigger;
		b->size = size;
	}
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
	return 0;
}

/* Standard output and errors of a command: streams that end in its answer, in order. */
struct capture {
	struct session_buffer *answer;
	FILE *was[2], *stream[2];
	char message[160];	/* the first line of the errors */
};

static ssize_t piece_add(struct capture *c, __u32 kind, const char *bytes, size_t len)
{
	struct client_answer a = { .kind = kind, .value = (__u32)len };

	if (buffer_add(c->answer, &a, sizeof(a)) < 0 || buffer_add(c->answer, bytes, len) < 0)
		return 0;	/* an error of the stream */
	return (ssize_t)len;
}

static ssize_t output_write(void *c, const char *bytes, size_t len)
{
	return piece_add(c, CLIENT_STDOUT, bytes, len);
}

static ssize_t errors_write(void *ctx, const char *bytes, size_t len)
{
	struct capture *c = ctx;

	if (!c->message[0] || !strchr(c->message, '\n'))
		strncat(c->message, bytes, len < sizeof(c->message) - 1 - strlen(c->message) ?
				len : sizeof(c->message) - 1 - strlen(c->message));
	return piece_add(c, CLIENT_STDERR, bytes, len);
}

static int capture_begin(struct capture *c, struct session_buffer *answer, __u32 terminals)
{
	*c = (struct capture){ .answer = answer, .was = { stdout, stderr } };
	c->stream[0] = fopencookie(c, "w", (cookie_io_functions_t){ .write = output_write });
	c->stream[1] = fopencookie(c, "w", (cookie_io_functions_t){ .write = errors_write });
	if (!c->stream[0] || !c->stream[1]) {
		for (int i = 0; i < 2; i++)
			if (c->stream[i])
				fclose(c->stream[i]);
		return -ENOMEM;
	}
	fflush(NULL);
	setvbuf(c->stream[0], NULL, terminals >> STDOUT_FILENO & 1 ? _IOLBF : _IOFBF, BUFSIZ);
	setvbuf(c->stream[1], NULL, _IOLBF, BUFSIZ);
	stdout = c->stream[0];
	stderr = c->stream[1];
	return 0;
}

static void capture_end(struct capture *c)
{
	stdout = c->was[0];
	stderr = c->was[1];
	for (int i = 0; i < 2; i++)
		fclose(c->stream[i]);
	c->message[strcspn(c->message, "\n")] = '\0';
}

/* A subcommand that neither prints nor loads changes what is in force, or waits. */
static bool is_refused(const struct app *app, const char *word)
{
	static const char *const names[] = {
		"save", "load", "dump", "ipv6", "backends", "complete", "version", "help",
	};

	for (size_t i = 0; i < FW_COUNT(names); i++)
		if (strcmp(word, names[i]) == 0)
			return false;
	for (const struct app_subcommand *s = app->subcommands; s->name; s++)
		if (strcmp(word, s->name) == 0)
			return true;
	return false;
}

/* A file of 2.0 that the script opens: see compat/proc_mount.h. */
static bool is_file(int argc, char **argv)
{
	return argc > 3 && argv[2] && strcmp(argv[0], PRELOAD_SUBCOMMAND) == 0 &&
	       strcmp(argv[2], PRELOAD_MOUNTED) == 0;
}

static int arguments_run(struct session_commands *s, const struct client_request *r,
			 const struct ucred *peer, const char *cwd, int argc, char **argv)
{
	struct app app = *s->app;
	int was, status;

	app.name = argv[0];
	app.staged = &s->staged.backend;
	app.terminals = r->terminals;
	app.json = false;	/* what the script prints is its own */
	app.document = NULL;
	if (peer->uid != geteuid()) {
		app_error(&app, "socket creation failed: %s", strerror(EPERM));
		return STATUS_FAILED;
	}
	if (argv[1] && !is_file(argc, argv) && is_refused(&app, argv[1])) {
		app_error(&app, "'%s' is not for a script that 'run' carries out", argv[1]);
		return STATUS_USAGE;
	}
	/* files are named from where the command is; ours, the simulator's, from here */
	was = argv[1] && argv[1][0] != '-' ? open(".", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (was >= 0 && chdir(cwd) < 0)
		app_error(&app, "cannot change to '%s': %s", cwd, strerror(errno));
	optind = 0;	/* getopt() begins anew for each command */
	status = app_run(&app, argc, argv);
	if (was >= 0 && fchdir(was) < 0)
		status = STATUS_FAILED;
	if (was >= 0)
		close(was);
	return status;
}

static void failure_free(struct session_failure *f)
{
	free(f->at);
	free(f->command);
	free(f->message);
}

void session_commands_free(struct session_commands *s)
{
	for (size_t i = 0; i < s->failed && i < SESSION_FAILURES; i++)
		failure_free(&s->failure[i]);
	failure_free(&s->last);
	for (size_t i = 0; s->place && i < s->count; i++)
		free(s->place[i]);
	free(s->place);
}

static void failure_set(struct session_failure *f, const char *at, int argc, char **argv,
			const char *message)
{
	struct source command = { 0 };
	const char *slash = strrchr(argv[0], '/');

	failure_free(f);
	f->at = strdup(at);
	f->message = strdup(message);
	if (source_from_argv(&command, argc, argv) < 0 ||
	    asprintf(&f->command, "%s %s", slash ? slash + 1 : argv[0], command.text) < 0)
		f->command = NULL;
	source_free(&command);
}

/* "FILE:~12": the line of the script that a command is most like; "": there is none. */
static char *place_guess(const struct session_commands *s, int argc, char **argv)
{
	unsigned long line = s->script ? near_find(s->script->text, argc, argv) : 0;
	char *place;

	if (!line)
		return strdup("");
	return asprintf(&place, "%s:~%lu", s->script->name, line) < 0 ? NULL : place;
}

/* Without memory no place is known any more. */
static void place_record(struct session_commands *s, const char *at)
{
	char **bigger;

	s->count++;
	if (!s->has_places)
		return;
	if (s->count > 1 && !s->place)
		return;
	if ((s->count & (s->count - 1)) == 0) {
		bigger = reallocarray(s->place, 2 * s->count, sizeof(*bigger));
		if (!bigger)
			free(s->place);
		s->place = bigger;
	}
	if (s->place)
		s->place[s->count - 1] = strdup(at);
}

/* A check whose answer is no has a status, too, but prints no error. */
static void result_record(struct session_commands *s, const char *at, int argc, char **argv,
			  int status, const char *message)
{
	char *guess = *at ? NULL : place_guess(s, argc, argv);

	at = guess ? guess : at;
	place_record(s, at);
	failure_set(&s->last, at, argc, argv, status ? message : "");
	if (status && message[0]) {
		if (s->failed < SESSION_FAILURES)
			failure_set(&s->failure[s->failed], at, argc, argv, message);
		s->failed++;
	}
	free(guess);
}

/* Under `run' the machine may have changed since the last call. */
static struct client_answer tool_run(struct session_commands *s, const char *at, int argc,
				     char **argv)
{
	struct client_answer a = { .kind = CLIENT_STATUS, .value = STATUS_FAILED };
	struct fw_interfaces ifs = { .dev = NULL };
	struct tools *t = s->tools;
	struct fw_error e;
	int err = 0;

	if (t->of_system && !tools_answer(argc, argv)) {
		a.kind = CLIENT_SYSTEM;
		return a;
	}
	if (t->of_system) {
		err = s->staged.live.ops->interfaces(&s->staged.live, &ifs, &e);
		if (!err)
			err = machine_system_read(t->machine, &ifs, &e);
		free(ifs.dev);
	}
	if (err)
		app_error(s->app, "%s", e.text);
	else
		a.value = (__u32)tools_run(t, at, argc, argv);
	return a;
}

double session_command_run(struct session_commands *s, const char *request,
			   const struct ucred *peer, struct session_buffer *answer)
{
	const struct client_request *r = request_of(request);
	const char *at = (const char *)(r + 1), *cwd = at + strlen(at) + 1;
	char **argv = calloc((size_t)r->argc + 2, sizeof(*argv)), **kept = NULL;
	struct client_answer end = { .kind = CLIENT_STATUS, .value = STATUS_FAILED };
	struct capture capture;
	char *word = (char *)cwd + strlen(cwd) + 1;
	const size_t nedits = s->staged.nedits;
	bool is_tool = false, is_command;

	for (__u32 i = 0; argv && i < r->argc; i++, word += strlen(word) + 1)
		argv[i] = word;
	if (argv)	/* options are taken out of argv */
		kept = calloc((size_t)r->argc + 1, sizeof(*kept));
	if (kept && r->argc && capture_begin(&capture, answer, r->terminals) == 0) {
		memcpy(kept, argv, r->argc * sizeof(*kept));
		is_tool = s->tools && tools_has(argv[0]);
		is_command = !is_tool && !is_file((int)r->argc, argv);
		s->staged.origin = (__u32)s->count;
		if (is_tool)
			end = tool_run(s, at, (int)r->argc, argv);
		else
			end.value = (__u32)arguments_run(s, r, peer, cwd, (int)r->argc, argv);
		capture_end(&capture);
		if (!is_command && s->staged.nedits > nedits)	/* a list was zeroed */
			place_record(s, is_tool ? at : "");
		if (is_command)
			result_record(s, at, (int)r->argc, kept, (int)end.value, capture.message);
	}
	if (s->changed && s->staged.nedits > nedits)
		s->changed(s->ctx);
	free(argv);
	free(kept);
	if (buffer_add(answer, &end, sizeof(end)) < 0)
		answer->len = 0;
	return is_tool ? s->tools->sleep : 0;
}
