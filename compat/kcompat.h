/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcompat.h - differences between kernel versions.
 */
#ifndef FW_KCOMPAT_H
#define FW_KCOMPAT_H

#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/inet_sock.h>
#include <net/udp.h>

/*
 * A local variable that is not cleared where the kernel clears all of them, because that
 * costs more than what is done with it.  It is not copied to anyone.
 */
#if __has_attribute(__uninitialized__)
#define kcompat_uninitialized __attribute__((__uninitialized__))
#else
#define kcompat_uninitialized
#endif

/* since 6.2 each namespace may have its own table */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define kcompat_udp_table(net) ((void)(net), &udp_table)
#else
#define kcompat_udp_table(net) ((net)->ipv4.udp_table)
#endif

/* since 6.18 a namespace finds its own table of TCP sockets */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define kcompat_tcp_table(net) (net), (net)->ipv4.tcp_death_row.hashinfo
#else
#define kcompat_tcp_table(net) (net)
#endif

/* since 6.13 the type of service is one that has no ECN bits */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define kcompat_route_tos(iph) ((iph)->tos)
#else
#define kcompat_route_tos(iph) ip4h_dscp(iph)
#endif

/*
 * Lets a listener accept connections to addresses that are not local.  Before 6.7 the
 * flag was a bit field, which only the owner of the socket may write.  If a process owns
 * it now, the flag is set when the client sends its SYN again.
 */
static inline void kcompat_sock_set_transparent(struct sock *sk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	if (inet_sk(sk)->transparent)
		return;
	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		inet_sk(sk)->transparent = 1;
	bh_unlock_sock(sk);
#else
	inet_set_bit(TRANSPARENT, sk);
#endif
}

/* since 6.11 a handler gets its table as constant */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
typedef struct ctl_table kcompat_ctl_table;
#else
typedef const struct ctl_table kcompat_ctl_table;
#endif

/* since 6.6 the number of elements is an argument, before that the last one is empty */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define kcompat_register_net_sysctl(net, path, table, n)                                 \
	((void)(n), register_net_sysctl(net, path, table))
#else
#define kcompat_register_net_sysctl(net, path, table, n)                                 \
	register_net_sysctl_sz(net, path, table, n)
#endif

#endif
