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
#include <unistd.h>

#include "ipfwadm/engine/engine.h"
#include "ipfwadm/run/confirm.h"

#define OUTPUT_MAX (1u << 20)	/* bytes for the shell before a worker has to wait */

static const char unconfirmed[] = "the commit was not confirmed: "
				  "the rules are what they were before";

/*
 * A commit with "confirm".  A worker reads the rules in force, a process is started that
 * keeps them (run/confirm.h), a second worker makes the edits, on condition that the
 * rules are still the same.  From then on everything but a confirm in time has that
 * process put the rules back, even if nothing is left but it; the engine ends REVERT
 * only when they are back.
 */
enum confirm_phase {
	PHASE_NONE,
	PHASE_READ,		/* the rules before are being read */
	PHASE_EDIT,		/* the edits are being made */
	PHASE_WAIT,		/* for a confirm */
	PHASE_REVERT,		/* the rules are being put back */
};

struct confirm {
	enum confirm_phase phase;
	int keeper;		/* to the process that keeps the rules, from EDIT on; or -1 */
	bool is_delayed;	/* an attempt to put them back has failed */
	/* confirm, revert or a commit that failed: answered when the process tells */
	bool is_asked;
	json_t *answer;
};

struct engine {
	struct app *app;
	bool has_peer;
	struct engine_wire in, out;
	struct engine_worker request;
	json_t *asked;		/* the request that is not yet answered, or NULL */
	struct confirm confirm;
};

static void revert_begin(struct engine *en)
{
	en->confirm.phase = PHASE_REVERT;
	confirm_send(en->confirm.keeper, CONFIRM_REVERT, "");
}

/* The request is answered when the process tells; takes answer. */
static void answer_delay(struct engine *en, json_t *answer)
{
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
	if (en->confirm.phase == PHASE_WAIT)
		revert_begin(en);
}

static void frame_add(struct engine *en, char kind, const json_t *doc)
{
	if (en->has_peer && (!doc || engine_wire_add_json(&en->out, kind, doc) < 0))
		peer_close(en);
}

