/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry.h - entries of the connection tracker, what is read of a packet, results.
 */
#ifndef FW_ENTRY_H
#define FW_ENTRY_H

#include "kmod/core/conn.h"
#include "kmod/core/list.h"
#include "kmod/core/tick.h"
#include "kmod/core/track_timeouts.h"

/* direction of a packet in its connection */
#define FW_ORIGINAL 0
#define FW_REPLY 1
#define FW_NO_DIR 2

/*
 * What a packet is looked up by.  ICMP: the identifier is the port of the end that
 * asks, 256 * type + code of the query is the port of the other end.
 */
struct fw_key {
	__u32 saddr, daddr;
	__u16 sport, dport;
	__u8 proto;
	__u8 kind;	/* FW_KEY_* */
};

#define FW_KEY_PLAIN	0
#define FW_KEY_ANSWER	1	/* an ICMP answer */
#define FW_KEY_MASQ	2	/* the outer end of a masqueraded entry; saddr, sport are 0 */

struct fw_link { /* laid out as the kernel's hlist_node */
	struct fw_link *next, **prev;
};

/* Per direction: what this end sent, and what the other end allows. */
struct fw_tcp_side {
	__u32 end;	/* highest sequence number seen, plus length */
	__u32 maxend;	/* highest that the other end allowed */
	__u32 maxwin;	/* largest window announced; 0: nothing was seen yet */
	__u32 maxack;	/* highest acknowledgement, if FW_SIDE_MAXACK */
};

/* struct fw_entry.tcp */
#define FW_SIDE_SCALE 0x01	/* offered window scaling */
#define FW_SIDE_SACK 0x02	/* permits selective acknowledgement */
#define FW_SIDE_UNACKED 0x04	/* sent data that is not acknowledged */
#define FW_SIDE_CLOSE 0x08	/* began to close */
#define FW_SIDE_LIBERAL 0x10	/* not held to windows */
#define FW_SIDE_MAXACK 0x20	/* maxack is set */

/* struct fw_entry.flags */
#define FW_ENTRY_ANSWERED 0x01	/* a packet in reply direction was seen */
#define FW_ENTRY_ASSURED 0x02	/* never evicted */
#define FW_ENTRY_EXPECTED 0x04	/* began by an expectation */
#define FW_ENTRY_CHALLENGE 0x08	/* TCP: an ACK may answer a passed SYN */
#define FW_ENTRY_SIMULTANEOUS 0x10	/* TCP: both ends sent the first SYN */
#define FW_ENTRY_SYN_IFACE 0x20	/* the last passed SYN came in by its side's interface */
#define FW_ENTRY_INWARD 0x80	/* masqueraded, but begun from outside: by daddr */
#define FW_ENTRY_ENDED 0x40	/* no longer in the table; set with the expectation lock */

/* One connection.  Host order. */
struct fw_entry {
	/* 0: what a lookup reads */
	struct fw_link link[2];	/* by original and by reply key */
	__u32 saddr, daddr;	/* who began it, and with whom */
	__u32 maddr;	/* saddr as the other end sees it */
	__u16 sport, dport, mport;
	__u8 proto;
	__u8 helper;	/* enum fw_helper_id */
	__u32 begun;	/* tick of the first packet */
	__u32 id;
	__u16 help;	/* slot of struct fw_help, 0: none */
	__u16 expects;	/* first expectation, 0: none */
	/* 64: what every packet writes, guarded by the entry's lock */
	__u32 lock;	/* the host's */
	__u32 expires;	/* tick */
	struct fw_tcp_side side[2];
	__u8 tcp[2];	/* FW_SIDE_* */
	__u8 scale[2];
	__u8 state;	/* TCP: enum fw_tcp_state */
	__u8 flags;	/* FW_ENTRY_* */
	__u8 last_kind;	/* TCP: the last noted segment */
	__u8 last_dir;
	__u32 last_seq, last_ack, last_end;
	__u16 last_win;
	__u8 offered_tcp, offered_scale;	/* of a passed SYN */
	/* 128 */
	__u64 bytes[2];
	__u64 packets[2];
	__u8 retrans;	/* repetitions of the last segment */
	__u8 kept;	/* nonzero: packets pass the lists, by --keep-state */
	__u8 masq;	/* FW_CONN_*; 0: not masqueraded */
	__u8 forwarded;	/* FW_FORWARDED_*: by a port forward; 0: not */
	/* rare */
	__u32 iface[2];	/* where each side's packets came in */
	__u32 masq_expires;	/* tick; the entry lasts as long as either clock */
	struct fw_entry *control;	/* the connection that announced it, or NULL; a reference */
	__u32 refs;	/* the table's, and one of each entry whose control this is */
	bool shares_port;	/* others may have its outer end, with other peers */
	struct fw_link age;	/* of unassured entries, oldest first */
	void *host[2];	/* the host's */
};

