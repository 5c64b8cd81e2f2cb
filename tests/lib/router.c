// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * router.c - a machine under test: a namespace with devices whose far ends the
 * test holds.
 */
#include "tests/lib/router.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/datagram.h"
#include "tests/lib/namespace.h"

/* commands for ip -batch, one a line */
struct script {
	char text[16384];
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
script_add(struct script *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	s->len += vsnprintf(s->text + s->len, sizeof(s->text) - s->len, format, args);
	va_end(args);
}

static int script_run(const struct script *s)
{
	return s->len < sizeof(s->text) ? namespace_run("ip -batch -", s->text) : -E2BIG;
}

#define ADDR "%u.%u.%u.%u"
#define ADDR_OF(a) (a) >> 24, (a) >> 16 & 255, (a) >> 8 & 255, (a) & 255
#define MAC "%02x:%02x:%02x:%02x:%02x:%02x"
#define MAC_OF(m) (m)[0], (m)[1], (m)[2], (m)[3], (m)[4], (m)[5]

static void macs_set(struct wire *w, __u32 number)
{
	const __u8 mac[WIRE_MAC] = { 2, 0, 0, 0, 0, (__u8)(number + 1) };

	memcpy(w->near_mac, mac, WIRE_MAC);
	memcpy(w->far_mac, mac, WIRE_MAC);
	w->far_mac[4] = 1;
}

/*
 * All sources pass, nothing is announced or answered slowly, and connections
 * are followed although nobody keeps sequence numbers.  An error message names
 * the address of the device that got the offender, as in 2.0.
 */
static const struct {
	const char *name, *value;
} near_sysctls[] = {
	{ "ipv6/conf/all/disable_ipv6", "1" },
	{ "ipv6/conf/default/disable_ipv6", "1" },
	{ "ipv4/ip_forward", "1" },
	{ "ipv4/ip_default_ttl", "64" },
	{ "ipv4/conf/all/rp_filter", "0" },
	{ "ipv4/conf/default/rp_filter", "0" },
	{ "ipv4/conf/all/accept_local", "1" },
	{ "ipv4/conf/all/accept_source_route", "1" },
	{ "ipv4/conf/all/shared_media", "0" },
	{ "ipv4/conf/default/shared_media", "0" },
	{ "ipv4/conf/all/accept_redirects", "0" },
	{ "ipv4/conf/default/accept_redirects", "0" },
	{ "ipv4/icmp_ratelimit", "0" },
	{ "ipv4/icmp_msgs_per_sec", "1000000" },
	{ "ipv4/icmp_msgs_burst", "1000000" },
	{ "ipv4/icmp_errors_use_inbound_ifaddr", "1" },
	{ "ipv4/icmp_echo_ignore_broadcasts", "0" },
};

/* known once something asks for connections; not there without tracking */
static const char liberal[] = "netfilter/nf_conntrack_tcp_be_liberal";

static int near_settings(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < FW_COUNT(near_sysctls); i++) {
		err = namespace_sysctl(near_sysctls[i].name, near_sysctls[i].value);
		if (err < 0 && err != -ENOENT && err != -EACCES && err != -EPERM)
			return err;
	}
	err = namespace_sysctl(liberal, "1");
	return err == -ENOENT ? 0 : err;
}

static int far_settings(void)
{
	int err = namespace_sysctl("ipv6/conf/default/disable_ipv6", "1");

	return err == -ENOENT ? 0 : err;
}

static void links_take(struct router *r, const struct fw_dev *devs, __u32 ndevs)
{
	__u32 i;

	r->nlinks = 0;
	for (i = 0; i < ndevs && r->nlinks < ROUTER_LINKS; i++) {
		struct router_link *l = &r->link[r->nlinks];

		if (!strncmp(devs[i].name, "lo", FW_IFNAMSIZ))
			continue;
		*l = (struct router_link){ .dev = devs[i], .wire.fd = -1 };
		macs_set(&l->wire, r->nlinks++);
	}
}

static int prefix_length(__u32 mask)
{
	return __builtin_popcount(mask);
}

/* the far ends come up first, so that ours have a carrier from their start */
static int links_make(struct router *r)
{
	struct script s = { .len = 0 };
	__u32 i;

	script_add(&s, "link set lo up\n");
	for (i = 0; i < r->nlinks; i++) {
		const struct router_link *l = &r->link[i];

		script_add(&s, "link add %.16s address " MAC " type veth peer name %.16s "
			       "address " MAC " netns /proc/%d/fd/%d\n",
			   l->dev.name, MAC_OF(l->wire.near_mac), l->dev.name,
			   MAC_OF(l->wire.far_mac), (int)getpid(), r->far_ns);
		script_add(&s, "addr add " ADDR "/%d broadcast + dev %.16s\n",
			   ADDR_OF(l->dev.addr), prefix_length(l->dev.mask), l->dev.name);
	}
	return script_run(&s);
}

static int links_up(const struct router *r)
{
	struct script s = { .len = 0 };
	__u32 i;

	for (i = 0; i < r->nlinks; i++)
		script_add(&s, "link set %.16s up\n", r->link[i].dev.name);
	return script_run(&s);
}

