// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iptables_fails.c - a kernel whose iptables lacks something, for LD_PRELOAD.
 *
 *	IPTABLES_FAIL_AT=N	the Nth table to be replaced is refused for want of memory
 *	IPTABLES_LACKS=NAME	there is no match or target of this name
 *	IPTABLES_NONE=1		there are no legacy tables
 *	IPTABLES_REPLACED=FILE	grows by a byte for each table that is replaced
 */
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SET_REPLACE 64
#define GET_FIRST 64
#define GET_REVISION_MATCH 66
#define GET_REVISION_TARGET 67

static int lacks(const void *data, size_t size)
{
	const char *name = getenv("IPTABLES_LACKS");

	return name && memmem(data, size, name, strlen(name) + 1);
}

static void replaced_note(void)
{
	const char *path = getenv("IPTABLES_REPLACED");
	FILE *out = path ? fopen(path, "a") : NULL;

	if (out) {
		fputc('.', out);
		fclose(out);
	}
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

int setsockopt(int fd, int level, int option, const void *data, socklen_t size)
{
	static int replaced;
	const char *at = getenv("IPTABLES_FAIL_AT");
	int (*next)(int, int, int, const void *, socklen_t) = dlsym(RTLD_NEXT, "setsockopt");

	if (level == IPPROTO_IP && option == SET_REPLACE) {
		if (at && ++replaced == atoi(at)) /* NOLINT: a number of the suite's own */
			return refuse(ENOMEM);
		if (lacks(data, size))
			return refuse(ENOENT);
		replaced_note();
	}
	return next(fd, level, option, data, size);
}

int getsockopt(int fd, int level, int option, void *data, socklen_t *size)
{
	int (*next)(int, int, int, void *, socklen_t *) = dlsym(RTLD_NEXT, "getsockopt");

	if (level == IPPROTO_IP && option >= GET_FIRST && option <= GET_REVISION_TARGET &&
	    getenv("IPTABLES_NONE"))
		return refuse(ENOPROTOOPT);
	if (level == IPPROTO_IP && option >= GET_REVISION_MATCH &&
	    option <= GET_REVISION_TARGET && lacks(data, *size))
		return refuse(ENOENT);
	return next(fd, level, option, data, size);
}