/*
 * struct fw_entry.forwarded.  Such an entry is masqueraded and FW_ENTRY_INWARD: saddr is
 * the target, daddr the client, maddr the outer side.  Its outer end has many clients, so
 * its reply key is a plain one.
 */
#define FW_FORWARDED_LIVE 1
#define FW_FORWARDED_CUT 2	/* from outside only while a forward covers its outer side */

#define FW_NO_IFACE (~(__u32)0)	/* no packet of that side was accepted yet */

/* Sequence numbers after pos differ by after, the others by before. */
struct fw_adjust {
	__u32 pos;
	__s32 before, after;
};

#define FW_HELP_TEXT 128

/* What only connections with a helper have. */
struct fw_help {
	__u32 line[2][2];	/* FTP: sequence numbers that begin a line */
	__u8 lines[2];
	__u16 text_len[2];	/* the beginning of a command that was cut off */
	__u32 text_seq[2];	/* sequence number of its continuation */
	__u8 text[2][FW_HELP_TEXT];
	struct fw_adjust adjust[2];
	__u16 next_free;
};

/* Connections that a helper expects. */
struct fw_expect {
	__u32 saddr;	/* unless any_source */
	__u32 daddr;
	__u16 dport;
	__u8 proto;	/* 0: slot is free */
	bool any_source;
	__u32 expires;
	__u32 id;
	struct fw_entry *master;
	__u16 next;	/* in the chain of its hash head, newest first; or free */
	__u16 sibling;	/* the next of the same master, oldest first */
};

#define FW_EXPECT_HEADS 256

/*
 * The deliberate differences from Linux, bits of fw_track_settings.own; the number
 * is that of section 13 of the specification.
 */
#define FW_OWN(n) (1u << (n))
#define FW_OWN_FULL FW_OWN(1)	/* full table: what may be evicted */
#define FW_OWN_NUMBERS FW_OWN(2)	/* numbers in helpers' texts */
#define FW_OWN_NO_HELPER_DROP FW_OWN(3)	/* helpers never drop */
#define FW_OWN_RESET FW_OWN(4)	/* resets in FIN_WAIT and CLOSE_WAIT */
#define FW_OWN_RESYNC FW_OWN(5)	/* resynchronising by the right interfaces */
#define FW_OWN_QUOTED_SEQ FW_OWN(6)	/* sequence numbers quoted by ICMP errors */
#define FW_OWN_QUOTED_VERSION FW_OWN(7)
#define FW_OWN_EXPECT_TIME FW_OWN(8)	/* expectations end with their master's time */
#define FW_OWN_EXPECT_USE FW_OWN(9)	/* used up only by what begins a connection */
#define FW_OWN_SYN_SENT2 FW_OWN(10)	/* tcp-syn-sent2 can be set */
#define FW_OWN_GENERIC FW_OWN(11)	/* SCTP, DCCP, UDP-Lite by addresses */
#define FW_OWN_ALL 0x0ffe
#define FW_OWN_NONE 0	/* as Linux does it */

struct fw_track_settings {
	__u32 timeout[FW_TIMEOUTS];	/* seconds */
	__u32 tcp_max_retrans;
	bool tcp_loose;
	bool tcp_liberal;
	bool tcp_ignore_invalid_rst;
	bool checksum;	/* for the host: verify checksums on receipt */
	bool edits;	/* the host carries out fw_seen.edit */
	__u16 own;	/* FW_OWN_* in force */
};

