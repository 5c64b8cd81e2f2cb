// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config.c - /etc/ipfwadm.conf: lines of a word and its value, and comments.
 *
 * The file name is fixed: root must not read a file that an environment names.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/plan/plan.h"
#include "ipfwadm/app/app.h"
#include "parser/command.h"

#define CONFIG_FILE "/etc/ipfwadm.conf"
#define LOG_GROUP "IPFWADM_LOG_GROUP"	/* environment */
#define WORDS 3		/* of a line that are read: one more than a line may have */

struct config {
	char backend[PATH_MAX];	/* or empty */
	__u32 mark_mask;	/* or 0 */
	__u16 log_group;	/* or 0 */
};

struct word {
	char text[PATH_MAX];
	struct loc loc;
};

bool app_mark_mask_parse(const char *word, __u32 *mask)
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

bool app_log_group_parse(const char *word, __u16 *group)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (!isdigit((unsigned char)word[0]) || *end || !n || n > 0xffff)
		return false;
	*group = (__u16)n;
	return true;
}

int app_log_group_export(const struct app *app)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", app->log_group);
	return app->log_group && setenv(LOG_GROUP, text, 1) ? -errno : 0;
}

/* "did you mean ...?" if a name is close, else otherwise */
static const char *near_hint(char hint[128], const char *word, const char *const *names,
			     const char *otherwise)
{
	const char *near = diag_suggest(word, names);

	if (!near)
		return otherwise;
	snprintf(hint, 128, "did you mean '%s'?", near);
	return hint;
}

static bool backend_is_known(const char *spec)
{
	size_t len = strcspn(spec, ":");

	for (const struct backend_info *info = backends; info->name; info++)
		if (strlen(info->name) == len && !strncmp(spec, info->name, len))
			return true;
	return false;
}

static void backend_set(struct config *c, const struct word *value, struct diags *d)
{
	static const char *const names[] = { "kmod", "nft", "xtables", "sim", NULL };
	char hint[128];

	if (backend_is_known(value->text))
		memcpy(c->backend, value->text, sizeof(c->backend));
	else
		diag_add(d, value->loc,
			 near_hint(hint, value->text, names,
				   "one of kmod, nft, xtables and sim:FILE"),
			 "unknown backend '%.80s'", value->text);
}

static void mask_set(struct config *c, const struct word *value, struct diags *d)
{
	__u32 mask;

	if (app_mark_mask_parse(value->text, &mask))
		c->mark_mask = mask;
	else
		diag_add(d, value->loc, "a block of at least 16 bits, such as 0xffff0000",
			 "invalid mark mask '%.80s'", value->text);
}

static void group_set(struct config *c, const struct word *value, struct diags *d)
{
	if (!app_log_group_parse(value->text, &c->log_group))
		diag_add(d, value->loc, "a number from 1 to 65535",
			 "invalid log group '%.80s'", value->text);
}

static const struct {
	const char *name;
	const char *value;	/* what it would be */
	void (*set)(struct config *c, const struct word *value, struct diags *d);
} items[] = {
	{ "backend", "one of kmod, nft, xtables and sim:FILE", backend_set },
	{ "mark-mask", "a block of at least 16 bits, such as 0xffff0000", mask_set },
	{ "log-group", "a number from 1 to 65535", group_set },
};

static const char *const item_names[] = { "backend", "mark-mask", "log-group", NULL };

static void line_read(struct config *c, const struct word *word, unsigned int n,
		      struct diags *d)
{
	char hint[128];
	size_t i;

	for (i = 0; i < FW_COUNT(items) && strcmp(items[i].name, word->text); i++)
		;
	if (i == FW_COUNT(items))
		diag_add(d, word->loc,
			 near_hint(hint, word->text, item_names,
				   "a line is 'backend NAME', 'mark-mask MASK' or "
				   "'log-group N'"),
			 "unknown word '%.80s'", word->text);
	else if (n == 1)
		diag_add(d, word->loc, items[i].value, "'%s' needs a value",
			 items[i].name);
	else if (n > 2)
		diag_add(d, word[2].loc, "", "'%s' has one value", items[i].name);
	else
		items[i].set(c, &word[1], d);
}

/* Splits line [begin, end) of the source, NUL is a letter; returns the number of words. */
static unsigned int line_split(const struct source *s, unsigned int begin, unsigned int end,
			       struct word word[WORDS])
{
	unsigned int words = 0;

	while (words < WORDS) {
		unsigned int n = 0;

		while (begin < end && memchr(" \t\r", s->text[begin], 3))
			begin++;
		while (begin + n < end && !memchr(" \t\r#", s->text[begin + n], 4))
			n++;
		if (!n)
			break;
		word[words].loc = (struct loc){ begin, begin + n };
		snprintf(word[words++].text, PATH_MAX, "%.*s",
			 n < PATH_MAX ? (int)n : PATH_MAX - 1, s->text + begin);
		begin += n;
	}
	return words;
}

static bool text_read(struct config *c, const struct source *s, const struct app *app)
{
	static struct word word[WORDS];
	unsigned int begin, end;
	struct diags diags;
	bool good;

	diags_init(&diags, s);
	for (begin = 0; begin < s->len && diags.count < DIAG_MAX; begin = end + 1) {
		const char *newline = memchr(s->text + begin, '\n', s->len - begin);
		unsigned int n;

		end = (unsigned int)(newline ? (size_t)(newline - s->text) : s->len);
		n = line_split(s, begin, end, word);
		if (n)
			line_read(c, word, n, &diags);
	}
	good = !diags.count;
	if (!good)
		app_diags_print(app, &diags);
	diags_free(&diags);
	return good;
}

/* A missing file is no error. */
static bool file_read(struct config *c, const struct app *app)
{
	struct app opens = *app;
	struct source source;
	struct fw_error e;
	bool good;

	opens.only_source = NULL;	/* the engine, too, reads this file */
	if (app_source_read(&opens, &source, CONFIG_FILE, &e)) {
		if (e.code == ENOENT)
			return true;
		app_error(app, "%s", e.text);
		return false;
	}
	good = text_read(c, &source, app);
	source_free(&source);
	return good;
}

bool app_config_read(struct app *app)
{
	static struct config c;	/* app->backend points into it */
	const char *group = getenv(LOG_GROUP);
	bool good = file_read(&c, app);

	if (!app->backend && c.backend[0]) {
		app->backend = c.backend;
		app->backend_is_configured = true;
	}
	if (!app->mark_mask)
		app->mark_mask = c.mark_mask ? c.mark_mask : BACKEND_MARK_MASK;
	if (!app->log_group && group && !app_log_group_parse(group, &app->log_group)) {
		app_error(app, "invalid " LOG_GROUP " '%.80s': a number from 1 to 65535 "
			       "is needed", group);
		good = false;
	}
	if (!app->log_group)
		app->log_group = c.log_group;
	return good;
}
