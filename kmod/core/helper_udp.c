// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_udp.c - 2.0's helpers whose messages name a UDP port in binary: RealAudio, VDOLive,
 * Quake.
 */
#include "kmod/core/helper.h"

#include "kmod/core/text_scan.h"

/* RealAudio: "PNA", a version, then messages: kind, length, content */
#define RAUDIO_VERSIONS 256
#define RAUDIO_END 0
#define RAUDIO_DATA 1
#define RAUDIO_ERRORS 7

/* VDOLive: the tag is behind a header whose length depends on its kind */
#define VDOLIVE_FIRST 6
#define VDOLIVE_SECOND 1

/* Quake: kind, length, code, content */
#define QUAKE_CONTROL 0x80
#define QUAKE_ACCEPT 0x81
#define QUAKE_ACCEPT_LEN 9

static __u16 number_at(const __u8 *text)
{
	return (__u16)(text[0] << 8 | text[1]);
}

static bool port_found(const __u8 *text, __u32 at, struct fw_finding *f)
{
	*f = (struct fw_finding){
		.port = number_at(text + at), .at = (__u16)at, .len = 2, .own_addr = true,
	};
	return f->port;
}

bool fw_scan_raudio(const __u8 *text, __u32 len, __u32 *at, struct fw_finding *f)
{
	__u16 kind, size;

	if (!*at) {
		if (len < 5 || !fw_text_is(text, 3, "PNA") ||
		    number_at(text + 3) >= RAUDIO_VERSIONS)
			return false;
		*at = 5;
	}
	while (len - *at >= 4) {
		kind = number_at(text + *at);
		size = number_at(text + *at + 2);
		if (kind == RAUDIO_END || size > len - *at - 4)
			return false;
		*at += 4u + size;
		if ((kind == RAUDIO_DATA || kind == RAUDIO_ERRORS) && size >= 2 &&
		    port_found(text, *at - size, f))
			return true;
	}
	return false;
}

bool fw_scan_vdolive(const __u8 *text, __u32 len, struct fw_finding *f)
{
	__u32 tag;

	if (len < 8 || text[4] || text[5] || text[6])
		return false;
	if (text[7] != VDOLIVE_FIRST && text[7] != VDOLIVE_SECOND)
		return false;
	tag = text[7] == VDOLIVE_FIRST ? 24 : 8;
	return len >= tag + 12 && fw_text_is(text + tag, 8, "VDO Live") &&
	       port_found(text, tag + 10, f);
}

bool fw_scan_quake(const __u8 *text, __u32 len, struct fw_finding *f)
{
	if (len < QUAKE_ACCEPT_LEN || text[0] != QUAKE_CONTROL || text[1] ||
	    number_at(text + 2) < QUAKE_ACCEPT_LEN || text[4] != QUAKE_ACCEPT)
		return false;
	/* Quake alone has the low byte first. */
	*f = (struct fw_finding){
		.port = (__u16)(text[5] | text[6] << 8), .at = 5, .len = 2, .own_addr = true,
	};
	return f->port;
}