/* Why a packet is invalid, or belongs to its connection without changing it. */
enum fw_why {
	FW_WHY_NONE,
	FW_WHY_SHORT,	/* the header is not whole */
	FW_WHY_OFFSET,	/* TCP data offset */
	FW_WHY_LENGTH,	/* UDP length field */
	FW_WHY_CHECKSUM,
	FW_WHY_FLAGS,	/* TCP flags that exclude each other */
	FW_WHY_ICMP_TYPE,
	FW_WHY_NOT_ASKED,	/* an ICMP answer without a query */
	FW_WHY_NO_ENTRY,	/* TCP: begins no connection */
	FW_WHY_STATE,	/* TCP: not in this state */
	FW_WHY_OLD_RESET,	/* TCP: below what is acknowledged, by amount */
	FW_WHY_AHEAD,	/* TCP: begins amount bytes beyond the window */
	FW_WHY_ACK_AHEAD,	/* TCP: acknowledges amount bytes never sent */
	FW_WHY_QUOTE_SHORT,	/* ICMP errors: of the quoted packet */
	FW_WHY_QUOTE_VERSION,
	FW_WHY_QUOTE_FRAGMENT,
	FW_WHY_QUOTE_TYPE,
	FW_WHY_QUOTE_NO_ENTRY,
	FW_WHY_QUOTE_ADDRESS,	/* the error does not go to its sender */
	FW_WHY_QUOTE_SEQ,
	FW_WHY_FULL,
	/* the packet passes as part of its connection */
	FW_WHY_REPEATED,	/* TCP: not expected in this state */
	FW_WHY_CHALLENGE,	/* TCP: a challenge ACK */
	FW_WHY_OVERRUN,	/* TCP: overran the window by amount */
	FW_WHY_OLD_DATA,	/* TCP: amount bytes before the window */
	FW_WHY_OLD_ACK,	/* TCP: acknowledges amount bytes before the window */
	FW_WHYS,
};

/* What fw_host_stat_add() counts. */
enum fw_stat {
	FW_STAT_NEW,	/* entries that were stored */
	FW_STAT_JOINED,	/* packets that have the entry of one that was faster */
	FW_STAT_EVICTED,	/* entries that made way because the table was full */
	FW_STAT_DROPPED,	/* packets without entry while it was full */
	FW_STAT_NO_PORT,	/* packets that found no port to be masqueraded by */
	FW_STAT_WHY,	/* packets by their enum fw_why */
	FW_STATS = FW_STAT_WHY + FW_WHYS,
};

/* Ports and timeouts of 2.0's masquerading. */
struct fw_masq {
	struct fw_timeouts timeouts;
	__u16 port_first, port_end;	/* those given out; the end is one after the last */
	__u16 next_port;	/* one counter for all protocols and addresses */
	bool strict_udp;	/* UDP is answered from the address that was asked alone */
	bool share;	/* TCP shares ports when all are used */
	__u32 used[3];		/* entries: UDP, TCP, ICMP */
	__u32 forwarded;	/* of these, by port forwards */
	__u32 sharing;	/* entries that share a port, which are not in used */
};

/*
 * The tracker of one namespace.  The host embeds it in its table, fills in
 * everything but what fw_track_init() sets, and keeps it until all entries ended.
 */
struct fw_track {
	const struct fw_track_settings *set;
	__u32 max;	/* entries */
	/* the host's: fw_host_count, fw_host_id */
	__u32 count, next_id;
	struct fw_masq masq;
	struct fw_portfw_table *portfw;	/* the host's; NULL: none */
	/* guarded by the host's expectation lock; slot 0 of both arrays is unused */
	struct fw_expect *expects;
	__u16 nexpects, expect_free;
	__u16 expect_head[FW_EXPECT_HEADS];
	struct fw_help *helps;
	__u16 nhelps, help_free;
};

enum fw_icmp_class {
	FW_ICMP_CLASS_NONE,
	FW_ICMP_CLASS_QUERY,
	FW_ICMP_CLASS_ANSWER,
	FW_ICMP_CLASS_ERROR,
};

/* What the tracker reads of a packet; see track_packet.h. */
struct fw_track_packet {
	struct fw_key key;	/* of an ICMP error: the quoted packet's, turned round */
	bool has_key;
	__u8 fault;	/* enum fw_why; the packet is invalid */
	__u8 icmp_class;	/* enum fw_icmp_class */
	__u8 tcpflags;	/* FW_TCP_* */
	__u8 options_len;
	__u32 iface;	/* where it came in; the host's numbers */
	__u32 total;	/* bytes of the datagram */
	/* TCP */
	__u32 seq, ack;
	__u16 win;
	const __u8 *options;
	/* TCP and UDP; payload is NULL unless helpers may read it */
	__u32 payload_len;
	const __u8 *payload;
	/* ICMP errors */
	__u32 quote_to;	/* destination of the error */
	__u32 quote_seq;
	bool quote_has_seq;
	__u8 quote_version;
};

