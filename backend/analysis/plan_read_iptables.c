// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_read_iptables.c - our chains as iptables-save and dump have them.
 *
 * Ours are called ipfw-...; and in the chains of the hooks those rules that lead there.
 */
#include "backend/analysis/plan_read_iptables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/filter_words.h"

#define OURS "ipfw-"

static const struct {
	const char *table;
	int priority;		/* nat: of the chains before routing */
} tables[] = {
	{ "raw", -300 }, { "mangle", -150 }, { "nat", -100 }, { "filter", 0 }, { "security", 50 },
};

static bool is_ours(const char *name)
{
	return !strncmp(name, OURS, strlen(OURS));
}

static int unknown(struct ipt_plan_reader *x, __u32 at)
{
	at = at < x->n ? at : x->n - 1;
	return plan_read_fail(x->r, x->line, x->word[at].column, "not known here: '%.80s'",
			      x->word[at].text);
}

static int table_begin(struct ipt_plan_reader *x)
{
	const char *name = x->word[0].text + 1;

	for (unsigned int i = 0; i < FW_COUNT(tables); i++)
		if (!strcmp(tables[i].table, name)) {
			x->table = tables[i].table;
			return 0;
		}
	return unknown(x, 0);
}

/* ":NAME POLICY", or "-N NAME" of a dump */
static int chain_read(struct ipt_plan_reader *x)
{
	bool is_new = x->word[0].text[0] == '-';
	const char *name = is_new ? ipt_plan_word(x) : x->word[0].text + 1;
	const char *policy = is_new || x->n < 2 ? "-" : x->word[1].text;

	if (!is_ours(name)) {	/* one that drops is none of ours */
		x->r->nothers += strcmp(policy, "-") != 0 && strcmp(policy, "ACCEPT") != 0;
		return 0;
	}
	if (plan_read_chain(x->r, x->table, name))
		return unknown(x, 0);
	plan_chain_add(x->r->plan, x->table, plan_copy(x->r->plan, name, strlen(name) + 1));
	return 0;
}

static bool reject_read(struct ipt_plan_reader *x, struct plan_action *a)
{
	const char *with = strcmp(ipt_plan_word(x), "--reject-with") ? "" : ipt_plan_word(x);
	bool is_host = !strcmp(with, "icmp-host-unreachable");

	a->bits.value = is_host ? 1 : 3;
	return is_host || !strcmp(with, "icmp-port-unreachable");
}

/* LOG or NFLOG: the prefix, and the group of the latter; other options follow LOG's. */
static bool log_read(struct ipt_plan_reader *x, struct plan_action *a)
{
	a->text = "";
	while (x->at < x->n) {
		const char *option = ipt_plan_word(x), *value = ipt_plan_word(x);
		__u32 group;

		if (!strcmp(option, "--log-prefix") || !strcmp(option, "--nflog-prefix")) {
			a->text = plan_copy(x->r->plan, value, strlen(value) + 1);
		} else if (!strcmp(option, "--nflog-group")) {
			if (!filter_number(value, strlen(value), 0xffff, &group))
				return false;
			a->log_group = (__u16)group;
		} else {
			return false;
		}
	}
	return true;
}

/* "OPTION VALUE/MASK" */
static bool set_read(struct ipt_plan_reader *x, const char *option, struct plan_action *a)
{
	return !strcmp(ipt_plan_word(x), option) &&
	       ipt_plan_bits(ipt_plan_word(x), &a->bits.value, &a->bits.mask);
}

static bool helper_read(struct ipt_plan_reader *x, struct plan_action *a)
{
	const char *name = strcmp(ipt_plan_word(x), "--helper") ? "" : ipt_plan_word(x);

	a->text = plan_copy(x->r->plan, name, strlen(name) + 1);
	return *name;
}

/* perhaps "--to-ports A-B" */
static bool ports_read(struct ipt_plan_reader *x, struct plan_range *ports)
{
	struct filter_span span = { 0, 0 };

	if (x->at < x->n) {
		const char *option = ipt_plan_word(x), *value = ipt_plan_word(x);

		if (strcmp(option, "--to-ports") != 0 ||
		    !filter_span(value, strlen(value), '-', 0xffff, &span))
			return false;
	}
	*ports = (struct plan_range){ (__u16)span.lo, (__u16)span.hi };
	return true;
}

