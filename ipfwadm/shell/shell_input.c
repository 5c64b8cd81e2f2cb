// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_input.c - bytes of the terminal, and pasted text.
 *
 * Many pasted lines are stored apart and replaced in the line by a name, because
 * readline would draw and edit them as one long line.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <readline/readline.h>

#include "ipfwadm/shell/shell.h"

#define SHOWN_LINES 8		/* of a paste that is shown as it is */
#define PASTE_MAX (64u << 20)
#define PASTES 16
#define NAME_SIZE 48

static struct {
	char buf[1 << 16];
	size_t first, used;
} bytes;

static struct {
	char *text[PASTES];
	char name[PASTES][NAME_SIZE];
	unsigned int count;
} pastes;

bool shell_input_waiting(void)
{
	return bytes.first < bytes.used;
}

static int byte_get(FILE *stream)
{
	(void)stream;
	while (!shell_input_waiting()) {
		ssize_t n = read(STDIN_FILENO, bytes.buf, sizeof(bytes.buf));

		if (n == 0 || (n < 0 && errno != EINTR) || shell_hung_up())
			return EOF;
		bytes.first = 0;
		bytes.used = n > 0 ? (size_t)n : 0;
	}
	return (unsigned char)bytes.buf[bytes.first++];
}

/* Readline asks whether bytes of a key follow ESC. */
static int byte_available(void)
{
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };

	return shell_input_waiting() || poll(&fd, 1, 20) > 0;
}

/* Reads up to the end of the paste; malloc'ed.  Carriage returns end lines. */
static char *paste_read(void)
{
	static const char end[] = "\033[201~";
	size_t n = 0, size = 0, tail = sizeof(end) - 1;
	char *text = NULL;
	int c;

	while ((c = rl_read_key()) != EOF && c >= 0) {
		if (n + 1 >= size) {
			char *bigger = size > PASTE_MAX ? NULL :
						realloc(text, size ? 2 * size : 4096);

			if (!bigger)
				break;
			text = bigger;
			size = size ? 2 * size : 4096;
		}
		text[n++] = (char)(c == '\r' ? '\n' : c);
		if (c == '~' && n >= tail && memcmp(text + n - tail, end, tail) == 0) {
			n -= tail;
			break;
		}
	}
	if (text)
		text[n] = '\0';
	return text;
}

static unsigned int lines_count(const char *text)
{
	unsigned int n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Stores text, which it frees, and inserts a name for it. */
static void paste_store(char *text, unsigned int lines)
{
	char *name = pastes.name[pastes.count];

	if (pastes.count == PASTES) {
		free(text);
		rl_ding();
		return;
	}
	snprintf(name, NAME_SIZE, "<pasted %u: %u lines>", pastes.count + 1, lines);
	pastes.text[pastes.count++] = text;
	rl_insert_text(name);
}

static int paste(int count, int key)
{
	char *text = paste_read();
	size_t n = text ? strlen(text) : 0;
	unsigned int lines;

	(void)count;
	(void)key;
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	lines = text ? lines_count(text) + 1 : 0;
	if (lines > SHOWN_LINES) {
		paste_store(text, lines);
	} else {
		if (text)
			rl_insert_text(text);
		free(text);
	}
	return 0;
}

char *shell_input_expand(const char *line)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	while (f && *line) {
		unsigned int i = 0;

		while (i < pastes.count &&
		       strncmp(line, pastes.name[i], strlen(pastes.name[i])) != 0)
			i++;
		if (i < pastes.count) {
			fputs(pastes.text[i], f);
			line += strlen(pastes.name[i]);
		} else {
			fputc(*line++, f);
		}
	}
	if (f)
		fclose(f);
	return out;
}

void shell_input_forget(void)
{
	while (pastes.count)
		free(pastes.text[--pastes.count]);
}

void shell_input_init(void)
{
	rl_getc_function = byte_get;
	rl_input_available_hook = byte_available;
	rl_bind_keyseq("\\e[200~", paste);
}
