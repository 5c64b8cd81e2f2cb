// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extension.c - --state, --helper and --comment.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "parser/extension.h"

const char *const names_states[] = { "new", "established", "related", "invalid", NULL };

/* a prefix of a state's name, any letter case; no two begin alike */
static int state_bit(const char *s, size_t n)
{
	for (int i = 0; n && names_states[i]; i++)
		if (strncasecmp(names_states[i], s, n) == 0)
			return 1 << i;
	return 0;
}

static int state_refuse(struct request *q, const struct ast_word *w, const char *s,
			size_t n)
{
	char state[32], hint[HINT_SIZE];
	struct loc loc =
		ast_word_part(w, (size_t)(s - w->text), (size_t)(s - w->text) + n);

	snprintf(state, sizeof(state), "%.*s", n < 100 ? (int)n : 100, s);
	return REFUSE(q, loc, hint_suggest(q, hint, state, names_states),
		      "invalid state \"%s\" specified", state);
}

/* STATE,STATE...; a leading ! turns the whole list round */
int extension_state(struct request *q, const struct ast_item *item)
{
	const struct ast_word *w = item->words;
	const char *s = w->text;
	bool not = *s == '!';
	unsigned int states = 0;

	s += not;
	while (true) {
		size_t n = strcspn(s, ",");
		int bit = state_bit(s, n);

		if (!bit)
			return state_refuse(q, w, s, n);
		states |= (unsigned int)bit;
		if (!s[n])
			break;
		s += n + 1;
	}
	if (not)
		states ^= FW_STATES;
	if (!states)
		return REFUSE(q, w->loc, "", "no state is left in \"%s\"", w->text);
	q->rule.state = (__u8)states;
	return 0;
}

/* an unknown name is told together with those that are known */
int extension_helper(struct request *q, const struct ast_item *item)
{
	const char *names[FW_HELPERS] = { NULL };
	const struct ast_word *w = item->words;
	char known[128], near[HINT_SIZE];
	int n;

	q->rule.helper = (__u8)fw_helper_find(w->text);
	if (q->rule.helper)
		return 0;
	n = snprintf(known, sizeof(known), "known:");
	for (unsigned int i = 1; i < FW_HELPERS; i++) {
		names[i - 1] = fw_helper_name(i);
		n += snprintf(known + n, sizeof(known) - (size_t)n, " %s", names[i - 1]);
	}
	hint_suggest(q, near, w->text, names);
	return REFUSE(q, w->loc, near, "unknown helper \"%s\" (%s)", w->text,
		      known);
}

int extension_comment(struct request *q, const struct ast_item *item)
{
	const struct ast_word *w = item->words;
	size_t n = strlen(w->text);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)w->text[i];

		if (c < ' ' || c > '~')
			return REFUSE(q, ast_word_part(w, i, i + 1), "",
				      "a comment holds printable ASCII characters only");
	}
	if (n > FW_COMMENT_MAX)
		return REFUSE(q, ast_word_part(w, FW_COMMENT_MAX, n), "",
			      "comment longer than %d characters", FW_COMMENT_MAX);
	memcpy(q->rule.comment, w->text, n);
	return 0;
}
