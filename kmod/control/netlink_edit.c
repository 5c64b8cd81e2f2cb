// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_edit.c - EDIT: the edits of a message as one transaction.
 *
 * A message has one attribute per edit, up to IPFWADM_EDITS_MAX.  They are read in a
 * loop, because the table of parsed attributes contains only the last of each type.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "kmod/control/netlink.h"
#include "kmod/packet/gate_hooks.h"

#define TIMEOUT_NAME_MAX 31

static const struct nla_policy one_edit_policy[IPFWADM_EDIT_END] = {
	[IPFWADM_EDIT_OP] = NLA_POLICY_MAX(NLA_U32, IPFWADM_OP_END - 1),
	[IPFWADM_EDIT_LIST] = NLA_POLICY_MAX(NLA_U32, FW_LISTS - 1),
	[IPFWADM_EDIT_RULE] = NLA_POLICY_NESTED(fwk_rule_policy),
	[IPFWADM_EDIT_POLICY] = NLA_POLICY_MASK(NLA_U32, FW_POLICY_MASK),
	[IPFWADM_EDIT_TIMEOUTS] = NLA_POLICY_NESTED(fwk_timeouts_policy),
	[IPFWADM_EDIT_COUNTERS] = { .type = NLA_FLAG },
	[IPFWADM_EDIT_FORWARD] = NLA_POLICY_NESTED(fwk_forward_policy),
	[IPFWADM_EDIT_CUT] = { .type = NLA_FLAG },
};

static const struct nla_policy track_timeout_policy[IPFWADM_TRACK_END] = {
	[IPFWADM_TRACK_NAME] = { .type = NLA_NUL_STRING, .len = TIMEOUT_NAME_MAX },
	[IPFWADM_TRACK_SECONDS] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy track_timeouts_policy[IPFWADM_TRACK_END] = {
	[IPFWADM_TRACK_TIMEOUT] = NLA_POLICY_NESTED(track_timeout_policy),
};

const struct nla_policy fwk_edit_policy[IPFWADM_A_TRACK_TIMEOUTS + 1] = {
	[IPFWADM_A_GENERATION] = NLA_POLICY_MIN(NLA_U32, 1),
	[IPFWADM_A_REPLACE] = { .type = NLA_FLAG },
	[IPFWADM_A_EDIT] = NLA_POLICY_NESTED(one_edit_policy),
	[IPFWADM_A_TRACK_TIMEOUTS] = NLA_POLICY_NESTED(track_timeouts_policy),
};

/* the attributes of each operation, as bits */
static const struct {
	u16 needs, may;
} shapes[IPFWADM_OP_END] = {
	[IPFWADM_OP_APPEND] =
		{
			.needs = BIT(IPFWADM_EDIT_LIST) | BIT(IPFWADM_EDIT_RULE),
			.may = BIT(IPFWADM_EDIT_COUNTERS),
		},
	[IPFWADM_OP_INSERT] =
		{
			.needs = BIT(IPFWADM_EDIT_LIST) | BIT(IPFWADM_EDIT_RULE),
			.may = BIT(IPFWADM_EDIT_COUNTERS),
		},
	[IPFWADM_OP_DELETE] =
		{
			.needs = BIT(IPFWADM_EDIT_LIST) | BIT(IPFWADM_EDIT_RULE),
		},
	[IPFWADM_OP_FLUSH] = {.needs = BIT(IPFWADM_EDIT_LIST)},
	[IPFWADM_OP_ZERO] = {.needs = BIT(IPFWADM_EDIT_LIST)},
	[IPFWADM_OP_POLICY] =
		{
			.needs = BIT(IPFWADM_EDIT_LIST) | BIT(IPFWADM_EDIT_POLICY),
		},
	[IPFWADM_OP_TIMEOUTS] = {.needs = BIT(IPFWADM_EDIT_TIMEOUTS)},
	[IPFWADM_OP_FORWARD_APPEND] = {.needs = BIT(IPFWADM_EDIT_FORWARD)},
	[IPFWADM_OP_FORWARD_INSERT] = {.needs = BIT(IPFWADM_EDIT_FORWARD)},
	[IPFWADM_OP_FORWARD_DELETE] =
		{
			.needs = BIT(IPFWADM_EDIT_FORWARD),
			.may = BIT(IPFWADM_EDIT_CUT),
		},
	[IPFWADM_OP_FORWARD_DELETE_SIDE] =
		{
			.needs = BIT(IPFWADM_EDIT_FORWARD),
			.may = BIT(IPFWADM_EDIT_CUT),
		},
	[IPFWADM_OP_FORWARD_FLUSH] = {.may = BIT(IPFWADM_EDIT_CUT)},
	[IPFWADM_OP_IPV6] = {.needs = BIT(IPFWADM_EDIT_POLICY)},
};

static int edit_shape_check(const struct nlattr *nest, struct nlattr **tb,
			    struct netlink_ext_ack *extack)
{
	unsigned int type, needs, may;

	if (NL_REQ_ATTR_CHECK(extack, nest, tb, IPFWADM_EDIT_OP)) {
		NL_SET_ERR_MSG(extack, "an edit needs an operation");
		return -EINVAL;
	}
	needs = shapes[nla_get_u32(tb[IPFWADM_EDIT_OP])].needs;
	may = shapes[nla_get_u32(tb[IPFWADM_EDIT_OP])].may | BIT(IPFWADM_EDIT_OP);
	for (type = IPFWADM_EDIT_OP; type < IPFWADM_EDIT_END; type++) {
		if (!tb[type] && needs & BIT(type)) {
			NL_SET_ERR_ATTR_MISS(extack, nest, type);
			NL_SET_ERR_MSG(extack, "the operation needs another attribute");
			return -EINVAL;
		}
		if (tb[type] && !((needs | may) & BIT(type))) {
			NL_SET_ERR_MSG_ATTR(extack, tb[type],
					    "the operation takes no such attribute");
			return -EINVAL;
		}
	}
	return 0;
}

static int forward_edit_get(struct fw_edit *e, u32 op, struct nlattr **tb,
			    struct netlink_ext_ack *extack)
{
	e->op = FW_OP_PORTFW;
	e->portfw.op = op - IPFWADM_OP_FORWARD_APPEND;
	e->portfw.cut = nla_get_flag(tb[IPFWADM_EDIT_CUT]);
	if (!tb[IPFWADM_EDIT_FORWARD])
		return 0;
	return fwk_forward_get(&e->portfw.forward, tb[IPFWADM_EDIT_FORWARD], extack);
}

/* *e is zeroed memory. */
static int edit_get(struct fw_edit *e, const struct nlattr *nest,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_EDIT_END];
	int err = nla_parse_nested(tb, IPFWADM_EDIT_END - 1, nest, NULL, extack) ?:
		  edit_shape_check(nest, tb, extack);
	u32 op;

	if (err)
		return err;
	op = nla_get_u32(tb[IPFWADM_EDIT_OP]);
	if (op >= IPFWADM_OP_FORWARD_APPEND && op <= IPFWADM_OP_FORWARD_ZERO)
		return forward_edit_get(e, op, tb, extack);
	e->op = op == IPFWADM_OP_IPV6 ? FW_OP_IPV6 : op;
	if (tb[IPFWADM_EDIT_LIST])
		e->list = nla_get_u32(tb[IPFWADM_EDIT_LIST]);
	e->counters = nla_get_flag(tb[IPFWADM_EDIT_COUNTERS]);
	if (tb[IPFWADM_EDIT_RULE])
		return fwk_rule_get(&e->rule, tb[IPFWADM_EDIT_RULE], extack);
	if (tb[IPFWADM_EDIT_TIMEOUTS])
		return fwk_timeouts_get(&e->timeouts, tb[IPFWADM_EDIT_TIMEOUTS], extack);
	if (tb[IPFWADM_EDIT_POLICY])
		e->policy = nla_get_u32(tb[IPFWADM_EDIT_POLICY]);
	return 0;
}

