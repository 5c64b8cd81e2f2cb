// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod-packet-fuzz.c - packets with mistakes for the module, as real socket buffers.
 *
 * usage: kmod-packet-fuzz PACKETS SEED
 *
 * A gate with two tunnels masquerades, tracks, counts and redirects.  Texts for helpers,
 * answers, ICMP errors and noise come in by both: linear and in pages, cloned for a packet
 * socket, with segments and checksums for a device to make, cut short, in fragments, with
 * options.  The kernel must not complain, which tests/qemu/run sees, and no TCP or UDP may
 * leave with an inner address.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/lib/namespace.h"
#include "tests/lib/random.h"
#include "tests/lib/tally.h"

#define LONGEST 9000
#define INNER 0x0a000002u
#define GATE 0xcb007101u
#define OUTER 0xc6336407u

struct packet {
	struct virtio_net_hdr offload;
	unsigned char ip[LONGEST];
	size_t len;
};

static struct random chance;

static int tunnel_open(const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	strcpy(r.ifr_name, name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)) {
		perror("tunnel");
		exit(1);
	}
	return fd;
}

static void put16(unsigned char *at, unsigned int value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static void put32(unsigned char *at, unsigned int value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static unsigned int sum_add(unsigned int sum, const unsigned char *at, size_t len)
{
	for (; len > 1; len -= 2, at += 2)
		sum += (unsigned int)(at[0] << 8 | at[1]);
	return len ? sum + (unsigned int)(at[0] << 8) : sum;
}

static unsigned int sum_fold(unsigned int sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* One of those, a text that helpers read among them. */
static size_t text_put(unsigned char *at)
{
	static const char *const texts[] = {
		"PORT 10,0,0,2,19,137\r\n", "EPRT |1|10.0.0.2|5001|\r\n", "USER x\r\n",
		"227 Entering (198,51,100,7,19,138)\r\n", "229 Entering (|||5003|)\r\n", "PO",
		"PRIVMSG x :\1DCC SEND f 167772162 5001\1\r\n", "\r\n",
	};
	static const unsigned char binary[][20] = {
		{ 'P', 'N', 'A', 0, 10, 0, 1, 0, 2, 27, 0 },
		{ 0, 0, 0, 20, 0, 0, 0, 1, 'V', 'D', 'O', ' ', 'L', 'i', 'v', 'e', 0, 1, 27, 1 },
		{ 0x80, 0, 0, 9, 0x81, 93, 27 },
		{ 0, 1, 'f', 0 },
	};
	unsigned int n = random_below(&chance, FW_COUNT(texts) + FW_COUNT(binary));

	if (n >= FW_COUNT(texts)) {
		memcpy(at, binary[n - FW_COUNT(texts)], sizeof(binary[0]));
		return sizeof(binary[0]);
	}
	memcpy(at, texts[n], strlen(texts[n]));
	return strlen(texts[n]);
}

/* TCP, UDP or an ICMP query from that port of the client, or the answer; its length. */
static size_t transport_put(unsigned char *at, unsigned int proto, bool outward,
			    unsigned int own)
{
	static const unsigned int ports[] = { 21, 6667, 7070, 7000, 69, 26000, 80 };
	static const unsigned char flags[] = { 2, 0x12, 0x10, 0x18, 0x11, 4, 0 };
	unsigned int peer = ports[random_below(&chance, FW_COUNT(ports))];
	size_t len = proto == IPPROTO_TCP ? 20 : 8;

	memset(at, 0, len);
	put16(at, outward ? own : peer);
	put16(at + 2, outward ? peer : own);
	if (proto == IPPROTO_ICMP) {
		at[0] = outward ? 8 : 0;
		at[1] = 0;
		put16(at + 4, own);
	} else if (proto == IPPROTO_TCP) {
		put32(at + 4, random_below(&chance, 64));
		put32(at + 8, random_below(&chance, 64));
		at[12] = 5 << 4;
		at[13] = flags[random_below(&chance, FW_COUNT(flags))];
		put16(at + 14, 8192);
	}
	len += text_put(at + len);
	if (random_one_in(&chance, 8))
		len += random_below(&chance, LONGEST - 200);
	if (proto == IPPROTO_UDP)
		put16(at + 4, (unsigned int)len);
	return len;
}

static void ip_put(unsigned char *ip, size_t len, unsigned int proto, unsigned int saddr,
		   unsigned int daddr)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned int)len);
	ip[8] = 64;
	ip[9] = (unsigned char)proto;
	put32(ip + 12, saddr);
	put32(ip + 16, daddr);
}