static bool dnat_read(struct ipt_plan_reader *x, struct plan_action *a)
{
	const char *to = strcmp(ipt_plan_word(x), "--to-destination") ? "" : ipt_plan_word(x);
	size_t length = strcspn(to, ":");
	__u32 port = 0;

	if (!filter_addr(to, length, &a->to.addr) ||
	    (to[length] && !filter_number(to + length + 1, strlen(to + length + 1), 0xffff, &port)))
		return false;
	a->to.port = (__u16)port;
	return true;
}

static bool jump_read(struct ipt_plan_reader *x, const char *name, bool is_goto)
{
	const struct plan_chain *c = plan_read_chain(x->r, x->table, name);

	if (c)
		plan_read_action(x->r, is_goto ? PLAN_A_GOTO : PLAN_A_JUMP)->chain = c;
	return c && c->hook == PLAN_HOOKS;
}

/* The words behind -j or -g; false: they are not known. */
static bool target_read(struct ipt_plan_reader *x, bool is_goto)
{
	static const struct { const char *name; enum plan_action_type type; } targets[] = {
		{ "ACCEPT", PLAN_A_ACCEPT }, { "DROP", PLAN_A_DROP }, { "RETURN", PLAN_A_RETURN },
		{ "REJECT", PLAN_A_REJECT }, { "LOG", PLAN_A_LOG }, { "NFLOG", PLAN_A_LOG },
		{ "TOS", PLAN_A_TOS }, { "MARK", PLAN_A_MARK }, { "CONNMARK", PLAN_A_CT_MARK },
		{ "CT", PLAN_A_HELPER }, { "REDIRECT", PLAN_A_REDIRECT },
		{ "MASQUERADE", PLAN_A_MASQUERADE }, { "DNAT", PLAN_A_DNAT },
	};
	const char *name = ipt_plan_word(x);
	struct plan_action *a;
	struct plan_range ports = { 0, 0 };
	bool known = true;
	unsigned int i = 0;

	while (i < FW_COUNT(targets) && strcmp(targets[i].name, name) != 0)
		i++;
	if (i == FW_COUNT(targets) || is_goto)
		return jump_read(x, name, is_goto);
	a = plan_read_action(x->r, targets[i].type);
	switch (a->type) {
	case PLAN_A_REJECT:
		known = reject_read(x, a);
		break;
	case PLAN_A_LOG:
		known = log_read(x, a);
		break;
	case PLAN_A_TOS:	/* tos = (tos & mask) ^ value */
		known = set_read(x, "--set-tos", a);
		a->bits.mask = ~a->bits.mask & 0xff;
		break;
	case PLAN_A_MARK:
	case PLAN_A_CT_MARK:
		known = set_read(x, "--set-xmark", a) && !(a->bits.value & ~a->bits.mask);
		break;
	case PLAN_A_HELPER:
		known = helper_read(x, a);
		break;
	case PLAN_A_REDIRECT:
		known = ports_read(x, &ports) && ports.lo == ports.hi;
		a->bits.value = ports.lo;
		break;
	case PLAN_A_MASQUERADE:
		known = ports_read(x, &a->range);
		break;
	case PLAN_A_DNAT:
		known = dnat_read(x, a);
		break;
	default:
		break;
	}
	return known && x->at == x->n;
}

/* The base chain of the table that is called so; NULL: none is. */
static struct plan_chain *base_chain(struct ipt_plan_reader *x, const char *name)
{
	struct plan_chain *c = plan_read_chain(x->r, x->table, name);
	enum plan_hook hook = plan_hook_find(plan_hook_chains, name);
	unsigned int i = 0;
	int priority;

