// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wire.c - the far end of a device: frames put on it and taken from it.
 */
#include "tests/lib/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define SETTLE_TRIES 20
#define SETTLE_MS 100

static int option_set(int fd, int option)
{
	int one = 1;

	return setsockopt(fd, SOL_PACKET, option, &one, sizeof(one));
}

int wire_open(struct wire *w, const char *name)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int err;

	w->ifindex = (int)if_nametoindex(name);
	if (!w->ifindex)
		return -errno;
	w->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return -errno;
	to.sll_protocol = htons(ETH_P_ALL);
	to.sll_ifindex = w->ifindex;
	/* the queue of a device that has just come up drops for a while */
	if (option_set(w->fd, PACKET_IGNORE_OUTGOING) ||
	    option_set(w->fd, PACKET_AUXDATA) || option_set(w->fd, PACKET_QDISC_BYPASS) ||
	    bind(w->fd, (struct sockaddr *)&to, sizeof(to))) {
		err = -errno;
		close(w->fd);
		return err;
	}
	return 0;
}

void wire_close(struct wire *w)
{
	close(w->fd);
}

/* Waits, not for ever, for room: a loaded machine takes what was sent some time later. */
static bool room_wait(const struct wire *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLOUT };

	return poll(&p, 1, SETTLE_TRIES * SETTLE_MS) > 0;
}

static int frame_send(const struct wire *w, const __u8 *to, __u16 type, const void *data,
		      size_t len)
{
	struct ether_header head;
	struct iovec parts[] = {
		{ .iov_base = &head, .iov_len = sizeof(head) },
		{ .iov_base = (void *)(uintptr_t)data, .iov_len = len },
	};

	memcpy(head.ether_dhost, to, WIRE_MAC);
	memcpy(head.ether_shost, w->far_mac, WIRE_MAC);
	head.ether_type = htons(type);
	if (writev(w->fd, parts, 2) >= 0 ||
	    (errno == EAGAIN && room_wait(w) && writev(w->fd, parts, 2) >= 0))
		return 0;
	return -errno;
}

bool wire_is_busy(const struct wire *w)
{
	int bytes;

	return !ioctl(w->fd, SIOCOUTQ, &bytes) && bytes;
}

int wire_send(const struct wire *w, const __u8 *packet, size_t len)
{
	return frame_send(w, w->near_mac, ETHERTYPE_IP, packet, len);
}

/* A probe has no sender address, so that nobody learns a neighbour from it. */
static int probe_send(const struct wire *w, __u32 addr)
{
	static const __u8 everybody[WIRE_MAC] = { 255, 255, 255, 255, 255, 255 };
	__u32 target = htonl(addr);
	struct ether_arp arp = {
		.ea_hdr = {
			.ar_hrd = htons(ARPHRD_ETHER), .ar_pro = htons(ETHERTYPE_IP),
			.ar_hln = WIRE_MAC, .ar_pln = 4, .ar_op = htons(ARPOP_REQUEST),
		},
	};

	memcpy(arp.arp_sha, w->far_mac, WIRE_MAC);
	memcpy(arp.arp_tpa, &target, sizeof(target));
	return frame_send(w, everybody, ETHERTYPE_ARP, &arp, sizeof(arp));
}

static bool is_probe_answer(const __u8 *data, size_t len)
{
	struct ether_arp arp;

	if (len < sizeof(arp))
		return false;
	memcpy(&arp, data, sizeof(arp));
	return arp.ea_hdr.ar_op == htons(ARPOP_REPLY);
}

static bool is_checksummed(struct msghdr *msg)
{
	struct cmsghdr *c;
	struct tpacket_auxdata aux;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		return !(aux.tp_status & TP_STATUS_CSUMNOTREADY);
	}
	return true;
}

/* 1: the answer to a probe, 0: another frame, -EAGAIN: none there */
static int frame_take(const struct wire *w, wire_packet_fn take, void *ctx)
{
	__u8 frame[sizeof(struct ether_header) + WIRE_PACKET_MAX];
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec part = { .iov_base = frame, .iov_len = sizeof(frame) };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	const __u8 *data = frame + sizeof(struct ether_header);
	struct ether_header head;
	ssize_t n = recvmsg(w->fd, &msg, 0);

	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(head))
		return 0;
	memcpy(&head, frame, sizeof(head));
	n -= (ssize_t)sizeof(head);
	if (head.ether_type == htons(ETHERTYPE_ARP))
		return is_probe_answer(data, n);
	if (head.ether_type == htons(ETHERTYPE_IP))
		take(ctx, data, n, is_checksummed(&msg));
	return 0;
}

void wire_take(const struct wire *w, wire_packet_fn take, void *ctx)
{
	while (frame_take(w, take, ctx) >= 0)
		;
}

int wire_settle(const struct wire *w, __u32 addr, wire_packet_fn take, void *ctx)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	int tries, got;

	for (tries = 0; tries < SETTLE_TRIES; tries++) {
		probe_send(w, addr);
		while (poll(&p, 1, SETTLE_MS) > 0) {
			do
				got = frame_take(w, take, ctx);
			while (got == 0);
			if (got == 1)
				return 0;
		}
	}
	return -ETIMEDOUT;
}
