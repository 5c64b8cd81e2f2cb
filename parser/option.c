// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option.c - the rows, and how to find one.
 */
#include <string.h>

#include "parser/diag.h"
#include "parser/option.h"

#define RULES DO_RULE
#define RULES_CHECK (DO_RULE | DO_CHECK)
#define ADDS (DO_APPEND | DO_INSERT)
/* parameters of packets, which -M -s ignores */
#define PACKETS (RULES_CHECK | DO_TIMEOUTS)

const struct option_row options[] = {
	{ .id = 'A', .name = "-A", .kind = OPTION_CATEGORY, .list = FW_ACCT, .max = 1,
	  .value = value_direction, .words = words_directions,
	  .args = "[direction] command", .help = "accounting" },
	{ .id = 'F', .name = "-F", .kind = OPTION_CATEGORY, .list = FW_FORWARD,
	  .args = "command", .help = "forwarding firewall" },
	{ .id = 'I', .name = "-I", .kind = OPTION_CATEGORY, .list = FW_INPUT,
	  .args = "command", .help = "input firewall" },
	{ .id = 'O', .name = "-O", .kind = OPTION_CATEGORY, .list = FW_OUTPUT,
	  .args = "command", .help = "output firewall" },
	{ .id = 'M', .name = "-M", .kind = OPTION_CATEGORY,
	  .args = "[-s | -l]", .help = "masquerading" },
	{ .id = 'T', .name = "-T", .kind = OPTION_CATEGORY,
	  .args = "[-l | -d | -f | -s]", .help = "tracked connections" },

	{ .id = 'a', .name = "-a", .kind = OPTION_COMMAND, .command = DO_APPEND,
	  .op = FW_OP_APPEND, .lists = "AFIOM", .max = 1,
	  .value = value_policy, .words = words_policies,
	  .args = "[policy]", .help = "append rule (no policy for accounting)" },
	{ .id = 'i', .name = "-i", .kind = OPTION_COMMAND, .command = DO_INSERT,
	  .op = FW_OP_INSERT, .lists = "AFIOM", .max = 1,
	  .value = value_policy, .words = words_policies,
	  .args = "[policy]",
	  .help = "insert rule at the head (no policy for accounting)" },
	{ .id = 'd', .name = "-d", .kind = OPTION_COMMAND, .command = DO_DELETE,
	  .op = FW_OP_DELETE, .lists = "AFIOTM", .max = 1,
	  .value = value_policy, .words = words_policies,
	  .args = "[policy]",
	  .help = "delete the first equal rule (no policy for accounting)",
	  .tracked = "end the connections that -P, -S and -D choose" },
	{ .id = 'l', .name = "-l", .kind = OPTION_COMMAND, .command = DO_LIST,
	  .lists = "AFIOMT", .with = DO_ZERO,
	  .help = "list the rules of a list, or the masquerading sessions",
	  .tracked = "list connections" },
	{ .id = 'z', .name = "-z", .kind = OPTION_COMMAND, .command = DO_ZERO,
	  .op = FW_OP_ZERO, .lists = "AFIOM", .with = DO_LIST,
	  .help = "set all counters of a list to zero" },
	{ .id = 'f', .name = "-f", .kind = OPTION_COMMAND, .command = DO_FLUSH,
	  .op = FW_OP_FLUSH, .lists = "AFIOTM", .help = "remove all rules of a list",
	  .tracked = "end all connections" },
	{ .id = 'p', .name = "-p", .kind = OPTION_COMMAND, .command = DO_POLICY,
	  .op = FW_OP_POLICY, .lists = "FIO", .min = 1, .max = 1, .value = value_policy,
	  .words = words_policies, .args = "policy",
	  .help = "change the default policy (accept, deny, reject, masquerade)" },
	{ .id = 's', .name = "-s", .kind = OPTION_COMMAND, .command = DO_TIMEOUTS,
	  .op = FW_OP_TIMEOUTS, .lists = "M", .min = 3, .max = 3, .value = value_timeouts,
	  .words = words_timeouts, .args = "tcp tcpfin udp",
	  .help = "set the masuerading timeouts, in seconds" },
	{ .id = OPT_TRACK_TIMEOUTS, .name = "-s", .kind = OPTION_COMMAND,
	  .command = DO_TRACK_TIMEOUTS, .lists = "T", .max = ANY_ARGS,
	  .value = value_track_timeouts, .words = words_track_timeouts,
	  .tracked = "show or set the timeouts of tracking, in seconds" },
	{ .id = 'c', .name = "-c", .kind = OPTION_COMMAND, .command = DO_CHECK,
	  .lists = "FIO", .help = "check how a packet would fare" },

	{ .id = 'P', .name = "-P", .kind = OPTION_CLASSIC, .with = PACKETS,
	  .lists = "AFIOTM", .portfw = true,
	  .min = 1, .max = 1, .noun = "protocol", .required = true,
	  .filter = true, .value = value_protocol, .print = print_protocol,
	  .words = words_protocols, .args = "protocol",
	  .help = "tcp, udp, icmp, or all" },
	{ .id = 'S', .name = "-S", .kind = OPTION_CLASSIC, .with = PACKETS,
	  .lists = "AFIOT", .min = 1, .max = ANY_ARGS, .noun = "source address",
	  .required = true, .filter = true, .value = value_endpoint,
	  .print = print_source, .words = words_endpoint,
	  .args = "address[/mask] [port ...]",
	  .help = "source, with ports or ICMP types" },
	{ .id = 'D', .name = "-D", .kind = OPTION_CLASSIC, .with = PACKETS,
	  .lists = "AFIOTM", .portfw = true,
	  .min = 1, .max = ANY_ARGS, .noun = "destination address",
	  .required = true, .filter = true, .value = value_endpoint,
	  .print = print_destination, .words = words_endpoint,
	  .args = "address[/mask] [port ...]", .help = "destination, with ports" },
	{ .id = 'V', .name = "-V", .kind = OPTION_CLASSIC, .with = PACKETS,
	  .lists = "AFIO", .min = 1, .max = 1, .noun = "interface address",
	  .required = true, .value = value_via, .print = print_via,
	  .words = words_via, .args = "address",
	  .help = "address of the network interface" },
	{ .id = 'W', .name = "-W", .kind = OPTION_CLASSIC, .with = PACKETS,
	  .lists = "AFIO", .min = 1, .max = 1, .noun = "interface name",
	  .required = true, .value = value_interface, .print = print_vianame,
	  .words = words_interfaces, .args = "name",
	  .help = "name of the network interface" },
	{ .id = 'b', .name = "-b", .kind = OPTION_CLASSIC, .with = RULES, .lists = "AFIO",
	  .noun = "bidirectional flag", .flag = FW_BIDIR,
	  .help = "match in both directions" },
	{ .id = 'k', .name = "-k", .kind = OPTION_CLASSIC, .with = RULES, .lists = "AFIO",
	  .flag = FW_TCPACK, .help = "match TCP packets only when ACK is set" },
	{ .id = 'y', .name = "-y", .kind = OPTION_CLASSIC, .with = RULES_CHECK,
	  .lists = "AFIO", .flag = FW_TCPSYN,
	  .help = "match TCP packets only when SYN is set and ACK is clear" },
	{ .id = 'o', .name = "-o", .kind = OPTION_CLASSIC, .with = RULES, .lists = "AFIO",
	  .noun = "kernel print flag", .flag = FW_PRN, .help = "log matching packets" },
	{ .id = 'r', .name = "-r", .kind = OPTION_CLASSIC, .with = RULES, .lists = "I",
	  .max = 1, .noun = "port redirection", .doing = "redirecting",
	  .no_icmp = true, .flag = FW_REDIR, .print = print_redirect,
	  .words = words_services, .args = "[port]",
	  .help = "redirect to a local port" },
	{ .id = 't', .name = "-t", .kind = OPTION_CLASSIC, .with = RULES, .lists = "AFIO",
	  .min = 2, .max = 2, .noun = "tos values", .value = value_tos,
	  .print = print_tos, .words = words_tos, .args = "and xor",
	  .help = "change the TOS field by these masks" },
	/* no flag here: the policy's word prints it */
	{ .id = 'm', .name = "-m", .kind = OPTION_CLASSIC, .with = RULES, .lists = "F",
	  .doing = "masquerading", .accepts = true, .no_icmp = true,
	  .value = value_masquerade, .help = "masquerade forwarded packets" },
	{ .id = 'e', .name = "-e", .kind = OPTION_CLASSIC, .portfw = true, .with = DO_LIST,
	  .lists = "AFIOMT", .help = "extended listing" },
	{ .id = 'n', .name = "-n", .kind = OPTION_CLASSIC, .portfw = true, .with = DO_LIST,
	  .lists = "AFIOMT", .help = "show addresses and ports as numbers" },
	{ .id = 'v', .name = "-v", .kind = OPTION_CLASSIC, .portfw = true, .with = RULES_CHECK,
	  .lists = "AFIOT", .help = "be verbose" },
	{ .id = 'x', .name = "-x", .kind = OPTION_CLASSIC, .portfw = true, .with = DO_LIST,
	  .lists = "AFIOMT", .help = "show exact counters" },
	{ .id = 'h', .name = "-h", .kind = OPTION_CLASSIC },

	{ .id = OPT_STATE, .name = "--state", .kind = OPTION_NEW, .with = RULES_CHECK,
	  .lists = "AFIO", .min = 1, .max = 1, .noun = "state", .value = value_state,
	  .print = print_state, .words = words_states, .args = "LIST",
	  .help = "new, established, related, invalid; !LIST for the others" },
	{ .id = OPT_KEEP_STATE, .name = "--keep-state", .kind = OPTION_NEW, .with = RULES,
	  .lists = "FIO", .noun = "keeping state", .doing = "keeping state",
	  .accepts = true, .value = value_keep_state, .print = print_keep_state,
	  .help = "let later packets of the connection pass, both ways" },
	{ .id = OPT_HELPER, .name = "--helper", .kind = OPTION_NEW, .with = RULES,
	  .portfw = true, .lists = "AFIOM", .min = 1, .max = 1, .noun = "helper",
	  .value = value_helper, .print = print_helper, .words = words_helpers, .args = "NAME",
	  .help = "find related connections: ftp, irc, tftp ..." },
	{ .id = OPT_COMMENT, .name = "--comment", .kind = OPTION_NEW, .with = RULES,
	  .lists = "AFIO", .min = 1, .max = 1, .noun = "comment", .value = value_comment,
	  .print = print_comment, .words = words_comment, .args = "TEXT",
	  .help = "keep a remark with the rule" },
	{ .id = OPT_FOLLOW, .name = "--follow", .kind = OPTION_NEW, .noun = "following",
	  .with = DO_LIST, .lists = "T",
	  .help = "with -T -l: print what happens to connections" },
	{ .id = OPT_FORWARD, .name = "--forward", .kind = OPTION_NEW,
	  .noun = "port forwarding", .portfw = true, .with = DO_PORTFW, .lists = "M",
	  .help = "with -M: forwarded ports" },
	{ .id = OPT_TO, .name = "--to", .kind = OPTION_NEW, .noun = "target",
	  .portfw = true, .with = RULES, .lists = "M", .min = 1, .max = 1,
	  .value = value_to, .words = words_to, .args = "ADDRESS[:PORT]",
	  .help = "the inner host, and its port if that differs" },
	{ .id = OPT_WEIGHT, .name = "--weight", .kind = OPTION_NEW, .noun = "weight",
	  .portfw = true, .with = ADDS, .lists = "M", .min = 1, .max = 1,
	  .value = value_weight, .words = words_number, .args = "N",
	  .help = "connections in a row, if there are several targets (10)" },
	{ .id = OPT_LEFT, .name = "--left", .kind = OPTION_NEW,
	  .noun = "connections left", .portfw = true, .with = ADDS, .lists = "M",
	  .min = 1, .max = 1, .value = value_left, .words = words_number,
	  .args = "N", .help = "how many of these are left" },
	{ .id = OPT_MARK, .name = "--mark", .kind = OPTION_NEW, .noun = "mark",
	  .portfw = true, .with = RULES, .lists = "M", .min = 1, .max = 1,
	  .value = value_mark, .words = words_number, .args = "N",
	  .help = "packets with this mark, in place of -D" },
	{ .id = OPT_TRIGGER, .name = "--trigger", .kind = OPTION_NEW,
	  .noun = "trigger", .portfw = true, .with = RULES, .lists = "M", .min = 2,
	  .max = 2, .value = value_trigger, .words = words_trigger,
	  .args = "PROTOCOL PORT",
	  .help = "to the host that last sent to this port, in place of --to" },
	{ .id = OPT_TRIGGER_TIME, .name = "--trigger-time", .kind = OPTION_NEW,
	  .noun = "time of a trigger", .portfw = true, .with = ADDS, .lists = "M",
	  .min = 1, .max = 1, .value = value_trigger_time, .words = words_number,
	  .args = "SECONDS", .help = "for so long (15; 0: for ever)" },
	{ .id = OPT_SAME_PORT, .name = "--same-port", .kind = OPTION_NEW,
	  .noun = "keeping the port", .portfw = true, .with = RULES, .lists = "M",
	  .value = value_same_port,
	  .help = "masqueraded connections to the ports of -D keep their source port" },
	{ .id = OPT_CUT, .name = "--cut", .kind = OPTION_NEW,
	  .noun = "cutting connections", .portfw = true,
	  .with = DO_DELETE | DO_FLUSH, .lists = "M", .value = value_cut,
	  .help = "connections through a deleted forward end" },
	{ .name = NULL },
};

