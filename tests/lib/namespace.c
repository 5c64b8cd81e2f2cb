// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * namespace.c - network namespaces without a name.
 */
#include "tests/lib/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int namespace_new(void)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = open("/proc/thread-self/ns/net", O_RDONLY); /* NOLINT: commands inherit it */
	return fd < 0 ? -errno : fd;
}

int namespace_enter(int ns)
{
	return setns(ns, CLONE_NEWNET) ? -errno : 0;
}

int namespace_sysctl(const char *name, const char *value)
{
	char path[256];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* A file without a name that holds text, read from its start. */
static int text_file(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (write(fd, text ? text : "", len) != (ssize_t)len || lseek(fd, 0, SEEK_SET)) {
		close(fd);
		return -EIO;
	}
	return fd;
}

int namespace_run(const char *command, const char *text)
{
	int input = text_file(text), status;
	pid_t pid;

	if (input < 0)
		return input;
	pid = fork();
	if (pid == 0) {
		dup2(input, STDIN_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(input);
	if (pid < 0)
		return -errno;
	if (waitpid(pid, &status, 0) != pid || status)
		return -EIO;
	return 0;
}
