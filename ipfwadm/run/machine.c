// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine.c - the machine that a script in the sandbox sees.
 */
#include "ipfwadm/run/machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "backend/interfaces.h"

int machine_address_parse(const char *word, __u32 *addr)
{
	struct in_addr in;

	if (inet_pton(AF_INET, word, &in) != 1)
		return -EINVAL;
	*addr = ntohl(in.s_addr);
	return 0;
}

__u32 machine_class_mask(__u32 addr)
{
	return addr >> 31 == 0 ? 0xff000000 : addr >> 30 == 2 ? 0xffff0000 : 0xffffff00;
}

static int bits_parse(const char *word, __u32 *mask)
{
	char *end;
	unsigned long bits = strtoul(word, &end, 10);

	if (end == word || *end || bits > 32)
		return -EINVAL;
	*mask = bits ? ~0u << (32 - bits) : 0;
	return 0;
}

static bool name_is_valid(const char *name)
{
	return *name && strlen(name) < IFNAMSIZ &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_.:-")];
}

static int address_set(struct machine_interface *i, char *word)
{
	char *bits = strchr(word, '/');
	int err;

	if (bits)
		*bits++ = '\0';
	err = machine_address_parse(word, &i->addr);
	i->mask = machine_class_mask(i->addr);
	return err || !bits ? err : bits_parse(bits, &i->mask);
}

int machine_interface_add(struct machine *m, const char *word)
{
	char *copy = strdup(word), *rest = NULL, *part, *addr;
	struct machine_interface i = { .is_up = true };
	int err = 0;

	if (!copy)
		return -ENOMEM;
	part = strtok_r(copy, ",", &rest);
	addr = part ? strchr(part, '=') : NULL;
	if (addr)
		*addr++ = '\0';
	if (!part || !name_is_valid(part) || machine_interface_find(m, part))
		err = -EINVAL;
	else
		memcpy(i.name, part, strlen(part));
	if (!err && addr)
		err = address_set(&i, addr);
	while (!err && (part = strtok_r(NULL, ",", &rest))) {
		if (strcmp(part, "down") == 0)
			i.is_up = false;
		else if (strncmp(part, "peer=", 5) == 0)
			err = machine_address_parse(part + 5, &i.peer);
		else
			err = -EINVAL;
	}
	i.mask = i.peer ? ~0u : i.mask;
	free(copy);
	if (!err && m->ninterfaces == MACHINE_INTERFACES - 1)	/* one is kept for lo */
		err = -ENOSPC;
	if (!err)
		m->interface[m->ninterfaces++] = i;
	return err;
}

