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

/* NULL, for "o*", unless it is there */
static json_t *number_if(bool is_there, json_int_t n)
{
	return is_there ? json_integer(n) : NULL;
}

static json_t *true_if(bool is_true)
{
	return is_true ? json_true() : NULL;
}

static json_t *ports(const struct fw_rule *r, unsigned int first, unsigned int n, __u16 range)
{
	return n ? port_list(r->pts + first, n, r->flags & range) : NULL;
}

json_t *json_rule(enum fw_list_id list, const struct fw_rule *r, bool counters)
{
	static const char *const directions[] = { "both", "in", "out", "none" };
	unsigned int kind = r->flags & FW_KIND_MASK;
	bool is_acct = list == FW_ACCT, sets_tos = r->tosand != 0xff || r->tosxor;
	char buf[PRINT_RULE_MAX];

	return json_pack(
		"{s:s, s:s, s:o, s:o, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, "
		"s:o*, s:o*, s:s*, s:s*, s:o*, s:o*, s:s}",
		is_acct ? "direction" : "policy",
		is_acct ? directions[(r->flags >> 12) & 3] :
			  fw_policy_name(r->flags & FW_POLICY_MASK),
		"protocol", fw_kind_names[kind],
		"source", network(r->src, r->smsk),
		"destination", network(r->dst, r->dmsk),
		kind == FW_KIND_ICMP ? "icmp_types" : "source_ports",
		kind == FW_KIND_ALL ? NULL : ports(r, 0, r->nsp, FW_SRNG),
		"destination_ports",
		kind == FW_KIND_ALL ? NULL : ports(r, r->nsp, r->ndp, FW_DRNG),
		"interface", r->vianame[0] ? json_name(r->vianame) : NULL,
		"interface_address", r->via ? address(r->via) : NULL,
		"bidirectional", true_if(r->flags & FW_BIDIR),
		"ack", true_if(r->flags & FW_TCPACK),
		"syn", true_if(r->flags & FW_TCPSYN),
		"log", true_if(r->flags & FW_PRN),
		"redirect", number_if(r->flags & FW_REDIR, fw_rule_redirect_port(r)),
		"tos", sets_tos ? json_pack("{s:i, s:i}", "and", r->tosand, "xor", r->tosxor) :
				  NULL,
		"state", r->state ? states(r->state) : NULL,
		"keep_state", true_if(r->keep_state),
		"helper", r->helper ? fw_helper_name(r->helper) : NULL,
		"comment", r->comment[0] ? r->comment : NULL,
		"packets", number_if(counters, (json_int_t)r->pcnt),
		"bytes", number_if(counters, (json_int_t)r->bcnt),
		"command", print_rule_text(buf, list, r));
}

static void origin_set(json_t *o, const char *origin)
{
	if (origin)
		json_object_set_new(o, "origin", json_string(origin));
}

static json_t *list_object(enum fw_list_id id, const struct fw_list *list,
			   const struct rule_origins *origins, bool counters)
{
	json_t *rules = json_array();
	__u32 i;

	for (i = 0; i < list->count; i++) {
		json_t *o = json_rule(id, fw_list_rule(list, i), counters);

		origin_set(o, rule_origin(origins, id, i));
		json_array_append_new(rules, o);
	}
	return json_pack("{s:s, s:s*, s:o}", "list", fw_list_names[id], "policy",
			 id == FW_ACCT ? NULL : fw_policy_name(list->policy & FW_POLICY_MASK),
			 "rules", rules);
}

static json_t *protocol(unsigned int proto)
{
	const char *name = fw_protocol_name(proto);

	return name ? json_string(name) : json_integer(proto);
}

json_t *json_portfw(const struct fw_portfw *f)
{
	bool has_target = !f->trigger_port && !fw_portfw_leaves(f);
	json_t *trigger = f->trigger_port ?
		json_pack("{s:o, s:i, s:I}", "protocol", protocol(f->trigger_proto), "port",
			  f->trigger_port, "seconds", (json_int_t)f->trigger_time) : json_null();

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o*, s:s*}",
		"list", "forward-port",
		"protocol", f->proto ? protocol(f->proto) : json_null(),
		"address", f->mark ? json_null() :
			   f->flags & FW_PORTFW_ANY_ADDR ? json_string("0.0.0.0/0") :
			   address(f->addr),
		"ports", f->mark ? json_array() : json_pack("[[i, i]]", f->low, f->high),
		"target", has_target ? address(f->to) : json_null(),
		"target_port", f->flags & FW_PORTFW_HAS_PORT ? json_integer(f->to_port) :
			       json_null(),
		"weight", (json_int_t)f->weight, "left", (json_int_t)f->left,
		"connections", (json_int_t)f->conns,
		"mark", f->mark ? json_integer(f->mark) : json_null(), "trigger", trigger,
		"same_port", true_if(f->flags & FW_PORTFW_SAME_PORT),
		"helper", fw_helper_name(f->helper));
}

static json_t *portfw_array(const struct fw_portfw_table *table,
			    const struct rule_origins *origins)
{
	json_t *a = json_array();

	for (__u32 i = 0; i < table->count; i++) {
		json_t *o = json_portfw(&table->entry[i]);

		origin_set(o, forward_origin(origins, i));
		json_array_append_new(a, o);
	}
	return a;
}

void json_portfw_write(const struct app *app, const struct fw_portfw_table *table)
{
	json_write_member(app, "forwards", portfw_array(table, NULL));
}

