// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names.c - the words of the language.
 */
#include "kmod/core/names.h"

const char *const fw_list_names[FW_LISTS] = {
	[FW_FORWARD] = "forward",
	[FW_INPUT] = "input",
	[FW_OUTPUT] = "output",
	[FW_ACCT] = "accounting",
};

const char *const fw_tcp_flag_names[FW_TCP_FLAGS] = {
	"FIN", "SYN", "RST", "PSH", "ACK", "URG",
};

const char *const fw_policy_names[] = { "accept", "deny", "reject", "masquerade", NULL };

const char *const fw_kind_names[] = { "all", "tcp", "udp", "icmp", NULL };

const char *const fw_state_names[] = { "new", "established", "related", "invalid", NULL };

const char *const fw_helper_names[FW_HELPERS_ALL] = {
	[FW_HELPER_AMANDA] = "amanda",
	[FW_HELPER_FTP] = "ftp",
	[FW_HELPER_H323] = "h323",
	[FW_HELPER_IRC] = "irc",
	[FW_HELPER_NETBIOS_NS] = "netbios-ns",
	[FW_HELPER_PPTP] = "pptp",
	[FW_HELPER_SANE] = "sane",
	[FW_HELPER_SIP] = "sip",
	[FW_HELPER_SNMP] = "snmp",
	[FW_HELPER_TFTP] = "tftp",
	[FW_HELPER_CUSEEME] = "cuseeme",
	[FW_HELPER_QUAKE] = "quake",
	[FW_HELPER_RAUDIO] = "raudio",
	[FW_HELPER_VDOLIVE] = "vdolive",
};

static bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

enum fw_helper_id fw_helper_find(const char *name)
{
	unsigned int id;

	for (id = FW_HELPER_NONE + 1; id < FW_HELPERS; id++)
		if (text_equal(fw_helper_names[id], name))
			return (enum fw_helper_id)id;
	return FW_HELPER_NONE;
}
