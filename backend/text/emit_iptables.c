// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_iptables.c - a plan as a file for `iptables-restore'.
 *
 * Written so that iptables-legacy and iptables-nft 1.8.9 both read it and save
 * it again unchanged.
 */
#include <string.h>

#include "backend/text/emit_iptables.h"
#include "backend/rule_tag.h"

static const char *const tables[] = { "raw", "mangle", "nat", "filter" };

static bool char_is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool word_is_plain(const char *text)
{
	const char *c = text;

	while (char_is_plain(*c))
		c++;
	return !*c && c > text;
}

/* text as one word for iptables-restore */
static void ipt_quote(struct emit *e, const char *text)
{
	if (word_is_plain(text)) {
		emit_str(e, text);
		return;
	}
	emit_char(e, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || *text == '\'')
			emit_char(e, '\\');
		emit_char(e, emit_char_is_control(*text) ? '?' : *text);
	}
	emit_char(e, '"');
}

static void ipt_set(struct emit *e, const char *option, __u32 value, __u32 mask,
		    unsigned int digits)
{
	emit_str(e, option);
	emit_hex(e, value, digits);
	emit_char(e, '/');
	emit_hex(e, mask, digits);
}

static void ipt_log(struct emit *e, const char *prefix, __u16 group)
{
	if (strlen(prefix) > EMIT_IPTABLES_PREFIX)
		emit_fail(e, -EINVAL);
	if (group)
		emit_print(e, " -j NFLOG --nflog-group %u --nflog-prefix ", group);
	else
		emit_str(e, " -j LOG --log-prefix ");
	ipt_quote(e, prefix);
}

static void ipt_reject(struct emit *e, __u32 code)
{
	emit_str(e, " -j REJECT --reject-with ");
	emit_str(e, code == 1 ? "icmp-host-unreachable" : "icmp-port-unreachable");
	if (code != 1 && code != 3)
		emit_fail(e, -EINVAL);
}

static void ipt_nat(struct emit *e, const char *target, struct plan_range ports)
{
	emit_str(e, target);
	if (!ports.lo && !ports.hi)
		return;
	emit_str(e, " --to-ports ");
	emit_range(e, ports, '-');
}

static void ipt_target(struct emit *e, const struct plan_action *a)
{
	__u16 port;

	switch (a->type) {
	case PLAN_A_COUNTER:	/* every rule has one */
		break;
	case PLAN_A_LOG:
		ipt_log(e, a->text, a->log_group);
		break;
	case PLAN_A_TOS:
		ipt_set(e, " -j TOS --set-tos ", a->bits.value & 0xff,
			~a->bits.mask & 0xff, 2);
		break;
	case PLAN_A_DSCP:
	case PLAN_A_ECN:	/* PLAN_A_TOS does better */
	case PLAN_A_TIMEOUT:	/* for nft */
		emit_fail(e, -EINVAL);
		break;
	case PLAN_A_MARK:
		ipt_set(e, " -j MARK --set-xmark ", a->bits.value, a->bits.mask, 1);
		break;
	case PLAN_A_CT_MARK:
		ipt_set(e, " -j CONNMARK --set-xmark ", a->bits.value, a->bits.mask, 1);
		break;
	case PLAN_A_HELPER:
		emit_str(e, " -j CT --helper ");
		emit_str(e, a->text);
		break;
	case PLAN_A_ACCEPT:
		emit_str(e, " -j ACCEPT");
		break;
	case PLAN_A_DROP:
		emit_str(e, " -j DROP");
		break;
	case PLAN_A_REJECT:
		ipt_reject(e, a->bits.value);
		break;
	case PLAN_A_RETURN:
		emit_str(e, " -j RETURN");
		break;
	case PLAN_A_JUMP:
		emit_str(e, " -j ");
		emit_str(e, a->chain->name);
		break;
	case PLAN_A_GOTO:
		emit_str(e, " -g ");
		emit_str(e, a->chain->name);
		break;
	case PLAN_A_REDIRECT:
		port = (__u16)a->bits.value;
		ipt_nat(e, " -j REDIRECT", (struct plan_range){ port, port });
		break;
	case PLAN_A_MASQUERADE:
		ipt_nat(e, " -j MASQUERADE", a->range);
		break;
	case PLAN_A_DNAT:
		emit_str(e, " -j DNAT --to-destination ");
		emit_target(e, a);
		break;
	}
}

