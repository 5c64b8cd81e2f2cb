// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_diff.c - the lines that one text in saved form has and another has not.
 */
#include "ipfwadm/format/text_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COST_MAX 4000		/* lines that differ; with more all of them do */

/* lines of a text, which they point into */
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

/* Counters are not compared, because they change all the time. */
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

/*
 * Shortest edit script after Myers: at each cost the furthest x on each diagonal
 * k = x - y, where x lines of a and y lines of b are used up.
 */
struct script {
	const struct lines *a, *b;
	size_t first, na, nb;		/* compared: the lines after the common beginning */
	int **reach;			/* of each cost: cost + 1 x positions */
	int cost;
};

static int slide(const struct script *w, int x, int y)
{
	while ((size_t)x < w->na && (size_t)y < w->nb &&
	       same(w->a, w->first + (size_t)x, w->b, w->first + (size_t)y)) {
		x++;
		y++;
	}
	return x;
}

/*
 * From the reach at cost d - 1, the x on diagonal k = x - y at cost d; *removes: by a line
 * of a, not by one of b.  before[(k' + d - 1) / 2] is diagonal k' of cost d - 1.
 */
static int step(const int *before, int d, int k, bool *removes)
{
	int down = k < d ? before[(k + d) / 2] : -1;		/* from k + 1 */
	int right = k > -d ? before[(k + d) / 2 - 1] + 1 : -1;	/* from k - 1 */

	*removes = right > down;
	return *removes ? right : down;
}

/* The least number of lines to take away or add, or -1 if it is too large. */
static int script_search(struct script *w)
{
	for (int d = 0; d <= COST_MAX; d++) {
		int *here = malloc(((size_t)d + 1) * sizeof(*here));

		w->reach[d] = here;
		w->cost = d;
		if (!here)
			return -1;
		for (int k = -d; k <= d; k += 2) {
			bool removes;
			int x = d ? step(w->reach[d - 1], d, k, &removes) : 0;

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

/* Marks removed and added lines, from the end back. */
static void script_mark(const struct script *w, bool *removed, bool *added)
{
	int x = (int)w->na, y = (int)w->nb;

	for (int d = w->cost; d > 0; d--) {
		bool removes;
		int k = x - y;

		x = step(w->reach[d - 1], d, k, &removes) - removes;
		y = x - k + (removes ? 1 : -1);
		if (removes)
			removed[w->first + (size_t)x] = true;
		else
			added[w->first + (size_t)y] = true;
	}
}

/* Marks removed lines of a and added lines of b; false: no memory. */
static bool compare(const struct lines *a, const struct lines *b, bool *removed, bool *added)
{
	struct script w = { .a = a, .b = b, .na = a->count, .nb = b->count, .cost = -1 };
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
	found = script_search(&w);
	if (found >= 0)
		script_mark(&w, removed, added);
	for (int d = 0; d <= w.cost; d++)
		free(w.reach[d]);
	free(w.reach);
	if (found < 0) {	/* too different: all are removed, all are added */
		memset(removed + w.first, true, w.na);
		memset(added + w.first, true, w.nb);
	}
	return true;
}

static void difference_report(const struct lines *a, const struct lines *b,
			      const bool *removed, const bool *added, text_diff_fn on_line,
			      void *ctx)
{
	size_t i = 0, j = 0;
	bool more = true;

	while (more && (i < a->count || j < b->count)) {
		if (i < a->count && removed[i]) {
			more = on_line(ctx, '-', a->line[i], a->length[i]);
			i++;
		} else if (j < b->count && added[j]) {
			more = on_line(ctx, '+', b->line[j], b->length[j]);
			j++;
		} else {
			i++;
			j++;
		}
	}
}

int text_diff(const char *from, const char *to, text_diff_fn on_line, void *ctx)
{
	struct lines a = { 0 }, b = { 0 };
	bool *removed = NULL, *added = NULL;
	bool ok = lines_split(&a, from) == 0 && lines_split(&b, to) == 0;

	if (ok) {
		removed = calloc(a.count + 1, sizeof(*removed));
		added = calloc(b.count + 1, sizeof(*added));
		ok = removed && added && compare(&a, &b, removed, added);
	}
	if (ok)
		difference_report(&a, &b, removed, added, on_line, ctx);
	free(removed);
	free(added);
	lines_free(&a);
	lines_free(&b);
	return ok ? 0 : -ENOMEM;
}
