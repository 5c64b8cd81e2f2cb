/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tun.h - packets by the thousand, through a tunnel whose far end the test holds.
 *
 * A packet is forwarded before tun_send() returns.  What leaves by a tunnel waits in its
 * queue, or is lost when that is full.
 */
#ifndef TESTS_TUN_H
#define TESTS_TUN_H

#include "kmod/core/base.h"

#define TUN_PACKET_MAX 2048

/* a TCP segment without options or data, or without flags a datagram of UDP */
struct tun_packet {
	__u32 saddr, daddr;
	__u16 sport, dport;
	__u8 tcpflags;
	__u32 seq, ack;
};

/* A tunnel, or with queues one more queue of it.  Its descriptor; ends the program without. */
int tun_open(const char *name, bool queues);

/* 0 or -errno */
int tun_send(int fd, const struct tun_packet *p);

/* The next packet of TCP or UDP that has left; false if there is none. */
bool tun_receive(int fd, struct tun_packet *p);

/* Takes all that has left: how many packets of IPv4. */
unsigned long tun_drain(int fd);

#endif
