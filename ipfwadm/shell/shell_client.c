// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_client.c - the connection to the engine.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipfwadm/shell/shell.h"

void shell_client_stop(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	engine_wire_free(&c->in);
	engine_wire_free(&c->out);
	c->pid = 0;	/* not waited for, because it may have a commit to take back */
}

/* Whether a commit that was sent is in force is found out afterwards. */
static void lost(struct shell *sh, const char *why)
{
	shell_client_stop(&sh->client);
	fflush(stdout);
	fprintf(stderr, "ipfwadm: the engine is lost (%s)\n", why);
	if (sh->staged.edits && !sh->is_committing)
		fprintf(stderr, "ipfwadm: nothing that is staged is in force; "
				"the %zu staged edits are kept\n",
			json_array_size(sh->staged.edits));
	if (sh->unconfirmed.edits)
		fputs("ipfwadm: the last commit was not confirmed, and is taken back\n", stderr);
	shell_transaction_free(&sh->unconfirmed);
}

/* The child process: stdin and stdout are one socket. */
static void engine_exec(char **argv, int fd)
{
	signal(SIGCHLD, SIG_DFL);
	if (dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	fprintf(stderr, "ipfwadm: cannot start '%s': %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int client_open(struct client *c)
{
	int both[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) < 0)
		return -errno;
	fflush(NULL);
	c->pid = fork();
	if (c->pid == 0)
		engine_exec(c->argv, both[1]);
	close(both[1]);
	c->fd = both[0];
	c->greeted = false;
	if (c->pid < 0) {
		shell_client_stop(c);
		return -EAGAIN;
	}
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static json_t *frame_json(const struct wire_frame *f)
{
	json_t *doc = json_loadb(f->payload, f->length, 0, NULL);

	if (json_is_object(doc))
		return doc;
	json_decref(doc);
	return NULL;
}

static bool hello_receive(struct client *c, const struct wire_frame *f)
{
	json_t *doc = frame_json(f);

	c->greeted = doc && json_integer_value(json_object_get(doc, "protocol")) ==
			    ENGINE_PROTOCOL;
	json_decref(doc);
	return c->greeted;
}

static void notice_receive(struct shell *sh, const struct wire_frame *f)
{
	json_t *doc = frame_json(f);

	fflush(stdout);
	fprintf(stderr, "ipfwadm: %s\n", shell_answer_text(doc, "text"));
	if (json_is_true(json_object_get(doc, "reverted")))
		shell_unconfirmed_restage(sh);
	if (json_is_true(json_object_get(doc, "confirmed")))
		shell_transaction_free(&sh->unconfirmed);
	json_decref(doc);
}

/* Control characters, of a comment say, must not reach the terminal. */
static void text_clean(const struct shell *sh, struct wire_frame *f)
{
	for (size_t i = 0; sh->interactive && i < f->length; i++) {
		unsigned char c = (unsigned char)f->payload[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			f->payload[i] = '?';
	}
}

/* Not paged. */
static void errors_print(const struct wire_frame *f)
{
	fflush(stdout);
	fwrite(f->payload, 1, f->length, stderr);
}

/* An ANSWER sets *answer.  False: the frame breaks the protocol. */
static bool frame_receive(struct shell *sh, struct wire_frame *f, json_t **answer,
		       bool *enough)
{
	if (!sh->client.greeted)
		return f->kind == ENGINE_HELLO && hello_receive(&sh->client, f);
	switch (f->kind) {
	case ENGINE_OUTPUT:
		text_clean(sh, f);
		*enough |= !shell_page_write(f->payload, f->length);
		return true;
	case ENGINE_ERRORS:
		text_clean(sh, f);
		errors_print(f);
		return true;
	case ENGINE_NOTICE:
		notice_receive(sh, f);
		return true;
	case ENGINE_ANSWER:
		*answer = frame_json(f);
		return *answer;
	default:
		return false;
	}
}

/* Waits until the socket is ready or a signal came. */
static void client_wait(const struct client *c)
{
	struct pollfd fds[] = {
		{ c->fd, POLLIN | (engine_wire_length(&c->out) ? POLLOUT : 0), 0 },
		{ shell_interrupt_fd(), POLLIN, 0 },
	};

	poll(fds, 2, -1);
}

/* Reads all frames that are there.  0, or -errno: the engine is lost. */
static long frames_receive(struct shell *sh, json_t **answer, bool *enough)
{
	struct client *c = &sh->client;
	struct wire_frame f;
	long n = engine_wire_receive(&c->in, c->fd);
	int more;

	if (n == 0)
		n = -EPIPE;
	while ((more = engine_wire_next(&c->in, &f)) > 0)
		if (!frame_receive(sh, &f, answer, enough))
			return -EPROTO;
	if (more < 0)
		return more;
	return n == -EAGAIN || n > 0 || *answer ? 0 : n;
}

int shell_client_start(struct shell *sh)
{
	bool enough = false;
	json_t *answer = NULL;
	long err = sh->client.fd >= 0 ? 0 : client_open(&sh->client);

	while (!err && !sh->client.greeted) {
		client_wait(&sh->client);
		if (shell_interrupted())
			err = -EINTR;
		else
			err = frames_receive(sh, &answer, &enough);
	}
	json_decref(answer);
	if (err)
		lost(sh, strerror((int)-err));
	return err ? -1 : 0;
}

json_t *shell_client_call(struct shell *sh, json_t *request)
{
	struct client *c = &sh->client;
	bool enough = false, cancelled = false;
	json_t *answer = NULL;
	long err = 0;

	if (!request || shell_client_start(sh) < 0) {
		json_decref(request);
		return NULL;
	}
	err = engine_wire_add_json(&c->out, ENGINE_REQUEST, request);
	json_decref(request);
	while (!err && !answer) {
		if ((shell_interrupted() || enough) && !cancelled) {
			cancelled = true;
			shell_interrupted_clear();
			err = engine_wire_add(&c->out, ENGINE_CANCEL, NULL, 0);
		}
		if (!err)
			err = engine_wire_send(&c->out, c->fd);
		if (!err) {
			client_wait(c);
			err = frames_receive(sh, &answer, &enough);
		}
	}
	if (!answer)
		lost(sh, err == -EPIPE ? "it ended" : strerror((int)-err));
	return answer;
}

int shell_client_ask(struct shell *sh, json_t *request, json_t **answer)
{
	*answer = shell_client_call(sh, request);
	shell_answer_report(*answer);
	return shell_answer_status(*answer);
}

void shell_client_receive(struct shell *sh)
{
	bool enough = false;
	json_t *answer = NULL;
	long err = sh->client.fd < 0 ? 0 : frames_receive(sh, &answer, &enough);

	json_decref(answer);
	if (err)
		lost(sh, err == -EPIPE ? "it ended" : strerror((int)-err));
}
