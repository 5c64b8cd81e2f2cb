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
		else if (strcmp(word, "-n") == 0)
			l->check = true;
		else if (!l->file && word[0] != '-')
			l->file = word;
		else
			return shell_line_refuse(sh, line->source, w->loc[i],
						 "load [-n] [--append] FILE", "this is no file");
	}
	if (l->file)
		return SHELL_OK;
	return shell_line_refuse(sh, line->source, w->loc[0], "",
				 "'load' needs the name of a file");
}

/* The edits of a file with names resolved; malloc'ed, NULL: no memory. */
static char *edits_text(const struct program *p, size_t *size)
{
	char *text = NULL, buf[PRINT_RULE_MAX + 64];
	FILE *out = open_memstream(&text, size);

	for (unsigned int i = 0; out && i < p->nedits; i++) {
		struct fw_text t;

		fw_text_init(&t, buf, sizeof(buf));
		print_edit(&t, &p->edit[i]);
		fprintf(out, "%s\n", buf);
	}
	if (out && (ferror(out) | fclose(out))) {
		free(text);
		return NULL;
	}
	return text;
}

static int program_load(struct shell *sh, const struct line *line, const struct load *l,
			const struct program *p)
{
	struct batch b = { .edits = NULL };
	char *text = NULL;
	size_t size;
	int status;

	if (l->append) {
		status = shell_batch_add(&b, line, p);
	} else {
		text = edits_text(p, &size);
		status = text ? shell_batch_add_load(&b, line, text, size) : SHELL_FAILED;
	}
	if (!status)
		status = shell_batch_flush(sh, &b, line->source);
	shell_batch_free(&b);
	free(text);
	return status;
}

int shell_load_run(struct shell *sh, const struct line *line)
{
	struct program p = { 0 };
	struct diags diags;
	struct source source;
	struct load l;
	int status = load_read(sh, line, &l);

	if (status)
		return status;
	status = shell_file_read(l.file, &source);
	if (status)
		return status;
	if (program_parse_text(&p, &source, &diags)) {
		diags_print(stderr, &diags, sh->color);
		status = SHELL_USAGE;
	} else if (!l.check && p.ncommands) {
		status = program_load(sh, line, &l, &p);
		if (!status && !sh->staged.edits && sh->undo.count)
			shell_change_print(sh, sh->undo.item[sh->undo.count - 1].text);
	}
	diags_free(&diags);
	program_free(&p);
	source_free(&source);
	return status;
}
