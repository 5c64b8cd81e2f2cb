// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper.c - shows payloads to helpers, and expects what they find.
 */
#include "kmod/core/helper.h"

#include "kmod/core/adjust.h"
#include "kmod/core/expect.h"
#include "kmod/core/helper_masq.h"
#include "kmod/core/packet.h"
#include "kmod/core/tcp.h"
#include "kmod/core/text_scan.h"

#define FTP_EXPECTS 1
#define IRC_EXPECTS 8
#define TFTP_EXPECTS 1
#define RAUDIO_EXPECTS 2
#define VDOLIVE_EXPECTS 1
#define QUAKE_EXPECTS 2

/* A packet with the connection and the helper data that its helper works on. */
struct speech {
	struct fw_track *t;
	struct fw_entry *c;
	struct fw_help *help;
	const struct fw_track_packet *pkt;
	struct fw_seen *s;
	__u32 now;
};

/* The address of the end that sends in that direction, as the other end sees it. */
static __u32 speaker_addr(const struct fw_entry *c, unsigned int dir)
{
	return dir == FW_ORIGINAL ? c->maddr : c->daddr;
}

/* The address that this end connects from, before it is translated. */
static __u32 source_addr(const struct fw_entry *c, unsigned int dir)
{
	return dir == FW_ORIGINAL ? c->saddr : c->daddr;
}

/* Linux drops here; we let the packet pass without an expectation. */
static int refuse(const struct speech *sp)
{
	return fw_own(sp->t->set, sp->s, FW_OWN_NO_HELPER_DROP) ? 0 : -EPERM;
}

static int expect(const struct speech *sp, const struct fw_expect *like,
		  unsigned int limit)
{
	int err = fw_expect_add(sp->t, sp->c, like, limit, sp->now);

	return err ? refuse(sp) : 0;
}

/* Notes that a line begins at seq, of two such numbers the newest. */
static void line_note(struct fw_help *help, unsigned int dir, __u32 seq)
{
	__u32 *line = help->line[dir];
	unsigned int i, oldest;

	for (i = 0; i < help->lines[dir]; i++)
		if (line[i] == seq)
			return;
	if (help->lines[dir] < 2) {
		line[help->lines[dir]++] = seq;
		return;
	}
	oldest = fw_seq_before(line[0], line[1]) ? 0 : 1;
	if (fw_seq_after(seq, line[oldest]))
		line[oldest] = seq;
}

static bool line_begins(const struct fw_help *help, unsigned int dir, __u32 seq)
{
	unsigned int i;

	for (i = 0; i < help->lines[dir]; i++)
		if (help->line[dir][i] == seq)
			return true;
	return false;
}

/*
 * The text to be read: the segment's, or with what was cut off before it.  NULL if
 * no line begins there.
 */
static const __u8 *ftp_text(const struct speech *sp, __u32 *len)
{
	const struct fw_track_packet *p = sp->pkt;
	unsigned int dir = sp->s->dir, i;
	struct fw_help *help = sp->help;
	__u16 cut = help->text_len[dir];

	*len = p->payload_len;
	if (cut && p->seq == help->text_seq[dir] &&
	    fw_own(sp->t->set, sp->s, FW_OWN_NO_HELPER_DROP)) {
		for (i = 0; i < p->payload_len && cut + i < FW_HELP_TEXT; i++)
			help->text[dir][cut + i] = p->payload[i];
		*len = cut + i;
		return help->text[dir];
	}
	return line_begins(help, dir, p->seq) ? p->payload : NULL;
}

/* Keeps the beginning of a command, whose rest may follow. */
static void ftp_text_keep(const struct speech *sp, const __u8 *text, __u32 len)
{
	struct fw_help *help = sp->help;
	unsigned int dir = sp->s->dir;
	__u32 i;

	if (len >= FW_HELP_TEXT)
		return;
	for (i = 0; i < len; i++)
		help->text[dir][i] = text[i];
	help->text_len[dir] = (__u16)len;
	help->text_seq[dir] = sp->pkt->seq + sp->pkt->payload_len;
}

/*
 * What a masqueraded client names.  cut bytes of the text have left in segments before:
 * what stands there cannot be replaced any more.
 */
