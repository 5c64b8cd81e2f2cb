/* SPDX-License-Identifier: GPL-2.0-or-later WITH Linux-syscall-note */
/*
 * ipfwadm_uapi.h - how user space talks to ipfwadm.ko: generic netlink.
 *
 * Family "ipfwadm", version 1.  Numbers are in host order, addresses and ports
 * included, unless stated otherwise.  Every operation works on the network namespace of
 * the socket.  All but STATUS, RULES_GET without ZERO, and CHECK need CAP_NET_ADMIN in the
 * user namespace that owns it.  Attributes and flag bits that are not described here are
 * refused with -EINVAL.  The extended ack of a refusal contains a sentence, the attribute
 * at fault, or the type of a missing one.  (Before Linux 6.2 a refused dump has one only
 * if its policy was violated.)  A number or a length out of range is -ERANGE.  Nests have
 * NLA_F_NESTED set.  A string ends with its first NUL, which its length includes and the
 * limits below exclude.  If an attribute other than EDIT is repeated, the last one counts.
 *
 * Generations: each change of rules, policies or timeouts makes a new one, counted
 * from 1 and never 0.  Zeroing counters makes none.
 *
 * STATUS (no attributes) ->
 *	GENERATION
 *	FEATURES u32, FEATURE_*
 *	POLICY nest of LISTS - 1: for each firewall list, attribute type 1 + list
 *		(list numbers as in the 2.0 socket options: forward 0, input 1,
 *		output 2), u32, the policy word of 2.0
 *	IPV6 u32, the policy word of the gate for IPv6: deny (0) or accept
 *	COUNT nest: for each list, attribute type 1 + list (accounting is 3), u32:
 *		rules in it
 *	TIMEOUTS nest: TIMEOUT_TCP, TIMEOUT_TCPFIN, TIMEOUT_UDP u32, seconds
 *	TRACK_TIMEOUTS nest of TRACK_TIMEOUT nests: TRACK_NAME string, TRACK_SECONDS u32;
 *		the names are those of -T -s, such as "tcp-established"
 *
 * RULES_GET, NLM_F_DUMP
 *	LIST u32, optional: only that list
 *	ZERO flag, optional, needs LIST and the capability: the list's counters are
 *		zeroed in the step that reads them, so no packet is lost or reported twice
 *	-> messages in list order (forward, input, output, accounting), each
 *	GENERATION
 *	LIST
 *	RULE nests, as many as fit; none if the list is empty
 *   and, without LIST, if there are port forwards, messages in the table's order, each
 *	GENERATION
 *	FORWARD nests, as many as fit
 *   All messages are of the generation and the counters at the start of the dump.  After
 *   a concurrent change the following messages have NLM_F_DUMP_INTR set, so that the
 *   reader may ask again.  Without the capability it may be -EBUSY, because the number of
 *   such dumps is limited.
 *
 * EDIT: a transaction; all of it takes effect in one step, or nothing.
 *	GENERATION u32, optional: -ESTALE unless it is the active one
 *	REPLACE flag, optional: everything (rules, policies, timeouts, gate) is first set to
 *		what it is after loading the module, counters included
 *	TRACK_TIMEOUTS nest, optional, as above: timeouts that are set
 *	EDIT nests in order, up to IPFWADM_EDITS_MAX, else -E2BIG:
 *		EDIT_OP u32, enum ipfwadm_op
 *		EDIT_LIST u32 (not TIMEOUTS, FORWARD_* and IPV6)
 *		EDIT_RULE nest, as RULE (APPEND, INSERT, DELETE)
 *		EDIT_POLICY u32 (POLICY; IPV6: deny or accept)
 *		EDIT_TIMEOUTS nest, as TIMEOUTS; a member that is absent stays (TIMEOUTS)
 *		EDIT_COUNTERS flag, optional (APPEND, INSERT): the rule keeps
 *			RULE_PACKETS and RULE_BYTES, else it begins at zero
 *		EDIT_FORWARD nest, as FORWARD (FORWARD_APPEND, _INSERT, _DELETE, _DELETE_SIDE);
 *			for the last one, target and weight are of no consequence
 *		EDIT_CUT flag, optional (FORWARD_DELETE, _DELETE_SIDE, _FLUSH): connections
 *			that the forwards have made end from outside
 *	-> the ack.  NLMSGERR_ATTR_OFFS of a refused edit is the offset of the attribute
 *	at fault in the nest of that edit, or of the nest itself.  DELETE of a rule that
 *	does not exist is -EINVAL, as it was in 2.0.
 *
 * CHECK: what would happen to a packet.  Nothing is counted; matching rules with FW_PRN
 * are logged if the sender has the capability.
 *	LIST u32
 *	OUTGOING flag, optional, accounting list only: it is sent, not received
 *	PACKET nest, PACKET_*: SADDR, DADDR, PROTO and LENGTH are required, others are 0
 *		when absent
 *	DEVICE nest, optional: DEVICE_NAME string, DEVICE_ADDR u32, both; -EINVAL when
 *		there is no such device or it has another address; a rule that is bound to
 *		an interface that is down matches nothing
 *	-> VERDICT u32, enum ipfwadm_verdict
 *	   BY u32, enum ipfwadm_by
 *	   INDEX u32, from 0: only if a rule decided
 *	   TOS u8: of the packet after the list
 *	   REDIRECT_PORT u16: only with VERDICT_REDIRECT in the input list
 *	   MATCHED binary, u32 each: indices of the first IPFWADM_MATCHED_MAX rules that
 *		match; accounting list only
 *
 * CONNS_GET, NLM_F_DUMP, needs the capability: the connections of the tracker
 *	RULE nests, optional, up to IPFWADM_FILTERS_MAX: only connections whose first
 *		packet one of them matches; looked at are protocol, addresses and ports
 *	-> messages, each with CONN binary, struct ipfwadm_conn, as many as fit
 *   The order is that of the table.  If the table was resized meanwhile, messages have
 *   NLM_F_DUMP_INTR set, and connections may be missing or reported twice.
 *
 * CONNS_END: ends connections, chosen as by CONNS_GET; all without RULE.  What they
 * expect ends with them.
 *	-> COUNT u32: how many have ended
 *
 * EXPECTS_GET, NLM_F_DUMP, needs the capability: connections that helpers expect
 *	-> messages, each with EXPECT binary, struct ipfwadm_expect, as many as fit
 *
 * Multicast group "changes": CHANGED after each transaction (zeroing by RULES_GET is none)
 *	GENERATION
 *	EDITS u32: how many edits the transaction had (0: counters were zeroed)
 *	PORTID u32: of the netlink socket of the transaction, 0 if it was another interface
 *
 * Multicast group "connections", which needs the capability to listen: CONNS_CHANGED a
 * moment after what happens to connections of the tracker
 *	LOST u32, optional: so many events since the message before are not reported
 *	CONN binary, as of CONNS_GET, as many as fit, in the order of what happened; event is
 *		new, assured (it may be so again after it has closed), or destroyed, with the
 *		last counters.  An entry whose translation changes is destroyed, and another
 *		is new.
 *   Of a namespace up to IPFWADM_EVENTS_MAX events wait to be sent; more, and those without
 *   memory, are lost.  A listener that receives too slowly gets -ENOBUFS.
 *
 * RULE nest.  Absent numbers are 0, except RULE_TOS_AND, which is 0xff:
 *	RULE_SRC, RULE_SRC_MASK, RULE_DST, RULE_DST_MASK, RULE_VIA	u32
 *	RULE_FLAGS	u16, the 2.0 flag word; bits outside 0x3fff are refused
 *	RULE_NSP, RULE_NDP	u8, slots of RULE_PORTS used for sources, destinations
 *	RULE_PORTS	binary, up to 10 u16: source slots, destination slots, then the
 *			redirect port
 *	RULE_TOS_AND, RULE_TOS_XOR	u8
 *	RULE_INTERFACE	string, up to 16 characters: names set by the 2.0 socket options
 *			may have no NUL
 *	RULE_STATE	u8; RULE_KEEP_STATE u8; RULE_HELPER string, "ftp", "irc" or "tftp":
 *			others are refused with -EOPNOTSUPP
 *	RULE_COMMENT	string, up to 80 characters
 *	RULE_PACKETS, RULE_BYTES	u64
 *
 * FORWARD nest, a port forward; its targets take turns.  Absent numbers are 0, except
 * FORWARD_LEFT, which is FORWARD_WEIGHT:
 *	FORWARD_PROTO	u8, TCP or UDP; with FORWARD_MARK also 0, both
 *	FORWARD_FLAGS	u8, FORWARD_*
 *	FORWARD_ADDR	u32, outer address, unless FORWARD_ANY_ADDR
 *	FORWARD_LOW, FORWARD_HIGH	u16, outer ports
 *	FORWARD_MARK	u32, of packets, instead of address and ports
 *	FORWARD_TO	u32, target; of one with a trigger the host that was learned, which an
 *			edit cannot set
 *	FORWARD_TO_PORT	u16, if FORWARD_HAS_PORT
 *	FORWARD_TRIGGER_PROTO u8, FORWARD_TRIGGER_PORT u16: a masqueraded packet to this port
 *			makes its sender the target
 *	FORWARD_TRIGGER_TIME	u32, seconds until that is forgotten, 0: never
 *	FORWARD_WEIGHT	u32, connections in a row; FORWARD_LEFT u32, of these not made yet
 *	FORWARD_CONNS	u64, connections made
 *	FORWARD_HELPER	u8, no target: masqueraded connections to the port have this helper
 *			of 2.0 (2 ftp, 4 irc, 12 cuseeme, 13 quake, 14 raudio, 15 vdolive)
 *			in place of those to its own ports
 *   A namespace has up to IPFWADM_FORWARDS_MAX, else -ENOSPC.
 */
