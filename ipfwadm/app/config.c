// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config.c - /etc/ipfwadm.conf: lines of a word and its value, and comments.
 *
 * The name is fixed, and never comes from the environment, since who runs us may be
 * root.
 */
#include "ipfwadm/app/config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/plan/plan.h"
#include "ipfwadm/format/saved.h"
#include "parser/diag.h"

#define CONFIG_FILE "/etc/ipfwadm.conf"
#define WORDS 3		/* of a line that are looked at: one too many */

struct config {
	char backend[PATH_MAX];	/* or empty */
	__u32 mark_mask;	/* or 0 */
};

/* a word of a line, and where it stands */
struct word {
	char text[PATH_MAX];
	struct loc loc;
};

bool config_mask_parse(const char *word, __u32 *mask)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(word, &end, 0);
	if (errno || *end || end == word || n > 0xffffffffUL || n == 0)
		return false;
	*mask = (__u32)n;
	return plan_mark_mask_valid(*mask);
}

static const char *near_hint(char hint[128], const char *word, const char *const *words,
			     const char *otherwise)
{
	const char *near = diag_suggest(word, words);

	if (!near)
		return otherwise;
	snprintf(hint, 128, "did you mean '%s'?", near);
	return hint;
}

static bool backend_known(const char *spec)
{
	const struct backend_info *info;
	size_t len = strcspn(spec, ":");

	for (info = backends; info->name; info++)
		if (strlen(info->name) == len && !strncmp(spec, info->name, len))
			return true;
	return false;
}

static void backend_take(struct config *c, const struct word *value, struct diags *d)
{
	static const char *const names[] = { "kmod", "nft", "xtables", "sim", NULL };
	char hint[128];

	if (backend_known(value->text))
		memcpy(c->backend, value->text, sizeof(c->backend));
	else
		diag_add(d, value->loc,
			 near_hint(hint, value->text, names,
				   "one of kmod, nft, xtables and sim:FILE"),
			 "unknown backend '%.80s'", value->text);
}

static void mask_take(struct config *c, const struct word *value, struct diags *d)
{
	__u32 mask;

	if (config_mask_parse(value->text, &mask))
		c->mark_mask = mask;
	else
		diag_add(d, value->loc, "a block of at least 16 bits, such as 0xffff0000",
			 "invalid mark mask '%.80s'", value->text);
}

static const struct {
	const char *word;
	const char *missing;	/* what the value would be */
	void (*take)(struct config *c, const struct word *value, struct diags *d);
} items[] = {
	{ "backend", "one of kmod, nft, xtables and sim:FILE", backend_take },
	{ "mark-mask", "a block of at least 16 bits, such as 0xffff0000", mask_take },
};

static const char *const item_words[] = { "backend", "mark-mask", NULL };

static void line_take(struct config *c, const struct word *word, unsigned int n,
		      struct diags *d)
{
	char hint[128];
	size_t i;

	for (i = 0; i < FW_COUNT(items) && strcmp(items[i].word, word->text); i++)
		;
	if (i == FW_COUNT(items))
		diag_add(d, word->loc,
			 near_hint(hint, word->text, item_words,
				   "a line is 'backend NAME' or 'mark-mask MASK'"),
			 "unknown word '%.80s'", word->text);
	else if (n == 1)
		diag_add(d, word->loc, items[i].missing, "'%s' needs a value",
			 items[i].word);
	else if (n > 2)
		diag_add(d, word[2].loc, "", "'%s' has one value", items[i].word);
	else
		items[i].take(c, &word[1], d);
}

/* Splits the line at *at, which moves behind it; the number of words.  NUL is a letter. */
static unsigned int line_split(const struct source *s, unsigned int *at,
			       struct word word[WORDS])
{
	const char *line = s->text + *at, *end = memchr(line, '\n', s->len - *at);
	size_t len = (size_t)((end ? end : s->text + s->len) - line), i = 0, n;
	unsigned int words = 0;

	while (words < WORDS) {
		while (i < len && memchr(" \t\r", line[i], 3))
			i++;
		for (n = 0; i + n < len && !memchr(" \t\r#", line[i + n], 4); n++)
			;
		if (!n)
			break;
		word[words].loc = (struct loc){ *at + i, *at + i + n };
		snprintf(word[words++].text, PATH_MAX, "%.*s",
			 n < PATH_MAX ? (int)n : PATH_MAX - 1, line + i);
		i += n;
	}
	*at += (unsigned int)len + !!end;
	return words;
}

static bool text_take(struct config *c, const struct source *s, const struct app *app)
{
	static struct word word[WORDS];
	struct diags diags;
	unsigned int at = 0, n;
	bool good;

	diags_init(&diags, s);
	while (at < s->len && diags.count < DIAG_MAX) {
		n = line_split(s, &at, word);
		if (n)
			line_take(c, word, n, &diags);
	}
	good = !diags.count;
	if (!good)
		app_diags_tell(app, &diags);
	diags_free(&diags);
	return good;
}

/* No such file is no mistake. */
static bool file_take(struct config *c, const struct app *app)
{
	struct source source = { .text = NULL };
	struct fw_error e;
	bool good;

	if (saved_open(CONFIG_FILE, &source, &e)) {
		if (e.code == ENOENT)
			return true;
		app_error(app, "%s", e.text);
		return false;
	}
	good = text_take(c, &source, app);
	source_free(&source);
	return good;
}

bool config_apply(struct app *app)
{
	static struct config c;	/* the name of the backend stays */
	bool good = file_take(&c, app);

	if (!app->backend && c.backend[0]) {
		app->backend = c.backend;
		app->configured = true;
	}
	if (!app->mark_mask)
		app->mark_mask = c.mark_mask ? c.mark_mask : BACKEND_MARK_MASK;
	return good;
}
