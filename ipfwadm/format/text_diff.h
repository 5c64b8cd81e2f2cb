/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_diff.h - the lines by which two texts in saved form differ.
 */
#ifndef IPFWADM_TEXT_DIFF_H
#define IPFWADM_TEXT_DIFF_H

#include <stdbool.h>
#include <stddef.h>

/* A line without its end: sign '-', only in the first text, or '+'.  false: no more. */
typedef bool (*text_diff_fn)(void *ctx, char sign, const char *line, size_t length);

/*
 * Comments and counters are not compared, because the latter change all the time.
 * Returns 0 or -ENOMEM.
 */
int text_diff(const char *from, const char *to, text_diff_fn on_line, void *ctx);

#endif
