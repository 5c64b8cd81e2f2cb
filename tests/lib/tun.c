// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kmod/core/packet.h"
#include "kmod/core/track_packet.h"

#define IP_HEADER 20
#define UDP_HEADER 8
#define TCP_HEADER 20

int tun_open(const char *name, bool queues)
{
	struct ifreq r = { .ifr_flags = (short)(IFF_TUN | IFF_NO_PI |
						(queues ? IFF_MULTI_QUEUE : 0)) };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r)) {
		perror("tunnel");
		exit(1);
	}
	return fd;
}

static void put16(__u8 *at, unsigned int value)
{
	at[0] = (__u8)(value >> 8);
	at[1] = (__u8)value;
}

static void put32(__u8 *at, __u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static __u32 get32(const __u8 *at)
{
	return (__u32)at[0] << 24 | (__u32)at[1] << 16 | (__u32)at[2] << 8 | at[3];
}

int tun_send(int fd, const struct tun_packet *p)
{
	__u8 bytes[IP_HEADER + TCP_HEADER] = { 0x45 }, *at = bytes + IP_HEADER;
	__u32 len = p->tcpflags ? TCP_HEADER : UDP_HEADER;

	put16(bytes + 2, IP_HEADER + len);
	bytes[8] = 64;
	bytes[9] = p->tcpflags ? FW_PROTO_TCP : FW_PROTO_UDP;
	put32(bytes + 12, p->saddr);
	put32(bytes + 16, p->daddr);
	put16(bytes + 10, fw_sum_fold(fw_sum_add(0, bytes, IP_HEADER)));
	put16(at, p->sport);
	put16(at + 2, p->dport);
	if (p->tcpflags) {
		put32(at + 4, p->seq);
		put32(at + 8, p->ack);
		at[12] = TCP_HEADER / 4 << 4;
		at[13] = p->tcpflags;
		put16(at + 14, 8192);
		/* with the addresses, protocol and length */
		put16(at + 16, fw_sum_fold(fw_sum_add(FW_PROTO_TCP + len, bytes + 12, 8 + len)));
	} else {
		put16(at + 4, len);
	}
	return write(fd, bytes, IP_HEADER + len) < 0 ? -errno : 0;
}

static bool is_read(const __u8 *bytes, ssize_t n)
{
	return bytes[0] == 0x45 &&
	       ((bytes[9] == FW_PROTO_TCP && n >= IP_HEADER + TCP_HEADER) ||
		(bytes[9] == FW_PROTO_UDP && n >= IP_HEADER + UDP_HEADER));
}

bool tun_receive(int fd, struct tun_packet *p)
{
	__u8 bytes[TUN_PACKET_MAX], *at = bytes + IP_HEADER;
	ssize_t n;

	do {
		n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return false;
	} while (!is_read(bytes, n));
	*p = (struct tun_packet){
		.saddr = get32(bytes + 12),
		.daddr = get32(bytes + 16),
		.sport = (__u16)(get32(at) >> 16),
		.dport = (__u16)get32(at),
	};
	if (bytes[9] == FW_PROTO_TCP) {
		p->tcpflags = at[13];
		p->seq = get32(at + 4);
		p->ack = get32(at + 8);
	}
	return true;
}

unsigned long tun_drain(int fd)
{
	__u8 bytes[TUN_PACKET_MAX];
	unsigned long n = 0;

	while (read(fd, bytes, sizeof(bytes)) > 0)
		n += bytes[0] >> 4 == 4;
	return n;
}
