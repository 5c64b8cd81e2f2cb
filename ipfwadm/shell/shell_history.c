// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_history.c - lines of former sessions, for nobody else to read.
 *
 * Sessions append to one file, line by line, so that none loses what another
 * has entered.  A file or folder of somebody else is never touched, and no
 * symbolic link is followed: under sudo, say, the home may not be ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <readline/history.h>

#include "ipfwadm/shell/shell.h"
#include "ipfwadm/shell/shell_history.h"

#define KEPT 1000		/* lines */
#define SIZE_MAX_FILE (1 << 20)	/* bytes; then only the last lines are kept */

static int history_fd = -1;

/* the folder: $XDG_STATE_HOME or ~/.local/state, and ours in it */
static bool folder_path(char *path, size_t size)
{
	const char *state = secure_getenv("XDG_STATE_HOME");
	const char *home = secure_getenv("HOME");
	int n;

	if (state && state[0] == '/')
		n = snprintf(path, size, "%s/ipfwadm", state);
	else if (home && home[0] == '/')
		n = snprintf(path, size, "%s/.local/state/ipfwadm", home);
	else
		return false;
	return n > 0 && (size_t)n < size;
}

static void folders_make(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	mkdir(path, 0700);
}

static bool ours(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	       (st.st_mode & S_IFMT) == type && (type == S_IFDIR || st.st_nlink == 1);
}

static int history_open(void)
{
	char path[PATH_MAX];
	int folder, fd = -1;

	if (!folder_path(path, sizeof(path)))
		return -1;
	folders_make(path);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder >= 0 && ours(folder, S_IFDIR))
		fd = openat(folder, "history",
			    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			    0600);
	if (folder >= 0)
		close(folder);
	if (fd >= 0 && (!ours(fd, S_IFREG) || fchmod(fd, 0600) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* the file's end, at most SIZE_MAX_FILE bytes; malloc'ed, or NULL */
static char *end_read(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > SIZE_MAX_FILE ? size - SIZE_MAX_FILE : 0;
	char *text = size < 0 ? NULL : malloc((size_t)(size - from) + 1);
	ssize_t n;

	if (!text)
		return NULL;
	n = pread(fd, text, (size_t)(size - from), from);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* where the last KEPT lines begin */
static char *last_lines(char *text)
{
	char *p = text + strlen(text);

	for (int lines = 0; p > text; p--)
		if (p[-1] == '\n' && lines++ == KEPT)
			break;
	return p;
}

/* Keeps only the last lines of a file that has become too long. */
static void file_shorten(const char *last)
{
	if (lseek(history_fd, 0, SEEK_END) <= SIZE_MAX_FILE)
		return;
	if (ftruncate(history_fd, 0) < 0 ||
	    write(history_fd, last, strlen(last)) < 0)
		return;
}

void history_load(void)
{
	char *text, *line, *rest;

	using_history();
	stifle_history(KEPT);
	history_fd = history_open();
	if (history_fd < 0)
		return;
	flock(history_fd, LOCK_EX);
	text = end_read(history_fd);
	if (text) {
		line = last_lines(text);
		file_shorten(line);
		for (line = strtok_r(line, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			add_history(line);
	}
	flock(history_fd, LOCK_UN);
	free(text);
}

/* A line that begins with a blank is remembered nowhere. */
void history_keep(const char *line)
{
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) :
					    NULL;
	size_t n = strlen(line);
	char *text;

	if (!n || line[0] == ' ' || (last && strcmp(last->line, line) == 0))
		return;
	add_history(line);
	if (history_fd < 0 || strchr(line, '\n'))
		return;
	text = malloc(n + 1);
	if (!text)
		return;
	memcpy(text, line, n);
	text[n] = '\n';
	flock(history_fd, LOCK_SH);
	if (write(history_fd, text, n + 1) < 0) {
		close(history_fd);	/* a full disk, say: no history then */
		history_fd = -1;
	} else {
		flock(history_fd, LOCK_UN);
	}
	free(text);
}