#ifndef IPFWADM_UAPI_H
#define IPFWADM_UAPI_H

#include <linux/types.h>

#define IPFWADM_FAMILY		"ipfwadm"
#define IPFWADM_FAMILY_VERSION	1
#define IPFWADM_GROUP_CHANGES	"changes"
#define IPFWADM_GROUP_CONNS	"connections"

#define IPFWADM_EDITS_MAX	(1 << 20)
#define IPFWADM_MATCHED_MAX	64
#define IPFWADM_HELPER_MAX	15	/* characters of RULE_HELPER */
#define IPFWADM_FILTERS_MAX	64	/* RULE nests of CONNS_GET and CONNS_END */
#define IPFWADM_FORWARDS_MAX	4096
#define IPFWADM_EVENTS_MAX	1024

enum ipfwadm_cmd {
	IPFWADM_CMD_UNSPEC,
	IPFWADM_CMD_STATUS,
	IPFWADM_CMD_RULES_GET,
	IPFWADM_CMD_EDIT,
	IPFWADM_CMD_CHECK,
	IPFWADM_CMD_CHANGED,
	IPFWADM_CMD_CONNS_GET,
	IPFWADM_CMD_CONNS_END,
	IPFWADM_CMD_EXPECTS_GET,
	IPFWADM_CMD_CONNS_CHANGED,
	IPFWADM_CMD_END,
};

