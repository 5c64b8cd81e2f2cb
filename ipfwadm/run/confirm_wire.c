// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * confirm_wire.c - the messages to and from the process that takes a change back.
 */
#include "ipfwadm/run/confirm_wire.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel's rules have one name in each network namespace, each simulator its own. */
socklen_t confirm_address(const char *backend, struct sockaddr_un *a)
{
	char file[PATH_MAX] = "";
	uint64_t h = 14695981039346656037u;
	int len;

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!backend || strncmp(backend, "sim", 3) != 0) {
		len = snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "ipfwadm-confirm");
	} else {
		if (backend[3] != ':' || !realpath(backend + 4, file))
			snprintf(file, sizeof(file), "%s of %u", backend, geteuid());
		for (const char *p = file; *p; p++)
			h = (h ^ (unsigned char)*p) * 1099511628211u;
		len = snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1,
			       "ipfwadm-confirm-sim-%016" PRIx64, h);
	}
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

int confirm_send(int fd, enum confirm_message kind, const char *text)
{
	char buf[CONFIRM_TEXT_MAX];
	int n = snprintf(buf, sizeof(buf), "%c%.300s", kind, text);

	return send(fd, buf, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

int confirm_receive(int fd, char text[CONFIRM_TEXT_MAX])
{
	char buf[CONFIRM_TEXT_MAX] = "";
	ssize_t n;

	do
		n = recv(fd, buf, sizeof(buf) - 1, 0);
	while (n < 0 && errno == EINTR);
	text[0] = '\0';
	if (n <= 0)
		return n < 0 ? -errno : 0;
	memcpy(text, buf + 1, (size_t)n);
	text[n - 1] = '\0';
	return (unsigned char)buf[0];
}
