// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_diff.c - what a commit would change, line by line.
 */
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "ipfwadm/shell/shell_rules.h"

#define COST_MAX 4000		/* lines that differ; beyond, no fine comparison */

/* lines of a text; they are not copied */
struct lines {
	const char **line;
	size_t *length;
	size_t count;
};

static bool same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	return a->length[i] == b->length[j] &&
	       memcmp(a->line[i], b->line[j], a->length[i]) == 0;
}

/* counters are no difference: they go on counting */
static const char *counters_skip(const char *line)
{
	const char *end = line[0] == '[' ? strchr(line, ' ') : NULL;

	return end ? end + 1 : line;
}

static int lines_split(struct lines *l, const char *text)
{
	size_t room = 1;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		room++;
	*l = (struct lines){ .line = calloc(room, sizeof(*l->line)),
			     .length = calloc(room, sizeof(*l->length)) };
	if (!l->line || !l->length)
		return -1;
	for (const char *p = text, *end; (end = strchr(p, '\n')); p = end + 1) {
		if (*p == '#')
			continue;
		l->line[l->count] = counters_skip(p);
		l->length[l->count] = (size_t)(end - l->line[l->count]);
		l->count++;
	}
	return 0;
}

static void lines_free(struct lines *l)
{
	free(l->line);
	free(l->length);
}

static bool line_put(struct shell *sh, char sign, const struct lines *l, size_t i)
{
	static const char *const colors[] = { "\033[32m", "\033[31m" };
	char buf[16];

	snprintf(buf, sizeof(buf), "%s%c ", sh->color ? colors[sign == '-'] : "", sign);
	return page_write(buf, strlen(buf)) &&
	       page_write(l->line[i], l->length[i]) &&
	       page_write(sh->color ? "\033[m\n" : "\n", sh->color ? 4 : 1);
}

/* a way from (0, 0) to the ends: how far each diagonal was reached at each cost */
struct ways {
	const struct lines *a, *b;
	size_t first, na, nb;		/* what is compared: behind the common beginning */
	int **reach;			/* of each cost: cost + 1 x positions */
	int cost;
};

static int slide(const struct ways *w, int x, int y)
{
	while ((size_t)x < w->na && (size_t)y < w->nb &&
	       same(w->a, w->first + (size_t)x, w->b, w->first + (size_t)y)) {
		x++;
		y++;
	}
	return x;
}

/* From the reach at cost d - 1, the x on diagonal k = x - y at cost d. */
static int step(const int *before, int d, int k)
{
	int down, right;

	if (d == 0)
		return 0;
	/* before[(k' + d - 1) / 2] is diagonal k' of cost d - 1 */
	down = k < d ? before[(k + d) / 2] : -1;		/* from k + 1 */
	right = k > -d ? before[(k + d) / 2 - 1] + 1 : -1;	/* from k - 1 */
	return right > down ? right : down;
}

/* The least number of lines to take away or add, or -1 if it is too large. */
static int ways_search(struct ways *w)
{
	for (int d = 0; d <= COST_MAX; d++) {
		int *here = malloc(((size_t)d + 1) * sizeof(*here));

		w->reach[d] = here;
		w->cost = d;
		if (!here)
			return -1;
		for (int k = -d; k <= d; k += 2) {
			int x = step(d ? w->reach[d - 1] : NULL, d, k);

			x = x - k < 0 ? k : x;
			x = slide(w, x, x - k);
			here[(k + d) / 2] = x;
			if ((size_t)x >= w->na && (size_t)(x - k) >= w->nb && k ==
			    (int)w->na - (int)w->nb)
				return d;
		}
	}
	return -1;
}

/* Marks the lines that go and those that come, from the end back. */
static void ways_mark(const struct ways *w, bool *gone, bool *come)
{
	int x = (int)w->na, y = (int)w->nb;

	for (int d = w->cost; d > 0; d--) {
		const int *before = w->reach[d - 1];
		int k = x - y;
		int down = k < d ? before[(k + d) / 2] : -1;
		int right = k > -d ? before[(k + d) / 2 - 1] + 1 : -1;

		if (right > down) {
			x = right - 1;
			gone[w->first + (size_t)x] = true;
			y = x - (k - 1);
		} else {
			x = down;
			y = x - (k + 1);
			come[w->first + (size_t)y] = true;
		}
	}
}

/* Which lines of a go and which of b come; false: memory is short. */
static bool compare(const struct lines *a, const struct lines *b, bool *gone, bool *come)
{
	struct ways w = { .a = a, .b = b, .na = a->count, .nb = b->count, .cost = -1 };
	int found;

	while (w.first < w.na && w.first < w.nb && same(a, w.first, b, w.first))
		w.first++;
	while (w.na > w.first && w.nb > w.first && same(a, w.na - 1, b, w.nb - 1)) {
		w.na--;
		w.nb--;
	}
	w.na -= w.first;
	w.nb -= w.first;
	w.reach = calloc(COST_MAX + 1, sizeof(*w.reach));
	if (!w.reach)
		return false;
	found = ways_search(&w);
	if (found >= 0)
		ways_mark(&w, gone, come);
	for (int d = 0; d <= w.cost; d++)
		free(w.reach[d]);
	free(w.reach);
	if (found < 0) {	/* too different: all of it goes, all of it comes */
		memset(gone + w.first, true, w.na);
		memset(come + w.first, true, w.nb);
	}
	return true;
}

static void difference_put(struct shell *sh, const struct lines *a, const struct lines *b,
			   const bool *gone, const bool *come)
{
	size_t i = 0, j = 0;
	bool more = true;

	while (more && (i < a->count || j < b->count)) {
		if (i < a->count && gone[i])
			more = line_put(sh, '-', a, i++);
		else if (j < b->count && come[j])
			more = line_put(sh, '+', b, j++);
		else
			i++, j++;
	}
}

static int difference_show(struct shell *sh, const char *from, const char *to)
{
	struct lines a = { 0 }, b = { 0 };
	bool *gone = NULL, *come = NULL;
	bool ok = lines_split(&a, from) == 0 && lines_split(&b, to) == 0;

	if (ok) {
		gone = calloc(a.count + 1, sizeof(*gone));
		come = calloc(b.count + 1, sizeof(*come));
		ok = gone && come && compare(&a, &b, gone, come);
	}
	if (ok)
		difference_put(sh, &a, &b, gone, come);
	free(gone);
	free(come);
	lines_free(&a);
	lines_free(&b);
	return ok ? SHELL_OK : SHELL_FAILED;
}

int diff_run(struct shell *sh, const struct line *line)
{
	json_t *answer;
	int status;

	if (line->words.count > 1)
		return line_refuse(sh, line->source, line->words.loc[1], "",
				   "'diff' takes no words");
	answer = rules_ask(sh);
	if (!answer)
		return SHELL_FAILED;
	page_begin(sh);
	status = difference_show(sh, answer_text(answer, "text"), rules_text(answer));
	page_end();
	json_decref(answer);
	return status;
}
