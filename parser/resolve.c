// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resolve.c - each option by itself, in the order in which they stand.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parser/extension.h"
#include "parser/names.h"
#include "parser/number.h"
#include "parser/request.h"

const char *const names_policies[] = { "accept", "deny", "reject", "masquerade", NULL };
const char *const names_protocols[] = { "all", "tcp", "udp", "icmp", NULL };
const char *const names_directions[] = { "in", "out", "both", NULL };

const char *hint_suggest(const struct request *q, char buf[HINT_SIZE], const char *word,
			 const char *const *words)
{
	const char *near = diag_wanted(q->diags) ? diag_suggest(word, words) : NULL;

	buf[0] = '\0';
	if (near)
		snprintf(buf, HINT_SIZE, "did you mean '%s'?", near);
	return buf;
}

/* the first word that begins with s, and be it empty; -1 if none does */
static int prefix_find(const char *s, const char *const *words)
{
	size_t n = strlen(s);

	for (int i = 0; words[i]; i++)
		if (strncmp(words[i], s, n) == 0)
			return i;
	return -1;
}

/* what other firewalls call a policy */
static const char *policy_hint(const struct request *q, char buf[HINT_SIZE],
			       const char *word)
{
	static const char *const others[][2] = {
		{ "drop", "deny" },    { "block", "deny" },  { "discard", "deny" },
		{ "allow", "accept" }, { "pass", "accept" }, { "permit", "accept" },
		{ "refuse", "reject" }, { "snat", "masquerade" }, { "nat", "masquerade" },
	};

	for (unsigned int i = 0; i < FW_COUNT(others); i++) {
		if (strcasecmp(word, others[i][0]) == 0) {
			snprintf(buf, HINT_SIZE, "did you mean '%s'?", others[i][1]);
			return buf;
		}
	}
	return hint_suggest(q, buf, word, names_policies);
}

static int keyword_parse(struct request *q, const struct ast_word *w, const char *what,
			 const char *const *words)
{
	int i = prefix_find(w->text, words);
	char hint[HINT_SIZE];

	if (i < 0)
		REFUSE(q, w->loc,
		       words == names_policies ? policy_hint(q, hint, w->text) :
						 hint_suggest(q, hint, w->text, words),
		       "invalid %s \"%s\" specified", what, w->text);
	return i;
}

/* every option may be given once */
static int option_take(struct request *q, int option, const struct ast_item *item)
{
	char buf[3];

	if (q->given[option])
		return REFUSE(q, item->loc, "", "multiple %s flags not allowed",
			      ast_option_name(option, buf));
	q->given[option] = item;
	return 0;
}

static int read_category(struct request *q, const struct ast_item *item)
{
	static const __u16 directions[] = { FW_ACCTIN, FW_ACCTOUT, 0 };
	int i;

	if (q->category)
		return REFUSE(q, item->loc, "", "multiple categories specified");
	q->category = item;
	if (!item->words)
		return 0;
	i = keyword_parse(q, item->words, "direction", names_directions);
	if (i < 0)
		return -EINVAL;
	q->rule.flags |= directions[i];
	return 0;
}

/* masquerade is accept and a use of -m */
static int read_policy(struct request *q, const struct ast_item *item)
{
	static const __u16 policies[] = {
		FW_POLICY_ACCEPT, FW_POLICY_DENY, FW_POLICY_REJECT, FW_POLICY_MASQ,
	};
	int i = keyword_parse(q, item->words, "policy", names_policies);

	if (i < 0)
		return -EINVAL;
	if (policies[i] == FW_POLICY_MASQ && option_take(q, 'm', item))
		return -EINVAL;
	q->rule.flags |= policies[i];
	return 0;
}

