// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * listing.c - the columns of ipfwadm 2.3.0.
 */
#include <stdio.h>

#include "ipfwadm/format/listing.h"
#include "kmod/core/names.h"
#include "kmod/core/show.h"
#include "parser/nameservice.h"
#include "parser/print.h"

#define ROW_MAX 2048	/* two long host names, ten service names, a comment */

static void row_init(struct fw_text *t, char buf[ROW_MAX])
{
	fw_text_init(t, buf, ROW_MAX);
}

static void row_write(FILE *out, struct fw_text *t)
{
	fw_text_char(t, '\n');
	fwrite_unlocked(t->buf, 1, t->len < t->size ? t->len : t->size - 1, out);
	t->len = 0;
}

/* a number, right-justified in width */
static void number(struct fw_text *t, __u64 n, unsigned int width)
{
	char digits[24];
	struct fw_text d;

	fw_text_init(&d, digits, sizeof(digits));
	fw_text_dec(&d, n);
	for (; width > d.len; width--)
		fw_text_char(t, ' ');
	fw_text_str(t, digits);
}

/* text of at least width characters, left-justified */
static void column(struct fw_text *t, const char *s, unsigned int width)
{
	__u32 start = t->len;

	fw_text_str(t, s);
	fw_text_pad(t, start + width);
}

/*
 * Five columns: plain, or with a unit.  2.3.0 rounded at K and once more at M, and
 * had no larger ones.
 */
static void counter_short(struct fw_text *t, __u64 n)
{
	const char *unit = "KMGT";

	if (n <= 99999) {
		number(t, n, 5);
		return;
	}
	n = n / 1000 + (n % 1000 >= 500);
	for (; n > 9999 && unit[1]; unit++)
		n = n / 1000 + (n % 1000 >= 500);
	number(t, n, 4);
	fw_text_char(t, *unit);
}

static void counters(struct fw_text *t, __u64 packets, __u64 bytes, bool exact)
{
	if (exact) {
		number(t, packets, 8);
		fw_text_char(t, ' ');
		number(t, bytes, 10);
	} else {
		counter_short(t, packets);
		fw_text_char(t, ' ');
		counter_short(t, bytes);
	}
	fw_text_char(t, ' ');
}

static const char *type(enum fw_list_id list, const struct fw_rule *r)
{
	if (list == FW_ACCT) {
		switch (r->flags & (FW_ACCTIN | FW_ACCTOUT)) {
		case FW_ACCTIN:
			return "in";
		case FW_ACCTOUT:
			return "out";
		default:
			return "i/o";
		}
	}
	if (r->flags & FW_REDIR)
		return "acc/r";
	if (r->flags & FW_MASQ)
		return "acc/m";
	if (r->flags & FW_ACCEPT)
		return "acc";
	return r->flags & FW_ICMPRPL ? "rej" : "deny";
}

static const char *protocol(const struct fw_rule *r)
{
	return fw_kind_names[r->flags & FW_KIND_MASK];
}

static void option_letters(struct fw_text *t, const struct fw_rule *r)
{
	fw_text_char(t, r->flags & FW_BIDIR ? 'b' : '-');
	fw_text_char(t, r->flags & FW_TCPACK ? 'k' : '-');
	fw_text_char(t, r->flags & FW_TCPSYN ? 'y' : '-');
	fw_text_char(t, r->flags & FW_PRN ? 'o' : '-');
}

static void tos_masks(struct fw_text *t, const struct fw_rule *r)
{
	fw_text_str(t, "0x");
	fw_text_hex(t, r->tosand, 2);
	fw_text_str(t, " 0x");
	fw_text_hex(t, r->tosxor, 2);
}

static void address(struct fw_text *t, __u32 addr, __u32 mask, bool numeric)
{
	char name[NAME_MAX_LEN];
	__u32 host_bits = ~mask;

	if (mask == 0 && !numeric) {
		fw_text_str(t, "anywhere");
		return;
	}
	if (!numeric && name_of_address(addr, name, sizeof(name)))
		fw_text_str(t, name);
	else
		fw_text_addr(t, addr);
	if (mask == 0xffffffff)
		return;
	fw_text_char(t, '/');
	if ((host_bits & (host_bits + 1)) == 0)
		fw_text_dec(t, (unsigned int)__builtin_popcount(mask));
	else
		fw_text_addr(t, mask);
}

