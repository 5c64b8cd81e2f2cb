// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim_table.c - connections as text.  Whatever the text is, the tracker is sound after it
 * was read, or an error is reported.
 */
#include "backend/sim/sim_table.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/core/expect.h"
#include "kmod/core/masq.h"
#include "kmod/core/table.h"
#include "kmod/core/tcp.h"

/* what a line is about */
struct record {
	struct fw_entry entry;
	struct fw_help help;
	struct fw_expect expect;
	__u8 any_source;
	__u32 control, master;	/* numbers of connections, 0: none */
};

/* A number of a record, or several of equal distance. */
struct field {
	const char *name;
	__u16 offset, count;
	__u8 size, stride;
	bool address;
};

#define SIZE(member) sizeof(((struct record *)NULL)->member)
#define NUMBER(name, member) { name, offsetof(struct record, member), 1, SIZE(member), 0, false }
#define ADDRESS(name, member) { name, offsetof(struct record, member), 1, SIZE(member), 0, true }
#define EACH(name, first, n, stride)                                                     \
	{ name, offsetof(struct record, first), n, SIZE(first), stride, false }
#define SIDES(name, member) EACH(name, member, 2, sizeof(struct fw_tcp_side))
#define BOTH(name, member) EACH(name, member, 2, SIZE(member))
#define MAPS(name, member) EACH(name, member, 2, sizeof(struct fw_adjust))

static const struct field connection_fields[] = {
	NUMBER("proto", entry.proto),
	ADDRESS("saddr", entry.saddr),
	NUMBER("sport", entry.sport),
	ADDRESS("daddr", entry.daddr),
	NUMBER("dport", entry.dport),
	ADDRESS("maddr", entry.maddr),
	NUMBER("mport", entry.mport),
	NUMBER("helper", entry.helper),
	NUMBER("begun", entry.begun),
	NUMBER("expires", entry.expires),
	NUMBER("state", entry.state),
	NUMBER("flags", entry.flags),
	SIDES("end", entry.side[0].end),
	SIDES("maxend", entry.side[0].maxend),
	SIDES("maxwin", entry.side[0].maxwin),
	SIDES("maxack", entry.side[0].maxack),
	BOTH("tcp", entry.tcp[0]),
	BOTH("scale", entry.scale[0]),
	NUMBER("last_kind", entry.last_kind),
	NUMBER("last_dir", entry.last_dir),
	NUMBER("last_seq", entry.last_seq),
	NUMBER("last_ack", entry.last_ack),
	NUMBER("last_end", entry.last_end),
	NUMBER("last_win", entry.last_win),
	NUMBER("offered_tcp", entry.offered_tcp),
	NUMBER("offered_scale", entry.offered_scale),
	BOTH("packets", entry.packets[0]),
	BOTH("bytes", entry.bytes[0]),
	NUMBER("retrans", entry.retrans),
	NUMBER("kept", entry.kept),
	NUMBER("masq", entry.masq),
	NUMBER("masq_expires", entry.masq_expires),
	NUMBER("forwarded", entry.forwarded),
	BOTH("iface", entry.iface[0]),
	NUMBER("control", control),
	NUMBER("help", entry.help),
	EACH("line", help.line[0][0], 4, SIZE(help.line[0][0])),
	BOTH("lines", help.lines[0]),
	BOTH("text_len", help.text_len[0]),
	BOTH("text_seq", help.text_seq[0]),
	EACH("text", help.text[0][0], 2 * FW_HELP_TEXT, 1),
	MAPS("pos", help.adjust[0].pos),
	MAPS("before", help.adjust[0].before),
	MAPS("after", help.adjust[0].after),
	{ 0 },
};

static const struct field expect_fields[] = {
	NUMBER("master", master),
	NUMBER("proto", expect.proto),
	ADDRESS("saddr", expect.saddr),
	ADDRESS("daddr", expect.daddr),
	NUMBER("dport", expect.dport),
	NUMBER("any_source", any_source),
	NUMBER("expires", expect.expires),
	{ 0 },
};

