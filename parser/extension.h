/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extension.h - options that 2.3.0 did not have; private to resolve.
 */
#ifndef PARSER_EXTENSION_H
#define PARSER_EXTENSION_H

#include "parser/request.h"

int extension_state(struct request *q, const struct ast_item *item);
int extension_helper(struct request *q, const struct ast_item *item);
int extension_comment(struct request *q, const struct ast_item *item);

#endif
