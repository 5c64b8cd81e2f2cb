// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track-bench - what a packet of an established connection costs in the tracker.
 *
 *	track-bench ENTRIES PACKETS
 *
 * Makes so many established TCP connections, then reads so many packets of them, in
 * random order and both directions, and gives them to both phases.  Prints nanoseconds
 * of processor time per packet, of one load from that memory, which a packet waits for
 * twice, bytes per entry, and the most cache lines that a packet touches.  Its
 * instructions are those of packets_see(), as callgrind counts them.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kmod/core/track_packet.h"
#include "tests/lib/track_world.h"

#define LINE 64

/* IPv4 and TCP: numbers of connection i are in its addresses and ports. */
static void packet_make(__u8 bytes[40], __u32 i, unsigned int dir, __u8 flags)
{
	static const __u8 header[40] = {0x45, 0, 0,  40, 0, 0, 0x40, 0,  64,  6,
					0,    0, 10, 0,  0, 0, 198,  51, 100, 7};
	__u8 *addr = bytes + (dir ? 16 : 12), *port = bytes + (dir ? 22 : 20);
	__u32 k;

	for (k = 0; k < 40; k++)
		bytes[k] = header[k];
	if (dir)
		for (k = 0; k < 4; k++) {
			bytes[12 + k] = header[16 + k];
			bytes[16 + k] = header[12 + k];
		}
	addr[1] = (__u8)(i >> 16);
	addr[2] = (__u8)(i >> 8);
	addr[3] = (__u8)i;
	port[0] = 4;
	port[1] = (__u8)(i >> 20);
	bytes[dir ? 21 : 23] = 80;
	bytes[32] = 0x50;
	bytes[33] = flags;
	bytes[34] = 32;
	/* a side's SYN has number 0, all that follows 1 */
	bytes[27] = !(flags & FW_TCP_SYN);
	bytes[31] = !!(flags & FW_TCP_ACK);
}

static void see(struct sim_tracker *w, __u32 i, unsigned int dir, __u8 flags)
{
	struct fw_track_packet p;
	struct fw_seen s;
	__u8 bytes[40];

	packet_make(bytes, i, dir, flags);
	fw_track_packet_read(&p, bytes, 40, 40);
	p.iface = dir + 1;
	if (track_world_see(w, &p, &s) || s.state == FW_STATE_INVALID)
		abort();
}

/* Processor time: other work of the machine does not count. */
static __u64 cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (__u64)t.tv_sec * 1000000000 + (__u64)t.tv_nsec;
}

/* Lines between two bytes of an entry, for the entry that crosses most of them. */
static unsigned int lines_most(const struct sim_tracker *w, size_t from, size_t to)
{
	unsigned int i, most = 0;

	for (i = 0; i < 64 && i < w->table.nentries; i++) {
		size_t at = (size_t)&w->entries[i];
		size_t lines = (at + to) / LINE - (at + from) / LINE + 1;

		if (lines > most)
			most = (unsigned int)lines;
	}
	return most;
}

static __u64 random_next(__u64 *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

/* One load from a random entry, whose address needs what was loaded before. */
static __u64 load_ns(const struct sim_tracker *w, __u32 entries, unsigned long loads)
{
	__u64 random = 88172645463325252, begin = cpu_ns();
	unsigned long k;

	for (k = 0; k < loads; k++) {
		__u32 i = (__u32)((random_next(&random) >> 32) * entries >> 32);

		random += *(const volatile __u32 *)&w->entries[i].lock;
	}
	return (cpu_ns() - begin) / loads;
}

__attribute__((noinline)) static void packets_see(struct sim_tracker *w, __u32 entries,
						  unsigned long packets)
{
	__u64 random = 88172645463325252;
	unsigned long k;

	for (k = 0; k < packets; k++) {
		random_next(&random);
		see(w, (__u32)((random >> 32) * entries >> 32), random & 1, FW_TCP_ACK);
	}
}

int main(int argc, char **argv)
{
	__u32 entries = argc > 1 ? (__u32)strtoul(argv[1], NULL, 10) : 0, heads = 1, i;
	unsigned long packets = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	struct sim_tracker w;
	__u64 begin, spent;

	if (!entries || !packets) {
		fprintf(stderr, "usage: %s ENTRIES PACKETS\n", argv[0]);
		return 2;
	}
	while (heads < 4 * entries)
		heads *= 2;
	track_world_init(&w, entries, heads, 0, 0);
	for (i = 0; i < entries; i++) {
		see(&w, i, FW_ORIGINAL, FW_TCP_SYN);
		see(&w, i, FW_REPLY, FW_TCP_SYN | FW_TCP_ACK);
		see(&w, i, FW_ORIGINAL, FW_TCP_ACK);
	}
	begin = cpu_ns();
	packets_see(&w, entries, packets);
	spent = cpu_ns() - begin;
	/* one line of the hash, the entry's from its links to its counters */
	printf("%llu ns a packet, %llu ns a load, %zu bytes an entry, %u cache lines\n",
	       (unsigned long long)(spent / packets),
	       (unsigned long long)load_ns(&w, entries, packets), sizeof(struct fw_entry),
	       1 + lines_most(&w, 0, offsetof(struct fw_entry, retrans)));
	sim_tracker_free(&w);
	return 0;
}
