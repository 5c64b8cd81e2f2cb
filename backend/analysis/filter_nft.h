/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_nft.h - shared by the files that read the JSON of nft.
 */
#ifndef BACKEND_FILTER_NFT_H
#define BACKEND_FILTER_NFT_H

#include <jansson.h>

#include "backend/analysis/filter.h"

struct nft_reader {
	struct filter *f;
	json_t *all;		/* the array "nftables" */
	json_t *none;		/* an empty array */
	__u32 at;		/* index of the object that is read */
	int expr;		/* of a rule: index of the expression; -1: none */
	/* of the rule */
	const char *table;	/* "ip filter" */
	struct filter_chain *chain;
	struct filter_match match;
	struct filter_rule rule;
};

/* An error about the expression or object that is read: -EINVAL. */
int nft_fail(struct nft_reader *r, const char *what, const json_t *value);

/* The member of an object that has one alone, NULL if it is something else. */
const char *nft_only(const json_t *o, json_t **value);

/* Narrows r->match by {"op", "left", "right"}. */
int nft_match_read(struct nft_reader *r, const json_t *m);
/* The same by a value of the key; 0, an error, or 1: key or value is not known. */
int nft_value_match(struct nft_reader *r, const json_t *key, const json_t *value, bool invert);
/* A condition that is not known; one that depends on the packet alone is shared. */
int nft_unknown(struct nft_reader *r, const json_t *e, bool is_shared);

/*
 * "elem" of the set or map of that name, "@name", in the rule's table: NULL if there is
 * none or packets may change it.
 */
const json_t *nft_set_elements(const struct nft_reader *r, const char *kind, const char *name);

#endif
