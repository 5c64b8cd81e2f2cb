// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * impair - a wire that loses, duplicates and reorders IPv4 packets, for kernels without
 * sch_netem; its random numbers are the same in each run.
 *
 *	impair SEED LOSS DUPLICATE REORDER DEVICE DEVICE
 *
 * Frames are relayed between the two devices.  The chances are in 1/1000 of a packet.  A
 * reordered packet waits until 1 to 8 others have passed, or 5 ms.  SIGTERM ends it,
 *after which it prints "lost N, duplicated N, reordered N".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/random.h"

#define FRAME_MAX 2048
#define BUFFER_BYTES (16 << 20)
#define WAIT_MS 5

struct chances {
	unsigned int loss, duplicate, reorder;
};

/* one direction */
struct way {
	int from, to;
	unsigned char held[FRAME_MAX];
	size_t held_len; /* 0: none */
	unsigned int others; /* that have to pass before it */
};

static struct {
	unsigned long lost, duplicated, reordered;
} done;

static volatile sig_atomic_t ended;

static void on_term(int signal)
{
	(void)signal;
	ended = 1;
}

static int device_open(const char *name)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	struct packet_mreq promiscuous = {
		.mr_ifindex = to.sll_ifindex,
		.mr_type = PACKET_MR_PROMISC,
	};
	const int one = 1, bytes = BUFFER_BYTES;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || !to.sll_ifindex ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
		       sizeof(promiscuous)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to))) {
		fprintf(stderr, "impair: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	return fd;
}

static void frame_send(const struct way *w, const unsigned char *frame, size_t len)
{
	/* a full queue loses it, as a wire would */
	if (send(w->to, frame, len, 0) < 0 && errno != ENOBUFS && errno != EAGAIN)
		perror("impair");
}

static void held_send(struct way *w)
{
	frame_send(w, w->held, w->held_len);
	w->held_len = 0;
}

static bool happens(struct random *r, unsigned int chance)
{
	return random_below(r, 1000) < chance;
}

static void frame_pass(struct way *w, struct random *r, const struct chances *c,
		       const unsigned char *frame, size_t len)
{
	if (happens(r, c->loss)) {
		done.lost++;
		return;
	}
	if (!w->held_len && happens(r, c->reorder)) {
		done.reordered++;
		memcpy(w->held, frame, len);
		w->held_len = len;
		w->others = 1 + random_below(r, 8);
		return;
	}
	frame_send(w, frame, len);
	if (happens(r, c->duplicate)) {
		done.duplicated++;
		frame_send(w, frame, len);
	}
	if (w->held_len && !--w->others)
		held_send(w);
}

static void frames_relay(struct way *w, struct random *r, const struct chances *c)
{
	unsigned char frame[FRAME_MAX];
	struct ether_header head;
	ssize_t n;

	while ((n = recv(w->from, frame, sizeof(frame), 0)) > (ssize_t)sizeof(head)) {
		memcpy(&head, frame, sizeof(head));
		if (head.ether_type == htons(ETHERTYPE_IP))
			frame_pass(w, r, c, frame, (size_t)n);
		else
			frame_send(w, frame, (size_t)n);
	}
}

int main(int argc, char **argv)
{
	static struct way ways[2];
	const struct sigaction term = {.sa_handler = on_term};
	struct chances c;
	struct random r;
	struct pollfd p[2];
	int i, n;

	if (argc != 7) {
		fprintf(stderr, "usage: %s SEED LOSS DUPLICATE REORDER DEVICE DEVICE\n",
			argv[0]);
		return 2;
	}
	random_seed(&r, strtoul(argv[1], NULL, 10));
	c.loss = (unsigned int)strtoul(argv[2], NULL, 10);
	c.duplicate = (unsigned int)strtoul(argv[3], NULL, 10);
	c.reorder = (unsigned int)strtoul(argv[4], NULL, 10);
	for (i = 0; i < 2; i++) {
		ways[i].from = ways[!i].to = device_open(argv[5 + i]);
		p[i] = (struct pollfd){.fd = ways[i].from, .events = POLLIN};
	}
	sigaction(SIGTERM, &term, NULL);
	puts("ready");
	fflush(stdout);
	while (!ended) {
		n = poll(p, 2, ways[0].held_len || ways[1].held_len ? WAIT_MS : -1);
		for (i = 0; i < 2; i++) {
			if (n == 0 && ways[i].held_len)
				held_send(&ways[i]);
			if (n > 0 && p[i].revents)
				frames_relay(&ways[i], &r, &c);
		}
	}
	printf("lost %lu, duplicated %lu, reordered %lu\n", done.lost, done.duplicated,
	       done.reordered);
	return 0;
}
