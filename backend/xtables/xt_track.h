/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_track.h - the connections of the running kernel, which has no socket for them
 * open: each question opens one.
 */
#ifndef BACKEND_XT_TRACK_H
#define BACKEND_XT_TRACK_H

#include "backend/backend.h"

extern const struct track_ops xt_track;

/* Masqueraded ones in 2.0 order; malloc'ed. */
int xt_track_masqueraded(struct backend *b, struct fw_conn **conns, size_t *n,
			 struct fw_error *e);

#endif
