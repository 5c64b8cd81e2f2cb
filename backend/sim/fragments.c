// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/sim/fragments.h"

#include <stdlib.h>
#include <string.h>

#include "kmod/core/track_packet.h"

#define HEADER_MAX 60
#define MEMORY_MAX (4u << 20)

#define MORE 0x2000
#define OFFSET 0x1fff	/* units of 8 bytes */

/* Bytes from begin to end that arrived one behind the other. */
struct run {
	__u32 begin, end;
};

struct datagram {
	struct datagram *next;
	__u8 key[12];	/* addresses, identification, protocol, sent */
	__u8 hlen;	/* of the first fragment; 0: not seen yet */
	bool has_last;
	__u32 expires;
	__u32 len;	/* of the data, as far as known */
	__u32 have;	/* bytes that arrived */
	__u32 capacity;
	__u8 *bytes;	/* room for a header, then the data */
	struct run *runs;
	size_t nruns;
};

struct fragments {
	struct datagram *list;
	size_t memory;
	__u8 *whole;
};

struct fragments *fragments_new(void)
{
	return calloc(1, sizeof(struct fragments));
}

static size_t memory_of(const struct datagram *d)
{
	return sizeof(*d) + d->capacity + d->nruns * sizeof(*d->runs);
}

static void datagram_end(struct fragments *all, struct datagram **at)
{
	struct datagram *d = *at;

	*at = d->next;
	all->memory -= memory_of(d);
	free(d->bytes);
	free(d->runs);
	free(d);
}

void fragments_free(struct fragments *all)
{
	if (!all)
		return;
	while (all->list)
		datagram_end(all, &all->list);
	free(all->whole);
	free(all);
}

static __u16 get16(const __u8 *at)
{
	return (__u16)(at[0] << 8 | at[1]);
}

static void put16(__u8 *at, __u16 value)
{
	at[0] = (__u8)(value >> 8);
	at[1] = (__u8)value;
}

size_t datagram_length(const __u8 *ip, size_t len)
{
	size_t hlen, total;

	if (len < 20 || ip[0] >> 4 != 4)
		return 0;
	hlen = 4u * (ip[0] & 15);
	total = get16(ip + 2);
	if (hlen < 20 || hlen > total || total > len)
		return 0;
	return fw_sum_fold(fw_sum_add(0, ip, (__u32)hlen)) ? 0 : total;
}

bool datagram_is_fragment(const __u8 *ip)
{
	return get16(ip + 6) & (MORE | OFFSET);
}

/* Where the datagram of that fragment is linked, or would be. */
static struct datagram **datagram_find(struct fragments *all, const __u8 key[12])
{
	struct datagram **at = &all->list;

	while (*at && memcmp((*at)->key, key, sizeof((*at)->key)) != 0)
		at = &(*at)->next;
	return at;
}

static struct datagram *datagram_add(struct fragments *all, const __u8 key[12],
				     __u32 expires)
{
	struct datagram *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	memcpy(d->key, key, sizeof(d->key));
	d->expires = expires;
	d->next = all->list;
	all->list = d;
	all->memory += memory_of(d);
	return d;
}

static void expired_end(struct fragments *all, __u32 now)
{
	struct datagram **at = &all->list;

	while (*at) {
		if (fw_tick_over((*at)->expires, now))
			datagram_end(all, at);
		else
			at = &(*at)->next;
	}
}

enum placed {
	PLACED,
	PLACED_TWICE,	/* nothing new */
	PLACED_OVER,	/* contradicts what is there */
};

/* Notes the bytes from begin to end as arrived. */
static enum placed run_add(struct datagram *d, struct run new)
{
	struct run *last = NULL, *runs;
	size_t i;

	for (i = 0; i < d->nruns; i++)
		if (!last || d->runs[i].end > last->end)
			last = &d->runs[i];
	if (last && last->end < new.end &&new.begin == last->end) {
		last->end = new.end;
		return PLACED;
	}
	for (i = 0; d->runs && i < d->nruns; i++) {
		const struct run *r = &d->runs[i];

		if (new.end <= r->begin || new.begin >= r->end)
			continue;
		return new.begin >= r->begin &&new.end <= r->end ? PLACED_TWICE
								 : PLACED_OVER;
	}
	runs = realloc(d->runs, (d->nruns + 1) * sizeof(*runs));
	if (!runs)
		return PLACED_OVER;
	d->runs = runs;
	runs[d->nruns++] = new;
	return PLACED;
}

/* Room for that many bytes of data. */
static bool room_make(struct datagram *d, __u32 end)
{
	__u32 capacity = HEADER_MAX + 2 * end;
	__u8 *bytes;

	if (HEADER_MAX + end <= d->capacity)
		return true;
	bytes = realloc(d->bytes, capacity);
	if (!bytes)
		return false;
	d->bytes = bytes;
	d->capacity = capacity;
	return true;
}

/* False: the datagram must be given up. */
static bool fragment_place(struct datagram *d, const __u8 *ip, size_t total)
{
	__u32 hlen = 4u * (ip[0] & 15), begin = 8u * (get16(ip + 6) & OFFSET);
	__u32 end = begin + (__u32)total - hlen;

	if (get16(ip + 6) & MORE) {
		end &= ~7u;
		if (end > d->len && d->has_last)
			return false;
	} else {
		if (end < d->len || (d->has_last && end != d->len))
			return false;
		d->has_last = true;
	}
	if (end > d->len)
		d->len = end;
	if (end <= begin || !room_make(d, end) || !d->bytes)
		return false;
	switch (run_add(d, (struct run){ begin, end })) {
	case PLACED_OVER:
		return false;
	case PLACED_TWICE:
		return true;
	case PLACED:
		break;
	}
	memcpy(d->bytes + HEADER_MAX + begin, ip + hlen, end - begin);
	d->have += end - begin;
	if (!begin) {
		d->hlen = (__u8)hlen;
		memcpy(d->bytes + HEADER_MAX - hlen, ip, hlen);
	}
	return true;
}

/* The header of a whole datagram. */
static void header_finish(__u8 *ip, __u16 total)
{
	put16(ip + 2, total);
	put16(ip + 6, 0);
	put16(ip + 10, 0);
	put16(ip + 10, fw_sum_fold(fw_sum_add(0, ip, 4u * (ip[0] & 15))));
}

size_t fragments_add(struct fragments *all, const __u8 *ip, size_t total, bool sent,
		     __u32 now, __u32 timeout, const __u8 **whole)
{
	struct datagram **at, *d;
	__u8 key[12];
	bool good;

	memcpy(key, ip + 12, 8);
	memcpy(key + 8, ip + 4, 2);
	key[10] = ip[9];
	key[11] = sent;
	expired_end(all, now);
	at = datagram_find(all, key);
	d = *at;
	if (!d) {
		if (all->memory > MEMORY_MAX)
			return 0;
		d = datagram_add(all, key, now + timeout);
		if (!d)
			return 0;
		at = &all->list;
	}
	all->memory -= memory_of(d);
	good = fragment_place(d, ip, total);
	all->memory += memory_of(d);
	if (!good) {
		datagram_end(all, at);
		return 0;
	}
	if (!d->hlen || !d->has_last || d->have != d->len)
		return 0;
	total = d->hlen + d->len;
	if (total <= DATAGRAM_MAX) {
		header_finish(d->bytes + HEADER_MAX - d->hlen, (__u16)total);
		free(all->whole);
		all->whole = d->bytes;
		*whole = d->bytes + HEADER_MAX - d->hlen;
		d->bytes = NULL;
	}
	datagram_end(all, at);
	return total <= DATAGRAM_MAX ? total : 0;
}
