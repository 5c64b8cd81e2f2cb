// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check.c - which options go together: the checks of 2.3.0 in their order.
 */
#include <errno.h>
#include <string.h>

#include "parser/request.h"

static struct loc place(const struct request *q, int option)
{
	return q->given[option]->loc;
}

static int check_command(const struct request *q)
{
	int c = request_category(q);

	if (q->stray)
		return REFUSE(q, q->stray->loc, "",
			      "unknown arguments found on commandline");
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

/* restrictions of files only */
static int check_file(const struct request *q)
{
	const struct ast_arg *counters = q->line->counters;

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

/* -T is for connections, not for a list of rules */
static int check_tracking(const struct request *q)
{
	if (q->given[OPT_FOLLOW] && (!request_tracking(q) || q->command != DO_LIST))
		return REFUSE(q, place(q, OPT_FOLLOW), "",
			      "--follow only allowed in combination with -T and -l");
	if (!request_tracking(q))
		return 0;
	if (q->command != DO_LIST && q->command != DO_DELETE && q->command != DO_FLUSH &&
	    q->command != DO_TRACK_TIMEOUTS)
		return REFUSE(q, q->action->loc, "",
			      "-T only allowed in combination with -l, -d, -f, or -s command");
	if (q->command == DO_DELETE && !q->given['P'] && !q->given['S'] && !q->given['D'])
		return REFUSE(q, q->action->loc, "-T -f ends all",
			      "-P, -S, or -D required for ending connections");
	return 0;
}

/* options of port forwards */
static int check_portfw(const struct request *q)
{
	for (const struct option_row *o = options; o->name; o++)
		if (o->id > OPT_FORWARD && o->id <= OPT_CUT && q->given[o->id])
			return REFUSE(q, place(q, o->id), "-M --forward",
				      "%s only allowed in combination with --forward", o->name);
	return 0;
}

static int check_helper(const struct request *q)
{
	if (!q->given[OPT_HELPER] || q->rule.helper)
		return 0;
	return REFUSE(q, place(q, OPT_HELPER), "",
		      "helper \"%s\" only allowed in combination with --forward",
		      q->given[OPT_HELPER]->args->text);
}

/* options of rules */
static int check_flags(const struct request *q)
{
	for (const struct option_row *o = options; o->name; o++)
		if (o->noun && o->with == DO_RULE && q->given[o->id] &&
		    !request_allows(q, o))
			return REFUSE(q, place(q, o->id), "",
				      request_tracking(q) ? "%s (%s) only allowed with rules" :
				      "%s (%s) only allowed with insert/append/delete",
				      o->noun, o->name);
	return 0;
}

int request_check_parameter(const struct request *q, const struct option_row *o)
{
	if (q->given[o->id] && !request_allows(q, o))
		return REFUSE(q, place(q, o->id), "",
			      "no %s (%s) allowed with this command", o->noun, o->name);
	if (!q->given[o->id] && o->required && q->command == DO_CHECK)
		return REFUSE(q, q->action->loc, "", "%s (%s) required for this command",
			      o->noun, o->name);
	return 0;
}

/* options of rules and packets; -S and -D are checked with their addresses, at last */
static int check_parameters(const struct request *q)
{
	bool check = q->command == DO_CHECK;

	for (const struct option_row *o = options; o->name; o++) {
		int err;

		if (!o->noun || !(o->with & DO_CHECK) || o->id == 'S' || o->id == 'D')
			continue;
		err = request_check_parameter(q, o);
		if (err)
			return err;
		if (o->id == 'P' && check &&
		    (q->rule.flags & FW_KIND_MASK) == FW_KIND_ALL)
			return REFUSE(q, place(q, 'P'), "",
				      "specific protocol required for check command");
	}
	if (check && q->rule.state & (q->rule.state - 1))
		return REFUSE(q, place(q, OPT_STATE), "a packet has one state",
			      "one state required for this command");
	return 0;
}

static int check_ports(const struct request *q)
{
	unsigned int kind = q->rule.flags & FW_KIND_MASK;
	bool check = q->command == DO_CHECK;
	const struct endpoint *with_ports = q->src.nports ? &q->src : &q->dst;

	if (kind == FW_KIND_ICMP && q->dst.nports)
		return REFUSE(q, q->dst.item->args->next->loc, "",
			      "ICMP types only allowed with -S, not with -D");
	if (kind == FW_KIND_ALL && with_ports->nports)
		return REFUSE(q, with_ports->item->args->next->loc,
			      "add -P tcp or -P udp",
			      "no ports allowed without specific protocol");
	if (check && kind != FW_KIND_ICMP && (q->src.nports != 1 || q->dst.nports != 1))
		return REFUSE(q, q->action->loc, "",
			      "one port required with source/destination address");
	if (check && kind == FW_KIND_ICMP && q->src.nports != 1)
		return REFUSE(q, q->action->loc, "",
			      "ICMP type required after source address");
	return 0;
}

/* "FIO" -> "-F, -I, or -O" */
static void lists_name(char buf[64], const char *lists)
{
	size_t n = strlen(lists), at = 0;

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(buf + at, 64 - at, "%s%s-%c", i ? ", " : "",
				       i && i == n - 1 ? "or " : "", lists[i]);
}

static int check_actions(const struct request *q)
{
	bool icmp = (q->rule.flags & FW_KIND_MASK) == FW_KIND_ICMP;
	char lists[64];

	for (const struct option_row *o = options; o->name; o++) {
		if (!o->doing || !q->given[o->id])
			continue;
		if (!strchr(o->lists, request_category(q))) {
			lists_name(lists, o->lists);
			return REFUSE(q, place(q, o->id), "",
				      "%s only allowed in combination with %s", o->doing,
				      lists);
		}
		if (icmp && o->no_icmp)
			return REFUSE(q, place(q, o->id), "",
				      "%s not allowed with protocol ICMP", o->doing);
		if (o->accepts && !(q->rule.flags & FW_ACCEPT))
			return REFUSE(q, place(q, o->id), "",
				      "%s only allowed with policy accept", o->doing);
	}
	return 0;
}

int request_check(const struct request *q)
{
	static int (*const checks[])(const struct request *) = {
		check_command, check_file, check_tracking, check_portfw, check_helper,
		check_flags, check_parameters, check_ports, check_actions,
	};

	for (unsigned int i = 0; i < FW_COUNT(checks); i++) {
		int err = checks[i](q);

		if (err)
			return err;
	}
	return 0;
}
