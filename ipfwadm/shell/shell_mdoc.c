// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_mdoc.c - the little of mdoc that the manuals are written in, as text.
 */
#include <string.h>

#include "ipfwadm/shell/shell_mdoc.h"
#include "kmod/core/base.h"

#define WORD_MAX 256
#define NOTHING '\1'		/* of \&: makes a word of punctuation */
#define CLOSERS 8		/* enclosures within each other */

void mdoc_break(struct mdoc *m)
{
	if (m->column)
		fputc('\n', m->out);
	m->column = 0;
	m->glue = false;
}

/* \- and the like; at most WORD_MAX - 1 bytes */
static size_t unescape(char *to, const char *from, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length && n < WORD_MAX - 1; i++) {
		if (from[i] != '\\' || i + 1 == length) {
			to[n++] = from[i];
			continue;
		}
		i++;
		if (from[i] == '&')
			to[n++] = NOTHING;
		else if (from[i] == 'e')
			to[n++] = '\\';
		else if (from[i] == '~')
			to[n++] = ' ';
		else
			to[n++] = from[i];
	}
	to[n] = '\0';
	return n;
}

static bool closing(const char *word)
{
	return word[0] && !word[1] && strchr(".,;:?!)]", word[0]);
}

static void word_put(struct mdoc *m, const char *word)
{
	unsigned int n = (unsigned int)strlen(word);
	const char *nothing = strchr(word, NOTHING);
	bool blank = m->column && !m->glue && !closing(word);

	if (m->column && blank && m->column + 1 + n > m->width)
		mdoc_break(m);
	if (!m->column) {
		fprintf(m->out, "%*s", (int)m->indent, "");
		m->column = m->indent;
		blank = false;
	}
	fprintf(m->out, "%s%.*s%s", blank ? " " : "", nothing ? (int)(nothing - word) : (int)n,
		word, nothing ? nothing + 1 : "");
	m->column += n + blank;
	m->glue = false;
	m->fresh = false;
}

/* what a macro writes around or before its words */
static const struct macro {
	const char *name, *open, *close;	/* of the rest of the line */
	const char *prefix;			/* of every word */
} macros[] = {
	{ "Ar", NULL, NULL, "" }, { "Cm", NULL, NULL, "" }, { "Pa", NULL, NULL, "" },
	{ "Ev", NULL, NULL, "" }, { "Va", NULL, NULL, "" }, { "Li", NULL, NULL, "" },
	{ "Em", NULL, NULL, "" }, { "Dv", NULL, NULL, "" }, { "Sx", NULL, NULL, "" },
	{ "Nm", NULL, NULL, "" }, { "No", NULL, NULL, "" }, { "Xr", NULL, NULL, "" },
	{ "Fl", NULL, NULL, "-" },
	{ "Op", "[", "]", NULL }, { "Pq", "(", ")", NULL }, { "Brq", "{", "}", NULL },
	{ "Ql", "'", "'", NULL }, { "Dq", "\"", "\"", NULL }, { "Sq", "'", "'", NULL },
};

static const struct macro *macro_find(const char *word)
{
	for (unsigned int i = 0; i < FW_COUNT(macros); i++)
		if (strcmp(word, macros[i].name) == 0)
			return &macros[i];
	return NULL;
}

/* a macro line under way */
struct state {
	struct mdoc *m;
	const char *close[CLOSERS];
	unsigned int nclose;
	const char *prefix;
	bool bare;		/* a macro without words so far */
	bool reference;		/* of Xr: the section follows */
	bool solid;		/* Sm off: no blanks */
	char pending[2];	/* punctuation that stands outside of the enclosure */
};

static void glued(struct state *s, const char *word)
{
	s->m->glue = true;
	word_put(s->m, word);
}

