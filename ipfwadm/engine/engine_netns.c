// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_netns.c - which network namespace this is.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ipfwadm/engine/engine_private.h"

#define NAMED "/run/netns"	/* where `ip netns' keeps names */

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool name_find(const struct stat *own, char *buf, size_t size)
{
	DIR *dir = opendir(NAMED);
	const struct dirent *entry;
	struct stat st;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		found = fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && same(own, &st);
		if (found)
			snprintf(buf, size, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

void engine_netns_name(char *buf, size_t size)
{
	struct stat own, first;

	buf[0] = '\0';
	if (stat("/proc/self/ns/net", &own) < 0 || name_find(&own, buf, size))
		return;
	/* who may not look at the first process does not know, and says nothing */
	if (stat("/proc/1/ns/net", &first) == 0 && !same(&own, &first))
		snprintf(buf, size, "net:%lu", (unsigned long)own.st_ino);
}