#define FW_EDITS 2	/* in one segment */

/* A part of a segment's text that must be replaced before it leaves. */
struct fw_text_edit {
	__u16 at, len;	/* the part */
	__u16 size;	/* of the text that replaces it */
	char text[28];
};

/* What the tracker made of a packet. */
struct fw_seen {
	struct fw_entry *entry;	/* NULL: none, or not stored yet */
	__u8 state;	/* one FW_STATE_* bit; 0: the packet must be dropped */
	__u8 dir;	/* FW_ORIGINAL, FW_REPLY, FW_NO_DIR */
	bool fresh;	/* draft is an entry to be stored by fw_track_confirm() */
	bool masq;	/* its entry is masqueraded, even if it is invalid */
	bool helped;	/* its entry has a helper, likewise */
	__u8 why;	/* enum fw_why */
	__u32 amount;	/* bytes, for some whys */
	__u16 own;	/* FW_OWN_* that decided about this packet */
	__u8 kept;	/* entry's, also of an entry that this packet ended */
	__u32 expect;	/* id of the expectation that the packet fulfils, 0: none */
	__u16 expect_slot;
	__u8 edits;	/* changes of its text, in order; see helper_masq.h */
	struct fw_text_edit edit[FW_EDITS];
	struct fw_entry draft;
};

/* Nothing is known of the packet.  The draft and texts are left alone, because few need them. */
static inline void fw_seen_init(struct fw_seen *s, __u8 state, __u8 dir)
{
	s->entry = NULL;
	s->state = state;
	s->dir = dir;
	s->fresh = false;
	s->masq = s->helped = false;
	s->why = 0;
	s->amount = 0;
	s->own = 0;
	s->kept = 0;
	s->expect = 0;
	s->expect_slot = 0;
	s->edits = 0;
}

static inline struct fw_key fw_entry_key(const struct fw_entry *c, unsigned int dir)
{
	if (dir == FW_ORIGINAL)
		return (struct fw_key){ c->saddr, c->daddr, c->sport, c->dport, c->proto,
					FW_KEY_PLAIN };
	if (c->masq && !c->forwarded && !c->shares_port)
		return (struct fw_key){ 0, c->maddr, 0, c->mport, c->proto, FW_KEY_MASQ };
	return (struct fw_key){ c->daddr, c->maddr, c->dport, c->mport, c->proto,
				c->proto == 1 ? FW_KEY_ANSWER : FW_KEY_PLAIN };
}

/* Does the key belong to that direction of the entry? */
static inline bool fw_entry_is(const struct fw_entry *c, unsigned int dir,
			       const struct fw_key *k)
{
	struct fw_key own = fw_entry_key(c, dir);

	return own.saddr == k->saddr && own.daddr == k->daddr && own.sport == k->sport &&
	       own.dport == k->dport && own.proto == k->proto && own.kind == k->kind;
}

/* Is an entry that it announced in the table? */
static inline bool fw_entry_has_dependents(const struct fw_entry *c)
{
	return c->refs > 1;
}

/*
 * Is the entry's time over?  One that others depend on lasts as long as they do, as in
 * 2.0.
 */
static inline bool fw_entry_over(const struct fw_track *t, struct fw_entry *c, __u32 now)
{
	if (!fw_tick_over(c->expires, now) ||
	    (c->masq && !fw_tick_over(c->masq_expires, now)))
		return false;
	if (fw_entry_has_dependents(c))
		c->masq_expires = now + t->masq.timeouts.tcp * FW_TRACK_HZ;
	return !fw_entry_has_dependents(c);
}

/* The count of masqueraded entries of a protocol. */
static inline __u32 *fw_masq_used(struct fw_track *t, __u8 proto)
{
	return &t->masq.used[proto == 17 ? 0 : proto == 6 ? 1 : 2];
}

/* Is difference n from Linux in force?  Notes that it decided about the packet. */
static inline bool fw_own(const struct fw_track_settings *set, struct fw_seen *s,
			  __u16 bit)
{
	if (!(set->own & bit))
		return false;
	s->own |= bit;
	return true;
}

#endif