static void port(struct fw_text *t, __u16 n, unsigned int kind, bool numeric)
{
	char name[NAME_MAX_LEN];

	if (!numeric && kind != FW_KIND_ICMP && name_of_port(n, kind, name, sizeof(name)))
		fw_text_str(t, name);
	else
		fw_text_dec(t, n);
}

static void port_list(struct fw_text *t, const struct fw_rule *r, unsigned int first,
		      unsigned int n, bool range, bool numeric)
{
	unsigned int i;

	if (n == 0)
		fw_text_str(t, numeric ? "*" : "any");
	for (i = 0; i < n && first + i < FW_MAX_PORTS; i++) {
		if (i > 0)
			fw_text_char(t, range && i == 1 ? ':' : ',');
		port(t, r->pts[first + i], r->flags & FW_KIND_MASK, numeric);
	}
}

static void ports(struct fw_text *t, const struct fw_rule *r, bool numeric)
{
	unsigned int kind = r->flags & FW_KIND_MASK;

	if (kind == FW_KIND_ALL) {
		fw_text_str(t, "n/a");
		return;
	}
	port_list(t, r, 0, r->nsp, r->flags & FW_SRNG, numeric);
	if (kind == FW_KIND_ICMP)
		return;
	fw_text_str(t, " -> ");
	port_list(t, r, r->nsp, r->ndp, r->flags & FW_DRNG, numeric);
	if (!(r->flags & FW_REDIR))
		return;
	fw_text_str(t, " => ");
	if (fw_rule_redirect_port(r) == 0)
		fw_text_str(t, numeric ? "*" : "any");
	else
		port(t, fw_rule_redirect_port(r), kind, numeric);
}

static void interface(struct fw_text *t, const struct command *c, const struct fw_rule *r)
{
	__u32 start = t->len;

	if (r->vianame[0])
		fw_text_strn(t, r->vianame, FW_IFNAMSIZ);
	else
		fw_text_str(t, c->numeric ? "*" : "any");
	fw_text_pad(t, start + 7);
	fw_text_char(t, ' ');
	start = t->len;
	if (r->via || c->numeric)
		fw_text_addr(t, r->via);
	else
		fw_text_str(t, "any");
	fw_text_pad(t, start + 15);
	fw_text_char(t, ' ');
}

/* the new options, after the ports; the comment only with -e */
static void extensions(struct fw_text *t, const struct command *c, const struct fw_rule *r)
{
	struct fw_rule shown;

	if (!r->state && !r->keep_state && !r->helper && !r->comment[0])
		return;
	shown = *r;
	if (!c->extended)
		shown.comment[0] = '\0';
	if (!shown.state && !shown.keep_state && !shown.helper && !shown.comment[0])
		return;
	fw_text_char(t, ' ');
	print_extensions(t, &shown);
}

static void addresses(struct fw_text *t, const struct fw_rule *r, bool numeric)
{
	__u32 start = t->len;

	address(t, r->src, r->smsk, numeric);
	fw_text_pad(t, start + 20);
	fw_text_char(t, ' ');
	start = t->len;
	address(t, r->dst, r->dmsk, numeric);
	fw_text_pad(t, start + 20);
	fw_text_char(t, ' ');
}

static void row(struct fw_text *t, const struct command *c, const struct fw_rule *r)
{
	bool acct = c->list == FW_ACCT;

	if (acct || c->extended)
		counters(t, r->pcnt, r->bcnt, c->exact);
	column(t, type(c->list, r), acct ? 3 : 5);
	fw_text_char(t, ' ');
	column(t, protocol(r), 5);
	if (c->extended) {
		option_letters(t, r);
		fw_text_char(t, ' ');
		if (!acct) {
			tos_masks(t, r);
			fw_text_char(t, ' ');
		}
		interface(t, c, r);
	}
	addresses(t, r, c->numeric);
	ports(t, r, c->numeric);
	extensions(t, c, r);
}

