// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path.c - the way of a packet through a 2.0 host.
 *
 * What is sent by lo is queued and received when the packet at hand is done
 * with, as the old device layer did; so nothing recurses.
 */
#include "kmod/core/hook.h"
#include "kmod/core/path.h"

#define LOOPED_MAX 8	/* packets by lo that one packet may cause */

/* code of an ICMP redirect */
#define REDIRECT_HOST	1

#define ERROR_TTL 64
#define ERROR_HEADERS 28	/* IP and ICMP */
#define ERROR_QUOTE_MAX 556

struct journey {
	struct fw_path *path;
	struct fw_packet looped[LOOPED_MAX];
	unsigned int nlooped;
};

/* what an address means to us */
enum addr_kind {
	ADDR_FOREIGN,
	ADDR_OWN,
	ADDR_BROADCAST,
	ADDR_MULTICAST,
};

static enum addr_kind addr_kind_on(const struct fw_dev *dev, __u32 addr)
{
	__u32 host = addr & ~dev->mask;

	if (addr == dev->addr)
		return ADDR_OWN;
	if ((addr ^ dev->addr) & dev->mask || (host && host != ~dev->mask))
		return ADDR_FOREIGN;
	return ADDR_BROADCAST;
}

static enum addr_kind addr_kind(const struct fw_path *p, __u32 addr)
{
	__u32 i;

	if (!addr || addr == 0xffffffff)
		return ADDR_BROADCAST;
	if (addr >> 24 == 127)
		return ADDR_OWN;
	for (i = 0; i < p->ndevs; i++) {
		enum addr_kind kind = addr_kind_on(&p->devs[i], addr);

		if (kind != ADDR_FOREIGN)
			return kind;
	}
	return addr >> 28 == 0xe ? ADDR_MULTICAST : ADDR_FOREIGN;
}

bool fw_path_local(const struct fw_path *p, __u32 addr)
{
	return addr_kind(p, addr) != ADDR_FOREIGN;
}

static bool dev_is_loopback(const struct fw_dev *dev)
{
	return dev->addr >> 24 == 127;
}

static const struct fw_dev *loopback_find(const struct fw_path *p)
{
	__u32 i;

	for (i = 0; i < p->ndevs; i++)
		if (dev_is_loopback(&p->devs[i]))
			return &p->devs[i];
	return NULL;
}

/* the device whose network holds addr, the smallest network first */
static const struct fw_dev *network_find(const struct fw_path *p, __u32 addr)
{
	const struct fw_dev *best = NULL;
	__u32 i;

	for (i = 0; i < p->ndevs; i++) {
		const struct fw_dev *dev = &p->devs[i];

		if (dev->mask && !((addr ^ dev->addr) & dev->mask) &&
		    (!best || dev->mask > best->mask))
			best = dev;
	}
	return best;
}

/* *hop: the next station, the destination itself if it is near */
static const struct fw_dev *route_find(const struct fw_path *p, __u32 daddr, __u32 *hop)
{
	const struct fw_dev *dev;

	*hop = daddr;
	if (addr_kind(p, daddr) == ADDR_OWN)
		return loopback_find(p);
	dev = network_find(p, daddr);
	if (dev || !p->gateway)
		return dev;
	*hop = p->gateway;
	return network_find(p, p->gateway);
}

const struct fw_dev *fw_path_route(const struct fw_path *p, __u32 daddr)
{
	__u32 hop;

	return route_find(p, daddr, &hop);
}

/* an event that only says where the packet is */
static void tell(const struct fw_path *p, enum fw_step step, const struct fw_packet *pkt,
		 const struct fw_dev *dev)
{
	const struct fw_event ev = { .step = step, .pkt = pkt, .dev = dev };

	if (p->event)
		p->event(p->ctx, &ev);
}

static void tell_result(const struct fw_path *p, enum fw_step step,
			const struct fw_packet *pkt, const struct fw_dev *dev, int result)
{
	const struct fw_event ev = {
		.step = step, .pkt = pkt, .dev = dev, .result = result
	};

	if (p->event)
		p->event(p->ctx, &ev);
}

static void tell_drop(const struct fw_path *p, const struct fw_packet *pkt,
		      const struct fw_dev *dev, enum fw_drop reason)
{
	const struct fw_event ev = {
		.step = FW_STEP_DROP, .pkt = pkt, .dev = dev, .reason = reason
	};

	if (p->event)
		p->event(p->ctx, &ev);
}