static int read_timeouts(struct request *q, const struct ast_item *item)
{
	__u32 *const values[] = {
		&q->timeouts.tcp, &q->timeouts.tcpfin, &q->timeouts.udp,
	};
	const struct ast_word *w = item->words;

	if (!w->next || !w->next->next)
		return REFUSE(q, item->loc, "seconds for tcp, tcpfin and udp, 0 to keep",
			      "-s requires 3 timeout values");
	for (unsigned int i = 0; i < FW_COUNT(values); i++, w = w->next) {
		long n = number_parse(w->text, INT_MAX);

		if (n < 0)
			return REFUSE(q, w->loc, "seconds, 0 to keep",
				      "invalid timeout value \"%s\" specified", w->text);
		*values[i] = (__u32)n;
	}
	return 0;
}

/* NAME SECONDS ...; which names there are the kernel knows */
static int read_track_timeouts(struct request *q, const struct ast_item *item)
{
	q->track_timeouts = item;
	for (const struct ast_word *w = item->words; w; w = w->next->next) {
		if (!w->next)
			return REFUSE(q, w->loc, "NAME SECONDS, as -T -s shows them",
				      "-s requires a value for timeout \"%s\"", w->text);
		if (number_parse(w->next->text, INT_MAX) < 1)
			return REFUSE(q, w->next->loc, "seconds, at least 1",
				      "invalid timeout value \"%s\" specified",
				      w->next->text);
	}
	return 0;
}

static int read_command(struct request *q, const struct ast_item *item)
{
	static const unsigned int commands[128] = {
		['a'] = DO_APPEND, ['i'] = DO_INSERT, ['d'] = DO_DELETE,
		['l'] = DO_LIST, ['z'] = DO_ZERO, ['f'] = DO_FLUSH,
		['p'] = DO_POLICY, ['s'] = DO_TIMEOUTS, ['c'] = DO_CHECK,
	};
	unsigned int c = commands[item->option];
	unsigned int both = (q->command | c) == (DO_LIST | DO_ZERO) && q->command != c;

	if (c == DO_TIMEOUTS && request_tracking(q))
		c = DO_TRACK_TIMEOUTS;
	if (q->command && !(both && !(q->command & c)))
		return REFUSE(q, item->loc, "", "multiple commands specified");
	q->command |= c;
	if (!q->action || c == DO_LIST)
		q->action = item;
	if (c == DO_TIMEOUTS)
		return read_timeouts(q, item);
	if (c == DO_TRACK_TIMEOUTS)
		return read_track_timeouts(q, item);
	if (!item->words)
		return 0;
	if (c != DO_POLICY)
		q->policy = item->words;
	return read_policy(q, item);
}

static int read_protocol(struct request *q, const struct ast_item *item)
{
	/* the kinds are numbered as the names are */
	int i = keyword_parse(q, item->words, "protocol", names_protocols);

	if (i < 0)
		return -EINVAL;
	q->rule.flags |= (__u16)i;
	return 0;
}

/* 2.3.0 counted ports as they came, and looked at them much later */
static int read_endpoint(struct request *q, const struct ast_item *item)
{
	struct endpoint *e = item->option == 'S' ? &q->src : &q->dst;

	e->item = item;
	for (const struct ast_word *w = item->words->next; w; w = w->next) {
		bool range = strchr(w->text, ':');

		if (range && e->range)
			return REFUSE(q, w->loc, "", "multiple ranges not allowed");
		e->range |= range;
		e->nports += range ? 2 : 1;
		if (q->src.nports + q->dst.nports > FW_MAX_PORTS)
			return REFUSE(q, w->loc, "a range counts as two",
				      "too many ports specified (maximum %d)",
				      FW_MAX_PORTS);
	}
	if (e->range)
		q->rule.flags |= item->option == 'S' ? FW_SRNG : FW_DRNG;
	return 0;
}

static int read_address(struct request *q, const struct ast_item *item)
{
	const struct ast_word *w = item->words;
	__u32 *addrs;
	int n;

	if (dotted_parse(w->text, &q->rule.via))
		return 0;
	n = name_host_addresses(w->text, &addrs);
	if (n < 0)
		return REFUSE(q, w->loc, "", "host \"%s\" not found", w->text);
	if (n == 1)
		q->rule.via = addrs[0];
	free(addrs);
	if (n != 1)
		return REFUSE(q, w->loc, "",
			      "hostname \"%s\" does not specify a unique address",
			      w->text);
	return 0;
}

