/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_text.h - what the two emitters of text share: buffered output, rules
 * made simple before they are written, and where a rule came from.
 */
#ifndef BACKEND_EMIT_TEXT_H
#define BACKEND_EMIT_TEXT_H

#include "backend/plan/plan_commands.h"
#include "backend/text/emit.h"

#define EMIT_BUFFER 65536
#define EMIT_ROOM 8192		/* free after emit_room(); more than any one item */
#define EMIT_ORIGIN PLAN_COMMAND_MAX

struct emit {
	FILE *out;
	const struct plan *plan;
	const struct emit_options *options;
	int error;		/* the first one, or 0 */
	struct fw_text text;	/* in buf, not written yet */
	char buf[EMIT_BUFFER];
	/* the command that was described last: many plan rules share one */
	const struct fw_rule *described;
	char origin[EMIT_ORIGIN];
};

void emit_init(struct emit *e, FILE *out, const struct plan *p,
	       const struct emit_options *o);
/* Makes room for the next item of at most EMIT_ROOM bytes. */
void emit_room(struct emit *e);
/* Remembers the first error. */
void emit_fail(struct emit *e, int error);
/* Writes what is left; 0 or the first error. */
int emit_finish(struct emit *e);

static inline void emit_str(struct emit *e, const char *s)
{
	fw_text_str(&e->text, s);
}

static inline void emit_char(struct emit *e, char c)
{
	fw_text_char(&e->text, c);
}

/* as printf(), at most 255 bytes */
void emit_print(struct emit *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "0x" and lower case digits, zero padded to at least digits */
void emit_hex(struct emit *e, __u32 n, unsigned int digits);
/* the value's dotted quad, "/" and the mask: its length, or a quad if odd */
void emit_prefix(struct emit *e, __u32 value, __u32 mask);
bool emit_mask_is_prefix(__u32 mask);
void emit_range(struct emit *e, struct plan_range r, char dash);
/* where PLAN_A_DNAT sends a packet: 10.0.0.2:80 */
void emit_target(struct emit *e, const struct plan_action *a);

/* The origin of a rule: its command, the plan's comment, or NULL. */
const char *emit_origin(struct emit *e, const struct plan_rule *r);
/* no character of a UTF-8 text that can be shown */
static inline bool emit_char_is_control(char c)
{
	return (unsigned char)c < ' ' || c == 127;
}

/* nft: the text of a rule's comment, of room bytes */
void emit_nft_comment(struct fw_text *t, const char *text, size_t room);
/* the rule that r comes from; r->origin is not negative */
static inline const struct fw_rule *emit_rule_of(const struct emit *e,
						 const struct plan_rule *r)
{
	return fw_list_rule(&e->options->rules->list[r->list], (__u32)r->origin);
}
/* A comment that names the place of the rule's command, if it is known. */
void emit_place(struct emit *e, const struct plan_rule *r, const char *indent);
/* "# " and text as one line, control bytes as "?"; no indentation */
void emit_remark(struct emit *e, const char *text);

/*
 * A rule's matches made simple: what always holds is gone; what never holds
 * leaves a lone PLAN_M_NEVER; ranges are sorted, disjoint and not adjacent.
 */
#define EMIT_MATCHES 32
#define EMIT_RANGES 128

struct emit_rule {
	const struct plan_rule *plan;
	struct plan_match match[EMIT_MATCHES];
	unsigned int nmatches;
	const struct plan_match *proto;	/* the one for one protocol, or NULL */
	struct plan_range range[EMIT_RANGES];
	unsigned int nranges;
};

/* 0, or -EINVAL: more matches or ranges than any rule has */
int emit_rule_simplify(struct emit_rule *s, const struct plan_rule *r);
/* the protocol that the rule is about, -1 if it is not just one */
int emit_rule_protocol(const struct emit_rule *s);
/* nft: "tcp dport" and the like ask for the protocol themselves. */
bool emit_match_is_implied(const struct emit_rule *s, const struct plan_match *m);

/* Port, type and flag matches look behind the IP header. */
bool emit_match_is_transport(const struct plan_match *m);

/*
 * Header length nibbles whose packets can be short; one with nibble n is
 * short by bits.value if its total length is <= emit_short_max(m, n).
 */
#define EMIT_IHL_MIN 5
#define EMIT_IHL_MAX 15
static inline __u32 emit_short_max(const struct plan_match *m, unsigned int ihl)
{
	return 4 * ihl + m->bits.value - 1;
}

/* header length nibble and total length of plain packets, in the first word */
#define EMIT_PLAIN_MIN(m) ((__u32)EMIT_IHL_MIN << 24 | (PLAN_IP_HEADER + (m)->bits.value))
#define EMIT_PLAIN_MAX	  ((__u32)EMIT_IHL_MIN << 24 | 0xffff)

#endif
