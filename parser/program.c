// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * program.c - whole sources in, programs out.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "parser/nameservice.h"
#include "parser/request.h"

enum kind { KIND_FILE, KIND_COMMAND_LINE, KIND_SHELL_LINE };

static int program_parse(struct program *p, const struct source *source,
			 enum kind kind, struct diags *d)
{
	struct ast_line line;
	struct lexer lx;
	int err = 0;

	*p = (struct program){ .ncommands = 0 };
	diags_init(d, source);
	/* struct loc has 32 bits */
	if (source->len >= UINT_MAX)
		return diag_add(d, (struct loc){ 0, 0 }, "", "too long a text");
	if (lexer_open(&lx, source, kind == KIND_COMMAND_LINE))
		return diag_no_memory(d);
	lx.every_command = kind != KIND_FILE;
	/* After an error the next lines are read too, to report their errors. */
	while (err != -ENOMEM && d->count < DIAG_GIVE_UP && line_read(&lx, &line))
		err = line_resolve(p, &lx, &line, d);
	lexer_close(&lx);
	if (kind != KIND_SHELL_LINE)
		names_forget();
	if (err == -ENOMEM)
		diag_no_memory(d);
	else if (d->count)
		err = -EINVAL;
	if (err)
		program_free(p);
	return err;
}

int program_parse_text(struct program *p, const struct source *source, struct diags *d)
{
	return program_parse(p, source, KIND_FILE, d);
}

int program_parse_argv(struct program *p, int argc, char *const *argv,
		       struct source *source, struct diags *d)
{
	*p = (struct program){ .ncommands = 0 };
	diags_init(d, source);
	if (source_from_argv(source, argc, argv))
		return diag_no_memory(d);
	return program_parse(p, source, KIND_COMMAND_LINE, d);
}

int program_parse_line(struct program *p, const struct source *source, struct diags *d)
{
	return program_parse(p, source, KIND_SHELL_LINE, d);
}

void program_free(struct program *p)
{
	free(p->command);
	free(p->edit);
	free(p->check);
	free(p->filter);
	free(p->timeout);
	*p = (struct program){ .ncommands = 0 };
}