static void ipt_targets(struct emit *e, const struct plan_rule *r)
{
	unsigned int i, targets = 0;

	for (i = 0; i < r->nactions; i++) {
		targets += r->action[i].type != PLAN_A_COUNTER;
		ipt_target(e, &r->action[i]);
	}
	if (targets > 1)
		emit_fail(e, -EINVAL);
}

void emit_iptables_words(struct emit *e, const struct plan_rule *r, size_t *target)
{
	struct emit_rule s;

	*target = 0;
	if (emit_rule_simplify(&s, r)) {
		emit_fail(e, -EINVAL);
		return;
	}
	emit_iptables_matches(e, &s);
	*target = e->text.len;
	ipt_targets(e, r);
}

void emit_iptables_comment(struct fw_text *t, const char *text, size_t room)
{
	bool whole = strlen(text) <= room;
	size_t n = plan_text_fit(text, whole ? room : room - 3);

	for (; n > 0; n--, text++)
		fw_text_char(t, emit_char_is_control(*text) ? '?' : *text);
	if (!whole)
		fw_text_str(t, "...");
}

/* Rules in force have their origin behind the comment. */
static void ipt_comment(struct emit *e, const struct plan_rule *r, const char *text)
{
	char comment[EMIT_IPTABLES_COMMENT + 1];
	struct fw_text t;

	fw_text_init(&t, comment, sizeof(comment));
	if (r->origin < 0)
		emit_iptables_comment(&t, text, EMIT_IPTABLES_COMMENT);
	else
		plan_command_write(&t, PLAN_XTABLES, r->list, emit_rule_of(e, r), text,
				   (__s64)r->origin + 1);
	emit_str(e, " -m comment --comment ");
	ipt_quote(e, comment);
}

static void ipt_rule(struct emit *e, const struct plan_chain *c,
		     const struct plan_rule *r)
{
	size_t room = r->origin < 0
			      ? EMIT_IPTABLES_COMMENT
			      : plan_command_room(PLAN_XTABLES, emit_rule_of(e, r));
	const char *origin = r->is_lead ? NULL : emit_origin(e, r);
	struct emit_rule s;

	emit_room(e);
	if (emit_rule_simplify(&s, r)) {
		emit_fail(e, -EINVAL);
		return;
	}
	emit_place(e, r, "");
	if (origin && strlen(origin) > room)
		emit_remark(e, origin);
	if (e->options->counters)
		emit_print(e, "[%llu:%llu] ", (unsigned long long)r->packets,
			   (unsigned long long)r->bytes);
	emit_print(e, "-A %s", c->hook == PLAN_HOOKS ? c->name : plan_hook_chains[c->hook]);
	emit_iptables_matches(e, &s);
	if (origin)
		ipt_comment(e, r, origin);
	ipt_targets(e, r);
	emit_char(e, '\n');
}

/*
 * A declaration (":NAME - [0:0]") would empty a chain that exists, and so add a second
 * jump to it; that of a built-in chain would set its policy, which is not ours.
 */
static void ipt_table(struct emit *e, const char *table)
{
	const struct plan_chain *c;
	const struct plan_rule *r;
	bool used = false;

	for (c = e->plan->chains; c; c = c->next) {
		if (strcmp(c->table, table) != 0)
			continue;
		if (!used)
			emit_print(e, "\n*%s\n", table);
		used = true;
		emit_room(e);
		if (c->hook == PLAN_HOOKS)
			emit_print(e, "-N %s\n", c->name);
	}
	for (c = e->plan->chains; c && !e->error; c = c->next)
		if (strcmp(c->table, table) == 0)
			for (r = c->rules; r; r = r->next)
				ipt_rule(e, c, r);
	if (used)
		emit_str(e, "COMMIT\n");
}

static const char header[] =
	"# Firewall rules, translated by: ipfwadm dump iptables\n"
	"#\n"
	"# Load with `iptables-restore -n FILE', and with -c to set the counters too.\n"
	"# This adds to the rules of other programs.  It fails and changes nothing where\n"
	"# these chains exist already.  Without -n it replaces everything in its tables.\n"
	"# Each comment is the ipfwadm command that the rule comes from.\n";

int emit_iptables(FILE *out, const struct plan *p, const struct emit_options *o)
{
	struct emit e;
	unsigned int i;

	emit_init(&e, out, p, o);
	emit_str(&e, header);
	for (i = 0; i < FW_COUNT(tables); i++)
		ipt_table(&e, tables[i]);
	return emit_finish(&e);
}
