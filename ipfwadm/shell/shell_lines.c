// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_lines.c - lines, one after the other.
 *
 * Lines that change rules are gathered as long as others of their kind follow,
 * and take effect in one step; should one of them be refused, those before it
 * have taken effect, as though each had come alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/shell/shell.h"
#include "parser/lexer.h"
#include "parser/nameservice.h"

#define DEPTH_MAX 16		/* files that source files */
#define FILE_MAX (256u << 20)

int line_refuse(struct shell *sh, const struct source *source, struct loc loc,
		const char *hint, const char *format, ...)
{
	struct diags d;
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	diags_init(&d, source);
	diag_add(&d, loc, hint, "%s", text);
	fflush(stdout);
	diags_print(stderr, &d, sh->color);
	diags_free(&d);
	return SHELL_USAGE;
}

/* what the parser complained of, at its place in the whole source */
static int diags_tell(struct shell *sh, const struct line *line, struct diags *d)
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

/* Splits the line; a leading "ipfwadm" is left out.  0 or a status. */
static int line_split(struct shell *sh, struct line *line)
{
	struct source text = { .text = line->source->text + line->begin,
			       .len = line->end - line->begin };
	struct words *w = &line->words;
	struct lexer lx;
	enum scan scan;
	int err = lexer_open(&lx, &text, false);

	if (err)
		return SHELL_FAILED;
	while (!err && (scan = lexer_word(&lx)) == SCAN_WORD) {
		if (w->count || strcmp(base_name(lx.text), "ipfwadm") != 0)
			err = word_add(w, &lx, line->begin);
	}
	if (!err && scan == SCAN_ERROR) {
		struct loc at = { lx.error.loc.begin + line->begin,
				  lx.error.loc.end + line->begin };

		err = line_refuse(sh, line->source, at, lx.error.hint, "%s",
				  lx.error.text);
	}
	lexer_close(&lx);
	return err < 0 ? SHELL_FAILED : err;
}

/* A packet's way is that by the staged rules, unless others are named. */
static bool traces_staged(const struct shell *sh, const struct line *line)
{
	if (!sh->staged || strcmp(line->words.text[0], "trace") != 0)
		return false;
	for (unsigned int i = 1; i < line->words.count; i++)
		if (strncmp(line->words.text[i], "--rules", 7) == 0)
			return false;
	return true;
}

/* The engine carries out what needs no more than words. */
static int words_run(struct shell *sh, const struct line *line)
{
	json_t *words = json_array(), *request, *answer;
	int status;

	for (unsigned int i = 0; i < line->words.count; i++) {
		if (!json_array_append_new(words, json_string(line->words.text[i])))
			continue;
		json_decref(words);
		return line_refuse(sh, line->source, line->words.loc[i], "",
				   "this word is no UTF-8");
	}
	request = json_pack("{s:s, s:o}", "do", "run", "words", words);
	if (traces_staged(sh, line))
		json_object_set(request, "edits", sh->staged);
	page_begin(sh);
	answer = client_call(sh, request);
	page_end();
	status = answer ? (int)answer_status(answer) : SHELL_FAILED;
	answer_complain(answer);
	json_decref(answer);
	return status;
}

/* what neither can be taken back nor wait for a commit */
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

	if (c->kind == COMMAND_EDIT)
		return batch_add(b, line, p);
	status = batch_flush(sh, b, line->source);
	if (status)
		return status;
	if (c->kind == COMMAND_INTERFACE)
		return line_refuse(sh, line->source, whole, "",
				   "'interface' stands in files only");
	if (sh->staged && acts_at_once(c))
		return line_refuse(sh, line->source, whole, "commit or abort first",
				   "this cannot wait for a commit");
	return words_run(sh, line);
}

/* The line as the parser is to see it: without --json, which is not its own. */
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
		status = batch_flush(sh, b, line->source);
		if (!status)
			status = diags_tell(sh, line, &diags);
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
	const char *near;

	command_names(name_collect, &names);
	near = diag_suggest(line->words.text[0], names.word);
	if (near)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	return line_refuse(sh, line->source, line->words.loc[0], hint,
			   "unknown command \"%s\"", line->words.text[0]);
}

static int line_run(struct shell *sh, struct batch *b, struct line *line)
{
	const struct shell_command *c;
	const char *first;
	int status = line_split(sh, line);

	if (status || !line->words.count)
		return status;
	first = line->words.text[0];
	if (first[0] == '-' || first[0] == '[' || strcmp(first, "interface") == 0)
		return classic_run_line(sh, b, line);
	if (numbered_command(first))
		return batch_add_numbered(sh, b, line);
	status = batch_flush(sh, b, line->source);
	if (status)
		return status;
	c = shell_command_find(first);
	if (c)
		return c->run(sh, line);
	return subcommand_known(first) ? words_run(sh, line) : unknown_refuse(sh, line);
}

int lines_run(struct shell *sh, const struct source *source, unsigned int *at)
{
	struct batch b = { .edits = NULL };
	int status = SHELL_OK, worst = SHELL_OK;

	while (*at < source->len && !sh->quit) {
		struct line line = { .source = source, .begin = *at,
				     .end = line_end(source, *at) };

		*at = line.end + (line.end < source->len);
		status = line_run(sh, &b, &line);
		words_free(&line.words);
		if (interrupted())
			status = SHELL_INTERRUPTED;
		worst = status ? status : worst;
		if (status && (!sh->keep_going || status == SHELL_INTERRUPTED))
			break;
	}
	if (!status || sh->keep_going) {
		status = batch_flush(sh, &b, source);
		worst = status ? status : worst;
	}
	batch_free(&b);
	names_forget();
	return worst;
}

/* 0, or -errno; *text is to be freed in any case */
static int file_read_all(const char *name, char **text, size_t *len)
{
	FILE *in = fopen(name, "re");
	size_t size = 0;
	int err = 0;

	*text = NULL;
	*len = 0;
	if (!in)
		return -errno;
	while (!err && !feof(in)) {
		size = size ? 2 * size : 1 << 16;
		char *more = size > FILE_MAX ? NULL : realloc(*text, size);

		if (!more) {
			err = size > FILE_MAX ? -EFBIG : -ENOMEM;
			break;
		}
		*text = more;
		*len += fread(*text + *len, 1, size - *len - 1, in);
		(*text)[*len] = '\0';
		if (ferror(in))
			err = -errno;
	}
	fclose(in);
	return err;
}

int file_read(const char *name, char **text, size_t *len)
{
	int err = file_read_all(name, text, len);

	if (!err)
		return SHELL_OK;
	free(*text);
	fflush(stdout);
	fprintf(stderr, "ipfwadm: cannot read '%s': %s\n", name, strerror(-err));
	return SHELL_FAILED;
}

int source_run(struct shell *sh, const char *name)
{
	struct source source = { .name = name };
	unsigned int at = 0;
	char *text;
	int status;

	if (sh->depth >= DEPTH_MAX) {
		fprintf(stderr, "ipfwadm: '%s': files source files too deeply\n", name);
		return SHELL_FAILED;
	}
	status = file_read(name, &text, &source.len);
	if (status)
		return status;
	source.text = text;
	sh->depth++;
	status = lines_run(sh, &source, &at);
	sh->depth--;
	free(text);
	return status;
}
