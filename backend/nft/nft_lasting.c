// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_lasting.c - connections that rules remembered or forwarded, and that outlive them.
 *
 * They bear our mark, which later rules must honour.  So the glue that does stays
 * when the last rule with --keep-state, or the last forward, goes while there is such a
 * connection, and the next change after the last one has ended takes it away.
 */
#include "backend/nft/nft_lasting.h"

#include "backend/nft/nft_table.h"

#include <string.h>

#include "backend/conntrack/conntrack.h"

int nft_lasting_settings(struct nft *n, struct rule_settings *s, struct fw_error *e)
{
	const struct nft_rule *r = NULL;
	struct rule_tag o;
	struct nft_table t;
	int err = nft_table_read_chain(&t, &n->link, PLAN_LOCAL_OUTPUT, e);

	memset(s, 0, sizeof(*s));
	if (!err && t.nchains)
		r = t.chain[0]->rules;
	if (r && !rule_tag_read(&o, r->udata, r->udata_len) &&
	    o.kind == TAG_SETTINGS)
		*s = o.settings;
	nft_table_free(&t);
	return err;
}

__u32 nft_lasting_needs(struct nft *n, const struct rule_settings *s,
		     const struct fw_ruleset *rs)
{
	__u32 lasting = plan_needs_lasting(s->needs), found;

	n->dropped = 0;
	n->dropped_mask = s->mark_mask;
	if (!(lasting & ~plan_needs_of(rs)))
		return 0;
	found = conntrack_needs_marked(&n->link, lasting, s->mark_mask);
	n->dropped = lasting & ~found & (s->needs & PLAN_KEEPS ? ~0u : PLAN_PORTFW);
	return found;
}

__u32 nft_lasting_recheck(struct nft *n)
{
	__u32 needs = n->dropped;

	n->dropped = 0;
	return conntrack_needs_marked(&n->link, needs, n->dropped_mask);
}
