// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * combine.c - which options go together: the checks of 2.3.0 in their order.
 */
#include <errno.h>

#include "parser/request.h"

static const struct ast_item *given(const struct request *q, int option)
{
	return q->given[option];
}

static struct loc place(const struct request *q, int option)
{
	return given(q, option)->loc;
}

static int check_stray(const struct request *q)
{
	if (!q->stray)
		return 0;
	return REFUSE(q, q->stray->loc, "", "unknown arguments found on commandline");
}

static int check_command(const struct request *q)
{
	int c = q->category ? q->category->option : 0;

	if (!q->command)
		return REFUSE(q, q->line->loc, "", "no command specified");
	if (!c)
		return REFUSE(q, q->line->loc, "", "missing -A, -F, -I, -O, or -M flag");
	if (!request_firewall(q) && q->command == DO_CHECK)
		return REFUSE(q, q->category->loc, "",
			      "specify either -F, -I, or -O for checking a packet");
	if (!request_firewall(q) && q->command == DO_POLICY)
		return REFUSE(q, q->category->loc, "",
			      "specify either -F, -I, or -O for changing the policy");
	if (request_firewall(q) && !q->policy && q->command & DO_RULE)
		return REFUSE(q, q->action->loc, "accept, deny, reject or masquerade",
			      "policy required for firewall entries");
	if (!request_firewall(q) && q->policy)
		return REFUSE(q, q->policy->loc, "",
			      "no policy allowed with non-firewall entries");
	if (c == 'M' && !(q->command & (DO_TIMEOUTS | DO_LIST)))
		return REFUSE(q, q->action->loc, "",
			      "-M only allowed in combination with -s or -l command");
	if (c != 'M' && q->command == DO_TIMEOUTS)
		return REFUSE(q, q->action->loc, "",
			      "setting masquerading timeouts requires -M flag");
	return 0;
}

/* of tracked connections, which are no list of rules */
static int check_tracking(const struct request *q)
{
	if (!request_tracking(q))
		return 0;
	if (q->command != DO_LIST && q->command != DO_DELETE && q->command != DO_FLUSH &&
	    q->command != DO_TRACK_TIMEOUTS)
		return REFUSE(q, q->action->loc, "",
			      "-T only allowed in combination with -l, -d, -f, or -s command");
	if (q->command == DO_DELETE && !given(q, 'P') && !given(q, 'S') && !given(q, 'D'))
		return REFUSE(q, q->action->loc, "-T -f ends all",
			      "-P, -S, or -D required for ending connections");
	return 0;
}

/* flags that belong to rules */
static int check_flags(const struct request *q)
{
	static const struct {
		int option;
		const char *name;
	} flags[] = {
		{ 'b', "bidirectional flag (-b)" },
		{ 'o', "kernel print flag (-o)" },
		{ 'r', "port redirection (-r)" },
		{ 't', "tos values (-t)" },
		{ AST_KEEP_STATE, "keeping state (--keep-state)" },
		{ AST_HELPER, "helper (--helper)" },
		{ AST_COMMENT, "comment (--comment)" },
	};

	if (q->command & DO_RULE && !request_tracking(q))
		return 0;
	for (unsigned int i = 0; i < FW_COUNT(flags); i++)
		if (given(q, flags[i].option))
			return REFUSE(q, place(q, flags[i].option), "",
				      request_tracking(q) ? "%s only allowed with rules" :
				      "%s only allowed with insert/append/delete",
				      flags[i].name);
	return 0;
}

/* a parameter that plain commands refuse and -c must have */
static int check_parameter(const struct request *q, int option, const char *name)
{
	bool chooses = request_filters(q) && option == 'P';

	if (given(q, option) && (request_plain(q) || (request_tracking(q) && !chooses)))
		return REFUSE(q, place(q, option), "",
			      "no %s (-%c) allowed with this command", name, option);
	if (!given(q, option) && q->command == DO_CHECK)
		return REFUSE(q, q->action->loc, "", "%s (-%c) required for this command",
			      name, option);
	return 0;
}

