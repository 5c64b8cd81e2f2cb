// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine.c - the poll loop: requests of the shell, and commits to be confirmed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ipfwadm/engine/engine.h"

#define OUTPUT_MAX (1u << 20)	/* bytes for the shell before a worker has to wait */
#define RETRY_MS 1000		/* between two attempts to put the rules back */

static const char unconfirmed[] = "the commit was not confirmed: "
				  "the rules are what they were before";

/*
 * A commit with "confirm".  A worker reads the rules in force, the engine copies them
 * to *before, a second worker makes the edits, on condition that the rules are still
 * the same.  From then on everything but a confirm in time leads to REVERT, and
 * REVERT ends only when the rules are back.
 */
enum confirm_phase {
	CONFIRM_NONE,
	CONFIRM_READ,		/* the rules before are being read */
	CONFIRM_EDIT,		/* the edits are being made */
	CONFIRM_WAIT,		/* for confirm, until the deadline */
	CONFIRM_REVERT,		/* the rules are being put back; next attempt: deadline */
};

struct confirm {
	enum confirm_phase phase;
	char *before;		/* saved form; malloc'ed, from EDIT on */
	long long deadline;	/* ms */
	bool is_delayed;	/* an attempt has failed, which has been reported */
	/* REVERT: a commit or revert is answered when the rules are back */
	bool is_asked;
	json_t *answer;
};

