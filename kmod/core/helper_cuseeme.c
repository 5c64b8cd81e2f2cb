// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_cuseeme.c - CU-SeeMe: messages name both ends, and answers list those who take part.
 */
#include "kmod/core/helper.h"

/* offsets in a message; what names nobody has the address 0 */
#define RECEIVER_ADDR 4
#define SENDER_ADDR 12
#define KIND 22
#define HEADER_END 26
/* of the kind that lists clients */
#define CLIENT_COUNT 26
#define CLIENTS 56

#define KIND_CLIENTS 101
#define CLIENT_SIZE 12	/* its address and more */

static __u16 get16(const __u8 *at)
{
	return (__u16)(at[0] << 8 | at[1]);
}

static __u32 get32(const __u8 *at)
{
	return (__u32)get16(at) << 16 | get16(at + 2);
}

/* The first client in the list with that address, 0: none. */
static __u32 client_find(const __u8 *text, __u32 len, __u32 addr)
{
	__u32 at = CLIENTS, left;

	if (len < CLIENTS || get16(text + KIND) != KIND_CLIENTS)
		return 0;
	for (left = get16(text + CLIENT_COUNT); left && len - at >= CLIENT_SIZE; left--) {
		if (get32(text + at) == addr)
			return at;
		at += CLIENT_SIZE;
	}
	return 0;
}

unsigned int fw_scan_cuseeme(const __u8 *text, __u32 len, unsigned int dir, __u32 outer,
			     __u16 at[FW_EDITS])
{
	__u32 own = dir == FW_ORIGINAL ? SENDER_ADDR : RECEIVER_ADDR, client;
	unsigned int n = 0;

	if (len < HEADER_END)
		return 0;
	if (get32(text + own))
		at[n++] = (__u16)own;
	client = dir == FW_REPLY ? client_find(text, len, outer) : 0;
	if (client)
		at[n++] = (__u16)client;
	return n;
}