static __u64 value_get(const struct record *r, const struct field *f, unsigned int i)
{
	const char *at = (const char *)r + f->offset + (size_t)i * f->stride;
	__u64 wide;
	__u32 word;
	__u16 half;

	switch (f->size) {
	case 1:
		return *(const __u8 *)at;
	case 2:
		memcpy(&half, at, sizeof(half));
		return half;
	case 4:
		memcpy(&word, at, sizeof(word));
		return word;
	default:
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
}

static void value_set(struct record *r, const struct field *f, unsigned int i, __u64 value)
{
	char *at = (char *)r + f->offset + (size_t)i * f->stride;
	__u32 word = (__u32)value;
	__u16 half = (__u16)value;

	switch (f->size) {
	case 1:
		*(__u8 *)at = (__u8)value;
		break;
	case 2:
		memcpy(at, &half, sizeof(half));
		break;
	case 4:
		memcpy(at, &word, sizeof(word));
		break;
	default:
		memcpy(at, &value, sizeof(value));
	}
}

static void record_write(FILE *out, const char *word, const struct field *fields,
			 const struct record *r)
{
	const struct field *f;
	unsigned int n, i;

	fputs(word, out);
	for (f = fields; f->name; f++) {
		for (n = f->count; n && !value_get(r, f, n - 1); n--)
			;
		for (i = 0; i < n; i++) {
			__u64 value = value_get(r, f, i);

			fprintf(out, i ? "," : " %s=", f->name);
			if (f->address)
				fputs(inet_ntoa((struct in_addr){ htonl((__u32)value) }), out);
			else
				fprintf(out, "%llu", value);
		}
	}
	putc('\n', out);
}

static void connections_write(FILE *out, const struct sim_tracker *s,
			      struct fw_entry *const *sorted, __u32 n)
{
	__u32 i;

	/* Ids become numbers of lines; new entries still get larger ones. */
	for (i = 0; i < n; i++)
		sorted[i]->id = i + 1;
	for (i = 0; i < n; i++) {
		struct record r = { .entry = *sorted[i] };

		if (r.entry.help)
			r.help = s->helps[r.entry.help];
		if (r.entry.control && track_entry_used(r.entry.control))
			r.control = r.entry.control->id;
		record_write(out, "connection", connection_fields, &r);
	}
}

static void expects_write(FILE *out, const struct sim_tracker *s)
{
	unsigned int i;

	for (i = 1; i < s->nexpects; i++) {
		struct record r = { .expect = s->expects[i] };

		if (!fw_expect_live(&s->table.track, &r.expect, s->now))
			continue;
		r.any_source = r.expect.any_source;
		r.master = r.expect.master->id;
		record_write(out, "expect", expect_fields, &r);
	}
}

/* Is it the host that a forward has learned and not forgotten yet? */
static bool trigger_is_learned(const struct fw_portfw *f, __u32 now)
{
	return f->trigger_port && f->to && !(f->trigger_time && fw_tick_over(f->until, now));
}

static void triggers_write(FILE *out, const struct fw_portfw_table *t, __u32 now)
{
	for (__u32 i = 0; t && i < t->count; i++)
		if (trigger_is_learned(&t->entry[i], now))
			fprintf(out, "trigger %u %s %u\n", i + 1,
				inet_ntoa((struct in_addr){ htonl(t->entry[i].to) }),
				t->entry[i].until);
}

static bool timeout_is_set(const struct sim_tracker *s, unsigned int i)
{
	return s->set.timeout[i] != fw_timeout_table[i].seconds;
}

int sim_table_write(FILE *out, struct sim_tracker *s)
{
	__u16 next_port = s->table.track.masq.next_port;
	const struct fw_portfw_table *portfw = s->table.track.portfw;
	bool changed = next_port != FW_MASQ_PORT_FIRST;
	struct fw_entry **sorted;
	unsigned int i;
	__u32 n;
	int err;

	fw_host_sweep(&s->table.track, s->now);
	err = sim_tracker_entries(s, &sorted, &n);
	if (err)
		return err;
	for (i = 0; i < FW_TIMEOUTS; i++)
		changed |= timeout_is_set(s, i);
	for (i = 0; portfw && i < portfw->count; i++)
		changed |= trigger_is_learned(&portfw->entry[i], s->now);
	if (changed || n)
		fprintf(out, "time %u.%02u\n", s->now / FW_TRACK_HZ, s->now % FW_TRACK_HZ);
	if (next_port != FW_MASQ_PORT_FIRST)
		fprintf(out, "next-port %u\n", next_port);
	for (i = 0; i < FW_TIMEOUTS; i++)
		if (timeout_is_set(s, i))
			fprintf(out, "timeout %s %u\n", fw_timeout_table[i].name,
				s->set.timeout[i]);
	triggers_write(out, portfw, s->now);
	connections_write(out, s, sorted, n);
	expects_write(out, s);
	free(sorted);
	return 0;
}

/* one line after the other, word by word */
struct reader {
	struct sim_tracker *s;
	char *line, *rest;	/* the line, and what of it was not read */
	const char *word;	/* the last word that was read */
	const char *error;	/* NULL: none so far */
};

static int line_wrong(struct reader *r, const char *why)
{
	r->error = why;
	return -EBADMSG;
}

/* The next word, "" at the end of the line. */
static char *word_next(struct reader *r)
{
	char *word = r->rest + strspn(r->rest, " \t"), *end = word + strcspn(word, " \t");

	r->word = word;
	r->rest = end + !!*end;
	*end = '\0';
	return word;
}

/* Digits at *at, which is moved behind them. */
static int number_read(struct reader *r, char **at, __u64 max, __u64 *n)
{
	char *begin = *at;

	errno = 0;
	*n = strtoull(begin, at, 10);
	if (!isdigit((unsigned char)*begin) || errno || *n > max)
		return line_wrong(r, "no such number");
	return 0;
}

static int word_number(struct reader *r, __u64 max, __u64 *n)
{
	char *word = word_next(r);
	int err = number_read(r, &word, max, n);

	return err || !*word ? err : line_wrong(r, "no such number");
}

static int address_read(struct reader *r, char **at, __u64 *n)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, *at, &addr) != 1)
		return line_wrong(r, "no such address");
	*n = ntohl(addr.s_addr);
	*at += strlen(*at);
	return 0;
}

