// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json.c - rules, connections and packets as JSON.
 */
#include <string.h>

#include "ipfwadm/format/json.h"
#include "kmod/core/names.h"
#include "parser/print.h"

json_t *json_name(const char *name)
{
	char buf[4 * FW_IFNAMSIZ + 4];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	print_utf8(&t, name, FW_IFNAMSIZ);
	return json_string(buf);
}

static json_t *address(__u32 addr)
{
	char buf[16];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	fw_text_addr(&t, addr);
	return json_string(buf);
}

/* "192.168.1.0/24"; an irregular mask as dotted quad */
static json_t *network(__u32 addr, __u32 mask)
{
	__u32 host_bits = ~mask;
	char buf[40];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	fw_text_addr(&t, addr);
	fw_text_char(&t, '/');
	if ((host_bits & (host_bits + 1)) == 0)
		fw_text_dec(&t, (unsigned int)__builtin_popcount(mask));
	else
		fw_text_addr(&t, mask);
	return json_string(buf);
}

/* [80, [1024, 65535]]: numbers, and a range as a pair */
static json_t *port_list(const __u16 *pts, unsigned int n, bool range)
{
	json_t *list = json_array();
	unsigned int i = 0;

	if (range && n >= 2) {
		json_array_append_new(list, json_pack("[i, i]", pts[0], pts[1]));
		i = 2;
	}
	for (; i < n; i++)
		json_array_append_new(list, json_integer(pts[i]));
	return list;
}

static json_t *states(unsigned int state)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; fw_state_names[i]; i++)
		if (state & (1u << i))
			json_array_append_new(list, json_string(fw_state_names[i]));
	return list;
}

static json_t *policy(__u32 flags)
{
	return json_string(fw_policy_name(flags & FW_POLICY_MASK));
}

static void ports_add(json_t *o, const struct fw_rule *r)
{
	unsigned int kind = r->flags & FW_KIND_MASK;

	if (kind == FW_KIND_ALL)
		return;
	if (r->nsp)
		json_object_set_new(o, kind == FW_KIND_ICMP ? "icmp_types" : "source_ports",
				    port_list(r->pts, r->nsp, r->flags & FW_SRNG));
	if (r->ndp)
		json_object_set_new(o, "destination_ports",
				    port_list(r->pts + r->nsp, r->ndp, r->flags & FW_DRNG));
}

static void flags_add(json_t *o, const struct fw_rule *r)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} names[] = {
		{ FW_BIDIR, "bidirectional" },
		{ FW_TCPACK, "ack" },
		{ FW_TCPSYN, "syn" },
		{ FW_PRN, "log" },
	};
	unsigned int i;

	for (i = 0; i < FW_COUNT(names); i++)
		if (r->flags & names[i].flag)
			json_object_set_new(o, names[i].name, json_true());
	if (r->flags & FW_REDIR)
		json_object_set_new(o, "redirect", json_integer(fw_rule_redirect_port(r)));
}

static void extensions_add(json_t *o, const struct fw_rule *r)
{
	if (r->state)
		json_object_set_new(o, "state", states(r->state));
	if (r->keep_state)
		json_object_set_new(o, "keep_state", json_true());
	if (r->helper)
		json_object_set_new(o, "helper", json_string(fw_helper_name(r->helper)));
	if (r->comment[0])
		json_object_set_new(o, "comment", json_string(r->comment));
}

static json_t *command(enum fw_list_id list, const struct fw_rule *r)
{
	char buf[PRINT_RULE_MAX];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	print_rule(&t, FW_OP_APPEND, list, r);
	return json_string(buf);
}