/* The packet passes a list: the outcome, the event, and the packet's new TOS. */
static struct fw_outcome list_step(const struct fw_path *p, enum fw_step step,
				   struct fw_packet *pkt, const struct fw_dev *dev,
				   struct fw_decision *d)
{
	static const enum fw_list_id list_of[] = {
		[FW_STEP_ACCT_IN] = FW_ACCT,	[FW_STEP_INPUT] = FW_INPUT,
		[FW_STEP_FORWARD] = FW_FORWARD, [FW_STEP_OUTPUT] = FW_OUTPUT,
		[FW_STEP_ACCT_OUT] = FW_ACCT,
	};
	enum fw_list_id list = list_of[step];
	const struct fw_walk w = {
		.list = list,
		.direction = step == FW_STEP_ACCT_OUT ? FW_DIR_OUT : FW_DIR_IN,
		.count = p->counting,
		.dev = dev,
		.on_match = p->on_match,
		.ctx = p->ctx,
	};
	struct fw_event ev = { .step = step, .pkt = pkt, .dev = dev };

	fw_list_walk(&p->rules->list[list], &w, pkt, d);
	ev.decision = *d;
	if (p->event)
		p->event(p->ctx, &ev);
	pkt->tos = d->tos;
	return fw_list_outcome(list, d->verdict);
}

static bool outcome_drops(struct fw_outcome out)
{
	return out.action == FW_DROP || out.action == FW_ANSWER;
}

static void transmit(struct journey *j, const struct fw_packet *pkt,
		     const struct fw_dev *dev)
{
	tell(j->path, FW_STEP_XMIT, pkt, dev);
	if (!dev_is_loopback(dev))
		return;
	if (j->nlooped < LOOPED_MAX)
		j->looped[j->nlooped++] = *pkt;
	else
		tell_drop(j->path, pkt, dev, FW_DROP_LOOP);
}

/* Who sends a broadcast hears it too: a copy by lo, past the lists again. */
static void broadcast_loop(struct journey *j, const struct fw_packet *pkt,
			   const struct fw_dev *dev)
{
	const struct fw_dev *lo = loopback_find(j->path);
	struct fw_packet copy = *pkt;
	struct fw_decision d;

	if (!lo || dev_is_loopback(dev) ||
	    (pkt->daddr != 0xffffffff && pkt->daddr != (dev->addr | ~dev->mask)))
		return;
	if (outcome_drops(list_step(j->path, FW_STEP_OUTPUT, &copy, lo, &d))) {
		tell_drop(j->path, &copy, lo, FW_DROP_LIST);
		return;
	}
	list_step(j->path, FW_STEP_ACCT_OUT, &copy, lo, &d);
	transmit(j, &copy, lo);
}

/* A packet of our own. */
static int local_send(struct journey *j, struct fw_packet *pkt)
{
	const struct fw_dev *dev = fw_path_route(j->path, pkt->daddr);
	struct fw_decision d;

	if (!dev) {
		tell_drop(j->path, pkt, NULL, FW_DROP_NO_ROUTE);
		return -ENETUNREACH;
	}
	pkt->id = j->path->next_id++;
	if (outcome_drops(list_step(j->path, FW_STEP_OUTPUT, pkt, dev, &d))) {
		tell_drop(j->path, pkt, dev, FW_DROP_LIST);
		return -EPERM;
	}
	list_step(j->path, FW_STEP_ACCT_OUT, pkt, dev, &d);
	broadcast_loop(j, pkt, dev);
	transmit(j, pkt, dev);
	return 0;
}

/* Never about fragments, broadcasts or other errors. */
static bool error_allowed(const struct fw_path *p, const struct fw_packet *about)
{
	enum addr_kind kind = addr_kind(p, about->daddr);

	if (kind == ADDR_BROADCAST || kind == ADDR_MULTICAST ||
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
		return about->icmp_type <= 18;
	}
}

static void quote_set(struct fw_quote *q, const struct fw_packet *about)
{
	bool icmp = about->proto == FW_PROTO_ICMP;

	*q = (struct fw_quote){
		.proto = about->proto,
		.saddr = about->saddr,
		.daddr = about->daddr,
		.sport = icmp ? about->icmp_id : about->sport,
		.dport = icmp ? 0 : about->dport,
		.icmp_type = about->icmp_type,
		.icmp_code = about->icmp_code,
	};
}

