// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_iptables_target.c - what a rule of iptables-save does.
 */
#include <errno.h>
#include <string.h>

#include "backend/analysis/filter_iptables.h"

enum kind { KIND_PLAIN, KIND_DNAT, KIND_SNAT, KIND_REDIRECT, KIND_TOS, KIND_DSCP };

static const struct target {
	const char *name;
	enum filter_do what;
	enum kind kind;
} targets[] = {
	{ "ACCEPT", FILTER_ACCEPT, KIND_PLAIN }, { "DROP", FILTER_DROP, KIND_PLAIN },
	{ "REJECT", FILTER_REJECT, KIND_PLAIN }, { "RETURN", FILTER_RETURN, KIND_PLAIN },
	{ "MASQUERADE", FILTER_SNAT, KIND_PLAIN }, { "SNAT", FILTER_SNAT, KIND_SNAT },
	{ "DNAT", FILTER_DNAT, KIND_DNAT }, { "REDIRECT", FILTER_DNAT, KIND_REDIRECT },
	{ "TOS", FILTER_CONTINUE, KIND_TOS }, { "DSCP", FILTER_CONTINUE, KIND_DSCP },
	/* these neither decide nor change what is compared */
	{ "LOG", FILTER_CONTINUE, KIND_PLAIN }, { "NFLOG", FILTER_CONTINUE, KIND_PLAIN },
	{ "ULOG", FILTER_CONTINUE, KIND_PLAIN }, { "AUDIT", FILTER_CONTINUE, KIND_PLAIN },
	{ "TRACE", FILTER_CONTINUE, KIND_PLAIN }, { "MARK", FILTER_CONTINUE, KIND_PLAIN },
	{ "CONNMARK", FILTER_CONTINUE, KIND_PLAIN }, { "TCPMSS", FILTER_CONTINUE, KIND_PLAIN },
	{ "CLASSIFY", FILTER_CONTINUE, KIND_PLAIN }, { "SET", FILTER_CONTINUE, KIND_PLAIN },
	{ "CHECKSUM", FILTER_CONTINUE, KIND_PLAIN }, { "TTL", FILTER_CONTINUE, KIND_PLAIN },
};

/* "1.2.3.4", "1.2.3.4:80": one address and port at most */
static bool endpoint_read(const char *s, struct filter_rule *rule)
{
	size_t length = strcspn(s, ":");
	__u32 port = 0;

	if (!filter_addr(s, length, &rule->addr) || !rule->addr)
		return false;
	if (s[length] && (!filter_number(s + length + 1, strlen(s + length + 1), 0xffff, &port) ||
			  !port))
		return false;
	rule->port = (__u16)port;
	return true;
}

/* "0x10", "0x10/0x3f" */
static bool tos_read(const char *s, struct filter_rule *rule)
{
	size_t length = strcspn(s, "/");
	__u32 value, mask = 0xff;

	if (!filter_number(s, length, 0xff, &value) ||
	    (s[length] && !filter_number(s + length + 1, strlen(s + length + 1), 0xff, &mask)))
		return false;
	rule->tosand = (__u8)~mask;
	rule->tosxor = (__u8)value;
	return true;
}

/* The option of a target that matters; others are about ports, logs and the like. */
static int argument_read(struct ipt_reader *r, enum kind kind, struct filter_rule *rule)
{
	static const char *const options[] = {
		[KIND_DNAT] = "--to-destination", [KIND_SNAT] = "--to-source",
		[KIND_REDIRECT] = "--to-ports", [KIND_TOS] = "--set-tos",
		[KIND_DSCP] = "--set-dscp",
	};
	bool is_needed = kind != KIND_REDIRECT, is_right = true;
	__u32 n = 0;

	while (r->at < r->n && strcmp(r->word[r->at].text, options[kind]) != 0)
		r->at++;
	if (r->at++ == r->n)
		return is_needed ? filter_fail(r->f, r->line, r->word[r->n - 1].column,
					       "%s is missing", options[kind]) : 0;
	if (r->at == r->n)
		return filter_fail(r->f, r->line, r->word[r->n - 1].column, "a value is missing");
	switch (kind) {
	case KIND_SNAT:		/* ports are chosen as they can be */
		is_right = filter_addr(r->word[r->at].text,
				       strcspn(r->word[r->at].text, ":"), &rule->addr);
		break;
	case KIND_DNAT:
		is_right = endpoint_read(r->word[r->at].text, rule);
		break;
	case KIND_REDIRECT:
		is_right = filter_number(r->word[r->at].text, strlen(r->word[r->at].text),
					 0xffff, &n) && n;
		rule->port = (__u16)n;
		break;
	case KIND_TOS:
		is_right = tos_read(r->word[r->at].text, rule);
		break;
	case KIND_DSCP:
		is_right = filter_dscp(r->word[r->at].text, &n);
		rule->tosand = 3;
		rule->tosxor = (__u8)(n << 2);
		break;
	case KIND_PLAIN:
		break;
	}
	return is_right ? 0 : ipt_fail(r, "not known here:");
}

int ipt_target_read(struct ipt_reader *r, struct filter_rule *rule, bool is_goto)
{
	const char *name = ipt_take(r, "a target");
	const struct target *t = targets;
	int err;

	if (!name)
		return -EINVAL;
	rule->target = filter_chain_find(r->f, r->name, name);
	rule->what = is_goto ? FILTER_GOTO : FILTER_JUMP;
	if (rule->target && !rule->target->is_base)
		return 0;
	while (t < targets + FW_COUNT(targets) && strcmp(t->name, name) != 0)
		t++;
	if (rule->target || is_goto || t == targets + FW_COUNT(targets)) {
		r->at--;
		return ipt_fail(r, "no chain, and no target that is known:");
	}
	rule->what = t->what;
	for (__u32 i = r->at; i < r->n; i++)
		if (ipt_is_option(r->word[i].text) || t->what == FILTER_ACCEPT ||
		    t->what == FILTER_DROP || t->what == FILTER_RETURN) {
			r->at = i;
			return ipt_fail(r, "not known behind a target:");
		}
	err = t->kind == KIND_PLAIN ? 0 : argument_read(r, t->kind, rule);
	if (!err)
		r->at = r->n;
	return err;
}
