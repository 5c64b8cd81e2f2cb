// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_skb.c - the tracker's two phases for a socket buffer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/ratelimit.h>
#include <net/ip.h>
#include <net/sock.h>

#include "compat/kcompat.h"
#include "kmod/core/helper_masq.h"
#include "kmod/core/masq_find.h"
#include "kmod/core/packet.h"
#include "kmod/core/track_packet.h"
#include "kmod/linux/skb.h"
#include "kmod/linux/skb_text.h"
#include "kmod/track/track_host.h"
#include "kmod/track/track_skb.h"

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

/* The payload is read if all of the packet is linear. */
bool fwk_view_read(struct fwk_view *v, const struct sk_buff *skb,
		   const struct nf_hook_state *state)
{
	u32 total = iph_totlen(skb, ip_hdr(skb)), have;
	const u8 *ip = (const u8 *)ip_hdr(skb);

	if (total > skb->len || total < ip_hdrlen(skb))
		return false;
	have = min_t(u32, total, skb_headlen(skb));
	if (have < min_t(u32, total, FWK_HEADERS_MAX)) {
		have = min_t(u32, total, FWK_HEADERS_MAX);
		if (skb_copy_bits(skb, 0, v->buf, have))
			return false;
		ip = v->buf;
	}
	fw_track_packet_read(&v->p, ip, have, total);
	v->p.iface = state->in ? state->in->ifindex : 0;
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
	if (s->helped)
		seen->flags |= FWK_SEEN_HELPER;
	if (s->kept)
		seen->flags |= FWK_SEEN_KEPT;
	/* as Linux: nothing is left that a second look could find */
	if (s->fresh && s->draft.flags & FW_ENTRY_EXPECTED &&
	    !(t->settings.own & FW_OWN_EXPECT_USE))
		seen->flags |= FWK_SEEN_EXPECTED;
}

/*
 * The last packet that a processor has received and that begins a connection.  Our own
 * ICMP error about such a packet is sent before the next one is received, and then its
 * connection is not stored.
 */
struct beginning {
	u32 magic;
	struct fw_key key;
};

static DEFINE_PER_CPU(struct beginning, last_beginning);

static void beginning_note(const struct fwk_track *t, const struct fw_key *k)
{
	*this_cpu_ptr(&last_beginning) = (struct beginning){t->magic, *k};
}

/* Is it an error about that packet, which the kernel itself sends? */
static bool is_about_beginning(const struct fwk_track *t, const struct fw_track_packet *p,
			       const struct nf_hook_state *state)
{
	const struct beginning *b = get_cpu_ptr(&last_beginning);
	const struct fw_key *k = &b->key;
	bool same = state->sk && state->sk->sk_kern_sock && b->magic == t->magic &&
		    p->quote_to == k->saddr && p->key.saddr == k->daddr &&
		    p->key.sport == k->dport &&
		    p->key.daddr == k->saddr && p->key.dport == k->sport &&
		    p->key.proto == k->proto;

	put_cpu_ptr(&last_beginning);
	return same;
}

struct fwk_seen *fwk_track_in(struct fwk_track *t, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);
	struct fwk_view v kcompat_uninitialized;
	struct fw_seen s kcompat_uninitialized;
	bool verify;

	if (packet_is_looped(skb, state) && fwk_seen_valid(t, seen))
		return seen;
	if (!fwk_view_read(&v, skb, state))
		return NULL;
	verify = !v.p.fault && state->in && READ_ONCE(t->settings.checksum);
	if (verify && !fwk_skb_sum_is_right(skb)) {
		v.p.fault = FW_WHY_CHECKSUM;
		verify = false;
	}
	fw_track_in(&t->core, &v.p, fwk_track_now(), &s);
	if (s.why && s.why != FW_WHY_FULL)
		fw_host_stat_add(&t->core, FW_STAT_WHY + s.why);
	if (!s.state)
		return NULL;
	if (s.fresh && state->hook == NF_INET_PRE_ROUTING)
		beginning_note(t, &v.p.key);
	if (state->hook == NF_INET_LOCAL_OUT && s.why == FW_WHY_QUOTE_NO_ENTRY &&
	    is_about_beginning(t, &v.p, state))
		s.state = FW_STATE_RELATED;
	if (s.masq)
		fwk_skb_untrack(skb);
	seen_fill(t, seen, &s);
	if (verify)
		seen->flags |= FWK_SEEN_SUM;
	return seen;
}

/* The entry of a packet, by its key before or after it was translated. */
static struct fw_entry *entry_of(struct fwk_track *t, const struct fwk_seen *seen,
				 const struct fw_track_packet *p)
{
	struct fw_key k = p->key;
	unsigned int dir;

	if (!p->has_key)
		return NULL;
	if (seen->flags & FWK_SEEN_MASQ) {
		const struct fw_key outer = {0, k.saddr, 0, k.sport, k.proto, FW_KEY_MASQ};
		struct fw_entry *c = fw_host_find(&t->core, &outer, &dir);

		if (c && fw_masq_has_peer(c, k.daddr, k.dport))
			return c;
	}
	/*
	 * an entry that shares its port, the answer of a port forward's target, or what was
	 * sent towards the inside
	 */
	if (seen->flags & (FWK_SEEN_MASQ | FWK_SEEN_DEMASQ))
		k = (struct fw_key){p->key.daddr, p->key.saddr, p->key.dport,
				    p->key.sport, p->key.proto, FW_KEY_PLAIN};
	return fw_host_find(&t->core, &k, &dir);
}

