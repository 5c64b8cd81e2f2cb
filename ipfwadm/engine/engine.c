// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine.c - `ipfwadm engine': serves a shell, and takes back what the shell
 * does not confirm in time.
 *
 * It touches no backend itself; every request gets a process of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ipfwadm/engine/engine_worker.h"

#define OUTPUT_MAX (1u << 20)	/* bytes that wait for the shell before we wait */
#define REVERT_TRIES 30		/* a second apart */

struct engine {
	struct app *app;
	bool peer;		/* the shell is there */
	struct wire in, out;
	struct worker request, revert;
	json_t *asked;		/* the request under way */
	/* what is to be confirmed; NULL: nothing */
	char *before;
	long long deadline;	/* ms */
	int tries;
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void peer_lose(struct engine *en)
{
	if (!en->peer)
		return;
	en->peer = false;
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	wire_free(&en->out);
	en->deadline = now_ms();	/* nobody can confirm any more */
}

static void frame_add(struct engine *en, char kind, const json_t *doc)
{
	if (en->peer && wire_add_json(&en->out, kind, doc) < 0)
		peer_lose(en);
}

static void notice(struct engine *en, const char *text)
{
	json_t *doc = json_pack("{s:s}", "text", text);

	frame_add(en, ENGINE_NOTICE, doc);
	json_decref(doc);
}

static void answer_short(struct engine *en, int status, const char *error)
{
	json_t *doc = json_pack("{s:i, s:s*}", "status", status, "error", error);

	frame_add(en, ENGINE_ANSWER, doc);
	json_decref(doc);
}

/* The last commit stays unless it is confirmed. */
static void confirm_begin(struct engine *en, const json_t *answer)
{
	json_int_t seconds = json_integer_value(json_object_get(en->asked, "confirm"));
	const char *before = json_string_value(json_object_get(answer, "before"));

	if (seconds <= 0 || !before)
		return;
	en->before = strdup(before);
	en->deadline = now_ms() + (seconds < ENGINE_CONFIRM_MAX ? seconds :
				   ENGINE_CONFIRM_MAX) * 1000LL;
	en->tries = 0;
}

static void confirm_end(struct engine *en)
{
	free(en->before);
	en->before = NULL;
}

static void request_finish(struct engine *en)
{
	json_t *answer = worker_end(&en->request);

	if (json_integer_value(json_object_get(answer, "status")) == STATUS_OK)
		confirm_begin(en, answer);
	frame_add(en, ENGINE_ANSWER, answer);
	json_decref(answer);
	json_decref(en->asked);
	en->asked = NULL;
}

static void revert_begin(struct engine *en)
{
	json_t *request = json_pack("{s:s, s:s}", "do", "replace", "text", en->before);

	if (!request || worker_start(&en->revert, en->app, request) < 0)
		en->deadline = now_ms() + 1000;
	json_decref(request);
}

static void revert_finish(struct engine *en)
{
	json_t *answer = worker_end(&en->revert);
	bool done = json_is_integer(json_object_get(answer, "status")) &&
		    json_integer_value(json_object_get(answer, "status")) == STATUS_OK;

	json_decref(answer);
	en->deadline = now_ms() + 1000;
	if (done)
		notice(en, "the commit was not confirmed: the rules are what they were before");
	else if (++en->tries >= REVERT_TRIES)
		notice(en, "the commit was not confirmed, but the rules cannot be put back");
	if (done || en->tries >= REVERT_TRIES)
		confirm_end(en);
}

static bool changes_rules(const char *what)
{
	return strcmp(what, "commit") == 0 || strcmp(what, "replace") == 0;
}

static void request_begin(struct engine *en, const struct wire_frame *f)
{
	json_t *request = json_loadb(f->payload, f->length, 0, NULL);
	const char *what = json_string_value(json_object_get(request, "do"));

	if (!what || en->asked) {
		json_decref(request);
		peer_lose(en);
		return;
	}
	if (strcmp(what, "confirm") == 0) {
		answer_short(en, en->before && !en->revert.pid ? STATUS_OK : STATUS_FAILED,
			     en->before ? NULL : "nothing waits to be confirmed");
		confirm_end(en);
	} else if (strcmp(what, "revert") == 0) {
		answer_short(en, en->before ? STATUS_OK : STATUS_FAILED,
			     en->before ? NULL : "nothing waits to be confirmed");
		en->deadline = now_ms();
	} else if (en->before && changes_rules(what)) {
		answer_short(en, STATUS_FAILED,
			     "the last commit waits for 'confirm'; 'revert' takes it back");
	} else if (worker_start(&en->request, en->app, request) < 0) {
		answer_short(en, STATUS_FAILED, "no process can be started");
	} else {
		en->asked = json_incref(request);
	}
	json_decref(request);
}

/* A change goes on to its end: nobody could tell how far it had come. */
static void request_cancel(struct engine *en)
{
	const char *what = json_string_value(json_object_get(en->asked, "do"));

	if (what && !changes_rules(what))
		worker_cancel(&en->request);
}

static void peer_hear(struct engine *en)
{
	long n = wire_receive(&en->in, STDIN_FILENO);
	struct wire_frame f;
	int more = 1;

	if (n == -EAGAIN)
		return;
	if (n <= 0)
		peer_lose(en);
	while (en->peer && (more = wire_next(&en->in, &f)) > 0) {
		if (f.kind == ENGINE_REQUEST)
			request_begin(en, &f);
		else if (f.kind == ENGINE_CANCEL)
			request_cancel(en);
		else
			peer_lose(en);
	}
	if (more < 0)
		peer_lose(en);
}

/* answer text is collected, the rest goes on to the shell */
static void worker_hear(struct engine *en, struct worker *w, int pipe)
{
	static const char kinds[] = {
		[WORKER_OUTPUT] = ENGINE_OUTPUT, [WORKER_ERRORS] = ENGINE_ERRORS,
	};
	static char buf[ENGINE_PIECE_MAX];
	long n = worker_read(w, pipe, buf, sizeof(buf));

	if (n <= 0)
		return;
	if (pipe == WORKER_ANSWER) {
		if (wire_append(&w->answer, buf, (size_t)n) < 0)
			worker_cancel(w);
	} else if (w == &en->request && en->peer &&
		   wire_add(&en->out, kinds[pipe], buf, (size_t)n) < 0) {
		peer_lose(en);
	}
}

#define FDS (2 + 2 * WORKER_PIPES)

/* A descriptor of -1 is not looked at. */
static void fds_fill(const struct engine *en, struct pollfd fds[FDS])
{
	const struct worker *workers[] = { &en->request, &en->revert };
	bool full = wire_waiting(&en->out) > OUTPUT_MAX;

	fds[0] = (struct pollfd){ en->peer ? STDIN_FILENO : -1, POLLIN, 0 };
	fds[1] = (struct pollfd){ en->peer && wire_waiting(&en->out) ? STDOUT_FILENO : -1,
				  POLLOUT, 0 };
	for (int i = 0; i < 2 * WORKER_PIPES; i++) {
		const struct worker *w = workers[i / WORKER_PIPES];
		bool wait = full && w == &en->request;

		fds[2 + i] = (struct pollfd){ w->pid && !wait ? w->fd[i % WORKER_PIPES] : -1,
					      POLLIN, 0 };
	}
}

static int wait_ms(const struct engine *en)
{
	long long left = en->deadline - now_ms();

	if (!en->before || en->revert.pid)
		return -1;
	return left < 0 ? 0 : (int)left;
}

static void engine_step(struct engine *en)
{
	struct worker *workers[] = { &en->request, &en->revert };
	struct pollfd fds[FDS];

	fds_fill(en, fds);
	if (poll(fds, FDS, wait_ms(en)) < 0)
		return;
	if (fds[0].revents)
		peer_hear(en);
	if (fds[1].revents && en->peer && wire_send(&en->out, STDOUT_FILENO) < 0)
		peer_lose(en);
	for (int i = 0; i < 2 * WORKER_PIPES; i++)
		if (fds[2 + i].revents)
			worker_hear(en, workers[i / WORKER_PIPES], i % WORKER_PIPES);
	if (worker_done(&en->request))
		request_finish(en);
	if (worker_done(&en->revert))
		revert_finish(en);
	if (en->before && !en->revert.pid && now_ms() >= en->deadline && !en->asked)
		revert_begin(en);
}

static void hello(struct engine *en)
{
	json_t *doc = json_pack("{s:i}", "protocol", ENGINE_PROTOCOL);

	frame_add(en, ENGINE_HELLO, doc);
	json_decref(doc);
}

/* The terminal's signals are the shell's; a lost line must not end us. */
int engine_run(struct app *app, int argc, char **argv)
{
	struct engine en = { .app = app, .peer = true };

	(void)argv;
	if (argc != 1 || isatty(STDIN_FILENO)) {
		app_error(app, "'engine' is what 'shell' starts, not for people");
		return STATUS_USAGE;
	}
	setsid();
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK | fcntl(STDIN_FILENO, F_GETFL));
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK | fcntl(STDOUT_FILENO, F_GETFL));
	hello(&en);
	while (en.peer || en.asked || en.before)
		engine_step(&en);
	wire_free(&en.in);
	wire_free(&en.out);
	return STATUS_OK;
}
