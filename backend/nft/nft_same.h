/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_same.h - is a kernel rule what a plan's rule would be?
 */
#ifndef BACKEND_NFT_SAME_H
#define BACKEND_NFT_SAME_H

#include "backend/nft/nft_table.h"
#include "backend/plan/plan.h"

/*
 * Do they have the same expressions, whatever has been counted?  Of a set only that
 * there is one is compared: anonymous sets cannot change while their rule exists.
 */
bool nft_rule_same(const struct plan_rule *plan, const struct nft_rule *held);

/* The same of lists of expressions, a as sent and b as dumped; NULL: none. */
bool nft_expressions_same(const struct nlattr *a, const struct nlattr *b);
/* Have they the same bytes, whatever their types are? */
bool nft_bytes_same(const struct nlattr *a, const struct nlattr *b);

/* the chain that a kernel rule's verdict leads to, or NULL */
const char *nft_installed_target(const struct nft_rule *held);

#endif
