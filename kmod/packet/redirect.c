// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * redirect.c - a packet for somebody else is taken in, its header unchanged.
 *
 * It gets a route as if it were for the receiving interface, and the socket that
 * listens on the port of the rule.  A connection then has the address that the
 * client meant as its own: getsockname() tells it, and answers come from it.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/dst_metadata.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "compat/kcompat.h"
#include "kmod/packet/redirect.h"
#include "kmod/linux/reject.h"

/* what sockets are looked for by: the ends of a packet that is received */
struct ends {
	struct net *net;
	struct sk_buff *skb;
	int dif;
	u8 proto;
	__be32 saddr, daddr;
	__be16 sport, dport;
};

/* where the rule wants it to go */
struct target {
	__be32 addr;
	__be16 port;
};

static bool ports_read(struct ends *e, int offset)
{
	__be16 buf[2];
	const __be16 *port = skb_header_pointer(e->skb, offset, sizeof(buf), buf);

	if (!port)
		return false;
	e->sport = port[0];
	e->dport = port[1];
	return true;
}

/* false: neither TCP nor UDP */
static bool ends_read(struct ends *e, const struct fw_net *fn, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	*e = (struct ends){
		.net = fn->net, .skb = skb, .dif = skb->dev->ifindex,
		.proto = iph->protocol, .saddr = iph->saddr, .daddr = iph->daddr,
	};
	return (e->proto == IPPROTO_TCP || e->proto == IPPROTO_UDP) &&
	       ports_read(e, ip_hdrlen(skb));
}

/* The ends of the packet that an ICMP error is about, which we had sent. */
static bool ends_read_quoted(struct ends *e)
{
	int offset = ip_hdrlen(e->skb);
	struct icmphdr icmp_buf;
	const struct icmphdr *icmp;
	struct iphdr buf;
	const struct iphdr *iph;

	icmp = skb_header_pointer(e->skb, offset, sizeof(icmp_buf), &icmp_buf);
	if (!icmp || !icmp_is_err(icmp->type))
		return false;
	offset += sizeof(*icmp);
	iph = skb_header_pointer(e->skb, offset, sizeof(buf), &buf);
	if (!iph || iph->ihl < 5 || !ports_read(e, offset + 4 * iph->ihl))
		return false;
	e->proto = iph->protocol;
	e->saddr = iph->daddr;
	e->daddr = iph->saddr;
	swap(e->sport, e->dport);
	return e->proto == IPPROTO_TCP || e->proto == IPPROTO_UDP;
}

/* a socket that only RCU keeps */
static struct sock *socket_hold(struct sock *sk)
{
	return sk && refcount_inc_not_zero(&sk->sk_refcnt) ? sk : NULL;
}

static struct inet_hashinfo *tcp_table(const struct ends *e)
{
	return e->net->ipv4.tcp_death_row.hashinfo;
}

static struct sock *tcp_connection(const struct ends *e)
{
	return inet_lookup_established(e->net, tcp_table(e), e->saddr, e->sport, e->daddr,
				       e->dport, e->dif);
}

static struct sock *listener_find(const struct ends *e, int doff, __be32 daddr,
				  __be16 dport)
{
	return inet_lookup_listener(e->net, tcp_table(e), e->skb, doff, e->saddr, e->sport,
				    daddr, dport, e->dif, 0);
}

/* A listener of exactly the address that was meant, else that of the rule. */
static struct sock *tcp_listener(const struct ends *e, int doff, const struct target *to)
{
	struct sock *sk = listener_find(e, doff, e->daddr, e->dport);

	if (!sk || sk->sk_rcv_saddr != e->daddr)
		sk = listener_find(e, doff, to->addr, to->port);
	return socket_hold(sk);
}

/* NULL: the kernel finds the socket by itself, or there is none */
static struct sock *tcp_socket(const struct ends *e, const struct target *to)
{
	int offset = ip_hdrlen(e->skb), doff;
	struct tcphdr buf;
	const struct tcphdr *th = skb_header_pointer(e->skb, offset, sizeof(buf), &buf);
	struct sock *sk;

	if (!th)
		return NULL;
	doff = offset + __tcp_hdrlen(th);
	sk = tcp_connection(e);
	if (!sk)
		return tcp_listener(e, doff, to);
	if (sk->sk_state != TCP_TIME_WAIT || !th->syn || th->ack || th->rst || th->fin) {
		sock_gen_put(sk);
		return NULL;
	}
	/* a new connection between the same ends */
	inet_twsk_deschedule_put(inet_twsk(sk));
	return tcp_listener(e, doff, to);
}

static struct sock *udp_find(const struct ends *e, __be32 daddr, __be16 dport)
{
	return __udp4_lib_lookup(e->net, e->saddr, e->sport, daddr, dport, e->dif, 0,
				 kcompat_udp_table(e->net), e->skb);
}

/* Is there a socket of exactly the address that was meant?  The kernel finds it. */
static bool udp_is_bound(const struct ends *e)
{
	const struct sock *sk = udp_find(e, e->daddr, e->dport);

	return sk && sk->sk_rcv_saddr == e->daddr;
}

static struct sock *udp_socket(const struct ends *e, const struct target *to)
{
	return udp_is_bound(e) ? NULL : socket_hold(udp_find(e, to->addr, to->port));
}

static void socket_assign(const struct ends *e, const struct target *to)
{
	bool tcp = e->proto == IPPROTO_TCP;
	struct sock *sk = tcp ? tcp_socket(e, to) : udp_socket(e, to);

	if (!sk)
		return;
	/* else it could not answer from an address that is not ours */
	if (tcp)
		kcompat_sock_set_transparent(sk);
	skb_orphan(e->skb);
	e->skb->sk = sk;
	e->skb->destructor = sock_edemux;
}

/* What came by lo has its route already. */
static bool packet_take_in(struct sk_buff *skb, __be32 addr)
{
	return skb_valid_dst(skb) || fw_route_find(skb, addr);
}

unsigned int fw_redirect(struct fw_net *fn, struct sk_buff *skb,
			 const struct fw_dev *dev, u16 port)
{
	const struct target to = { .addr = htonl(dev->addr), .port = htons(port) };
	struct ends e;

	if (!port || skb->pkt_type != PACKET_HOST)
		return NF_ACCEPT;
	if (!packet_take_in(skb, to.addr))
		return NF_DROP;
	if (ends_read(&e, fn, skb))
		socket_assign(&e, &to);
	if (!READ_ONCE(fn->redirects))
		WRITE_ONCE(fn->redirects, true);
	return NF_ACCEPT;
}

static bool ends_have_socket(const struct ends *e)
{
	struct sock *sk;

	if (e->proto == IPPROTO_UDP)
		return udp_is_bound(e);
	sk = tcp_connection(e);
	if (sk)
		sock_gen_put(sk);
	return sk;
}

unsigned int fw_redirect_go_on(struct fw_net *fn, struct sk_buff *skb,
			       const struct fw_dev *dev)
{
	struct ends e;

	if (!READ_ONCE(fn->redirects) || skb->pkt_type != PACKET_HOST)
		return NF_ACCEPT;
	if (!ends_read(&e, fn, skb) && (e.proto != IPPROTO_ICMP || !ends_read_quoted(&e)))
		return NF_ACCEPT;
	if (ends_have_socket(&e) && !packet_take_in(skb, htonl(dev->addr)))
		return NF_DROP;
	return NF_ACCEPT;
}
