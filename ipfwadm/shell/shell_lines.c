// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_lines.c - lines: split into words, and carried out one after the other.
 *
 * Consecutive lines that change rules are collected and committed in one step.  If one
 * of them is refused, those before it are in force, as if each had been committed alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "parser/lexer.h"
#include "parser/nameservice.h"

#define SCRIPT_HINT "a script is carried out by 'ipfwadm run FILE'"
#define DEPTH_MAX 16		/* files that source files */

/* Prints errors of the parser, with their places in the whole source. */
static int diags_report(struct shell *sh, const struct line *line, struct diags *d)
{
	for (unsigned int i = 0; i < d->count && i < DIAG_MAX; i++) {
		d->item[i].loc.begin += line->begin;
		d->item[i].loc.end += line->begin;
	}
	d->source = line->source;
	fflush(stdout);
	diags_print(stderr, d, sh->color);
	return SHELL_USAGE;
}

/* the end of the line that begins at offset; a backslash continues it */
static unsigned int line_end(const struct source *s, unsigned int offset)
{
	const char *text = s->text, *newline;
	size_t at = offset;

	while ((newline = memchr(text + at, '\n', s->len - at))) {
		size_t end = (size_t)(newline - text), slashes = 0;

		while (end - slashes > offset && text[end - slashes - 1] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			return (unsigned int)end;
		at = end + 1;
	}
	return (unsigned int)s->len;
}

static void words_free(struct words *w)
{
	for (unsigned int i = 0; i < w->count; i++)
		free(w->text[i]);
	free(w->text);
	free(w->loc);
	*w = (struct words){ .count = 0 };
}

static int word_add(struct words *w, const struct lexer *lx, unsigned int begin)
{
	char **text = realloc(w->text, (w->count + 2) * sizeof(*text));
	struct loc *loc;

	if (!text)
		return -ENOMEM;
	w->text = text;
	loc = realloc(w->loc, (w->count + 1) * sizeof(*loc));
	if (!loc)
		return -ENOMEM;
	w->loc = loc;
	loc[w->count] = (struct loc){ lx->loc.begin + begin, lx->loc.end + begin };
	text[w->count] = strndup(lx->text, lx->length);
	if (!text[w->count])
		return -ENOMEM;
	text[++w->count] = NULL;
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int words_read(struct shell *sh, struct line *line, struct lexer *lx)
{
	struct words *w = &line->words;
	enum scan scan;
	int err = 0;

	while (!err && (scan = lexer_word(lx)) == SCAN_WORD) {
		if (w->count || strchr(lx->text, '=') ||
		    strcmp(base_name(lx->text), "ipfwadm") != 0)
			err = word_add(w, lx, line->begin);
	}
	if (!err && scan == SCAN_ERROR) {
		struct loc at = { lx->error.loc.begin + line->begin,
				  lx->error.loc.end + line->begin };

		err = shell_line_refuse(sh, line->source, at,
					strstr(lx->error.text, "a shell") ? SCRIPT_HINT :
					lx->error.hint, "%s", lx->error.text);
	}
	return err < 0 ? SHELL_FAILED : err;
}

/* The place of a "|" outside of quotes, or the end of the line. */
static unsigned int bar_find(const struct line *line)
{
	const char *text = line->source->text;
	unsigned int i;
	char quote = '\0';

	for (i = line->begin; i < line->end; i++) {
		if (text[i] == '\\' && quote != '\'')
			i++;
		else if (quote && text[i] == quote)
			quote = '\0';
		else if (!quote && (text[i] == '"' || text[i] == '\''))
			quote = text[i];
		else if (!quote && text[i] == '|')
			break;
	}
	return i < line->end ? i : line->end;
}

/* Cuts "| match TEXT" off the line; what it prints is filtered by the text. */
static void match_cut(struct line *line)
{
	const char *text = line->source->text;
	unsigned int bar = bar_find(line), begin = bar + 1, end = line->end;

	while (begin < end && text[begin] == ' ')
		begin++;
	if (begin + 6 >= end || strncmp(text + begin, "match ", 6) != 0)
		return;
	for (begin += 6; begin < end && text[begin] == ' '; begin++)
		;
	while (end > begin && text[end - 1] == ' ')
		end--;
	if (end - begin > 1 && strchr("'\"", text[begin]) && text[end - 1] == text[begin]) {
		begin++;
		end--;
	}
	if (begin == end)
		return;
	shell_page_match(strndup(text + begin, end - begin));
	line->is_matched = true;
	line->end = bar;
}

/* Splits the line, without a leading "ipfwadm".  0 or a status. */
static int line_split(struct shell *sh, struct line *line)
{
	struct source text = { .text = line->source->text + line->begin,
			       .len = line->end - line->begin };
	struct lexer lx;
	int status;

	if (lexer_open(&lx, &text, false))
		return SHELL_FAILED;
	if (setjmp(lx.no_memory))
		status = SHELL_FAILED;
	else
		status = words_read(sh, line, &lx);
	lexer_close(&lx);
	return status;
}

/* The file that `dump FORMAT FILE' or `trace --rules FILE' reads, or NULL. */
static const char *file_named(const struct words *w)
{
	bool dumps = strcmp(w->text[0], "dump") == 0;
	unsigned int operands = 0;

	if (!dumps && strcmp(w->text[0], "trace") != 0)
		return NULL;
	for (unsigned int i = 1; i < w->count; i++) {
		if (!dumps && strncmp(w->text[i], "--rules=", 8) == 0)
			return w->text[i] + 8;
		if (!dumps && strcmp(w->text[i], "--rules") == 0)
			return w->text[i + 1];
		if (dumps && w->text[i][0] != '-' && operands++ == 1)
			return w->text[i];
	}
	return NULL;
}

/* The engine opens no files, so it is sent the text of one. */
static int file_add(json_t *request, const char *name)
{
	struct source source;
	int status = shell_file_read(name, &source);

	if (status)
		return status;
	json_object_set_new(request, "name", json_string(name));
	if (json_object_set_new(request, "text", engine_wire_text(source.text, source.len)))
		status = SHELL_FAILED;
	source_free(&source);
	return status;
}

/* The engine carries out the words.  A trace goes by the staged rules, if there are. */
static int words_run(struct shell *sh, const struct line *line)
{
	const char *file = file_named(&line->words);
	json_t *words = json_array(), *request, *answer;
	int status = SHELL_OK;

	for (unsigned int i = 0; i < line->words.count; i++)
		json_array_append_new(words, engine_wire_text(line->words.text[i],
							      strlen(line->words.text[i])));
	request = json_pack("{s:s, s:o}", "do", "run", "words", words);
	if (file)
		status = file_add(request, file);
	else if (sh->staged.edits && strcmp(line->words.text[0], "trace") == 0)
		json_object_set(request, "edits", sh->staged.edits);
	if (status) {
		json_decref(request);
		return status;
	}
	shell_page_begin(sh);
	status = shell_client_ask(sh, request, &answer);
	shell_page_end();
	json_decref(answer);
	return status;
}

/* Can neither be undone nor staged. */
static bool acts_at_once(const struct command *c)
{
	return c->kind == COMMAND_TRACK_END || c->kind == COMMAND_TRACK_FLUSH ||
	       (c->kind == COMMAND_LIST && c->zero);
}

static int classic_carry_out(struct shell *sh, struct batch *b, const struct line *line,
			     const struct program *p)
{
	const struct command *c = &p->command[0];
	struct loc whole = { line->begin, line->end };
	int status;

	if (c->kind == COMMAND_EDIT && line->is_matched)
		return shell_line_refuse(sh, line->source, whole, "", "it prints nothing to match");
	if (c->kind == COMMAND_EDIT)
		return shell_batch_add(b, line, p);
	status = shell_batch_flush(sh, b, line->source);
	if (status)
		return status;
	if (c->kind == COMMAND_INTERFACE)
		return shell_line_refuse(sh, line->source, whole, "",
					 "'interface' is for files only");
	if (sh->staged.edits && acts_at_once(c))
		return shell_line_refuse(sh, line->source, whole, "commit or abort first",
					 "this cannot wait for a commit");
	return words_run(sh, line);
}

/* The line without --json, which the parser does not know. */
static char *classic_text(const struct line *line)
{
	char *text = strndup(line->source->text + line->begin, line->end - line->begin);

	for (unsigned int i = 0; text && i < line->words.count; i++)
		if (strcmp(line->words.text[i], "--json") == 0)
			memset(text + line->words.loc[i].begin - line->begin, ' ',
			       line->words.loc[i].end - line->words.loc[i].begin);
	return text;
}

static int classic_run_line(struct shell *sh, struct batch *b, const struct line *line)
{
	struct program p = { 0 };
	struct diags diags;
	char *text = classic_text(line);
	struct source source = { .text = text, .len = line->end - line->begin };
	int status;

	if (!text)
		return SHELL_FAILED;
	if (program_parse_line(&p, &source, &diags)) {
		status = shell_batch_flush(sh, b, line->source);
		if (!status)
			status = diags_report(sh, line, &diags);
	} else {
		status = p.ncommands ? classic_carry_out(sh, b, line, &p) : SHELL_OK;
	}
	diags_free(&diags);
	program_free(&p);
	free(text);
	return status;
}

#define NAMES_MAX 63

struct names {
	const char *word[NAMES_MAX + 1];
	unsigned int count;
};

static void name_collect(void *ctx, const char *name)
{
	struct names *names = ctx;

	if (names->count < NAMES_MAX)
		names->word[names->count++] = name;
}

static int unknown_refuse(struct shell *sh, const struct line *line)
{
	char hint[64] = "a line is a rule command, or see 'help'";
	struct names names = { .count = 0 };
	const char *near, *word = line->words.text[0];
	bool is_assignment = word_is_assignment(word);
	bool is_script = is_assignment || word_needs_shell(word);

	shell_command_names(name_collect, &names);
	near = diag_suggest(word, names.word);
	if (is_script)
		snprintf(hint, sizeof(hint), SCRIPT_HINT);
	else if (near)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	return shell_line_refuse(sh, line->source, line->words.loc[0], hint,
				 is_assignment ? "'%s' is an assignment, which needs a shell" :
				 is_script ? "'%s' needs a shell" : "unknown command \"%s\"",
				 word);
}

static int source_line_run(struct shell *sh, const struct line *line)
{
	const struct words *w = &line->words;

	if (w->count != 2)
		return shell_line_refuse(sh, line->source, w->loc[w->count > 2 ? 2 : 0], "",
					 "'source' needs the name of a file");
	return shell_source_run(sh, w->text[1]);
}

/* The first line of a script that somebody has pasted. */
static bool is_script_head(const struct shell *sh, const struct line *line)
{
	return sh->interactive && !sh->depth && line->end - line->begin > 2 &&
	       memcmp(line->source->text + line->begin, "#!", 2) == 0;
}

static int line_run(struct shell *sh, struct batch *b, struct line *line)
{
	const struct shell_command *c;
	const char *first;
	int status;

	match_cut(line);
	status = line_split(sh, line);
	if (!status && is_script_head(sh, line))
		return shell_line_refuse(sh, line->source,
					 (struct loc){ line->begin, line->end }, SCRIPT_HINT,
					 "a script of another program");
	if (status || !line->words.count)
		return status;
	first = line->words.text[0];
	if (first[0] == '-' || first[0] == '[' || strcmp(first, "interface") == 0 ||
	    (strcmp(first, "ipv6") == 0 && line->words.count > 1))
		return classic_run_line(sh, b, line);
	if (shell_numbered_command(first))
		return shell_batch_add_numbered(sh, b, line);
	status = shell_batch_flush(sh, b, line->source);
	if (status)
		return status;
	if (strcmp(first, "source") == 0)
		return source_line_run(sh, line);
	c = shell_command_find(first);
	if (c && c->is_alone && line->words.count > 1)
		return shell_line_refuse(sh, line->source, line->words.loc[1], "",
					 "'%s' takes no words", first);
	if (c)
		return c->run(sh, line);
	return shell_subcommand_known(first) ? words_run(sh, line) : unknown_refuse(sh, line);
}

int shell_lines_run(struct shell *sh, const struct source *source, unsigned int *at)
{
	struct batch b = { .edits = NULL };
	int status = SHELL_OK, worst = SHELL_OK;

	while (*at < source->len && !sh->quit) {
		struct line line = { .source = source, .begin = *at,
				     .end = line_end(source, *at) };

		*at = line.end + (line.end < source->len);
		status = line_run(sh, &b, &line);
		words_free(&line.words);
		shell_page_match(NULL);
		if (shell_interrupted())
			status = SHELL_INTERRUPTED;
		worst = status ? status : worst;
		if (status && (!sh->keep_going || status == SHELL_INTERRUPTED))
			break;
	}
	if (!status || sh->keep_going) {
		status = shell_batch_flush(sh, &b, source);
		worst = status ? status : worst;
	}
	shell_batch_free(&b);
	names_forget();
	return worst;
}

int shell_source_run(struct shell *sh, const char *name)
{
	struct source source;
	unsigned int at = 0;
	int status;

	if (sh->depth >= DEPTH_MAX) {
		fprintf(stderr, "ipfwadm: '%s': files source files too deeply\n", name);
		return SHELL_FAILED;
	}
	status = shell_file_read(name, &source);
	if (status)
		return status;
	sh->depth++;
	status = shell_lines_run(sh, &source, &at);
	sh->depth--;
	source_free(&source);
	return status;
}
