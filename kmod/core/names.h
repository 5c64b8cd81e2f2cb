/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names.h - the words of the language: lists, policies, protocols, states, helpers.
 *
 * The parser, the printer, listings, JSON, traces and dumps use these tables, so each
 * word is written once.
 */
#ifndef FW_NAMES_H
#define FW_NAMES_H

#include "kmod/core/packet.h"

#define FW_TCP_FLAGS 6	/* bits of fw_packet.tcpflags that have names */

extern const char *const fw_list_names[FW_LISTS];
extern const char *const fw_tcp_flag_names[FW_TCP_FLAGS];	/* by bit */

/* the letter of a list's option, -F -I -O -A */
static inline char fw_list_letter(enum fw_list_id list)
{
	return "FIOA"[list];
}

/* Returns FW_LISTS if no list has that letter. */
static inline enum fw_list_id fw_list_by_letter(char letter)
{
	unsigned int list = 0;

	while (list < FW_LISTS && fw_list_letter((enum fw_list_id)list) != letter)
		list++;
	return (enum fw_list_id)list;
}

/* terminated by NULL */
extern const char *const fw_policy_names[];
extern const char *const fw_kind_names[];	/* by FW_KIND_* */
extern const char *const fw_state_names[];	/* by bit */

/* by enum fw_helper_id; from 1 on those of --helper, terminated by NULL */
extern const char *const fw_helper_names[FW_HELPERS_ALL];

/* The helper of --helper with that name, or FW_HELPER_NONE. */
enum fw_helper_id fw_helper_find(const char *name);

static inline const char *fw_helper_name(unsigned int id)
{
	return id < FW_HELPERS_ALL ? fw_helper_names[id] : NULL;
}

static inline const char *fw_policy_name(__u32 policy)
{
	switch (policy) {
	case FW_POLICY_ACCEPT:
		return fw_policy_names[0];
	case FW_POLICY_REJECT:
		return fw_policy_names[2];
	case FW_POLICY_MASQ:
		return fw_policy_names[3];
	default:
		return fw_policy_names[1];
	}
}

/* NULL for a protocol that rules cannot name */
static inline const char *fw_protocol_name(unsigned int proto)
{
	switch (proto) {
	case FW_PROTO_TCP:
		return fw_kind_names[FW_KIND_TCP];
	case FW_PROTO_UDP:
		return fw_kind_names[FW_KIND_UDP];
	case FW_PROTO_ICMP:
		return fw_kind_names[FW_KIND_ICMP];
	default:
		return NULL;
	}
}

#endif