static void headers(FILE *out, const struct command *c)
{
	bool acct = c->list == FW_ACCT;

	if (acct || c->extended)
		fputs(c->exact ? "    pkts      bytes " : " pkts bytes ", out);
	fputs(acct ? "dir prot " : "type  prot ", out);
	if (c->extended)
		fputs(acct ? "opt  ifname  ifaddress       "
			   : "opt  tosa tosx ifname  ifaddress       ", out);
	fputs("source               destination          ports\n", out);
}

static void title(FILE *out, const struct command *c, __u32 policy)
{
	const char *word = fw_policy_name(policy);

	if (c->list == FW_ACCT) {
		fputs("IP accounting rules\n", out);
		return;
	}
	if (policy == FW_POLICY_MASQ)
		word = "accept/masquerade";
	fprintf(out, "IP firewall %s rules, default policy: %s\n", fw_list_names[c->list], word);
}

void listing_rules(FILE *out, const struct command *c, const struct fw_list *list)
{
	char buf[ROW_MAX];
	struct fw_text t;
	__u32 i;

	title(out, c, list->policy);
	if (list->count == 0)
		return;
	headers(out, c);
	row_init(&t, buf);
	for (i = 0; i < list->count; i++) {
		row(&t, c, fw_list_rule(list, i));
		row_write(out, &t);
	}
}

/* an address of a connection: a name unless numeric, 20 columns and a blank */
static void host(struct fw_text *t, __u32 addr, bool numeric)
{
	__u32 start = t->len;

	address(t, addr, 0xffffffff, numeric);
	fw_text_pad(t, start + 20);
	fw_text_char(t, ' ');
}

static void expiry(struct fw_text *t, __u64 ticks)
{
	char buf[48];

	snprintf(buf, sizeof(buf), "%02llu:%02llu.%02llu ",
		 (unsigned long long)(ticks / FW_HZ / 60),
		 (unsigned long long)(ticks / FW_HZ % 60),
		 (unsigned long long)(ticks % FW_HZ));
	fw_text_str(t, buf);
}

static void connection_row(struct fw_text *t, const struct command *c,
			   const struct fw_conn *conn, __u64 now)
{
	unsigned int kind = FW_KIND_ICMP;
	char buf[64];

	if (conn->proto != FW_PROTO_ICMP)
		kind = conn->proto == FW_PROTO_TCP ? FW_KIND_TCP : FW_KIND_UDP;
	column(t, fw_kind_names[kind], 5);
	expiry(t, conn->expires > now ? conn->expires - now : 0);
	if (c->extended) {
		snprintf(buf, sizeof(buf), "%10u %5d %5d ", conn->init_seq, conn->delta,
			 conn->previous_delta);
		fw_text_str(t, buf);
	}
	host(t, conn->saddr, c->numeric);
	host(t, conn->daddr, c->numeric);
	port(t, conn->sport, kind, c->numeric);
	fw_text_str(t, " (");
	fw_text_dec(t, conn->mport);
	fw_text_str(t, ") -> ");
	port(t, conn->dport, kind, c->numeric);
}

void listing_connections(FILE *out, const struct command *c, const struct fw_conn *conn,
			 size_t n, __u64 now)
{
	char buf[ROW_MAX];
	struct fw_text t;
	size_t i;

	fputs("IP masquerading entries\n", out);
	if (n == 0)
		return;
	fputs(c->extended ? "prot expire      initseq delta prevd " : "prot expire   ", out);
	fputs("source               destination          ports\n", out);
	row_init(&t, buf);
	for (i = 0; i < n; i++) {
		connection_row(&t, c, &conn[i], now);
		row_write(out, &t);
	}
}

