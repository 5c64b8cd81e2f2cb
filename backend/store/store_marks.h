/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_marks.h - bits that targets of iptables set in marks.
 */
#ifndef BACKEND_STORE_MARKS_H
#define BACKEND_STORE_MARKS_H

#include <stddef.h>

#include "kmod/core/base.h"

/*
 * The bits that a target of this name sets in the mark of a packet, or overwrites in that
 * of its connection; 0 for others.  info: its data, of size bytes.
 */
__u32 store_target_marks(const char *name, __u8 revision, const void *info, size_t size);

#endif
