// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_skb.c - the tracker's two phases for a socket buffer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/ratelimit.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "kmod/core/packet.h"
#include "kmod/core/track_packet.h"
#include "kmod/track/track_host.h"
#include "kmod/track/track_skb.h"

/* IP and TCP header with options, or what an ICMP error quotes of them */
#define HEADERS_MAX 160

static_assert(sizeof(struct inet_skb_parm) <=
	      sizeof(((struct sk_buff *)0)->cb) - sizeof(struct fwk_seen));

/* Once a minute, of all namespaces. */
static void full_report(const struct fwk_track *t)
{
	static DEFINE_RATELIMIT_STATE(limit, 60 * HZ, 1);

	if (__ratelimit(&limit))
		pr_notice("table of %u connections full in namespace %u, packet dropped\n",
			  t->core.max, t->net->ns.inum);
}

/* Is the transport checksum right?  True if there is none, or a device has verified it.
 */
static bool sum_is_right(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	int offset = ip_hdrlen(skb);
	u32 len = iph_totlen(skb, iph) - offset;
	const struct udphdr *uh;
	struct udphdr buf;

	if (skb_csum_unnecessary(skb) || skb->ip_summed == CHECKSUM_PARTIAL)
		return true;
	switch (iph->protocol) {
	case IPPROTO_ICMP:
		return !csum_fold(skb_checksum(skb, offset, len, 0));
	case IPPROTO_UDP:
		uh = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		if (!uh || !uh->check)
			return true;
		len = min_t(u32, len, ntohs(uh->len));
		break;
	case IPPROTO_TCP:
		break;
	default:
		return true;
	}
	if (skb->ip_summed == CHECKSUM_COMPLETE &&
	    !nf_ip_checksum(skb, NF_INET_PRE_ROUTING, offset, iph->protocol))
		return true;
	return !csum_tcpudp_magic(iph->saddr, iph->daddr, len, iph->protocol,
				  skb_checksum(skb, offset, len, 0));
}

/*
 * Reads what the tracker needs.  buf has HEADERS_MAX bytes for headers that are not
 * linear.  The payload is read if all of the packet is linear.
 */
static bool packet_read(struct fw_track_packet *p, struct sk_buff *skb, u8 *buf,
			const struct nf_hook_state *state)
{
	u32 total = iph_totlen(skb, ip_hdr(skb)), have;
	const u8 *ip = (const u8 *)ip_hdr(skb);

	if (total > skb->len || total < ip_hdrlen(skb))
		return false;
	have = min_t(u32, total, skb_headlen(skb));
	if (have < min_t(u32, total, HEADERS_MAX)) {
		have = min_t(u32, total, HEADERS_MAX);
		if (skb_copy_bits(skb, 0, buf, have))
			return false;
		ip = buf;
	}
	fw_track_packet_read(p, ip, have, total);
	p->iface = state->in ? state->in->ifindex : 0;
	return true;
}

/* Is it a packet of our own that lo, or a broadcast, brings back? */
static bool packet_is_looped(const struct sk_buff *skb, const struct nf_hook_state *state)
{
	return state->hook == NF_INET_PRE_ROUTING &&
	       (skb->pkt_type == PACKET_LOOPBACK || state->in->flags & IFF_LOOPBACK);
}

static void seen_fill(const struct fwk_track *t, struct fwk_seen *seen,
		      const struct fw_seen *s)
{
	*seen = (struct fwk_seen){
		.magic = t->magic,
		.state = s->state,
		.dir = s->dir,
	};
	if (s->fresh)
		seen->flags |= FWK_SEEN_FRESH;
	if (s->entry && s->entry->helper)
		seen->flags |= FWK_SEEN_HELPER;
	if (s->kept)
		seen->flags |= FWK_SEEN_KEPT;
	/* as Linux: nothing is left that a second look could find */
	if (s->fresh && s->draft.flags & FW_ENTRY_EXPECTED &&
	    !(t->settings.own & FW_OWN_EXPECT_USE))
		seen->flags |= FWK_SEEN_EXPECTED;
}

struct fwk_seen *fwk_track_in(struct fwk_track *t, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);
	struct fw_track_packet p;
	u8 buf[HEADERS_MAX];
	struct fw_seen s;

	if (packet_is_looped(skb, state) && fwk_seen_valid(t, seen))
		return seen;
	if (!packet_read(&p, skb, buf, state))
		return NULL;
	if (!p.fault && state->in && READ_ONCE(t->settings.checksum) &&
	    !sum_is_right(skb))
		p.fault = FW_WHY_CHECKSUM;
	fw_track_in(&t->core, &p, fwk_track_now(), &s);
	if (!s.state)
		return NULL;
	seen_fill(t, seen, &s);
	return seen;
}

/* What the first phase and the rules have found, for a packet that begins an entry. */
static void draft_complete(struct fw_seen *s, const struct fwk_seen *seen)
{
	if (seen->flags & FWK_SEEN_EXPECTED && s->fresh) {
		s->draft.flags |= FW_ENTRY_EXPECTED;
		if (seen->flags & FWK_SEEN_KEPT)
			s->draft.kept = 1;
	}
	if (seen->helper)
		fw_track_helper(s, seen->helper);
}

/* Packets of connections with a helper change its data, one after the other. */
static int text_confirm(struct fwk_track *t, const struct fw_track_packet *p, u32 now,
			struct fw_seen *s)
{
	int err;

	spin_lock_bh(&t->help_lock);
	err = fw_track_confirm(&t->core, p, now, s);
	spin_unlock_bh(&t->help_lock);
	return err;
}

bool fwk_track_confirm(struct fwk_track *t, struct sk_buff *skb,
		       const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);
	bool text = seen->flags & FWK_SEEN_HELPER || seen->helper;
	u32 now = fwk_track_now();
	struct fw_track_packet p;
	u8 buf[HEADERS_MAX];
	struct fw_seen s;
	unsigned int dir;
	int err;

	/* Without memory the helper does not see the text, and the packet passes. */
	if (text && skb_is_nonlinear(skb))
		skb_linearize(skb);
	if (!packet_read(&p, skb, buf, state))
		return false;
	if (seen->flags & FWK_SEEN_FRESH) {
		seen->flags &= ~FWK_SEEN_FRESH;
		fw_track_in(&t->core, &p, now, &s);
		if (!s.state)
			return false;
		draft_complete(&s, seen);
	} else {
		s = (struct fw_seen){.state = seen->state, .dir = seen->dir};
		s.entry = p.has_key ? fw_host_find(&t->core, &p.key, &dir) : NULL;
	}
	if (seen->flags & FWK_SEEN_KEEP) {
		fw_track_keep(&s, 1);
		seen->flags |= FWK_SEEN_KEPT; /* lo brings it back */
	}
	err = text ? text_confirm(t, &p, now, &s)
		   : fw_track_confirm(&t->core, &p, now, &s);
	if (err == -ENOSPC)
		full_report(t);
	return !err;
}
