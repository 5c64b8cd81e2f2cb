// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * program.c - the front door: whole sources in, programs out.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "parser/builder.h"
#include "parser/lexer.h"
#include "parser/names.h"
#include "parser/number.h"

/* digits up to end, with *s moved behind it */
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

/* [packets:bytes] */
static int counters_resolve(struct request *q)
{
	const struct ast_word *w = q->line->counters;
	const char *s;

	if (!w)
		return 0;
	s = w->text + 1;
	if (!counter_parse(&s, ':', &q->rule.pcnt) ||
	    !counter_parse(&s, ']', &q->rule.bcnt) || *s)
		return REFUSE(q, w->loc, "[packets:bytes]", "invalid counters \"%s\"",
			      w->text);
	return 0;
}

static int interface_resolve(struct request *q, struct fw_dev *dev)
{
	const struct ast_word *name = q->line->interface, *address = name->next;
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

/* All that the core refuses has been told of already; it has the last word. */
static int rule_check(const struct request *q)
{
	if (!(q->command & DO_RULE) || request_tracking(q) ||
	    !fw_rule_check(&q->rule, request_list(q), NULL))
		return 0;
	return REFUSE(q, q->line->loc, "", "no such rule is possible");
}

static int request_resolve(struct request *q, const struct ast_error *error)
{
	int err = counters_resolve(q);

	if (!err)
		err = request_read(q, error);
	if (err || q->help)
		return err;
	err = request_check(q);
	if (!err)
		err = request_rules(q);
	if (!err)
		err = rule_check(q);
	return err;
}

static bool line_blank(const struct ast_line *line)
{
	return !line->items && !line->counters && !line->program && !line->interface;
}

static int line_resolve(struct builder *b, const struct lexer *lx,
			const struct ast_line *line, struct diags *d)
{
	struct request q = {
		.line = line,
		.diags = d,
		.command_line = lx->command_line,
		.every_command = lx->every_command,
	};
	struct fw_dev dev;
	int err;

	if (line_blank(line) && !lx->error.set && !lx->command_line)
		return 0;
	if (line->interface && !lx->error.set) {
		err = interface_resolve(&q, &dev);
		return err ? err : builder_add_interface(b, line->loc, &dev);
	}
	err = request_resolve(&q, &lx->error);
	if (!err)
		err = builder_add(b, &q);
	request_free(&q);
	return err;
}

/* every line, though some are wrong, so that all can be told of */
static int lines_resolve(struct builder *b, struct lexer *lx, struct diags *d)
{
	struct ast_line line;
	int err = 0;

	while (err != -ENOMEM && d->count < DIAG_GIVE_UP && line_read(lx, &line))
		err = line_resolve(b, lx, &line, d);
	if (err != -ENOMEM && d->count)
		err = -EINVAL;
	return err;
}

enum kind { KIND_FILE, KIND_COMMAND_LINE, KIND_SHELL_LINE };

static int program_parse(struct program *p, const struct source *source,
			 enum kind kind, struct diags *d)
{
	struct builder b = { .program = p };
	struct lexer lx;
	int err;

	*p = (struct program){ .ncommands = 0 };
	diags_init(d, source);
	/* places are counted in 32 bits */
	if (source->len >= UINT_MAX)
		return diag_add(d, (struct loc){ 0, 0 }, "", "too long a text");
	if (lexer_open(&lx, source, kind == KIND_COMMAND_LINE))
		return diag_no_memory(d);
	lx.every_command = kind != KIND_FILE;
	err = lines_resolve(&b, &lx, d);
	lexer_close(&lx);
	if (kind != KIND_SHELL_LINE)
		names_forget();
	if (err == -ENOMEM)
		diag_no_memory(d);
	if (err)
		program_free(p);
	return err;
}

int program_parse_text(struct program *p, const struct source *source, struct diags *d)
{
	return program_parse(p, source, KIND_FILE, d);
}

int program_parse_argv(struct program *p, int argc, char *const *argv,
		       struct source *source, struct diags *d)
{
	*p = (struct program){ .ncommands = 0 };
	diags_init(d, source);
	if (source_from_argv(source, argc, argv))
		return diag_no_memory(d);
	return program_parse(p, source, KIND_COMMAND_LINE, d);
}

int program_parse_line(struct program *p, const struct source *source, struct diags *d)
{
	return program_parse(p, source, KIND_SHELL_LINE, d);
}

void program_free(struct program *p)
{
	free(p->command);
	free(p->edit);
	free(p->check);
	free(p->filter);
	free(p->timeout);
	*p = (struct program){ .ncommands = 0 };
}