static int read_tos(struct request *q, const struct ast_item *item)
{
	__u8 *const masks[] = { &q->rule.tosand, &q->rule.tosxor };
	const struct ast_word *w = item->words;

	if (!w->next)
		return REFUSE(q, item->loc, "the and mask and the xor mask",
			      "-t requires 2 hexbyte arguments");
	for (unsigned int i = 0; i < FW_COUNT(masks); i++, w = w->next) {
		int n = hexbyte_parse(w->text);

		if (n < 0)
			return REFUSE(q, w->loc, "", "invalid hexbyte \"%s\" specified",
				      w->text);
		*masks[i] = (__u8)n;
	}
	return 0;
}

static int read_parameter(struct request *q, const struct ast_item *item)
{
	static const __u16 flags[128] = {
		['b'] = FW_BIDIR, ['k'] = FW_TCPACK, ['y'] = FW_TCPSYN,
		['o'] = FW_PRN,	  ['m'] = FW_MASQ,   ['r'] = FW_REDIR,
	};
	int err = option_take(q, item->option, item);

	if (err)
		return err;
	q->rule.flags |= flags[item->option];
	switch (item->option) {
	case 'P':
		return read_protocol(q, item);
	case 'S':
	case 'D':
		return read_endpoint(q, item);
	case 'V':
		return read_address(q, item);
	case 'W':
		/* the rest of a longer name was cut */
		memcpy(q->rule.vianame, item->words->text,
		       strnlen(item->words->text, FW_IFNAMSIZ));
		return 0;
	case 't':
		return read_tos(q, item);
	case AST_STATE:
		return extension_state(q, item);
	case AST_HELPER:
		return extension_helper(q, item);
	case AST_COMMENT:
		return extension_comment(q, item);
	case AST_KEEP_STATE:
		q->rule.keep_state = 1;
		return 0;
	default:
		return 0;
	}
}

static int read_item(struct request *q, const struct ast_item *item)
{
	switch (item->option) {
	case 'A':
	case 'F':
	case 'I':
	case 'M':
	case 'O':
	case 'T':
		return read_category(q, item);
	case 'a':
	case 'i':
	case 'd':
	case 'l':
	case 'z':
	case 'f':
	case 'p':
	case 's':
	case 'c':
		return read_command(q, item);
	default:
		return read_parameter(q, item);
	}
}

/* what a line of a file cannot begin with, and -h */
static int read_file(struct request *q)
{
	const struct ast_item *first = q->line->items;

	if (q->help && !q->every_command)
		return REFUSE(q, q->help->loc, "", REFUSE_COMMAND);
	if (!first || first->option != AST_STRAY || q->line->program)
		return 0;
	return REFUSE(q, first->loc, "a line is a rule command, or 'interface ...'",
		      "unknown command \"%s\"", first->words->text);
}

int request_read(struct request *q, const struct ast_error *error)
{
	bool posixly = q->command_line && getenv("POSIXLY_CORRECT");
	int err = q->command_line ? 0 : read_file(q);

	q->rule.tosand = 0xff;
	for (const struct ast_item *i = q->line->items; i && !err; i = i->next) {
		if (i->option == 'h') {
			q->help = i;
			return q->command_line ? 0 : read_file(q);
		}
		if (i->option == AST_STRAY && posixly) {
			q->stray = i;
			return 0;
		}
		if (i->option == AST_STRAY)
			q->stray = q->stray ? q->stray : i;
		else
			err = read_item(q, i);
	}
	if (!err && error->memory)
		return -ENOMEM;
	if (!err && error->set)
		err = REFUSE(q, error->loc, error->hint, "%s", error->text);
	return err;
}
