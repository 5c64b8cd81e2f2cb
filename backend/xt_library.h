/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_library.h - libxtables, which knows what the kernel offers and likes to end
 * the process.  It cannot here.
 */
#ifndef BACKEND_XT_LIBRARY_H
#define BACKEND_XT_LIBRARY_H

#include "backend/xt_entry.h"

/* Has the kernel's module loaded, if there is one; false if it cannot be. */
bool xt_library_load(void);

/*
 * Does the kernel offer this revision of a match or target?  It is asked once for each
 * and revision.
 */
bool xt_library_offers(const char *name, __u8 revision, bool target);

/*
 * Says in what, of size bytes, which match or target of an entry the kernel does not
 * offer; false if there is none.
 */
bool xt_library_missing(const struct ipt_entry *e, char *what, size_t size);

#endif
