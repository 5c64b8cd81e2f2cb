/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay.h - folders of commands with others before them, in a mount namespace of one's own.
 */
#ifndef COMPAT_OVERLAY_H
#define COMPAT_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>

/* the system's folders, first those in which scripts name ipfwadm */
#define OVERLAY_PLACES 4
extern const char *const overlay_places[OVERLAY_PLACES];

/* Is it there, and no other name of one before it? */
bool overlay_place_is_own(size_t i);

/*
 * Lays folders, separated by ":", over place.  If one has a folder of this name, that is
 * what place was, for the programs that are covered.  0 or -errno.
 */
#define OVERLAY_COVERED "ipfwadm-covered"
int overlay_lay(const char *place, const char *folders, bool shows_covered);

#endif
