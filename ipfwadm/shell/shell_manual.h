/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_manual.h - topics of the manuals, whose text is linked in.
 */
#ifndef IPFWADM_SHELL_MANUAL_H
#define IPFWADM_SHELL_MANUAL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Prints the text of an option ("-P", "--state"), a command ("trace", "begin") or a
 * section.  False: the manuals have no such topic.
 */
bool shell_manual_show(FILE *out, const char *topic);

/* Calls visit for each option and command, with the head of its text. */
void shell_manual_topics(void (*visit)(void *ctx, const char *topic, const char *head),
			 void *ctx);

/* The first sentence about a topic, without its full stop; false: none. */
bool shell_manual_brief(const char *topic, char *buf, size_t size);

#endif
