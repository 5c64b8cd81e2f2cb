// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_load.c - `load': a whole file as one edit.
 */
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell.h"
#include "parser/nameservice.h"
#include "parser/print.h"

struct load {
	const char *file;
	bool append, check;
};

static int load_read(struct shell *sh, const struct line *line, struct load *l)
{
	const struct words *w = &line->words;

	*l = (struct load){ .file = NULL };
	for (unsigned int i = 1; i < w->count; i++) {
		const char *word = w->text[i];

		if (strcmp(word, "--append") == 0 || strcmp(word, "-a") == 0)
			l->append = true;
		else if (strcmp(word, "--check") == 0 || strcmp(word, "-n") == 0)
			l->check = true;
		else if (!l->file && word[0] != '-')
			l->file = word;
		else
			return line_refuse(sh, line->source, w->loc[i],
					   "load [-n] [--append] FILE", "this is no file");
	}
	if (l->file)
		return SHELL_OK;
	return line_refuse(sh, line->source, w->loc[0], "", "'load' needs the name of a file");
}

/* The edits of a file as text that holds no names; malloc'ed. */
static char *edits_text(const struct program *p)
{
	char *text = NULL, buf[PRINT_RULE_MAX + 64];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; out && i < p->nedits; i++) {
		struct fw_text t;

		fw_text_init(&t, buf, sizeof(buf));
		print_edit(&t, &p->edit[i]);
		fprintf(out, "%s\n", buf);
	}
	if (out)
		fclose(out);
	return text;
}

static int program_load(struct shell *sh, const struct line *line, const struct load *l,
			const struct program *p)
{
	struct batch b = { .edits = NULL };
	char *text = NULL;
	int status;

	if (l->append) {
		status = batch_add(&b, line, p);
	} else {
		text = edits_text(p);
		status = text ? batch_add_load(&b, line, text) : SHELL_FAILED;
	}
	if (!status)
		status = batch_flush(sh, &b, line->source);
	batch_free(&b);
	free(text);
	return status;
}

int load_command_run(struct shell *sh, const struct line *line)
{
	struct program p = { 0 };
	struct diags diags;
	struct source source;
	struct load l;
	char *text;
	int status = load_read(sh, line, &l);

	if (status)
		return status;
	source.name = l.file;
	status = file_read(l.file, &text, &source.len);
	if (status)
		return status;
	source.text = text;
	if (program_parse_text(&p, &source, &diags)) {
		diags_print(stderr, &diags, sh->color);
		status = SHELL_USAGE;
	} else if (!l.check && p.ncommands) {
		status = program_load(sh, line, &l, &p);
	}
	diags_free(&diags);
	program_free(&p);
	free(text);
	return status;
}
