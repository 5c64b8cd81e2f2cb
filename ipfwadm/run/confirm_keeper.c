// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * confirm_keeper.c - the process that holds rules to go back to.
 *
 * Nothing is allocated once it is ready, but in the process that puts the rules back.
 */
#include "ipfwadm/run/confirm_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/format/counters.h"

#define RETRY_MS 1000

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void all_send(const struct confirm_keeper *k, enum confirm_message kind, const char *text)
{
	for (int i = 0; i < CONFIRM_CLIENTS; i++)
		if (k->client[i])
			confirm_send(k->client[i], kind, text);
}

/*
 * Puts the rules back.  Those in force need not be readable: a change that was cut off is
 * replaced whatever it left.  Rules that are in both sets keep the counters they have.
 */
static int rules_replace(const struct confirm_keeper *k, struct fw_error *e)
{
	const char *text = k->start->before;
	struct fw_interfaces ifs = { 0 };
	struct fw_ruleset now, before;
	struct fw_error ignored;
	struct backend b;
	int err = backend_open(&b, k->start->backend, k->app->format, false, e);

	if (err)
		return err;
	b.mark_mask = k->app->mark_mask;
	b.log_group = k->app->log_group;
	fw_ruleset_init(&now);
	fw_ruleset_init(&before);
	err = k->app->format->read("before", text, strlen(text), &before, &ifs, e);
	if (!err && b.ops->load(&b, &now, &ignored) == 0 && counters_copy(&before, &now) < 0)
		err = fw_error_set(e, ENOMEM, "out of memory");
	if (!err)
		err = b.ops->replace(&b, &before, e);
	backend_close(&b);
	return err;
}

/* GONE: the folder of the simulator's file, so that no rules are left to be replaced. */
enum attempt { ATTEMPT_DONE, ATTEMPT_FAILED, ATTEMPT_GONE };

/* In a process of its own: a library may end it. */
static enum attempt revert_attempt(const struct confirm_keeper *k, char text[CONFIRM_TEXT_MAX])
{
	struct fw_error e = { .text = "" };
	int pipe[2], status = -1;
	ssize_t n = 0;
	pid_t pid;

	snprintf(text, CONFIRM_TEXT_MAX, "no process can be started");
	if (pipe2(pipe, O_CLOEXEC) < 0)
		return ATTEMPT_FAILED;
	pid = fork();
	if (pid == 0) {
		int err = rules_replace(k, &e);

		if (err && write(pipe[1], e.text, strlen(e.text)) < 0)
			_exit(ATTEMPT_FAILED);
		_exit(!err ? ATTEMPT_DONE : err == -ENOENT ? ATTEMPT_GONE : ATTEMPT_FAILED);
	}
	close(pipe[1]);
	if (pid > 0) {
		n = read(pipe[0], text, CONFIRM_TEXT_MAX - 1);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (n > 0)
			text[n] = '\0';
		else
			snprintf(text, CONFIRM_TEXT_MAX, "the attempt ended by itself");
	}
	close(pipe[0]);
	if (!status)
		return ATTEMPT_DONE;
	return WIFEXITED(status) && WEXITSTATUS(status) == ATTEMPT_GONE &&
	       !app_backend_is_kernel(k->start->backend) ? ATTEMPT_GONE : ATTEMPT_FAILED;
}

static void revert_begin(struct confirm_keeper *k)
{
	k->reverts = true;
	k->deadline = now_ms();
}

/* At the deadline: ends the process, or tries again later. */
static void revert(struct confirm_keeper *k)
{
	char text[CONFIRM_TEXT_MAX];
	enum attempt result = revert_attempt(k, text);

	k->reverts = true;
	if (result == ATTEMPT_GONE) {
		all_send(k, CONFIRM_REFUSED, text);
		_exit(1);
	}
	if (result == ATTEMPT_DONE) {
		if (k->is_made || !k->client[0]) {
			all_send(k, CONFIRM_REVERTED, "");
			_exit(0);
		}
		/* what is still being made will be taken back, too */
		k->deadline = now_ms() + CONFIRM_SECONDS_MAX * 1000LL;
		return;
	}
	if (!k->is_delayed)
		all_send(k, CONFIRM_DELAYED, text);
	k->is_delayed = true;
	k->deadline = now_ms() + RETRY_MS;
}

