/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve.h - a line's meaning, added to a program; private to the parser.
 */
#ifndef PARSER_RESOLVE_H
#define PARSER_RESOLVE_H

#include "parser/command.h"
#include "parser/lexer.h"

/* 0, -EINVAL with the error recorded in *d, or -ENOMEM */
int line_resolve(struct program *p, const struct lexer *lx, const struct ast_line *line,
		 struct diags *d);

#endif