void json_write_member(const struct app *app, const char *name, json_t *value)
{
	document_add(app->document, json_pack("{s:o}", name, value));
}

void json_list_write(const struct app *app, enum fw_list_id id, const struct fw_list *list)
{
	document_add(app->document, list_object(id, list, NULL, true));
}

void json_ruleset_write(const struct app *app, const struct fw_ruleset *rs,
			const struct fw_interfaces *ifs, const struct rule_origins *origins,
			bool counters)
{
	static const enum fw_list_id order[] = { FW_ACCT, FW_INPUT, FW_FORWARD, FW_OUTPUT };
	json_t *lists = json_array(), *devs = json_array();
	unsigned int i;

	for (i = 0; ifs && i < ifs->count; i++) {
		const struct fw_dev *dev = &ifs->dev[i];

		json_array_append_new(devs, json_pack("{s:o, s:o}", "name", json_name(dev->name),
						      "address", network(dev->addr, dev->mask)));
	}
	for (i = 0; i < FW_COUNT(order); i++)
		json_array_append_new(lists, list_object(order[i], &rs->list[order[i]],
							 origins, counters));
	document_add(app->document, json_pack(
		"{s:o, s:{s:I, s:I, s:I}, s:s*, s:o*, s:o}", "interfaces", devs,
		"masquerade_timeouts", "tcp", (json_int_t)rs->timeouts.tcp,
		"tcpfin", (json_int_t)rs->timeouts.tcpfin, "udp", (json_int_t)rs->timeouts.udp,
		"ipv6", rs->denies_ipv6 ? "deny" : NULL, "port_forwards",
		rs->portfw.count ? portfw_array(&rs->portfw, origins) : NULL, "lists", lists));
}

void json_connections_write(const struct app *app, const struct fw_conn *conn, size_t n, __u64 now)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		const struct fw_conn *c = &conn[i];

		json_array_append_new(list, json_pack(
			"{s:o, s:o, s:i, s:o, s:i, s:i, s:f}", "protocol", protocol(c->proto),
			"source", address(c->saddr), "source_port", c->sport,
			"destination", address(c->daddr), "destination_port", c->dport,
			"masquerade_port", c->mport, "expires_seconds",
			c->expires > now ? (double)(c->expires - now) / FW_HZ : 0.0));
	}
	json_write_member(app, "masqueraded_connections", list);
}

static json_t *counters(bool is_counted, const struct track_counters *c)
{
	return is_counted ? json_pack("{s:I, s:I}", "packets", (json_int_t)c->packets,
				      "bytes", (json_int_t)c->bytes) : NULL;
}

static json_t *tracked(const struct track_conn *c)
{
	bool is_icmp = c->proto == FW_PROTO_ICMP, has_ports = c->has_ports && !is_icmp;

	return json_pack(
		"{s:o, s:s, s:I, s:o, s:o, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, "
		"s:o*, s:o*}",
		"protocol", protocol(c->proto),
		"state", c->state,
		"expires_seconds", (json_int_t)c->seconds,
		"source", address(c->saddr),
		"destination", address(c->daddr),
		"icmp_type", number_if(is_icmp, c->icmp_type),
		"icmp_code", number_if(is_icmp, c->icmp_code),
		"icmp_id", number_if(is_icmp, c->icmp_id),
		"source_port", number_if(has_ports, c->sport),
		"destination_port", number_if(has_ports, c->dport),
		"masquerade_address", c->masqueraded ? address(c->maddr) : NULL,
		"masquerade_port", number_if(c->masqueraded && (c->has_ports || is_icmp), c->mport),
		"redirect_address", c->redirected ? address(c->raddr) : NULL,
		"redirect_port", number_if(c->redirected && c->has_ports, c->rport),
		"sent", counters(c->counted, &c->out),
		"answered", counters(c->counted, &c->back));
}

void json_tracked_write(FILE *out, const struct track_conn *c)
{
	json_t *o = tracked(c);

	fputs("  ", out);
	json_dumpf(o, out, JSON_ENSURE_ASCII);
	json_decref(o);
}

json_t *json_tracked_event(const char *event, const struct track_conn *c)
{
	return json_pack("{s:s, s:o}", "event", event, "tracked_connection", tracked(c));
}

json_t *json_packet(const struct fw_packet *pkt)
{
	static const char letters[] = "FSRPAU";
	bool is_tcp = pkt->proto == FW_PROTO_TCP, is_icmp = pkt->proto == FW_PROTO_ICMP;
	bool has_ports = is_tcp || pkt->proto == FW_PROTO_UDP;
	char flags[sizeof(letters)], *f = flags;

	for (unsigned int i = 0; letters[i]; i++)
		if (pkt->tcpflags & (1u << i))
			*f++ = letters[i];
	*f = '\0';
	return json_pack(
		"{s:o, s:o, s:o, s:o*, s:o*, s:s*, s:o*, s:o*, s:o*, s:i, s:i, s:i}",
		"protocol", protocol(pkt->proto),
		"source", address(pkt->saddr),
		"destination", address(pkt->daddr),
		"source_port", number_if(has_ports, pkt->sport),
		"destination_port", number_if(has_ports, pkt->dport),
		"flags", is_tcp ? flags : NULL,
		"icmp_type", number_if(is_icmp, pkt->icmp_type),
		"icmp_code", number_if(is_icmp, pkt->icmp_code),
		"icmp_id", number_if(is_icmp, pkt->icmp_id),
		"tos", pkt->tos, "ttl", pkt->ttl, "length", pkt->len);
}