static void about_send(const struct confirm_keeper *k, int fd)
{
	char text[CONFIRM_TEXT_MAX];
	long long left = (k->deadline - now_ms() + 999) / 1000;

	if (k->reverts)
		snprintf(text, sizeof(text), "%s, is being taken back", k->about);
	else
		snprintf(text, sizeof(text), "%s, %lld s left", k->about, left);
	confirm_send(fd, CONFIRM_ABOUT, text);
}

static void message_receive(struct confirm_keeper *k, int *client)
{
	char text[CONFIRM_TEXT_MAX];
	int kind = confirm_receive(*client, text);
	bool is_starter = client == k->client;

	if (kind <= 0) {
		close(*client);
		*client = 0;
		if (is_starter && (!k->is_made || k->start->is_tied))
			revert_begin(k);
	} else if (kind == CONFIRM_ASK) {
		about_send(k, *client);
	} else if (kind == CONFIRM_REVERT && !k->reverts && (is_starter || k->is_made)) {
		k->is_made = true;
		revert_begin(k);
	} else if (kind == CONFIRM_KEEP && !k->reverts && k->is_made) {
		all_send(k, CONFIRM_KEPT, "");
		_exit(0);
	} else if (kind == CONFIRM_KEEP) {
		confirm_send(*client, CONFIRM_REFUSED, k->reverts ?
			     "too late: the rules are being put back" :
			     "too early: the change is still being made");
	} else if (kind == CONFIRM_MADE && is_starter) {
		k->is_made = true;
		k->deadline = now_ms() + (k->reverts ? 0 : k->start->seconds * 1000LL);
	} else if (kind == CONFIRM_CANCEL && is_starter) {
		_exit(0);
	}
}

static void client_accept(struct confirm_keeper *k)
{
	int fd = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC);
	socklen_t size = sizeof(struct ucred);
	struct ucred peer = { 0 };

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid()))
		for (int i = 1; i < CONFIRM_CLIENTS; i++)
			if (!k->client[i]) {
				k->client[i] = fd;
				return;
			}
	close(fd);
}

static void step(struct confirm_keeper *k)
{
	struct pollfd fds[CONFIRM_CLIENTS + 1];
	long long left = k->deadline - now_ms();

	for (int i = 0; i < CONFIRM_CLIENTS; i++)
		fds[i] = (struct pollfd){ k->client[i] ? k->client[i] : -1, POLLIN, 0 };
	fds[CONFIRM_CLIENTS] = (struct pollfd){ k->listener, POLLIN, 0 };
	if (left > 0 && poll(fds, CONFIRM_CLIENTS + 1, (int)left) > 0) {
		for (int i = 0; i < CONFIRM_CLIENTS; i++)
			if (fds[i].revents)
				message_receive(k, &k->client[i]);
		if (fds[CONFIRM_CLIENTS].revents)
			client_accept(k);
	}
	if (now_ms() >= k->deadline)
		revert(k);
}

/* Keeps no descriptor but its own; what libraries have open is the starter's. */
static void descriptors_take(struct confirm_keeper *k)
{
	const char *terminal = ttyname(STDERR_FILENO);
	int null;

	snprintf(k->about, sizeof(k->about), "'ipfwadm %.80s' of process %d, user %u%s%.40s",
		 k->start->what, (int)k->start->starter, geteuid(), terminal ? ", on " : "",
		 terminal ? terminal : "");
	null = open("/dev/null", O_RDWR | O_NOCTTY);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	dup2(k->client[0], STDERR_FILENO + 1);
	k->client[0] = STDERR_FILENO + 1;
	fcntl(k->client[0], F_SETFD, FD_CLOEXEC);
	close_range(STDERR_FILENO + 2, ~0U, 0);
}

static int listener_open(struct confirm_keeper *k)
{
	struct sockaddr_un a;
	socklen_t size = confirm_address(k->start->backend, &a);

	k->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (k->listener < 0 || bind(k->listener, (const struct sockaddr *)&a, size) < 0 ||
	    listen(k->listener, CONFIRM_CLIENTS) < 0)
		return -errno;
	return 0;
}

void confirm_keeper_main(struct confirm_keeper *k)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP,
				       SIGTTIN, SIGTTOU };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < FW_COUNT(ignored); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	descriptors_take(k);
	setsid();
	prctl(PR_SET_NAME, "ipfwadm-confirm");
	if (listener_open(k) < 0) {
		confirm_send(k->client[0], CONFIRM_REFUSED, "");
		_exit(1);
	}
	/* as long as the change is being made, too */
	k->deadline = now_ms() + k->start->seconds * 1000LL;
	confirm_send(k->client[0], CONFIRM_READY, "");
	for (;;)
		step(k);
}