enum ipfwadm_op {
	IPFWADM_OP_APPEND,
	IPFWADM_OP_INSERT,
	IPFWADM_OP_DELETE,
	IPFWADM_OP_FLUSH,
	IPFWADM_OP_ZERO,
	IPFWADM_OP_POLICY,
	IPFWADM_OP_TIMEOUTS,
	IPFWADM_OP_FORWARD_APPEND,	/* a known one gets the weight */
	IPFWADM_OP_FORWARD_INSERT,
	IPFWADM_OP_FORWARD_DELETE,
	IPFWADM_OP_FORWARD_DELETE_SIDE,	/* all of the outer side */
	IPFWADM_OP_FORWARD_FLUSH,
	IPFWADM_OP_FORWARD_ZERO,	/* FORWARD_CONNS of all */
	IPFWADM_OP_IPV6,	/* needs nf_conntrack to deny, which is loaded, else -EOPNOTSUPP */
	IPFWADM_OP_END,
};

enum ipfwadm_verdict {
	IPFWADM_VERDICT_DENY,
	IPFWADM_VERDICT_ACCEPT,
	IPFWADM_VERDICT_REJECT,
	IPFWADM_VERDICT_REDIRECT,
	IPFWADM_VERDICT_MASQUERADE,
};

enum ipfwadm_by {
	IPFWADM_BY_NONE,
	IPFWADM_BY_EARLY,	/* fragments and short packets, before any rule */
	IPFWADM_BY_STATE,
	IPFWADM_BY_RULE,
	IPFWADM_BY_POLICY,
};

/* IPFWADM_A_FEATURES */
#define IPFWADM_FEATURE_STATE		0x01	/* states can be matched and kept */
#define IPFWADM_FEATURE_MASQUERADE	0x02	/* else such rules, policies are refused */
#define IPFWADM_FEATURE_FORWARD		0x04	/* ports can be forwarded */
#define IPFWADM_FEATURE_IPV6		0x08	/* there is a gate for IPv6 */
#define IPFWADM_FEATURES		0x0f

