// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show.c - the texts of the 2.0 kernel, byte for byte.
 */
#include "kmod/core/names.h"
#include "kmod/core/show.h"

static void show_list_word(struct fw_text *t, enum fw_list_id list,
			   enum fw_direction direction)
{
	static const char *const word[FW_LISTS] = {
		[FW_FORWARD] = "fw-fwd ",
		[FW_INPUT] = "fw-in ",
		[FW_OUTPUT] = "fw-out ",
		[FW_ACCT] = "acct in ",
	};

	if (list == FW_ACCT && direction == FW_DIR_OUT)
		fw_text_str(t, "acct out ");
	else
		fw_text_str(t, word[list]);
}

static void show_verdict(struct fw_text *t, const struct fw_match *m)
{
	if (!(m->flags & FW_ACCEPT)) {
		fw_text_str(t, m->flags & FW_ICMPRPL ? "rej " : "deny ");
	} else if (m->flags & FW_REDIR) {
		fw_text_str(t, "acc/r");
		fw_text_dec(t, fw_match_redirect_port(m));
		fw_text_char(t, ' ');
	} else {
		fw_text_str(t, m->flags & FW_MASQ ? "acc/masq " : "acc ");
	}
}

static void show_protocol(struct fw_text *t, const struct fw_packet *pkt, bool first)
{
	switch (pkt->proto) {
	case FW_PROTO_TCP:
		fw_text_str(t, " TCP ");
		return;
	case FW_PROTO_UDP:
		fw_text_str(t, " UDP ");
		return;
	case FW_PROTO_ICMP:
		fw_text_str(t, " ICMP/");
		fw_text_dec(t, first ? pkt->icmp_type : 255);
		break;
	default:
		fw_text_str(t, " PROTO=");
		fw_text_dec(t, pkt->proto);
		break;
	}
	fw_text_char(t, ' ');
}

static void show_end(struct fw_text *t, const struct fw_packet *pkt, __u32 addr,
		     __u16 port, bool first)
{
	fw_text_addr(t, addr);
	if (pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP) {
		fw_text_char(t, ':');
		fw_text_dec(t, first ? port : 65535);
	}
}

/* i386 read the option words in its own byte order. */
static __u32 swapped(__u32 n)
{
	return n >> 24 | (n >> 8 & 0xff00) | (n << 8 & 0xff0000) | n << 24;
}

static void show_header_fields(struct fw_text *t, const struct fw_packet *pkt)
{
	unsigned int i;

	fw_text_str(t, " L=");
	fw_text_dec(t, pkt->len);
	fw_text_str(t, " S=0x");
	fw_text_hex(t, pkt->tos, 2);
	fw_text_str(t, " I=");
	fw_text_dec(t, pkt->id);
	fw_text_str(t, " F=0x");
	fw_text_hex(t, pkt->frag_off, 4);
	fw_text_str(t, " T=");
	fw_text_dec(t, pkt->ttl);
	for (i = 0; i < pkt->noptions && i < FW_PACKET_OPTIONS; i++) {
		fw_text_str(t, " O=0x");
		fw_text_hex(t, swapped(pkt->options[i]), 8);
	}
}

void fw_show_log_prefix(struct fw_text *t, const struct fw_match *m, enum fw_list_id list,
			enum fw_direction direction)
{
	fw_text_str(t, "IP ");
	show_list_word(t, list, direction);
	if (list != FW_ACCT)
		show_verdict(t, m);
}

void fw_show_log_packet(struct fw_text *t, const struct fw_dev *dev,
			const struct fw_packet *pkt)
{
	bool first = !(pkt->frag_off & FW_IP_OFFSET);

	if (dev)
		fw_text_strn(t, dev->name, FW_IFNAMSIZ);
	else
		fw_text_char(t, '-');
	show_protocol(t, pkt, first);
	show_end(t, pkt, pkt->saddr, pkt->sport, first);
	fw_text_char(t, ' ');
	show_end(t, pkt, pkt->daddr, pkt->dport, first);
	show_header_fields(t, pkt);
}

/* 2.0 kept the policy in an int. */
static void show_policy(struct fw_text *t, __u32 policy)
{
	if (policy >> 31) {
		fw_text_char(t, '-');
		policy = 0 - policy;
	}
	fw_text_dec(t, policy);
}

void fw_show_header(struct fw_text *t, enum fw_list_id id, __u32 policy)
{
	static const char *const title[FW_LISTS] = {
		[FW_FORWARD] = "IP firewall forward rules, default ",
		[FW_INPUT] = "IP firewall input rules, default ",
		[FW_OUTPUT] = "IP firewall output rules, default ",
		[FW_ACCT] = "IP accounting rules",
	};

	fw_text_str(t, title[id]);
	if (id != FW_ACCT)
		show_policy(t, policy);
	fw_text_char(t, '\n');
}

