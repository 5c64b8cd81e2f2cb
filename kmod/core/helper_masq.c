// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/core/helper_masq.h"

#include "kmod/core/adjust.h"
#include "kmod/core/expect.h"
#include "kmod/core/masq.h"
#include "kmod/core/packet.h"
#include "kmod/core/table.h"
#include "kmod/core/text.h"

/* The entry of what was announced; one that is repeated has it already. */
static struct fw_entry *announced(struct fw_track *t, struct fw_entry *c, __u16 port,
				  enum fw_edit_form form, __u32 now)
{
	const __u8 proto = form == FW_EDIT_PORT ? FW_PROTO_UDP : FW_PROTO_TCP;
	const bool from_anyone = form == FW_EDIT_DECIMAL;
	const struct fw_entry like = {
		.saddr = c->saddr,
		.daddr = from_anyone ? 0 : c->daddr,
		.maddr = c->maddr,
		.sport = port,
		.proto = proto,
		.masq = FW_CONN_NO_DPORT |
			(from_anyone || proto == FW_PROTO_UDP ? FW_CONN_NO_DADDR : 0),
		.flags = FW_ENTRY_EXPECTED | FW_ENTRY_INWARD,
		.kept = c->kept,
		/* of FTP alone, as in 2.0 */
		.control = form == FW_EDIT_SIX || form == FW_EDIT_EXTENDED ? c : NULL,
	};
	const struct fw_key k = fw_entry_key(&like, FW_ORIGINAL);
	unsigned int dir = FW_ORIGINAL;
	struct fw_entry *e = fw_track_find(t, &k, &dir, now);

	if (!e)
		e = fw_masq_add(t, &like, now);
	if (!e || !(e->flags & FW_ENTRY_INWARD))
		return NULL;
	e->masq_expires = now + FW_EXPECT_SECONDS * FW_TRACK_HZ;
	return e;
}

static void edit_write(struct fw_text_edit *edit, enum fw_edit_form form, char delimiter,
		       __u32 addr, __u16 port)
{
	struct fw_text t;
	int shift;

	fw_text_init(&t, edit->text, sizeof(edit->text));
	switch (form) {
	case FW_EDIT_SIX:
		for (shift = 24; shift >= 0; shift -= 8) {
			fw_text_dec(&t, addr >> shift & 255);
			fw_text_char(&t, ',');
		}
		fw_text_dec(&t, port >> 8);
		fw_text_char(&t, ',');
		fw_text_dec(&t, port & 255);
		break;
	case FW_EDIT_EXTENDED:
		fw_text_char(&t, delimiter);
		fw_text_char(&t, '1');
		fw_text_char(&t, delimiter);
		fw_text_addr(&t, addr);
		fw_text_char(&t, delimiter);
		fw_text_dec(&t, port);
		fw_text_char(&t, delimiter);
		break;
	case FW_EDIT_DECIMAL:
		fw_text_dec(&t, addr);
		fw_text_char(&t, ' ');
		fw_text_dec(&t, port);
		break;
	case FW_EDIT_PORT:
		fw_text_char(&t, (char)(port >> 8));
		fw_text_char(&t, (char)port);
	}
	edit->size = (__u16)t.len;
}

int fw_helper_announce(struct fw_track *t, const struct fw_track_packet *p, __u32 now,
		       struct fw_seen *s, const struct fw_naming *named)
{
	struct fw_entry *c = s->entry, *e;
	struct fw_help *help = fw_help_of(t, c);
	struct fw_text_edit *edit = &s->edit[s->edits];

	if (!help || s->edits == FW_EDITS)
		return -EPERM;
	e = announced(t, c, named->port, named->form, now);
	if (!e)
		return -EPERM;
	edit->at = named->at;
	edit->len = named->len;
	edit_write(edit, named->form, (char)p->payload[named->at], e->maddr, e->mport);
	s->edits++;
	fw_adjust_add(&help->adjust[s->dir], p->seq, edit->size - edit->len);
	return 0;
}

void fw_helper_readdress(struct fw_seen *s, __u16 at, __u32 addr)
{
	struct fw_text_edit *edit = &s->edit[s->edits++];
	unsigned int i;

	edit->at = at;
	edit->len = edit->size = sizeof(addr);
	for (i = 0; i < sizeof(addr); i++)
		edit->text[i] = (char)(addr >> (24 - 8 * i));
}

void fw_helper_numbers(const struct fw_track *t, const struct fw_entry *c,
		       unsigned int dir, __u32 *seq, __u32 *ack)
{
	const struct fw_help *help = c->help ? &t->helps[c->help] : NULL;

	if (!help)
		return;
	*seq = fw_adjust_seq(&help->adjust[dir], *seq);
	*ack -= (__u32)fw_adjust_shift(&help->adjust[!dir], *ack);
}
