// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_diff.c - the lines that a commit would remove and add, and how many it has.
 */
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/format/text_diff.h"
#include "ipfwadm/shell/shell.h"

static bool line_put(void *ctx, char sign, const char *line, size_t length)
{
	static const char *const colors[] = { "\033[32m", "\033[31m" };
	const struct shell *sh = ctx;
	char buf[16];

	snprintf(buf, sizeof(buf), "%s%c ", sh->color ? colors[sign == '-'] : "", sign);
	return shell_page_write(buf, strlen(buf)) && shell_page_write(line, length) &&
	       shell_page_write(sh->color ? "\033[m\n" : "\n", sh->color ? 4 : 1);
}

static int difference_show(struct shell *sh, const json_t *before, const json_t *after)
{
	size_t length;
	char *from = engine_wire_text_bytes(before, &length);
	char *to = engine_wire_text_bytes(after, &length);
	bool ok = from && to && text_diff(from, to, line_put, sh) == 0;

	free(from);
	free(to);
	return ok ? SHELL_OK : SHELL_FAILED;
}

struct line_counts {
	unsigned int added, removed;
};

static bool line_count(void *ctx, char sign, const char *line, size_t length)
{
	struct line_counts *n = ctx;

	(void)line;
	(void)length;
	*(sign == '+' ? &n->added : &n->removed) += 1;
	return true;
}

void shell_change_print(struct shell *sh, const json_t *before)
{
	struct line_counts n = { 0, 0 };
	char *from = NULL, *to = NULL;
	json_t *answer = NULL;
	size_t length;

	if (!sh->interactive || sh->depth ||
	    shell_client_ask(sh, json_pack("{s:s}", "do", "rules"), &answer))
		return;
	from = engine_wire_text_bytes(before, &length);
	to = engine_wire_text_bytes(json_object_get(answer, "text"), &length);
	if (from && to && text_diff(from, to, line_count, &n) == 0)
		printf("%u added, %u removed%s\n", n.added, n.removed,
		       strncmp(sh->backend, "sim", 3) == 0 ? "" :
		       ", until the next boot; `ipfwadm enable' keeps them");
	free(from);
	free(to);
	json_decref(answer);
}

int shell_diff_run(struct shell *sh, const struct line *line)
{
	json_t *answer;
	int status;

	(void)line;
	answer = shell_rules_ask(sh);
	if (!answer)
		return SHELL_FAILED;
	shell_page_begin(sh);
	status = difference_show(sh, json_object_get(answer, "text"), shell_rules_text(answer));
	shell_page_end();
	json_decref(answer);
	return status;
}
