/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - a line on its way from AST to commands; private to the parser.
 *
 * 2.3.0 refused some things as it met them, from left to right, then the
 * combination, then addresses and ports; it printed one error.  The same order
 * here:
 *
 *	line_resolve	each option by itself	(resolve.c, option_value.c)
 *	request_check	what goes together	(check.c)
 *	request_rules	addresses and ports	(endpoint.c)
 *	request_build	commands and edits	(build.c)
 *
 * All but the last return 0, or -EINVAL with the error recorded.
 */
#ifndef PARSER_REQUEST_H
#define PARSER_REQUEST_H

#include "parser/command.h"
#include "parser/lexer.h"

struct endpoint {
	const struct ast_item *item;	/* -S or -D, or NULL */
	unsigned int nports;		/* slots: a range takes two */
	bool range;
	__u32 mask;
	__u32 one;			/* room for the usual single address */
	__u32 *addrs;			/* masked */
	unsigned int naddrs;
};

struct request {
	const struct ast_line *line;
	struct diags *diags;
	bool command_line, every_command;
	const struct ast_item *given[OPTION_IDS];	/* by option */
	const struct ast_item *category, *action, *stray, *help;
	unsigned int command;		/* DO_* of action; LIST and ZERO together */
	const struct ast_arg *policy;	/* of -a -i -d */
	struct fw_rule rule;		/* as far as resolved; flags include a policy */
	struct fw_timeouts timeouts;
	struct endpoint src, dst;
	struct fw_portfw_edit portfw;	/* with --forward */
};

/* Records the error; -EINVAL. */
#define REFUSE(q, ...) diag_add((q)->diags, __VA_ARGS__)

/* for commands that no file may have */
#define REFUSE_COMMAND "only commands that change rules are allowed in a file"

/* Adds a line's meaning to the program; 0, -EINVAL with errors in *d, or -ENOMEM. */
int line_resolve(struct program *p, const struct lexer *lx, const struct ast_line *line,
		 struct diags *d);

int request_check(const struct request *q);
/* one of the options that -c has to have or that plain commands refuse */
int request_check_parameter(const struct request *q, const struct option_row *o);
int request_rules(struct request *q);
/* Checks and resolves a line with --forward. */
int request_portfw(struct request *q);
void request_free(struct request *q);

/* Adds what the request means to the program; 0 or -ENOMEM. */
int request_build(struct program *p, const struct request *q);
int ipv6_build(struct program *p, struct loc loc, __u32 policy);
int interface_build(struct program *p, struct loc loc, const struct fw_dev *dev);

/* Records the use of an option, which is allowed once. */
int request_take(struct request *q, const struct option_row *o, const struct ast_item *item);

/* "did you mean 'X'?" in buf, or an empty string */
#define HINT_SIZE 64
const char *hint_suggest(const struct request *q, char buf[HINT_SIZE], const char *word,
			 const char *const *words);

/* the letter of the category, 0 without one */
static inline int request_category(const struct request *q)
{
	return q->category ? q->category->option->id : 0;
}

static inline enum fw_list_id request_list(const struct request *q)
{
	return q->category ? (enum fw_list_id)q->category->option->list : FW_FORWARD;
}

static inline bool request_tracking(const struct request *q)
{
	return request_category(q) == 'T';
}

static inline bool request_firewall(const struct request *q)
{
	int c = request_category(q);

	return c == 'F' || c == 'I' || c == 'O';
}

static inline bool request_is_portfw(const struct request *q)
{
	return q->given[OPT_FORWARD];
}

/* May the option be given with the command?  Only asked of those with a noun. */
static inline bool request_allows(const struct request *q, const struct option_row *o)
{
	if (request_tracking(q))
		return o->filter && q->command & (DO_LIST | DO_DELETE);
	return q->command & o->with;
}

#endif