/* Returns the edit with that index, or NULL with the number of edits in *count. */
static const struct nlattr *edit_find(const struct nlmsghdr *nlh, u32 index, u32 *count)
{
	const struct nlattr *nla;
	int rem;

	*count = 0;
	nlmsg_for_each_attr(nla, nlh, GENL_HDRLEN,
			    rem) if (nla_type(nla) == IPFWADM_A_EDIT &&
				     (*count)++ == index) return nla;
	return NULL;
}

static int edits_get(struct fw_edit *edits, const struct genl_info *info)
{
	const struct nlattr *nla;
	int rem, err;

	nlmsg_for_each_attr(nla, info->nlhdr, GENL_HDRLEN, rem)
	{
		if (nla_type(nla) != IPFWADM_A_EDIT)
			continue;
		err = edit_get(edits++, nla, info->extack);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* Returns the attribute of an edit that has the field, or the edit itself. */
static const struct nlattr *edit_attr(const struct nlattr *nest, enum fw_field field)
{
	struct nlattr *tb[IPFWADM_EDIT_END];
	const struct nlattr *at = NULL;

	if (field == FW_FIELD_NONE ||
	    nla_parse_nested(tb, IPFWADM_EDIT_END - 1, nest, NULL, NULL))
		return nest;
	if (field == FW_FIELD_LIST)
		at = tb[IPFWADM_EDIT_LIST];
	else if (field == FW_FIELD_POLICY)
		at = tb[IPFWADM_EDIT_POLICY];
	else if (field == FW_FIELD_TIMEOUTS)
		at = tb[IPFWADM_EDIT_TIMEOUTS];
	else if (tb[IPFWADM_EDIT_RULE])
		at = fwk_rule_attr(tb[IPFWADM_EDIT_RULE], field);
	return at ?: nest;
}

/* The text is a constant of the module, which the socket keeps loaded. */
static void refusal_report(const struct genl_info *info, const struct fwk_refusal *why)
{
	const struct nlattr *nest;
	u32 count;

	if (!why->text || !info->extack)
		return;
	info->extack->_msg = why->text;
	nest = edit_find(info->nlhdr, why->edit, &count);
	if (nest)
		NL_SET_BAD_ATTR(info->extack, edit_attr(nest, why->field));
}

int fwk_track_timeouts_put(struct sk_buff *skb, const u32 seconds[FW_TIMEOUTS])
{
	struct nlattr *all = nla_nest_start(skb, IPFWADM_A_TRACK_TIMEOUTS), *nest;
	unsigned int i;

	if (!all)
		return -EMSGSIZE;
	for (i = 0; i < FW_TIMEOUTS; i++) {
		nest = nla_nest_start(skb, IPFWADM_TRACK_TIMEOUT);
		if (!nest ||
		    nla_put_string(skb, IPFWADM_TRACK_NAME, fw_timeout_table[i].name) ||
		    nla_put_u32(skb, IPFWADM_TRACK_SECONDS, seconds[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	nla_nest_end(skb, all);
	return 0;
}

static int track_timeout_get(u32 seconds[FW_TIMEOUTS], const struct nlattr *nest,
			     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IPFWADM_TRACK_END];
	char name[TIMEOUT_NAME_MAX + 1];
	int id, err;

	err = nla_parse_nested(tb, IPFWADM_TRACK_END - 1, nest, track_timeout_policy,
			       extack);
	if (err)
		return err;
	if (!tb[IPFWADM_TRACK_NAME] || !tb[IPFWADM_TRACK_SECONDS]) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a timeout has a name and seconds");
		return -EINVAL;
	}
	err = fwk_string_get(name, TIMEOUT_NAME_MAX, tb[IPFWADM_TRACK_NAME], extack);
	if (err)
		return err;
	id = fw_timeout_find(name);
	if (id < 0) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IPFWADM_TRACK_NAME],
				    "there is no such timeout");
		return id;
	}
	seconds[id] = nla_get_u32(tb[IPFWADM_TRACK_SECONDS]);
	if (seconds[id] > FW_TIMEOUT_LONGEST) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IPFWADM_TRACK_SECONDS],
				    "a timeout is at most 21474836 seconds");
		return -ERANGE;
	}
	return 0;
}

