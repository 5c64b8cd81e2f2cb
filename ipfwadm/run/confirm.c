// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * confirm.c - starting, finding and telling the process that takes a change back.
 */
#include "ipfwadm/run/confirm.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/ruleset.h"
#include "ipfwadm/format/saved.h"
#include "ipfwadm/run/confirm_keeper.h"

int confirm_connect(const char *backend, struct fw_error *e)
{
	struct sockaddr_un a;
	socklen_t size = confirm_address(backend, &a), cred_size = sizeof(struct ucred);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct ucred peer;

	if (fd < 0)
		return fw_error_set(e, errno, "cannot make a socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&a, size) < 0) {
		fw_error_set(e, errno == ECONNREFUSED ? ENOENT : errno,
			     "nothing waits to be confirmed");
	} else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &cred_size) < 0 ||
		   (peer.uid && peer.uid != geteuid())) {
		fw_error_set(e, EPERM, "process %d of user %u pretends to hold the rules",
			     (int)peer.pid, peer.uid);
	} else {
		return fd;
	}
	close(fd);
	return -e->code;
}

/* Whose change is it that waits? */
static int holder_report(const char *backend, struct fw_error *e)
{
	char text[CONFIRM_TEXT_MAX];
	int fd = confirm_connect(backend, e);

	if (fd >= 0) {
		if (confirm_send(fd, CONFIRM_ASK, "") < 0 ||
		    confirm_receive(fd, text) != CONFIRM_ABOUT)
			strcpy(text, "another one");
		fw_error_set(e, EBUSY, "a change waits to be confirmed: %.200s", text);
		close(fd);
	}
	return -EBUSY;
}

/* The new process is nobody's child: its parent has ended. */
static int process_start(struct confirm_keeper *k, int other)
{
	pid_t pid = fork();

	if (pid == 0) {
		close(other);
		pid = fork();
		if (pid == 0)
			confirm_keeper_main(k);
		_exit(pid < 0);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int confirm_start(const struct app *app, const struct confirm_start *start,
		  struct fw_error *e)
{
	struct confirm_keeper k = { .app = app, .start = start };
	char text[CONFIRM_TEXT_MAX];
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fw_error_set(e, errno, "cannot make a socket: %s", strerror(errno));
	k.client[0] = pair[1];
	err = process_start(&k, pair[0]);
	close(pair[1]);
	if (err)
		fw_error_set(e, -err, "no process can be started: %s", strerror(-err));
	else
		switch (confirm_receive(pair[0], text)) {
		case CONFIRM_READY:
			return pair[0];
		case CONFIRM_REFUSED:
			err = holder_report(start->backend, e);
			break;
		default:
			err = fw_error_set(e, EIO, "the process that would take the change "
						   "back has ended");
		}
	close(pair[0]);
	return err;
}

int confirm_change_begin(const struct app *app, struct backend *b, const char *what,
			 unsigned int seconds, int *fd, struct fw_error *e)
{
	struct confirm_start start = {
		.starter = getpid(), .what = what, .seconds = seconds,
		.backend = app->backend ? app->backend : b->ops->name,
	};
	struct fw_ruleset before;
	char *text = NULL;
	size_t len;
	int err;

	if (app->staged)
		return fw_error_set(e, EOPNOTSUPP, "in a script that 'run' carries out nothing is "
						   "in force yet");
	fw_ruleset_init(&before);
	err = b->ops->load(b, &before, e);
	if (!err && saved_text(&before, NULL, SAVED_ALL_COUNTERS, &text, &len) < 0)
		err = fw_error_set(e, ENOMEM, "out of memory");
	start.before = text;
	if (!err)
		err = *fd = confirm_start(app, &start, e);
	free(text);
	fw_ruleset_free(&before);
	return err < 0 ? err : 0;
}

int confirm_change_end(int fd, int err)
{
	confirm_send(fd, err ? CONFIRM_CANCEL : CONFIRM_MADE, "");
	if (!err)
		return fd;
	close(fd);
	return -1;
}

unsigned int confirm_seconds_parse(const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	return *end || end == word || *word == '-' || n > CONFIRM_SECONDS_MAX ? 0 :
		(unsigned int)n;
}

/* What has become of the change; closes fd. */
static int result_report(const struct app *app, int fd)
{
	char text[CONFIRM_TEXT_MAX];
	int kind;

	while ((kind = confirm_receive(fd, text)) == CONFIRM_DELAYED)
		app_error(app, "the rules cannot be put back: %s; it is tried again every second",
			  text);
	close(fd);
	if (kind == CONFIRM_KEPT)
		return STATUS_OK;
	if (kind == CONFIRM_REVERTED)
		app_error(app, "not confirmed: the rules are what they were before");
	else if (kind == CONFIRM_REFUSED)
		app_error(app, "%s", text);
	else
		app_error(app, "the process that would take the rules back has ended");
	return STATUS_FAILED;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* A line of the terminal: whether it is an answer; what it says is sent. */
static bool answer_read(int fd)
{
	char line[80];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line));

	if (n > 0 && strchr("yYnN", line[0])) {
		confirm_send(fd, strchr("yY", line[0]) ? CONFIRM_KEEP : CONFIRM_REVERT, "");
		return true;
	}
	return n <= 0;
}

int confirm_prompt(const struct app *app, int fd, unsigned int seconds)
{
	long long end = now_ms() + seconds * 1000LL, left;
	struct pollfd fds[] = { { fd, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
	sigset_t none;

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		app_note(app, "the rules go back in %u s unless 'ipfwadm confirm' keeps them",
			  seconds);
		close(fd);
		return STATUS_OK;
	}
	/* Whoever ends this process here still has the other one. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	while (!fds[0].revents && (left = end - now_ms()) > 0) {
		fprintf(stderr, "\rKeep the new rules? They go back in %lld s (y/n) ",
			(left + 999) / 1000);
		fflush(stderr);
		if (poll(fds, 2, (int)(left % 1000) + 1) > 0 && fds[1].revents &&
		    answer_read(fd))
			break;
	}
	fputc('\n', stderr);
	return result_report(app, fd);
}

int confirm_run(struct app *app, int argc, char **argv)
{
	struct fw_error e;
	int fd;

	if (argc != 1)
		return app_word_refuse(app, argv[0], argv[0], argv[1], NULL);
	fd = confirm_connect(app->backend, &e);
	if (fd < 0) {
		app_error(app, "%s", e.text);
		return STATUS_FAILED;
	}
	confirm_send(fd, CONFIRM_KEEP, "");
	return result_report(app, fd);
}
