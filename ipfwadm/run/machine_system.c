// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine_system.c - this host's interfaces and routes, as its kernel tells them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipfwadm/run/machine.h"

static __u32 address_of(const struct sockaddr *a)
{
	return a && a->sa_family == AF_INET ?
		ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) : 0;
}

static struct machine_interface *interface_get(struct machine *m, const char *name)
{
	struct machine_interface *i = machine_interface_find(m, name);

	if (i || m->ninterfaces == MACHINE_INTERFACES)
		return i;
	i = &m->interface[m->ninterfaces++];
	memcpy(i->name, name, strnlen(name, IFNAMSIZ - 1));
	return i;
}

static int mtu_get(int fd, const char *name)
{
	struct ifreq r = { .ifr_mtu = 0 };

	memcpy(r.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(fd, SIOCGIFMTU, &r) < 0 || r.ifr_mtu <= 0 ? 1500 : r.ifr_mtu;
}

static void link_add(struct machine *m, const struct ifaddrs *ifa, int fd)
{
	const struct sockaddr_ll *ll = (const void *)ifa->ifa_addr;
	const struct rtnl_link_stats *stats = ifa->ifa_data;
	struct machine_interface *i = interface_get(m, ifa->ifa_name);

	if (!i)
		return;
	i->is_up = ifa->ifa_flags & IFF_UP;
	i->link = (struct machine_link){
		.mtu = mtu_get(fd, ifa->ifa_name), .flags = ifa->ifa_flags,
		.rx = stats ? stats->rx_packets : 0, .tx = stats ? stats->tx_packets : 0,
		.has_address = ll->sll_hatype == ARPHRD_ETHER,
	};
	memcpy(i->link.address, ll->sll_addr, sizeof(i->link.address));
}

/* The first one of a label; a label such as eth0:1 has its interface's link. */
static void address_add(struct machine *m, const struct ifaddrs *ifa)
{
	struct machine_interface *i = interface_get(m, ifa->ifa_name), *base;
	char name[IFNAMSIZ] = "";

	if (!i || i->addr)
		return;
	memcpy(name, i->name, strcspn(i->name, ":"));
	base = machine_interface_find(m, name);
	if (base && base != i) {
		i->link = base->link;
		i->link.rx = i->link.tx = 0;
		i->is_up = base->is_up;
	}
	i->addr = address_of(ifa->ifa_addr);
	i->mask = address_of(ifa->ifa_netmask);
	if (ifa->ifa_flags & IFF_POINTOPOINT)
		i->peer = address_of(ifa->ifa_dstaddr);
}

static void routes_read(struct machine *m)
{
	FILE *f = fopen("/proc/net/route", "re");
	struct machine_route r = { 0 };
	unsigned int flags;

	/* the first line names the columns */
	if (f && fscanf(f, "%*[^\n]") == 0)
		while (fscanf(f, "%15s %x %x %x %*d %*d %*d %x %*[^\n]", r.interface, &r.dest,
			      &r.gateway, &flags, &r.mask) == 5) {
			r.dest = ntohl(r.dest);
			r.gateway = ntohl(r.gateway);
			r.mask = ntohl(r.mask);
			if (flags & RTF_UP && !(flags & RTF_REJECT))
				machine_route_add(m, &r);	/* what is there twice is there */
		}
	if (f)
		fclose(f);
}

static bool has_device(const struct ifaddrs *list, const struct fw_dev *dev)
{
	while (list && (address_of(list->ifa_addr) != dev->addr ||
			strncmp(list->ifa_name, dev->name, FW_IFNAMSIZ) != 0))
		list = list->ifa_next;
	return list;
}

static int devices_declare(struct machine *m, const struct fw_interfaces *ifs, struct fw_error *e)
{
	for (__u32 n = 0; n < ifs->count; n++) {
		const struct fw_dev *d = &ifs->dev[n];
		char name[IFNAMSIZ] = "";
		struct machine_interface *i;

		memcpy(name, d->name, strnlen(d->name, FW_IFNAMSIZ - 1));
		i = m->ninterfaces < MACHINE_INTERFACES - 1 ? interface_get(m, name) : NULL;
		if (!i || i->addr)
			continue;
		i->addr = d->addr;
		i->mask = d->mask;
		i->is_up = true;
	}
	return machine_complete(m, e);
}

int machine_system_read(struct machine *m, const struct fw_interfaces *ifs, struct fw_error *e)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	struct ifaddrs *list = NULL;
	bool is_host = true;

	memset(m->interface, 0, sizeof(m->interface));
	m->ninterfaces = m->nroutes = m->nhosts = m->nnameservers = 0;
	if (fd < 0 || getifaddrs(&list) < 0)
		err = fw_error_set(e, errno, "cannot list the interfaces: %s", strerror(errno));
	for (__u32 n = 0; n < ifs->count; n++)
		is_host = is_host && has_device(list, &ifs->dev[n]);
	for (const struct ifaddrs *ifa = list; is_host && ifa; ifa = ifa->ifa_next) {
		if (ifa->ifa_addr && ifa->ifa_addr->sa_family == AF_PACKET)
			link_add(m, ifa, fd);
		else if (address_of(ifa->ifa_addr))
			address_add(m, ifa);
	}
	if (!err && !is_host)
		err = devices_declare(m, ifs, e);
	else if (!err)
		routes_read(m);
	if (list)
		freeifaddrs(list);
	if (fd >= 0)
		close(fd);
	if (gethostname(m->hostname, sizeof(m->hostname) - 1) < 0)
		m->hostname[0] = '\0';
	return err;
}
