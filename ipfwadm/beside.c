// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * beside.c - the other program, in the folder of this one; both link it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/beside.h"

int program_beside(char path[PATH_MAX], const char *name)
{
	char own[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);
	const char *slash;

	if (len < 0)
		return -errno;
	own[len] = '\0';
	slash = strrchr(own, '/');
	len = snprintf(path, PATH_MAX, "%.*s/%s", slash ? (int)(slash - own) : 0, own, name);
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}
