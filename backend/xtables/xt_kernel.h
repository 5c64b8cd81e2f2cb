/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_kernel.h - what the kernel answers about its legacy tables, and takes.
 *
 * Without a library: those end the process when they fail, and have to be told of
 * every match and target.  Here 0 is success, and -errno is not.
 */
#ifndef BACKEND_XT_KERNEL_H
#define BACKEND_XT_KERNEL_H

/* first: the C library's and the kernel's headers get along in this order only */
#include <netinet/in.h>

#include <linux/netfilter_ipv4/ip_tables.h>

#include "backend/backend.h"

/* a socket for what follows, or -errno; -ENOPROTOOPT: there are no legacy tables */
int xt_kernel_open(void);

/* A table comes into use when it is read.  *entries is malloc'ed. */
int xt_kernel_read(int fd, const char *table, struct ipt_getinfo *info,
		   struct ipt_get_entries **entries);

/*
 * Puts a whole table in force at once, and fills r->counters with what the entries
 * that it replaces had counted.  -EAGAIN: somebody has changed the table.
 */
int xt_kernel_replace(int fd, const struct ipt_replace *r);

/* Adds to the counters of a table's entries, modulo 2^64. */
int xt_kernel_count(int fd, const struct xt_counters_info *c);

/* Does the kernel have this revision of a match or target? */
bool xt_kernel_offers(const char *name, __u8 revision, bool target);

/* Has the kernel's own loader load a module. */
bool xt_kernel_load(const char *module);

/* Can there be tables here, for this process?  0, or -errno with a text. */
int xt_kernel_check(struct fw_error *e);

/* why a table cannot be had, in words; returns -code */
int xt_kernel_refused(int code, const char *table, struct fw_error *e);

#endif
