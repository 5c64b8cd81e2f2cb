/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * option.h - the table of all options: what the program knows of one is its row.
 *
 * Readers of a row:
 *
 *	tokens.c	name, min and max: which arguments belong to the option
 *	resolve.c	flag and value: what the option means
 *	check.c		noun, doing, with, lists ...: which options go together
 *	print.c		flag or print: the canonical form
 *	expect.c	with, lists, words: completion and hints
 *	help.c of ipfwadm	args and help
 *
 * Rows are in the order of the canonical form, which is also that of checks, of
 * the help and of the manual.  A new option is a row here, its value function
 * (option_value.c; print.c has the inverse of whatever is no flag), a paragraph
 * in ipfwadm(8), and a case in tests.
 */
#ifndef PARSER_OPTION_H
#define PARSER_OPTION_H

#include <stddef.h>

#include "kmod/core/list.h"
#include "kmod/core/text.h"

/* an option's id: the letter of a classic one, or one of these */
enum option_id {
	OPT_TRACK_TIMEOUTS = 1,	/* -s after -T */
	OPT_STATE,
	OPT_KEEP_STATE,
	OPT_HELPER,
	OPT_COMMENT,
	OPT_FOLLOW,
	OPT_FORWARD,		/* from here on only with -M --forward */
	OPT_TO,
	OPT_WEIGHT,
	OPT_LEFT,
	OPT_MARK,
	OPT_TRIGGER,
	OPT_TRIGGER_TIME,
	OPT_SAME_PORT,
	OPT_CUT,
	OPTION_IDS = 128,	/* all ids are below this */
};

enum option_kind {
	OPTION_CATEGORY,	/* one of them is required */
	OPTION_COMMAND,		/* likewise; only -l and -z go together */
	OPTION_CLASSIC,		/* options that 2.3.0 had */
	OPTION_NEW,
};

/* commands, as bits of request.command and option.with */
#define DO_APPEND	0x001
#define DO_INSERT	0x002
#define DO_DELETE	0x004
#define DO_LIST		0x008
#define DO_ZERO		0x010
#define DO_FLUSH	0x020
#define DO_POLICY	0x040
#define DO_TIMEOUTS	0x080
#define DO_CHECK	0x100
#define DO_TRACK_TIMEOUTS 0x200
#define DO_RULE		(DO_APPEND | DO_INSERT | DO_DELETE)

#define DO_PORTFW	(DO_RULE | DO_LIST | DO_ZERO | DO_FLUSH)
#define ANY_ARGS 255		/* option.max: no limit */

struct request;
struct ast_item;
struct expect;
struct candidates;

/* Resolves the arguments; 0, or -EINVAL after a message. */
typedef int option_value_fn(struct request *q, const struct ast_item *item);
/* Prints " -P tcp" unless the rule has the default. */
typedef void option_print_fn(struct fw_text *t, const struct fw_rule *r);
/* Lists candidates for the argument at the cursor. */
typedef void option_words_fn(struct candidates *c, const struct expect *x);

struct option_row {
	__u8 id;
	__u8 kind;		/* enum option_kind */
	__u8 min, max;		/* arguments; the first of min > 0 may begin with '-' */
	__u8 list;		/* enum fw_list_id of a category */
	__u8 op;		/* enum fw_op of a command that edits */
	__u16 command;		/* DO_* of a command */
	__u16 with;		/* DO_* of the commands that it may be given with */
	__u16 flag;		/* FW_* that it adds to the rule's flags */
	const char *name;
	const char *lists;	/* letters of the categories that have it; NULL: all */
	/* for the messages of check.c: "protocol", "masquerading"; NULL: never refused */
	const char *noun, *doing;
	bool required;		/* -c has to have it */
	bool filter;		/* -T -l and -T -d choose connections by it */
	bool accepts;		/* only for rules that accept */
	bool no_icmp;
	bool portfw;		/* may be given with --forward */
	option_value_fn *value;
	option_print_fn *print;	/* NULL: the flag, if there is one */
	option_words_fn *words;
	const char *args, *help;
	const char *tracked;	/* with -T, in place of help; NULL: help is right */
};

/* ends with a row without name */
extern const struct option_row options[];

/* NULL: there is none.  tracking: -T is to the left. */
const struct option_row *option_by_letter(unsigned char c, bool tracking);
const struct option_row *option_by_name(const char *name, size_t n);
const struct option_row *option_by_id(unsigned int id);

/* the new option with a similar name, or NULL */
const char *option_suggest(const char *name);

/*
 * Does the last option of arg, a cluster or a long option, take the next
 * argument whatever that is?  *tracking becomes true if -T is in the cluster.
 */
bool option_takes_next(const char *arg, bool *tracking);

/* The helper of 2.0 with that name, or NULL. */
const struct fw_masq_helper *masq_helper_find(const char *name);

/* in, out, both; NULL-terminated */
extern const char *const option_directions[];

/* option_value.c */
option_value_fn value_direction, value_policy, value_timeouts, value_track_timeouts;
option_value_fn value_protocol, value_endpoint, value_via, value_interface, value_tos;
option_value_fn value_masquerade, value_state, value_keep_state, value_helper;
option_value_fn value_comment;
/* portfw.c */
option_value_fn value_to, value_weight, value_left, value_mark, value_trigger;
option_value_fn value_trigger_time, value_same_port, value_cut;

/* print.c */
option_print_fn print_protocol, print_source, print_destination, print_via;
option_print_fn print_vianame, print_redirect, print_tos, print_state;
option_print_fn print_keep_state, print_helper, print_comment;

/* option_words.c */
option_words_fn words_directions, words_policies, words_timeouts, words_track_timeouts;
option_words_fn words_protocols, words_endpoint, words_via, words_interfaces;
option_words_fn words_services, words_tos, words_states, words_helpers, words_comment;
option_words_fn words_to, words_number, words_trigger;

#endif
