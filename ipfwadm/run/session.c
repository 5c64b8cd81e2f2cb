// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session.c - the connections of a script's commands.
 */
#include "ipfwadm/run/session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ipfwadm/run/client.h"

#define READ_MAX 65536

int session_listen(struct session *s, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path));
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* anybody may connect, in order to be refused in the words of 2.3.0 */
	if (s->listener < 0 || bind(s->listener, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    chmod(path, 0666) < 0 || listen(s->listener, SESSION_CLIENTS) < 0)
		return -errno;
	return 0;
}

static void client_close(struct session_client **c)
{
	close((*c)->fd);
	free((*c)->in);
	free((*c)->out.bytes);
	free(*c);
	*c = NULL;
}

static void client_accept(struct session *s, struct session_client **slot)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct session_client *c = fd < 0 ? NULL : calloc(1, sizeof(*c));
	socklen_t size = sizeof(struct ucred);

	if (c && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c->peer, &size) == 0) {
		c->fd = fd;
		*slot = c;
		return;
	}
	free(c);
	if (fd >= 0)
		close(fd);
}

/* Reads what there is; false: the client is gone, or sends no request. */
static bool client_read(struct session_client *c)
{
	char *bigger;
	ssize_t n;

	if (c->size - c->used < READ_MAX) {
		bigger = realloc(c->in, c->size + 2 * READ_MAX);
		if (!bigger)
			return false;
		c->in = bigger;
		c->size += 2 * READ_MAX;
	}
	n = read(c->fd, c->in + c->used, READ_MAX);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->used += (size_t)n;
	return n > 0 && session_request_is_valid(c->in, c->used);
}

/* Writes what fits; false: all of it has been written, or the client is gone. */
static bool client_write(struct session_client *c)
{
	ssize_t n = send(c->fd, c->out.bytes + c->written, c->out.len - c->written,
			 MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->written += (size_t)n;
	return c->written < c->out.len;
}

static void client_step(struct session *s, struct session_client **slot, short revents)
{
	struct session_client *c = *slot;
	bool stays = true;

	if (!c->out.len && revents)
		stays = client_read(c);
	if (stays && !c->out.len && session_request_is_complete(c->in, c->used)) {
		c->wake = s->clock + session_command_run(&s->commands, c->in, &c->peer, &c->out);
		stays = c->out.len;
	}
	if (revents & (POLLHUP | POLLERR) && c->wake > s->clock)
		stays = false;
	if (stays && c->out.len && c->wake <= s->clock)
		stays = client_write(c);
	if (!stays)
		client_close(slot);
}

/* One that sleeps has nothing to say, but may be gone. */
static short client_events(const struct session *s, const struct session_client *c)
{
	return !c || c->wake > s->clock ? 0 : c->out.len ? POLLOUT : POLLIN;
}

bool session_clock_jump(struct session *s)
{
	double first = 0;

	for (size_t i = 0; i < SESSION_CLIENTS; i++) {
		const struct session_client *c = s->client[i];

		if (c && c->wake > s->clock && (!first || c->wake < first))
			first = c->wake;
	}
	s->clock = first ? first : s->clock;
	return first;
}

void session_sleepers(const struct session *s,
		      void (*each)(void *ctx, const char *at, double seconds), void *ctx)
{
	for (size_t i = 0; i < SESSION_CLIENTS; i++) {
		const struct session_client *c = s->client[i];

		if (c && c->wake > s->clock)
			each(ctx, c->in + sizeof(struct client_request), c->wake - s->clock);
	}
}

/* One round; true: something was done. */
static bool session_step(struct session *s, struct pollfd *fds, size_t n, int timeout)
{
	struct pollfd *client = fds + n, *listener = client + SESSION_CLIENTS;
	struct session_client **free_slot = NULL;

	for (size_t i = 0; i < SESSION_CLIENTS; i++) {
		const struct session_client *c = s->client[i];

		client[i] = (struct pollfd){ .fd = c ? c->fd : -1,
					     .events = client_events(s, c) };
		free_slot = c ? free_slot : &s->client[i];
	}
	*listener = (struct pollfd){ .fd = free_slot ? s->listener : -1, .events = POLLIN };
	if (poll(fds, n + SESSION_CLIENTS + 1, timeout) <= 0)
		return false;
	for (size_t i = 0; i < SESSION_CLIENTS; i++)
		if (s->client[i] && client[i].revents)
			client_step(s, &s->client[i], client[i].revents);
	if (listener->revents)
		client_accept(s, free_slot);
	return true;
}

void session_serve(struct session *s, const int *fd, size_t n)
{
	struct pollfd fds[n + SESSION_CLIENTS + 1];
	bool ends = false;

	while (!ends) {
		for (size_t i = 0; i < n; i++)
			fds[i] = (struct pollfd){ .fd = fd[i], .events = POLLIN };
		session_step(s, fds, n, -1);
		for (size_t i = 0; i < n; i++)
			ends |= fds[i].revents != 0;
	}
	/* what was sent before the end; a bound, lest a loop in the background keeps us */
	for (size_t i = 0; i < n; i++)
		fds[i].fd = -1;
	for (int rounds = 0; rounds < 2 * SESSION_CLIENTS; rounds++)
		if (!session_step(s, fds, n, 0))
			break;
}

void session_close(struct session *s)
{
	for (size_t i = 0; i < SESSION_CLIENTS; i++)
		if (s->client[i])
			client_close(&s->client[i]);
	if (s->listener >= 0)
		close(s->listener);
	s->listener = -1;
	session_commands_free(&s->commands);
}
