// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parse-vectors FILE...	recorded command lines of 2.3.0: is the same refused,
 *			in the same words and with the same status?
 *
 * The files are cli.jsonl, lines.jsonl and scripts.jsonl; the name services must
 * be those of the recording.
 */
#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

#include "parser/command.h"
#include "tests/lib/jsonl.h"
#include "tests/lib/tally.h"

#define PROGRAM "ipfwadm: "
#define STATUS_USAGE 2
#define WORDS 64

struct expected {
	const char *name;	/* to tell which it was */
	int status;
	const char *error;	/* first line on stderr */
};

/* what the parser says about argv: status and first line, as the program shows */
static int argv_judge(int argc, char **argv, char *line, size_t size)
{
	struct diags d;
	struct source source;
	struct program p;
	int status = 0;

	line[0] = '\0';
	if (program_parse_argv(&p, argc, argv, &source, &d)) {
		status = d.item[0].status;
		snprintf(line, size, PROGRAM "%s", d.item[0].text);
		if (d.count != 1 || !d.item[0].trailer)
			status = -1;
	} else {
		program_free(&p);
	}
	diags_free(&d);
	source_free(&source);
	return status;
}

/* Only errors of usage are the parser's: the rest it must let pass. */
static void argv_compare(struct tally *t, int argc, char **argv, const struct expected *e)
{
	bool usage = e->status == STATUS_USAGE;
	size_t length = usage ? strcspn(e->error, "\n") : 0;
	char line[1100];
	int status = argv_judge(argc, argv, line, sizeof(line));

	if (status == (usage ? STATUS_USAGE : 0) && strlen(line) == length &&
	    (!usage || strncmp(line, e->error, length) == 0))
		tally_pass(t);
	else
		tally_fail(t, "%s: %d, %s\n  wanted %d, %.*s", e->name, status, line,
			   e->status, (int)strcspn(e->error, "\n"), e->error);
}

/* an array of words; more is added behind them if it is not NULL */
static void words_compare(struct tally *t, const json_t *words, char *more,
			  const struct expected *e)
{
	char *argv[WORDS + 2] = { "ipfwadm" };
	int argc = 1;

	for (size_t i = 0; i < json_array_size(words) && argc < WORDS; i++)
		argv[argc++] = (char *)json_string_value(json_array_get(words, i));
	if (more)
		argv[argc++] = more;
	argv_compare(t, argc, argv, e);
}

/* a command as a script had it, "ipfwadm" in front */
static void command_compare(struct tally *t, const json_t *command)
{
	struct expected e = {
		.name = jsonl_str(command, "cmd"),
		.status = (int)jsonl_int(command, "exit", 0),
		.error = jsonl_str(command, "stderr_first"),
	};
	wordexp_t words;

	if (wordexp(e.name, &words, WRDE_NOCMD | WRDE_UNDEF)) {
		tally_fail(t, "%s: no words", e.name);
		return;
	}
	argv_compare(t, (int)words.we_wordc, words.we_wordv, &e);
	wordfree(&words);
}

static void value_compare(struct tally *t, const json_t *value)
{
	const json_t *commands = json_object_get(value, "commands");
	const json_t *error = json_object_get(value, "stderr");
	struct expected e = { .status = (int)jsonl_int(value, "exit", 0) };

	for (size_t i = 0; i < json_array_size(commands); i++)
		command_compare(t, json_array_get(commands, i));
	if (commands)
		return;
	e.name = jsonl_str(value, error ? "id" : "cmd");
	e.error = jsonl_str(value, error ? "stderr" : "stderr_first");
	/* the lines were recorded with -v behind them */
	words_compare(t, json_object_get(value, "argv"), error ? NULL : "-v", &e);
}

static void file_compare(struct tally *t, const char *path)
{
	struct jsonl *in = jsonl_open(path);
	json_t *value;

	if (!in) {
		tally_fail(t, "%s: cannot be read", path);
		return;
	}
	while ((value = jsonl_next(in))) {
		value_compare(t, value);
		json_decref(value);
	}
	if (jsonl_close(in))
		tally_fail(t, "%s: not read to its end", path);
}

int main(int argc, char **argv)
{
	struct tally t = { 0 };

	for (int i = 1; i < argc; i++)
		file_compare(&t, argv[i]);
	return tally_end(&t);
}
