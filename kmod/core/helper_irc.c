// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_irc.c - DCC: an IRC client offers a connection to itself.
 */
#include "kmod/core/helper.h"

#include "kmod/core/text_scan.h"

#define TEXT_MAX 4095	/* bytes that are looked at */

/* shortest texts, in bytes: "PRIVMSG x " and " :\1DCC SEND t A P\1\n" */
#define MESSAGE_MIN 10
#define OFFER_MIN 26
#define ARGUMENTS_MIN 12

static const struct offer {
	const char *word;
	unsigned int len;
} offers[] = {
	{ "SEND ", 5 }, { "CHAT ", 5 }, { "MOVE ", 5 }, { "TSEND ", 6 }, { "SCHAT ", 6 },
};

/* A decimal number at *at, in 64 bits. */
static __u64 number_read(const __u8 *text, __u32 len, __u32 *at)
{
	__u64 n = 0;

	for (; *at < len && fw_is_digit(text[*at]); ++*at)
		n = n * 10 + text[*at] - '0';
	return n;
}

/* "word address port", a line feed behind that. */
static bool arguments_read(const __u8 *text, __u32 len, __u32 at, struct fw_finding *f)
{
	__u32 end;
	__u64 addr, port;

	for (; text[at] != ' '; at++)
		if (at + 1 + ARGUMENTS_MIN > len)
			return false;
	at++;
	for (end = at; end < len && text[end] != '\n'; end++)
		;
	if (end >= len)
		return false;
	f->at = (__u16)at;
	addr = number_read(text, len, &at);
	while (text[at] == ' ')
		at++;
	port = number_read(text, len, &at);
	f->len = (__u16)(at - f->at);
	f->addr = (__u32)addr;
	f->port = (__u16)port;
	f->out_of_range = addr > 0xffffffff || port > 65535 || !port;
	return true;
}

/* The offer of a kind at that place; its arguments begin at the result.  0: none. */
static __u32 offer_at(const __u8 *text, __u32 at)
{
	unsigned int i;

	for (i = 0; i < FW_COUNT(offers); i++)
		if (fw_text_is(text + at, offers[i].len, offers[i].word))
			return at + offers[i].len;
	return 0;
}

enum fw_scan fw_scan_irc(const __u8 *text, __u32 len, struct fw_finding *f)
{
	__u32 at = 0, args;

	*f = (struct fw_finding){ 0 };
	if (len > TEXT_MAX)
		len = TEXT_MAX;
	while (at + MESSAGE_MIN < len &&
	       (text[at] == ' ' || text[at] == '\r' || text[at] == '\n'))
		at++;
	if (at + MESSAGE_MIN >= len || !fw_text_begins(text + at, 8, "PRIVMSG "))
		return FW_SCAN_NOTHING;
	for (at += 8; at + OFFER_MIN < len; at++)
		if (fw_text_is(text + at, 2, " :"))
			break;
	if (at + OFFER_MIN >= len || !fw_text_is(text + at, 7, " :\1DCC "))
		return FW_SCAN_NOTHING;
	args = offer_at(text, at + 7);
	return args && arguments_read(text, len, args, f) ? FW_SCAN_FOUND
							  : FW_SCAN_NOTHING;
}
