// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * script_stale.c - directories that killed sessions have left behind.
 */
#include "ipfwadm/run/script_stale.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define AGE 60	/* seconds: a session that begins listens before */

static bool is_listening(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool listens = true;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		listens = errno != ECONNREFUSED && errno != ENOENT;
	if (fd >= 0)
		close(fd);
	return listens;
}

/* Has a process, of the same user as the directory, its name in the environment? */
static bool process_names(const char *pid, const char *dir)
{
	char path[300], *text = NULL;
	size_t size = 0;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/environ", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && getdelim(&text, &size, '\0', f) > 0)
		found = strstr(text, dir);
	free(text);
	fclose(f);
	return found;
}

static bool is_used(const char *dir)
{
	const struct dirent *entry;
	DIR *d = opendir("/proc");
	bool found = !d;

	while (d && !found && (entry = readdir(d)))
		found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			process_names(entry->d_name, dir);
	if (d)
		closedir(d);
	return found;
}

void script_stale_each(const char *folder, void (*remove)(const char *dir))
{
	const struct dirent *entry;
	DIR *d = opendir(folder);

	while (d && (entry = readdir(d))) {
		char dir[100], path[sizeof(dir) + 8];	/* names of sockets are no longer */
		struct stat st;

		if (strncmp(entry->d_name, "ipfwadm-run.", 12) != 0 ||
		    snprintf(dir, sizeof(dir), "%s/%s", folder, entry->d_name) >=
			    (int)sizeof(dir) ||
		    lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
		    time(NULL) - st.st_mtime < AGE)
			continue;
		snprintf(path, sizeof(path), "%s/socket", dir);
		if (!is_listening(path) && !is_used(dir))
			remove(dir);
	}
	if (d)
		closedir(d);
}
