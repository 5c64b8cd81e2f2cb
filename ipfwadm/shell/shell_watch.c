// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_watch.c - rules whose counters move.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "ipfwadm/shell/shell_rules.h"
#include "parser/print.h"

#define SECONDS_MAX 3600

/* What it says, and how much came in these seconds. */
static void rule_tell(const struct rules *now, enum fw_list_id id, unsigned int i,
		      const struct fw_rule *before, long seconds)
{
	const struct fw_rule *r = &rules_rule(now, id, i)->rule;
	char buf[PRINT_RULE_MAX];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	print_rule(&t, FW_OP_APPEND, id, r);
	printf("%5u %10llu packets/s %12llu bytes/s  %s\n", i,
	       (unsigned long long)(r->pcnt - before->pcnt) / (unsigned long)seconds,
	       (unsigned long long)(r->bcnt - before->bcnt) / (unsigned long)seconds, buf);
}

/* Rules are the same ones as long as nobody edits. */
static void difference_tell(const struct rules *before, const struct rules *now,
			    long seconds)
{
	bool moved = false;

	for (int id = 0; id < FW_LISTS; id++) {
		for (unsigned int i = 1; i <= now->count[id] && i <= before->count[id]; i++) {
			const struct fw_rule *a = &rules_rule(before, (enum fw_list_id)id, i)->rule;
			const struct fw_rule *b = &rules_rule(now, (enum fw_list_id)id, i)->rule;

			if (b->pcnt <= a->pcnt)
				continue;
			rule_tell(now, (enum fw_list_id)id, i, a, seconds);
			moved = true;
		}
	}
	puts(moved ? "" : "no rule has counted anything");
	fflush(stdout);
}

/* The rules in force, whatever is staged. */
static int rules_fetch(struct shell *sh, struct rules *r, char state[24])
{
	json_t *answer = client_call(sh, json_pack("{s:s}", "do", "rules"));
	int err = -1;

	answer_complain(answer);
	if (answer && answer_status(answer) == SHELL_OK)
		err = rules_read(r, answer_text(answer, "text"));
	snprintf(state, 24, "%s", answer_text(answer, "state"));
	json_decref(answer);
	return err;
}

static void seconds_wait(long seconds)
{
	struct pollfd fd = { interrupt_fd(), POLLIN, 0 };

	poll(&fd, 1, (int)seconds * 1000);
}

int watch_run(struct shell *sh, const struct line *line)
{
	const struct words *w = &line->words;
	char *end = "", last[24], state[24];
	long seconds = w->count > 1 ? strtol(w->text[1], &end, 10) : 1;
	struct rules before, now;

	if (w->count > 2 || *end || seconds < 1 || seconds > SECONDS_MAX)
		return line_refuse(sh, line->source, w->loc[w->count > 2 ? 2 : 1], "",
				   "'watch' takes seconds, at most %d", SECONDS_MAX);
	if (rules_fetch(sh, &before, last) < 0)
		return SHELL_FAILED;
	while (seconds_wait(seconds), !interrupted()) {
		if (rules_fetch(sh, &now, state) < 0)
			break;
		if (strcmp(state, last) == 0)
			difference_tell(&before, &now, seconds);
		else
			puts("somebody has changed the rules");
		rules_free(&before);
		before = now;
		memcpy(last, state, sizeof(last));
		if (!sh->interactive)	/* nobody could end it */
			break;
	}
	rules_free(&before);
	interrupted_clear();
	return SHELL_OK;
}