const char *const option_directions[] = { "in", "out", "both", NULL };

const struct option_row *option_by_id(unsigned int id)
{
	for (const struct option_row *o = options; o->name; o++)
		if (o->id == id)
			return o;
	return NULL;
}

const struct option_row *option_by_letter(unsigned char c, bool tracking)
{
	if (c == 's' && tracking)
		return option_by_id(OPT_TRACK_TIMEOUTS);
	return c >= 'A' ? option_by_id(c) : NULL;
}

const struct option_row *option_by_name(const char *name, size_t n)
{
	for (const struct option_row *o = options; o->name; o++)
		if (o->kind == OPTION_NEW && strlen(o->name) == n &&
		    memcmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

const char *option_suggest(const char *name)
{
	const char *names[OPTION_IDS];
	unsigned int n = 0;

	for (const struct option_row *o = options; o->name; o++)
		if (o->kind == OPTION_NEW)
			names[n++] = o->name;
	names[n] = NULL;
	return diag_suggest(name, names);
}

bool option_takes_next(const char *arg, bool *tracking)
{
	const struct option_row *o;

	if (arg[0] != '-')
		return false;
	if (arg[1] == '-') {
		o = option_by_name(arg, strlen(arg));
		return o && o->min;
	}
	for (arg++; *arg; arg++) {
		*tracking |= *arg == 'T';
		o = option_by_letter((unsigned char)*arg, *tracking);
		if (o && o->min)
			return !arg[1];
	}
	return false;
}
