// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_choices.c - candidates for the word at the cursor: words of the shell from
 * lists here, all others from what the parser expects.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell_choices.h"
#include "kmod/core/names.h"

#define ABOUT_MAX 200

static void described_add(struct choices *c, const char *word)
{
	char about[ABOUT_MAX] = "";

	if (!c->quick)
		shell_manual_brief(word, about, sizeof(about));
	shell_choices_add(c, word, "%s", about);
}

/* the words of a list that ends with NULL, with their lines of the manual */
static void described_words(struct choices *c, const char *const *words)
{
	for (; *words; words++)
		described_add(c, *words);
}

/* options that fit the line; one that is empty begins with a category */
static void options_fit(struct choices *c, const struct expect *x)
{
	for (const struct option_row *o = options; o->name; o++) {
		bool first = o->kind == OPTION_CATEGORY || o->id == 'h';
		/* "insert -I 3" has a category and needs -a and options of rules only */
		bool rule = o->with & DO_RULE || o->id == 'a';

		if ((c->first && !first) || (c->rule && !rule))
			continue;
		if (expect_option(x, o))
			described_add(c, o->name);
	}
}

/* another letter for the cluster that has been typed: "-Il" -> "-Ile" */
static void cluster_add(struct choices *c, const struct expect *x)
{
	for (const struct option_row *o = options; o->name; o++) {
		char about[ABOUT_MAX] = "";

		if (o->kind == OPTION_NEW || !expect_option(x, o))
			continue;
		if (!c->quick)
			shell_manual_brief(o->name, about, sizeof(about));
		shell_choices_add(c, o->name + 1, "%s", about);
	}
}

static void options_add(struct choices *c, const char *text, size_t before)
{
	size_t typed = strlen(c->word);
	const struct option_row *last;
	struct expect x;

	if (typed > 1 && c->word[0] == '-' && c->word[1] != '-') {
		char about[ABOUT_MAX] = "";

		if (line_expect(&x, text, before + typed) < 0)
			return;
		c->fixed = (unsigned int)typed;
		if (typed == 2 && !c->quick)
			shell_manual_brief(c->word, about, sizeof(about));
		shell_choices_add(c, "", "%s", about);
		/* a letter with a required argument is the last one */
		last = option_by_letter((unsigned char)c->word[typed - 1], x.given['T']);
		if (!last || !last->min)
			cluster_add(c, &x);
		return;
	}
	if (line_expect(&x, text, before) == 0)
		options_fit(c, &x);
}

/* a classic line, or what follows "insert -I 3" */
static void classic_make(struct choices *c, struct shell *sh, const char *text)
{
	size_t before = strlen(text) - strlen(c->word);
	struct expect x;

	if (line_expect(&x, text, strlen(text)) < 0)
		return;
	if (x.interface)
		return;
	if (x.option && (c->word[0] != '-' || x.must || x.begin > before)) {
		c->fixed = x.begin > before ? (unsigned int)(x.begin - before) : 0;
		shell_choices_values(c, sh, &x);
		if (x.must || *c->word)
			return;
	}
	if (!*c->word || c->word[0] == '-')
		options_add(c, text, before);
}

/* the words before the one at the cursor, copied into buf */
struct typed {
	char *buf;
	const char *word[64];
	unsigned int count;
};

static void typed_split(struct typed *t, const char *text, size_t before)
{
	char *rest;

	*t = (struct typed){ .buf = strndup(text, before) };
	if (!t->buf)
		return;
	for (char *w = strtok_r(t->buf, " \t\n", &rest); w && t->count < FW_COUNT(t->word);
	     w = strtok_r(NULL, " \t\n", &rest))
		if (t->count || strcmp(w, "ipfwadm") != 0)
			t->word[t->count++] = w;
}

static const char *const lists[] = { "-A", "-F", "-I", "-O", NULL };

/* Blanks instead of "insert" and the number: a classic line is left. */
static char *rule_text(const char *text, const struct typed *t, unsigned int number)
{
	char *copy = strdup(text);
	const unsigned int skipped[] = { 0, number };

	for (unsigned int i = 0; copy && i < FW_COUNT(skipped); i++) {
		const char *word = t->word[skipped[i]];

		memset(copy + (word - t->buf), ' ', strlen(word));
	}
	return copy;
}

