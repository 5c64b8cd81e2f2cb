/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grammar.y - a line, from tokens to its AST.
 *
 * An option takes a free argument only if that follows immediately, which is the
 * difference between "-va accept" and "-av accept"; its row says how many it takes.
 * Everything that getopt let pass is a line here.  What it means, and whether it
 * means anything, is decided by resolve.c.
 */
%code requires {
#include "parser/lexer.h"
}

%code provides {
int line_lex(union LINE_STYPE *value, struct loc *loc, struct lexer *lx);
}

%code {
#define YYLLOC_DEFAULT(cur, rhs, n)                                                      \
	((cur).begin = (n) ? YYRHSLOC(rhs, 1).begin : YYRHSLOC(rhs, 0).end,              \
	 (cur).end = YYRHSLOC(rhs, n).end)

static void line_error(const struct loc *loc, struct lexer *lx, struct ast_line *line,
		       const char *message);
}

%define api.pure full
%define api.prefix {line_}
%define api.token.prefix {T_}
%define api.location.type {struct loc}
%define parse.error custom
%expect 0
%locations
%param {struct lexer *lx}
%parse-param {struct ast_line *line}

%initial-action {
	@$ = line->loc;
}

%union {
	struct ast_arg *arg;
	struct ast_item *item;
}

%token YYEOF 0 "end of line"
%token <arg> COUNTERS "[packets:bytes]"
%token <arg> PROGRAM "ipfwadm"
%token <arg> INTERFACE "interface"
%token <arg> IPV6 "ipv6"
%token <arg> ARG "word"
%token <item> OPTION "option"		/* its required argument included */
%token <item> STRAY "word of no option"
%token UNKNOWN "no option"

%%

line:
	INTERFACE ARG ARG {
		$2->next = $3;
		line->interface = $2;
		line->loc = @$;
	}
|	IPV6 ARG {
		line->ipv6 = $2;
		line->loc = @$;
	}
|	counters program items		{ line->loc.end = @$.end; }
;

counters:
	%empty
|	COUNTERS			{ line->counters = $1; }
;

program:
	%empty
|	PROGRAM				{ line->program = $1; }
;

items:
	%empty
|	items OPTION			{ ast_line_add(line, $2); }
|	items STRAY			{ ast_line_add(line, $2); }
|	items ARG			{ ast_line_add_arg(line, &lx->memory, $2); }
;

%%

/* bison calls it only without memory */
static void line_error(const struct loc *loc, struct lexer *lx, struct ast_line *line,
		       const char *message)
{
	(void)line;
	lx->error.memory = true;
	lexer_error(lx, *loc, "", "%s", message);
}

/* Only an `interface' can be wrong here: the lexer has reported unknown options. */
static int yyreport_syntax_error(const yypcontext_t *context, struct lexer *lx,
				 struct ast_line *line)
{
	yysymbol_kind_t expected = YYSYMBOL_YYEMPTY;

	(void)line;
	yypcontext_expected_tokens(context, &expected, 1);
	lexer_error(lx, *yypcontext_location(context),
		    lx->stage == STAGE_IPV6 ? "ipv6 deny, or ipv6 accept" :
		    expected == YYSYMBOL_ARG ? "interface NAME ADDRESS/BITS" : "",
		    "unexpected %s", yysymbol_name(yypcontext_token(context)));
	return 0;
}

bool line_read(struct lexer *lx, struct ast_line *line)
{
	if (lx->eof)
		return false;
	obstack_free(&lx->memory, lx->line_memory);
	lx->error.set = lx->error.memory = false;
	lx->stage = lx->command_line ? STAGE_OPTIONS : STAGE_START;
	lx->tracking = false;
	lx->rest = NULL;
	lx->line_open = true;
	*line = (struct ast_line){ .loc = { lx->offset, lx->offset } };
	if (setjmp(lx->no_memory)) {
		lx->error.memory = true;
		lexer_error(lx, lx->loc, "", "out of memory");
		lx->eof = true;
		return true;
	}
	line_parse(lx, line);
	if (lx->command_line)
		lx->eof = true;	/* it has one line only */
	else
		lexer_skip_line(lx);
	if (line->counters)
		line->loc.begin = line->counters->loc.begin;
	else if (line->program)
		line->loc.begin = line->program->loc.begin;
	else if (line->items)
		line->loc.begin = line->items->loc.begin;
	/* the place of an option does not include its argument */
	if (line->last && line->last->last && line->last->last->loc.end > line->loc.end)
		line->loc.end = line->last->last->loc.end;
	return true;
}
