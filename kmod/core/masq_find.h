/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq_find.h - a masqueraded entry by its outer end.
 */
#ifndef FW_MASQ_FIND_H
#define FW_MASQ_FIND_H

#include "kmod/core/table.h"

/* The entry that has this port of the address, NULL if the port is free. */
static inline struct fw_entry *fw_masq_find_port(struct fw_track *t, __u8 proto,
						 __u32 maddr, __u16 mport, __u32 now)
{
	const struct fw_key k = { 0, maddr, 0, mport, proto, FW_KEY_MASQ };
	unsigned int dir;

	return fw_track_find(t, &k, &dir, now);
}

/* Can packets of a masqueraded entry go to that peer, or come from it? */
static inline bool fw_masq_has_peer(const struct fw_entry *c, __u32 addr, __u16 port)
{
	return (c->daddr == addr || c->masq & FW_CONN_NO_DADDR) &&
	       (c->dport == port || c->masq & FW_CONN_NO_DPORT);
}

#endif