/* Checksums of IP and, with a pseudo header, of what it carries, which begins at ihl. */
static void sums_put(struct packet *p, size_t ihl)
{
	static const size_t sum_at[256] = {
		[IPPROTO_TCP] = 16, [IPPROTO_UDP] = 6, [IPPROTO_ICMP] = 2,
	};
	unsigned char *ip = p->ip;
	size_t at = sum_at[ip[9]];
	unsigned int sum = 0;

	put16(ip + 10, 0);
	put16(ip + 10, sum_fold(sum_add(0, ip, ihl)));
	if (!at || p->len < ihl + at + 2)
		return;
	if (ip[9] != IPPROTO_ICMP)
		sum = sum_add(ip[9] + (unsigned int)(p->len - ihl), ip + 12, 8);
	put16(ip + ihl + at, 0);
	if (random_one_in(&chance, 3) && ip[9] != IPPROTO_ICMP) {
		p->offload.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		p->offload.csum_start = (__u16)ihl;
		p->offload.csum_offset = (__u16)at;
		put16(ip + ihl + at, ~sum_fold(sum) & 0xffff);
		if (ip[9] == IPPROTO_TCP && p->len > ihl + 120) {
			p->offload.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
			p->offload.gso_size = (__u16)(50 + random_below(&chance, 1400));
			p->offload.hdr_len = (__u16)(ihl + 20);
		}
		return;
	}
	put16(ip + ihl + at, sum_fold(sum_add(sum, ip + ihl, p->len - ihl)));
}

/* A packet that comes in from inside (outward) or from outside. */
static void packet_make(struct packet *p, bool outward)
{
	static const unsigned int protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP };
	unsigned int saddr = outward ? INNER : OUTER, daddr = outward ? OUTER : GATE;
	unsigned int proto = protos[random_below(&chance, 3)];
	unsigned int own = (outward ? 1024 : 61000) + random_below(&chance, 8);
	size_t ihl = random_one_in(&chance, 8) ? 24 : 20, i;

	*p = (struct packet){ 0 };
	p->len = ihl;
	if (random_one_in(&chance, 6)) { /* an error about a packet that went there */
		static const unsigned char types[] = { 3, 4, 5, 11, 12 };

		p->ip[ihl] = types[random_below(&chance, sizeof(types))];
		ip_put(p->ip + ihl + 8, 80, proto, daddr, saddr);
		transport_put(p->ip + ihl + 28, proto, !outward, own);
		proto = IPPROTO_ICMP;
		p->len += 8 + random_below(&chance, 80);
	} else {
		p->len += transport_put(p->ip + ihl, proto, outward, own);
	}
	ip_put(p->ip, p->len, proto, saddr, daddr);
	p->ip[0] = (unsigned char)(0x40 | ihl / 4);
	for (i = 20; i < ihl; i++)
		p->ip[i] = (unsigned char)(random_one_in(&chance, 2) ? 1 : random_word(&chance));
	if (random_one_in(&chance, 12)) /* a fragment */
		put16(p->ip + 6, random_below(&chance, 3) << 13 | random_below(&chance, 20));
	for (i = random_one_in(&chance, 3) ? random_below(&chance, 4) : 0; i > 0; i--)
		p->ip[ihl + random_below(&chance, (unsigned int)(p->len - ihl))] =
			(unsigned char)random_word(&chance);
	if (random_one_in(&chance, 20)) { /* cut short, and so the length or not */
		p->len = 20 + random_below(&chance, (unsigned int)p->len - 19);
		if (random_one_in(&chance, 2))
			put16(p->ip + 2, (unsigned int)p->len);
	}
	sums_put(p, p->len < ihl ? 20 : ihl);
	if (random_one_in(&chance, 10) && p->len > ihl)
		p->ip[p->len - 1] ^= 1; /* so that a checksum is wrong */
}