static int check_packet(const struct request *q)
{
	int err = check_parameter(q, 'P', "protocol");

	if (!err && q->command == DO_CHECK &&
	    (q->rule.flags & FW_KIND_MASK) == FW_KIND_ALL)
		err = REFUSE(q, place(q, 'P'), "",
			     "specific protocol required for check command");
	if (!err)
		err = check_parameter(q, 'V', "interface address");
	if (!err)
		err = check_parameter(q, 'W', "interface name");
	if (!err && given(q, AST_STATE) &&
	    (request_tracking(q) || !(q->command & (DO_RULE | DO_CHECK))))
		err = REFUSE(q, place(q, AST_STATE), "",
			     "no state (--state) allowed with this command");
	if (!err && q->command == DO_CHECK && q->rule.state & (q->rule.state - 1))
		err = REFUSE(q, place(q, AST_STATE), "a packet has one state",
			     "one state required for this command");
	return err;
}

static struct loc ports_place(const struct request *q)
{
	const struct ast_item *item = q->src.nports ? q->src.item : q->dst.item;

	return item->words->next->loc;
}

static int check_ports(const struct request *q)
{
	unsigned int kind = q->rule.flags & FW_KIND_MASK;
	bool check = q->command == DO_CHECK;

	if (kind == FW_KIND_ICMP && q->dst.nports)
		return REFUSE(q, q->dst.item->words->next->loc, "",
			      "ICMP types only allowed with -S, not with -D");
	if (kind == FW_KIND_ALL && (q->src.nports || q->dst.nports))
		return REFUSE(q, ports_place(q), "add -P tcp or -P udp",
			      "no ports allowed without specific protocol");
	if (check && kind != FW_KIND_ICMP && (q->src.nports != 1 || q->dst.nports != 1))
		return REFUSE(q, q->action->loc, "",
			      "one port required with source/destination address");
	if (check && kind == FW_KIND_ICMP && q->src.nports != 1)
		return REFUSE(q, q->action->loc, "",
			      "ICMP type required after source address");
	return 0;
}

static int check_actions(const struct request *q)
{
	bool icmp = (q->rule.flags & FW_KIND_MASK) == FW_KIND_ICMP;

	if (given(q, 'r') && q->category->option != 'I')
		return REFUSE(q, place(q, 'r'), "",
			      "redirecting only allowed in combination with -I");
	if (given(q, 'r') && icmp)
		return REFUSE(q, place(q, 'r'), "",
			      "redirecting not allowed with protocol ICMP");
	if (given(q, 'm') && q->category->option != 'F')
		return REFUSE(q, place(q, 'm'), "",
			      "masquerading only allowed in combination with -F");
	if (given(q, 'm') && icmp)
		return REFUSE(q, place(q, 'm'), "",
			      "masquerading not allowed with protocol ICMP");
	if (given(q, 'm') && !(q->rule.flags & FW_ACCEPT))
		return REFUSE(q, place(q, 'm'), "",
			      "masquerading only allowed with policy accept");
	if (given(q, AST_KEEP_STATE) && !request_firewall(q))
		return REFUSE(
			q, place(q, AST_KEEP_STATE), "",
			"keeping state only allowed in combination with -F, -I, or -O");
	if (given(q, AST_KEEP_STATE) && !(q->rule.flags & FW_ACCEPT))
		return REFUSE(q, place(q, AST_KEEP_STATE), "",
			      "keeping state only allowed with policy accept");
	return 0;
}

/* what only files ask for */
static int check_file(const struct request *q)
{
	const struct ast_word *counters = q->line->counters;

	if (q->command_line)
		return 0;
	if (!q->every_command &&
	    (q->command & (DO_LIST | DO_CHECK) || request_tracking(q)))
		return REFUSE(q, q->action->loc, "", REFUSE_COMMAND);
	if (counters && !(q->command & (DO_APPEND | DO_INSERT)))
		return REFUSE(q, counters->loc, "",
			      "counters only allowed with insert/append");
	return 0;
}

int request_check(const struct request *q)
{
	static int (*const checks[])(const struct request *) = {
		check_stray, check_command, check_file, check_tracking, check_flags,
		check_packet, check_ports, check_actions,
	};

	for (unsigned int i = 0; i < FW_COUNT(checks); i++) {
		int err = checks[i](q);

		if (err)
			return err;
	}
	return 0;
}
