/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule.h - a rule as meant: struct ip_fw of Linux 2.0 with connection states.
 *
 * Addresses and ports are in host order everywhere in the core.  The numbers of lists
 * and flags are those of the 2.0 socket options, so that rules of old programs need no
 * table.
 */
#ifndef FW_RULE_H
#define FW_RULE_H

#include "kmod/core/base.h"

/* the lists; the value is the 2.0 chain number */
enum fw_list_id {
	FW_FORWARD = 0,
	FW_INPUT = 1,
	FW_OUTPUT = 2,
	FW_ACCT = 3,
	FW_LISTS = 4,
};

#define FW_IFNAMSIZ 16
#define FW_MAX_PORTS 10
#define FW_COMMENT_MAX 80	/* printable characters */

/* struct fw_rule.flags: the 2.0 flag word */
#define FW_KIND_MASK	0x0003
#define FW_KIND_ALL	0x0000
#define FW_KIND_TCP	0x0001
#define FW_KIND_UDP	0x0002
#define FW_KIND_ICMP	0x0003
#define FW_ACCEPT	0x0004
#define FW_SRNG		0x0008	/* pts[0]:pts[1] of the sources is a range */
#define FW_DRNG		0x0010	/* likewise of the destinations */
#define FW_PRN		0x0020	/* -o */
#define FW_BIDIR	0x0040	/* -b */
#define FW_TCPSYN	0x0080	/* -y: SYN and neither ACK nor RST */
#define FW_ICMPRPL	0x0100	/* reject */
#define FW_MASQ		0x0200
#define FW_TCPACK	0x0400	/* -k: ACK or RST */
#define FW_REDIR	0x0800
#define FW_ACCTIN	0x1000	/* not for outgoing packets */
#define FW_ACCTOUT	0x2000	/* not for incoming packets */
#define FW_FLAGS	0x3fff	/* all that may be set */

/* policy words, also the policy of a list */
#define FW_POLICY_DENY		0
#define FW_POLICY_ACCEPT	FW_ACCEPT
#define FW_POLICY_REJECT	FW_ICMPRPL
#define FW_POLICY_MASQ		(FW_ACCEPT | FW_MASQ)
#define FW_POLICY_MASK		(FW_ACCEPT | FW_ICMPRPL | FW_MASQ)

/* Do these flags of a rule, or this policy, of the forward list masquerade packets? */
static inline bool fw_flags_masquerade(__u32 flags)
{
	return (flags & (FW_POLICY_MASQ | FW_REDIR)) == FW_POLICY_MASQ;
}

/* states of a packet's connection; also the bits of fw_rule.state */
#define FW_STATE_NEW		0x01
#define FW_STATE_ESTABLISHED	0x02
#define FW_STATE_RELATED	0x04
#define FW_STATE_INVALID	0x08
#define FW_STATES		0x0f

/* helpers that find related connections; fw_rule.helper, 0 is none */
enum fw_helper_id {
	FW_HELPER_NONE,
	FW_HELPER_AMANDA,
	FW_HELPER_FTP,
	FW_HELPER_H323,
	FW_HELPER_IRC,
	FW_HELPER_NETBIOS_NS,
	FW_HELPER_PPTP,
	FW_HELPER_SANE,
	FW_HELPER_SIP,
	FW_HELPER_SNMP,
	FW_HELPER_TFTP,
	FW_HELPERS,		/* --helper takes those before */
	/* of masquerading in 2.0 alone */
	FW_HELPER_CUSEEME,
	FW_HELPER_QUAKE,
	FW_HELPER_RAUDIO,
	FW_HELPER_VDOLIVE,
	FW_HELPERS_ALL,
};

/*
 * A rule.  Its part that packets are matched against is a struct of its own, too, so that
 * a host can store the matched parts of a list densely: struct fw_match.
 */