/* gateway: of a redirect; its upper half stands where a query has its id */
static void error_send(struct journey *j, const struct fw_packet *about,
		       const struct fw_dev *received, __u8 type, __u8 code, __u32 gateway)
{
	const struct fw_path *p = j->path;
	const struct fw_event ev = {
		.step = FW_STEP_ICMP_SEND, .pkt = about, .dev = received,
		.icmp_type = type, .icmp_code = code,
	};
	bool own = addr_kind(p, about->daddr) == ADDR_OWN;
	struct fw_packet pkt = {
		.saddr = own ? about->daddr : received->addr,
		.daddr = about->saddr,
		.proto = FW_PROTO_ICMP,
		.tos = (about->tos & 0x1e) | 0xc0,
		.ttl = ERROR_TTL,
		.len = ERROR_HEADERS + (about->len < ERROR_QUOTE_MAX ? about->len :
								       ERROR_QUOTE_MAX),
		.icmp_type = type,
		.icmp_code = code,
		.icmp_id = (__u16)(gateway >> 16),
		.state = FW_STATE_RELATED,
		.kept = about->kept,
	};

	if (p->event)
		p->event(p->ctx, &ev);
	if (!error_allowed(p, about))
		return;
	quote_set(&pkt.quote, about);
	local_send(j, &pkt);
}

/* Drops a packet that a list refused, with an answer if it was a rejection. */
static void refuse(struct journey *j, const struct fw_packet *pkt,
		   const struct fw_dev *dev, const struct fw_dev *received,
		   struct fw_outcome out)
{
	tell_drop(j->path, pkt, dev, FW_DROP_LIST);
	if (out.action == FW_ANSWER)
		error_send(j, pkt, received, FW_ICMP_UNREACH, out.icmp_code, 0);
}

static bool masquerade(struct journey *j, struct fw_packet *pkt, const struct fw_dev *dev)
{
	struct fw_path *p = j->path;
	int result = fw_masquerade(p->conns, pkt, dev->addr, p->now);

	tell_result(p, FW_STEP_MASQUERADE, pkt, dev, result);
	if (result < 0)
		tell_drop(p, pkt, dev, FW_DROP_NOT_MASQUERADABLE);
	return result >= 0;
}

/* An ICMP error about a masqueraded connection is spared the forward list. */
static bool masquerade_error(struct journey *j, struct fw_packet *pkt,
			     const struct fw_dev *dev)
{
	struct fw_path *p = j->path;
	int result;

	if (!p->conns || !fw_masq_looks_into(pkt))
		return false;
	result = fw_masquerade_error(p->conns, pkt, p->now);
	tell_result(p, FW_STEP_MASQ_ICMP, pkt, dev, result);
	return result > 0;
}

/* The forward list, and masquerading if it says so; false: the packet is gone. */
static bool forward_pass(struct journey *j, struct fw_packet *pkt,
			 const struct fw_dev *dev, const struct fw_dev *received)
{
	struct fw_path *p = j->path;
	struct fw_outcome out;
	struct fw_decision d;

	if (masquerade_error(j, pkt, dev))
		return true;
	out = list_step(p, FW_STEP_FORWARD, pkt, dev, &d);
	if (outcome_drops(out)) {
		refuse(j, pkt, dev, received, out);
		return false;
	}
	if (!p->conns)
		return true;
	/* a kept connection stays masqueraded if it began so */
	if (out.action == FW_MASQUERADE ||
	    (d.by == FW_BY_STATE && fw_masqueraded(p->conns, pkt, p->now)))
		return masquerade(j, pkt, dev);
	return true;
}

/* 2.0 told the sender of a better gateway, but forwarded the packet as well. */
static bool redirect_due(const struct fw_packet *pkt, const struct fw_dev *dev,
			 const struct fw_dev *received, __u32 hop)
{
	return fw_name_equal(dev->name, received->name) && hop != pkt->daddr &&
	       !((pkt->saddr ^ hop) & dev->mask);
}

