// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preload_path.c - which paths are files of 2.0: /proc/net/NAME and what is the same,
 * /proc/self/net/NAME, //proc//net/NAME and NAME in that directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat/preload_path.h"

/* Skips the component of *path, if that is its name, and the slashes around it. */
static bool component_is(const char **path, const char *name)
{
	size_t skip = strspn(*path, "/"), len = strcspn(*path + skip, "/");

	if (len != strlen(name) || strncmp(*path + skip, name, len) != 0)
		return false;
	*path += skip + len;
	*path += strspn(*path, "/");
	return true;
}

/* The same, for the number of a process. */
static bool component_is_process(const char **path)
{
	size_t len = strspn(*path, "0123456789");

	if (!len || (*path)[len] != '/')
		return false;
	*path += len;
	*path += strspn(*path, "/");
	return true;
}

/* Is that the name of a file, or the last component of it? */
static bool is_last_component(const char *component)
{
	for (int i = 0; i < PROC_FILES; i++) {
		const char *last = strrchr(proc_file_names[i], '/');

		if (!strcmp(component, last ? last + 1 : proc_file_names[i]))
			return true;
	}
	return false;
}

static int net_file(const char *path)
{
	char full[64];

	if (!component_is(&path, PROC_MASQ_FOLDER))
		return proc_file_find(path);
	snprintf(full, sizeof(full), PROC_MASQ_FOLDER "/%s", path);
	return proc_file_find(full);
}

/*
 * is_here: the path is of a directory that somebody has entered, where /proc/net is that
 * of the process that did so.
 */
static int absolute_file(const char *path, bool is_here)
{
	if (!component_is(&path, "proc"))
		return -1;
	if (!component_is(&path, "self") && !component_is(&path, "thread-self") && is_here)
		component_is_process(&path);
	return component_is(&path, "net") ? net_file(path) : -1;
}

int preload_path_file(int dir, const char *path)
{
	const char *name = strrchr(path, '/');
	char from[32], full[PATH_MAX];
	int saved = errno;
	ssize_t len;
	size_t room;

	name = name ? name + 1 : path;
	if (!is_last_component(name))
		return -1;
	if (path[0] == '/')
		return absolute_file(path, false);
	if (dir == AT_FDCWD)
		snprintf(from, sizeof(from), "/proc/self/cwd");
	else
		snprintf(from, sizeof(from), "/proc/self/fd/%d", dir);
	len = readlink(from, full, sizeof(full) - 1);
	errno = saved;
	room = len > 0 ? sizeof(full) - (size_t)len : 0;
	while (!strncmp(path, "./", 2))
		path += 2;
	if (!room || (size_t)snprintf(full + len, room, "/%s", path) >= room)
		return -1;
	return absolute_file(full, true);
}
