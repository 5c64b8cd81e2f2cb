// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-track.c - any packets in any order, both phases interleaved, a clock that moves, a
 * table without room, entries that end.  What track_world_check() checks must always
 * hold, and maps of sequence numbers must have an inverse.
 *
 * The input is a list of operations; each takes the bytes that follow it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/adjust.h"
#include "kmod/core/expect.h"
#include "kmod/core/helper.h"
#include "kmod/core/masq.h"
#include "kmod/core/tcp.h"
#include "kmod/core/track.h"
#include "kmod/core/track_packet.h"
#include "tests/lib/track_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENTRIES 12
#define PENDING 4
#define TEXT 96
#define MASQ 0xcb007105

struct input {
	const uint8_t *at;
	size_t left;
};

/* A packet between the two phases. */
struct pending {
	bool used;
	struct fw_track_packet pkt;
	struct fw_seen seen;
};

struct fuzz {
	struct sim_tracker w;
	struct pending pending[PENDING];
	uint8_t text[PENDING][TEXT];
};

static uint8_t next8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static uint32_t next32(struct input *in)
{
	uint32_t n = next8(in);

	n = n << 8 | next8(in);
	n = n << 8 | next8(in);
	return n << 8 | next8(in);
}

static struct fw_entry *entry_choose(struct fuzz *f, uint8_t which)
{
	struct fw_entry *c = &f->w.entries[which % ENTRIES];

	return track_entry_used(c) ? c : NULL;
}

static void phase_two(struct fuzz *f, struct pending *q)
{
	const struct fw_text_edit *edit = q->seen.edit;
	uint32_t end = 0, i;
	uint8_t *text;

	if (!q->used)
		return;
	q->used = false;
	if (!q->seen.state)
		return;
	/* of its own size, so that sanitizers see what reads beyond */
	text = q->pkt.payload ? malloc(q->pkt.payload_len) : NULL;
	if (text)
		q->pkt.payload = memcpy(text, q->pkt.payload, q->pkt.payload_len);
	fw_track_confirm(&f->w.table.track, &q->pkt, f->w.now, &q->seen);
	free(text);
	/* What is replaced is in the text, in order; a datagram keeps its length. */
	for (i = 0; i < q->seen.edits; end = edit[i].at + edit[i].len, i++)
		if (edit[i].at < end || edit[i].size > sizeof(edit[i].text) ||
		    edit[i].at + edit[i].len > q->pkt.payload_len ||
		    (q->pkt.key.proto == 17 && edit[i].size != edit[i].len))
			abort();
}

/*
 * First phase.  Only a draft waits for the second: an entry that ended would have to
 * wait, too, for which the host has no way.
 */
static void phase_one(struct fuzz *f, struct pending *q, uint8_t how)
{
	static const uint8_t helpers[] = {FW_HELPER_NONE, FW_HELPER_FTP, FW_HELPER_IRC,
					  FW_HELPER_TFTP, FW_HELPER_CUSEEME,
					  FW_HELPER_QUAKE, FW_HELPER_RAUDIO,
					  FW_HELPER_VDOLIVE};

	fw_track_in(&f->w.table.track, &q->pkt, f->w.now, &q->seen);
	if (q->seen.state == FW_STATE_INVALID && (q->seen.entry || q->seen.fresh))
		abort();
	if (q->seen.fresh && q->seen.dir != FW_ORIGINAL)
		abort();
	q->used = true;
	fw_track_helper(&q->seen, helpers[(how & 3) | (how >> 2 & 4)]);
	if (how & 4)
		fw_track_keep(&q->seen, &q->pkt, 1);
	if (!q->seen.fresh || how & 8)
		phase_two(f, q);
}

/* A packet of few addresses and ports; of an entry if the input says so. */
static struct fw_key key_make(struct fuzz *f, struct input *in)
{
	static const uint8_t protos[] = { 6, 6, 17, 1, 47, 50 };
	uint8_t which = next8(in), ends = next8(in);
	const struct fw_entry *c = which & 0x80 ? entry_choose(f, which & 0x7f) : NULL;
	struct fw_key k = {CLIENT + (ends & 1), SERVER + (ends >> 1 & 1), ends >> 2 & 1,
			   ends >> 3 & 1,       protos[which % 6],        0};

