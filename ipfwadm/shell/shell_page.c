// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_page.c - output of commands, on a terminal a screen at a time.
 */
#include <poll.h>
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
} page;

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

bool shell_page_write(const char *bytes, size_t n)
{
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

void shell_page_end(void)
{
	fflush(stdout);
	page.enough = false;
	shell_interrupted_clear();
}
