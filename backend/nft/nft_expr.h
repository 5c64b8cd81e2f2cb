/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_expr.h - a plan's rule as nf_tables expressions: what nft makes of the
 * text that the emitter writes for it.
 */
#ifndef BACKEND_NFT_EXPR_H
#define BACKEND_NFT_EXPR_H

#include <linux/netlink.h>

#include "backend/text/emit_text.h"

/*
 * Adds to h, as attribute NFTA_RULE_EXPRESSIONS, what the plan rule of s is.  The
 * sets that it looks up (nft_set.h) have the numbers from first_set on.  0, or
 * -EINVAL when the rule has what nf_tables cannot hold.
 */
int nft_expr_write(struct nlmsghdr *h, const struct emit_rule *s, __u32 first_set);

#endif