struct fw_rule {
	__struct_group(fw_match, match, /* no attributes */,
		__u32 src, smsk;	/* a mask may have any bit pattern */
		__u32 dst, dmsk;
		__u32 via;		/* -V: the interface's own address, 0 = any */
		__u16 flags;		/* FW_KIND_ALL ... FW_ACCTOUT */
		__u8 nsp, ndp;		/* port slots used; a range takes two */
		/*
		 * Source slots, destination slots, then one slot for the redirect port
		 * if FW_REDIR.  ICMP types are in the source slots.  Later slots keep
		 * what was stored: /proc shows all ten.
		 */
		__u16 pts[FW_MAX_PORTS];
		__u8 tosand, tosxor;
		__u8 state;		/* FW_STATE_* that match, 0 = not asked */
		__u8 keep_state;	/* 1: --keep-state */
		__u8 helper;		/* enum fw_helper_id */
		char vianame[FW_IFNAMSIZ];	/* -W; padded with NULs, empty = any */
	);
	char comment[FW_COMMENT_MAX + 1];
	__u64 pcnt, bcnt;	/* packets and bytes that matched */
};

_Static_assert(sizeof(struct fw_match) <= 88, "a long list must fit into the cache");

/* the part of a rule that was refused; the front end maps it to the user's word */
enum fw_field {
	FW_FIELD_NONE,
	FW_FIELD_LIST,
	FW_FIELD_POLICY,
	FW_FIELD_PROTOCOL,
	FW_FIELD_SOURCE,
	FW_FIELD_DESTINATION,
	FW_FIELD_PORTS,
	FW_FIELD_VIA,
	FW_FIELD_INTERFACE,
	FW_FIELD_REDIRECT,
	FW_FIELD_MASQUERADE,
	FW_FIELD_TOS,
	FW_FIELD_STATE,
	FW_FIELD_KEEP_STATE,
	FW_FIELD_HELPER,
	FW_FIELD_COMMENT,
	FW_FIELD_TIMEOUTS,
	FW_FIELD_FLAGS,
};

/*
 * The validity check of every interface (resolve, netlink, sockets).  Returns 0, or
 * -EINVAL with the refused part in *field, which may be NULL.  It refuses what the 2.0
 * kernel refused and new members that no backend can carry out, nothing else.
 */
int fw_rule_check(const struct fw_rule *r, enum fw_list_id list,
		  enum fw_field *field);

/* Makes a rule ready to be stored: TOS bit 0 kept, counters zero. */
static inline void fw_match_prepare(struct fw_match *m)
{
	m->tosand |= 1;
	m->tosxor &= 0xfe;
}

static inline void fw_rule_prepare(struct fw_rule *r)
{
	fw_match_prepare(&r->match);
	r->pcnt = 0;
	r->bcnt = 0;
}

/*
 * Equality as delete sees it: addresses, masks, via, flags, the sum of the port counts,
 * the used slots, vianame, state, keep_state, helper.  Not: TOS, redirect port, how
 * ports split into source and destination, counters, comment.
 */
bool fw_match_equal(const struct fw_match *a, const struct fw_match *b);

static inline bool fw_rule_equal(const struct fw_rule *a, const struct fw_rule *b)
{
	return fw_match_equal(&a->match, &b->match);
}

/* the TOS byte of a packet after an accepting rule matched */
static inline __u8 fw_match_tos(const struct fw_match *m, __u8 tos)
{
	return (tos & (m->tosand | 1)) ^ (m->tosxor & 0xfe);
}

/* the redirect port as stored; 0 is the packet's own destination port */
static inline __u16 fw_match_redirect_port(const struct fw_match *m)
{
	unsigned int slot = (unsigned int)m->nsp + m->ndp;

	return (m->flags & FW_REDIR) && slot < FW_MAX_PORTS ? m->pts[slot] : 0;
}

static inline __u16 fw_rule_redirect_port(const struct fw_rule *r)
{
	return fw_match_redirect_port(&r->match);
}

/* Are two names of interfaces, padded with NULs, the same? */
bool fw_name_equal(const char a[FW_IFNAMSIZ], const char b[FW_IFNAMSIZ]);

#endif
