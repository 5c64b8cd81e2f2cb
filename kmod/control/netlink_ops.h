/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink_ops.h - the operations of the generic netlink family, a file for each,
 * and what they share.
 *
 * The policies are strict: what reaches an operation has known attributes only, of
 * the right length, nests included.  Where an attribute stands twice the last one
 * counts, but for the edits of a transaction, which count all.
 */
#ifndef FW_NETLINK_OPS_H
#define FW_NETLINK_OPS_H

#include <net/genetlink.h>

#include "kmod/ipfwadm_uapi.h"
#include "kmod/net.h"

/* what this module can do, IPFWADM_FEATURE_* */
#define FW_FEATURES 0

extern struct genl_family fw_netlink_family;

/* netlink_rule.c: RULE, TIMEOUTS and strings */
extern const struct nla_policy fw_rule_policy[IPFWADM_RULE_END];
extern const struct nla_policy fw_timeouts_policy[IPFWADM_TIMEOUT_END];

int fw_rule_put(struct sk_buff *skb, const struct fw_rule *r,
		const struct fw_count *count);
int fw_rule_get(struct fw_rule *r, const struct nlattr *nest,
		struct netlink_ext_ack *extack);
/* the attribute of a rule that is about the field, or the nest itself */
const struct nlattr *fw_rule_attr(const struct nlattr *nest, enum fw_field field);

int fw_timeouts_put(struct sk_buff *skb, const struct fw_timeouts *t);
int fw_timeouts_get(struct fw_timeouts *t, const struct nlattr *nest,
		    struct netlink_ext_ack *extack);

/* A string of up to max characters into dst, NULs behind it. */
int fw_string_get(char *dst, size_t max, const struct nlattr *nla,
		  struct netlink_ext_ack *extack);

/* netlink_dump.c: RULES_GET */
extern const struct nla_policy fw_dump_policy[IPFWADM_A_ZERO + 1];

int fw_dump_start(struct netlink_callback *cb);
int fw_dump_fill(struct sk_buff *skb, struct netlink_callback *cb);
int fw_dump_done(struct netlink_callback *cb);

/* netlink_edit.c: EDIT */
extern const struct nla_policy fw_edit_policy[IPFWADM_A_EDIT + 1];

int fw_edit_do(struct sk_buff *skb, struct genl_info *info);

/* netlink_check.c: CHECK */
extern const struct nla_policy fw_check_policy[IPFWADM_A_OUTGOING + 1];

int fw_check_do(struct sk_buff *skb, struct genl_info *info);

#endif
