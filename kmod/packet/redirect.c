// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * redirect.c - delivery of a packet for another host to a local socket.
 *
 * The header stays as it is.  The packet gets the route of a packet to the receiving
 * interface, and the socket that listens on the port of the rule.  The local address of
 * the connection is the original destination: getsockname() returns it, and replies are
 * sent from it.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "compat/kcompat.h"
#include "kmod/linux/reject.h"
#include "kmod/packet/redirect.h"

/* a received packet and the key of its socket */
struct lookup {
	struct sk_buff *skb;
	u8 proto;
	__be32 saddr, daddr;
	__be16 sport, dport;
};

/* the destination that the rule replaces the packet's with */
struct target {
	__be32 addr;
	__be16 port;
};

static bool ports_read(struct lookup *l, int offset)
{
	__be16 buf[2];
	const __be16 *port = skb_header_pointer(l->skb, offset, sizeof(buf), buf);

	if (!port)
		return false;
	l->sport = port[0];
	l->dport = port[1];
	return true;
}

/* Returns false unless it is TCP or UDP with ports. */
static bool lookup_init(struct lookup *l, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	*l = (struct lookup){
		.skb = skb,
		.proto = iph->protocol,
		.saddr = iph->saddr,
		.daddr = iph->daddr,
	};
	return (l->proto == IPPROTO_TCP || l->proto == IPPROTO_UDP) &&
	       ports_read(l, ip_hdrlen(skb));
}

/* The same for the quoted packet of an ICMP error, reversed because we sent it. */
static bool lookup_init_quoted(struct lookup *l)
{
	int offset = ip_hdrlen(l->skb);
	struct icmphdr icmp_buf;
	const struct icmphdr *icmp;
	struct iphdr buf;
	const struct iphdr *iph;

	icmp = skb_header_pointer(l->skb, offset, sizeof(icmp_buf), &icmp_buf);
	if (!icmp || !icmp_is_err(icmp->type))
		return false;
	offset += sizeof(*icmp);
	iph = skb_header_pointer(l->skb, offset, sizeof(buf), &buf);
	if (!iph || iph->ihl < 5 || !ports_read(l, offset + 4 * iph->ihl))
		return false;
	l->proto = iph->protocol;
	l->saddr = iph->daddr;
	l->daddr = iph->saddr;
	swap(l->sport, l->dport);
	return l->proto == IPPROTO_TCP || l->proto == IPPROTO_UDP;
}

/* Takes a reference to a socket that is protected by RCU only. */
static struct sock *socket_hold(struct sock *sk)
{
	return sk && refcount_inc_not_zero(&sk->sk_refcnt) ? sk : NULL;
}

static struct net *lookup_net(const struct lookup *l)
{
	return dev_net(l->skb->dev);
}

static struct sock *tcp_connection(const struct lookup *l)
{
	return inet_lookup_established(kcompat_tcp_table(lookup_net(l)), l->saddr, l->sport,
				       l->daddr, l->dport, l->skb->dev->ifindex);
}

static struct sock *listener_find(const struct lookup *l, int doff, __be32 daddr,
				  __be16 dport)
{
	return inet_lookup_listener(kcompat_tcp_table(lookup_net(l)), l->skb, doff, l->saddr,
				    l->sport, daddr, dport, l->skb->dev->ifindex, 0);
}

/* A listener bound to the original destination, else that of the rule. */
static struct sock *tcp_listener(const struct lookup *l, int doff,
				 const struct target *to)
{
	struct sock *sk = listener_find(l, doff, l->daddr, l->dport);

	if (!sk || sk->sk_rcv_saddr != l->daddr)
		sk = listener_find(l, doff, to->addr, to->port);
	return socket_hold(sk);
}

/* NULL: no socket exists, or the kernel itself finds it */
static struct sock *tcp_socket(const struct lookup *l, const struct target *to)
{
	int offset = ip_hdrlen(l->skb), doff;
	struct tcphdr buf;
	const struct tcphdr *th = skb_header_pointer(l->skb, offset, sizeof(buf), &buf);
	struct sock *sk;

	if (!th)
		return NULL;
	doff = offset + __tcp_hdrlen(th);
	sk = tcp_connection(l);
	if (!sk)
		return tcp_listener(l, doff, to);
	if (sk->sk_state != TCP_TIME_WAIT || !th->syn || th->ack || th->rst || th->fin) {
		sock_gen_put(sk);
		return NULL;
	}
	/* a new connection between the same ends */
	inet_twsk_deschedule_put(inet_twsk(sk));
	return tcp_listener(l, doff, to);
}

static struct sock *udp_find(const struct lookup *l, __be32 daddr, __be16 dport)
{
	return __udp4_lib_lookup(lookup_net(l), l->saddr, l->sport, daddr, dport,
				 l->skb->dev->ifindex, 0,
				 kcompat_udp_table(lookup_net(l)), l->skb);
}

/* Is a socket bound to the original destination?  Then the kernel finds it. */
static bool udp_is_bound(const struct lookup *l)
{
	const struct sock *sk = udp_find(l, l->daddr, l->dport);

	return sk && sk->sk_rcv_saddr == l->daddr;
}

static struct sock *udp_socket(const struct lookup *l, const struct target *to)
{
	return udp_is_bound(l) ? NULL : socket_hold(udp_find(l, to->addr, to->port));
}

static void socket_assign(const struct lookup *l, const struct target *to)
{
	bool tcp = l->proto == IPPROTO_TCP;
	struct sock *sk = tcp ? tcp_socket(l, to) : udp_socket(l, to);

	if (!sk)
		return;
	/* otherwise it could not reply from an address that is not local */
	if (tcp)
		kcompat_sock_set_transparent(sk);
	skb_orphan(l->skb);
	l->skb->sk = sk;
	l->skb->destructor = sock_edemux;
}

unsigned int fwk_redirect(struct fwk_redirect *redirect, struct sk_buff *skb,
			  const struct fw_dev *dev, u16 port)
{
	const struct target to = { .addr = htonl(dev->addr), .port = htons(port) };
	struct lookup l;

	if (!port || skb->pkt_type != PACKET_HOST)
		return NF_ACCEPT;
	if (!fwk_route_input(skb, to.addr))
		return NF_DROP;
	if (lookup_init(&l, skb))
		socket_assign(&l, &to);
	if (!READ_ONCE(redirect->used))
		WRITE_ONCE(redirect->used, true);
	return NF_ACCEPT;
}

static bool lookup_has_socket(const struct lookup *l)
{
	struct sock *sk;

	if (l->proto == IPPROTO_UDP)
		return udp_is_bound(l);
	sk = tcp_connection(l);
	if (sk)
		sock_gen_put(sk);
	return sk;
}

unsigned int fwk_redirect_continue(struct sk_buff *skb, const struct fw_dev *dev)
{
	struct lookup l;

	if (skb->pkt_type != PACKET_HOST)
		return NF_ACCEPT;
	if (!lookup_init(&l, skb) && (l.proto != IPPROTO_ICMP || !lookup_init_quoted(&l)))
		return NF_ACCEPT;
	if (lookup_has_socket(&l) && !fwk_route_input(skb, htonl(dev->addr)))
		return NF_DROP;
	return NF_ACCEPT;
}