static int track_timeouts_get(u32 seconds[FW_TIMEOUTS], struct genl_info *info)
{
	const struct nlattr *nest = info->attrs[IPFWADM_A_TRACK_TIMEOUTS], *nla;
	int rem, err = 0;

	if (!nest)
		return 0;
	nla_for_each_nested(nla, nest, rem) {
		err = track_timeout_get(seconds, nla, info->extack);
		if (err)
			break;
	}
	return err;
}

static bool closes_gate(const struct fwk_transaction *tx)
{
	u32 i = 0;

	while (i < tx->n && (tx->edits[i].op != FW_OP_IPV6 ||
			     tx->edits[i].policy != FW_POLICY_DENY))
		i++;
	return i < tx->n;
}

static int transaction_do(struct genl_info *info, const struct fwk_transaction *tx)
{
	struct fwk_refusal why = { .text = NULL };
	int err;

	if (closes_gate(tx))
		fwk_gate_hooks_load();
	err = fwk_rules_edit(genl_info_net(info), tx, &why);
	if (err == -ESTALE)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[IPFWADM_A_GENERATION],
				    "the rules were changed meanwhile");
	else if (err)
		refusal_report(info, &why);
	return err;
}

int fwk_edit_do(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *generation = info->attrs[IPFWADM_A_GENERATION];
	u32 track_timeouts[FW_TIMEOUTS] = { 0 };
	struct fwk_transaction tx = {
		.generation = generation ? nla_get_u32(generation) : 0,
		.replace = nla_get_flag(info->attrs[IPFWADM_A_REPLACE]),
		.portid = info->snd_portid,
		.track_timeouts = info->attrs[IPFWADM_A_TRACK_TIMEOUTS] ? track_timeouts
									: NULL,
	};
	const struct nlattr *excess = edit_find(info->nlhdr, IPFWADM_EDITS_MAX, &tx.n);
	struct fw_edit *edits;
	int err;

	if (excess) {
		NL_SET_ERR_MSG_ATTR(info->extack, excess, "too many edits at once");
		return -E2BIG;
	}
	/* The sender receives the error, so no warning is logged. */
	edits = kvcalloc(tx.n, sizeof(*edits), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!edits) {
		NL_SET_ERR_MSG(info->extack, "not enough memory for so many edits");
		return -ENOMEM;
	}
	tx.edits = edits;
	err = edits_get(edits, info) ?: track_timeouts_get(track_timeouts, info) ?:
	      transaction_do(info, &tx);
	kvfree(edits);
	return err;
}