static bool packet_send(int tunnel, struct packet *p)
{
	const struct iovec parts[2] = {
		{ &p->offload, sizeof(p->offload) }, { p->ip, p->len },
	};

	return writev(tunnel, parts, 2) > 0;
}

/* Takes what leaves; how many, and *inner: with an inner address that must not be seen. */
static unsigned long packets_take(int tunnel, unsigned long *inner)
{
	static unsigned char bytes[sizeof(struct virtio_net_hdr) + 65536];
	const unsigned char *ip = bytes + sizeof(struct virtio_net_hdr);
	unsigned long n = 0;

	while (read(tunnel, bytes, sizeof(bytes)) > 0) {
		n += ip[0] >> 4 == 4;
		*inner += ip[0] >> 4 == 4 && ip[12] == 10 &&
			  (ip[9] == IPPROTO_TCP || ip[9] == IPPROTO_UDP);
	}
	return n;
}

static void rule(const char *words)
{
	char command[256];

	snprintf(command, sizeof(command), "IPFWADM_BACKEND=kmod ${BUILD:-build}/bin/ipfwadm %s",
		 words);
	if (namespace_run(command, NULL))
		exit(1);
}

int main(int argc, char **argv)
{
	static const char setup[] = "link set lo up\n"
				    "addr add 10.0.0.1/24 dev in\n"
				    "addr add 203.0.113.1/24 dev out\n"
				    "link set in up mtu 9000\n"
				    "link set out up mtu 1400\n"
				    "route add default dev out\n";
	unsigned long sent = 0, out = 0, in = 0, inner = 0, ignored = 0, n;
	static struct packet p;
	struct tally tally = { 0 };
	int ns = namespace_new(), tunnel[2], tap;

	if (argc != 3) {
		fprintf(stderr, "usage: %s PACKETS SEED\n", argv[0]);
		return 2;
	}
	random_seed(&chance, (__u64)atoi(argv[2]));
	tunnel[0] = tunnel_open("in");
	tunnel[1] = tunnel_open("out");
	tap = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (ns < 0 || tap < 0 || namespace_run("ip -batch -", setup) ||
	    namespace_sysctl("ipv4/ip_forward", "1"))
		return 1;
	rule("-F -p deny");
	rule("-F -a masquerade -P udp -D 0/0 69 --helper tftp");
	rule("-F -a masquerade -W out --keep-state");
	rule("-I -a accept -P tcp -D 0/0 80 -W in -r 8080");
	rule("-I -a accept --state new,established,related");
	rule("-A -a --state invalid");
	rule("-A both -a -P tcp");
	for (n = strtoul(argv[1], NULL, 10); n > 0; n--) {
		unsigned int way = random_below(&chance, 2);

		packet_make(&p, way == 0);
		sent += packet_send(tunnel[way], &p);
		in += packets_take(tunnel[0], &ignored);
		out += packets_take(tunnel[1], &inner);
	}
	printf("%lu packets sent, %lu left outside, %lu inside\n", sent, out, in);
	/* inside, one in 200 to one in 13, as the seed's ports go */
	if (sent && out > sent / 50 && in > sent / 1000)
		tally_pass(&tally);
	else
		tally_fail(&tally, "too few were accepted");
	if (inner)
		tally_fail(&tally, "%lu left with an inner address", inner);
	else
		tally_pass(&tally);
	rule("-T -l -n >/dev/null");
	rule("-M -l -n >/dev/null");
	tally.packets = sent;
	close(tap);
	return tally_end(&tally);
}
