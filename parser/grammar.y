/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grammar.y - a line, from tokens to its AST.
 *
 * An option takes a free word only if the word comes right behind it: that is
 * the whole difference between "-va accept" and "-av accept".  Everything that
 * getopt let pass is a line here; what it means, and whether it means
 * anything, is for resolve to say.
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

#define ITEM(option, loc, words) ast_item_new(&lx->arena, option, loc, words)

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

%union {
	int option;
	struct ast_word *word;
	struct {
		struct ast_word *first, *last;
	} words;
	struct ast_item *item;
}

%token YYEOF 0 "end of line"
%token <word> COUNTERS "[packets:bytes]"
%token <word> PROGRAM "ipfwadm"
%token <word> INTERFACE "interface"
%token <word> ARGUMENT "argument"
%token <word> WORD "word"
%token <word> STRAY
%token UNKNOWN

%token <option> ACCOUNTING "-A" FORWARD "-F" INPUT "-I" OUTPUT "-O" MASQUERADING "-M"
%token <option> APPEND "-a" INSERT "-i" DELETE "-d"
%token <option> LIST "-l" ZERO "-z" FLUSH "-f" POLICY "-p" TIMEOUTS "-s" CHECK "-c" HELP "-h"
%token <option> PROTOCOL "-P" SOURCE "-S" DESTINATION "-D" ADDRESS "-V" INTERFACE_NAME "-W"
%token <option> BIDIRECTIONAL "-b" ACK "-k" SYN "-y" LOG "-o" MASQUERADE "-m"
%token <option> REDIRECT "-r" TOS "-t"
%token <option> EXTENDED "-e" NUMERIC "-n" VERBOSE "-v" EXACT "-x"
%token <option> STATE "--state" KEEP_STATE "--keep-state" HELPER "--helper"
%token <option> COMMENT "--comment"

%type <option> flag value optional endpoint
%type <word> word
%type <words> words
%type <item> item

/* a free word belongs to the option before it, if that can take one */
%precedence BARE
%precedence WORD

%%

line:
	%empty
|	interface
|	counters program items		{ line->loc = @3; }
;

interface:
	INTERFACE WORD WORD		{ $2->next = $3; line->interface = $2; line->loc = @$; }
;

counters:
	%empty
|	COUNTERS			{ line->counters = $1; }
;

program:
	%empty
|	PROGRAM
;

items:
	item				{ ast_line_add(line, $1); }
|	items item			{ ast_line_add(line, $2); }
;

item:
	flag				{ $$ = ITEM($1, @1, NULL); }
|	optional word			{ $$ = ITEM($1, @1, $2); }
|	value ARGUMENT			{ $$ = ITEM($1, @1, $2); }
|	endpoint ARGUMENT words %prec BARE {
		$2->next = $3.first;
		$$ = ITEM($1, @1, $2);
	}
|	TOS ARGUMENT word		{ $2->next = $3; $$ = ITEM($1, @1, $2); }
|	TIMEOUTS ARGUMENT word word {
		$2->next = $3;
		if ($3)
			$3->next = $4;
		$$ = ITEM($1, @1, $2);
	}
|	WORD				{ $$ = ITEM(AST_STRAY, @1, $1); }
|	STRAY				{ $$ = ITEM(AST_STRAY, @1, $1); }
;

word:
	%empty %prec BARE		{ $$ = NULL; }
|	WORD
;

words:
	%empty				{ $$.first = NULL; }
|	words WORD {
		$$ = $1;
		if ($1.first)
			$1.last->next = $2;
		else
			$$.first = $2;
		$$.last = $2;
	}
;

optional: "-A" | "-a" | "-i" | "-d" | "-r";

value: "-p" | "-P" | "-V" | "-W" | "--state" | "--helper" | "--comment";

endpoint: "-S" | "-D";

flag:
	"-F" | "-I" | "-O" | "-M"
|	"-l" | "-z" | "-f" | "-c" | "-h"
|	"-b" | "-k" | "-y" | "-o" | "-m"
|	"-e" | "-n" | "-v" | "-x"
|	"--keep-state"
;

%%

/* only bison's own troubles come here: memory */
static void line_error(const struct loc *loc, struct lexer *lx, struct ast_line *line,
		       const char *message)
{
	(void)line;
	lexer_error(lx, *loc, "", "%s", message);
}

static void argument_missing(struct lexer *lx)
{
	char buf[3];

	if (lx->option <= AST_COMMENT)
		lexer_error(lx, lx->option_loc, "", "option '%s' requires an argument",
			    ast_option_name(lx->option, buf));
	else
		lexer_error(lx, lx->option_loc, "", "option requires an argument -- '%c'",
			    lx->option);
}

/*
 * A command line goes wrong only where getopt stopped it; the other cases are
 * lines of files.
 */
static int yyreport_syntax_error(const yypcontext_t *context, struct lexer *lx,
				 struct ast_line *line)
{
	const struct loc *at = yypcontext_location(context);
	yysymbol_kind_t expected;

	(void)line;
	if (yypcontext_expected_tokens(context, &expected, 1) == 1 &&
	    expected == YYSYMBOL_ARGUMENT)
		argument_missing(lx);
	else if (lx->stage == STAGE_WORDS)
		lexer_error(lx, *at, "interface eth0 10.0.0.1/24",
			    "'interface' takes a name and an ADDRESS/BITS");
	else
		lexer_error(lx, *at, "", "no command specified");
	return 0;
}

bool line_read(struct lexer *lx, struct ast_line *line)
{
	if (lx->eof)
		return false;
	obstack_free(&lx->arena, lx->mark);
	lx->mark = obstack_alloc(&lx->arena, 1);
	lx->error.set = false;
	lx->stage = lx->command_line ? STAGE_OPTIONS : STAGE_START;
	lx->rest = NULL;
	lx->line_open = true;
	ast_line_init(line, lx->offset);
	line_parse(lx, line);
	lexer_skip_line(lx);
	return true;
}
