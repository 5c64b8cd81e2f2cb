// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * redirect.c - a packet for somebody else is taken in, its header unchanged.
 *
 * It gets a route as if it were for the receiving interface, and the socket that
 * listens on the port of the rule.  A connection then has the address that the
 * client meant as its own: getsockname() tells it, and answers come from it.
 */
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/dst_metadata.h>
#include <net/inet_hashtables.h>
#include <net/route.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "compat/kcompat.h"
#include "kmod/redirect.h"
#include "kmod/reject.h"

/* what a socket is looked for by */
struct target {
	struct net *net;
	struct sk_buff *skb;
	const struct iphdr *iph;
	__be16 sport, dport;
	__be32 addr;		/* of the receiving interface */
	__be16 port;		/* of the rule */
	int dif;
};

/* a socket that only RCU keeps */
static struct sock *socket_hold(struct sock *sk)
{
	return sk && refcount_inc_not_zero(&sk->sk_refcnt) ? sk : NULL;
}

static struct inet_hashinfo *tcp_table(const struct target *t)
{
	return t->net->ipv4.tcp_death_row.hashinfo;
}

static struct sock *listener_find(const struct target *t, int doff, __be32 daddr,
				  __be16 dport)
{
	return inet_lookup_listener(t->net, tcp_table(t), t->skb, doff, t->iph->saddr,
				    t->sport, daddr, dport, t->dif, 0);
}

/* A listener of exactly the address that was meant, else that of the rule. */
static struct sock *tcp_listener(const struct target *t, int doff)
{
	struct sock *sk = listener_find(t, doff, t->iph->daddr, t->dport);

	if (!sk || sk->sk_rcv_saddr != t->iph->daddr)
		sk = listener_find(t, doff, t->addr, t->port);
	return socket_hold(sk);
}

/* NULL: the kernel finds the socket by itself, or there is none */
static struct sock *tcp_socket(const struct target *t)
{
	struct tcphdr buf;
	const struct tcphdr *th = skb_header_pointer(t->skb, ip_hdrlen(t->skb),
						     sizeof(buf), &buf);
	int doff;
	struct sock *sk;

	if (!th)
		return NULL;
	doff = ip_hdrlen(t->skb) + __tcp_hdrlen(th);
	sk = inet_lookup_established(t->net, tcp_table(t), t->iph->saddr, t->sport,
				     t->iph->daddr, t->dport, t->dif);
	if (!sk)
		return tcp_listener(t, doff);
	if (sk->sk_state != TCP_TIME_WAIT || !th->syn || th->ack || th->rst || th->fin) {
		sock_gen_put(sk);
		return NULL;
	}
	/* a new connection between the same ends */
	inet_twsk_deschedule_put(inet_twsk(sk));
	return tcp_listener(t, doff);
}

static struct sock *udp_find(const struct target *t, __be32 daddr, __be16 dport)
{
	return __udp4_lib_lookup(t->net, t->iph->saddr, t->sport, daddr, dport, t->dif, 0,
				 kcompat_udp_table(t->net), t->skb);
}

static struct sock *udp_socket(const struct target *t)
{
	struct sock *sk = udp_find(t, t->iph->daddr, t->dport);

	if (sk && sk->sk_rcv_saddr == t->iph->daddr)
		return NULL;
	return socket_hold(udp_find(t, t->addr, t->port));
}

static void socket_assign(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_edemux;
}

static void tcp_redirect(const struct target *t)
{
	struct sock *sk = tcp_socket(t);

	if (!sk)
		return;
	/* else nothing could be sent from an address that is not ours */
	kcompat_sock_set_transparent(sk);
	socket_assign(t->skb, sk);
}

static void udp_redirect(const struct target *t)
{
	struct sock *sk = udp_socket(t);

	if (sk)
		socket_assign(t->skb, sk);
}

static bool ports_read(struct target *t)
{
	__be16 buf[2];
	const __be16 *port = skb_header_pointer(t->skb, ip_hdrlen(t->skb), sizeof(buf), buf);

	if (!port)
		return false;
	t->sport = port[0];
	t->dport = port[1];
	return true;
}

unsigned int fw_redirect(struct sk_buff *skb, const struct nf_hook_state *state,
			 const struct fw_dev *dev, u16 port)
{
	struct target t = {
		.net = state->net,
		.skb = skb,
		.addr = htonl(dev->addr),
		.port = htons(port),
		.dif = state->in->ifindex,
	};

	if (!port || skb->pkt_type != PACKET_HOST)
		return NF_ACCEPT;
	if (!skb_valid_dst(skb) && !fw_route_find(skb, t.addr))
		return NF_DROP;
	t.iph = ip_hdr(skb);
	if (t.iph->protocol == IPPROTO_TCP && ports_read(&t))
		tcp_redirect(&t);
	else if (t.iph->protocol == IPPROTO_UDP && ports_read(&t))
		udp_redirect(&t);
	return NF_ACCEPT;
}
