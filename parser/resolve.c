// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resolve.c - a line's options in their order, then what they mean together.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parser/number.h"
#include "parser/request.h"

int request_take(struct request *q, const struct option_row *o, const struct ast_item *item)
{
	if (q->given[o->id])
		return REFUSE(q, item->loc, "", "multiple %s flags not allowed", o->name);
	q->given[o->id] = item;
	return 0;
}

static int category_take(struct request *q, const struct ast_item *item)
{
	if (q->category)
		return REFUSE(q, item->loc, "", "multiple categories specified");
	q->category = item;
	return 0;
}

static int command_take(struct request *q, const struct ast_item *item)
{
	unsigned int c = item->option->command;

	if (q->command && (q->command & c || (q->command | c) != (DO_LIST | DO_ZERO)))
		return REFUSE(q, item->loc, "", "multiple commands specified");
	q->command |= c;
	if (!q->action || c == DO_LIST)
		q->action = item;
	return 0;
}

static int item_read(struct request *q, const struct ast_item *item)
{
	const struct option_row *o = item->option;
	int err;

	if (o->kind == OPTION_CATEGORY)
		err = category_take(q, item);
	else if (o->kind == OPTION_COMMAND)
		err = command_take(q, item);
	else
		err = request_take(q, o, item);
	q->rule.flags |= o->flag;
	return err || !o->value ? err : o->value(q, item);
}

/* A test begins with '['. */
bool word_needs_shell(const char *word)
{
	static const char *const words[] = {
		"if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done",
		"case", "esac", "function", "[", "[[", "!", ".", ":", "test",
		"echo", "printf", "exit", "return", "export", "unset", "set", "shift",
		"exec", "eval", "source", "cd", "trap", "umask",
	};

	for (unsigned int i = 0; i < FW_COUNT(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* Refuses what a line of a file cannot begin with, and -h. */
static int file_check(struct request *q)
{
	const struct ast_item *first = q->line->items;

	if (q->command_line)
		return 0;
	if (q->help && !q->every_command)
		return REFUSE(q, q->help->loc, "", REFUSE_COMMAND);
	if (!first || first->option || q->line->program)
		return 0;
	if (word_needs_shell(first->args->text))
		return REFUSE(q, first->loc, "a line is a rule command, or 'interface ...'",
			      "'%s' needs a shell", first->args->text);
	return REFUSE(q, first->loc, "a line is a rule command, or 'interface ...'",
		      "unknown command \"%s\"", first->args->text);
}

static int request_read(struct request *q, const struct ast_error *error)
{
	bool posixly = q->command_line && getenv("POSIXLY_CORRECT");
	int err = file_check(q);

	q->rule.tosand = 0xff;
	for (const struct ast_item *i = q->line->items; i && !err; i = i->next) {
		if (i->option && i->option->id == 'h') {
			q->help = i;
			return file_check(q);
		}
		if (i->option)
			err = item_read(q, i);
		else if (!q->stray)
			q->stray = i;
		if (q->stray && posixly)
			return 0;
	}
	if (!err && error->memory)
		return -ENOMEM;
	if (!err && error->set)
		err = REFUSE(q, error->loc, error->hint, "%s", error->text);
	return err;
}

/* digits up to end; *s moves after it */
static bool counter_parse(const char **s, char end, __u64 *n)
{
	const char *p = *s;

	for (*n = 0; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, (__u64)(*p - '0'), n))
			return false;
	if (p == *s || *p != end)
		return false;
	*s = p + 1;
	return true;
}

/* [packets:bytes]; [connections] with --forward */
static int counters_resolve(struct request *q)
{
	const struct ast_arg *arg = q->line->counters;
	const struct ast_item *i = q->line->items;
	const char *s;

	if (!arg)
		return 0;
	s = arg->text + 1;
	while (i && (!i->option || i->option->id != OPT_FORWARD))
		i = i->next;
	if (i && counter_parse(&s, ']', &q->portfw.forward.conns) && !*s)
		return 0;
	s = arg->text + 1;
	if (!counter_parse(&s, ':', &q->rule.pcnt) ||
	    !counter_parse(&s, ']', &q->rule.bcnt) || *s)
		return REFUSE(q, arg->loc, "[packets:bytes]", "invalid counters \"%s\"",
			      arg->text);
	return 0;
}

static int interface_resolve(struct request *q, struct fw_dev *dev)
{
	const struct ast_arg *name = q->line->interface, *address = name->next;
	const char *slash = strchr(address->text, '/');
	size_t n = strlen(name->text);
	char host[24];

	*dev = (struct fw_dev){ .addr = 0 };
	if (!n || n > FW_IFNAMSIZ)
		return REFUSE(q, name->loc, "",
			      "interface name must have 1 to %d characters", FW_IFNAMSIZ);
	memcpy(dev->name, name->text, n);
	if (slash && (size_t)(slash - address->text) < sizeof(host)) {
		memcpy(host, address->text, (size_t)(slash - address->text));
		host[slash - address->text] = '\0';
		if (dotted_parse(host, &dev->addr) && mask_parse(slash + 1, &dev->mask))
			return 0;
	}
	return REFUSE(q, address->loc, "10.0.0.1/24, for example",
		      "invalid interface address \"%s\"", address->text);
}

static int ipv6_resolve(struct request *q, __u32 *policy)
{
	const struct ast_arg *arg = q->line->ipv6;

	*policy = strcmp(arg->text, "deny") == 0 ? FW_POLICY_DENY : FW_POLICY_ACCEPT;
	if (*policy == FW_POLICY_DENY || strcmp(arg->text, "accept") == 0)
		return 0;
	return REFUSE(q, arg->loc, "deny, or accept", "invalid policy for IPv6 \"%s\"",
		      arg->text);
}

static int request_resolve(struct request *q, const struct ast_error *error)
{
	int err = counters_resolve(q);

	if (!err)
		err = request_read(q, error);
	if (err || q->help)
		return err;
	if (request_is_portfw(q))
		return request_portfw(q);
	err = request_check(q);
	if (!err)
		err = request_rules(q);
	/* The checks above find all that the core refuses; this is a safeguard. */
	if (!err && q->command & DO_RULE && !request_tracking(q) &&
	    fw_rule_check(&q->rule, request_list(q), NULL))
		err = REFUSE(q, q->line->loc, "", "no such rule is possible");
	return err;
}

int line_resolve(struct program *p, const struct lexer *lx, const struct ast_line *line,
		 struct diags *d)
{
	struct request q = {
		.line = line,
		.diags = d,
		.command_line = lx->command_line,
		.every_command = lx->every_command,
	};
	bool blank = !line->items && !line->counters && !line->program && !line->interface &&
		     !line->ipv6;
	struct fw_dev dev;
	__u32 policy;
	int err;

	if (blank && !lx->error.set && !lx->command_line)
		return 0;
	if (line->interface && !lx->error.set) {
		err = interface_resolve(&q, &dev);
		return err ? err : interface_build(p, line->loc, &dev);
	}
	if (line->ipv6 && !lx->error.set) {
		err = ipv6_resolve(&q, &policy);
		return err ? err : ipv6_build(p, line->loc, policy);
	}
	err = request_resolve(&q, &lx->error);
	if (!err)
		err = request_build(p, &q);
	request_free(&q);
	return err;
}
