// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_manual.c - what the manuals say of a topic.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipfwadm/shell/shell_manual.h"
#include "ipfwadm/shell/shell_mdoc.h"

/* the sources of the manuals, one behind the other, linked in */
extern const char manual_begin[] __asm__("_binary_manual_start");
extern const char manual_end[] __asm__("_binary_manual_end");

/* lines of the source, [begin, end) */
struct part {
	const char *begin, *end;
};

static const char *line_end(const char *p)
{
	const char *end = memchr(p, '\n', (size_t)(manual_end - p));

	return end ? end : manual_end;
}

static bool starts(const char *line, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(manual_end - line) >= n && memcmp(line, what, n) == 0;
}

/* The head of an item as text. */
static void head_text(const char *line, char *buf, size_t size)
{
	const char *end = line_end(line);
	FILE *out = fmemopen(buf, size, "w");
	struct mdoc m = { .out = out, .width = 1000 };

	buf[0] = '\0';
	if (!out)
		return;
	if (end - line > 4)
		mdoc_words(&m, line + 4, (size_t)(end - line - 4));
	fclose(out);
	buf[size - 1] = '\0';
}

/*
 * "-k, --keep-going" and "undo, redo" are about two topics, "-T -l" about one,
 * "-A [direction]" about "-A".
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
	return false;
}

/* The end of what begins with the line at p: an item, or a section. */
static const char *part_end(const char *p)
{
	bool item = starts(p, ".It"), minor = starts(p, ".Ss");
	int depth = 0;

	for (p = line_end(p) + 1; p < manual_end; p = line_end(p) + 1) {
		if (starts(p, ".Sh") || (starts(p, ".Ss") && (item || minor)))
			return p;
		if (item && !depth && (starts(p, ".It") || starts(p, ".El")))
			return p;
		depth += starts(p, ".Bl");
		depth -= starts(p, ".El");
	}
	return manual_end;
}

static bool section_is(const char *line, const char *topic)
{
	const char *end = line_end(line);
	size_t n = strlen(topic);

	return (starts(line, ".Sh ") || starts(line, ".Ss ")) &&
	       (size_t)(end - line) == n + 4 && strncasecmp(line + 4, topic, n) == 0;
}

static bool part_find(const char *topic, struct part *part)
{
	char head[200];

	for (const char *p = manual_begin; p < manual_end; p = line_end(p) + 1) {
		bool found = section_is(p, topic);

		if (!found && starts(p, ".It ")) {
			head_text(p, head, sizeof(head));
			found = head_has(head, topic);
		}
		if (found) {
			*part = (struct part){ p, part_end(p) };
			return true;
		}
	}
	return false;
}

/* Structure: what moves the margin or begins a line.  False: it is text. */
static bool structure(struct mdoc *m, const char *p)
{
	const char *end = line_end(p);

	if (starts(p, ".Bl") || starts(p, ".Bd")) {
		mdoc_break(m);
		m->indent += 4;
	} else if (starts(p, ".El") || starts(p, ".Ed")) {
		mdoc_break(m);
		m->indent -= m->indent >= 4 ? 4 : 0;
	} else if (starts(p, ".Pp")) {
		mdoc_break(m);
		fputc('\n', m->out);
	} else if (starts(p, ".It") || starts(p, ".Ss") || starts(p, ".Sh")) {
		mdoc_break(m);
		m->indent -= m->indent >= 4 ? 4 : 0;
		if (end - p > 4)
			mdoc_words(m, p + 4, (size_t)(end - p - 4));
		mdoc_break(m);
		m->indent += 4;
	} else if (starts(p, ".Dl ")) {
		mdoc_break(m);
		m->indent += 4;
		mdoc_words(m, p + 4, (size_t)(end - p - 4));
		mdoc_break(m);
		m->indent -= 4;
	} else {
		return starts(p, ".Sm");
	}
	return true;
}

static void part_show(struct mdoc *m, const struct part *part)
{
	for (const char *p = part->begin; p < part->end; p = line_end(p) + 1)
		if (!structure(m, p))
			mdoc_line(m, p, (size_t)(line_end(p) - p));
	mdoc_break(m);
}

bool manual_show(FILE *out, const char *topic, unsigned int width)
{
	struct mdoc m = { .out = out, .width = width, .indent = 4, .fresh = true };
	struct part part;

	if (!part_find(topic, &part))
		return false;
	part_show(&m, &part);
	return true;
}

void manual_topics(void (*visit)(void *ctx, const char *topic, const char *head),
		   void *ctx)
{
	char head[200], topic[64];

	for (const char *p = manual_begin; p < manual_end; p = line_end(p) + 1) {
		if (!starts(p, ".It Fl") && !starts(p, ".It Cm"))
			continue;
		head_text(p, head, sizeof(head));
		for (const char *h = head; h; h = strstr(h, ", ") ? strstr(h, ", ") + 2 : NULL) {
			snprintf(topic, sizeof(topic), "%.*s", (int)strcspn(h, " ,[:"), h);
			visit(ctx, topic, head);
		}
	}
}

/* the end of the first sentence, or of the text */
static char *sentence_end(char *text)
{
	for (char *p = text; *p; p++)
		if (((*p == '.' || *p == ':' || *p == ';') &&
		     (p[1] == ' ' || p[1] == '\n' || !p[1])) || *p == '\n')
			return p;
	return text + strlen(text);
}

bool manual_brief(const char *topic, char *buf, size_t size)
{
	char text[1200] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct mdoc m = { .out = out, .width = 1000 };
	struct part part;
	bool found = out && part_find(topic, &part) && starts(part.begin, ".It");

	if (found) {
		part.begin = line_end(part.begin) + 1;
		part_show(&m, &part);
	}
	if (out)
		fclose(out);
	text[sizeof(text) - 1] = '\0';
	*sentence_end(text) = '\0';
	snprintf(buf, size, "%s", text);
	return found && buf[0];
}
