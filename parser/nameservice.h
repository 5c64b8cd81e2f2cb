/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameservice.h - hosts, networks and services: to numbers and back.
 *
 * The system's name services are asked first; a table of 1990s service names
 * (ident, irc, www ...) stands behind them.  Answers are remembered until the
 * end of a parse.
 */
#ifndef PARSER_NAMESERVICE_H
#define PARSER_NAMESERVICE_H

#include <stddef.h>

#include "kmod/core/base.h"

#define NAME_MAX_LEN 256

/* network, then host; -1 unknown, else how many addresses (malloc'ed, host order) */
int name_addresses(const char *name, __u32 **addrs);
/* hosts only */
int name_host_addresses(const char *name, __u32 **addrs);
/* port of a service for FW_KIND_TCP or FW_KIND_UDP, -1 if unknown */
int name_service_port(const char *name, unsigned int kind);

/*
 * The same as 2.3.0 had it: what the system does not know is unknown.  Only
 * where the system has no list of services at all the table stands in.
 */
int name_service_system(const char *name, unsigned int kind);
/* a service whose name is near, or NULL */
const char *name_service_suggest(const char *name, unsigned int kind);

/* Forgets all answers; every parse ends with it. */
void names_forget(void);

/* back: false if there is no name */
bool name_of_address(__u32 addr, char *buf, size_t size);	/* host, then network */
bool name_of_port(__u16 port, unsigned int kind, char *buf, size_t size);

#endif
