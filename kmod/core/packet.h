/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - packets and devices, in host order.
 */
#ifndef FW_PACKET_H
#define FW_PACKET_H

#include "kmod/core/rule.h"

#define FW_PROTO_ICMP	1
#define FW_PROTO_TCP	6
#define FW_PROTO_UDP	17

/* struct fw_packet.tcpflags, as on the wire */
#define FW_TCP_FIN	0x01
#define FW_TCP_SYN	0x02
#define FW_TCP_RST	0x04
#define FW_TCP_PSH	0x08
#define FW_TCP_ACK	0x10
#define FW_TCP_URG	0x20

#define FW_IP_DF	0x4000
#define FW_IP_MF	0x2000
#define FW_IP_OFFSET	0x1fff	/* units of 8 bytes */

#define FW_ICMP_ECHOREPLY	0
#define FW_ICMP_UNREACH		3
#define FW_ICMP_SOURCEQUENCH	4
#define FW_ICMP_REDIRECT	5
#define FW_ICMP_ECHO		8
#define FW_ICMP_TIMXCEED	11
#define FW_ICMP_PARAMPROB	12

/* codes of FW_ICMP_UNREACH */
#define FW_UNREACH_NET		0
#define FW_UNREACH_HOST		1
#define FW_UNREACH_PORT		3

#define FW_PACKET_OPTIONS 10	/* 32 bit words of IP options */

/* the datagram that an ICMP error quotes */
struct fw_quote {
	__u8 proto;		/* 0: none known */
	__u32 saddr, daddr;
	__u16 sport, dport;	/* ICMP query: sport is the id */
	__u8 icmp_type, icmp_code;
};

struct fw_packet {
	__u32 saddr, daddr;
	__u8 proto, tos, ttl;
	__u8 tcpflags;
	__u16 len;		/* total length claimed by the header */
	__u16 id;
	__u16 frag_off;		/* FW_IP_DF, FW_IP_MF, offset */
	__u16 sport, dport;	/* TCP and UDP */
	__u8 icmp_type, icmp_code;
	__u16 icmp_id;
	__u8 noptions;		/* words used of options[] */
	__u8 state;		/* one FW_STATE_* bit; 0 counts as new */
	bool kept;		/* its connection was remembered by --keep-state */
	__u32 mark;		/* of netfilter */
	__u32 options[FW_PACKET_OPTIONS];	/* host order, so the first byte is on top */
	struct fw_quote quote;
};

/* an interface; an alias such as eth0:1 is one of its own, as in 2.0 */
struct fw_dev {
	char name[FW_IFNAMSIZ];	/* padded with NULs */
	__u32 addr, mask;
};

/* header length in bytes */
static inline unsigned int fw_packet_hlen(const struct fw_packet *p)
{
	return 20 + 4u * p->noptions;
}

#endif