/* NAME=VALUE,VALUE... */
static int field_read(struct reader *r, char *word, const struct field *fields,
		      struct record *record)
{
	char *value = word + strcspn(word, "=");
	const struct field *f;
	unsigned int i;
	__u64 n;
	int err = 0;

	for (f = fields; f->name; f++)
		if (!strncmp(f->name, word, (size_t)(value - word)) &&
		    !f->name[value - word])
			break;
	if (!f->name || !*value)
		return line_wrong(r, "no such value");
	for (i = 0; i < f->count && *value; i++) {
		value++;
		err = f->address ? address_read(r, &value, &n)
				 : number_read(r, &value, ~(__u64)0 >> (64 - 8 * f->size), &n);
		if (err)
			return err;
		value_set(record, f, i, n);
		if (*value && *value != ',')
			break;
	}
	return *value ? line_wrong(r, "no such value") : 0;
}

static int record_read(struct reader *r, const struct field *fields, struct record *record)
{
	char *word;
	int err = 0;

	while (!err && *(word = word_next(r)))
		err = field_read(r, word, fields, record);
	return err;
}

/* Could the tracker have made it so? */
static bool connection_is_sound(const struct record *r)
{
	const struct fw_entry *c = &r->entry;
	bool tcp = c->proto == FW_PROTO_TCP;
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (c->scale[i] > FW_TCP_SCALE_MAX || r->help.text_len[i] > FW_HELP_TEXT ||
		    r->help.lines[i] > FW_COUNT(r->help.line[i]))
			return false;
	if (c->masq && (!(c->masq & FW_CONN_MASQ) ||
			(!tcp && c->proto != FW_PROTO_UDP && c->proto != FW_PROTO_ICMP)))
		return false;
	if (c->forwarded && (c->forwarded > FW_FORWARDED_CUT || !c->masq ||
			     !(c->flags & FW_ENTRY_INWARD)))
		return false;
	return c->state < FW_TCP_STATES && (tcp ? c->state || c->masq : !c->state) &&
	       c->offered_scale <= FW_TCP_SCALE_MAX && c->helper < FW_HELPERS_ALL &&
	       c->last_kind <= FW_TCP_KIND_NONE && c->last_dir <= FW_REPLY &&
	       !(c->flags & FW_ENTRY_ENDED) && c->help <= 1;
}

/* The entry of a number, which is its id, as in connections_write(); NULL: none yet. */
static struct fw_entry *numbered(struct sim_tracker *s, __u32 number)
{
	return number && number <= s->table.track.count ? &s->entries[number - 1] : NULL;
}

static int connection_read(struct reader *r)
{
	struct fw_track *t = &r->s->table.track;
	struct record record = { 0 };
	struct fw_entry *c = &record.entry, *winner;
	struct fw_help *help;
	int err = record_read(r, connection_fields, &record);
	bool helped;

	if (err)
		return err;
	c->control = numbered(r->s, record.control);
	helped = c->help;
	if (!connection_is_sound(&record) || (record.control && !c->control))
		return line_wrong(r, "no such connection");
	if (t->count == t->max || (c->masq && !c->forwarded && !fw_masq_ports_free(t, c->proto)))
		return line_wrong(r, "too many connections");
	c->help = 0;
	c = fw_track_add(t, c, r->s->now, &winner);
	if (!c)
		return line_wrong(r, "the connection is there already");
	if (!helped)
		return 0;
	help = fw_help_of(t, c);
	if (!help)
		return line_wrong(r, "too many connections with a helper");
	*help = record.help;
	return 0;
}

