/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * classify_lists.h - long lists of several kinds, and packets for them, from a seed.
 */
#ifndef TESTS_CLASSIFY_LISTS_H
#define TESTS_CLASSIFY_LISTS_H

#include "kmod/core/list.h"
#include "tests/lib/random.h"

/*
 * acl, fw, ipc: prefixes and ports as lists of routers, firewalls and address pairs have
 * them; host: exact addresses; gw: a gateway's, with interfaces, port lists, -b, -y, -k and
 * states; any: whatever the language can say; cross: wide sources of narrow destinations
 * and the reverse, with ranges; mask: random masks.
 */
#define LIST_KINDS 8
extern const char *const list_kinds[LIST_KINDS];

/* -1: there is no such kind */
int list_kind_find(const char *name);

/* Fills slots[0 ... n - 1], valid for list id. */
void classify_list_fill(struct fw_rule *slots, __u32 n, int kind, enum fw_list_id id,
			struct random *r);

/* A packet that is likely to match the rule, and the device; or for none, anything. */
void classify_packet(struct fw_packet *pkt, struct fw_dev *dev, const struct fw_rule *rule,
		     struct random *r);

#endif