struct engine {
	struct app *app;
	bool has_peer;
	struct engine_wire in, out;
	struct engine_worker request, revert;
	json_t *asked;		/* the request that is not yet answered, or NULL */
	struct confirm confirm;
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void revert_begin(struct engine *en)
{
	en->confirm.phase = CONFIRM_REVERT;
	en->confirm.deadline = now_ms();
}

/* The request is answered when the rules are back; takes answer. */
static void revert_begin_asked(struct engine *en, json_t *answer)
{
	revert_begin(en);
	en->confirm.is_asked = true;
	en->confirm.answer = answer;
}

/* Without a peer nobody can confirm. */
static void peer_close(struct engine *en)
{
	if (!en->has_peer)
		return;
	en->has_peer = false;
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	engine_wire_free(&en->out);
	if (en->confirm.phase == CONFIRM_WAIT)
		revert_begin(en);
}

static void frame_add(struct engine *en, char kind, const json_t *doc)
{
	if (en->has_peer && (!doc || engine_wire_add_json(&en->out, kind, doc) < 0))
		peer_close(en);
}

static void notice_send(struct engine *en, const char *text, bool reverted)
{
	json_t *doc = json_pack("{s:s, s:b}", "text", text, "reverted", reverted);

	frame_add(en, ENGINE_NOTICE, doc);
	json_decref(doc);
}

/* Ends the request; takes answer. */
static void answer_send(struct engine *en, json_t *answer)
{
	frame_add(en, ENGINE_ANSWER, answer);
	json_decref(answer);
	json_decref(en->asked);
	en->asked = NULL;
}

static void refusal_send(struct engine *en, const char *error)
{
	answer_send(en, json_pack("{s:i, s:s}", "status", STATUS_FAILED, "error", error));
}

static void confirm_end(struct engine *en)
{
	json_decref(en->confirm.answer);
	free(en->confirm.before);
	en->confirm = (struct confirm){ .phase = CONFIRM_NONE };
}

static const char *member(const json_t *doc, const char *name)
{
	return json_string_value(json_object_get(doc, name));
}

static bool is_ok(const json_t *answer)
{
	const json_t *status = json_object_get(answer, "status");

	return json_is_integer(status) && json_integer_value(status) == STATUS_OK;
}

/* The rules before have been read: keeps them and has the edits made. */
static void confirm_edit(struct engine *en, json_t *answer)
{
	const char *text = member(answer, "text"), *state = member(answer, "state");
	const char *expect = member(en->asked, "expect");
	json_t *request;

	if (!is_ok(answer) || !text || !state || !en->has_peer) {
		confirm_end(en);
		answer_send(en, answer);
		return;
	}
	/* the second worker edits nothing if somebody changes the rules in between */
	request = json_copy(en->asked);
	json_object_set(request, "expect", json_object_get(answer, "state"));
	en->confirm.before = strdup(text);
	if (!en->confirm.before || !member(request, "expect")) {
		confirm_end(en);
		refusal_send(en, "out of memory");
	} else if (expect && strcmp(expect, state) != 0) {
		confirm_end(en);
		answer_send(en, json_pack("{s:i, s:s, s:b}", "status", STATUS_REFUSED,
					  "error", ENGINE_CHANGED, "changed", 1));
	} else if (engine_worker_start(&en->request, en->app, request) < 0) {
		confirm_end(en);
		refusal_send(en, "no process can be started");
	} else {
		en->confirm.phase = CONFIRM_EDIT;
	}
	json_decref(request);
	json_decref(answer);
}

/* The edits have been made, or not: only a clear answer avoids a revert. */
static void confirm_arm(struct engine *en, json_t *answer)
{
	json_int_t seconds = json_integer_value(json_object_get(en->asked, "confirm"));

	if (seconds > ENGINE_CONFIRM_MAX)
		seconds = ENGINE_CONFIRM_MAX;
	if (is_ok(answer) && en->has_peer &&
	    json_object_set_new(answer, "confirm", json_integer(seconds)) == 0) {
		en->confirm.phase = CONFIRM_WAIT;
		en->confirm.deadline = now_ms() + seconds * 1000LL;
		answer_send(en, answer);
	} else if (answer && !is_ok(answer) && !json_object_get(answer, "attempted") &&
		   !json_object_get(answer, "unknown")) {
		confirm_end(en);
		answer_send(en, answer);
	} else {
		if (is_ok(answer))
			json_object_set_new(answer, "status", json_integer(STATUS_FAILED));
		json_object_del(answer, "unknown");
		revert_begin_asked(en, answer);
	}
}

static void request_finish(struct engine *en)
{
	json_t *answer = engine_worker_end(&en->request);

	if (en->confirm.phase == CONFIRM_READ)
		confirm_edit(en, answer);
	else if (en->confirm.phase == CONFIRM_EDIT)
		confirm_arm(en, answer);
	else
		answer_send(en, answer);
}

static void revert_start(struct engine *en)
{
	json_t *request = json_pack("{s:s, s:s}", "do", "replace", "text",
				    en->confirm.before);

	if (!request || engine_worker_start(&en->revert, en->app, request) < 0)
		en->confirm.deadline = now_ms() + RETRY_MS;
	json_decref(request);
}

static void revert_finish(struct engine *en)
{
	json_t *answer = engine_worker_end(&en->revert);
	json_t *asked = json_incref(en->confirm.answer);
	bool is_asked = en->confirm.is_asked;
	const char *error = member(answer, "error");
	char text[400];

	if (is_ok(answer)) {
		confirm_end(en);
		/* the answer to a commit that failed says enough */
		if (!is_asked || is_ok(asked))
			notice_send(en, unconfirmed, true);
		if (is_asked)
			answer_send(en, json_incref(asked));
	} else {
		en->confirm.deadline = now_ms() + RETRY_MS;
		snprintf(text, sizeof(text),
			 "the rules cannot be put back: %.300s; it is tried again every second",
			 error ? error : "out of memory");
		if (!en->confirm.is_delayed)
			notice_send(en, text, false);
		en->confirm.is_delayed = true;
	}
	json_decref(asked);
	json_decref(answer);
}

static bool changes_rules(const char *what)
{
	return strcmp(what, "commit") == 0 || strcmp(what, "replace") == 0;
}

/* Starts what en->asked asks for, or answers it. */
static void request_start(struct engine *en, const char *what)
{
	enum confirm_phase phase = en->confirm.phase;
	bool ends = strcmp(what, "confirm") == 0 || strcmp(what, "revert") == 0;
	bool waits = strcmp(what, "commit") == 0 &&
		     json_integer_value(json_object_get(en->asked, "confirm")) > 0;
	json_t *rules = json_pack("{s:s}", "do", "rules");

	if (phase == CONFIRM_REVERT && (ends || changes_rules(what))) {
		refusal_send(en, "the last commit is being taken back");
	} else if (ends && phase != CONFIRM_WAIT) {
		refusal_send(en, "nothing waits to be confirmed");
	} else if (strcmp(what, "confirm") == 0) {
		confirm_end(en);
		answer_send(en, json_pack("{s:i}", "status", STATUS_OK));
	} else if (strcmp(what, "revert") == 0) {
		revert_begin_asked(en, json_pack("{s:i}", "status", STATUS_OK));
	} else if (phase == CONFIRM_WAIT && changes_rules(what)) {
		refusal_send(en, "the last commit waits for 'confirm'; 'revert' takes it back");
	} else if (engine_worker_start(&en->request, en->app,
				       waits ? rules : en->asked) < 0) {
		refusal_send(en, "no process can be started");
	} else if (waits) {
		en->confirm.phase = CONFIRM_READ;
	}
	json_decref(rules);
}

static void request_receive(struct engine *en, const struct wire_frame *f)
{
	json_t *request = json_loadb(f->payload, f->length, JSON_ALLOW_NUL, NULL);
	const char *what = member(request, "do");

	if (!what || en->asked) {
		json_decref(request);
		peer_close(en);
		return;
	}
	en->asked = request;
	request_start(en, what);
}

/* A change goes on to its end, because its result would be unknown. */
static void cancel_receive(struct engine *en)
{
	const char *what = member(en->asked, "do");

	if (!what)
		return;
	if (en->confirm.is_asked && en->confirm.is_delayed) {
		en->confirm.is_asked = false;
		refusal_send(en, "the commit is not yet taken back");
	} else if (!changes_rules(what) || en->confirm.phase == CONFIRM_READ) {
		engine_worker_cancel(&en->request);
	}
}

static void peer_receive(struct engine *en)
{
	long n = engine_wire_receive(&en->in, STDIN_FILENO);
	struct wire_frame f;
	int more = 1;

	if (n == -EAGAIN)
		return;
	if (n <= 0)
		peer_close(en);
	while (en->has_peer && (more = engine_wire_next(&en->in, &f)) > 0) {
		if (f.kind == ENGINE_REQUEST)
			request_receive(en, &f);
		else if (f.kind == ENGINE_CANCEL)
			cancel_receive(en);
		else
			peer_close(en);
	}
	if (more < 0)
		peer_close(en);
}

/* Collects the answer, passes the rest on to the shell. */
static void worker_receive(struct engine *en, struct engine_worker *w, int pipe)
{
	static const char kinds[] = {
		[WORKER_OUTPUT] = ENGINE_OUTPUT, [WORKER_ERRORS] = ENGINE_ERRORS,
	};
	static char buf[ENGINE_PIECE_MAX];
	long n = engine_worker_read(w, pipe, buf, sizeof(buf));

	if (n <= 0)
		return;
	if (pipe == WORKER_ANSWER) {
		if (engine_wire_append(&w->answer, buf, (size_t)n) < 0)
			engine_worker_cancel(w);
	} else if (w == &en->request && en->has_peer &&
		   engine_wire_add(&en->out, kinds[pipe], buf, (size_t)n) < 0) {
		peer_close(en);
	}
}

#define FDS (2 + 2 * WORKER_PIPES)

/* A descriptor of -1 is ignored by poll(). */
static void fds_fill(const struct engine *en, struct pollfd fds[FDS])
{
	const struct engine_worker *workers[] = { &en->request, &en->revert };
	bool full = engine_wire_length(&en->out) > OUTPUT_MAX;

	fds[0] = (struct pollfd){ en->has_peer ? STDIN_FILENO : -1, POLLIN, 0 };
	fds[1] = (struct pollfd){ en->has_peer && engine_wire_length(&en->out) ? STDOUT_FILENO : -1,
				  POLLOUT, 0 };
	for (int i = 0; i < 2 * WORKER_PIPES; i++) {
		const struct engine_worker *w = workers[i / WORKER_PIPES];
		bool wait = full && w == &en->request;

		fds[2 + i] = (struct pollfd){ w->pid && !wait ? w->fd[i % WORKER_PIPES] : -1,
					      POLLIN, 0 };
	}
}

/* Is the deadline of a commit in force? */
static bool has_deadline(const struct engine *en)
{
	return en->confirm.phase == CONFIRM_WAIT ||
	       (en->confirm.phase == CONFIRM_REVERT && !en->revert.pid);
}

static int wait_ms(const struct engine *en)
{
	long long left = en->confirm.deadline - now_ms();

	if (!has_deadline(en))
		return -1;
	return left < 0 ? 0 : (int)left;
}

static void engine_step(struct engine *en)
{
	struct engine_worker *workers[] = { &en->request, &en->revert };
	struct pollfd fds[FDS];

	fds_fill(en, fds);
	if (poll(fds, FDS, wait_ms(en)) < 0)
		return;
	if (fds[0].revents)
		peer_receive(en);
	if (fds[1].revents && en->has_peer && engine_wire_send(&en->out, STDOUT_FILENO) < 0)
		peer_close(en);
	for (int i = 0; i < 2 * WORKER_PIPES; i++)
		if (fds[2 + i].revents)
			worker_receive(en, workers[i / WORKER_PIPES], i % WORKER_PIPES);
	if (engine_worker_is_done(&en->request))
		request_finish(en);
	if (engine_worker_is_done(&en->revert))
		revert_finish(en);
	if (has_deadline(en) && now_ms() >= en->confirm.deadline) {
		if (en->confirm.phase == CONFIRM_WAIT)
			revert_begin(en);
		revert_start(en);
	}
}

static void hello_send(struct engine *en)
{
	json_t *doc = json_pack("{s:i}", "protocol", ENGINE_PROTOCOL);

	frame_add(en, ENGINE_HELLO, doc);
	json_decref(doc);
}

/* Signals of the terminal are for the shell; a lost line must not end the engine. */
int engine_run(struct app *app, int argc, char **argv)
{
	struct engine en = { .app = app, .has_peer = true };

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
	hello_send(&en);
	while (en.has_peer || en.asked || en.confirm.phase)
		engine_step(&en);
	engine_wire_free(&en.in);
	engine_wire_free(&en.out);
	app_json_exhausted();	/* reported to the shell, as far as it concerned it */
	return STATUS_OK;
}
