// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diag_print.c - prints errors: place, sentence, line, caret, hint.
 */
#include <string.h>
#include <wchar.h>

#include "parser/diag.h"

/* columns: a longer line is cut around the place */
#define SHOWN 100
#define BEFORE 40

struct style {
	const char *bold, *severity[DIAG_NOTE + 1], *green, *off;
};

static const struct style plain = { "", { "", "", "" }, "", "" };
static const struct style colored = {
	"\033[1m", { "\033[1;31m", "\033[1;35m", "\033[1;36m" }, "\033[1;32m", "\033[m",
};

static const char *const severities[] = { "error", "warning", "note" };

/* one character of the line: its bytes, its text and width on the terminal */
struct glyph {
	size_t bytes;
	unsigned int width;
	char text[9];
};

/* Tabs become blanks, unprintable bytes \xHH. */
static struct glyph glyph_at(const char *s, const char *end, unsigned int column)
{
	const unsigned char *p = (const unsigned char *)s;
	struct glyph g = { .bytes = 1, .width = 1 };
	wchar_t c = 0;
	size_t n;

	if (*p == '\t') {
		g.width = 8 - column % 8;
		memset(g.text, ' ',
		       g.width < sizeof(g.text) ? g.width : sizeof(g.text) - 1);
		return g;
	}
	if (*p >= ' ' && *p < 0x7f) {
		g.text[0] = *s;
		return g;
	}
	n = *p < 0x80 ? 0 : utf8_length(s, end, &c);
	if (n && wcwidth(c) >= 0) {
		memcpy(g.text, s, n);
		g.bytes = n;
		g.width = (unsigned int)wcwidth(c);
		return g;
	}
	g.width = (unsigned int)snprintf(g.text, sizeof(g.text), "\\x%02x", *p);
	return g;
}

/* the line of a place, or a part of it */
struct view {
	const char *begin, *end;
	bool cut;		/* the line begins before begin */
};

static struct view view_find(const struct source *s, struct loc loc)
{
	const char *at = s->text + (loc.begin < s->len ? loc.begin : s->len);
	const char *newline = memrchr(s->text, '\n', (size_t)(at - s->text));
	struct view v = { .begin = newline ? newline + 1 : s->text };

	v.end = memchr(at, '\n', s->len - (size_t)(at - s->text));
	if (!v.end)
		v.end = s->text + s->len;
	if (at - v.begin > SHOWN - BEFORE / 2) {
		v.begin = at - BEFORE;
		v.cut = true;
		/* at the begin of a character */
		while (v.begin < at && ((unsigned char)*v.begin & 0xc0) == 0x80)
			v.begin++;
	}
	return v;
}

/* Prints the line; mark[0] and mark[1] get the columns of the place. */
static void view_print(FILE *out, struct view v, const struct source *s, struct loc loc,
		       unsigned int mark[2])
{
	const char *begin = s->text + loc.begin, *end = s->text + loc.end, *p = v.begin;
	unsigned int column = 0;

	if (v.cut)
		column = (unsigned int)fprintf(out, "...");
	mark[0] = mark[1] = 0;
	while (p < v.end && column < SHOWN) {
		struct glyph g = glyph_at(p, v.end, column);

		if (p <= begin)
			mark[0] = column;
		fprintf(out, "%*s", p < v.end && *p == '\t' ? (int)g.width : 0, g.text);
		column += g.width;
		p += g.bytes;
		if (p <= end)
			mark[1] = column;
	}
	if (p <= begin)
		mark[0] = column;
	if (p < v.end)
		fputs("...", out);
	fputc('\n', out);
}

/* The text quotes input: control characters must not reach the terminal. */
static void text_print(FILE *out, const char *text)
{
	const char *end = text + strlen(text);

	while (text < end) {
		struct glyph g = glyph_at(text, end, 0);

		fputs(*text == '\t' ? " " : g.text, out);
		text += g.bytes;
	}
}

/* Counting lines takes long where there are thousands of diagnostics. */
static void position_find(const struct source *s, const struct diag *d, unsigned int *line,
			  unsigned int *column)
{
	const char *newline = memrchr(s->text, '\n', d->loc.begin);

	if (!d->line) {
		source_position(s, d->loc.begin, line, column);
		return;
	}
	*line = d->line;
	*column = d->loc.begin + 1 - (newline ? (unsigned int)(newline + 1 - s->text) : 0);
}

void diag_print(FILE *out, const struct source *s, const struct diag *d, bool color)
{
	const struct style *style = color ? &colored : &plain;
	unsigned int line, column, mark[2];

	position_find(s, d, &line, &column);
	fputs(style->bold, out);
	if (s->name)
		fprintf(out, "%s:%u:%u: ", s->name, line, column);
	fprintf(out, "%s%s:%s %s", style->severity[d->severity], severities[d->severity],
		style->off, style->bold);
	text_print(out, d->text);
	fprintf(out, "%s\n", style->off);
	view_print(out, view_find(s, d->loc), s, d->loc, mark);
	fprintf(out, "%*s%s^", (int)mark[0], "", style->green);
	for (unsigned int i = mark[0] + 1; i < mark[1]; i++)
		fputc('~', out);
	fprintf(out, "%s\n", style->off);
	if (d->hint[0])
		fprintf(out, "%*s%s%s%s\n", (int)mark[0], "", style->green, d->hint,
			style->off);
}

void diags_print(FILE *out, const struct diags *d, bool color)
{
	unsigned int kept = d->count < DIAG_MAX ? d->count : DIAG_MAX;

	for (unsigned int i = 0; i < kept; i++)
		diag_print(out, d->source, &d->item[i], color);
	if (d->count > kept)
		fprintf(out, "%u more errors%s\n", d->count - kept,
			d->count >= DIAG_GIVE_UP ? ", and the rest was not read" : "");
}
