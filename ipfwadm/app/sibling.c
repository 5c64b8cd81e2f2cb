// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sibling.c - the other program, in the folder of this one; both link it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "ipfwadm/app/sibling.h"

/* The path of this program; where there is no /proc, as it was started. */
static void own_path(char own[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", own, PATH_MAX - 1);

	if (len < 0)
		len = snprintf(own, PATH_MAX, "%s", (const char *)getauxval(AT_EXECFN));
	own[len < PATH_MAX ? len : PATH_MAX - 1] = '\0';
}

int sibling_path(char path[PATH_MAX], const char *name)
{
	char own[PATH_MAX];
	const char *slash;
	int len;

	own_path(own);
	slash = strrchr(own, '/');
	len = snprintf(path, PATH_MAX, "%.*s%s", slash ? (int)(slash + 1 - own) : 0, own,
		       name);
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}
