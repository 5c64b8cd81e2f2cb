// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conntrack_entry.c - the kernel's message about one connection, and what it means.
 */
#include "backend/conntrack/conntrack_entry.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_sctp.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "backend/netlink/netlink_attr.h"

/* the names that timeouts have, too */
static const char *const tcp_states[] = {
	[TCP_CONNTRACK_SYN_SENT] = "syn-sent",
	[TCP_CONNTRACK_SYN_RECV] = "syn-recv",
	[TCP_CONNTRACK_ESTABLISHED] = "established",
	[TCP_CONNTRACK_FIN_WAIT] = "fin-wait",
	[TCP_CONNTRACK_CLOSE_WAIT] = "close-wait",
	[TCP_CONNTRACK_LAST_ACK] = "last-ack",
	[TCP_CONNTRACK_TIME_WAIT] = "time-wait",
	[TCP_CONNTRACK_CLOSE] = "close",
	[TCP_CONNTRACK_SYN_SENT2] = "syn-sent",
};

static const char *const sctp_states[] = {
	[SCTP_CONNTRACK_CLOSED] = "closed",
	[SCTP_CONNTRACK_COOKIE_WAIT] = "cookie-wait",
	[SCTP_CONNTRACK_COOKIE_ECHOED] = "cookie-echoed",
	[SCTP_CONNTRACK_ESTABLISHED] = "established",
	[SCTP_CONNTRACK_SHUTDOWN_SENT] = "shutdown-sent",
	[SCTP_CONNTRACK_SHUTDOWN_RECD] = "shutdown-recd",
	[SCTP_CONNTRACK_SHUTDOWN_ACK_SENT] = "shutdown-ack-sent",
	[SCTP_CONNTRACK_HEARTBEAT_SENT] = "heartbeat-sent",
};

static const char *state_name(const char *const *names, size_t n, const struct nlattr *a)
{
	__u64 state = netlink_attr_number(a);

	return state < n ? names[state] : NULL;
}

static const char *state_read(const struct nlattr *info)
{
	const struct nlattr *tcp = netlink_attr_find(info, CTA_PROTOINFO_TCP);
	const struct nlattr *sctp = netlink_attr_find(info, CTA_PROTOINFO_SCTP);

	if (tcp)
		return state_name(tcp_states, FW_COUNT(tcp_states),
				  netlink_attr_find(tcp, CTA_PROTOINFO_TCP_STATE));
	return state_name(sctp_states, FW_COUNT(sctp_states),
			  netlink_attr_find(sctp, CTA_PROTOINFO_SCTP_STATE));
}

static void addresses_read(struct conntrack_tuple *t, const struct nlattr *nest)
{
	struct netlink_attrs row = netlink_attrs_in(nest);
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&row))) {
		switch (netlink_attr_type(a)) {
		case CTA_IP_V4_SRC:
			t->saddr = (__u32)netlink_attr_number(a);
			break;
		case CTA_IP_V4_DST:
			t->daddr = (__u32)netlink_attr_number(a);
			break;
		}
	}
}

static void protocol_read(struct conntrack_tuple *t, const struct nlattr *nest)
{
	struct netlink_attrs row = netlink_attrs_in(nest);
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&row))) {
		__u16 n = (__u16)netlink_attr_number(a);

		switch (netlink_attr_type(a)) {
		case CTA_PROTO_NUM:
			t->proto = (__u8)n;
			break;
		case CTA_PROTO_SRC_PORT:
			t->sport = n;
			t->has_ports = true;
			break;
		case CTA_PROTO_DST_PORT:
			t->dport = n;
			break;
		case CTA_PROTO_ICMP_ID:
			t->icmp_id = n;
			break;
		case CTA_PROTO_ICMP_TYPE:
			t->icmp_type = (__u8)n;
			break;
		case CTA_PROTO_ICMP_CODE:
			t->icmp_code = (__u8)n;
			break;
		}
	}
}

static void tuple_read(struct conntrack_tuple *t, const struct nlattr *nest)
{
	struct netlink_attrs row = netlink_attrs_in(nest);
	const struct nlattr *a;

	while ((a = netlink_attrs_next(&row))) {
		if (netlink_attr_type(a) == CTA_TUPLE_IP)
			addresses_read(t, a);
		else if (netlink_attr_type(a) == CTA_TUPLE_PROTO)
			protocol_read(t, a);
	}
}

static void counters_read(struct track_counters *c, const struct nlattr *nest)
{
	c->packets = netlink_attr_number(netlink_attr_find(nest, CTA_COUNTERS_PACKETS));
	c->bytes = netlink_attr_number(netlink_attr_find(nest, CTA_COUNTERS_BYTES));
}

static void attribute_read(struct conntrack_entry *entry, const struct nlattr *a)
{
	switch (netlink_attr_type(a)) {
	case CTA_TUPLE_ORIG:
		entry->tuple = a;
		tuple_read(&entry->out, a);
		break;
	case CTA_TUPLE_REPLY:
		tuple_read(&entry->back, a);
		break;
	case CTA_STATUS:
		entry->status = (__u32)netlink_attr_number(a);
		break;
	case CTA_PROTOINFO:
		entry->state = state_read(a);
		break;
	case CTA_MARK:
		entry->mark = (__u32)netlink_attr_number(a);
		break;
	case CTA_TIMEOUT:
		entry->seconds = (__u32)netlink_attr_number(a);
		break;
	case CTA_COUNTERS_ORIG:
		entry->counted = true;
		counters_read(&entry->out_count, a);
		break;
	case CTA_COUNTERS_REPLY:
		counters_read(&entry->back_count, a);
		break;
	case CTA_ID:
		entry->id = a;
		break;
	case CTA_ZONE:
		entry->zone = a;
		break;
	}
}

void conntrack_entry_read(struct conntrack_entry *entry, const struct nlmsghdr *h)
{
	struct netlink_attrs row = netlink_attrs_of(h, sizeof(struct nfgenmsg));
	const struct nlattr *a;

	*entry = (struct conntrack_entry){ .state = NULL };
	while ((a = netlink_attrs_next(&row)))
		attribute_read(entry, a);
}

/* of protocols that have no states of their own, in the words of --state */
static const char *state_of(const struct conntrack_entry *entry)
{
	if (entry->state)
		return entry->state;
	if (entry->status & IPS_SEEN_REPLY)
		return "established";
	return entry->status & IPS_EXPECTED ? "related" : "new";
}

void conntrack_entry_tell(const struct conntrack_entry *entry, struct track_conn *c)
{
	const struct conntrack_tuple *out = &entry->out, *back = &entry->back;

	*c = (struct track_conn){
		.proto = out->proto,
		.state = state_of(entry),
		.seconds = entry->seconds,
		.saddr = out->saddr,
		.daddr = out->daddr,
		.sport = out->sport,
		.dport = out->dport,
		.has_ports = out->has_ports,
		.icmp_type = out->icmp_type,
		.icmp_code = out->icmp_code,
		.icmp_id = out->icmp_id,
		.masqueraded = entry->status & IPS_SRC_NAT,
		.maddr = back->daddr,
		.mport = out->proto == FW_PROTO_ICMP ? back->icmp_id : back->dport,
		.redirected = entry->status & IPS_DST_NAT,
		.raddr = back->saddr,
		.rport = back->sport,
		.counted = entry->counted,
		.out = entry->out_count,
		.back = entry->back_count,
	};
}