/* insert, replace, delete, move: LIST [DIRECTION] NUMBER ... */
static void numbered_make(struct choices *c, struct shell *sh, const char *text,
			  const struct typed *t)
{
	unsigned int number = 2;
	bool rule = t->word[0][0] == 'i' || t->word[0][0] == 'r';
	char *copy;

	if (t->count == 1) {
		described_words(c, lists);
		return;
	}
	if (t->count > 2 && !isdigit((unsigned char)t->word[2][0]))
		number = 3;
	if (t->count <= number || (t->count == number + 1 && t->word[0][0] == 'm')) {
		shell_choices_numbers(c, sh, t->word[1][1]);
	} else if (rule) {
		copy = rule_text(text, t, number);
		c->rule = true;
		if (copy)
			classic_make(c, sh, copy);
		free(copy);
	}
}

/* the arguments of trace, a packet: options of its own, and those of a rule */
static void trace_make(struct choices *c, struct shell *sh, const char *text,
		       const struct typed *t)
{
	static const char *const words[] = {
		"-P", "-S", "-D", "-W", "-y", "-k", "-v", "--flags", "--code", "--state",
		"--kept", "--tos", "--ttl", "--length", "--id", "--out", "--reply",
		"--error", "--rules", "--at", "--pcap", "--keep", NULL,
	};
	static const char *const errors[] = {
		"unreachable", "source-quench", "time-exceeded", NULL,
	};
	const char *last = t->word[t->count - 1];
	const char *packet = text + (t->word[0] - t->buf) + strlen(t->word[0]);
	struct expect x;

	if (strcmp(last, "--out") == 0) {
		shell_choices_interfaces(c, sh, false);
	} else if (strcmp(last, "--error") == 0) {
		shell_choices_words(c, errors);
	} else if (strcmp(last, "--rules") == 0 || strcmp(last, "--pcap") == 0) {
		c->files = true;
	} else {
		if (*c->word != '-' && line_expect(&x, packet, strlen(packet)) == 0 && x.option)
			shell_choices_values(c, sh, &x);
		else
			x.must = false;
		if (!x.must && (!*c->word || *c->word == '-'))
			described_words(c, words);
	}
}

static void topic_visit(void *ctx, const char *topic, const char *head)
{
	struct choices *c = ctx;

	if (topic[0] && (!c->count || strcmp(c->item[c->count - 1].word, topic) != 0))
		shell_choices_add(c, topic, "%s", c->quick ? "" : head);
}

/* arguments of the shell's commands and of subcommands */
static const struct {
	const char *name;
	const char *words[6];
	bool files;
} followers[] = {
	{ "show", { "-A", "-F", "-I", "-O", NULL }, false },
	{ "commit", { "confirm", "force", NULL }, false },
	{ "source", { NULL }, true },
	{ "load", { "-n", "--append", NULL }, true },
	{ "save", { "--counters", NULL }, false },
	{ "ipv6", { "deny", "accept", NULL }, false },
	{ "dump", { "nft", "iptables", "ip6tables", "json", "ipfwadm" }, true },
};

static void follower_make(struct choices *c, struct shell *sh, const char *text,
			  const struct typed *t)
{
	const char *first = t->word[0];

	if (shell_numbered_command(first))
		numbered_make(c, sh, text, t);
	else if (strcmp(first, "trace") == 0)
		trace_make(c, sh, text, t);
	else if (strcmp(first, "help") == 0 && t->count == 1)
		shell_manual_topics(topic_visit, c);
	else if (strcmp(first, "watch") == 0)
		c->open = "[SECONDS]";
	else if (strcmp(first, "commit") == 0 && t->count == 2)
		c->open = "SECONDS";
	for (unsigned int i = 0; i < FW_COUNT(followers); i++) {
		bool dump = strcmp(first, "dump") == 0, one = !followers[i].files;

		if (strcmp(first, followers[i].name) != 0 || (one && t->count > 1))
			continue;
		if (!dump || t->count == 1 || c->word[0] == '-')
			described_words(c, followers[i].words);
		c->files = followers[i].files && c->word[0] != '-' &&
			   (!dump || t->count > 1);
	}
}

static void command_visit(void *ctx, const char *name)
{
	described_add(ctx, name);
}

/* The first word of a line. */
static void first_make(struct choices *c, struct shell *sh, const char *text)
{
	c->first = !c->word[0];
	if (c->word[0] != '-')
		shell_command_names(command_visit, c);
	if (c->word[0] == '-' || !*c->word)
		classic_make(c, sh, text);
}

void shell_choices_make(struct choices *c, struct shell *sh, const char *text, bool quick)
{
	size_t length = strlen(text), before = length;
	struct typed t;

	while (before && !strchr(" \t\n", text[before - 1]))
		before--;
	*c = (struct choices){ .word = text + before, .quick = quick };
	typed_split(&t, text, before);
	if (!t.count)
		first_make(c, sh, text);
	else if (t.word[0][0] == '-' || t.word[0][0] == '[')
		classic_make(c, sh, text);
	else
		follower_make(c, sh, text, &t);
	free(t.buf);
}
