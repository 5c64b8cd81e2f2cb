/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - the machine that a script sees: interfaces, routes, names.
 *
 * In the sandbox it begins as declared by options or, without any, with the interfaces of
 * this host, and the tools of the time print it in their old layouts and change it.
 * Outside it is this host as it is: see machine_system.c.
 */
#ifndef IPFWADM_MACHINE_H
#define IPFWADM_MACHINE_H

#include <net/if.h>

#include "backend/backend.h"

#define MACHINE_INTERFACES 64
#define MACHINE_ROUTES 64
#define MACHINE_HOSTS 64
#define MACHINE_MODULES 32
#define MACHINE_NAME 64		/* bytes of a name, with its NUL */

#define MACHINE_RELEASE "2.0.36"
#define MACHINE_VERSION "Linux version " MACHINE_RELEASE " (root@localhost) (gcc version " \
			"2.7.2.3) #1 Sun Nov 29 12:00:00 UTC 1998"	/* /proc/version */

/* what only an interface of the system has; mtu 0: it is a declared one */
struct machine_link {
	int mtu;
	unsigned int flags;		/* IFF_* */
	unsigned long rx, tx;		/* packets */
	bool has_address;
	__u8 address[6];		/* of Ethernet */
};

struct machine_interface {
	char name[IFNAMSIZ];
	__u32 addr, mask;
	__u32 peer;		/* 0: no point-to-point link */
	bool is_up;
	struct machine_link link;
};

struct machine_route {
	__u32 dest, mask, gateway;
	char interface[IFNAMSIZ];
};

struct machine_host {
	char name[MACHINE_NAME];
	__u32 addr;
};

struct machine {
	struct machine_interface interface[MACHINE_INTERFACES];
	size_t ninterfaces;
	struct machine_route route[MACHINE_ROUTES];	/* longest masks first */
	size_t nroutes;
	struct machine_host host[MACHINE_HOSTS];
	size_t nhosts;
	__u32 nameserver[3];
	size_t nnameservers;
	char module[MACHINE_MODULES][MACHINE_NAME];
	size_t nmodules;
	char hostname[MACHINE_NAME];	/* with its domain, if it has one */
	__u32 gateway;			/* 0: none */
};

/*
 * Words of options: "NAME=ADDRESS[/BITS][,peer=ADDRESS][,down]" (or "NAME,down"),
 * "NAME=ADDRESS", an address.  0 or -errno.
 */
int machine_interface_add(struct machine *m, const char *word);
int machine_host_add(struct machine *m, const char *word);
int machine_address_parse(const char *word, __u32 *addr);

/*
 * Ends the declaration: lo, routes, the default names.  Without interfaces those of this
 * host are taken.  0, or -errno with *e set.
 */
int machine_complete(struct machine *m, struct fw_error *e);

/*
 * Makes it the machine of a backend's interfaces: this host as it is, with its routes, if
 * they are the host's, else as if they were declared.  0, or -errno with *e set.
 */
int machine_system_read(struct machine *m, const struct fw_interfaces *ifs, struct fw_error *e);

struct machine_interface *machine_interface_find(struct machine *m, const char *name);
/* The interface whose network has the address; NULL: none. */
const struct machine_interface *machine_interface_near(const struct machine *m, __u32 addr);
/* By name or by address; 0 or -ENOENT. */
int machine_host_find(const struct machine *m, const char *name, __u32 *addr);
/* The name of an address in /etc/hosts; NULL: it has none. */
const char *machine_host_name(const struct machine *m, __u32 addr);
/* 0, -EEXIST, -ENETUNREACH, -ENODEV or -ENOSPC */
int machine_route_add(struct machine *m, const struct machine_route *r);
/* The mask of an address's class. */
__u32 machine_class_mask(__u32 addr);

#endif
