// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/recorded.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "parser/command.h"
#include "tests/lib/jsonl.h"

__u32 recorded_addr(const char *text)
{
	struct in_addr addr;

	return text && inet_pton(AF_INET, text, &addr) == 1 ? ntohl(addr.s_addr) : 0;
}

static __u8 recorded_proto(const json_t *packet)
{
	const char *name = jsonl_str(packet, "proto");

	if (!strcmp(name, "tcp"))
		return FW_PROTO_TCP;
	if (!strcmp(name, "udp"))
		return FW_PROTO_UDP;
	if (!strcmp(name, "icmp"))
		return FW_PROTO_ICMP;
	return (__u8)jsonl_int(packet, "proto", 0);
}

static __u8 recorded_tcpflags(const char *letters)
{
	static const char order[] = "FSRPAU";
	__u8 flags = 0;

	for (; *letters; letters++) {
		const char *at = strchr(order, *letters);

		if (at)
			flags |= (__u8)(1 << (at - order));
	}
	return flags;
}

static __u16 recorded_frag_off(const json_t *packet)
{
	long long offset = jsonl_int(packet, "fragoff", 0) & FW_IP_OFFSET;

	if (jsonl_int(packet, "mf", 0))
		offset |= FW_IP_MF;
	if (jsonl_int(packet, "df", 0))
		offset |= FW_IP_DF;
	return (__u16)offset;
}

void recorded_packet(struct fw_packet *pkt, const json_t *packet)
{
	__u8 proto = recorded_proto(packet);
	unsigned int headers = proto == FW_PROTO_TCP ? 40 : 28;

	*pkt = (struct fw_packet){
		.saddr = recorded_addr(jsonl_str(packet, "saddr")),
		.daddr = recorded_addr(jsonl_str(packet, "daddr")),
		.proto = proto,
		.tos = (__u8)jsonl_int(packet, "tos", 0),
		.ttl = (__u8)jsonl_int(packet, "ttl", 0),
		.tcpflags = recorded_tcpflags(jsonl_str(packet, "tcpflags")),
		.len = (__u16)jsonl_int(packet, "len", headers),
		.id = (__u16)jsonl_int(packet, "id", 0),
		.frag_off = recorded_frag_off(packet),
		.sport = (__u16)jsonl_int(packet, "sport", 0),
		.dport = (__u16)jsonl_int(packet, "dport", 0),
		.icmp_type = (__u8)jsonl_int(packet, "icmptype", 0),
		.icmp_code = (__u8)jsonl_int(packet, "icmpcode", 0),
		.icmp_id = (__u16)jsonl_int(packet, "icmpid", 0),
	};
}

void recorded_devs(struct recorded_devs *devs, const json_t *object)
{
	const char *name;
	json_t *value;

	memset(devs, 0, sizeof(*devs));
	json_object_foreach((json_t *)object, name, value) {
		struct fw_dev *dev = &devs->dev[devs->count];
		const json_t *addr = json_is_array(value) ? json_array_get(value, 0) : value;
		const json_t *mask = json_array_get(value, 1);

		if (devs->count == RECORDED_DEVS || strlen(name) > FW_IFNAMSIZ)
			abort();
		memcpy(dev->name, name, strlen(name));
		dev->addr = recorded_addr(json_string_value(addr));
		dev->mask = mask ? recorded_addr(json_string_value(mask)) : 0xffffffff;
		devs->count++;
	}
}

const struct fw_dev *recorded_dev(const struct recorded_devs *devs, const char *name)
{
	__u32 i;

	for (i = 0; i < devs->count; i++)
		if (!strncmp(devs->dev[i].name, name, FW_IFNAMSIZ))
			return &devs->dev[i];
	return NULL;
}

bool recorded_is_own(const struct recorded_devs *devs, __u32 addr)
{
	__u32 i;

	for (i = 0; i < devs->count; i++)
		if (devs->dev[i].addr == addr)
			return true;
	return false;
}

int recorded_command(struct fw_ruleset *rs, const char *line)
{
	const struct source source = { .text = line, .len = strlen(line) };
	struct diags diags;
	struct program program;
	unsigned int i;
	int err = 0;

	diags_init(&diags, &source);
	if (program_parse_text(&program, &source, &diags)) {
		diags_print(stderr, &diags, false);
		diags_free(&diags);
		return -1;
	}
	for (i = 0; i < program.nedits && !err; i++)
		err = -fw_ruleset_edit(rs, &program.edit[i]);
	program_free(&program);
	return err;
}
