/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper_masq.h - helpers of masqueraded connections: what a client says of its own
 * address and ports is rewritten, because the other end knows those of the masquerade.
 *
 * What was announced gets an entry at once, with a free port of the masquerade address,
 * which the other end reaches from any port.  The entry is begun from outside
 * (FW_ENTRY_INWARD), so it is related until it was answered.
 *
 * The changes of the text are left in struct fw_seen; a host that sets
 * fw_track_settings.edits carries them out and has the numbers of each segment that
 * leaves mapped by fw_helper_numbers().  Those of a datagram change no length.
 */
#ifndef FW_HELPER_MASQ_H
#define FW_HELPER_MASQ_H

#include "kmod/core/entry.h"

/* Does the helper have to rewrite what is said in that direction? */
static inline bool fw_helper_rewrites(const struct fw_track *t, const struct fw_entry *c,
				      unsigned int dir)
{
	return c->masq && t->set->edits && dir == FW_ORIGINAL;
}

/* how a text names an address and a port */
enum fw_edit_form {
	FW_EDIT_SIX,	/* 10,0,0,2,19,137 */
	FW_EDIT_EXTENDED,	/* |1|10.0.0.2|5001| with the delimiter that stands there */
	FW_EDIT_DECIMAL,	/* 167772162 5001 */
	FW_EDIT_PORT,	/* two bytes */
};

/* Where a text names a port of the client. */
struct fw_naming {
	__u16 port;
	__u16 at, len;	/* address and port, in the segment's text */
	enum fw_edit_form form;
};

/*
 * The segment p names a port.  0, or -EPERM without a free port or room: the segment
 * must be dropped, because what it says would be wrong.
 */
int fw_helper_announce(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		       struct fw_seen *s, const struct fw_naming *named);

/* Another address in place of the one that the packet has at that place of its text. */
void fw_helper_readdress(struct fw_seen *s, __u16 at, __u32 addr);

/* The numbers of a segment of that direction as its receiver sees them. */
void fw_helper_numbers(const struct fw_track *t, const struct fw_entry *c,
		       unsigned int dir, __u32 *seq, __u32 *ack);

#endif