static void forward(struct journey *j, struct fw_packet *pkt,
		    const struct fw_dev *received, bool demasqueraded)
{
	const struct fw_dev *dev;
	struct fw_outcome out;
	struct fw_decision d;
	__u32 hop;

	if (--pkt->ttl == 0) {
		tell_drop(j->path, pkt, received, FW_DROP_TTL);
		error_send(j, pkt, received, FW_ICMP_TIMXCEED, 0, 0);
		return;
	}
	dev = route_find(j->path, pkt->daddr, &hop);
	if (!dev) {
		tell_drop(j->path, pkt, received, FW_DROP_NO_ROUTE);
		error_send(j, pkt, received, FW_ICMP_UNREACH, FW_UNREACH_NET, 0);
		return;
	}
	if (redirect_due(pkt, dev, received, hop))
		error_send(j, pkt, received, FW_ICMP_REDIRECT, REDIRECT_HOST, hop);
	if (!demasqueraded && !forward_pass(j, pkt, dev, received))
		return;
	out = list_step(j->path, FW_STEP_OUTPUT, pkt, dev, &d);
	if (outcome_drops(out)) {
		refuse(j, pkt, dev, received, out);
		return;
	}
	list_step(j->path, FW_STEP_ACCT_OUT, pkt, dev, &d);
	transmit(j, pkt, dev);
}

/* For us, unless it is an answer to somebody who is masqueraded. */
static void local_receive(struct journey *j, struct fw_packet *pkt,
			  const struct fw_dev *dev, __u16 redirport)
{
	struct fw_path *p = j->path;
	const struct fw_event ev = {
		.step = FW_STEP_DELIVER, .pkt = pkt, .dev = dev, .redirport = redirport
	};
	int result = 0;

	if (p->conns) {
		result = fw_demasquerade(p->conns, pkt, p->now);
		tell_result(p, FW_STEP_DEMASQUERADE, pkt, dev, result);
	}
	if (result < 0)
		tell_drop(p, pkt, dev, FW_DROP_NOT_MASQUERADABLE);
	else if (result)
		forward(j, pkt, dev, true);
	else if (p->event)
		p->event(p->ctx, &ev);
}

/* The alias of dev that has the packet's address (eth0:1 of eth0), else dev. */
static const struct fw_dev *alias_find(const struct fw_path *p, const struct fw_dev *dev,
				       __u32 daddr)
{
	__u32 i;

	for (i = 0; daddr != dev->addr && i < p->ndevs; i++) {
		const struct fw_dev *alias = &p->devs[i];
		unsigned int n = 0;

		while (n < FW_IFNAMSIZ - 1 && dev->name[n] && alias->name[n] == dev->name[n])
			n++;
		if (alias->addr == daddr && !dev->name[n] && alias->name[n] == ':')
			return alias;
	}
	return dev;
}

static void receive(struct journey *j, struct fw_packet *pkt, const struct fw_dev *dev)
{
	struct fw_path *p = j->path;
	struct fw_outcome out;
	struct fw_decision d;

	list_step(p, FW_STEP_ACCT_IN, pkt, dev, &d);
	dev = alias_find(p, dev, pkt->daddr);
	out = list_step(p, FW_STEP_INPUT, pkt, dev, &d);
	if (outcome_drops(out))
		refuse(j, pkt, dev, dev, out);
	else if (d.redirport || pkt->daddr == dev->addr || fw_path_local(p, pkt->daddr))
		local_receive(j, pkt, dev, d.redirport);
	else if (p->not_forwarding)
		tell_drop(p, pkt, dev, FW_DROP_NOT_FORWARDING);
	else
		forward(j, pkt, dev, false);
}

static void journey_begin(struct journey *j, struct fw_path *p)
{
	j->path = p;
	j->nlooped = 0;
	if (p->conns)
		p->conns->timeouts = p->rules->timeouts;
}

/* What went out by lo comes in; it may send more of the kind. */
static void journey_end(struct journey *j)
{
	const struct fw_dev *lo = loopback_find(j->path);
	unsigned int i;

	for (i = 0; i < j->nlooped; i++)
		receive(j, &j->looped[i], lo);
}

void fw_path_receive(struct fw_path *p, const struct fw_packet *pkt,
		     const struct fw_dev *dev)
{
	struct fw_packet copy = *pkt;
	struct journey j;

	journey_begin(&j, p);
	receive(&j, &copy, dev);
	journey_end(&j);
}

int fw_path_send(struct fw_path *p, const struct fw_packet *pkt, bool queued)
{
	struct fw_packet copy = *pkt;
	struct journey j;
	int err;

	journey_begin(&j, p);
	err = local_send(&j, &copy);
	journey_end(&j);
	return queued && err == -EPERM ? 0 : err;
}