json_t *json_rule(enum fw_list_id list, const struct fw_rule *r, bool counters)
{
	static const char *const directions[] = { "both", "in", "out", "none" };
	json_t *o = json_object();

	if (list == FW_ACCT)
		json_object_set_new(o, "direction",
				    json_string(directions[(r->flags >> 12) & 3]));
	else
		json_object_set_new(o, "policy", policy(r->flags));
	json_object_set_new(o, "protocol", json_string(fw_kind_names[r->flags & FW_KIND_MASK]));
	json_object_set_new(o, "source", network(r->src, r->smsk));
	json_object_set_new(o, "destination", network(r->dst, r->dmsk));
	ports_add(o, r);
	if (r->vianame[0])
		json_object_set_new(o, "interface", json_name(r->vianame));
	if (r->via)
		json_object_set_new(o, "interface_address", address(r->via));
	flags_add(o, r);
	if (r->tosand != 0xff || r->tosxor != 0)
		json_object_set_new(o, "tos", json_pack("{s:i, s:i}", "and", r->tosand,
							"xor", r->tosxor));
	extensions_add(o, r);
	if (counters) {
		json_object_set_new(o, "packets", json_integer((json_int_t)r->pcnt));
		json_object_set_new(o, "bytes", json_integer((json_int_t)r->bcnt));
	}
	json_object_set_new(o, "command", command(list, r));
	return o;
}

static json_t *list_object(enum fw_list_id id, const struct fw_list *list, bool counters)
{
	json_t *o = json_object(), *rules = json_array();
	__u32 i;

	json_object_set_new(o, "list", json_string(fw_list_names[id]));
	if (id != FW_ACCT)
		json_object_set_new(o, "policy", policy(list->policy));
	for (i = 0; i < list->count; i++)
		json_array_append_new(rules, json_rule(id, fw_list_rule(list, i), counters));
	json_object_set_new(o, "rules", rules);
	return o;
}

void json_write(FILE *out, json_t *doc)
{
	json_dumpf(doc, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	fputc('\n', out);
	json_decref(doc);
}

void json_list_write(FILE *out, enum fw_list_id id, const struct fw_list *list)
{
	json_write(out, list_object(id, list, true));
}

void json_ruleset_write(FILE *out, const struct fw_ruleset *rs,
			const struct fw_interfaces *ifs, bool counters)
{
	static const enum fw_list_id order[] = { FW_ACCT, FW_INPUT, FW_FORWARD, FW_OUTPUT };
	json_t *o = json_object(), *lists = json_array(), *devs = json_array();
	unsigned int i;

	for (i = 0; ifs && i < ifs->count; i++) {
		const struct fw_dev *dev = &ifs->dev[i];
		json_t *d = json_object();

		json_object_set_new(d, "name", json_name(dev->name));
		json_object_set_new(d, "address", network(dev->addr, dev->mask));
		json_array_append_new(devs, d);
	}
	json_object_set_new(o, "interfaces", devs);
	json_object_set_new(o, "masquerade_timeouts",
			    json_pack("{s:I, s:I, s:I}",
				      "tcp", (json_int_t)rs->timeouts.tcp,
				      "tcpfin", (json_int_t)rs->timeouts.tcpfin,
				      "udp", (json_int_t)rs->timeouts.udp));
	for (i = 0; i < FW_COUNT(order); i++)
		json_array_append_new(lists, list_object(order[i], &rs->list[order[i]],
							 counters));
	json_object_set_new(o, "lists", lists);
	json_write(out, o);
}

static json_t *protocol(unsigned int proto)
{
	const char *name = fw_protocol_name(proto);

	return name ? json_string(name) : json_integer(proto);
}

void json_connections_write(FILE *out, const struct fw_conn *conn, size_t n, __u64 now)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		const struct fw_conn *c = &conn[i];
		json_t *o = json_object();

		json_object_set_new(o, "protocol", protocol(c->proto));
		json_object_set_new(o, "source", address(c->saddr));
		json_object_set_new(o, "source_port", json_integer(c->sport));
		json_object_set_new(o, "destination", address(c->daddr));
		json_object_set_new(o, "destination_port", json_integer(c->dport));
		json_object_set_new(o, "masquerade_port", json_integer(c->mport));
		json_object_set_new(o, "expires_seconds",
				    json_real(c->expires > now ?
					      (double)(c->expires - now) / FW_HZ : 0.0));
		json_array_append_new(list, o);
	}
	json_write(out, list);
}

