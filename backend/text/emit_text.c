// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit_text.c - buffered output and the spelling that both emitters share.
 */
#include <stdarg.h>
#include <string.h>

#include "backend/text/emit_text.h"

void emit_init(struct emit *e, FILE *out, const struct plan *p,
	       const struct emit_options *o)
{
	e->out = out;
	e->plan = p;
	e->options = o;
	e->error = 0;
	e->described = NULL;
	fw_text_init(&e->text, e->buf, sizeof(e->buf));
}

void emit_fail(struct emit *e, int error)
{
	if (!e->error)
		e->error = error;
}

static void emit_flush(struct emit *e)
{
	if (e->text.len >= sizeof(e->buf))	/* an item beyond all bounds */
		emit_fail(e, -EINVAL);
	else if (fwrite(e->buf, 1, e->text.len, e->out) != e->text.len)
		emit_fail(e, -EIO);
	fw_text_init(&e->text, e->buf, sizeof(e->buf));
}

void emit_room(struct emit *e)
{
	if (e->text.len > EMIT_BUFFER - EMIT_ROOM)
		emit_flush(e);
}

int emit_finish(struct emit *e)
{
	emit_flush(e);
	if (fflush(e->out))
		emit_fail(e, -EIO);
	return e->error;
}

void emit_print(struct emit *e, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emit_str(e, text);
}

void emit_hex(struct emit *e, __u32 n, unsigned int digits)
{
	int shift = 28;

	while (shift > 0 && !(n >> shift) && (unsigned int)shift >= 4 * digits)
		shift -= 4;
	emit_str(e, "0x");
	for (; shift >= 0; shift -= 4)
		emit_char(e, "0123456789abcdef"[(n >> shift) & 15]);
}

bool emit_mask_is_prefix(__u32 mask)
{
	return !(~mask & (~mask + 1));
}

void emit_prefix(struct emit *e, __u32 value, __u32 mask)
{
	fw_text_addr(&e->text, value);
	if (mask == ~0u)
		return;
	emit_char(e, '/');
	if (emit_mask_is_prefix(mask))
		fw_text_dec(&e->text, (__u32)__builtin_popcount(mask));
	else
		fw_text_addr(&e->text, mask);
}

void emit_range(struct emit *e, struct plan_range r, char dash)
{
	fw_text_dec(&e->text, r.lo);
	if (r.hi == r.lo)
		return;
	emit_char(e, dash);
	fw_text_dec(&e->text, r.hi);
}

void emit_target(struct emit *e, const struct plan_action *a)
{
	fw_text_addr(&e->text, a->to.addr);
	if (a->to.port)
		emit_print(e, ":%u", a->to.port);
}

const char *emit_origin(struct emit *e, const struct plan_rule *r)
{
	const struct fw_rule *rule;
	struct fw_text t;

	if (r->origin < 0)
		return r->comment;
	rule = fw_list_rule(&e->options->rules->list[r->list], (__u32)r->origin);
	if (rule != e->described) {
		fw_text_init(&t, e->origin, sizeof(e->origin));
		e->options->describe(&t, r->list, rule);
		e->described = rule;
	}
	return e->origin;
}

void emit_place(struct emit *e, const struct plan_rule *r, const char *indent)
{
	const __s32 forward = plan_rule_forward(r);
	const char *place = NULL;

	if (r->origin >= 0)
		place = rule_origin(e->options->origins, (enum fw_list_id)r->list,
				    (__u32)r->origin);
	else if (forward >= 0)
		place = forward_origin(e->options->origins, (__u32)forward);
	if (!place)
		return;
	emit_str(e, indent);
	emit_remark(e, place);
}

void emit_remark(struct emit *e, const char *text)
{
	emit_str(e, "# ");
	for (; *text; text++)
		emit_char(e, emit_char_is_control(*text) ? '?' : *text);
	emit_char(e, '\n');
}
