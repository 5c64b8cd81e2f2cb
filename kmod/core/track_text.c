// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_text.c - why a packet is invalid, in words.
 */
#include "kmod/core/track.h"

#define AMOUNT '#'	/* replaced by the number of bytes */

static const char *const why_texts[FW_WHYS] = {
	[FW_WHY_NONE] = "",
	[FW_WHY_SHORT] = "its header is not whole",
	[FW_WHY_OFFSET] = "its TCP data offset is wrong",
	[FW_WHY_LENGTH] = "its UDP length is wrong",
	[FW_WHY_CHECKSUM] = "its checksum is wrong",
	[FW_WHY_FLAGS] = "its TCP flags exclude each other",
	[FW_WHY_ICMP_TYPE] = "its ICMP type is neither query, answer, nor error",
	[FW_WHY_NOT_ASKED] = "it answers no query",
	[FW_WHY_NO_ENTRY] = "it belongs to no connection and cannot begin one",
	[FW_WHY_STATE] = "it is not possible in this state",
	[FW_WHY_OLD_RESET] = "it resets # bytes before what is acknowledged",
	[FW_WHY_AHEAD] = "it begins # bytes beyond the window",
	[FW_WHY_ACK_AHEAD] = "it acknowledges # bytes that were never sent",
	[FW_WHY_QUOTE_SHORT] = "the packet that it quotes is not whole",
	[FW_WHY_QUOTE_VERSION] = "the packet that it quotes is not IPv4",
	[FW_WHY_QUOTE_FRAGMENT] = "the packet that it quotes is a later fragment",
	[FW_WHY_QUOTE_TYPE] = "it quotes an ICMP error",
	[FW_WHY_QUOTE_NO_ENTRY] = "the packet that it quotes belongs to no connection",
	[FW_WHY_QUOTE_ADDRESS] = "it does not go to the sender of what it quotes",
	[FW_WHY_QUOTE_SEQ] = "the segment that it quotes is not on its way",
	[FW_WHY_FULL] = "the table is full",
	[FW_WHY_REPEATED] = "it is not expected in this state and changes nothing",
	[FW_WHY_CHALLENGE] = "it is a challenge ACK",
	[FW_WHY_OVERRUN] = "it overruns the window by # bytes",
	[FW_WHY_OLD_DATA] = "it ends # bytes before the window",
	[FW_WHY_OLD_ACK] = "it acknowledges # bytes before the window",
};

/* n with commas, right-aligned before end; returns its first character. */
static char *number_write(char *end, __u32 n)
{
	unsigned int digits = 0;

	do {
		if (digits && digits % 3 == 0)
			*--end = ',';
		*--end = (char)('0' + n % 10);
		digits++;
		n /= 10;
	} while (n);
	return end;
}

void fw_why_text(const struct fw_seen *s, char *text, unsigned int size)
{
	const char *from = why_texts[s->why];
	char number[16], *end = number + sizeof(number) - 1, *digit;
	unsigned int n = 0;

	*end = '\0';
	for (; *from && n + 1 < size; from++) {
		if (*from != AMOUNT) {
			text[n++] = *from;
			continue;
		}
		for (digit = number_write(end, s->amount); *digit && n + 1 < size;)
			text[n++] = *digit++;
	}
	if (size)
		text[n] = '\0';
}