static int rewrite(const struct speech *sp, const struct fw_finding *f, __u16 cut,
		   enum fw_edit_form form)
{
	const struct fw_naming named = { f->port, f->at - cut, f->len, form };

	return f->at < cut ? 0 : fw_helper_announce(sp->t, sp->pkt, sp->now, sp->s, &named);
}

static int ftp_packet(const struct speech *sp)
{
	const struct fw_track_packet *p = sp->pkt;
	unsigned int dir = sp->s->dir;
	enum fw_scan scan = FW_SCAN_NOTHING;
	struct fw_finding f;
	const __u8 *text;
	__u32 len, own;
	bool whole = p->payload[p->payload_len - 1] == '\n';
	bool rewrites = fw_helper_rewrites(sp->t, sp->c, dir);
	__u16 cut = sp->help->text_len[dir];
	int err = 0;

	text = ftp_text(sp, &len);
	sp->help->text_len[dir] = 0;
	if (text)
		scan = fw_scan_ftp(text, len, dir, &f);
	if (scan == FW_SCAN_BROKEN) {
		if (refuse(sp))
			return -EPERM;
		if (!whole)
			ftp_text_keep(sp, text, len);
	}
	own = rewrites ? sp->c->saddr : speaker_addr(sp->c, dir);
	if (scan == FW_SCAN_FOUND &&
	    !(f.out_of_range && fw_own(sp->t->set, sp->s, FW_OWN_NUMBERS)) &&
	    (f.own_addr || f.addr == own)) {
		const struct fw_expect like = {
			.saddr = source_addr(sp->c, !dir),
			.daddr = own,
			.dport = f.port,
			.proto = FW_PROTO_TCP,
		};

		if (!rewrites)
			err = expect(sp, &like, FTP_EXPECTS);
		else
			err = rewrite(sp, &f, text == p->payload ? 0 : cut,
				      fw_is_digit(text[f.at]) ? FW_EDIT_SIX
							      : FW_EDIT_EXTENDED);
	}
	if (whole)
		line_note(sp->help, dir, p->seq + p->payload_len);
	return err;
}

static int irc_packet(const struct speech *sp)
{
	const struct fw_track_packet *p = sp->pkt;
	struct fw_expect like = { .proto = FW_PROTO_TCP, .any_source = true };
	struct fw_finding f;

	if (sp->s->dir == FW_REPLY ||
	    fw_scan_irc(p->payload, p->payload_len, &f) != FW_SCAN_FOUND)
		return 0;
	if (f.out_of_range && fw_own(sp->t->set, sp->s, FW_OWN_NUMBERS))
		return 0;
	if ((f.addr != sp->c->saddr && f.addr != sp->c->maddr) || !f.port)
		return 0;
	if (fw_helper_rewrites(sp->t, sp->c, FW_ORIGINAL))
		return rewrite(sp, &f, 0, FW_EDIT_DECIMAL);
	like.daddr = sp->c->maddr;
	like.dport = f.port;
	return expect(sp, &like, IRC_EXPECTS);
}

/*
 * Of a masqueraded UDP connection the answers may come from another port of the server,
 * with which it goes on.
 */
static int peer_port_open(const struct speech *sp)
{
	sp->c->masq |= FW_CONN_NO_DPORT;
	return 0;
}

static int tftp_packet(const struct speech *sp)
{
	const struct fw_expect like = {
		.saddr = sp->c->daddr,
		.daddr = sp->c->maddr,
		.dport = sp->c->mport,
		.proto = FW_PROTO_UDP,
	};

	if (!fw_scan_tftp(sp->pkt->payload, sp->pkt->payload_len))
		return 0;
	if (sp->c->masq)
		return peer_port_open(sp);
	return expect(sp, &like, TFTP_EXPECTS);
}

/* UDP from the other end's address to a port that the speaker named. */
static int expect_udp(const struct speech *sp, const struct fw_finding *f,
		      unsigned int limit)
{
	const struct fw_expect like = {
		.saddr = source_addr(sp->c, !sp->s->dir),
		.daddr = speaker_addr(sp->c, sp->s->dir),
		.dport = f->port,
		.proto = FW_PROTO_UDP,
	};

	if (fw_helper_rewrites(sp->t, sp->c, sp->s->dir))
		return rewrite(sp, f, 0, FW_EDIT_PORT);
	return expect(sp, &like, limit);
}

