// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_diff.c - the lines that a commit would remove and add.
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
