// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route.c - interfaces, addresses and routes of the simulated host.
 */
#include "backend/sim/route.h"

#include <string.h>

static enum sim_addr addr_kind_on(const struct fw_dev *dev, __u32 addr)
{
	__u32 host = addr & ~dev->mask;

	if (addr == dev->addr)
		return SIM_ADDR_OWN;
	if ((addr ^ dev->addr) & dev->mask || (host && host != ~dev->mask))
		return SIM_ADDR_FOREIGN;
	return SIM_ADDR_BROADCAST;
}

enum sim_addr sim_addr_kind(const struct sim_routes *r, __u32 addr)
{
	if (!addr || addr == 0xffffffff)
		return SIM_ADDR_BROADCAST;
	if (addr >> 24 == 127)
		return SIM_ADDR_OWN;
	for (__u32 i = 0; i < r->count; i++) {
		enum sim_addr kind = addr_kind_on(&r->dev[i], addr);

		if (kind != SIM_ADDR_FOREIGN)
			return kind;
	}
	return addr >> 28 == 0xe ? SIM_ADDR_MULTICAST : SIM_ADDR_FOREIGN;
}

bool sim_is_loopback(const struct fw_dev *dev)
{
	return dev->addr >> 24 == 127;
}

const struct fw_dev *sim_loopback(const struct sim_routes *r)
{
	for (__u32 i = 0; i < r->count; i++)
		if (sim_is_loopback(&r->dev[i]))
			return &r->dev[i];
	return NULL;
}

/* the device whose network contains addr; of several the smallest network */
static const struct fw_dev *network_find(const struct sim_routes *r, __u32 addr)
{
	const struct fw_dev *best = NULL;

	for (__u32 i = 0; i < r->count; i++) {
		const struct fw_dev *dev = &r->dev[i];

		if (dev->mask && !((addr ^ dev->addr) & dev->mask) &&
		    (!best || dev->mask > best->mask))
			best = dev;
	}
	return best;
}

const struct fw_dev *sim_route(const struct sim_routes *r, __u32 daddr, __u32 *hop)
{
	const struct fw_dev *dev;

	*hop = daddr;
	if (sim_addr_kind(r, daddr) == SIM_ADDR_OWN)
		return sim_loopback(r);
	dev = network_find(r, daddr);
	if (dev || !r->gateway)
		return dev;
	*hop = r->gateway;
	return network_find(r, r->gateway);
}

const struct fw_dev *sim_alias(const struct sim_routes *r, const struct fw_dev *dev,
			       __u32 addr)
{
	size_t n = strnlen(dev->name, FW_IFNAMSIZ);

	for (__u32 i = 0; addr != dev->addr && n < FW_IFNAMSIZ && i < r->count; i++)
		if (r->dev[i].addr == addr && !memcmp(r->dev[i].name, dev->name, n) &&
		    r->dev[i].name[n] == ':')
			return &r->dev[i];
	return dev;
}
