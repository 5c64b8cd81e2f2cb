// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * interfaces.c - the interfaces of the running system.
 */
#include "backend/interfaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

/* a host has fewer; the kernel's answer is not trusted to be finite */
#define INTERFACES_MAX 65536

static __u32 address_of(const struct sockaddr *sa)
{
	return ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr);
}

static bool is_ipv4(const struct ifaddrs *ifa)
{
	return ifa->ifa_addr && ifa->ifa_addr->sa_family == AF_INET;
}

static __u32 ipv4_count(const struct ifaddrs *ifa)
{
	__u32 n = 0;

	for (; ifa && n < INTERFACES_MAX; ifa = ifa->ifa_next)
		n += is_ipv4(ifa);
	return n;
}

static void dev_set(struct fw_dev *dev, const struct ifaddrs *ifa)
{
	memset(dev, 0, sizeof(*dev));
	memcpy(dev->name, ifa->ifa_name, strnlen(ifa->ifa_name, FW_IFNAMSIZ));
	dev->addr = address_of(ifa->ifa_addr);
	dev->mask = ifa->ifa_netmask ? address_of(ifa->ifa_netmask) : 0xffffffff;
}

int interfaces_system(struct fw_interfaces *ifs, struct fw_error *e)
{
	struct ifaddrs *list, *ifa;
	__u32 n;
	int err = 0;

	*ifs = (struct fw_interfaces){ 0 };
	if (getifaddrs(&list))
		return fw_error_set(e, errno, "cannot list the interfaces: %s",
				    strerror(errno));
	n = ipv4_count(list);
	if (n) {
		ifs->dev = calloc(n, sizeof(*ifs->dev));
		if (!ifs->dev)
			err = fw_error_set(e, ENOMEM, "out of memory");
	}
	for (ifa = list; ifa && ifs->dev && ifs->count < n; ifa = ifa->ifa_next)
		if (is_ipv4(ifa))
			dev_set(&ifs->dev[ifs->count++], ifa);
	freeifaddrs(list);
	return err;
}

int interfaces_check(const struct fw_interfaces *ifs, const struct fw_dev *dev,
		     struct fw_error *e)
{
	enum fw_field field = FW_FIELD_INTERFACE;
	__u32 i;
	int err;

	for (i = 0; i < ifs->count; i++) {
		if (!fw_name_equal(ifs->dev[i].name, dev->name))
			continue;
		if (ifs->dev[i].addr == dev->addr)
			return 0;
		field = FW_FIELD_VIA;
	}
	err = fw_error_set(e, EINVAL,
			   field == FW_FIELD_VIA ?
				   "interface '%.*s' has another address" :
				   "no interface '%.*s'",
			   FW_IFNAMSIZ, dev->name);
	if (e)
		e->field = field;
	return err;
}

int interfaces_system_check(const struct fw_dev *dev, struct fw_error *e)
{
	struct fw_interfaces ifs;
	int err = interfaces_system(&ifs, e);

	if (!err)
		err = interfaces_check(&ifs, dev, e);
	free(ifs.dev);
	return err;
}