	/* Packets go to both ends, also where the entry is found by one alone. */
	if (c && c->masq && ends & 1)
		return (struct fw_key){ c->daddr, c->maddr, c->dport, c->mport, c->proto,
					c->proto == 1 ? FW_KEY_ANSWER : FW_KEY_PLAIN };
	if (c)
		return fw_entry_key(c, ends & 1);
	k.kind = k.proto == 1 && ends & 0x10 ? FW_KEY_ANSWER : FW_KEY_PLAIN;
	return k;
}

/* A number near one that the sender, or the peer, has reached. */
static uint32_t number_make(struct fuzz *f, struct input *in, const struct fw_key *k,
			    bool ack)
{
	unsigned int dir;
	const struct fw_entry *c = fw_host_find(&f->w.table.track, k, &dir);
	int8_t offset = (int8_t)next8(in);
	uint8_t base = next8(in);

	if (!c || base & 0x80)
		return next32(in);
	dir ^= ack;
	switch (base & 3) {
	case 0:
		return c->side[dir].end + (uint32_t)offset;
	case 1:
		return c->side[dir].maxend + (uint32_t)offset;
	case 2:
		return c->side[!dir].maxack + (uint32_t)offset;
	default:
		return c->last_end + (uint32_t)offset;
	}
}

/*
 * One in binary: a list of CU-SeeMe with any count and addresses that are the masquerade's or
 * nobody's, or a message that names ports.
 */
static size_t binary_make(uint8_t *text, struct input *in)
{
	static const char audio[] = "PNA\0\12\0\1\0\2\33\131\0\7\0\2\33\132";
	static const char video[] = "\0\0\0\0\0\0\0\1VDO Live\0\0\33\131";
	static const char game[] = "\200\0\0\11\201\131\33\0\0";
	static const uint8_t at[] = { 4, 12, 56, 68, 80 };
	uint8_t which = next8(in), places = next8(in);
	size_t i;

	switch (which & 7) {
	case 0:
		memcpy(text, audio, sizeof(audio) - 1);
		return sizeof(audio) - 1;
	case 1:
		memcpy(text, video, sizeof(video) - 1);
		return sizeof(video) - 1;
	case 2:
		memcpy(text, game, sizeof(game) - 1);
		return sizeof(game) - 1;
	}
	memset(text, 0, TEXT);
	for (i = 0; i < sizeof(at); i++)
		if (places >> i & 1)
			memcpy(text + at[i], "\313\0\161\5", 4);
	text[22] = which >> 3 & 1;
	text[23] = which & 16 ? 100 : 101;
	text[26] = which & 32 ? 0xff : 0;
	text[27] = next8(in);
	return next8(in) % (TEXT + 1);
}

/* A text that begins like one that a helper reads. */
static uint32_t text_make(uint8_t *text, struct input *in)
{
	static const char *const texts[] = {
		"PORT 10,0,0,2,19,137\r\n",
		"EPRT |1|10.0.0.2|5001|\r\n",
		"227 (198,51,100,7,19,138)\r\n",
		"229 (|||5003|)\r\n",
		"PRIVMSG x :\1DCC SEND f 167772162 5001\1\r\n",
		"\0\1f",
		"NOOP\r\n",
		"",
	};
	uint8_t which = next8(in), cut = next8(in), i;
	const char *from = texts[which & 7];
	size_t len = (which & 7) == 5 ? 3 : strlen(from);

	if (which & 32)
		len = binary_make(text, in);
	else
		memcpy(text, from, len);
	if (which & 8 && cut < len)
		len = cut;
	for (i = 0; which & 16 && i < (cut & 7) && len < TEXT; i++)
		text[len++] = next8(in);
	return (uint32_t)len;
}