static void portfw_row(struct fw_text *t, const struct command *c, const struct fw_portfw *f)
{
	unsigned int kind = f->proto == FW_PROTO_UDP ? FW_KIND_UDP : FW_KIND_TCP;
	__u32 start;

	if (c->extended)
		number(t, f->conns, 8);
	fw_text_str(t, c->extended ? " " : "");
	column(t, f->proto ? fw_protocol_name(f->proto) : "all", 5);
	start = t->len;
	if (f->mark) {
		fw_text_str(t, "mark ");
		fw_text_dec(t, f->mark);
	} else if (f->flags & FW_PORTFW_ANY_ADDR) {
		fw_text_str(t, "0.0.0.0/0");
	} else {
		host(t, f->addr, c->numeric);
	}
	fw_text_pad(t, start + 21);
	start = t->len;
	if (!f->mark)
		port(t, f->low, kind, c->numeric);
	if (f->high != f->low) {
		fw_text_char(t, ':');
		port(t, f->high, kind, c->numeric);
	}
	fw_text_pad(t, start + 13);
	start = t->len;
	if (f->flags & FW_PORTFW_SAME_PORT) {
		fw_text_str(t, "(same port)");
	} else if (f->helper) {
		fw_text_str(t, "(helper ");
		fw_text_str(t, fw_helper_name(f->helper));
		fw_text_char(t, ')');
	} else if (f->trigger_port) {
		fw_text_char(t, '(');
		fw_text_str(t, fw_protocol_name(f->trigger_proto));
		fw_text_char(t, ' ');
		fw_text_dec(t, f->trigger_port);
		fw_text_char(t, ')');
	} else {
		host(t, f->to, c->numeric);
	}
	fw_text_pad(t, start + 21);
	start = t->len;
	if (f->flags & FW_PORTFW_HAS_PORT)
		port(t, f->to_port, kind, c->numeric);
	else
		fw_text_char(t, '-');
	fw_text_pad(t, start + 6);
	number(t, f->left, 6);
	number(t, f->weight, 7);
}

void listing_proc(FILE *out, enum fw_list_id id, const struct fw_list *list)
{
	char buf[FW_SHOW_RULE_MAX];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	fw_show_header(&t, id, list->policy);
	fwrite(t.buf, 1, t.len, out);
	for (__u32 i = 0; i < list->count; i++) {
		fw_text_init(&t, buf, sizeof(buf));
		fw_show_rule(&t, fw_list_rule(list, i));
		fwrite(t.buf, 1, t.len, out);
	}
}

void listing_portfw(FILE *out, const struct command *c, const struct fw_portfw_table *table)
{
	char buf[ROW_MAX];
	struct fw_text t;

	fputs("IP port forwarding entries\n", out);
	if (table->count == 0)
		return;
	fputs(c->extended ? "   conns " : "", out);
	fputs("prot address              ports        target               port    left weight\n",
	      out);
	row_init(&t, buf);
	for (__u32 i = 0; i < table->count; i++) {
		portfw_row(&t, c, &table->entry[i]);
		row_write(out, &t);
	}
}

/* both directions together; dashes if the kernel does not count */
static void tracked_counters(struct fw_text *t, const struct command *c,
			     const struct track_conn *conn)
{
	if (conn->counted)
		counters(t, conn->out.packets + conn->back.packets,
			 conn->out.bytes + conn->back.bytes, c->exact);
	else
		fw_text_str(t, c->exact ? "       -          - " : "    -     - ");
}

static void tracked_protocol(struct fw_text *t, __u8 proto)
{
	static const char *const names[256] = {
		[1] = "icmp", [2] = "igmp", [4] = "ipip", [6] = "tcp", [17] = "udp",
		[33] = "dccp", [41] = "ipv6", [47] = "gre", [50] = "esp", [51] = "ah",
		[89] = "ospf", [132] = "sctp", [136] = "udplite",
	};
	__u32 start = t->len;

	if (names[proto])
		fw_text_str(t, names[proto]);
	else
		fw_text_dec(t, proto);
	fw_text_pad(t, start + 5);
}