void fwk_seen_resume(struct fwk_track *t, struct fwk_seen *seen, const struct fwk_view *v,
		     u32 now, struct fw_seen *s)
{
	if (seen->flags & FWK_SEEN_FRESH) {
		seen->flags &= ~FWK_SEEN_FRESH;
		fw_track_in(&t->core, &v->p, now, s);
	} else {
		fw_seen_init(s, seen->state, seen->dir);
		s->entry = entry_of(t, seen, &v->p);
	}
	if (seen->flags & FWK_SEEN_EXPECTED && s->fresh) {
		s->draft.flags |= FW_ENTRY_EXPECTED;
		if (seen->flags & FWK_SEEN_KEPT)
			s->draft.kept = 1;
	}
	if (seen->helper)
		fw_track_helper(s, seen->helper);
	if (seen->flags & FWK_SEEN_KEEP) {
		fw_track_keep(s, &v->p, 1);
		seen->flags |= FWK_SEEN_KEPT; /* lo brings it back */
	}
}

/* Numbers of a segment of a masqueraded connection, as its receiver sees them. */
static void numbers_map(const struct fwk_track *t, const struct fw_entry *c, bool outgoing,
			struct fwk_segment *seg)
{
	unsigned int dir = outgoing ? FW_ORIGINAL : FW_REPLY;

	fw_helper_numbers(&t->core, c, dir, &seg->seq, &seg->ack);
	if (c->help)
		seg->acked = t->core.helps[c->help].adjust[!dir];
}

/* The helper of the packet's connection, or of the one that it begins. */
static u8 helper_of(const struct fw_seen *s)
{
	return s->fresh ? s->draft.helper : s->entry ? READ_ONCE(s->entry->helper) : 0;
}

/* In one buffer there may be several messages of CU-SeeMe (GSO), of which the first was read. */
static bool datagram_write(struct sk_buff *skb, const struct fw_seen *s)
{
	if (skb_is_gso(skb) && helper_of(s) == FW_HELPER_CUSEEME)
		return false;
	return fwk_datagram_rewrite(skb, s->edit, s->edits);
}

/*
 * Packets of connections with a helper change its data, one after the other.  What the
 * helper changes in a masqueraded one is written into the packet.
 */
static int text_confirm(struct fwk_track *t, struct sk_buff *skb, const struct fwk_view *v,
			u32 now, struct fw_seen *s)
{
	u8 translated = fwk_seen(skb)->flags & (FWK_SEEN_MASQ | FWK_SEEN_DEMASQ);
	struct fwk_segment seg = {0};
	bool is_tcp = v->p.key.proto == FW_PROTO_TCP;
	/* An ICMP error has the key of what it quotes. */
	bool rewrites = translated && v->p.icmp_class != FW_ICMP_CLASS_ERROR &&
			(!is_tcp || fwk_segment_read(&seg, skb));
	int err;

	spin_lock_bh(&t->help_lock);
	fwk_masq_lock(t);
	err = fw_track_confirm(&t->core, &v->p, now, s);
	if (rewrites && is_tcp && s->entry)
		numbers_map(t, s->entry, translated & FWK_SEEN_MASQ, &seg);
	spin_unlock_bh(&t->masq_lock);
	spin_unlock_bh(&t->help_lock);
	if (!err && rewrites &&
	    !(is_tcp ? fwk_segment_rewrite(skb, &seg, s->edit, s->edits)
		     : datagram_write(skb, s)))
		err = -ENOMEM;
	return err;
}

bool fwk_track_confirm(struct fwk_track *t, struct sk_buff *skb,
		       const struct nf_hook_state *state)
{
	struct fwk_seen *seen = fwk_seen(skb);
	u32 now = fwk_track_now();
	struct fwk_view v kcompat_uninitialized;
	struct fw_seen s kcompat_uninitialized;
	bool text;
	int err;

	if (!fwk_view_read(&v, skb, state))
		return false;
	fwk_seen_resume(t, seen, &v, now, &s);
	if (!s.state)
		return false;
	text = helper_of(&s);
	/* Without memory the helper does not see the text, and the packet passes. */
	if (text && skb_is_nonlinear(skb) && !skb_linearize(skb) &&
	    !fwk_view_read(&v, skb, state))
		return false;
	err = text ? text_confirm(t, skb, &v, now, &s)
		   : fw_track_confirm(&t->core, &v.p, now, &s);
	if (err == -ENOSPC)
		full_report(t);
	return !err;
}
