/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - a line on its way from AST to commands; private to resolve.
 *
 * 2.3.0 judged some things as it met them, from left to right, then the
 * combination, then addresses and ports; an error came out alone.  So do we:
 *
 *	request_read     each option by itself	(resolve.c)
 *	request_check    what goes together	(combine.c)
 *	request_rules    addresses and ports	(endpoint.c)
 *
 * All return 0, or -EINVAL with the error told.
 */
#ifndef PARSER_REQUEST_H
#define PARSER_REQUEST_H

#include "parser/ast.h"
#include "parser/command.h"

/* request.command: one of these, or LIST and ZERO together */
#define DO_APPEND	0x001
#define DO_INSERT	0x002
#define DO_DELETE	0x004
#define DO_LIST		0x008
#define DO_ZERO		0x010
#define DO_FLUSH	0x020
#define DO_POLICY	0x040
#define DO_TIMEOUTS	0x080
#define DO_CHECK	0x100
#define DO_TRACK_TIMEOUTS 0x200	/* -s behind -T */
#define DO_RULE		(DO_APPEND | DO_INSERT | DO_DELETE)
#define DO_PLAIN	(DO_LIST | DO_ZERO | DO_FLUSH | DO_POLICY)

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
	const struct ast_item *given[AST_OPTIONS];	/* by option */
	const struct ast_item *category, *action, *stray, *help;
	unsigned int command;		/* DO_* */
	const struct ast_word *policy;	/* of -a -i -d */
	struct fw_rule rule;		/* as far as known; flags hold a policy too */
	struct fw_timeouts timeouts;
	const struct ast_item *track_timeouts;
	struct endpoint src, dst;
};

/* tells the error and is -EINVAL */
#define REFUSE(q, ...) diag_add((q)->diags, __VA_ARGS__)

/* of commands that a file cannot hold */
#define REFUSE_COMMAND "only commands that change rules may stand in a file"

int request_read(struct request *q, const struct ast_error *error);
int request_check(const struct request *q);
int request_rules(struct request *q);
void request_free(struct request *q);

/* "did you mean 'X'?" in buf, or an empty string */
#define HINT_SIZE 64
const char *hint_suggest(const struct request *q, char buf[HINT_SIZE], const char *word,
			 const char *const *words);

extern const char *const names_policies[];
extern const char *const names_protocols[];
extern const char *const names_directions[];
extern const char *const names_states[];

static inline bool request_tracking(const struct request *q)
{
	return q->category && q->category->option == 'T';
}

/* Do -P, -S and -D choose connections? */
static inline bool request_filters(const struct request *q)
{
	return request_tracking(q) && q->command & (DO_LIST | DO_DELETE);
}

/* Does the command have no use for parameters of rules, such as -P? */
static inline bool request_plain(const struct request *q)
{
	return q->command & (DO_PLAIN | DO_TRACK_TIMEOUTS) && !request_filters(q);
}

static inline bool request_firewall(const struct request *q)
{
	int c = q->category ? q->category->option : 0;

	return c == 'F' || c == 'I' || c == 'O';
}

#endif
