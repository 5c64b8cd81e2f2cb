/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * builder.h - a program under construction; private to the parser.
 */
#ifndef PARSER_BUILDER_H
#define PARSER_BUILDER_H

#include "parser/request.h"

struct builder {
	struct program *program;
	unsigned int room_commands, room_edits, room_checks, room_filters, room_timeouts;
};

/* the list of the request's category */
enum fw_list_id request_list(const struct request *q);

/* Adds what a checked request means.  Returns 0 or -ENOMEM. */
int builder_add(struct builder *b, const struct request *q);
/* Adds a device.  Likewise. */
int builder_add_interface(struct builder *b, struct loc loc, const struct fw_dev *dev);

#endif
