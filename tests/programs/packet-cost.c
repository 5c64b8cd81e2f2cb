// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet-cost.c - frames between marks for a plugin of qemu that counts instructions.
 *
 *	packet-cost send|repeat|vary DEVICE MAC udp|tcp SADDR SPORT DADDR DPORT [FLAGS SEQ ACK]
 *
 * Hands packets of PACKET_BYTES to a device, for the gateway with that address: one; always
 * the same, between marks; or each from a port of its own, between marks.  A pair of marks
 * counts when nothing waited in a queue, so that a packet's whole path is between them.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/icount.h"
#include "tests/lib/datagram.h"
#include "tests/lib/wire.h"

#define PACKET_BYTES 60
#define WARM 64 /* packets before the marks */
#define PAIRS 40
#define TRIES 1000 /* for as many pairs */
#define WAIT_US 1000
#define PACKETS 10 /* between two marks; tests/bench/kmod.py divides by it */

static struct wire wire;
static struct fw_packet pkt = { .ttl = 64, .len = PACKET_BYTES };
static __u32 seq = 1, ack = 1;

static __u16 sum_add(__u16 sum, __u32 n)
{
	__u32 s = (__u16)~sum + (n >> 16) + (n & 0xffff);

	s = (s & 0xffff) + (s >> 16);
	return (__u16) ~((s & 0xffff) + (s >> 16));
}

/* The segments that are built have the numbers 1 and, with ACK, 1. */
static void tcp_number(__u8 *tcp)
{
	__u32 numbers[] = { htonl(seq), htonl(pkt.tcpflags & FW_TCP_ACK ? ack : 0) };
	__u16 sum = (__u16)(tcp[16] << 8 | tcp[17]);

	sum = sum_add(sum, seq - 1);
	if (pkt.tcpflags & FW_TCP_ACK)
		sum = sum_add(sum, ack - 1);
	memcpy(tcp + 4, numbers, sizeof(numbers));
	tcp[16] = sum >> 8;
	tcp[17] = sum & 0xff;
}

static void build(__u8 *buf)
{
	datagram_build(&pkt, buf);
	if (pkt.proto == FW_PROTO_TCP)
		tcp_number(buf + fw_packet_hlen(&pkt));
}

static void send_one(const __u8 *buf)
{
	if (wire_send(&wire, buf, PACKET_BYTES)) {
		perror("packet-cost: cannot send");
		exit(1);
	}
}

static void measure(bool vary)
{
	static __u8 frames[PACKETS][DATAGRAM_MAX];
	int pairs = 0, tries, i;

	build(frames[0]);
	for (i = 0; i < WARM; i++) {
		send_one(frames[0]);
		pkt.sport += vary;
		build(frames[0]);
	}
	for (tries = 0; pairs < PAIRS; tries++) {
		if (tries == TRIES) {
			fprintf(stderr, "packet-cost: packets wait in a queue\n");
			exit(1);
		}
		for (i = 0; i < PACKETS; i++, pkt.sport += vary)
			build(frames[i]);
		ICOUNT_MARK(MARK_BEGIN);
		for (i = 0; i < PACKETS; i++)
			send_one(frames[i]);
		ICOUNT_MARK(MARK_END);
		if (!wire_is_busy(&wire)) {
			pairs++;
			continue;
		}
		ICOUNT_MARK(MARK_VOID);
		while (wire_is_busy(&wire))
			usleep(WAIT_US);
	}
	ICOUNT_MARK(MARK_DONE);
}

static void mac_read(const char *text, __u8 mac[WIRE_MAC])
{
	char *end;
	int i;

	for (i = 0; i < WIRE_MAC; i++, text = end + 1)
		mac[i] = (__u8)strtoul(text, &end, 16);
}

static __u32 number(const char *text)
{
	return (__u32)strtoul(text, NULL, 0);
}

int main(int argc, char **argv)
{
	static __u8 buf[DATAGRAM_MAX];
	int err;

	if (argc != 9 && argc != 12) {
		fprintf(stderr, "usage: packet-cost send|repeat|vary DEVICE MAC udp|tcp "
				"SADDR SPORT DADDR DPORT [FLAGS SEQ ACK]\n");
		return 2;
	}
	err = wire_open(&wire, argv[2]);
	if (err) {
		fprintf(stderr, "packet-cost: cannot open %s: %s\n", argv[2], strerror(-err));
		return 1;
	}
	mac_read(argv[3], wire.near_mac);
	mac_read("02:00:00:00:00:09", wire.far_mac);
	pkt.proto = strcmp(argv[4], "tcp") ? FW_PROTO_UDP : FW_PROTO_TCP;
	pkt.saddr = ntohl(inet_addr(argv[5]));
	pkt.sport = (__u16)number(argv[6]);
	pkt.daddr = ntohl(inet_addr(argv[7]));
	pkt.dport = (__u16)number(argv[8]);
	if (argc == 12) {
		pkt.tcpflags = (__u8)number(argv[9]);
		seq = number(argv[10]);
		ack = number(argv[11]);
	}
	if (strcmp(argv[1], "send")) {
		measure(!strcmp(argv[1], "vary"));
	} else {
		build(buf);
		send_one(buf);
	}
	return 0;
}