	if (c || hook == PLAN_HOOKS)
		return c;
	while (strcmp(tables[i].table, x->table) != 0)
		i++;
	priority = tables[i].priority;
	if (!strcmp(x->table, "nat") && (hook == PLAN_INPUT || hook == PLAN_POSTROUTING))
		priority = -priority;
	c = plan_chain_add(x->r->plan, x->table, plan_hook_chains[hook]);
	plan_chain_hook(x->r->plan, c, NULL, hook, priority);
	return c;
}

static bool leads_to_ours(const struct ipt_plan_reader *x)
{
	for (__u32 i = x->at; i + 1 < x->n; i++)
		if (!strcmp(x->word[i].text, "-j") || !strcmp(x->word[i].text, "-g"))
			return is_ours(x->word[i + 1].text);
	return false;
}

/* From "-A" on. */
static int rule_read(struct ipt_plan_reader *x)
{
	const char *name = ipt_plan_word(x);
	struct plan_chain *c;

	if (!is_ours(name) && !leads_to_ours(x)) {
		x->r->nothers++;
		return 0;
	}
	c = is_ours(name) ? plan_read_chain(x->r, x->table, name) : base_chain(x, name);
	if (!c)
		return unknown(x, x->at - 1);
	x->r->nmatches = x->r->nactions = 0;
	x->is_connmark = false;
	while (x->at < x->n) {
		__u32 from = x->at;
		const char *option = ipt_plan_word(x);
		bool is_goto = !strcmp(option, "-g");

		x->invert = !strcmp(option, "!");
		if (x->invert)
			option = ipt_plan_word(x);
		if (!is_goto && strcmp(option, "-j") != 0 ? !ipt_plan_match(x, option) :
							    x->invert || !target_read(x, is_goto))
			return unknown(x, from);
	}
	plan_read_rule(x->r, c);
	return x->r->error.text[0] ? -EINVAL : 0;
}

static int line_read(struct ipt_plan_reader *x, char *line)
{
	const char *problem = ipt_words_split(line, x->word, &x->n);

	x->at = 1;
	if (problem)
		return plan_read_fail(x->r, x->line, x->word[x->n].column, "%s", problem);
	if (!x->n || x->word[0].text[0] == '#')
		return 0;
	if (x->word[0].text[0] == '*')
		return table_begin(x);
	if (!x->table)
		return unknown(x, 0);
	if (!strcmp(x->word[0].text, "COMMIT")) {
		x->table = NULL;
		return 0;
	}
	if (x->word[0].text[0] == ':' || !strcmp(x->word[0].text, "-N"))
		return chain_read(x);
	x->at = x->word[0].text[0] == '[';	/* counters */
	return strcmp(ipt_plan_word(x), "-A") != 0 ? unknown(x, x->at - 1) : rule_read(x);
}

static int lines_read(struct ipt_plan_reader *x, const char *text, size_t length)
{
	const char *end = text + length, *eol;
	struct plan_read *r = x->r;
	int err = 0;

	for (; text < end && !err; text = eol + 1) {
		char *line;

		eol = memchr(text, '\n', (size_t)(end - text));
		if (!eol)
			eol = end;
		x->line++;
		if (memchr(text, 0, (size_t)(eol - text)))
			return plan_read_fail(r, x->line, 1, "a byte 0");
		line = plan_alloc(r->plan, (size_t)(eol - text) + 1);
		memcpy(line, text, (size_t)(eol - text));
		err = line_read(x, line);
	}
	if (!err && x->table)
		err = plan_read_fail(r, x->line, 0, "no COMMIT at the end");
	return err ? err : plan_origins_find(r);
}

static int lines_try(struct ipt_plan_reader *x, const char *text, size_t length)
{
	if (setjmp(x->r->no_memory))
		return -ENOMEM;
	plan_start(x->r->plan, &x->r->no_memory);
	return lines_read(x, text, length);
}

int plan_read_iptables(struct plan_read *r, const struct plan *wanted, const char *text,
		       size_t length)
{
	struct ipt_plan_reader *x;
	int err;

	if (!plan_read_begin(r, wanted))
		return -ENOMEM;
	x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	x->r = r;
	err = lines_try(x, text, length);
	free(x);
	return err;
}
