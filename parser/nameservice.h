/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameservice.h - hosts, networks and services: to numbers and back.
 *
 * The system's name services are asked first, then, for services, a table of the
 * 1990s (ident, irc, www ...).  Answers are cached until the end of a parse.
 */
#ifndef PARSER_NAMESERVICE_H
#define PARSER_NAMESERVICE_H

#include <stddef.h>

#include "kmod/core/base.h"

#define NAME_MAX_LEN 256

/* network, then host; the number of addresses (malloc'ed, host order), -1: unknown */
int name_addresses(const char *name, __u32 **addrs);
/* hosts only */
int name_host_addresses(const char *name, __u32 **addrs);
/* port of a service for FW_KIND_TCP or FW_KIND_UDP, -1 if unknown */
int name_service_port(const char *name, unsigned int kind);

/* a service with a similar name, or NULL */
const char *name_service_suggest(const char *name, unsigned int kind);

/* Empties the cache. */
void names_forget(void);

/* the table of the 1990s alone (services.c) */
int services_port(const char *name, unsigned int kind);
const char *services_name(__u16 port, unsigned int kind);	/* the usual one, or NULL */
/* all names of a protocol one after the other, at last NULL */
const char *services_next(unsigned int *i, unsigned int kind);

/* the inverse: false if there is no name */
bool name_of_address(__u32 addr, char *buf, size_t size);	/* host, then network */
bool name_of_port(__u16 port, unsigned int kind, char *buf, size_t size);

#endif
