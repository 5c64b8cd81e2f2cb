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

/* a word that belongs to no option */
#define LINE_STRAY(word)                                                                 \
	do {                                                                             \
		struct ast_item *stray = ast_item_new(&lx->arena, AST_STRAY, word->loc,  \
						      word);                             \
		if (!stray)                                                              \
			YYNOMEM;                                                         \
		ast_line_add(line, stray);                                               \
	} while (0)

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
	struct ast_word *word;
	struct ast_item *item;
}

%token YYEOF 0 "end of line"
%token <word> COUNTERS "[packets:bytes]"
%token <word> PROGRAM "ipfwadm"
%token <word> INTERFACE "interface"
%token <word> WORD "word"
%token <word> STRAY "word of no option"
%token UNKNOWN "no option"

/* options, their arguments with them, by the free words that they take */
%token <item> OPTION "option"
%token <item> OPTION_WORD "option [WORD]"
%token <item> OPTION_PAIR "option [WORD WORD]"
%token <item> OPTION_WORDS "option [WORD...]"

%type <item> words

/* a free word belongs to the option before it, if that can take one */
%precedence BARE
%precedence WORD

%%

line:
	INTERFACE WORD WORD {
		$2->next = $3;
		line->interface = $2;
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
|	items OPTION_WORD %prec BARE	{ ast_line_add(line, $2); }
|	items OPTION_WORD WORD {
		ast_item_append($2, $3);
		ast_line_add(line, $2);
	}
|	items OPTION_PAIR %prec BARE	{ ast_line_add(line, $2); }
|	items OPTION_PAIR WORD %prec BARE {
		ast_item_append($2, $3);
		ast_line_add(line, $2);
	}
|	items OPTION_PAIR WORD WORD {
		ast_item_append($2, $3);
		ast_item_append($2, $4);
		ast_line_add(line, $2);
	}
|	items words %prec BARE		{ ast_line_add(line, $2); }
|	items WORD			{ LINE_STRAY($2); }
|	items STRAY			{ LINE_STRAY($2); }
;

words:
	OPTION_WORDS
|	words WORD			{ ast_item_append($1, $2); }
;

%%

/* only bison's own troubles come here: memory */
static void line_error(const struct loc *loc, struct lexer *lx, struct ast_line *line,
		       const char *message)
{
	(void)line;
	lx->error.memory = true;
	lexer_error(lx, *loc, "", "%s", message);
}

/* Only an `interface' can go wrong here, the lexer has told of unknown options. */
static int yyreport_syntax_error(const yypcontext_t *context, struct lexer *lx,
				 struct ast_line *line)
{
	yysymbol_kind_t expected = YYSYMBOL_YYEMPTY;

	(void)line;
	yypcontext_expected_tokens(context, &expected, 1);
	lexer_error(lx, *yypcontext_location(context),
		    expected == YYSYMBOL_WORD ? "interface NAME ADDRESS/BITS" : "",
		    "unexpected %s", yysymbol_name(yypcontext_token(context)));
	return 0;
}

bool line_read(struct lexer *lx, struct ast_line *line)
{
	if (lx->eof)
		return false;
	arena_reset(&lx->arena);
	lx->error.set = lx->error.memory = false;
	lx->stage = lx->command_line ? STAGE_OPTIONS : STAGE_START;
	lx->tracking = false;
	lx->rest = NULL;
	lx->line_open = true;
	ast_line_init(line, lx->offset);
	if (setjmp(lx->no_memory)) {
		lexer_memory(lx);
		lx->eof = true;
		return true;
	}
	line_parse(lx, line);
	if (lx->command_line)
		lx->eof = true;	/* there is one line only */
	else
		lexer_skip_line(lx);
	if (line->counters)
		line->loc.begin = line->counters->loc.begin;
	else if (line->program)
		line->loc.begin = line->program->loc.begin;
	else if (line->items)
		line->loc.begin = line->items->loc.begin;
	return true;
}
