// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_history.c - lines of former sessions, in a file that only its owner can read.
 *
 * All sessions append to the file line by line, so none loses the lines of another.
 * Files and folders of other users are not used, nor links that they can make.
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

#define LINES_MAX 1000
#define SIZE_MAX_FILE (1 << 20)	/* bytes; a longer file is cut to its last lines */

static int history_fd = -1;

/* $XDG_STATE_HOME/ipfwadm, by default ~/.local/state/ipfwadm */
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

/* Root's things are trusted, and our own. */
static bool is_trusted(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/*
 * Opens the folder, which is made if it does not exist.  Each step of the path is a
 * folder of a trusted owner, or a symbolic link of one: under sudo the home's owner
 * could otherwise lead root's files anywhere.
 */
static int folder_open(char *path)
{
	int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), next;
	struct stat st;
	char *rest;

	for (char *name = strtok_r(path, "/", &rest); name && folder >= 0;
	     name = strtok_r(NULL, "/", &rest)) {
		mkdirat(folder, name, 0700);
		next = -1;
		if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_trusted(&st))
			next = openat(folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC |
				      (S_ISLNK(st.st_mode) ? 0 : O_NOFOLLOW));
		close(folder);
		folder = next;
		if (folder >= 0 && (fstat(folder, &st) < 0 || !is_trusted(&st))) {
			close(folder);
			folder = -1;
		}
	}
	return folder;
}

static bool is_own(int fd, mode_t type)
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
	folder = folder_open(path);
	if (folder >= 0 && is_own(folder, S_IFDIR))
		fd = openat(folder, "history",
			    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			    0600);
	if (folder >= 0)
		close(folder);
	if (fd >= 0 && (!is_own(fd, S_IFREG) || fchmod(fd, 0600) < 0)) {
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

/* where the last LINES_MAX lines begin */
static char *last_lines(char *text)
{
	char *p = text + strlen(text);

	for (int lines = 0; p > text; p--)
		if (p[-1] == '\n' && lines++ == LINES_MAX)
			break;
	return p;
}

/* Cuts a file that is too long to its last lines. */
static void file_shorten(const char *last)
{
	if (lseek(history_fd, 0, SEEK_END) <= SIZE_MAX_FILE)
		return;
	if (ftruncate(history_fd, 0) < 0 ||
	    write(history_fd, last, strlen(last)) < 0)
		return;
}

void shell_history_load(void)
{
	char *text, *line, *rest;

	using_history();
	stifle_history(LINES_MAX);
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

/* "history [N]": the last lines, all without a number */
int shell_history_run(struct shell *sh, const struct line *line)
{
	const struct words *w = &line->words;
	char *end = "", number[16];
	long n = w->count > 1 ? strtol(w->text[1], &end, 10) : history_length;
	bool more = true;

	if (w->count > 2 || *end || n < 0)
		return shell_line_refuse(sh, line->source, w->loc[w->count > 2 ? 2 : w->count - 1],
					 "", "'history' takes a number of lines");
	shell_page_begin(sh);
	for (int i = n < history_length ? history_length - (int)n : 0;
	     i < history_length && more; i++) {
		const char *text = history_get(history_base + i)->line;

		snprintf(number, sizeof(number), "%5d  ", history_base + i);
		more = shell_page_write(number, strlen(number)) &&
		       shell_page_write(text, strlen(text)) && shell_page_write("\n", 1);
	}
	shell_page_end();
	return SHELL_OK;
}

/* A line that begins with a blank is not recorded. */
void shell_history_record(const char *line)
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
		close(history_fd);	/* a full disk, say */
		history_fd = -1;
	} else {
		flock(history_fd, LOCK_UN);
	}
	free(text);
}
