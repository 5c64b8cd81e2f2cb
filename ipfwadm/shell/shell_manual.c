// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_manual.c - topics of the manuals.
 *
 * The text is linked in.  ipfwadm/shell/manual.awk and mandoc make it from the manuals
 * at build time: a topic is a head at the left margin, then its body, indented.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipfwadm/shell/shell.h"

extern const char manual_begin[] __asm__("_binary_manual_start");
extern const char manual_end[] __asm__("_binary_manual_end");

static const char *line_end(const char *p)
{
	const char *end = memchr(p, '\n', (size_t)(manual_end - p));

	return end ? end : manual_end;
}

/* The next head from the line at p on, or manual_end. */
static const char *head_next(const char *p)
{
	while (p < manual_end && isspace((unsigned char)*p))
		p = line_end(p) + 1;
	return p < manual_end ? p : manual_end;
}

static void head_copy(const char *line, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s", (int)(line_end(line) - line), line);
}

/*
 * "-k, --keep-going" and "undo, redo" are heads of two topics, "-T -l" of one,
 * "-A [direction]" of "-A".
 */
static bool head_has(const char *head, const char *topic)
{
	size_t n = strlen(topic);
	const char *p = head;

	while (p && *p) {
		if (strncmp(p, topic, n) == 0 && (!p[n] || strchr(" ,[=:", p[n])) &&
		    !(p[n] == ' ' && p[n + 1] == '-' && topic[0] == '-' && p == head))
			return true;
		p = strstr(p, ", ");
		p = p ? p + 2 : NULL;
	}
	return topic[0] != '-' && strcasecmp(head, topic) == 0;	/* a section */
}

static const char *topic_find(const char *topic)
{
	const char *p = head_next(manual_begin);
	char head[200];

	for (; p < manual_end; p = head_next(line_end(p) + 1)) {
		head_copy(p, head, sizeof(head));
		if (head_has(head, topic))
			return p;
	}
	return NULL;
}

bool shell_manual_show(FILE *out, const char *topic)
{
	const char *p = topic_find(topic);
	const char *end = p ? head_next(line_end(p) + 1) : NULL;

	if (!p)
		return false;
	while (end[-1] == '\n' && end[-2] == '\n')
		end--;
	fwrite(p, 1, (size_t)(end - p), out);
	return true;
}

/* Options and commands, not sections, files or variables. */
static bool head_is_item(const char *head)
{
	return head[0] == '-' || islower((unsigned char)head[0]);
}

void shell_manual_topics(void (*visit)(void *ctx, const char *topic, const char *head),
			 void *ctx)
{
	const char *p = head_next(manual_begin);
	char head[200], topic[64];

	for (; p < manual_end; p = head_next(line_end(p) + 1)) {
		head_copy(p, head, sizeof(head));
		if (!head_is_item(head))
			continue;
		for (const char *h = head; h; h = strstr(h, ", ") ? strstr(h, ", ") + 2 : NULL) {
			snprintf(topic, sizeof(topic), "%.*s", (int)strcspn(h, " ,[:"), h);
			visit(ctx, topic, head);
		}
	}
}

bool shell_manual_brief(const char *topic, char *buf, size_t size)
{
	const char *p = topic_find(topic), *end;
	size_t n = 0;

	buf[0] = '\0';
	if (!p || !head_is_item(p))
		return false;
	p = line_end(p) + 1;
	end = head_next(p);
	while (p < end && isspace((unsigned char)*p))
		p++;
	/* up to the end of a sentence or paragraph; blanks and line ends become one blank */
	for (; p < end && n + 1 < size && strncmp(p, "\n\n", 2) != 0; p++) {
		if (strchr(".:;", *p) && isspace((unsigned char)p[1]))
			break;
		if (!isspace((unsigned char)*p))
			buf[n++] = *p;
		else if (buf[n - 1] != ' ')
			buf[n++] = ' ';
	}
	buf[n] = '\0';
	return n > 0;
}
