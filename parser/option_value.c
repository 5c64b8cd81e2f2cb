// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option_value.c - value functions: the arguments of each option, set in the rule.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kmod/core/names.h"
#include "parser/nameservice.h"
#include "parser/number.h"
#include "parser/request.h"

const char *hint_suggest(const struct request *q, char buf[HINT_SIZE], const char *word,
			 const char *const *words)
{
	const char *near = diag_wanted(q->diags) ? diag_suggest(word, words) : NULL;

	buf[0] = '\0';
	if (near)
		snprintf(buf, HINT_SIZE, "did you mean '%s'?", near);
	return buf;
}

/* the words that other firewalls have for a policy */
static const char *policy_hint(const struct request *q, char buf[HINT_SIZE],
			       const char *word)
{
	static const char *const others[][2] = {
		{ "drop", "deny" },    { "block", "deny" },  { "discard", "deny" },
		{ "allow", "accept" }, { "pass", "accept" }, { "permit", "accept" },
		{ "refuse", "reject" }, { "snat", "masquerade" }, { "nat", "masquerade" },
	};

	for (unsigned int i = 0; i < FW_COUNT(others); i++) {
		if (strcasecmp(word, others[i][0]) == 0) {
			snprintf(buf, HINT_SIZE, "did you mean '%s'?", others[i][1]);
			return buf;
		}
	}
	return hint_suggest(q, buf, word, fw_policy_names);
}

/* the index of the first word with that prefix, which may be empty; or -EINVAL */
static int keyword_parse(struct request *q, const struct ast_arg *arg, const char *what,
			 const char *const *words)
{
	size_t n = strlen(arg->text);
	char hint[HINT_SIZE];

	for (int i = 0; words[i]; i++)
		if (strncmp(words[i], arg->text, n) == 0)
			return i;
	return REFUSE(q, arg->loc,
		      words == fw_policy_names ? policy_hint(q, hint, arg->text) :
						 hint_suggest(q, hint, arg->text, words),
		      "invalid %s \"%s\" specified", what, arg->text);
}

int value_direction(struct request *q, const struct ast_item *item)
{
	static const __u16 directions[] = { FW_ACCTIN, FW_ACCTOUT, 0 };
	int i;

	if (!item->args)
		return 0;
	i = keyword_parse(q, item->args, "direction", option_directions);
	if (i < 0)
		return i;
	q->rule.flags |= directions[i];
	return 0;
}

/* masquerade is accept and a use of -m */
int value_policy(struct request *q, const struct ast_item *item)
{
	static const __u16 policies[] = {
		FW_POLICY_ACCEPT, FW_POLICY_DENY, FW_POLICY_REJECT, FW_POLICY_MASQ,
	};
	int i;

	if (!item->args)
		return 0;
	if (item->option->command & DO_RULE)
		q->policy = item->args;
	i = keyword_parse(q, item->args, "policy", fw_policy_names);
	if (i < 0)
		return i;
	if (policies[i] == FW_POLICY_MASQ &&
	    request_take(q, option_by_id('m'), item))
		return -EINVAL;
	q->rule.flags |= policies[i];
	return 0;
}

int value_timeouts(struct request *q, const struct ast_item *item)
{
	__u32 *const values[] = {
		&q->timeouts.tcp, &q->timeouts.tcpfin, &q->timeouts.udp,
	};
	const struct ast_arg *arg = item->args;

	if (item->nargs < FW_COUNT(values))
		return REFUSE(q, item->loc, "seconds for tcp, tcpfin and udp, 0 to keep",
			      "-s requires 3 timeout values");
	for (unsigned int i = 0; i < FW_COUNT(values); i++, arg = arg->next) {
		long n = number_parse(arg->text, INT_MAX);

		if (n < 0)
			return REFUSE(q, arg->loc, "seconds, 0 to keep",
				      "invalid timeout value \"%s\" specified", arg->text);
		*values[i] = (__u32)n;
	}
	return 0;
}

/* NAME SECONDS ...; the kernel knows the names */
int value_track_timeouts(struct request *q, const struct ast_item *item)
{
	for (const struct ast_arg *arg = item->args; arg; arg = arg->next->next) {
		if (!arg->next)
			return REFUSE(q, arg->loc, "NAME SECONDS, as -T -s shows them",
				      "-s requires a value for timeout \"%s\"", arg->text);
		if (number_parse(arg->next->text, INT_MAX) < 1)
			return REFUSE(q, arg->next->loc, "seconds, at least 1",
				      "invalid timeout value \"%s\" specified",
				      arg->next->text);
	}
	return 0;
}

int value_protocol(struct request *q, const struct ast_item *item)
{
	/* the index is the FW_KIND_* */
	int i = keyword_parse(q, item->args, "protocol", fw_kind_names);

	if (i < 0)
		return i;
	q->rule.flags |= (__u16)i;
	return 0;
}

