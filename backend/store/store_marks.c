// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store_marks.c - bits that targets of iptables set in marks.
 */
#include "backend/store/store_marks.h"

#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>
#include <string.h>

static __u32 mark_bits(const void *info, size_t size)
{
	struct xt_mark_tginfo2 t;

	if (size < sizeof(t))
		return 0;
	memcpy(&t, info, sizeof(t));
	return t.mark;
}

/* A bit of a connection's mark that is cleared is lost as well. */
static __u32 connmark_bits(__u8 revision, const void *info, size_t size)
{
	struct xt_connmark_tginfo2 t = { .mode = XT_CONNMARK_RESTORE };
	struct xt_connmark_tginfo1 old;

	if (revision == 1 && size >= sizeof(old)) {
		memcpy(&old, info, sizeof(old));
		t.ctmark = old.ctmark;
		t.ctmask = old.ctmask;
		t.mode = old.mode;
	} else if (revision == 2 && size >= sizeof(t)) {
		memcpy(&t, info, sizeof(t));
	}
	return t.mode == XT_CONNMARK_RESTORE ? 0 : t.ctmark | t.ctmask;
}

__u32 store_target_marks(const char *name, __u8 revision, const void *info, size_t size)
{
	if (!strcmp(name, "MARK") && revision == 2)
		return mark_bits(info, size);
	return strcmp(name, "CONNMARK") ? 0 : connmark_bits(revision, info, size);
}
