// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_gate.c - the closed gate for IPv6 as text.
 */
#include "backend/text/emit_gate.h"

#include "kmod/core/gate.h"

static void nft_rule(FILE *out, const struct fw_gate_rule *r)
{
	fputs("\t\t", out);
	if (r->is_loopback)
		fputs("iifname \"lo\" ", out);
	if (r->is_known)
		fputs("ct state established,related ", out);
	if (r->is_link_local)
		fputs("ip6 saddr " FW_GATE_LINK_LOCAL " ", out);
	if (r->is_near)
		fprintf(out, "ip6 hoplimit %u ", FW_GATE_NEAR);
	if (r->icmp_first && r->icmp_first == r->icmp_last)
		fprintf(out, "icmpv6 type %u ", r->icmp_first);
	else if (r->icmp_first)
		fprintf(out, "icmpv6 type %u-%u ", r->icmp_first, r->icmp_last);
	if (r->dport)
		fprintf(out, "udp sport %u udp dport %u ", r->sport, r->dport);
	fputs("accept\n", out);
}

void emit_gate_nft(FILE *out)
{
	fputs("\n"
	      "# ipv6 deny\n"
	      "table ip6 ipfwadm\n"
	      "delete table ip6 ipfwadm\n"
	      "\n"
	      "table ip6 ipfwadm {\n"
	      "\tchain passes {\n", out);
	for (const struct fw_gate_rule *r = fw_gate_rules; r->about; r++)
		nft_rule(out, r);
	fputs("\t}\n"
	      "\n"
	      "\tchain input {\n"
	      "\t\ttype filter hook input priority 0; policy drop;\n"
	      "\t\tjump passes\n"
	      "\t}\n"
	      "\n"
	      "\tchain forward {\n"
	      "\t\ttype filter hook forward priority 0; policy drop;\n"
	      "\t\tjump passes\n"
	      "\t}\n"
	      "}\n", out);
}

/* type: of ICMPv6, if the rule has some */
static void ip6tables_rule(FILE *out, const struct fw_gate_rule *r, unsigned int type)
{
	fputs("-A ipfw-ipv6", out);
	if (r->is_loopback)
		fputs(" -i lo", out);
	if (r->is_link_local)
		fputs(" -s " FW_GATE_LINK_LOCAL, out);
	if (type || r->dport)
		fprintf(out, " -p %s", type ? "ipv6-icmp" : "udp");
	if (r->is_known)
		fputs(" -m conntrack --ctstate RELATED,ESTABLISHED", out);
	if (r->is_near)
		fprintf(out, " -m hl --hl-eq %u", FW_GATE_NEAR);
	if (type)
		fprintf(out, " -m icmp6 --icmpv6-type %u", type);
	if (r->dport)
		fprintf(out, " -m udp --sport %u --dport %u", r->sport, r->dport);
	fputs(" -j RETURN\n", out);
}

void emit_gate_ip6tables(FILE *out)
{
	fputs("# ipv6 deny, translated by: ipfwadm dump ip6tables\n"
	      "#\n"
	      "# Load with `ip6tables-restore -n FILE'.  This adds to the rules of other\n"
	      "# programs.  It fails and changes nothing where this chain exists already.\n"
	      "\n"
	      "*filter\n"
	      "-N ipfw-ipv6\n", out);
	for (const struct fw_gate_rule *r = fw_gate_rules; r->about; r++)
		for (unsigned int type = r->icmp_first; type <= r->icmp_last; type++)
			ip6tables_rule(out, r, type);
	fputs("-A ipfw-ipv6 -j DROP\n"
	      "-I INPUT -j ipfw-ipv6\n"
	      "-I FORWARD -j ipfw-ipv6\n"
	      "COMMIT\n", out);
}
