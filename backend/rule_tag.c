// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rule_tag.c - the tag of a kernel rule: the ipfwadm rule that it belongs to.
 */
#include "backend/rule_tag.h"

#include <errno.h>
#include <string.h>

#define TYPE_COMMENT 0

/* which members of a rule are there */
enum {
	HAS_SRC = 0x0001,
	HAS_SMSK = 0x0002,
	HAS_DST = 0x0004,
	HAS_DMSK = 0x0008,
	HAS_VIA = 0x0010,
	HAS_COUNTS = 0x0020, /* of port slots */
	HAS_PORTS = 0x0040,
	HAS_TOS = 0x0080,
	HAS_STATE = 0x0100,
	HAS_KEEP_STATE = 0x0200,
	HAS_HELPER = 0x0400,
	HAS_VIANAME = 0x0800,
	HAS_COMMENT = 0x1000,
	HAS_NUMBER = 0x2000,
	HAS_ALL = 0x3fff,
};

static void put(struct rule_udata *u, __u64 value, unsigned int size)
{
	while (size--)
		u->byte[u->len++] = (__u8)(value >> 8 * size);
}

static void put_text(struct rule_udata *u, const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	put(u, n, 1);
	memcpy(u->byte + u->len, text, n);
	u->len += n;
}

/* slots up to the last that is not 0 */
static unsigned int slots_used(const struct fw_rule *r)
{
	unsigned int n = FW_MAX_PORTS;

	while (n && !r->pts[n - 1])
		n--;
	return n;
}

static __u32 rule_members(const struct rule_tag *t)
{
	const struct fw_rule *r = &t->rule;

	return (r->src ? HAS_SRC : 0) | (r->smsk ? HAS_SMSK : 0) |
	       (r->dst ? HAS_DST : 0) | (r->dmsk ? HAS_DMSK : 0) |
	       (r->via ? HAS_VIA : 0) | (r->nsp || r->ndp ? HAS_COUNTS : 0) |
	       (slots_used(r) ? HAS_PORTS : 0) |
	       (r->tosand != 0xff || r->tosxor ? HAS_TOS : 0) |
	       (r->state ? HAS_STATE : 0) | (r->keep_state ? HAS_KEEP_STATE : 0) |
	       (r->helper ? HAS_HELPER : 0) | (r->vianame[0] ? HAS_VIANAME : 0) |
	       (r->comment[0] ? HAS_COMMENT : 0) | (t->number ? HAS_NUMBER : 0);
}

static void put_ports(struct rule_udata *u, const struct fw_rule *r)
{
	unsigned int i, n = slots_used(r);

	put(u, n, 1);
	for (i = 0; i < n; i++)
		put(u, r->pts[i], 2);
}

static void put_rule(struct rule_udata *u, const struct rule_tag *t)
{
	const struct fw_rule *r = &t->rule;
	__u32 has = rule_members(t);

	put(u, has, 2);
	put(u, r->flags, 2);
	if (has & HAS_SRC)
		put(u, r->src, 4);
	if (has & HAS_SMSK)
		put(u, r->smsk, 4);
	if (has & HAS_DST)
		put(u, r->dst, 4);
	if (has & HAS_DMSK)
		put(u, r->dmsk, 4);
	if (has & HAS_VIA)
		put(u, r->via, 4);
	if (has & HAS_COUNTS)
		put(u, r->nsp << 4 | r->ndp, 1);
	if (has & HAS_PORTS)
		put_ports(u, r);
	if (has & HAS_TOS)
		put(u, r->tosand << 8 | r->tosxor, 2);
	if (has & HAS_STATE)
		put(u, r->state, 1);
	if (has & HAS_HELPER)
		put(u, r->helper, 1);
	if (has & HAS_VIANAME)
		put_text(u, r->vianame, FW_IFNAMSIZ);
	if (has & HAS_COMMENT)
		put_text(u, r->comment, FW_COMMENT_MAX);
	if (has & HAS_NUMBER)
		put(u, (__u32)t->number, 4);
}

static void put_settings(struct rule_udata *u, const struct rule_settings *s)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		put(u, s->policy[i], 4);
	put(u, s->timeouts.tcp, 4);
	put(u, s->timeouts.tcpfin, 4);
	put(u, s->timeouts.udp, 4);
	put(u, s->mark_mask, 4);
	if (s->needs || s->log_group)
		put(u, s->needs, 1);
	if (s->log_group)
		put(u, s->log_group, 2);
}

static void put_comment(struct rule_udata *u, const char *comment)
{
	size_t n = strlen(comment);

	put(u, TYPE_COMMENT, 1);
	put(u, n + 1, 1);
	memcpy(u->byte + u->len, comment, n);
	u->len += n;
	put(u, 0, 1);
}

size_t rule_tag_size(const struct fw_rule *r)
{
	struct rule_tag t = {.kind = TAG_RULE, .number = 1, .rule = *r};
	struct rule_udata u;

	rule_tag_write(&u, NULL, &t);
	return u.len;
}

size_t rule_tag_comment_room(const struct fw_rule *r)
{
	size_t room = RULE_TAG_UDATA_MAX - rule_tag_size(r) - 3; /* type, length, NUL */

	return room < RULE_TAG_COMMENT_MAX ? room : RULE_TAG_COMMENT_MAX;
}

