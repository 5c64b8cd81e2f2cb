// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter_iptables.c - the lines of iptables-save as chains.
 */
#include <errno.h>
#include <string.h>

#include "backend/analysis/filter_iptables.h"

static const struct table {
	const char *name;
	struct { const char *name; int priority; } hook[PLAN_HOOKS];
} tables[] = {
	{ "raw", { [PLAN_PREROUTING] = { "PREROUTING", -300 },
		   [PLAN_OUTPUT] = { "OUTPUT", -300 } } },
	{ "mangle", { { "PREROUTING", -150 }, { "INPUT", -150 }, { "FORWARD", -150 },
		      { "OUTPUT", -150 }, { "POSTROUTING", -150 } } },
	{ "nat", { [PLAN_PREROUTING] = { "PREROUTING", -100 }, [PLAN_INPUT] = { "INPUT", 100 },
		   [PLAN_OUTPUT] = { "OUTPUT", -100 },
		   [PLAN_POSTROUTING] = { "POSTROUTING", 100 } } },
	{ "filter", { [PLAN_INPUT] = { "INPUT", 0 }, [PLAN_FORWARD] = { "FORWARD", 0 },
		      [PLAN_OUTPUT] = { "OUTPUT", 0 } } },
	{ "security", { [PLAN_INPUT] = { "INPUT", 50 }, [PLAN_FORWARD] = { "FORWARD", 50 },
			[PLAN_OUTPUT] = { "OUTPUT", 50 } } },
};

int ipt_fail(struct ipt_reader *r, const char *what)
{
	const struct ipt_word *w = &r->word[r->at < r->n ? r->at : r->n - 1];

	return filter_fail(r->f, r->line, w->column, "%s '%.80s'", what, w->text);
}

const char *ipt_take(struct ipt_reader *r, const char *what)
{
	if (r->at < r->n)
		return r->word[r->at++].text;
	filter_fail(r->f, r->line, r->word[r->n - 1].column, "%s is missing", what);
	return NULL;
}

static int words_read(struct ipt_reader *r, char *line)
{
	const char *problem = ipt_words_split(line, r->word, &r->n);

	r->at = 0;
	return problem ? filter_fail(r->f, r->line, r->word[r->n].column, "%s", problem) : 0;
}

static int table_read(struct ipt_reader *r)
{
	const char *name = r->word[0].text + 1;

	if (r->table)
		return ipt_fail(r, "no COMMIT before");
	for (unsigned int i = 0; i < FW_COUNT(tables); i++)
		if (!strcmp(tables[i].name, name))
			r->table = &tables[i];
	if (!r->table)
		return ipt_fail(r, "unknown table");
	if (r->seen & 1u << (r->table - tables))
		return ipt_fail(r, "another time table");
	r->seen |= 1u << (r->table - tables);
	r->name = r->table->name;
	return 0;
}

static int chain_read(struct ipt_reader *r)
{
	const char *name = r->word[0].text + 1, *policy = r->n > 1 ? r->word[1].text : "-";
	struct filter_chain *c;

	if (!*name || filter_chain_find(r->f, r->name, name))
		return ipt_fail(r, "no name of a new chain");
	c = filter_chain_add(r->f, r->name, name);
	if (!c)
		return -ENOMEM;
	for (unsigned int h = 0; h < PLAN_HOOKS; h++)
		if (r->table->hook[h].name && !strcmp(r->table->hook[h].name, name)) {
			c->is_base = true;
			c->hook = (enum plan_hook)h;
			c->priority = r->table->hook[h].priority;
		}
	c->is_nat = !strcmp(r->name, "nat");
	if (!strcmp(policy, "DROP"))
		c->policy = FILTER_DROP;
	else if (strcmp(policy, c->is_base ? "ACCEPT" : "-") != 0)
		return filter_fail(r->f, r->line, r->word[1].column, "unknown policy '%.40s'",
				   policy);
	return 0;
}

static int rule_read(struct ipt_reader *r)
{
	struct filter_rule rule = { .tosand = 0xff }, *added;
	const char *name;
	int err;

	if (r->word[0].text[0] == '[')
		r->at++;	/* counters */
	name = ipt_take(r, "-A");
	if (!name)
		return -EINVAL;
	if (strcmp(name, "-A") != 0 && strcmp(name, "--append") != 0) {
		r->at--;
		return ipt_fail(r, "not a line of iptables-save:");
	}
	name = ipt_take(r, "a chain");
	if (!name)
		return -EINVAL;
	r->chain = filter_chain_find(r->f, r->name, name);
	if (!r->chain) {
		r->at--;
		return ipt_fail(r, "no such chain:");
	}
	err = filter_match_any(r->f, &r->match);
	if (!err)
		err = ipt_rule_read(r, &rule);
	if (err)
		return err;
	added = filter_rule_add(r->f, r->chain, &r->match, r->line);
	if (!added)
		return -ENOMEM;
	added->what = rule.what;
	added->target = rule.target;
	added->tosand = rule.tosand;
	added->tosxor = rule.tosxor;
	added->addr = rule.addr;
	added->port = rule.port;
	added->text = r->text;
	return 0;
}

static int line_read(struct ipt_reader *r, const char *line, size_t length)
{
	char *copy = filter_text(r->f, line, length);
	int err;

	r->text = filter_text(r->f, line, length);
	if (!copy || !r->text)
		return -ENOMEM;
	if (memchr(line, 0, length))
		return filter_fail(r->f, r->line, 1, "a byte 0");
	err = words_read(r, copy);
	if (err || !r->n || r->word[0].text[0] == '#')
		return err;
	if (r->word[0].text[0] == '*')
		return table_read(r);
	if (!r->table)
		return ipt_fail(r, "no table before");
	if (!strcmp(r->word[0].text, "COMMIT")) {
		r->table = NULL;
		return 0;
	}
	return r->word[0].text[0] == ':' ? chain_read(r) : rule_read(r);
}

int filter_iptables_read(struct filter *f, const char *text, size_t length)
{
	const char *end = text + length, *eol;
	struct ipt_reader *r = filter_alloc(f, 1, sizeof(*r));
	int err = 0;

	if (!r)
		return -ENOMEM;
	r->f = f;
	for (; text < end && !err; text = eol + 1) {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (!eol)
			eol = end;
		r->line++;
		err = line_read(r, text, (size_t)(eol - text));
	}
	if (!err && r->table)
		err = filter_fail(f, r->line, 0, "no COMMIT at the end");
	return err ? err : filter_finish(f);
}