static int expect_read(struct reader *r)
{
	const __u32 lifetime = FW_EXPECT_SECONDS * FW_TRACK_HZ;
	struct record record = { 0 };
	struct fw_entry *master;
	int err = record_read(r, expect_fields, &record);

	if (err)
		return err;
	master = numbered(r->s, record.master);
	record.expect.any_source = record.any_source;
	if (!master || !record.expect.proto ||
	    fw_expect_add(&r->s->table.track, master, &record.expect, r->s->nexpects,
			  record.expect.expires - lifetime))
		return line_wrong(r, "no such expectation");
	return 0;
}

/* SECONDS, with at most two digits behind the point */
static int time_read(struct reader *r)
{
	char *word = word_next(r), *point;
	__u64 seconds, part = 0;
	int err = number_read(r, &word, ~(__u32)0 / FW_TRACK_HZ - 1, &seconds);

	point = word;
	if (!err && *point == '.') {
		word++;
		err = number_read(r, &word, FW_TRACK_HZ - 1, &part);
	}
	if (!err && (*word || (word != point && word - point != 3)))
		err = line_wrong(r, "no such number");
	r->s->now = (__u32)(seconds * FW_TRACK_HZ + part);
	return err;
}

static int timeout_read(struct reader *r)
{
	int i = fw_timeout_find(word_next(r)), err;
	__u64 seconds;

	if (i < 0)
		return line_wrong(r, "no such timeout");
	err = word_number(r, FW_TIMEOUT_LONGEST, &seconds);
	r->s->set.timeout[i] = (__u32)seconds;
	return err;
}

static int trigger_read(struct reader *r)
{
	struct fw_portfw_table *t = r->s->table.track.portfw;
	__u64 rule, addr, until;
	char *word;
	int err = word_number(r, ~(__u32)0, &rule);

	if (!err && (!t || !rule || rule > t->count || !t->entry[rule - 1].trigger_port))
		err = line_wrong(r, "no such port forward");
	if (err)
		return err;
	word = word_next(r);
	err = address_read(r, &word, &addr);
	if (!err)
		err = word_number(r, ~(__u32)0, &until);
	if (!err) {
		t->entry[rule - 1].to = (__u32)addr;
		t->entry[rule - 1].until = (__u32)until;
	}
	return err;
}

static int next_port_read(struct reader *r)
{
	__u64 port;
	int err = word_number(r, FW_MASQ_PORT_END - 1, &port);

	if (!err && port < FW_MASQ_PORT_FIRST)
		err = line_wrong(r, "no such number");
	r->s->table.track.masq.next_port = (__u16)port;
	return err;
}

static int line_read(struct reader *r)
{
	static const struct {
		const char *word;
		int (*read)(struct reader *r);
	} lines[] = {
		{ "time", time_read },
		{ "next-port", next_port_read },
		{ "timeout", timeout_read },
		{ "trigger", trigger_read },
		{ "connection", connection_read },
		{ "expect", expect_read },
	};
	const char *word = word_next(r);
	unsigned int i;
	int err;

	for (i = 0; i < FW_COUNT(lines); i++) {
		if (strcmp(lines[i].word, word) != 0)
			continue;
		err = lines[i].read(r);
		return err || !*word_next(r) ? err : line_wrong(r, "unexpected word");
	}
	return *word ? line_wrong(r, "rules come before the connections") : 0;
}

char *sim_table_find(char *text)
{
	char *line = text;

	while (strncmp(line, "time ", 5) != 0) {
		line = strchr(line, '\n');
		if (!line)
			return text + strlen(text);
		line++;
	}
	return line;
}

int sim_table_read(struct sim_tracker *s, char *text, const char *name, unsigned int line,
		   struct fw_error *e)
{
	struct reader r = { .s = s };
	int err = 0;

	for (; !err && (r.line = strsep(&text, "\n")); line++) {
		r.rest = r.line;
		err = line_read(&r);
		if (err)
			fw_error_set(e, EBADMSG, "%s:%u:%zu: %s", name, line,
				     (size_t)(r.word - r.line) + 1, r.error);
	}
	return err;
}