/* What has become of a commit: "reverted", "confirmed", or NULL: nothing yet. */
static void notice_send(struct engine *en, const char *text, const char *result)
{
	json_t *doc = json_pack("{s:s, s:b}", "text", text, "reverted",
				result && strcmp(result, "reverted") == 0);

	if (result && strcmp(result, "confirmed") == 0)
		json_object_set_new(doc, "confirmed", json_true());
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
	if (en->confirm.keeper >= 0)
		close(en->confirm.keeper);
	en->confirm = (struct confirm){ .phase = PHASE_NONE, .keeper = -1 };
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

/* The time to confirm that the shell asks for. */
static unsigned int seconds_of(const struct engine *en)
{
	json_int_t seconds = json_integer_value(json_object_get(en->asked, "confirm"));

	return seconds > ENGINE_CONFIRM_MAX ? ENGINE_CONFIRM_MAX : (unsigned int)seconds;
}

/* Starts the process that keeps the rules that were read; a refusal is in *e. */
static int keeper_start(struct engine *en, const json_t *answer, struct fw_error *e)
{
	struct confirm_start start = {
		.starter = getpid(), .what = "shell",
		.backend = member(answer, "backend"), .is_tied = true,
		.seconds = seconds_of(en),
	};
	size_t length;
	char *before = engine_wire_text_bytes(json_object_get(answer, "text"), &length);
	int err = before && start.backend ? 0 : fw_error_set(e, ENOMEM, "out of memory");

	start.before = before;
	if (!err)
		err = en->confirm.keeper = confirm_start(en->app, &start, e);
	free(before);
	return err < 0 ? err : 0;
}

/* The rules before have been read: has them kept and the edits made. */
static void confirm_edit(struct engine *en, json_t *answer)
{
	const char *expect = member(en->asked, "expect"), *state = member(answer, "state");
	struct fw_error e;
	json_t *request;

	if (!is_ok(answer) || !state || !en->has_peer) {
		confirm_end(en);
		answer_send(en, answer);
		return;
	}
	/* the second worker edits nothing if somebody changes the rules in between */
	request = json_copy(en->asked);
	json_object_set(request, "expect", json_object_get(answer, "state"));
	if (!member(request, "expect")) {
		confirm_end(en);
		refusal_send(en, "out of memory");
	} else if (expect && strcmp(expect, state) != 0) {
		confirm_end(en);
		answer_send(en, json_pack("{s:i, s:s, s:b}", "status", STATUS_REFUSED,
					  "error", ENGINE_CHANGED, "changed", 1));
	} else if (keeper_start(en, answer, &e) < 0) {
		confirm_end(en);
		refusal_send(en, e.text);
	} else if (engine_worker_start(&en->request, en->app, request) < 0) {
		confirm_send(en->confirm.keeper, CONFIRM_CANCEL, "");
		confirm_end(en);
		refusal_send(en, "no process can be started");
	} else {
		en->confirm.phase = PHASE_EDIT;
	}
	json_decref(request);
	json_decref(answer);
}

/* The edits have been made, or not: only a clear answer avoids a revert. */
static void confirm_arm(struct engine *en, json_t *answer)
{
	if (is_ok(answer) && en->has_peer &&
	    json_object_set_new(answer, "confirm", json_integer(seconds_of(en))) == 0 &&
	    confirm_send(en->confirm.keeper, CONFIRM_MADE, "") == 0) {
		en->confirm.phase = PHASE_WAIT;
		answer_send(en, answer);
	} else if (answer && !is_ok(answer) && !json_object_get(answer, "attempted") &&
		   !json_object_get(answer, "unknown")) {
		confirm_send(en->confirm.keeper, CONFIRM_CANCEL, "");
		confirm_end(en);
		answer_send(en, answer);
	} else {
		if (is_ok(answer))
			json_object_set_new(answer, "status", json_integer(STATUS_FAILED));
		json_object_del(answer, "unknown");
		revert_begin(en);
		answer_delay(en, answer);
	}
}

static void request_finish(struct engine *en)
{
	json_t *answer = engine_worker_end(&en->request);

	if (en->confirm.phase == PHASE_READ)
		confirm_edit(en, answer);
	else if (en->confirm.phase == PHASE_EDIT)
		confirm_arm(en, answer);
	else
		answer_send(en, answer);
}

/* The rules are back, or stay: answers who has asked for it, or reports it. */
static void confirm_finish(struct engine *en, const char *notice, const char *result)
{
	json_t *asked = json_incref(en->confirm.answer);
	bool is_asked = en->confirm.is_asked;

	confirm_end(en);
	/* the answer to a commit that failed, or to confirm, says enough */
	if (notice && (!is_asked || is_ok(asked)))
		notice_send(en, notice, result);
	if (is_asked)
		answer_send(en, json_incref(asked));
	json_decref(asked);
}

/* What was asked for will not be; it is answered when the commit ends, or now. */
static void asked_refuse(struct engine *en, const char *error)
{
	json_decref(en->confirm.answer);
	en->confirm.answer = json_pack("{s:i, s:s}", "status", STATUS_FAILED, "error", error);
}

/* A message of the process that keeps the rules. */
static void keeper_receive(struct engine *en)
{
	static const char lost[] = "the process that takes the commit back has ended";
	char why[CONFIRM_TEXT_MAX], text[CONFIRM_TEXT_MAX + 100];
	bool confirms = en->confirm.is_asked && en->confirm.phase == PHASE_WAIT;

	switch (confirm_receive(en->confirm.keeper, why)) {
	case CONFIRM_REVERTED:
		if (confirms) {	/* its time was over first */
			notice_send(en, unconfirmed, "reverted");
			asked_refuse(en, "it was too late");
		}
		confirm_finish(en, unconfirmed, "reverted");
		break;
	case CONFIRM_KEPT:
		if (en->confirm.is_asked && !confirms)
			asked_refuse(en, "it was too late");
		confirm_finish(en, confirms ? NULL : "the commit was confirmed elsewhere",
			       "confirmed");
		break;
	case CONFIRM_DELAYED:
		if (!confirms)
			en->confirm.phase = PHASE_REVERT;
		en->confirm.is_delayed = true;
		snprintf(text, sizeof(text),
			 "the rules cannot be put back: %s; it is tried again every second", why);
		notice_send(en, text, NULL);
		break;
	case CONFIRM_REFUSED:
		en->confirm.phase = PHASE_REVERT;
		en->confirm.is_asked = false;
		refusal_send(en, why);
		break;
	default:
		notice_send(en, lost, "confirmed");
		if (en->confirm.is_asked)
			asked_refuse(en, lost);
		confirm_finish(en, NULL, NULL);
	}
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

	if (phase == PHASE_REVERT && (ends || changes_rules(what))) {
		refusal_send(en, "the last commit is being taken back");
	} else if (ends && phase != PHASE_WAIT) {
		refusal_send(en, "nothing waits to be confirmed");
	} else if (strcmp(what, "confirm") == 0) {
		confirm_send(en->confirm.keeper, CONFIRM_KEEP, "");
		answer_delay(en, json_pack("{s:i}", "status", STATUS_OK));
	} else if (strcmp(what, "revert") == 0) {
		revert_begin(en);
		answer_delay(en, json_pack("{s:i}", "status", STATUS_OK));
	} else if (phase == PHASE_WAIT && changes_rules(what)) {
		refusal_send(en, "the last commit waits for 'confirm'; 'revert' takes it back");
	} else if (engine_worker_start(&en->request, en->app,
				       waits ? rules : en->asked) < 0) {
		refusal_send(en, "no process can be started");
	} else if (waits) {
		en->confirm.phase = PHASE_READ;
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
	} else if (!changes_rules(what) || en->confirm.phase == PHASE_READ) {
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
	} else if (en->has_peer &&
		   engine_wire_add(&en->out, kinds[pipe], buf, (size_t)n) < 0) {
		peer_close(en);
	}
}

#define FDS (3 + WORKER_PIPES)

/* A descriptor of -1 is ignored by poll(). */
static void fds_fill(const struct engine *en, struct pollfd fds[FDS])
{
	bool full = engine_wire_length(&en->out) > OUTPUT_MAX;

	fds[0] = (struct pollfd){ en->has_peer ? STDIN_FILENO : -1, POLLIN, 0 };
	fds[1] = (struct pollfd){ en->has_peer && engine_wire_length(&en->out) ? STDOUT_FILENO : -1,
				  POLLOUT, 0 };
	/* not before the answer to the commit that it is about */
	fds[2] = (struct pollfd){ en->confirm.phase > PHASE_EDIT ? en->confirm.keeper : -1,
				  POLLIN, 0 };
	for (int i = 0; i < WORKER_PIPES; i++)
		fds[3 + i] = (struct pollfd){ en->request.pid && !full ? en->request.fd[i] : -1,
					      POLLIN, 0 };
}

static void engine_step(struct engine *en)
{
	struct pollfd fds[FDS];

	fds_fill(en, fds);
	if (poll(fds, FDS, -1) < 0)
		return;
	if (fds[0].revents)
		peer_receive(en);
	if (fds[1].revents && en->has_peer && engine_wire_send(&en->out, STDOUT_FILENO) < 0)
		peer_close(en);
	for (int i = 0; i < WORKER_PIPES; i++)
		if (fds[3 + i].revents)
			worker_receive(en, &en->request, i);
	if (engine_worker_is_done(&en->request))
		request_finish(en);
	if (fds[2].revents && en->confirm.phase > PHASE_EDIT)
		keeper_receive(en);
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
	struct engine en = { .app = app, .has_peer = true, .confirm.keeper = -1 };

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
