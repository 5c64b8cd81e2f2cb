// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_kept.c - connections that rules remembered, and that outlive these rules.
 *
 * They bear our mark, which later rules must honour.  So the glue that does stays
 * when the last rule with --keep-state goes, and the next change after the last such
 * connection has ended takes it away.
 */
#include "backend/nft_kept.h"

#include <string.h>

#include "backend/conntrack.h"

int nft_kept_settings(struct nft *n, struct nft_settings *s, struct fw_error *e)
{
	const struct nft_rule *r = NULL;
	struct nft_origin o;
	struct nft_table t;
	int err = nft_table_read_chain(&t, &n->link, PLAN_LOCAL_OUTPUT, e);

	memset(s, 0, sizeof(*s));
	if (!err && t.nchains)
		r = t.chain[0]->rules;
	if (r && !nft_origin_read(&o, r->udata, r->udata_len) &&
	    o.kind == NFT_ORIGIN_SETTINGS)
		*s = o.settings;
	nft_table_free(&t);
	return err;
}

__u32 nft_kept_needs(struct nft *n, const struct nft_settings *s)
{
	return conntrack_needs_lasting(&n->link, s->needs, s->mark_mask);
}
