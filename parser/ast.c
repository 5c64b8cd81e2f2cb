// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "parser/ast.h"

struct ast_arg *ast_arg_new(struct obstack *m, const char *text, struct loc loc)
{
	struct ast_arg *arg = obstack_alloc(m, sizeof(*arg));

	*arg = (struct ast_arg){ .text = text, .loc = loc };
	return arg;
}

struct ast_item *ast_item_new(struct obstack *m, const struct option_row *option,
			      struct loc loc, struct ast_arg *arg)
{
	struct ast_item *i = obstack_alloc(m, sizeof(*i));

	*i = (struct ast_item){ .option = option, .loc = loc, .args = arg, .last = arg,
				.nargs = arg ? 1 : 0 };
	return i;
}

void ast_line_add(struct ast_line *line, struct ast_item *item)
{
	*(line->last ? &line->last->next : &line->items) = item;
	line->last = item;
}

void ast_line_add_arg(struct ast_line *line, struct obstack *m, struct ast_arg *arg)
{
	struct ast_item *i = line->last;

	if (i && i->option && (i->nargs < i->option->max || i->option->max == ANY_ARGS)) {
		*(i->last ? &i->last->next : &i->args) = arg;
		i->last = arg;
		i->nargs++;
	} else {
		ast_line_add(line, ast_item_new(m, NULL, arg->loc, arg));
	}
}

struct loc ast_arg_part(const struct ast_arg *arg, size_t from, size_t to)
{
	struct loc loc = arg->loc;

	if (loc.end - loc.begin == strlen(arg->text)) {
		loc.end = loc.begin + (unsigned int)to;
		loc.begin += (unsigned int)from;
	}
	return loc;
}
