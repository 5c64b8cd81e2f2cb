/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_origin.h - where a kernel rule comes from, in its user data.
 *
 * User data is a row of (type, length, value).  Type 0 is nft's comment; what
 * follows stands in a type of our own:
 *
 *	version << 4 | list << 2 | kind
 *	NFT_ORIGIN_RULE: the rule, all of it but its counters
 *	NFT_ORIGIN_MORE: of accounting the order; belongs to a rule told elsewhere
 *	NFT_ORIGIN_SETTINGS: what belongs to no rule
 *
 * Numbers are big-endian.  A rule is a word that tells which members follow,
 * then these, in order; absent ones have the value that most rules have.
 */
#ifndef BACKEND_NFT_ORIGIN_H
#define BACKEND_NFT_ORIGIN_H

#include <stddef.h>

#include "kmod/core/list.h"

#define NFT_ORIGIN_VERSION 1
#define NFT_ORIGIN_TYPE 0x69	/* of the private user data */
#define NFT_UDATA_MAX 256	/* the kernel's limit, NFT_USERDATA_MAXLEN */

#define NFT_COMMENT_MAX 127	/* nft's limit */

/* bytes that tell rule r, at most 155 */
size_t nft_origin_size(const struct fw_rule *r);

/* what is left for the comment beside rule r; at least 96, at most NFT_COMMENT_MAX */
size_t nft_comment_room(const struct fw_rule *r);

enum nft_origin_kind {
	NFT_ORIGIN_NONE,	/* glue, or not ours */
	NFT_ORIGIN_RULE,
	NFT_ORIGIN_MORE,
	NFT_ORIGIN_SETTINGS,
};

struct nft_settings {
	__u32 policy[FW_LISTS];
	struct fw_timeouts timeouts;
	__u32 mark_mask;
	__u32 needs;		/* of the plan */
};

struct nft_origin {
	enum nft_origin_kind kind;
	__u8 list;		/* RULE: enum fw_list_id */
	__s32 order;		/* RULE: ascends along a list; nft: accounting only */
	struct fw_rule rule;
	struct nft_settings settings;
};

struct nft_udata {
	__u8 byte[NFT_UDATA_MAX];
	size_t len;
};

/* comment may be NULL; it has room, as above */
void nft_origin_write(struct nft_udata *u, const char *comment,
		      const struct nft_origin *o);

/*
 * 0; -EINVAL when data is damaged, -ENOTSUP when it is of another version.  User
 * data without ours is NFT_ORIGIN_NONE.
 */
int nft_origin_read(struct nft_origin *o, const void *data, size_t len);

/* The comment, or NULL: a string within data. */
const char *nft_origin_comment(const void *data, size_t len);

#endif
