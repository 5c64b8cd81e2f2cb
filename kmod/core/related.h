/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * related.h - ICMP errors: related if the quoted packet belongs to an entry.
 */
#ifndef FW_RELATED_H
#define FW_RELATED_H

#include "kmod/core/entry.h"

/*
 * Judges an error that quotes a packet of c, which the turned key found in direction
 * dir.  Sets state, why and dir; changes nothing of the entry.
 */
void fw_related_error(const struct fw_track_settings *set, const struct fw_entry *c,
		      unsigned int dir, const struct fw_track_packet *p,
		      struct fw_seen *s);

#endif