enum ipfwadm_attr {
	IPFWADM_A_UNSPEC,
	IPFWADM_A_GENERATION,
	IPFWADM_A_FEATURES,
	IPFWADM_A_POLICY,
	IPFWADM_A_COUNT,
	IPFWADM_A_TIMEOUTS,
	IPFWADM_A_LIST,
	IPFWADM_A_ZERO,
	IPFWADM_A_RULE,
	IPFWADM_A_REPLACE,
	IPFWADM_A_EDIT,
	IPFWADM_A_PACKET,
	IPFWADM_A_DEVICE,
	IPFWADM_A_VERDICT,
	IPFWADM_A_BY,
	IPFWADM_A_INDEX,
	IPFWADM_A_TOS,
	IPFWADM_A_REDIRECT_PORT,
	IPFWADM_A_EDITS,
	IPFWADM_A_PORTID,
	IPFWADM_A_PAD,
	IPFWADM_A_OUTGOING,
	IPFWADM_A_MATCHED,
	IPFWADM_A_TRACK_TIMEOUTS,
	IPFWADM_A_CONN,
	IPFWADM_A_EXPECT,
	IPFWADM_A_FORWARD,
	IPFWADM_A_IPV6,
	IPFWADM_A_LOST,
	IPFWADM_A_END,
};

/* struct ipfwadm_conn.flags */
#define IPFWADM_CONN_ANSWERED		0x01	/* a packet in reply direction was seen */
#define IPFWADM_CONN_ASSURED		0x02	/* never ended early */
#define IPFWADM_CONN_EXPECTED		0x04	/* a helper expected it */
#define IPFWADM_CONN_INWARD		0x08	/* daddr sent its first packet, to maddr */
#define IPFWADM_CONN_MASQUERADED	0x40	/* the members of masquerading are set */
#define IPFWADM_CONN_KEPT		0x80	/* its packets pass the lists */

/* struct ipfwadm_conn.event */
#define IPFWADM_EVENT_NEW		1
#define IPFWADM_EVENT_ASSURED		2
#define IPFWADM_EVENT_DESTROYED		3

/* A_CONN.  Later versions may add members at the end. */
struct ipfwadm_conn {
	__u32 id;	/* in order of appearance; wraps around */
	__u32 saddr, daddr;	/* of its first packet, unless INWARD */
	__u32 maddr;	/* source address that the other end sees */
	__u16 sport, dport;	/* ICMP: identifier, 256 * type + code */
	__u16 mport;	/* source port that the other end sees */
	__u8 proto;
	__u8 tcp_state;	/* enum fw_tcp_state, 0 unless TCP */
	__u8 flags;	/* IPFWADM_CONN_* */
	__u8 helper;	/* enum fw_helper_id */
	__u8 masq;		/* 2.0's flags of masquerading, FW_CONN_* */
	__u8 event;		/* IPFWADM_EVENT_*; 0 in a dump */
	__u8 reserved[4];	/* 0 */
	__u32 seconds;	/* until it is forgotten, rounded up */
	__u32 age;	/* seconds since its first packet */
	__u64 packets[2], bytes[2];	/* sent by the end that began it, by the other */
	/* 2.0's columns of a masqueraded one */
	__u32 masq_ticks;	/* 1/100 s until the translation is forgotten */
	__u32 masq_seq;		/* sequence number after which a helper's change counts */
	__s32 masq_delta, masq_previous_delta;	/* bytes that helpers have added */
};

/* A_EXPECT */
struct ipfwadm_expect {
	__u32 saddr;	/* unless any_source */
	__u32 daddr;
	__u16 dport;
	__u8 proto;
	__u8 any_source;
	__u32 master;	/* ipfwadm_conn.id */
	__u32 seconds;	/* until it is forgotten, rounded up */
};

enum ipfwadm_timeout_attr {
	IPFWADM_TIMEOUT_UNSPEC,
	IPFWADM_TIMEOUT_TCP,
	IPFWADM_TIMEOUT_TCPFIN,
	IPFWADM_TIMEOUT_UDP,
	IPFWADM_TIMEOUT_END,
};

enum ipfwadm_track_attr {
	IPFWADM_TRACK_UNSPEC,
	IPFWADM_TRACK_TIMEOUT,
	IPFWADM_TRACK_NAME,
	IPFWADM_TRACK_SECONDS,
	IPFWADM_TRACK_END,
};

