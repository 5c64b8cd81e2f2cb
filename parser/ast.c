// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "parser/ast.h"

struct ast_word *ast_word_new(struct arena *a, const char *text, struct loc loc)
{
	struct ast_word *w = arena_alloc(a, sizeof(*w));

	if (w)
		*w = (struct ast_word){ .text = text, .loc = loc };
	return w;
}

struct ast_item *ast_item_new(struct arena *a, int option, struct loc loc,
			      struct ast_word *word)
{
	struct ast_item *i = arena_alloc(a, sizeof(*i));

	if (!i)
		return NULL;
	*i = (struct ast_item){ .option = option, .loc = loc, .words = word };
	i->end = word ? &word->next : &i->words;
	return i;
}

void ast_item_append(struct ast_item *item, struct ast_word *word)
{
	*item->end = word;
	item->end = &word->next;
}

void ast_line_init(struct ast_line *line, unsigned int offset)
{
	*line = (struct ast_line){ .loc = { offset, offset } };
	line->end = &line->items;
}

void ast_line_add(struct ast_line *line, struct ast_item *item)
{
	*line->end = item;
	line->end = &item->next;
}

struct loc ast_word_part(const struct ast_word *w, size_t from, size_t to)
{
	struct loc loc = w->loc;

	if (loc.end - loc.begin == strlen(w->text)) {
		loc.end = loc.begin + (unsigned int)to;
		loc.begin += (unsigned int)from;
	}
	return loc;
}

const char *ast_option_name(int option, char buf[3])
{
	static const char *const names[] = {
		[AST_STATE] = "--state",
		[AST_KEEP_STATE] = "--keep-state",
		[AST_HELPER] = "--helper",
		[AST_COMMENT] = "--comment",
	};

	if (option <= AST_COMMENT)
		return names[option];
	buf[0] = '-';
	buf[1] = (char)option;
	buf[2] = '\0';
	return buf;
}
