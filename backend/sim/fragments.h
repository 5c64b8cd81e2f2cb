/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fragments.h - reassembly of IPv4 datagrams from their fragments.
 *
 * A datagram is given up whole when fragments overlap, contradict each other about its
 * end, or exceed 65535 bytes.  A fragment inside what arrived in one run is ignored.
 * The memory of one struct fragments is bounded: beyond that, fragments are dropped.
 */
#ifndef BACKEND_SIM_FRAGMENTS_H
#define BACKEND_SIM_FRAGMENTS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define DATAGRAM_MAX 65535

struct fragments;

/* NULL if memory is short. */
struct fragments *fragments_new(void);
void fragments_free(struct fragments *all);

/*
 * The total length of the datagram of len bytes if its header is one that IP accepts,
 * else 0.
 */
size_t datagram_length(const __u8 *ip, size_t len);

bool datagram_is_fragment(const __u8 *ip);

/*
 * Adds a fragment, whose header was accepted, of total bytes.  sent: by this host; it
 * does not mix with received ones.  now and timeout, from a datagram's first fragment
 * on, are in ticks.  Returns the length of the datagram that it completes, which is
 * then at *whole until the next call, or 0.
 */
size_t fragments_add(struct fragments *all, const __u8 *ip, size_t total, bool sent,
		     __u32 now, __u32 timeout, const __u8 **whole);

#endif