static int raudio_packet(const struct speech *sp)
{
	struct fw_finding f;
	__u32 at = 0;
	int err = 0;

	while (!err && sp->s->dir == FW_ORIGINAL &&
	       fw_scan_raudio(sp->pkt->payload, sp->pkt->payload_len, &at, &f))
		err = expect_udp(sp, &f, RAUDIO_EXPECTS);
	return err;
}

static int vdolive_packet(const struct speech *sp)
{
	struct fw_finding f;

	if (sp->s->dir == FW_REPLY ||
	    !fw_scan_vdolive(sp->pkt->payload, sp->pkt->payload_len, &f))
		return 0;
	return expect_udp(sp, &f, VDOLIVE_EXPECTS);
}

/* The game goes on between the server's new port and the client's old one. */
static int quake_packet(const struct speech *sp)
{
	const struct fw_expect back = {
		.saddr = sp->c->daddr,
		.daddr = sp->c->maddr,
		.dport = sp->c->mport,
		.proto = FW_PROTO_UDP,
	};
	struct fw_finding f;
	int err;

	if (sp->s->dir == FW_ORIGINAL ||
	    !fw_scan_quake(sp->pkt->payload, sp->pkt->payload_len, &f))
		return 0;
	if (sp->c->masq)
		return peer_port_open(sp);
	err = expect_udp(sp, &f, QUAKE_EXPECTS);
	return err ? err : expect(sp, &back, QUAKE_EXPECTS);
}

/*
 * To the other end the client has the masquerade address, to itself its own.  Nothing else
 * follows, and no length changes.
 */
static int cuseeme_packet(const struct speech *sp)
{
	const struct fw_track_packet *p = sp->pkt;
	const struct fw_entry *c = sp->c;
	__u32 addr = sp->s->dir == FW_ORIGINAL ? c->maddr : c->saddr;
	__u16 at[FW_EDITS];
	unsigned int i, n;

	/* Hosts do not all find the entry of an answer from another address. */
	if (!c->masq || !sp->t->set->edits ||
	    (sp->s->dir == FW_REPLY && p->key.saddr != c->daddr))
		return 0;
	n = fw_scan_cuseeme(p->payload, p->payload_len, sp->s->dir, c->maddr, at);
	for (i = 0; i < n; i++)
		fw_helper_readdress(sp->s, at[i], addr);
	return 0;
}

/*
 * A request begins a connection, and CU-SeeMe names addresses from the first message on;
 * all else counts after there was an answer.
 */
static bool is_heard(const struct fw_seen *s)
{
	return s->state == FW_STATE_ESTABLISHED || s->entry->helper == FW_HELPER_TFTP ||
	       (s->entry->helper == FW_HELPER_CUSEEME && s->state == FW_STATE_NEW);
}

int fw_helper_packet(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		     struct fw_seen *s)
{
	struct speech sp = { .t = t, .c = s->entry, .pkt = p, .s = s, .now = now };

	if (!p->payload || !p->payload_len)
		return 0;
	if (!is_heard(s))
		return 0;
	switch (s->entry->proto << 8 | s->entry->helper) {
	case FW_PROTO_UDP << 8 | FW_HELPER_TFTP:
		return tftp_packet(&sp);
	case FW_PROTO_UDP << 8 | FW_HELPER_QUAKE:
		return quake_packet(&sp);
	case FW_PROTO_UDP << 8 | FW_HELPER_CUSEEME:
		return cuseeme_packet(&sp);
	case FW_PROTO_TCP << 8 | FW_HELPER_IRC:
		return irc_packet(&sp);
	case FW_PROTO_TCP << 8 | FW_HELPER_RAUDIO:
		return raudio_packet(&sp);
	case FW_PROTO_TCP << 8 | FW_HELPER_VDOLIVE:
		return vdolive_packet(&sp);
	case FW_PROTO_TCP << 8 | FW_HELPER_FTP:
		sp.help = fw_help_of(t, s->entry);
		return sp.help ? ftp_packet(&sp) : 0;
	default:
		return 0;
	}
}