/* Only counts the ports, as 2.3.0 did here; endpoint.c resolves them after all checks. */
int value_endpoint(struct request *q, const struct ast_item *item)
{
	bool source = item->option->id == 'S';
	struct endpoint *e = source ? &q->src : &q->dst;

	e->item = item;
	for (const struct ast_arg *arg = item->args->next; arg; arg = arg->next) {
		bool range = strchr(arg->text, ':');

		if (range && e->range)
			return REFUSE(q, arg->loc, "", "multiple ranges not allowed");
		e->range |= range;
		e->nports += range ? 2 : 1;
		if (q->src.nports + q->dst.nports > FW_MAX_PORTS)
			return REFUSE(q, arg->loc, "a range counts as two",
				      "too many ports specified (maximum %d)",
				      FW_MAX_PORTS);
	}
	if (e->range)
		q->rule.flags |= source ? FW_SRNG : FW_DRNG;
	return 0;
}

int value_via(struct request *q, const struct ast_item *item)
{
	const struct ast_arg *arg = item->args;
	__u32 *addrs;
	int n;

	if (dotted_parse(arg->text, &q->rule.via))
		return 0;
	n = name_host_addresses(arg->text, &addrs);
	if (n < 0)
		return REFUSE(q, arg->loc, "", "host \"%s\" not found", arg->text);
	if (n == 1)
		q->rule.via = addrs[0];
	free(addrs);
	if (n != 1)
		return REFUSE(q, arg->loc, "",
			      "hostname \"%s\" does not specify a unique address",
			      arg->text);
	return 0;
}

/* 2.3.0 cut longer names */
int value_interface(struct request *q, const struct ast_item *item)
{
	const char *name = item->args->text;

	memcpy(q->rule.vianame, name, strnlen(name, FW_IFNAMSIZ));
	return 0;
}

int value_tos(struct request *q, const struct ast_item *item)
{
	__u8 *const masks[] = { &q->rule.tosand, &q->rule.tosxor };
	const struct ast_arg *arg = item->args;

	if (item->nargs < FW_COUNT(masks))
		return REFUSE(q, item->loc, "the and mask and the xor mask",
			      "-t requires 2 hexbyte arguments");
	for (unsigned int i = 0; i < FW_COUNT(masks); i++, arg = arg->next) {
		int n = hexbyte_parse(arg->text);

		if (n < 0)
			return REFUSE(q, arg->loc, "", "invalid hexbyte \"%s\" specified",
				      arg->text);
		*masks[i] = (__u8)n;
	}
	return 0;
}

int value_masquerade(struct request *q, const struct ast_item *item)
{
	(void)item;
	q->rule.flags |= FW_MASQ;
	return 0;
}

/* a prefix of a state's name, any letter case; their first letters differ */
static unsigned int state_bit(const char *s, size_t n)
{
	for (unsigned int i = 0; n && fw_state_names[i]; i++)
		if (strncasecmp(fw_state_names[i], s, n) == 0)
			return 1u << i;
	return 0;
}

static int state_refuse(struct request *q, const struct ast_arg *arg, const char *s,
			size_t n)
{
	size_t at = (size_t)(s - arg->text);
	char state[32], hint[HINT_SIZE];

	snprintf(state, sizeof(state), "%.*s", n < 100 ? (int)n : 100, s);
	return REFUSE(q, ast_arg_part(arg, at, at + n),
		      hint_suggest(q, hint, state, fw_state_names),
		      "invalid state \"%s\" specified", state);
}

/* STATE,STATE...; a leading ! negates the whole list */
int value_state(struct request *q, const struct ast_item *item)
{
	const struct ast_arg *arg = item->args;
	const char *s = arg->text;
	bool negated = *s == '!';
	unsigned int states = 0;

	s += negated;
	while (true) {
		size_t n = strcspn(s, ",");
		unsigned int bit = state_bit(s, n);

		if (!bit)
			return state_refuse(q, arg, s, n);
		states |= bit;
		if (!s[n])
			break;
		s += n + 1;
	}
	if (negated)
		states ^= FW_STATES;
	if (!states)
		return REFUSE(q, arg->loc, "", "no state is left in \"%s\"", arg->text);
	q->rule.state = (__u8)states;
	return 0;
}

int value_keep_state(struct request *q, const struct ast_item *item)
{
	(void)item;
	q->rule.keep_state = 1;
	return 0;
}

int value_helper(struct request *q, const struct ast_item *item)
{
	const char *const *names = fw_helper_names + 1;
	const struct ast_arg *arg = item->args;
	char known[128] = "", near[HINT_SIZE];
	size_t n = 0;

	q->rule.helper = (__u8)fw_helper_find(arg->text);
	if (q->rule.helper || masq_helper_find(arg->text))	/* of --forward: portfw.c */
		return 0;
	for (unsigned int i = 0; names[i]; i++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, " %s", names[i]);
	return REFUSE(q, arg->loc, hint_suggest(q, near, arg->text, names),
		      "unknown helper \"%s\" (known:%s)", arg->text, known);
}

int value_comment(struct request *q, const struct ast_item *item)
{
	const struct ast_arg *arg = item->args;
	size_t n = strlen(arg->text);

	for (size_t i = 0; i < n; i++)
		if (arg->text[i] < ' ' || arg->text[i] > '~')
			return REFUSE(q, ast_arg_part(arg, i, i + 1), "",
				      "a comment holds printable ASCII characters only");
	if (n > FW_COMMENT_MAX)
		return REFUSE(q, ast_arg_part(arg, FW_COMMENT_MAX, n), "",
			      "comment longer than %d characters", FW_COMMENT_MAX);
	memcpy(q->rule.comment, arg->text, n);
	return 0;
}
