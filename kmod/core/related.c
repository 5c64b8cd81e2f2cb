// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/related.h"

#include "kmod/core/tcp.h"

/* Is the quoted sequence number one that is on its way?  RFC 5927 */
static bool quoted_seq_good(const struct fw_entry *c, unsigned int sender,
			    const struct fw_track_packet *p)
{
	const struct fw_tcp_side *peer = &c->side[!sender];

	if (!p->quote_has_seq || c->tcp[sender] & FW_SIDE_LIBERAL)
		return true;
	if (!c->side[sender].maxwin || fw_seq_after(p->quote_seq, c->side[sender].end))
		return false;
	return !(c->tcp[!sender] & FW_SIDE_MAXACK) ||
	       !fw_seq_before(p->quote_seq, peer->maxack);
}

void fw_related_error(const struct fw_track_settings *set, const struct fw_entry *c,
		      unsigned int dir, const struct fw_track_packet *p,
		      struct fw_seen *s)
{
	if (p->quote_to != p->key.daddr)
		s->why = FW_WHY_QUOTE_ADDRESS;
	else if (p->quote_version != 4 && fw_own(set, s, FW_OWN_QUOTED_VERSION))
		s->why = FW_WHY_QUOTE_VERSION;
	else if (!quoted_seq_good(c, !dir, p) && fw_own(set, s, FW_OWN_QUOTED_SEQ))
		s->why = FW_WHY_QUOTE_SEQ;
	if (s->why)
		return;
	s->state = FW_STATE_RELATED;
	s->dir = (__u8)dir;
	s->kept = c->kept;
}