void rule_tag_write(struct rule_udata *u, const char *comment, const struct rule_tag *t)
{
	size_t begin;

	u->len = 0;
	if (comment)
		put_comment(u, comment);
	if (t->kind == TAG_NONE)
		return;
	begin = u->len;
	put(u, RULE_TAG_TYPE, 1);
	put(u, 0, 1);
	put(u, RULE_TAG_VERSION << 4 | t->list << 2 | t->kind, 1);
	if (t->kind == TAG_RULE)
		put_rule(u, t);
	else if (t->kind == TAG_SETTINGS)
		put_settings(u, &t->settings);
	else if (t->list == FW_ACCT || t->number)
		put(u, (__u32)t->number, 4);
	u->byte[begin + 1] = (__u8)(u->len - begin - 2);
}

/* bytes not read yet; damaged: more were asked for than there are */
struct reader {
	const __u8 *at;
	size_t left;
	bool damaged;
};

static __u32 get(struct reader *in, unsigned int size)
{
	__u32 value = 0;

	if (in->left < size) {
		in->damaged = true;
		return 0;
	}
	in->left -= size;
	while (size--)
		value = value << 8 | *in->at++;
	return value;
}

/* text of at most max bytes, without NUL */
static void get_text(struct reader *in, char *text, size_t max)
{
	__u32 n = get(in, 1);

	if (!n || n > max || n > in->left || memchr(in->at, 0, n)) {
		in->damaged = true;
		return;
	}
	memcpy(text, in->at, n);
	in->at += n;
	in->left -= n;
}

static void get_ports(struct reader *in, struct fw_rule *r)
{
	__u32 i, n = get(in, 1);

	if (n > FW_MAX_PORTS) {
		in->damaged = true;
		return;
	}
	for (i = 0; i < n; i++)
		r->pts[i] = (__u16)get(in, 2);
}

static void get_counts(struct reader *in, struct fw_rule *r)
{
	__u32 counts = get(in, 1);

	r->nsp = (__u8)(counts >> 4);
	r->ndp = counts & 15;
}

static void get_tos(struct reader *in, struct fw_rule *r)
{
	__u32 tos = get(in, 2);

	r->tosand = (__u8)(tos >> 8);
	r->tosxor = (__u8)tos;
}

static void get_rule(struct reader *in, struct rule_tag *t)
{
	struct fw_rule *r = &t->rule;
	__u32 has = get(in, 2);

	if (has & ~(__u32)HAS_ALL)
		in->damaged = true;
	r->flags = (__u16)get(in, 2);
	r->tosand = 0xff;
	r->keep_state = has & HAS_KEEP_STATE ? 1 : 0;
	if (has & HAS_SRC)
		r->src = get(in, 4);
	if (has & HAS_SMSK)
		r->smsk = get(in, 4);
	if (has & HAS_DST)
		r->dst = get(in, 4);
	if (has & HAS_DMSK)
		r->dmsk = get(in, 4);
	if (has & HAS_VIA)
		r->via = get(in, 4);
	if (has & HAS_COUNTS)
		get_counts(in, r);
	if (has & HAS_PORTS)
		get_ports(in, r);
	if (has & HAS_TOS)
		get_tos(in, r);
	if (has & HAS_STATE)
		r->state = (__u8)get(in, 1);
	if (has & HAS_HELPER)
		r->helper = (__u8)get(in, 1);
	if (has & HAS_VIANAME)
		get_text(in, r->vianame, FW_IFNAMSIZ);
	if (has & HAS_COMMENT)
		get_text(in, r->comment, FW_COMMENT_MAX);
	if (has & HAS_NUMBER)
		t->number = (__s32)get(in, 4);
}

static void get_settings(struct reader *in, struct rule_settings *s)
{
	unsigned int i;

	for (i = 0; i < FW_LISTS; i++)
		s->policy[i] = get(in, 4);
	s->timeouts.tcp = get(in, 4);
	s->timeouts.tcpfin = get(in, 4);
	s->timeouts.udp = get(in, 4);
	s->mark_mask = get(in, 4);
	if (in->left)
		s->needs = get(in, 1);
	if (in->left)
		s->log_group = (__u16)get(in, 2);
}

static int tag_read(struct rule_tag *t, struct reader *in)
{
	__u32 head = get(in, 1);

	if (in->damaged)
		return -EINVAL;
	if (head >> 4 != RULE_TAG_VERSION)
		return -ENOTSUP;
	t->kind = head & 3;
	t->list = head >> 2 & 3;
	if (t->kind == TAG_RULE)
		get_rule(in, t);
	else if (t->kind == TAG_SETTINGS)
		get_settings(in, &t->settings);
	else if (t->kind != TAG_MORE)
		return -EINVAL;
	else if (in->left)
		t->number = (__s32)get(in, 4);
	return in->damaged || in->left ? -EINVAL : 0;
}

const void *rule_udata_find(const void *data, size_t len, __u8 type, size_t *size)
{
	const __u8 *at = data;

	while (len >= 2 && len - 2 >= at[1]) {
		if (at[0] == type) {
			*size = at[1];
			return at + 2;
		}
		len -= 2u + at[1];
		at += 2 + at[1];
	}
	return NULL;
}

int rule_tag_read(struct rule_tag *t, const void *data, size_t len)
{
	struct reader in = {.damaged = false};

	memset(t, 0, sizeof(*t));
	in.at = rule_udata_find(data, len, RULE_TAG_TYPE, &in.left);
	return in.at ? tag_read(t, &in) : 0;
}

const char *rule_tag_comment(const void *data, size_t len)
{
	size_t size;
	const char *text = rule_udata_find(data, len, TYPE_COMMENT, &size);

	return text && memchr(text, 0, size) ? text : NULL;
}
