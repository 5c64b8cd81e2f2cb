// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * near.c - the line of a script that a command is most like.
 */
#include "ipfwadm/run/near.h"

#include <stdbool.h>
#include <string.h>

/* Is the word in the line, and no part of a longer one? */
static bool line_has(const char *line, size_t len, const char *word)
{
	static const char borders[] = " \t\n\"'`,;()[]{}|&<>=\\";
	size_t n = strlen(word);

	for (const char *p = line; n && (p = memmem(p, len - (size_t)(p - line), word, n)); p++)
		if ((p == line || strchr(borders, p[-1])) &&
		    (p + n == line + len || strchr(borders, p[n])))
			return true;
	return false;
}

unsigned long near_find(const char *text, int argc, char *const *argv)
{
	unsigned long best = 0, n = 0;
	int most = argc / 2;

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		int found = 0;

		n++;
		for (int i = 1; i < argc && line[strspn(line, " \t")] != '#'; i++)
			found += line_has(line, len, argv[i]);
		if (found > most || (found == most && !best && found)) {
			most = found;
			best = n;
		}
		line += len + (line[len] != '\0');
	}
	return best;
}
