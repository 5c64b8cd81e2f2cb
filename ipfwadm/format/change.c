// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * change.c - what becomes of a rule set, printed.
 */
#include "ipfwadm/format/change.h"

#include <stdlib.h>

#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"
#include "ipfwadm/format/text_diff.h"

struct change {
	bool color;
	unsigned int lines;
	json_t *removed, *added;	/* NULL: they are printed */
};

static bool line_print(void *ctx, char sign, const char *line, size_t len)
{
	struct change *c = ctx;
	const char *color = sign == '-' ? "\033[31m" : "\033[32m";

	c->lines++;
	if (c->added)
		json_array_append_new(sign == '-' ? c->removed : c->added,
				      json_stringn(line, len));
	else
		printf("%s%c %.*s%s\n", c->color ? color : "", sign, (int)len, line,
		       c->color ? "\033[m" : "");
	return true;
}

void change_document(const struct app *app, bool changed)
{
	document_add(app->document, json_pack("{s:b, s:[], s:[]}", "changed", changed,
					      "removed", "added"));
}

int change_print(const struct app *app, const struct fw_ruleset *before,
		 const struct fw_ruleset *after)
{
	struct change c = { .color = app->color };
	char *from = NULL, *to = NULL;
	size_t len;
	int err = saved_text(before, NULL, SAVED_NO_COUNTERS, &from, &len);

	if (app->json) {
		c.removed = json_array();
		c.added = json_array();
	}
	if (!err)
		err = saved_text(after, NULL, SAVED_NO_COUNTERS, &to, &len);
	if (!err)
		err = text_diff(from, to, line_print, &c);
	if (!err && app->json)
		document_add(app->document,
			     json_pack("{s:b, s:O, s:O}", "changed", c.lines > 0,
				       "removed", c.removed, "added", c.added));
	json_decref(c.removed);
	json_decref(c.added);
	free(from);
	free(to);
	return err ? err : c.lines > 0;
}
