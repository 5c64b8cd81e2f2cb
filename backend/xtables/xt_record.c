// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_record.c - the record of what was loaded, in chain ipfw-record of table mangle.
 */
#include "backend/xtables/xt_record.h"

#include <linux/netfilter/xt_comment.h>

#include "backend/xtables/xt_entry.h"

/* an entry of the record: its comment is empty, and followed by user data */
#define MATCH_SIZE (sizeof(struct xt_entry_match) + sizeof(struct xt_comment_info))
#define TARGET_AT (sizeof(struct ipt_entry) + MATCH_SIZE)
#define ENTRY_SIZE (TARGET_AT + sizeof(struct xt_standard_target))

static struct xt_chain *record_chain(const struct xt_image *image)
{
	return xt_image_find(image, store_record_chain(PLAN_XTABLES));
}

int xt_record_read(struct store_view *v, struct xt_image *image)
{
	struct xt_chain *c = record_chain(image);
	const char *udata;
	size_t len;
	__u32 i;
	int err = 0;

	for (i = c ? c->count : 0; i-- > 0 && !err;) {
		udata = xt_entry_udata(c->item[i].entry, &len);
		err = store_record_replay(v, udata, len);
	}
	return err;
}

bool xt_record_head_read(struct store_record_head *head, const struct xt_image *image)
{
	const struct xt_chain *c = record_chain(image);
	size_t len = 0;
	const char *udata = c && c->count ? xt_entry_udata(c->item[0].entry, &len) : NULL;

	return store_record_head_read(head, udata, len);
}

static bool entry_insert(struct xtc_handle *h, const char *chain,
			 const struct rule_udata *u)
{
	_Alignas(struct ipt_entry) char buf[ENTRY_SIZE] = "";
	struct ipt_entry *e = (void *)buf;
	struct xt_entry_match *match = (void *)e->elems;
	struct xt_entry_target *target = (void *)(buf + TARGET_AT);

	*e = (struct ipt_entry){
		.target_offset = TARGET_AT, .next_offset = ENTRY_SIZE, .nfcache = 1};
	match->u.user.match_size = MATCH_SIZE;
	strcpy(match->u.user.name, "comment");
	memcpy(match->data + 1, u->byte, u->len);
	target->u.user.target_size = ENTRY_SIZE - TARGET_AT;
	strcpy(target->u.user.name, "RETURN");
	return iptc_insert_entry(chain, e, 0, h);
}

bool xt_record_write(struct xt_tables *t, const struct store_record *r)
{
	struct xtc_handle *h = t->handle[XT_MANGLE];
	struct xt_chain *c = record_chain(&t->image[XT_MANGLE]);
	const char *name = store_record_chain(PLAN_XTABLES);
	bool ok = true;
	size_t i;

	if (c)
		c->is_planned = true;
	if (!c)
		ok = iptc_create_chain(name, h);
	else if (r->replaces)
		ok = iptc_flush_entries(name, h);
	for (i = 0; i < r->count && ok; i++)
		ok = entry_insert(h, name, &r->entry[i]);
	return ok;
}

__u32 xt_record_state(const struct xt_image *image)
{
	const struct xt_chain *record = record_chain(image), *c;
	__u32 state = 0, i, k;

	for (i = 0; i < image->nchains; i++) {
		c = &image->chain[i];
		for (k = 0; !c->is_builtin && c != record && k < c->count; k++)
			state += c->item[k].entry->nfcache;
	}
	return state;
}