static json_t *counters(const struct track_counters *c)
{
	return json_pack("{s:I, s:I}", "packets", (json_int_t)c->packets,
			 "bytes", (json_int_t)c->bytes);
}

static void tracked_ports_add(json_t *o, const struct track_conn *c)
{
	if (c->proto == FW_PROTO_ICMP) {
		json_object_set_new(o, "icmp_type", json_integer(c->icmp_type));
		json_object_set_new(o, "icmp_code", json_integer(c->icmp_code));
		json_object_set_new(o, "icmp_id", json_integer(c->icmp_id));
	} else if (c->has_ports) {
		json_object_set_new(o, "source_port", json_integer(c->sport));
		json_object_set_new(o, "destination_port", json_integer(c->dport));
	}
}

static void translations_add(json_t *o, const struct track_conn *c)
{
	bool ports = c->has_ports || c->proto == FW_PROTO_ICMP;

	if (c->masqueraded) {
		json_object_set_new(o, "masquerade_address", address(c->maddr));
		if (ports)
			json_object_set_new(o, "masquerade_port", json_integer(c->mport));
	}
	if (c->redirected) {
		json_object_set_new(o, "redirect_address", address(c->raddr));
		if (c->has_ports)
			json_object_set_new(o, "redirect_port", json_integer(c->rport));
	}
}

void json_tracked_write(FILE *out, const struct track_conn *c)
{
	json_t *o = json_object();

	json_object_set_new(o, "protocol", protocol(c->proto));
	json_object_set_new(o, "state", json_string(c->state));
	json_object_set_new(o, "expires_seconds", json_integer(c->seconds));
	json_object_set_new(o, "source", address(c->saddr));
	json_object_set_new(o, "destination", address(c->daddr));
	tracked_ports_add(o, c);
	translations_add(o, c);
	if (c->counted) {
		json_object_set_new(o, "sent", counters(&c->out));
		json_object_set_new(o, "answered", counters(&c->back));
	}
	fputs("  ", out);
	json_dumpf(o, out, JSON_ENSURE_ASCII);
	json_decref(o);
}

json_t *json_packet(const struct fw_packet *pkt)
{
	static const char letters[] = "FSRPAU";
	char flags[sizeof(letters)], *f = flags;
	json_t *o = json_object();
	unsigned int i;

	json_object_set_new(o, "protocol", protocol(pkt->proto));
	json_object_set_new(o, "source", address(pkt->saddr));
	json_object_set_new(o, "destination", address(pkt->daddr));
	if (pkt->proto == FW_PROTO_TCP || pkt->proto == FW_PROTO_UDP) {
		json_object_set_new(o, "source_port", json_integer(pkt->sport));
		json_object_set_new(o, "destination_port", json_integer(pkt->dport));
	}
	if (pkt->proto == FW_PROTO_TCP) {
		for (i = 0; letters[i]; i++)
			if (pkt->tcpflags & (1u << i))
				*f++ = letters[i];
		*f = '\0';
		json_object_set_new(o, "flags", json_string(flags));
	}
	if (pkt->proto == FW_PROTO_ICMP) {
		json_object_set_new(o, "icmp_type", json_integer(pkt->icmp_type));
		json_object_set_new(o, "icmp_code", json_integer(pkt->icmp_code));
		json_object_set_new(o, "icmp_id", json_integer(pkt->icmp_id));
	}
	json_object_set_new(o, "tos", json_integer(pkt->tos));
	json_object_set_new(o, "ttl", json_integer(pkt->ttl));
	json_object_set_new(o, "length", json_integer(pkt->len));
	return o;
}