int machine_host_add(struct machine *m, const char *word)
{
	size_t len = strcspn(word, "=");
	struct machine_host *h = &m->host[m->nhosts];

	if (!len || len >= MACHINE_NAME || !word[len] ||
	    strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") < len)
		return -EINVAL;
	if (m->nhosts == MACHINE_HOSTS)
		return -ENOSPC;
	memcpy(h->name, word, len);
	h->name[len] = '\0';
	if (machine_address_parse(word + len + 1, &h->addr) < 0)
		return -EINVAL;
	m->nhosts++;
	return 0;
}

struct machine_interface *machine_interface_find(struct machine *m, const char *name)
{
	for (size_t i = 0; i < m->ninterfaces; i++)
		if (strcmp(m->interface[i].name, name) == 0)
			return &m->interface[i];
	return NULL;
}

const struct machine_interface *machine_interface_near(const struct machine *m, __u32 addr)
{
	for (size_t n = 0; n < m->ninterfaces; n++) {
		const struct machine_interface *i = &m->interface[n];

		if (i->is_up && i->addr &&
		    (i->peer ? i->peer == addr : (i->addr & i->mask) == (addr & i->mask)))
			return i;
	}
	return NULL;
}

int machine_host_find(const struct machine *m, const char *name, __u32 *addr)
{
	if (machine_address_parse(name, addr) == 0)
		return 0;
	for (size_t i = 0; i < m->nhosts; i++)
		if (strcasecmp(m->host[i].name, name) == 0) {
			*addr = m->host[i].addr;
			return 0;
		}
	return -ENOENT;
}

const char *machine_host_name(const struct machine *m, __u32 addr)
{
	for (size_t i = 0; i < m->nhosts; i++)
		if (m->host[i].addr == addr)
			return m->host[i].name;
	return NULL;
}

int machine_route_add(struct machine *m, const struct machine_route *r)
{
	struct machine_route new = *r;
	const struct machine_interface *near;
	size_t at = 0;

	if (!*new.interface) {
		near = machine_interface_near(m, new.gateway ? new.gateway : new.dest);
		if (!near)
			return -ENETUNREACH;
		memcpy(new.interface, near->name, sizeof(new.interface));
	} else if (!machine_interface_find(m, new.interface)) {
		return -ENODEV;
	}
	for (size_t i = 0; i < m->nroutes; i++) {
		if (m->route[i].dest == new.dest && m->route[i].mask == new.mask &&
		    strcmp(m->route[i].interface, new.interface) == 0)
			return -EEXIST;
		if (m->route[i].mask >= new.mask)
			at = i + 1;
	}
	if (m->nroutes == MACHINE_ROUTES)
		return -ENOSPC;
	memmove(&m->route[at + 1], &m->route[at], (m->nroutes++ - at) * sizeof(*m->route));
	m->route[at] = new;
	return 0;
}

/* Only names that scripts of the time could have had. */
static int interfaces_take(struct machine *m, struct fw_error *e)
{
	struct fw_interfaces ifs = { 0 };
	int err = interfaces_system(&ifs, e);

	for (__u32 n = 0; !err && n < ifs.count && m->ninterfaces < MACHINE_INTERFACES - 1; n++) {
		struct machine_interface i = { .addr = ifs.dev[n].addr, .mask = ifs.dev[n].mask,
					       .is_up = true };

		memcpy(i.name, ifs.dev[n].name, strnlen(ifs.dev[n].name, IFNAMSIZ - 1));
		if (!machine_interface_find(m, i.name))
			m->interface[m->ninterfaces++] = i;
	}
	free(ifs.dev);
	return err;
}

static void loopback_add(struct machine *m)
{
	struct machine_interface lo = { .name = "lo", .addr = INADDR_LOOPBACK, .mask = 0xff000000,
					.is_up = true };
	size_t at = 0;

	if (machine_interface_find(m, "lo"))
		return;
	/* before ppp and the like, as `ifconfig' sorts them */
	while (at < m->ninterfaces && strncmp(m->interface[at].name, "lo", 2) < 0)
		at++;
	memmove(&m->interface[at + 1], &m->interface[at],
		(m->ninterfaces++ - at) * sizeof(m->interface[0]));
	m->interface[at] = lo;
}

static void routes_add(struct machine *m)
{
	for (size_t n = 0; n < m->ninterfaces; n++) {
		const struct machine_interface *i = &m->interface[n];
		struct machine_route r = { .dest = i->peer ? i->peer : i->addr & i->mask,
					   .mask = i->peer ? ~0u : i->mask };

		if (!i->addr || !i->is_up || strchr(i->name, ':'))
			continue;
		memcpy(r.interface, i->name, sizeof(r.interface));
		machine_route_add(m, &r);	/* one that is there twice is there */
	}
	if (m->gateway)
		machine_route_add(m, &(struct machine_route){ .gateway = m->gateway });
}

static void names_add(struct machine *m)
{
	const struct machine_interface *own = NULL;
	char short_name[MACHINE_NAME], word[2 * MACHINE_NAME];
	struct utsname u;
	__u32 a;

	if (!*m->hostname && uname(&u) == 0)
		snprintf(m->hostname, sizeof(m->hostname), "%.60s", u.nodename);
	snprintf(short_name, sizeof(short_name), "%.*s", (int)strcspn(m->hostname, "."),
		 m->hostname);
	/* a host's own name is that of the network behind it: the last Ethernet */
	for (size_t i = 0; i < m->ninterfaces; i++)
		if (m->interface[i].addr && strncmp(m->interface[i].name, "eth", 3) == 0)
			own = &m->interface[i];
	a = own ? own->addr : INADDR_LOOPBACK;
	for (int i = 0; i < 2; i++) {
		snprintf(word, sizeof(word), "%s=%u.%u.%u.%u", i ? short_name : m->hostname,
			 a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
		machine_host_add(m, word);
	}
	machine_host_add(m, "localhost=127.0.0.1");
}

int machine_complete(struct machine *m, struct fw_error *e)
{
	int err = m->ninterfaces ? 0 : interfaces_take(m, e);

	if (err)
		return err;
	loopback_add(m);
	routes_add(m);
	names_add(m);
	if (!m->nnameservers)
		m->nameserver[m->nnameservers++] = m->gateway ? m->gateway : INADDR_LOOPBACK;
	return 0;
}
