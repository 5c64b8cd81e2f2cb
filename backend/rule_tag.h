/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule_tag.h - the tag of a kernel rule: the ipfwadm rule that it belongs to.
 *
 * User data is a sequence of (type, length, value).  Type 0 is nft's comment; a tag has
 * a type of its own:
 *
 *	version << 4 | list << 2 | kind
 *	TAG_RULE: the rule, all of it but its counters
 *	TAG_MORE: another kernel rule of a rule, and its number unless nft finds the
 *		rule by position.  xtables: one that counts for the rule
 *	TAG_SETTINGS: what belongs to no rule
 *
 * Numbers are big-endian.  A rule is a word of bits for the members that follow, and
 * these in order; absent ones have the value that most rules have.
 */
#ifndef BACKEND_RULE_TAG_H
#define BACKEND_RULE_TAG_H

#include <stddef.h>

#include "kmod/core/list.h"

#define RULE_TAG_VERSION 1
#define RULE_TAG_TYPE 0x69 /* of the private user data */
#define RULE_TAG_UDATA_MAX 256 /* the kernel's limit, NFT_USERDATA_MAXLEN */

#define RULE_TAG_COMMENT_MAX 127 /* nft's limit */

/* bytes of the tag of rule r, at most 155 */
size_t rule_tag_size(const struct fw_rule *r);

/* bytes left for nft's comment of rule r; at least 96, at most RULE_TAG_COMMENT_MAX */
size_t rule_tag_comment_room(const struct fw_rule *r);

enum tag_kind {
	TAG_NONE, /* glue, or a rule of others */
	TAG_RULE,
	TAG_MORE,
	TAG_SETTINGS,
};

struct rule_settings {
	__u32 policy[FW_LISTS];
	struct fw_timeouts timeouts;
	__u32 mark_mask;
	__u32 needs; /* of the plan */
	__u16 log_group; /* likewise */
};

struct rule_tag {
	enum tag_kind kind;
	__u8 list; /* RULE: enum fw_list_id */
	__s32 number; /* ascends along a list; nft: accounting only */
	bool is_uncounted; /* MORE: its counter is not part of the rule's */
	struct fw_rule rule;
	struct rule_settings settings;
};

struct rule_udata {
	__u8 byte[RULE_TAG_UDATA_MAX];
	size_t len;
};

/* comment may be NULL; it has room, as above */
void rule_tag_write(struct rule_udata *u, const char *comment, const struct rule_tag *t);

/*
 * 0; -EINVAL when data is damaged, -ENOTSUP when it is of another version.  User
 * data without ours is TAG_NONE.
 */
int rule_tag_read(struct rule_tag *t, const void *data, size_t len);

/* The value of the given type and its size, NULL if there is none. */
const void *rule_udata_find(const void *data, size_t len, __u8 type, size_t *size);

/* The comment, or NULL: a string within data. */
const char *rule_tag_comment(const void *data, size_t len);

#endif
