// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the table of subcommands.
 */
#include "compat/preload_helper.h"
#include "ipfwadm/app/app.h"
#include "ipfwadm/classic/classic.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/engine/engine.h"
#include "ipfwadm/format/saved.h"
#include "ipfwadm/run/client.h"
#include "ipfwadm/run/confirm.h"
#include "ipfwadm/run/run.h"
#include "ipfwadm/run/translate.h"

static const struct app_subcommand subcommands[] = {
	{ "save", command_save, "[--counters]", "print the rules in force in saved form",
	  "\n"
	  "  --counters  with packet and byte counts\n", 0 },
	{ "load", command_load,
	  "[-n | --check] [--append] [--strict] [--confirm SECONDS] [--force] FILE",
	  "replace all rules by those of FILE, or add them",
	  "\n"
	  "  -n          only check the file\n"
	  "  --check     show what would change; status 0: nothing, 6: something\n"
	  "  --append    carry out the file's commands on the rules there are\n"
	  "  --strict    refuse rules that the backend cannot express exactly\n"
	  "  --confirm SECONDS\n"
	  "              go back to the rules of before unless that is confirmed\n"
	  "  --force     although your ssh connection would be cut\n"
	  "  FILE        in saved form, or a flat script; - is the standard input\n", 0 },
	{ "dump", command_dump,
	  "iptables|ip6tables|nft|json|ipfwadm [-v] [--maps] [--partial] [--prove] [FILE]",
	  "translate the rules in force, or those of FILE",
	  "\n"
	  "  -v          also print where states of this kernel differ, by rule\n"
	  "  --maps      nft: neighbours that differ in addresses and ports as one lookup\n"
	  "  --partial   print although some rules cannot be translated\n"
	  "  --prove     print nothing unless it is proved to do what the rules do; the exit\n"
	  "              status is then as that of 'prove'\n"
	  "\n"
	  "The exit status is 0 if every rule is exact, 3 if some are approximate,\n"
	  "4 if some cannot be translated; those are listed on stderr.\n", 0 },
	{ "lint", command_lint, "[--budget MILLIONS] [FILE]",
	  "name the rules in force, or of FILE, that cannot do what they say",
	  "\n"
	  "  --budget MILLIONS\n"
	  "              of comparisons that may be made; what needs more is undecided\n"
	  "\n"
	  "The exit status is 6 if there are warnings, else 5 if a rule is undecided, else 0.\n",
	  0 },
	{ "diff", command_diff, "[--level verdict|packet|log|counters] [--budget MILLIONS] A B",
	  "compare two rule sets for every packet",
	  "\n"
	  "  --level LEVEL what must be alike: verdict, packet (also what happens to the packet\n"
	  "                and its connection, the default), log, counters; each includes those\n"
	  "                before it\n"
	  "  --budget MILLIONS\n"
	  "                of comparisons that may be made; if more are needed it is undecided\n"
	  "  A, B          files of rules, of iptables-save or nft --json list ruleset; 'live':\n"
	  "                those in force; or names of backends\n"
	  "\n"
	  "The exit status is 0 if they are alike, 1 if they differ, 5 if that is undecided,\n"
	  "2 if they cannot be compared.\n", 0 },
	{ "prove", command_prove, "[--for nft|iptables] [--budget MILLIONS] [FILE|live]",
	  "prove that nftables and iptables treat every packet as the rules do",
	  "\n"
	  "  --for nft|iptables\n"
	  "              prove only what this one would get\n"
	  "  --budget MILLIONS\n"
	  "              of comparisons that may be made; if more are needed it is undecided\n"
	  "  FILE        rules; without: those in force; 'live': likewise, and with nft and\n"
	  "              xtables what stands in the kernel is read back and proved\n"
	  "\n"
	  "The exit status is 0 if it is proved, 3 or 4 if it is but for rules that 'dump'\n"
	  "reports, too, 6 if a packet is treated differently, 5 if that is undecided.\n", 0 },
	{ "optimise", command_optimise, "[--to FORMAT] [--maps] [--budget MILLIONS] [FILE]",
	  "print the rules in force, or of FILE, without those that are not needed",
	  "\n"
	  "  --to FORMAT nft, iptables, ip6tables, json or ipfwadm, as of 'dump'; without:\n"
	  "              ipfwadm\n"
	  "  --maps      as of 'dump'\n"
	  "  --budget MILLIONS\n"
	  "              of comparisons that may be made; a list that needs more is printed as\n"
	  "              it is\n"
	  "\n"
	  "Each list is proved to decide, change and log every packet as before; which rule\n"
	  "counts it differs.  The exit status is 5 if a list is not proved, else that of\n"
	  "'dump'.\n", 0 },
	{ "trace", command_trace,
	  "-P PROTOCOL -S ADDRESS [PORT] -D ADDRESS [PORT] ... | --pcap FILE",
	  "show the whole way of packets",
	  "\n"
	  "  -P PROTOCOL            tcp, udp, icmp or a number\n"
	  "  -S ADDRESS [PORT]      source; for icmp the type stands here\n"
	  "  -D ADDRESS [PORT]      destination\n"
	  "  -W NAME                interface it arrives on; without: we send it\n"
	  "  -y, -k                 with SYN, with ACK\n"
	  "  --flags FSRPAU         TCP flags by letter\n"
	  "  --state STATE          new, established, related or invalid, whatever its\n"
	  "                         connection says\n"
	  "  --kept                 a rule with --keep-state accepted its connection\n"
	  "  --tos N, --ttl N, --length N, --id N, --code N\n"
	  "                         header fields; --code is that of ICMP\n"
	  "  --mark N               mark of netfilter, for port forwards by mark\n"
	  "  --out NAME             where packets leave that no interface is near to\n"
	  "  --reply                trace the answer too\n"
	  "  --error TYPE[/CODE]    trace an ICMP error about it too: unreachable,\n"
	  "                         source-quench, time-exceeded or a number\n"
	  "  --at SECONDS           time since the first packet; this, or another -P,\n"
	  "                         begins the next packet\n"
	  "  --pcap FILE            the IPv4 packets of a capture; -W: all arrive there\n"
	  "  --keep                 the connections stay in the simulator's file\n"
	  "  --rules FILE           rules and interfaces of FILE, not those in force\n"
	  "  --svg                  the way through the lists as a picture\n"
	  "  -v                     print why the other rules do not match\n", 0 },
	{ "run", run_run,
	  "[--confirm SECONDS] [--dry-run] [--report FILE] [OPTION...] SCRIPT [ARG...]",
	  "carry out a script, its rules in one step at its end",
	  "\n"
	  "  --confirm SECONDS\n"
	  "              go back to the rules of before unless that is confirmed\n"
	  "  --force     although your ssh connection would be cut\n"
	  "  --dry-run   show what would change, and change no rules\n"
	  "  --strict    change nothing if a command is refused\n"
	  "  --report FILE\n"
	  "              write a page for a browser, with each rule's translations\n"
	  "  --native    ifconfig, route, uname and modprobe are this system's, not the old ones\n"
	  "  SCRIPT      of any shell, unchanged; its commands see the rules to be\n"
	  "\n"
	  "If the script fails nothing changes, and the exit status is the script's.\n",
	  .flags = SUBCOMMAND_TAKES_COMMAND },
	{ "translate", translate_run,
	  "[--to FORMAT] [--interface NAME=ADDRESS/BITS]... SCRIPT [ARG...]",
	  "run a script in a sandbox, and print its rules for other programs",
	  "\n"
	  "  --to FORMAT  nft, iptables, ip6tables, json or ipfwadm; without: nft\n"
	  "  --partial    print although some rules cannot be translated, or it fails\n"
	  TRANSLATE_DECLARATION
	  "\n"
	  "Needs no rights but where user namespaces are forbidden, and changes nothing.  Each\n"
	  "rule has the script's line.  What else the script does is reported on stderr.  The\n"
	  "exit status is 0 if all is exact, 3 if some rules are approximate, 4 if something is\n"
	  "not translated.\n",
	  .flags = SUBCOMMAND_TAKES_COMMAND },
	{ "try", try_run, "[--interface NAME=ADDRESS/BITS]... SCRIPT [ARG...]",
	  "run a script in a sandbox, and list its rules",
	  "\n"
	  "  --partial    list although the script fails\n"
	  TRANSLATE_DECLARATION
	  "\n"
	  "The rules replace those of the simulator, where 'ipfwadm --backend sim trace' shows\n"
	  "the way of packets through them.\n",
	  .flags = SUBCOMMAND_TAKES_COMMAND | SUBCOMMAND_TEXT },
	{ "confirm", confirm_run, "", "keep the rules that 'run' or 'load --confirm' put in force",
	  "", SUBCOMMAND_TEXT },
	{ "refresh", command_refresh, "",
	  "fit the rules in force to the interfaces, undo what others changed", "", 0 },
	{ "ipv6", command_ipv6, "[deny|accept]",
	  "show, close or open the gate for IPv6, which the rules do not see",
	  "\n"
	  "  deny    drop what comes in and is forwarded, but loopback, answers, ICMPv6 errors,\n"
	  "          neighbour discovery and DHCPv6 answers\n"
	  "  accept  take that away\n", 0 },
	{ "enable", command_enable, "[--closed]", "load the rules in force at boot",
	  "\n"
	  "  --closed  until they are loaded, and if they cannot be, everything is denied\n",
	  SUBCOMMAND_TEXT },
	{ "disable", command_disable, "", "load no rules at boot", "", SUBCOMMAND_TEXT },
	{ "shell", command_shell, "[--keep-going] [--engine COMMAND] [FILE]",
	  "work on the rules at a prompt",
	  "\n"
	  "  --keep-going  do not stop at the first error of FILE or the standard input\n"
	  "  --engine COMMAND\n"
	  "                what starts the engine, such as 'sudo ipfwadm engine'\n"
	  "  FILE          lines to carry out instead of asking for some\n"
	  "\n"
	  "The prompt completes with the TAB key; 'help' there says more.\n", 0 },
	{ .name = "compat", .run = command_compat, .arguments = "[--mount] COMMAND...",
	  .summary = "run a program that expects a kernel of Linux 2.0",
	  .details = "\n"
	  "  --mount  the files are there for static programs and redirections of shells, too\n"
	  "\n"
	  "Its IP_FW_* socket options and /proc/net/ip_input, ip_output, ip_forward,\n"
	  "ip_acct, ip_masquerade and ip_masq_app are those of the backend.\n",
	  .flags = SUBCOMMAND_TAKES_COMMAND | SUBCOMMAND_TEXT },
	{ "logd", command_logd, "[FILE]", "write the log lines of Linux 2.0 for nft and xtables",
	  "\n"
	  "Reads the packets that rules with -o send to --log-group, until it is stopped.\n"
	  "\n"
	  "  FILE  where to; - is the standard output; without: to syslog or the journal\n",
	  SUBCOMMAND_TEXT },
	{ "backends", command_backends, "", "show what can carry rules here", "", 0 },
	{ "complete", command_complete, "[WORD...]",
	  "print what the last word may become, for shells", "",
	  SUBCOMMAND_NO_CONFIG | SUBCOMMAND_TEXT },
	{ "version", app_version, "", "print the version", "",
	  SUBCOMMAND_NO_CONFIG | SUBCOMMAND_TEXT },
	{ "help", app_help, "[SUBCOMMAND]", "print how to use the program", "",
	  SUBCOMMAND_NO_CONFIG | SUBCOMMAND_TEXT },
	{ .name = "engine", .run = engine_run, .flags = SUBCOMMAND_TEXT },
	{ .name = PRELOAD_SUBCOMMAND, .run = command_compat_helper,
	  .flags = SUBCOMMAND_NO_CONFIG | SUBCOMMAND_TEXT },
	{ .name = NULL, .run = classic_run },
};

static const struct app_alias aliases[] = {
	{ "ipportfw", classic_portfw_run, "ipportfw(8)" },
	{ "ipautofw", classic_portfw_run, "ipautofw(8)" },
	{ "ipmasqadm", classic_portfw_run, "ipmasqadm(8)" },
	{ "modprobe", module_run, NULL },	/* in `compat --mount' */
	{ "insmod", module_run, NULL },
	{ "rmmod", module_run, NULL },
	{ .name = NULL },
};

int main(int argc, char **argv)
{
	struct app app = { .subcommands = subcommands, .aliases = aliases,
			   .format = &saved_format };
	int status = client_run(argc, argv);

	if (status >= 0)
		return status;
	return app_main(&app, argc, argv);
}
