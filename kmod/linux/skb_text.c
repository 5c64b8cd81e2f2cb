// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * skb_text.c - text and numbers of a TCP segment, or the text of a datagram, are changed.
 */
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/tcp.h>

#include "kmod/core/adjust.h"
#include "kmod/linux/skb_text.h"

bool fwk_segment_read(struct fwk_segment *seg, const struct sk_buff *skb)
{
	struct tcphdr buf;
	const struct tcphdr *th =
		skb_header_pointer(skb, ip_hdrlen(skb), sizeof(buf), &buf);

	if (!th)
		return false;
	seg->seq = ntohl(th->seq);
	seg->ack = ntohl(th->ack_seq);
	return true;
}

static void number_write(struct sk_buff *skb, struct tcphdr *th, __be32 *number, u32 value)
{
	__be32 new = htonl(value);

	inet_proto_csum_replace4(&th->check, skb, *number, new, false);
	*number = new;
}

/* The header is writable. */
static void sack_map(struct sk_buff *skb, struct tcphdr *th, const struct fw_adjust *acked)
{
	u8 *options = (u8 *)(th + 1);
	int size = __tcp_hdrlen(th) - sizeof(*th);
	__wsum before;

	if (size <= 0 || !(acked->before | acked->after))
		return;
	before = csum_partial(options, size, 0);
	fw_adjust_sack(acked, options, size);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		csum_replace_by_diff(&th->check,
				     csum_sub(csum_partial(options, size, 0), before));
}

static bool room_make(struct sk_buff *skb, int more)
{
	return more <= skb_tailroom(skb) ||
	       !pskb_expand_head(skb, 0, more - skb_tailroom(skb), GFP_ATOMIC);
}

/* All of the segment is summed again: the tracker has verified it. */
static void sum_new(struct sk_buff *skb, int offset)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct tcphdr *th = (struct tcphdr *)(skb->data + offset);
	int len = skb->len - offset;

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		th->check = ~tcp_v4_check(len, iph->saddr, iph->daddr, 0);
		return;
	}
	th->check = 0;
	th->check = tcp_v4_check(len, iph->saddr, iph->daddr, csum_partial(th, len, 0));
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
}

/* at: of the edited part, in the packet */
static bool text_write(struct sk_buff *skb, int at, const struct fw_text_edit *edit)
{
	int more = edit->size - edit->len, tail = skb->len - at - edit->len;

	if (tail < 0 || !room_make(skb, more))
		return false;
	if (more > 0)
		skb_put(skb, more);
	memmove(skb->data + at + edit->size, skb->data + at + edit->len, tail);
	memcpy(skb->data + at, edit->text, edit->size);
	if (more < 0)
		__skb_trim(skb, skb->len + more);
	return true;
}

/* Edits are in order, at where the text was before any of them. */
static bool edits_write(struct sk_buff *skb, int payload, const struct fw_text_edit *edit,
			unsigned int n)
{
	struct iphdr *iph;
	int moved = 0;
	unsigned int i;

	if (skb_is_gso(skb) || skb_ensure_writable(skb, skb->len))
		return false;
	for (i = 0; i < n; i++) {
		if (!text_write(skb, payload + edit[i].at + moved, &edit[i]))
			return false;
		moved += edit[i].size - edit[i].len;
	}
	iph = ip_hdr(skb);
	csum_replace2(&iph->check, iph->tot_len, htons(skb->len));
	iph->tot_len = htons(skb->len);
	return true;
}

bool fwk_segment_rewrite(struct sk_buff *skb, const struct fwk_segment *seg,
			 const struct fw_text_edit *edit, unsigned int n)
{
	int offset = ip_hdrlen(skb), hlen;
	struct tcphdr buf, *th = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	hlen = th ? max_t(int, __tcp_hdrlen(th), sizeof(*th)) : 0;
	if (!th || skb_ensure_writable(skb, offset + hlen))
		return false;
	if (n && !edits_write(skb, offset + hlen, edit, n))
		return false;
	th = (struct tcphdr *)(skb->data + offset);
	number_write(skb, th, &th->seq, seg->seq);
	number_write(skb, th, &th->ack_seq, seg->ack);
	sack_map(skb, th, &seg->acked);
	if (n)
		sum_new(skb, offset);
	return true;
}

/* The datagram is writable, and what is edited begins at an even offset. */
static void datagram_edit(struct sk_buff *skb, struct udphdr *uh, u8 *at,
			  const struct fw_text_edit *edit)
{
	__wsum before = csum_partial(at, edit->len, 0);

	memcpy(at, edit->text, edit->len);
	if (!uh->check || skb->ip_summed == CHECKSUM_PARTIAL)
		return;
	csum_replace_by_diff(&uh->check, csum_sub(csum_partial(at, edit->len, 0), before));
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

bool fwk_datagram_rewrite(struct sk_buff *skb, const struct fw_text_edit *edit, unsigned int n)
{
	unsigned int offset = ip_hdrlen(skb), at, i;

	if (n && skb_ensure_writable(skb, skb->len))
		return false;
	for (i = 0; i < n; i++) {
		at = offset + sizeof(struct udphdr) + edit[i].at;
		if (at + edit[i].len > skb->len)
			return false;
		datagram_edit(skb, (struct udphdr *)(skb->data + offset), skb->data + at,
			      &edit[i]);
	}
	return true;
}
