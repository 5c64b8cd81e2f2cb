/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * route.h - interfaces, addresses and routes of the simulated host.
 */
#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

#include "kmod/core/packet.h"

struct sim_routes {
	const struct fw_dev *dev;	/* count of them; the caller owns them */
	__u32 count;
	__u32 gateway;	/* of the default route, in the network of an interface; 0: none */
};

/* what an address is to the host */
enum sim_addr {
	SIM_ADDR_FOREIGN,
	SIM_ADDR_OWN,		/* 127/8 too */
	SIM_ADDR_BROADCAST,
	SIM_ADDR_MULTICAST,
};

enum sim_addr sim_addr_kind(const struct sim_routes *r, __u32 addr);

/*
 * The device by which packets for daddr leave, NULL if there is no route.  *hop is
 * the next hop: daddr itself or the gateway.
 */
const struct fw_dev *sim_route(const struct sim_routes *r, __u32 daddr, __u32 *hop);

bool sim_is_loopback(const struct fw_dev *dev);
/* The loopback device, or NULL. */
const struct fw_dev *sim_loopback(const struct sim_routes *r);

/* The alias of dev that has the address (eth0:1 of eth0), else dev. */
const struct fw_dev *sim_alias(const struct sim_routes *r, const struct fw_dev *dev,
			       __u32 addr);

#endif
