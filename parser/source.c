// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - places in a text; a command line as a text.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/source.h"

#define SIZE_MAX_READ (256u << 20)	/* bytes; offsets are 32 bits wide */

/* characters that need no quotes anywhere in a word */
static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_=+:,./@%^!?*~[]{}";

static bool word_plain(const char *word)
{
	return *word && !word[strspn(word, plain)];
}

/* an upper bound for word_put */
static size_t word_room(const char *word)
{
	size_t n = 3;

	for (; *word; word++)
		n += *word == '\'' ? 4 : 1;
	return n;
}

static char *word_put(char *p, const char *word)
{
	if (word_plain(word))
		return stpcpy(p, word);
	*p++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			p = stpcpy(p, "'\\'");
		*p++ = *word;
	}
	*p++ = '\'';
	return p;
}

int source_from_argv(struct source *s, int argc, char *const *argv)
{
	size_t room = 1;
	char *text, *p;

	for (int i = 1; i < argc; i++)
		room += word_room(argv[i]) + 1;
	*s = (struct source){ .text = NULL };
	text = p = malloc(room);
	if (!text)
		return -ENOMEM;
	for (int i = 1; i < argc; i++) {
		if (i > 1)
			*p++ = ' ';
		p = word_put(p, argv[i]);
	}
	*p = '\0';
	*s = (struct source){ .text = text, .len = (size_t)(p - text) };
	return 0;
}

size_t utf8_length(const char *text, const char *end, wchar_t *c)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	size_t n = *p >= 0xf0 && *p < 0xf8 ? 4 : *p >= 0xe0 && *p < 0xf0 ? 3 : 2;
	unsigned int code = *p & (0x7fu >> n);

	if (*p < 0x80) {
		*c = *p;
		return 1;
	}
	if (*p < 0xc0 || *p >= 0xf8 || (size_t)(end - text) < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*c = (wchar_t)code;
	return n;
}

int source_read(struct source *s, const char *name, int fd)
{
	size_t size = 1 << 16, used = 0;
	char *text = NULL, *bigger;
	struct stat st;
	ssize_t n = 1;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < SIZE_MAX_READ)
		size = (size_t)st.st_size + 2;
	while (n) {
		if (!text || used == size - 1) {
			size *= text ? 2 : 1;
			bigger = used < SIZE_MAX_READ ? realloc(text, size) : NULL;
			if (!bigger) {
				free(text);
				return used < SIZE_MAX_READ ? -ENOMEM : -EFBIG;
			}
			text = bigger;
		}
		n = read(fd, text + used, size - 1 - used);
		if (n < 0 && errno != EINTR) {
			free(text);
			return -errno;
		}
		used += n > 0 ? (size_t)n : 0;
	}
	text[used] = '\0';
	*s = (struct source){ .name = name, .text = text, .len = used };
	return 0;
}

void source_position(const struct source *s, unsigned int offset, unsigned int *line,
		     unsigned int *column)
{
	const char *start = s->text, *end = s->text + offset, *p;

	*line = 1;
	while ((p = memchr(start, '\n', (size_t)(end - start)))) {
		start = p + 1;
		++*line;
	}
	*column = (unsigned int)(end - start) + 1;
}

void source_free(struct source *s)
{
	free((char *)s->text);
	*s = (struct source){ .text = NULL };
}