static void packet_make(struct fuzz *f, struct input *in, unsigned int slot)
{
	static const uint8_t flags[] = { 2, 18, 16, 17, 4, 20, 24, 56 };
	static uint8_t options[40];
	struct fw_track_packet *p = &f->pending[slot].pkt;
	uint8_t how = next8(in), i;

	memset(p, 0, sizeof(*p));
	p->key = key_make(f, in);
	p->has_key = true;
	p->iface = how & 3;
	p->total = 40;
	p->fault = how & 0x40 ? FW_WHY_CHECKSUM : 0;
	p->icmp_class = p->key.proto != 1 ? FW_ICMP_CLASS_NONE
			: p->key.kind == FW_KEY_ANSWER   ? FW_ICMP_CLASS_ANSWER
					  : FW_ICMP_CLASS_QUERY;
	if (how & 0x80) {
		p->icmp_class = FW_ICMP_CLASS_ERROR;
		p->quote_to = p->key.daddr + (how & 1);
		p->quote_has_seq = how & 4;
		p->quote_seq = number_make(f, in, &p->key, false);
		p->quote_version = 4;
		return;
	}
	if (how & 8) {
		p->payload_len = text_make(f->text[slot], in);
		p->payload = f->text[slot];
	}
	if (p->key.proto != 6)
		return;
	p->tcpflags = flags[next8(in) & 7];
	p->seq = number_make(f, in, &p->key, false);
	p->ack = number_make(f, in, &p->key, true);
	p->win = (uint16_t)(next8(in) << (how & 8));
	p->options = options;
	p->options_len = how & 0x10 ? next8(in) % 11 * 4 : 0;
	for (i = 0; i < p->options_len; i++)
		options[i] = next8(in);
}

/* A datagram of any bytes, of which only the first are linear. */
static bool datagram_make(struct fuzz *f, struct input *in, unsigned int slot)
{
	uint8_t bytes[120], *linear;
	uint32_t total = 20 + next8(in) % 100, i, have;
	struct fw_track_packet *p = &f->pending[slot].pkt;

	for (i = 0; i < total; i++)
		bytes[i] = next8(in);
	bytes[0] = 0x45 + (bytes[0] & 1);
	if ((bytes[0] & 15) * 4u > total)
		return false;
	have = bytes[1] & 1 ? total : (bytes[0] & 15) * 4u + 76;
	if (have > total)
		have = total;
	/* of its own size, so that sanitizers see what reads beyond */
	linear = malloc(have);
	if (!linear)
		return false;
	memcpy(linear, bytes, have);
	fw_track_packet_read(p, linear, have, total);
	if (have == total)
		fw_track_sum_ok(linear, total);
	/* What it points to must last until the second phase. */
	p->payload = NULL;
	p->options_len = 0;
	free(linear);
	return true;
}

/* The header that belongs to a packet's key. */
static struct fw_packet header_of(const struct fw_track_packet *p)
{
	bool answer = p->key.kind == FW_KEY_ANSWER;
	uint16_t id = answer ? p->key.dport : p->key.sport;
	uint16_t kind = answer ? p->key.sport : p->key.dport;

	return (struct fw_packet){
		.saddr = p->key.saddr,
		.daddr = p->key.daddr,
		.proto = p->key.proto,
		.sport = p->key.sport,
		.dport = p->key.dport,
		.tcpflags = p->tcpflags,
		.icmp_id = id,
		.icmp_type = (uint8_t)(kind >> 8) + (answer ? kind >> 8 == 8 ? -8 : 1 : 0),
		.icmp_code = (uint8_t)kind,
	};
}

/* Masquerades a packet between its phases, or takes it back; then the other way round. */
static void masquerade_try(struct fuzz *f, struct pending *q, uint8_t how)
{
	struct fw_track *t = &f->w.table.track;
	struct fw_packet pkt = header_of(&q->pkt), back;
	int err;

	if (q->pkt.icmp_class == FW_ICMP_CLASS_ERROR)
		return;
	if (how & 1) {
		pkt.daddr = MASQ;
		fw_demasquerade(t, &pkt, f->w.now);
		return;
	}
	if (fw_masquerade(t, q->used ? &q->seen : NULL, &pkt, MASQ, f->w.now) < 0 ||
	    pkt.saddr != MASQ)
		return;
	back = pkt;
	back.saddr = pkt.daddr;
	back.daddr = pkt.saddr;
	back.sport = pkt.dport;
	back.dport = pkt.sport;
	back.icmp_type = pkt.icmp_type == 8 ? 0 : pkt.icmp_type + 1;
	/* What was masqueraded just now finds its way back, unless the table shrank. */
	err = fw_demasquerade(t, &back, f->w.now);
	if (err == -ENOSPC && t->count >= t->max)
		return;
	if (err != 1 || back.daddr != q->pkt.key.saddr)
		abort();
}

