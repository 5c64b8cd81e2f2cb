// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * icmp_error.c - ICMP errors that the simulated host sends, as icmp_send of 2.0.
 */
#include "backend/sim/icmp_error.h"

#define ERROR_TTL 64
#define ERROR_HEADERS 28 /* bytes: IP and ICMP */
#define ERROR_QUOTE_MAX 556 /* bytes */
#define ICMP_TYPE_MAX 18 /* the last type that 2.0 knew */

static bool is_answered(const struct fw_packet *about, enum sim_addr daddr)
{
	if (daddr == SIM_ADDR_BROADCAST || daddr == SIM_ADDR_MULTICAST ||
	    about->frag_off & FW_IP_OFFSET)
		return false;
	if (about->proto != FW_PROTO_ICMP)
		return true;
	switch (about->icmp_type) {
	case FW_ICMP_UNREACH:
	case FW_ICMP_SOURCEQUENCH:
	case FW_ICMP_REDIRECT:
	case FW_ICMP_TIMXCEED:
	case FW_ICMP_PARAMPROB:
		return false;
	default:
		return about->icmp_type <= ICMP_TYPE_MAX;
	}
}

bool sim_icmp_error(struct fw_packet *error, const struct sim_icmp *icmp,
		    const struct fw_packet *about, const struct fw_dev *dev,
		    const struct sim_routes *routes)
{
	enum sim_addr daddr = sim_addr_kind(routes, about->daddr);
	bool query = about->proto == FW_PROTO_ICMP;

	if (!is_answered(about, daddr))
		return false;
	*error = (struct fw_packet){
		.saddr = daddr == SIM_ADDR_OWN ? about->daddr : dev->addr,
		.daddr = about->saddr,
		.proto = FW_PROTO_ICMP,
		.tos = (about->tos & 0x1e) | 0xc0,
		.ttl = ERROR_TTL,
		.len = ERROR_HEADERS +
		       (about->len < ERROR_QUOTE_MAX ? about->len : ERROR_QUOTE_MAX),
		.icmp_type = icmp->type,
		.icmp_code = icmp->code,
		/* the upper half of the gateway is where a query has its id */
		.icmp_id = (__u16)(icmp->gateway >> 16),
		.state = FW_STATE_RELATED,
		.kept = about->kept,
	};
	error->quote = (struct fw_quote){
		.proto = about->proto,
		.saddr = about->saddr,
		.daddr = about->daddr,
		.sport = query ? about->icmp_id : about->sport,
		.dport = query ? 0 : about->dport,
		.icmp_type = about->icmp_type,
		.icmp_code = about->icmp_code,
	};
	return true;
}
