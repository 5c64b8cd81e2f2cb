// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * abi.c - what the socket options of Linux 2.0 carry, as the core's own types.
 */
#include <asm/byteorder.h>

#include "compat/abi.h"

bool abi_option_find(int number, struct abi_option *o)
{
	static const enum abi_command last[FW_LISTS] = {
		[FW_FORWARD] = ABI_TIMEOUTS,
		[FW_INPUT] = ABI_CHECK,
		[FW_OUTPUT] = ABI_CHECK,
		[FW_ACCT] = ABI_ZERO,
	};
	unsigned int list, command;

	if (number < ABI_NUMBER(0, 0) || number >= ABI_NUMBER(FW_LISTS, 0))
		return false;
	list = (unsigned int)(number - ABI_NUMBER(0, 0)) / 256;
	command = (unsigned int)(number - ABI_NUMBER(0, 0)) % 256;
	if (command > (unsigned int)last[list])
		return false;
	o->list = (enum fw_list_id)list;
	o->command = (enum abi_command)command;
	return true;
}

__u32 abi_rule_size(enum abi_layout layout)
{
	return layout == ABI_32 ? sizeof(struct abi_rule32) : sizeof(struct abi_rule64);
}

/* Pads the name with NULs; bytes after its first NUL are ignored. */
static void name_read(char to[FW_IFNAMSIZ], const char from[FW_IFNAMSIZ])
{
	unsigned int i;

	for (i = 0; i < FW_IFNAMSIZ && from[i]; i++)
		to[i] = from[i];
	for (; i < FW_IFNAMSIZ; i++)
		to[i] = '\0';
}

static void nets_read(struct fw_rule *r, const struct abi_nets *from)
{
	r->src = __be32_to_cpu(from->src);
	r->smsk = __be32_to_cpu(from->smsk);
	r->dst = __be32_to_cpu(from->dst);
	r->dmsk = __be32_to_cpu(from->dmsk);
	r->via = __be32_to_cpu(from->via);
}

static int ports_read(struct fw_rule *r, const struct abi_ports *from)
{
	unsigned int i;

	if (from->nsp > FW_MAX_PORTS || from->ndp > FW_MAX_PORTS)
		return -EINVAL;
	r->flags = from->flg;
	r->nsp = (__u8)from->nsp;
	r->ndp = (__u8)from->ndp;
	for (i = 0; i < FW_MAX_PORTS; i++)
		r->pts[i] = from->pts[i];
	return 0;
}

static void rest_read(struct fw_rule *r, const struct abi_rest *from)
{
	r->tosand = from->tosand;
	r->tosxor = from->tosxor;
	name_read(r->vianame, from->vianame);
}

static int rule_read(struct fw_rule *r, enum abi_layout layout,
		     const union abi_argument *arg, __u32 len)
{
	if (len != abi_rule_size(layout))
		return -EINVAL;
	if (layout == ABI_32) {
		nets_read(r, &arg->rule32.nets);
		rest_read(r, &arg->rule32.rest);
		return ports_read(r, &arg->rule32.ports);
	}
	nets_read(r, &arg->rule64.nets);
	rest_read(r, &arg->rule64.rest);
	return ports_read(r, &arg->rule64.ports);
}

/* Never rounded to 0, which means no change.  A negative timeout expires at once. */
static __u32 seconds(__s32 jiffies)
{
	if (jiffies < 0)
		return 1;
	return ((__u32)jiffies + ABI_HZ - 1) / ABI_HZ;
}

static int timeouts_read(struct fw_timeouts *t, const struct abi_timeouts *from,
			 __u32 len)
{
	if (len != sizeof(*from))
		return -EINVAL;
	t->tcp = seconds(from->tcp);
	t->tcpfin = seconds(from->tcpfin);
	t->udp = seconds(from->udp);
	return 0;
}

int abi_edit_read(struct fw_edit *e, const struct abi_option *o, enum abi_layout layout,
		  const union abi_argument *arg, __u32 len)
{
	*e = (struct fw_edit){ .list = o->list };
	switch (o->command) {
	case ABI_INSERT:
		e->op = FW_OP_INSERT;
		return rule_read(&e->rule, layout, arg, len);
	case ABI_APPEND:
		e->op = FW_OP_APPEND;
		return rule_read(&e->rule, layout, arg, len);
	case ABI_DELETE:
		e->op = FW_OP_DELETE;
		return rule_read(&e->rule, layout, arg, len);
	case ABI_FLUSH:
		e->op = FW_OP_FLUSH;
		return 0;
	case ABI_ZERO:
		e->op = FW_OP_ZERO;
		return 0;
	case ABI_POLICY:
		e->op = FW_OP_POLICY;
		e->policy = arg->policy;
		return 0;
	case ABI_TIMEOUTS:
		e->op = FW_OP_TIMEOUTS;
		return timeouts_read(&e->timeouts, &arg->timeouts, len);
	case ABI_CHECK:
		break;
	}
	return -EINVAL;
}

static __u16 word_read(const __u8 *at)
{
	return (__u16)(at[0] << 8 | at[1]);
}

static void transport_read(struct fw_packet *pkt, const __u8 *header)
{
	switch (pkt->proto) {
	case FW_PROTO_TCP:
		pkt->tcpflags = header[13];
		pkt->sport = word_read(header);
		pkt->dport = word_read(header + 2);
		break;
	case FW_PROTO_UDP:
		pkt->sport = word_read(header);
		pkt->dport = word_read(header + 2);
		break;
	case FW_PROTO_ICMP:
		pkt->icmp_type = header[0];
		pkt->icmp_code = header[1];
		pkt->icmp_id = word_read(header + 4);
		break;
	default:
		break;
	}
}

int abi_packet_read(struct fw_packet *pkt, struct fw_dev *dev,
		    const union abi_argument *arg, __u32 len)
{
	const struct abi_packet *from = &arg->packet;

	if (len != sizeof(*from) || (from->version_ihl & 0x0f) != 5)
		return -EINVAL;
	*pkt = (struct fw_packet){
		.saddr = __be32_to_cpu(from->saddr),
		.daddr = __be32_to_cpu(from->daddr),
		.proto = from->proto,
		.tos = from->tos,
		.ttl = from->ttl,
		.len = __be16_to_cpu(from->len),
		.id = __be16_to_cpu(from->id),
		.frag_off = __be16_to_cpu(from->frag_off),
	};
	transport_read(pkt, from->transport);
	*dev = (struct fw_dev){ .addr = __be32_to_cpu(from->via) };
	name_read(dev->name, from->vianame);
	return 0;
}

int abi_verdict_error(enum fw_verdict verdict)
{
	switch (verdict) {
	case FW_V_ACCEPT:
		return 0;
	case FW_V_REDIRECT:
		return -ECONNABORTED;
	case FW_V_MASQUERADE:
		return -ECONNRESET;
	case FW_V_REJECT:
		return -ECONNREFUSED;
	case FW_V_DENY:
		break;
	}
	return -ETIMEDOUT;
}