enum ipfwadm_edit_attr {
	IPFWADM_EDIT_UNSPEC,
	IPFWADM_EDIT_OP,
	IPFWADM_EDIT_LIST,
	IPFWADM_EDIT_RULE,
	IPFWADM_EDIT_POLICY,
	IPFWADM_EDIT_TIMEOUTS,
	IPFWADM_EDIT_COUNTERS,
	IPFWADM_EDIT_FORWARD,
	IPFWADM_EDIT_CUT,
	IPFWADM_EDIT_END,
};

enum ipfwadm_rule_attr {
	IPFWADM_RULE_UNSPEC,
	IPFWADM_RULE_SRC,
	IPFWADM_RULE_SRC_MASK,
	IPFWADM_RULE_DST,
	IPFWADM_RULE_DST_MASK,
	IPFWADM_RULE_VIA,
	IPFWADM_RULE_FLAGS,
	IPFWADM_RULE_NSP,
	IPFWADM_RULE_NDP,
	IPFWADM_RULE_PORTS,
	IPFWADM_RULE_TOS_AND,
	IPFWADM_RULE_TOS_XOR,
	IPFWADM_RULE_INTERFACE,
	IPFWADM_RULE_STATE,
	IPFWADM_RULE_KEEP_STATE,
	IPFWADM_RULE_HELPER,
	IPFWADM_RULE_COMMENT,
	IPFWADM_RULE_PACKETS,
	IPFWADM_RULE_BYTES,
	IPFWADM_RULE_PAD,
	IPFWADM_RULE_END,
};

/* FORWARD_FLAGS */
#define IPFWADM_FORWARD_ANY_ADDR	0x01	/* every address of the host */
#define IPFWADM_FORWARD_HAS_PORT	0x02	/* else the packet's own */
#define IPFWADM_FORWARD_SAME_PORT	0x04	/* no target: masqueraded connections to the
						   ports keep their source port */

enum ipfwadm_forward_attr {
	IPFWADM_FORWARD_UNSPEC,
	IPFWADM_FORWARD_PROTO,
	IPFWADM_FORWARD_FLAGS,
	IPFWADM_FORWARD_ADDR,
	IPFWADM_FORWARD_LOW,
	IPFWADM_FORWARD_HIGH,
	IPFWADM_FORWARD_MARK,
	IPFWADM_FORWARD_TO,
	IPFWADM_FORWARD_TO_PORT,
	IPFWADM_FORWARD_TRIGGER_PROTO,
	IPFWADM_FORWARD_TRIGGER_PORT,
	IPFWADM_FORWARD_TRIGGER_TIME,
	IPFWADM_FORWARD_WEIGHT,
	IPFWADM_FORWARD_LEFT,
	IPFWADM_FORWARD_CONNS,
	IPFWADM_FORWARD_PAD,
	IPFWADM_FORWARD_HELPER,
	IPFWADM_FORWARD_END,
};

enum ipfwadm_packet_attr {
	IPFWADM_PACKET_UNSPEC,
	IPFWADM_PACKET_SADDR,		/* u32 */
	IPFWADM_PACKET_DADDR,		/* u32 */
	IPFWADM_PACKET_PROTO,		/* u8 */
	IPFWADM_PACKET_LENGTH,		/* u16: as the header claims */
	IPFWADM_PACKET_TOS,		/* u8 */
	IPFWADM_PACKET_TTL,		/* u8 */
	IPFWADM_PACKET_ID,		/* u16 */
	IPFWADM_PACKET_FRAGMENT,	/* u16: DF, MF and offset as in the header */
	IPFWADM_PACKET_SPORT,		/* u16 */
	IPFWADM_PACKET_DPORT,		/* u16 */
	IPFWADM_PACKET_TCP_FLAGS,	/* u8: as in the header */
	IPFWADM_PACKET_ICMP_TYPE,	/* u8 */
	IPFWADM_PACKET_ICMP_CODE,	/* u8 */
	IPFWADM_PACKET_ICMP_ID,		/* u16 */
	IPFWADM_PACKET_OPTIONS,		/* binary: up to 40 bytes, as on the wire */
	IPFWADM_PACKET_STATE,		/* u8: one FW_STATE bit, 0 counts as new */
	IPFWADM_PACKET_END,
};

enum ipfwadm_device_attr {
	IPFWADM_DEVICE_UNSPEC,
	IPFWADM_DEVICE_NAME,
	IPFWADM_DEVICE_ADDR,
	IPFWADM_DEVICE_END,
};

#endif
