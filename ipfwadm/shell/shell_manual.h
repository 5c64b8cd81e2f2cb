/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell_manual.h - the manuals, which the program has in itself.
 */
#ifndef IPFWADM_SHELL_MANUAL_H
#define IPFWADM_SHELL_MANUAL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * What the manuals say of an option ("-P", "--state"), a command ("trace",
 * "begin") or a section, lines no longer than width.  False: nothing.
 */
bool manual_show(FILE *out, const char *topic, unsigned int width);

/* Calls visit for every topic that has an item of its own, with its head. */
void manual_topics(void (*visit)(void *ctx, const char *topic, const char *head),
		   void *ctx);

/* The first sentence about a topic, without its full stop; false: none. */
bool manual_brief(const char *topic, char *buf, size_t size);

#endif
