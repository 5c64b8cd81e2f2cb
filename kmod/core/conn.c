// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/conn.h"

#include "kmod/core/packet.h"

const struct fw_masq_helper fw_masq_helpers[FW_MASQ_HELPERS] = {
	{ FW_HELPER_FTP, FW_PROTO_TCP, 1, { 21 } },
	{ FW_HELPER_IRC, FW_PROTO_TCP, 1, { 6667 } },
	{ FW_HELPER_RAUDIO, FW_PROTO_TCP, 1, { 7070 } },
	{ FW_HELPER_VDOLIVE, FW_PROTO_TCP, 1, { 7000 } },
	{ FW_HELPER_CUSEEME, FW_PROTO_UDP, 1, { 7648 } },
	{ FW_HELPER_QUAKE, FW_PROTO_UDP, 2, { 26000, 27000 } },
};

enum fw_helper_id fw_masq_helper_bind(__u8 proto, __u16 dport)
{
	unsigned int n, i;

	for (n = 0; n < FW_MASQ_HELPERS; n++) {
		const struct fw_masq_helper *h = &fw_masq_helpers[n];

		for (i = 0; h->proto == proto && i < h->nports; i++)
			if (h->ports[i] == dport)
				return h->id;
	}
	return FW_HELPER_NONE;
}