/* Where a text grew or shrank, and whether numbers find their way back. */
static void adjust_try(struct fuzz *f, struct input *in)
{
	struct fw_entry *c = entry_choose(f, next8(in));
	struct fw_help *help;
	struct fw_adjust *a;
	uint32_t seq, number;
	unsigned int dir;

	if (!c)
		return;
	help = fw_help_of(&f->w.table.track, c);
	if (!help)
		return;
	dir = next8(in) & 1;
	a = &help->adjust[dir];
	seq = c->side[dir].end;
	/* As hosts do it: a text grows by less than its own length. */
	fw_adjust_add(a, seq, (int8_t)next8(in) / 8);
	for (number = a->pos - 300; number != a->pos + 300; number++) {
		uint32_t there = fw_adjust_seq(a, number);
		bool near = number - (a->pos - 17) <= 34;

		if (!near && there - (uint32_t)fw_adjust_shift(a, there) != number)
			abort();
	}
}

static void operate(struct fuzz *f, struct input *in)
{
	uint8_t op = next8(in);
	unsigned int slot = op >> 4 & 3;
	struct pending *q = &f->pending[slot];
	struct fw_entry *c;

	switch (op & 15) {
	case 0:
		f->w.now += next8(in);
		break;
	case 1:
		f->w.now += (uint32_t)next8(in) << 10;
		break;
	case 2:
		f->w.table.track.max = next8(in) % (ENTRIES + 1);
		break;
	case 3:
		c = entry_choose(f, next8(in));
		if (c)
			fw_track_end(&f->w.table.track, c);
		break;
	case 4:
		fw_host_sweep(&f->w.table.track, f->w.now);
		break;
	case 5:
		f->w.set.own = (uint16_t)next32(in);
		f->w.set.tcp_loose = op & 16;
		f->w.set.tcp_liberal = op & 32;
		f->w.set.edits = op & 64;
		break;
	case 6:
		phase_two(f, q);
		break;
	case 7:
		adjust_try(f, in);
		break;
	case 9:
		masquerade_try(f, q, next8(in));
		break;
	case 10: /* so few ports that they are shared; none is in use yet */
		if (f->w.table.track.count)
			break;
		f->w.table.track.masq.port_end = FW_MASQ_PORT_FIRST + 1 + (op >> 4 & 1);
		f->w.table.track.masq.next_port = FW_MASQ_PORT_FIRST;
		f->w.table.track.masq.share = op & 32;
		break;
	case 8:
		q->used = false;
		if (datagram_make(f, in, slot))
			phase_one(f, q, next8(in));
		break;
	default:
		q->used = false;
		packet_make(f, in, slot);
		phase_one(f, q, next8(in));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;
	struct input in = { data, size };
	__u32 before;

	if (!f.w.entries)
		track_world_init(&f.w, ENTRIES, 8, 6, 4);
	fw_track_settings_default(&f.w.set);
	f.w.set.edits = true;
	sim_tracker_reset(&f.w);
	f.w.now = 0xffff0000;
	memset(f.pending, 0, sizeof(f.pending));
	while (in.left) {
		operate(&f, &in);
		track_world_check(&f.w);
	}
	/* In the end all time is over, that of a control after that of its dependents. */
	do {
		before = f.w.table.track.count;
		f.w.now += (f.w.set.timeout[FW_TIMEOUT_ESTABLISHED] + 1) * FW_TRACK_HZ;
		fw_host_sweep(&f.w.table.track, f.w.now);
		track_world_check(&f.w);
	} while (f.w.table.track.count && f.w.table.track.count < before);
	if (f.w.table.track.count)
		abort();
	return 0;
}