static void show_network(struct fw_text *t, __u32 addr, __u32 mask)
{
	fw_text_hex(t, addr, 8);
	fw_text_char(t, '/');
	fw_text_hex(t, mask, 8);
}

static void show_number(struct fw_text *t, __u64 n)
{
	fw_text_char(t, ' ');
	fw_text_dec(t, n);
}

static void show_counter(struct fw_text *t, __u64 n)
{
	__u32 column = t->len + 1 + 10;

	show_number(t, n);
	fw_text_pad(t, column);
}

void fw_show_rule(struct fw_text *t, const struct fw_rule *r)
{
	unsigned int i;

	show_network(t, r->src, r->smsk);
	fw_text_str(t, "->");
	show_network(t, r->dst, r->dmsk);
	fw_text_char(t, ' ');
	fw_text_strn(t, r->vianame[0] ? r->vianame : "-", FW_IFNAMSIZ);
	fw_text_char(t, ' ');
	fw_text_hex(t, r->via, 8);
	fw_text_char(t, ' ');
	fw_text_hex(t, r->flags, 1);
	show_number(t, r->nsp);
	show_number(t, r->ndp);
	show_counter(t, r->pcnt);
	show_counter(t, r->bcnt);
	for (i = 0; i < FW_MAX_PORTS; i++)
		show_number(t, r->pts[i]);
	fw_text_str(t, " A");
	fw_text_hex(t, r->tosand, 2);
	fw_text_str(t, " X");
	fw_text_hex(t, r->tosxor, 2);
	fw_text_char(t, '\n');
}

void fw_show_conns_header(struct fw_text *t, const __u32 free[3])
{
	__u32 start = t->len;
	unsigned int i;

	fw_text_str(t, "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta "
		       "Expires (free=");
	for (i = 0; i < 3; i++) {
		fw_text_dec(t, free[i]);
		fw_text_char(t, i < 2 ? ',' : ')');
	}
	fw_text_pad(t, start + FW_SHOW_CONN - 1);
	fw_text_char(t, '\n');
}

/* A blank, and a number at the right of a column. */
static void show_right(struct fw_text *t, __s64 n, __u32 width)
{
	__u64 size = n < 0 ? 0 - (__u64)n : (__u64)n, left;
	__u32 digits = 1;

	for (left = 10; left <= size; left *= 10)
		digits++;
	digits += n < 0;
	fw_text_pad(t, t->len + 1 + (digits < width ? width - digits : 0));
	if (n < 0)
		fw_text_char(t, '-');
	fw_text_dec(t, size);
}

static void show_conn_end(struct fw_text *t, __u32 addr, __u16 port)
{
	fw_text_char(t, ' ');
	fw_text_hex(t, addr, 8);
	fw_text_char(t, ':');
	fw_text_hex(t, port, 4);
}

void fw_show_conn(struct fw_text *t, const struct fw_conn *c, __u64 now)
{
	bool icmp = c->proto == FW_PROTO_ICMP;
	__u32 start = t->len;

	fw_text_str(t, icmp ? "ICMP" : c->proto == FW_PROTO_TCP ? "TCP" : "UDP");
	show_conn_end(t, c->saddr, c->sport);
	/* Type and code of a query were kept in the byte order of an i386. */
	show_conn_end(t, c->daddr,
		      icmp ? (__u16)(c->dport << 8 | c->dport >> 8) : c->dport);
	fw_text_char(t, ' ');
	fw_text_hex(t, c->mport, 4);
	fw_text_char(t, ' ');
	fw_text_hex(t, c->init_seq, 8);
	show_right(t, c->delta, 6);
	show_right(t, c->previous_delta, 6);
	show_right(t, c->expires > now ? (__s64)(c->expires - now) : 0, 7);
	fw_text_pad(t, start + FW_SHOW_CONN - 1);
	fw_text_char(t, '\n');
}

void fw_show_helpers_header(struct fw_text *t)
{
	__u32 start = t->len;

	fw_text_str(t, "prot port    n_attach name");
	fw_text_pad(t, start + FW_SHOW_HELPER - 1);
	fw_text_char(t, '\n');
}

void fw_show_helper(struct fw_text *t, const struct fw_masq_helper *h, __u16 port,
		    __u32 attached)
{
	__u32 start = t->len;

	fw_text_str(t, h->proto == FW_PROTO_TCP ? "TCP" : "UDP");
	fw_text_pad(t, start + 5);
	fw_text_dec(t, port);
	fw_text_pad(t, start + 13);
	fw_text_dec(t, attached);
	fw_text_pad(t, start + 22);
	fw_text_str(t, fw_helper_name(h->id));
	fw_text_pad(t, start + FW_SHOW_HELPER - 1);
	fw_text_char(t, '\n');
}
