// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - texts and places in them; a command line made into a text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parser/command.h"

/* characters that need no quotes anywhere in a word */
static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_=+:,./@%^!?*~[]{}";

static bool word_plain(const char *word)
{
	return *word && !word[strspn(word, plain)];
}

/* bytes that word_put needs at most */
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
