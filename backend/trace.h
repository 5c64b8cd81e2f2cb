/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - a wrapper that tells every call of a backend on stderr.
 */
#ifndef BACKEND_TRACE_H
#define BACKEND_TRACE_H

#include "backend/backend.h"

/* like ops->open(b, arg, e), but b becomes the wrapper around what was opened */
int trace_open(struct backend *b, const struct backend_ops *ops, const char *arg,
	       struct fw_error *e);

/* The backend in a wrapper; b itself if it is none. */
struct backend *trace_unwrap(struct backend *b);

#endif
