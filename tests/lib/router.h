/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * router.h - a machine under test: a namespace with devices whose far ends the
 * test holds.
 *
 *	static const struct fw_dev devs[] = {
 *		{ "eth0", 0xc0a80101, 0xffffff00 },
 *		{ "ppp0", 0xcb007105, 0xfffffffc },
 *	};
 *	struct router r;
 *
 *	router_open(&r, devs, 2, 0xcb007106);
 *	router_neighbours(&r, &host, 1);
 *	router_inject(&r, "eth0", &packet);
 *	n = router_collect(&r, captured, CAPTURED_MAX);
 *
 * Once it is open this thread is in the namespace, so that rules are loaded as
 * usual.  No packet ever leaves the two namespaces.
 */
#ifndef TESTS_NET_ROUTER_H
#define TESTS_NET_ROUTER_H

#include "tests/lib/delivered.h"
#include "tests/lib/wire.h"

#define ROUTER_LINKS 8

struct router {
	int near_ns, far_ns;
	struct router_link {
		struct fw_dev dev;
		struct wire wire;
	} link[ROUTER_LINKS];
	__u32 nlinks;
	struct delivered delivered;
	int raw;		/* socket that the machine itself sends by */
};

/* a packet that left by dev, or was delivered (dev NULL) */
struct captured {
	const struct fw_dev *dev;
	bool invalid;		/* not delivered, but found invalid as it arrived */
	bool broken;		/* a checksum is wrong, or it is cut short */
	struct fw_packet pkt;
};

/*
 * Makes namespaces, devices, addresses and routes; lo among devs is left out,
 * gateway 0 is none.  Packets pass whatever their source.  0 or -errno, and
 * nothing is left then.
 */
int router_open(struct router *r, const struct fw_dev *devs, __u32 ndevs, __u32 gateway);
void router_close(struct router *r);

/* Lets the machine know hosts of its own nets, so that it need not ask. */
int router_neighbours(struct router *r, const __u32 *addr, __u32 n);

/* The link called name, NULL if there is none. */
struct router_link *router_link(struct router *r, const char *name);

/* A packet arrives.  0 or -errno. */
int router_inject(struct router *r, const char *dev, const struct fw_packet *p);

/* The machine itself sends one: 0, or the -errno that the sender is told. */
int router_send(struct router *r, const struct fw_packet *p);

/*
 * Waits until all is quiet and gathers at most max packets, those that left
 * first, device by device.  Their number, or -ETIMEDOUT.
 */
int router_collect(struct router *r, struct captured *c, unsigned int max);

#endif