static int far_open(struct router *r)
{
	char name[FW_IFNAMSIZ + 1] = "";
	int err = links_up(r);
	__u32 i;

	for (i = 0; i < r->nlinks && !err; i++) {
		memcpy(name, r->link[i].dev.name, FW_IFNAMSIZ);
		err = wire_open(&r->link[i].wire, name);
	}
	return err;
}

static int route_set(struct router *r, __u32 gateway)
{
	struct script s = { .len = 0 };

	if (!gateway)
		return 0;
	script_add(&s, "route add default via " ADDR "\n", ADDR_OF(gateway));
	return script_run(&s) ? -EIO : router_neighbours(r, &gateway, 1);
}

/* Makes the far namespace, then the near one, and stays in that. */
static int namespaces_make(struct router *r)
{
	int err;

	r->far_ns = namespace_new();
	if (r->far_ns < 0)
		return r->far_ns;
	err = far_settings();
	r->near_ns = namespace_new();
	return err < 0 ? err : r->near_ns < 0 ? r->near_ns : near_settings();
}

static int links_connect(struct router *r)
{
	int err = links_make(r);

	if (!err)
		err = namespace_enter(r->far_ns);
	if (!err)
		err = far_open(r);
	if (namespace_enter(r->near_ns))
		return -EIO;
	return err ? err : links_up(r);
}

static int sockets_open(struct router *r)
{
	r->raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	return r->raw < 0 ? -errno : delivered_open(&r->delivered);
}

int router_open(struct router *r, const struct fw_dev *devs, __u32 ndevs, __u32 gateway)
{
	int err;

	*r = (struct router){ .near_ns = -1, .far_ns = -1, .raw = -1 };
	links_take(r, devs, ndevs);
	err = namespaces_make(r);
	if (!err)
		err = links_connect(r);
	if (!err)
		err = route_set(r, gateway);
	if (!err)
		err = sockets_open(r);
	if (!err)
		err = router_collect(r, NULL, 0);
	if (err < 0)
		router_close(r);
	return err;
}

static void descriptor_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

void router_close(struct router *r)
{
	__u32 i;

	for (i = 0; i < r->nlinks; i++)
		descriptor_close(r->link[i].wire.fd);
	delivered_close(&r->delivered);
	descriptor_close(r->raw);
	descriptor_close(r->near_ns);
	descriptor_close(r->far_ns);
}

static const struct router_link *link_of(const struct router *r, __u32 addr)
{
	__u32 i;

	for (i = 0; i < r->nlinks; i++)
		if (!((addr ^ r->link[i].dev.addr) & r->link[i].dev.mask))
			return &r->link[i];
	return NULL;
}

int router_neighbours(struct router *r, const __u32 *addr, __u32 n)
{
	struct script s = { .len = 0 };
	__u32 i;

	for (i = 0; i < n; i++) {
		const struct router_link *l = link_of(r, addr[i]);

		if (l && addr[i] != l->dev.addr)
			script_add(&s, "neigh replace " ADDR " lladdr " MAC " dev %.16s\n",
				   ADDR_OF(addr[i]), MAC_OF(l->wire.far_mac),
				   l->dev.name);
	}
	return script_run(&s);
}

struct router_link *router_link(struct router *r, const char *name)
{
	__u32 i;

	for (i = 0; i < r->nlinks; i++)
		if (!strncmp(r->link[i].dev.name, name, FW_IFNAMSIZ))
			return &r->link[i];
	return NULL;
}

int router_inject(struct router *r, const char *dev, const struct fw_packet *p)
{
	const struct router_link *l = router_link(r, dev);
	__u8 bytes[DATAGRAM_MAX];

	return l ? wire_send(&l->wire, bytes, datagram_build(p, bytes)) : -ENODEV;
}

int router_send(struct router *r, const struct fw_packet *p)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(p->daddr),
	};
	__u8 bytes[DATAGRAM_MAX];
	size_t len = datagram_build(p, bytes);

	return sendto(r->raw, bytes, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ?
	       -errno : 0;
}

/* where captured packets go */
struct collector {
	struct captured *c;
	unsigned int n, max;
	const struct fw_dev *dev;
};

static void packet_collect(void *ctx, const __u8 *packet, size_t len, bool checksummed)
{
	struct collector *to = ctx;
	struct captured *c = &to->c[to->n];

	if (to->n == to->max)
		return;
	*c = (struct captured){ .dev = to->dev };
	c->broken = datagram_parse(packet, len, !checksummed, &c->pkt) < 0;
	to->n++;
}

static void delivered_collect(void *ctx, const __u8 *packet, size_t len, bool invalid)
{
	struct collector *to = ctx;
	unsigned int n = to->n;

	packet_collect(ctx, packet, len, true);
	if (to->n > n)
		to->c[n].invalid = invalid;
}

int router_collect(struct router *r, struct captured *c, unsigned int max)
{
	struct collector to = { .c = c, .max = max };
	__u32 i;
	int err;

	for (i = 0; i < r->nlinks; i++) {
		const struct router_link *l = &r->link[i];

		to.dev = &l->dev;
		err = wire_settle(&l->wire, l->dev.addr, packet_collect, &to);
		if (err < 0)
			return err;
	}
	to.dev = NULL;
	delivered_take(&r->delivered, delivered_collect, &to);
	return (int)to.n;
}
