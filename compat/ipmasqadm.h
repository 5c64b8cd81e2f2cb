/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipmasqadm.h - what the modules portfw and mfw of ipmasqadm share.
 */
#ifndef COMPAT_IPMASQADM_H
#define COMPAT_IPMASQADM_H

#include <stddef.h>

#include "kmod/core/portfw.h"

/* A numeric address in every form of inet_aton(), or the first address of a host. */
bool ipmasqadm_address_read(const char *word, bool numeric, __u32 *addr);
/* A decimal number modulo 65536, or a service: of TCP, else of UDP. */
bool ipmasqadm_port_read(const char *word, bool numeric, __u16 *port);

/* Names for a listing; services are those of TCP. */
void ipmasqadm_name_address(char *buf, size_t size, __u32 addr, bool numeric);
void ipmasqadm_name_port(char *buf, size_t size, __u16 port, bool numeric);

/* By mark modulo 16, the newest mark of a head first, then targets in their order. */
void mfw_targets_each(const struct fw_portfw_table *t,
		      void (*show)(const struct fw_portfw *f, void *ctx), void *ctx);

/* Words that getopt() left over; an exit status. */
int ipmasqadm_words_left(const char *name, int argc, char **argv);

#endif
