/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datagram.h - IPv4 datagrams as bytes, made from and read into fw_packet.
 */
#ifndef TESTS_NET_DATAGRAM_H
#define TESTS_NET_DATAGRAM_H

#include <stddef.h>

#include "kmod/core/packet.h"

#define DATAGRAM_MAX 65535

/*
 * Writes p with correct checksums and tells the length.  A p->len of 0, or one
 * that has no room for the headers, means as short as the headers allow; what
 * lies behind the headers is zero.  An ICMP error quotes p->quote.  Of a later
 * fragment nothing but the IP header is written.  buf holds DATAGRAM_MAX bytes.
 */
size_t datagram_build(const struct fw_packet *p, __u8 *buf);

/*
 * Reads a whole datagram; unverified says that its TCP or UDP checksum is still
 * to be computed by a device.  0, -EBADMSG when it is cut short or a checksum
 * is wrong.
 */
int datagram_parse(const __u8 *buf, size_t len, bool unverified, struct fw_packet *p);

/* "tcp 10.1.0.2:1024 > 8.8.8.8:53 S tos 0 ttl 64 len 40", for people */
#define DATAGRAM_TEXT_MAX 160
const char *datagram_text(const struct fw_packet *p, char text[DATAGRAM_TEXT_MAX]);

#endif
