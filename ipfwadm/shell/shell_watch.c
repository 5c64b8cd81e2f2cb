// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_watch.c - rules whose counters change.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "parser/print.h"

#define SECONDS_MAX 3600

/* The rule, what it has counted, and its packets and bytes per second since then. */
static void rule_print(const struct rules *now, enum fw_list_id id, unsigned int i,
		      const struct fw_rule *before, long seconds)
{
	const struct fw_rule *r = shell_rules_rule(now, id, i);
	char buf[PRINT_RULE_MAX];

	printf("%4u %10llu packets %12llu bytes %8llu/s %10llu/s  %s\n", i,
	       (unsigned long long)r->pcnt, (unsigned long long)r->bcnt,
	       (unsigned long long)(r->pcnt - before->pcnt) / (unsigned long)seconds,
	       (unsigned long long)(r->bcnt - before->bcnt) / (unsigned long)seconds,
	       print_rule_text(buf, id, r));
}

/* The two have the same rules.  A terminal that can is repainted. */
static void difference_print(const struct shell *sh, const struct rules *before,
			     const struct rules *now, long seconds)
{
	const char *term = getenv("TERM");
	bool counted = false;

	if (sh->interactive && term && strcmp(term, "dumb") != 0)
		fputs("\033[H\033[J", stdout);
	for (enum fw_list_id id = 0; id < FW_LISTS; id++) {
		for (unsigned int i = 1; i <= now->count[id] && i <= before->count[id]; i++) {
			const struct fw_rule *a = shell_rules_rule(before, id, i);
			const struct fw_rule *b = shell_rules_rule(now, id, i);

			if (b->pcnt <= a->pcnt)
				continue;
			rule_print(now, id, i, a, seconds);
			counted = true;
		}
	}
	puts(counted ? "" : "no rule has counted anything");
	fflush(stdout);
}

/* The rules in force, without staged edits. */
static int rules_fetch(struct shell *sh, struct rules *r, char state[ENGINE_STATE_SIZE])
{
	json_t *answer;
	int err = shell_client_ask(sh, json_pack("{s:s}", "do", "rules"), &answer);

	if (!err)
		err = shell_rules_read(r, json_object_get(answer, "text"));
	snprintf(state, ENGINE_STATE_SIZE, "%s", shell_answer_text(answer, "state"));
	json_decref(answer);
	return err;
}

static void seconds_wait(long seconds)
{
	struct pollfd fd = { shell_interrupt_fd(), POLLIN, 0 };

	poll(&fd, 1, (int)seconds * 1000);
}

int shell_watch_run(struct shell *sh, const struct line *line)
{
	const struct words *w = &line->words;
	char *end = "", last[ENGINE_STATE_SIZE], state[ENGINE_STATE_SIZE];
	long seconds = w->count > 1 ? strtol(w->text[1], &end, 10) : 1;
	struct rules before, now;

	if (w->count > 2 || *end || seconds < 1 || seconds > SECONDS_MAX)
		return shell_line_refuse(sh, line->source, w->loc[w->count > 2 ? 2 : 1], "",
					 "'watch' takes seconds, at most %d", SECONDS_MAX);
	if (rules_fetch(sh, &before, last))
		return SHELL_FAILED;
	while (seconds_wait(seconds), !shell_interrupted()) {
		if (rules_fetch(sh, &now, state))
			break;
		if (strcmp(state, last) == 0)
			difference_print(sh, &before, &now, seconds);
		else
			puts("somebody has changed the rules");
		shell_rules_free(&before);
		before = now;
		memcpy(last, state, sizeof(last));
		if (!sh->interactive)	/* no Ctrl-C would end it */
			break;
	}
	shell_rules_free(&before);
	shell_interrupted_clear();
	return SHELL_OK;
}
