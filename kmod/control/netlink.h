/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.h - the operations of the generic netlink family, and attributes they share.
 *
 * Policies are strict and cover nested attributes: what reaches an operation has known
 * attributes of the right length only.  If an attribute is repeated the last one counts,
 * except the edits of a transaction, all of which count.
 */
#ifndef FWK_NETLINK_H
#define FWK_NETLINK_H

#include <net/genetlink.h>

#include "kmod/ipfwadm_uapi.h"
#include "kmod/rules/rules.h"

/* IPFWADM_FEATURE_* that this module has */
static inline u32 fwk_features(void)
{
	return IPFWADM_FEATURES;
}

extern struct genl_family fwk_netlink_family;

enum fwk_netlink_group {
	FWK_GROUP_CHANGES,
	FWK_GROUP_CONNS,
};

/* netlink_rule.c: RULE, TIMEOUTS, numbers and strings */
extern const struct nla_policy fwk_rule_policy[IPFWADM_RULE_END];
extern const struct nla_policy fwk_timeouts_policy[IPFWADM_TIMEOUT_END];

int fwk_rule_put(struct sk_buff *skb, const struct fw_rule *r,
		 const struct fwk_count *count);
int fwk_rule_get(struct fw_rule *r, const struct nlattr *nest,
		 struct netlink_ext_ack *extack);
/* Returns the attribute of a rule that has the field, or the nest itself. */
const struct nlattr *fwk_rule_attr(const struct nlattr *nest, enum fw_field field);

int fwk_timeouts_put(struct sk_buff *skb, const struct fw_timeouts *t);
int fwk_timeouts_get(struct fw_timeouts *t, const struct nlattr *nest,
		     struct netlink_ext_ack *extack);

/* an attribute whose payload is a member of a structure, a number of size bytes */
struct fwk_number {
	u8 type, size;
	u16 offset;
};

#define FWK_NUMBER(type, structure, member)                                              \
	{                                                                                \
		type, sizeof_field(struct structure, member),                            \
			offsetof(struct structure, member)                               \
	}

/* Puts members that differ from those of *absent. */
int fwk_numbers_put(struct sk_buff *skb, const struct fwk_number *map, unsigned int n,
		    const void *from, const void *absent);
/* Copies attributes that are present into *to; a member without attribute is kept. */
void fwk_numbers_get(void *to, const struct fwk_number *map, unsigned int n,
		     struct nlattr **tb);

/* Copies a string of up to max characters into dst and fills the rest with NULs. */
int fwk_string_get(char *dst, size_t max, const struct nlattr *nla,
		   struct netlink_ext_ack *extack);

/* netlink_forward.c: FORWARD */
extern const struct nla_policy fwk_forward_policy[IPFWADM_FORWARD_END];

int fwk_forward_put(struct sk_buff *skb, const struct fw_portfw *f);
int fwk_forward_get(struct fw_portfw *f, const struct nlattr *nest,
		    struct netlink_ext_ack *extack);

/* netlink_dump.c: RULES_GET */
extern const struct nla_policy fwk_dump_policy[IPFWADM_A_ZERO + 1];

int fwk_dump_start(struct netlink_callback *cb);
int fwk_dump_fill(struct sk_buff *skb, struct netlink_callback *cb);
int fwk_dump_done(struct netlink_callback *cb);

/* netlink_edit.c: EDIT */
extern const struct nla_policy fwk_edit_policy[IPFWADM_A_TRACK_TIMEOUTS + 1];

int fwk_edit_do(struct sk_buff *skb, struct genl_info *info);

int fwk_track_timeouts_put(struct sk_buff *skb, const u32 seconds[FW_TIMEOUTS]);

/* netlink_conn.c: CONNS_GET, CONNS_END, EXPECTS_GET */
extern const struct nla_policy fwk_conn_policy[IPFWADM_A_RULE + 1];

int fwk_conns_start(struct netlink_callback *cb);
int fwk_conns_fill(struct sk_buff *skb, struct netlink_callback *cb);
int fwk_conns_done(struct netlink_callback *cb);
int fwk_conns_end_do(struct sk_buff *skb, struct genl_info *info);
int fwk_expects_fill(struct sk_buff *skb, struct netlink_callback *cb);

struct fwk_track;
struct fw_entry;
/* Copies an entry, whose lock the caller holds unless nobody else has the entry. */
void fwk_conn_read(const struct fwk_track *t, struct ipfwadm_conn *to,
		   const struct fw_entry *c, u32 now);

/* netlink_event.c: CONNS_CHANGED; begins before the family and ends before it */
int fwk_conn_events_init(void);
void fwk_conn_events_exit(void);

/* netlink_check.c: CHECK */
extern const struct nla_policy fwk_check_policy[IPFWADM_A_OUTGOING + 1];

int fwk_check_do(struct sk_buff *skb, struct genl_info *info);

#endif
