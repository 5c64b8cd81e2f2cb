// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client.c - the other end of a session: sends a command, prints what it answers.
 */
#include "ipfwadm/run/client.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "compat/overlay.h"

static int failure(const char *name, const char *what)
{
	dprintf(STDERR_FILENO, "%s: %s\n", name, what);
	return 1;
}

static int bytes_write(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		p += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Returns len, less at the end of the connection. */
static size_t bytes_read(int fd, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)buf + got, len - got);

		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	return got;
}

/* A connected socket, or -errno. */
static int session_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;
	struct ucred peer = { 0 };
	socklen_t size = sizeof(peer);

	if (fd < 0)
		return -errno;
	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);	/* a longer one is not there */
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		err = -errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
		 (peer.uid && peer.uid != geteuid()))
		err = -EPERM;
	if (err)
		close(fd);
	return err ? err : fd;
}

/* malloc'ed; NULL: no memory, or too long */
static char *request_make(int argc, char **argv, size_t *size)
{
	const char *at = getenv(CLIENT_LINE);
	struct client_request r = { .argc = (uint32_t)argc };
	char cwd[PATH_MAX] = "", *buf, *p;
	size_t strings;

	at = at ? at : "";
	if (!getcwd(cwd, sizeof(cwd)))
		cwd[0] = '\0';
	strings = strlen(at) + strlen(cwd) + 2;
	for (int i = 0; i < argc; i++)
		strings += strlen(argv[i]) + 1;
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		r.terminals |= isatty(fd) ? 1u << fd : 0;
	r.size = (uint32_t)strings;
	buf = strings <= CLIENT_REQUEST_MAX ? malloc(sizeof(r) + strings) : NULL;
	if (!buf)
		return NULL;
	p = stpcpy(stpcpy((char *)memcpy(buf, &r, sizeof(r)) + sizeof(r), at) + 1, cwd) + 1;
	for (int i = 0; i < argc; i++)
		p = stpcpy(p, argv[i]) + 1;
	*size = sizeof(r) + strings;
	return buf;
}

const char *client_tool(size_t i)
{
	static const char *const names[] = {
		"ifconfig", "route", "netstat", "uname", "modprobe", "insmod", "rmmod",
	};

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

static int is_tool(const char *name)
{
	size_t i = 0;

	while (client_tool(i) && strcmp(client_tool(i), name) != 0)
		i++;
	return client_tool(i) != NULL;
}

static int is_client(const char *path)
{
	struct stat own, other;

	return stat("/proc/self/exe", &own) < 0 || stat(path, &other) < 0 ||
	       (own.st_dev == other.st_dev && own.st_ino == other.st_ino);
}

int client_system_execute(const char *name, char **argv)
{
	const char *folders = getenv("PATH");
	char path[PATH_MAX], *list = NULL, *rest, *folder;

	if (asprintf(&list, "/usr/sbin/%s:/sbin/%s:/usr/bin/%s:/bin/%s:%s", OVERLAY_COVERED,
		     OVERLAY_COVERED, OVERLAY_COVERED, OVERLAY_COVERED, folders ? folders : "") < 0)
		return failure(name, strerror(ENOMEM));
	for (folder = strtok_r(list, ":", &rest); folder; folder = strtok_r(NULL, ":", &rest))
		if (snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
		    !is_client(path))
			execv(path, argv);
	free(list);
	dprintf(STDERR_FILENO, "%s: command not found\n", name);
	return 127;
}

/*
 * Prints the answer: the exit status, -1 if the session ends before there is one, or
 * -CLIENT_SYSTEM, to a tool alone.
 */
static int answer_print(int fd, const char *name)
{
	struct client_answer a;
	char buf[16384];

	for (;;) {
		if (bytes_read(fd, &a, sizeof(a)) < sizeof(a))
			return -1;
		if (a.kind == CLIENT_STATUS)
			return (int)(a.value & 255);
		if (a.kind == CLIENT_SYSTEM)
			return -CLIENT_SYSTEM;
		for (size_t n; a.value; a.value -= (uint32_t)n) {
			n = bytes_read(fd, buf, a.value < sizeof(buf) ? a.value : sizeof(buf));
			if (!n)
				return -1;
			if (bytes_write(a.kind == CLIENT_STDOUT ? 1 : 2, buf, n) < 0)
				return failure(name, "cannot write output");
		}
	}
}

/* Of a tool nothing goes wrong for want of a session. */
static int session_ask(const char *path, int is_tool, int argc, char **argv)
{
	char *request = NULL;
	size_t size = 0;
	int fd, status;

	/* an end without an answer: the script has ended, or the session was killed */
	for (status = -1; status == -1; free(request)) {
		fd = session_connect(path);
		if (fd == -ENOENT || (fd < 0 && is_tool))
			return -1;
		if (fd == -ECONNREFUSED)
			return failure(argv[0], "the session of 'ipfwadm run' was killed");
		if (fd < 0)
			return failure(argv[0], strerror(-fd));
		request = request_make(argc, argv, &size);
		if (!request)
			status = failure(argv[0], strerror(ENOMEM));
		else if (send(fd, request, size, MSG_NOSIGNAL) == (ssize_t)size)
			status = answer_print(fd, argv[0]);
		close(fd);
	}
	return status;
}

int client_run(int argc, char **argv)
{
	const char *path = getenv(CLIENT_SESSION), *name;
	int status, tool;

	if (!path || argc < 1)
		return -1;
	name = strrchr(argv[0], '/');
	name = name ? name + 1 : argv[0];
	tool = is_tool(name);
	status = session_ask(path, tool, argc, argv);
	return status < 0 && tool ? client_system_execute(name, argv) : status;
}