/* as in the other listings: port (masqueraded) -> port => redirected */
static void tracked_ports(struct fw_text *t, const struct command *c,
			  const struct track_conn *conn)
{
	unsigned int kind = conn->proto == FW_PROTO_TCP ? FW_KIND_TCP : FW_KIND_UDP;

	if (conn->proto == FW_PROTO_ICMP) {
		fw_text_dec(t, conn->icmp_type);
		fw_text_str(t, " id ");
		fw_text_dec(t, conn->icmp_id);
	} else if (conn->has_ports) {
		port(t, conn->sport, kind, c->numeric);
	} else {
		fw_text_str(t, "n/a");
		return;
	}
	if (conn->masqueraded) {
		fw_text_str(t, " (");
		fw_text_dec(t, conn->mport);
		fw_text_char(t, ')');
	}
	if (!conn->has_ports)
		return;
	fw_text_str(t, " -> ");
	port(t, conn->dport, kind, c->numeric);
	if (conn->redirected) {
		fw_text_str(t, " => ");
		port(t, conn->rport, kind, c->numeric);
	}
}

void listing_tracked_header(FILE *out, const struct command *c)
{
	if (c->extended)
		fputs(c->exact ? "    pkts      bytes " : " pkts bytes ", out);
	fputs("prot state       expire     "
	      "source               destination          ports\n", out);
}

void listing_tracked(FILE *out, const struct command *c, const struct track_conn *conn)
{
	char buf[ROW_MAX];
	struct fw_text t;
	__u32 start;

	row_init(&t, buf);
	if (c->extended)
		tracked_counters(&t, c, conn);
	tracked_protocol(&t, conn->proto);
	column(&t, conn->state, 11);
	fw_text_char(&t, ' ');
	start = t.len;
	expiry(&t, (__u64)conn->seconds * FW_HZ);
	fw_text_pad(&t, start + 11);
	host(&t, conn->saddr, c->numeric);
	host(&t, conn->daddr, c->numeric);
	tracked_ports(&t, c, conn);
	row_write(out, &t);
}

void listing_verbose_edit(FILE *out, const struct fw_edit *edit)
{
	const struct fw_rule *r = &edit->rule;
	char buf[ROW_MAX];
	struct fw_text t;

	if (edit->op != FW_OP_APPEND && edit->op != FW_OP_INSERT && edit->op != FW_OP_DELETE)
		return;
	row_init(&t, buf);
	fw_text_str(&t, type(edit->list, r));
	fw_text_char(&t, ' ');
	fw_text_str(&t, protocol(r));
	fw_text_str(&t, " opt ");
	option_letters(&t, r);
	fw_text_str(&t, " tos ");
	tos_masks(&t, r);
	fw_text_str(&t, " via ");
	fw_text_strn(&t, r->vianame[0] ? r->vianame : "*", FW_IFNAMSIZ);
	fw_text_char(&t, ' ');
	fw_text_addr(&t, r->via);
	fw_text_str(&t, "   ");
	address(&t, r->src, r->smsk, true);
	fw_text_str(&t, " -> ");
	address(&t, r->dst, r->dmsk, true);
	fw_text_str(&t, "   ");
	ports(&t, r, true);
	if (r->state || r->keep_state || r->helper || r->comment[0]) {
		fw_text_char(&t, ' ');
		print_extensions(&t, r);
	}
	row_write(out, &t);
}

void listing_verbose_check(FILE *out, const struct check *check)
{
	const struct fw_packet *pkt = &check->pkt;
	char buf[ROW_MAX];
	struct fw_text t;

	row_init(&t, buf);
	fw_text_str(&t, pkt->proto == FW_PROTO_TCP ? "tcp" :
			pkt->proto == FW_PROTO_UDP ? "udp" : "icmp");
	fw_text_str(&t, " via ");
	fw_text_strn(&t, check->dev.name, FW_IFNAMSIZ);
	fw_text_char(&t, ' ');
	fw_text_addr(&t, check->dev.addr);
	fw_text_str(&t, "   ");
	address(&t, pkt->saddr, check->smsk, true);
	fw_text_str(&t, " -> ");
	address(&t, pkt->daddr, check->dmsk, true);
	fw_text_str(&t, "   ");
	if (pkt->proto == FW_PROTO_ICMP) {
		fw_text_dec(&t, check->icmp_type);
	} else {
		fw_text_dec(&t, pkt->sport);
		fw_text_str(&t, " -> ");
		fw_text_dec(&t, pkt->dport);
	}
	row_write(out, &t);
}
