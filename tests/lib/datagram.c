// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * datagram.c - IPv4 datagrams as bytes, made from and read into fw_packet.
 */
#include "tests/lib/datagram.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define IP_HEADER 20
#define TCP_HEADER 20
#define UDP_HEADER 8
#define ICMP_HEADER 8
#define QUOTED_BYTES 8		/* of the offender, behind its IP header */

static void put16(__u8 *to, __u16 value)
{
	to[0] = value >> 8;
	to[1] = value & 0xff;
}

static void put32(__u8 *to, __u32 value)
{
	put16(to, value >> 16);
	put16(to + 2, value & 0xffff);
}

static __u16 get16(const __u8 *from)
{
	return from[0] << 8 | from[1];
}

static __u32 get32(const __u8 *from)
{
	return (__u32)get16(from) << 16 | get16(from + 2);
}

/* the sum of 16 bit words, carried on from an earlier one */
static __u32 sum_words(const __u8 *data, size_t len, __u32 sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(data + i);
	if (len & 1)
		sum += data[len - 1] << 8;
	return sum;
}

static __u16 sum_fold(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static bool is_error(__u8 icmp_type)
{
	switch (icmp_type) {
	case FW_ICMP_UNREACH:
	case FW_ICMP_SOURCEQUENCH:
	case FW_ICMP_REDIRECT:
	case FW_ICMP_TIMXCEED:
	case FW_ICMP_PARAMPROB:
		return true;
	default:
		return false;
	}
}

/* addresses, protocol and length, which TCP and UDP checksums cover too */
static __u32 sum_pseudo(const __u8 *ip, size_t len)
{
	return sum_words(ip + 12, 8, ip[9] + (__u32)len);
}

static __u16 transport_sum(const __u8 *ip, const __u8 *l4, size_t len)
{
	__u32 start = ip[9] == FW_PROTO_ICMP ? 0 : sum_pseudo(ip, len);

	return sum_fold(sum_words(l4, len, start));
}

static size_t transport_header(const struct fw_packet *p)
{
	if (p->frag_off & FW_IP_OFFSET)
		return 0;
	switch (p->proto) {
	case FW_PROTO_TCP:
		return TCP_HEADER;
	case FW_PROTO_UDP:
		return UDP_HEADER;
	case FW_PROTO_ICMP:
		return ICMP_HEADER + (is_error(p->icmp_type) && p->quote.proto ?
				      IP_HEADER + QUOTED_BYTES : 0);
	default:
		return 0;
	}
}

static void ip_build(const struct fw_packet *p, __u8 *ip, size_t len)
{
	unsigned int hlen = fw_packet_hlen(p), i;

	ip[0] = 0x40 | hlen / 4;
	ip[1] = p->tos;
	put16(ip + 2, (__u16)len);
	put16(ip + 4, p->id);
	put16(ip + 6, p->frag_off);
	ip[8] = p->ttl;
	ip[9] = p->proto;
	put32(ip + 12, p->saddr);
	put32(ip + 16, p->daddr);
	for (i = 0; i < p->noptions; i++)
		put32(ip + IP_HEADER + 4 * i, p->options[i]);
	put16(ip + 10, sum_fold(sum_words(ip, hlen, 0)));
}

/* Sequence numbers stay 1: the tests let connection tracking be liberal. */
static void tcp_build(const struct fw_packet *p, const __u8 *ip, __u8 *tcp, size_t len)
{
	put16(tcp, p->sport);
	put16(tcp + 2, p->dport);
	put32(tcp + 4, 1);
	put32(tcp + 8, p->tcpflags & FW_TCP_ACK ? 1 : 0);
	tcp[12] = TCP_HEADER / 4 << 4;
	tcp[13] = p->tcpflags;
	put16(tcp + 14, 8192);
	put16(tcp + 16, transport_sum(ip, tcp, len));
}

static void udp_build(const struct fw_packet *p, const __u8 *ip, __u8 *udp, size_t len)
{
	__u16 sum;

	put16(udp, p->sport);
	put16(udp + 2, p->dport);
	put16(udp + 4, (__u16)len);
	sum = transport_sum(ip, udp, len);
	put16(udp + 6, sum ? sum : 0xffff);
}

static void quote_build(const struct fw_quote *q, __u8 *to)
{
	struct fw_packet inner = {
		.saddr = q->saddr, .daddr = q->daddr, .proto = q->proto, .ttl = 64,
		.sport = q->sport, .dport = q->dport, .icmp_id = q->sport,
		.icmp_type = q->icmp_type, .icmp_code = q->icmp_code,
		.tcpflags = FW_TCP_ACK,
	};
	__u8 whole[IP_HEADER + TCP_HEADER + ICMP_HEADER + QUOTED_BYTES] = { 0 };

	if (is_error(inner.icmp_type))
		inner.icmp_type = FW_ICMP_ECHO;	/* nobody quotes an error */
	datagram_build(&inner, whole);
	memcpy(to, whole, IP_HEADER + QUOTED_BYTES);
}

static void icmp_build(const struct fw_packet *p, const __u8 *ip, __u8 *icmp, size_t len)
{
	icmp[0] = p->icmp_type;
	icmp[1] = p->icmp_code;
	put16(icmp + 4, p->icmp_id);
	if (is_error(p->icmp_type) && p->quote.proto)
		quote_build(&p->quote, icmp + ICMP_HEADER);
	put16(icmp + 2, transport_sum(ip, icmp, len));
}

size_t datagram_build(const struct fw_packet *p, __u8 *buf)
{
	size_t hlen = fw_packet_hlen(p), least = hlen + transport_header(p);
	size_t len = p->len > least ? p->len : least;

	memset(buf, 0, len);
	ip_build(p, buf, len);
	if (p->frag_off & FW_IP_OFFSET)
		return len;
	switch (p->proto) {
	case FW_PROTO_TCP:
		tcp_build(p, buf, buf + hlen, len - hlen);
		break;
	case FW_PROTO_UDP:
		udp_build(p, buf, buf + hlen, len - hlen);
		break;
	case FW_PROTO_ICMP:
		icmp_build(p, buf, buf + hlen, len - hlen);
		break;
	}
	return len;
}

static int ip_parse(const __u8 *ip, size_t len, struct fw_packet *p)
{
	size_t hlen;
	__u8 i;

	*p = (struct fw_packet){ 0 };
	if (len < IP_HEADER || ip[0] >> 4 != 4)
		return -EBADMSG;
	hlen = 4 * (ip[0] & 15);
	p->len = get16(ip + 2);
	if (hlen < IP_HEADER || p->len < hlen || p->len > len ||
	    sum_fold(sum_words(ip, hlen, 0)))
		return -EBADMSG;
	p->tos = ip[1];
	p->id = get16(ip + 4);
	p->frag_off = get16(ip + 6);
	p->ttl = ip[8];
	p->proto = ip[9];
	p->saddr = get32(ip + 12);
	p->daddr = get32(ip + 16);
	p->noptions = (__u8)((hlen - IP_HEADER) / 4);
	for (i = 0; i < p->noptions; i++)
		p->options[i] = get32(ip + IP_HEADER + 4 * i);
	return 0;
}

/* The inner datagram is cut short: its checksums and length say nothing. */
static void quote_parse(const __u8 *ip, size_t len, struct fw_quote *q)
{
	size_t hlen = 4 * (len ? ip[0] & 15 : 0);
	const __u8 *l4 = ip + hlen;

	if (hlen < IP_HEADER || len < hlen + QUOTED_BYTES)
		return;
	q->proto = ip[9];
	q->saddr = get32(ip + 12);
	q->daddr = get32(ip + 16);
	if (q->proto == FW_PROTO_ICMP) {
		q->icmp_type = l4[0];
		q->icmp_code = l4[1];
		q->sport = get16(l4 + 4);
	} else {
		q->sport = get16(l4);
		q->dport = get16(l4 + 2);
	}
}

static void icmp_parse(const __u8 *icmp, size_t len, struct fw_packet *p)
{
	p->icmp_type = icmp[0];
	p->icmp_code = icmp[1];
	p->icmp_id = get16(icmp + 4);	/* of errors: what stands in that place */
	if (is_error(p->icmp_type))
		quote_parse(icmp + ICMP_HEADER, len - ICMP_HEADER, &p->quote);
}

int datagram_parse(const __u8 *buf, size_t len, bool unverified, struct fw_packet *p)
{
	const __u8 *l4;
	size_t rest;

	if (ip_parse(buf, len, p) < 0)
		return -EBADMSG;
	l4 = buf + fw_packet_hlen(p);
	rest = p->len - fw_packet_hlen(p);
	if (p->frag_off & FW_IP_OFFSET)
		return 0;
	if (rest < transport_header(p))
		return -EBADMSG;
	switch (p->proto) {
	case FW_PROTO_TCP:
		p->tcpflags = l4[13] & 0x3f;
		break;
	case FW_PROTO_UDP:
		unverified |= !get16(l4 + 6);
		break;
	case FW_PROTO_ICMP:
		icmp_parse(l4, rest, p);
		break;
	default:
		return 0;
	}
	if (p->proto != FW_PROTO_ICMP) {
		p->sport = get16(l4);
		p->dport = get16(l4 + 2);
	}
	if (unverified || (p->frag_off & FW_IP_MF))
		return 0;
	return transport_sum(buf, l4, rest) ? -EBADMSG : 0;
}

static int endpoint_text(char *to, size_t size, __u32 addr, __u16 port, bool has_port)
{
	int n = snprintf(to, size, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255,
			 addr >> 8 & 255, addr & 255);

	return n + (has_port ? snprintf(to + n, size - n, ":%u", port) : 0);
}

const char *datagram_text(const struct fw_packet *p, char text[DATAGRAM_TEXT_MAX])
{
	static const char flag[] = "FSRPAU";
	bool tcp = p->proto == FW_PROTO_TCP, ports = tcp || p->proto == FW_PROTO_UDP;
	char s[32], d[32], what[32] = "";
	unsigned int i, n = 0;

	endpoint_text(s, sizeof(s), p->saddr, p->sport, ports);
	endpoint_text(d, sizeof(d), p->daddr, p->dport, ports);
	if (p->proto == FW_PROTO_ICMP)
		snprintf(what, sizeof(what), " type %u/%u id %u", p->icmp_type,
			 p->icmp_code, p->icmp_id);
	for (i = 0; tcp && i < sizeof(flag) - 1; i++) {
		what[0] = ' ';
		if (p->tcpflags >> i & 1)
			what[++n] = flag[i];
	}
	snprintf(text, DATAGRAM_TEXT_MAX, "%s %s > %s%s tos %u ttl %u len %u",
		 tcp ? "tcp" : ports ? "udp" : p->proto == FW_PROTO_ICMP ? "icmp" : "ip",
		 s, d, what, p->tos, p->ttl, p->len);
	return text;
}
