// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_worker.c - a process for one request, whose output is captured.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipfwadm/engine/engine.h"

static void answer_write(int fd, const json_t *answer)
{
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	size_t left = text ? strlen(text) : 0;
	const char *p = text;

	while (left) {
		ssize_t n = write(fd, p, left);

		if (n < 0 && errno != EINTR)
			break;
		p += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
}

/* The child process.  stdout and stderr become pipes to the engine. */
static void worker_main(struct app *app, const json_t *request, const int end[WORKER_PIPES],
			pid_t engine)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != engine)
		_exit(STATUS_FAILED);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(end[WORKER_OUTPUT], STDOUT_FILENO) < 0 ||
	    dup2(end[WORKER_ERRORS], STDERR_FILENO) < 0)
		_exit(STATUS_FAILED);
	app_json_exhausted();	/* failures of the engine are not ours */
	answer_write(end[WORKER_ANSWER], engine_request(app, request));
	fflush(NULL);
	_exit(STATUS_OK);
}

static void pipes_close(int fd[WORKER_PIPES])
{
	for (int i = 0; i < WORKER_PIPES; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

static int pipes_open(int ours[WORKER_PIPES], int theirs[WORKER_PIPES])
{
	int both[2];

	for (int i = 0; i < WORKER_PIPES; i++)
		ours[i] = theirs[i] = -1;
	for (int i = 0; i < WORKER_PIPES; i++) {
		if (pipe2(both, O_CLOEXEC) < 0)
			return -errno;
		ours[i] = both[0];
		theirs[i] = both[1];
	}
	return 0;
}

int engine_worker_start(struct engine_worker *w, struct app *app, const json_t *request)
{
	pid_t engine = getpid();
	int theirs[WORKER_PIPES];
	int err = pipes_open(w->fd, theirs);

	w->answer = (struct engine_wire){ .buf = NULL };
	w->cancelled = false;
	if (!err) {
		w->pid = fork();
		err = w->pid < 0 ? -errno : 0;
	}
	if (!err && w->pid == 0)
		worker_main(app, request, theirs, engine);
	pipes_close(theirs);
	if (err) {
		pipes_close(w->fd);
		w->pid = 0;
	}
	return err;
}

void engine_worker_cancel(struct engine_worker *w)
{
	if (w->pid && !w->cancelled)
		kill(w->pid, SIGTERM);
	w->cancelled = true;
}

long engine_worker_read(struct engine_worker *w, int pipe, char *buf, size_t size)
{
	ssize_t n = read(w->fd[pipe], buf, size);

	if (n < 0 && errno == EINTR)
		return -EAGAIN;
	if (n > 0)
		return n;
	close(w->fd[pipe]);
	w->fd[pipe] = -1;
	return 0;
}

bool engine_worker_is_done(const struct engine_worker *w)
{
	for (int i = 0; i < WORKER_PIPES; i++)
		if (w->fd[i] >= 0)
			return false;
	return w->pid;
}

static json_t *death_answer(const struct engine_worker *w, int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	char text[80];

	if (w->cancelled)
		return json_pack("{s:i, s:s}", "status", 128 + SIGINT, "error", "interrupted");
	snprintf(text, sizeof(text), signal ? "the command was ended by signal %d" :
					      "the command ended without an answer", signal);
	return json_pack("{s:i, s:s, s:b}", "status", STATUS_FAILED, "error", text,
			 "unknown", 1);
}

json_t *engine_worker_end(struct engine_worker *w)
{
	json_t *answer = json_loadb(w->answer.buf ? w->answer.buf : "",
				    engine_wire_length(&w->answer), 0, NULL);
	int status = 0;

	pipes_close(w->fd);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	engine_wire_free(&w->answer);
	return answer ? answer : death_answer(w, status);
}
