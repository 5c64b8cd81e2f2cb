/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_nft.h - pieces of nft's text, and runs of rules as one lookup.
 *
 * Rules that follow one another, differ in addresses and ports alone, and of which no
 * packet matches two, are found in a verdict map at once.  Each is an element, which
 * counts, and has the rule's comment.  It is the plan's rules still that decide, in another
 * notation: what proves a plan proves its maps.
 */
#ifndef BACKEND_EMIT_NFT_H
#define BACKEND_EMIT_NFT_H

#include "backend/text/emit_text.h"

/* "tcp", "udp" or "th" for the ports of a rule */
const char *emit_nft_transport(const struct emit_rule *s);
void emit_nft_match(struct emit *e, const struct emit_rule *s, const struct plan_match *m);
void emit_nft_action(struct emit *e, const struct plan_rule *r, const struct plan_action *a);
/* " comment ..." */
void emit_nft_rule_comment(struct emit *e, const struct plan_rule *r, const char *origin);
/* Its place, and its origin if the comment has not all of it, as remarks. */
void emit_nft_remarks(struct emit *e, const struct plan_rule *r, const char *origin,
		      const char *indent);

/* NULL: no memory */
struct nft_maps *nft_maps_new(void);
void nft_maps_free(struct nft_maps *maps);
/* All maps of a plan, and chains that they need, before its own. */
void emit_nft_maps(struct emit *e, const struct plan *p, struct nft_maps *maps);
/* One rule for r and those after it; returns the last of them, NULL: r is no lookup. */
const struct plan_rule *emit_nft_lookup(struct emit *e, const struct plan_chain *c,
					const struct plan_rule *r, struct nft_maps *maps);

#endif