/* words that stand for themselves: true if it was one */
static bool special(struct state *s, const char *word)
{
	if (strcmp(word, "Ns") == 0)
		s->m->glue = true;
	else if (strcmp(word, "Oo") == 0 || strcmp(word, "Po") == 0) {
		word_put(s->m, word[0] == 'O' ? "[" : "(");
		s->m->glue = true;
	} else if (strcmp(word, "Oc") == 0 || strcmp(word, "Pc") == 0)
		glued(s, word[0] == 'O' ? "]" : ")");
	else if (strcmp(word, "Sm") == 0)
		s->solid = false;
	else
		return false;
	s->prefix = NULL;
	return true;
}

static void word_take(struct state *s, const char *word, bool last)
{
	const struct macro *macro = macro_find(word);
	char buf[WORD_MAX + 8];

	if (special(s, word))
		return;
	if (macro && macro->open) {
		word_put(s->m, macro->open);
		s->m->glue = true;
		if (s->nclose < CLOSERS)
			s->close[s->nclose++] = macro->close;
		return;
	}
	if (macro) {
		s->prefix = macro->prefix;
		s->reference = strcmp(word, "Xr") == 0;
		return;
	}
	if (last && closing(word) && s->nclose) {
		s->pending[0] = word[0];
		return;
	}
	snprintf(buf, sizeof(buf), "%s%s",
		 s->prefix && !closing(word) && word[0] != '|' ? s->prefix : "", word);
	word_put(s->m, buf);
}

/* the next word from p on; returns behind it, NULL if there is none */
static const char *word_next(const char *p, const char *end, char word[WORD_MAX])
{
	const char *begin;

	while (p < end && *p == ' ')
		p++;
	if (p == end)
		return NULL;
	if (*p == '"') {
		begin = ++p;
		while (p < end && *p != '"')
			p++;
		unescape(word, begin, (size_t)(p - begin));
		return p < end ? p + 1 : p;
	}
	begin = p;
	while (p < end && *p != ' ')
		p++;
	unescape(word, begin, (size_t)(p - begin));
	return p;
}

/* Xr name section: "name(section)" */
static const char *reference_put(struct state *s, const char *name, const char *p,
				 const char *end)
{
	char section[WORD_MAX], buf[2 * WORD_MAX + 4];

	s->reference = false;
	p = word_next(p, end, section);
	snprintf(buf, sizeof(buf), "%s(%s)", name, p ? section : "");
	word_put(s->m, buf);
	return p;
}

void mdoc_words(struct mdoc *m, const char *words, size_t length)
{
	struct state s = { .m = m };
	const char *p = words, *end = words + length;
	char word[WORD_MAX], after[WORD_MAX];

	while (p && (p = word_next(p, end, word))) {
		if (s.reference && !macro_find(word))
			p = reference_put(&s, word, p, end);
		else
			word_take(&s, word, !word_next(p, end, after));
	}
	while (s.nclose)
		glued(&s, s.close[--s.nclose]);
	if (s.pending[0])
		glued(&s, s.pending);
}

/* .Nm alone is the program */
static void macro_line(struct mdoc *m, const char *line, size_t length)
{
	if (length == 2 && memcmp(line, "Nm", 2) == 0)
		word_put(m, "ipfwadm");
	else
		mdoc_words(m, line, length);
}

static void text_line(struct mdoc *m, const char *line, size_t length)
{
	const char *p = line, *end = line + length, *begin;
	char word[WORD_MAX];

	while (p < end) {
		begin = p;
		while (p < end && *p != ' ')
			p++;
		if (unescape(word, begin, (size_t)(p - begin)))
			word_put(m, word);
		while (p < end && *p == ' ')
			p++;
	}
}

void mdoc_line(struct mdoc *m, const char *line, size_t length)
{
	if (length > 3 && memcmp(line, ".\\\"", 3) == 0)
		return;
	if (length > 1 && line[0] == '.')
		macro_line(m, line + 1, length - 1);
	else
		text_line(m, line, length);
}
