// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_page.c - output of commands: to $PAGER, on a terminal a screen at a time; of
 * `LINE | match TEXT' the lines that have the text.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "ipfwadm/shell/shell.h"

#define MORE "-- more: space, Enter, a(ll), q(uit) --"

static struct {
	bool on;		/* a terminal of known height */
	bool enough;		/* no more is wanted */
	unsigned int rows, columns;
	unsigned int left;	/* rows until the screen is full */
	unsigned int column;
	bool escape;		/* inside of an escape sequence for a colour */
	FILE *pager;		/* or NULL */
} page;

static struct {
	char *text;		/* malloc'ed; NULL: all lines are printed */
	char line[4096];	/* the beginning of a line; a longer one counts as several */
	size_t length;
} match;

static void pager_start(void)
{
	const char *pager = page.on ? secure_getenv("PAGER") : NULL;

	if (!pager || !*pager)
		return;
	setenv("LESS", "FRX", 0);	/* colours pass, and what fits the screen just stays */
	page.pager = popen(pager, "we");
	page.on = !page.pager;
}

void shell_page_begin(struct shell *sh)
{
	struct winsize size = { .ws_row = 0 };

	page.on = sh->interactive && isatty(STDIN_FILENO) &&
		  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2 &&
		  size.ws_col > 0;
	page.enough = false;
	page.rows = size.ws_row;
	page.columns = size.ws_col;
	page.left = page.rows - 1;
	page.column = 0;
	page.escape = false;
	pager_start();
}

/* a key, or 'q' after Ctrl-C or when there are no more keys */
static char key_read(void)
{
	struct pollfd fds[] = {
		{ STDIN_FILENO, POLLIN, 0 }, { shell_interrupt_fd(), POLLIN, 0 },
	};
	struct termios saved, raw;
	char key = 'q';

	tcgetattr(STDIN_FILENO, &saved);
	raw = saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	while (poll(fds, 2, -1) < 0 && !shell_interrupted())
		;
	if (shell_interrupted() || read(STDIN_FILENO, &key, 1) != 1)
		key = 'q';
	shell_interrupted_clear();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	return key;
}

static void more_ask(void)
{
	char key;

	fputs(MORE, stdout);
	fflush(stdout);
	key = key_read();
	printf("\r%*s\r", (int)strlen(MORE), "");
	page.enough = key == 'q' || key == 'Q' || key == 3;
	page.on = key != 'a' && key != 'G';
	page.left = key == '\n' || key == '\r' ? 1 : page.rows - 1;
}

/* Columns of byte c: none inside of a UTF-8 character or of an escape sequence. */
static unsigned int width(unsigned char c)
{
	bool inside = page.escape || c == '\033';

	page.escape = inside && c != 'm';
	if (inside || (c & 0xc0) == 0x80)
		return 0;
	return c == '\t' ? 8 - page.column % 8 : 1;
}

static void character_write(char c)
{
	putchar(c);
	page.column += width((unsigned char)c);
	if (c == '\n' || page.column > page.columns) {
		page.left -= page.left > 0;
		page.column = c != '\n';
	}
}

static bool page_put(const char *bytes, size_t n)
{
	if (page.pager)
		return fwrite(bytes, 1, n, page.pager) == n;
	if (!page.on && !page.enough)
		return fwrite(bytes, 1, n, stdout) == n && !shell_interrupted();
	for (size_t i = 0; i < n && !page.enough; i++) {
		if (page.on && !page.left)
			more_ask();
		if (!page.enough)
			character_write(bytes[i]);
	}
	page.enough |= shell_interrupted();
	return !page.enough;
}

void shell_page_match(char *text)
{
	free(match.text);
	match.text = text;
	match.length = 0;
}

static bool match_line_put(void)
{
	size_t n = match.length;

	match.line[n] = '\0';
	match.length = 0;
	return !n || !strcasestr(match.line, match.text) || page_put(match.line, n);
}

bool shell_page_write(const char *bytes, size_t n)
{
	bool more = true;

	if (!match.text)
		return page_put(bytes, n);
	for (size_t i = 0; i < n && more; i++) {
		match.line[match.length++] = bytes[i];
		if (bytes[i] == '\n' || match.length == sizeof(match.line) - 1)
			more = match_line_put();
	}
	return more;
}

void shell_page_end(void)
{
	if (match.text)
		match_line_put();
	if (page.pager)
		pclose(page.pager);
	page.pager = NULL;
	fflush(stdout);
	page.enough = false;
	shell_interrupted_clear();
}
