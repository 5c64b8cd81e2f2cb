// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_builder.c - entries from words, by the option parsers of libxtables.
 *
 * libxtables keeps its extensions in lists of the process; one extension is in use at a
 * time here, and is reset afterwards, so that these lists do not grow.  libxtables leaves
 * to its caller what the program iptables does: splitting words, the members of struct
 * ipt_ip, and putting matches and a target in a row.  The comment is written here because
 * its tag is after the NUL of the text.
 */
#include "backend/xtables/xt_builder.h"

#include <errno.h>
#include <getopt.h>
#include <linux/netfilter/xt_comment.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <xtables.h>

#include "backend/text/emit_iptables.h"
#include "backend/xtables/xt_worker.h"

/* Called by libxtables instead of ending the process. */
__attribute__((noreturn, format(printf, 2, 3))) static void problem_report(
	enum xtables_exittype status, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text[strcspn(text, "\n")] = '\0';
	(void)status;
	xt_worker_fail(EOPNOTSUPP, text);
}

static struct xtables_globals globals = {
	.program_name = "ipfwadm",
	.program_version = "",
	.exit_err = problem_report,
	.compat_rev = xtables_compatible_revision,
};

struct xt_builder *xt_builder_new(void)
{
	struct xt_builder *b = calloc(1, sizeof(*b));

	if (b)
		emit_init(&b->emit, NULL, NULL, NULL);
	return b;
}

void xt_builder_free(struct xt_builder *b)
{
	free(b);
}

__attribute__((format(printf, 3, 4))) static void fail(struct xt_builder *b, int error,
						       const char *format, ...)
{
	va_list args;

	if (b->error)
		return;
	b->error = error;
	va_start(args, format);
	vsnprintf(b->problem, sizeof(b->problem), format, args);
	va_end(args);
}

/* Splits the words as iptables-restore does: quotes, and backslashes in quotes. */
static void words_split(struct xt_builder *b)
{
	const char *in = b->emit.buf, *end = in + b->emit.text.len;
	char *out = b->text;
	bool quoted;

	b->nargs = 0;
	while (in < end && b->nargs < XT_ARGS) {
		while (in < end && *in == ' ')
			in++;
		if (in == end)
			break;
		b->arg[b->nargs++] = out;
		for (quoted = false; in < end && (quoted || *in != ' '); in++) {
			if (*in == '"')
				quoted = !quoted;
			else if (quoted && *in == '\\' && in + 1 < end)
				*out++ = *++in;
			else
				*out++ = *in;
		}
		*out++ = '\0';
	}
	b->arg[b->nargs] = NULL;
	if (in < end)
		fail(b, EINVAL, "a rule has too many words");
}

static void words_write(struct xt_builder *b, const struct plan_rule *r)
{
	fw_text_init(&b->emit.text, b->emit.buf, sizeof(b->emit.buf));
	b->emit.error = 0;
	emit_iptables_words(&b->emit, r, &b->target);
	xt_worker_doing(b->emit.buf);
	if (b->emit.error || b->emit.text.len >= sizeof(b->text))
		fail(b, EINVAL, "a rule has no words of iptables");
	else
		words_split(b);
}

static struct ipt_entry *entry_of(struct xt_builder *b)
{
	return (struct ipt_entry *)b->entry;
}

/* Appends a match or target to the entry. */
static void *entry_append(struct xt_builder *b, const void *data, size_t size)
{
	void *at = b->entry + b->len;

	if (size > sizeof(b->entry) - b->len) {
		fail(b, EINVAL, "a rule is too long for iptables");
		return NULL;
	}
	memcpy(at, data, size);
	b->len += size;
	return at;
}

/* false: the kernel does not have this extension */
static bool extension_check(struct xt_builder *b, const char *name, bool is_target)
{
	unsigned int i;

	for (i = 0; i < b->nknown; i++)
		if (b->known[i].is_target == is_target && !strcmp(b->known[i].name, name))
			return true;
	if (xt_extension_ask(name, is_target)) {
		fail(b, EOPNOTSUPP,
		     "this kernel has no %s '%s' of iptables, which the rules "
		     "need",
		     is_target ? "target" : "match", name);
		return false;
	}
	if (b->nknown < XT_KNOWN && strlen(name) < sizeof(b->known[0].name)) {
		strcpy(b->known[b->nknown].name, name); /* NOLINT: it fits */
		b->known[b->nknown++].is_target = is_target;
	}
	return true;
}

static struct xtables_match *match_find(struct xt_builder *b, const char *name)
{
	struct xtables_match *m = NULL;

	if (!extension_check(b, name, false))
		return NULL;
	m = xtables_find_match(name, XTF_TRY_LOAD, NULL);
	if (!m)
		fail(b, EOPNOTSUPP,
		     "libxtables has no match '%s', which the rules need "
		     "(package iptables)",
		     name);
	return m;
}

static struct xtables_target *target_find(struct xt_builder *b, const char *name)
{
	struct xtables_target *t = NULL;

	if (!extension_check(b, name, true))
		return NULL;
	t = xtables_find_target(name, XTF_TRY_LOAD);
	if (!t)
		fail(b, EOPNOTSUPP,
		     "libxtables has no target '%s', which the rules need "
		     "(package iptables)",
		     name);
	return t;
}

static void address_parse(const char *arg, struct in_addr *address, struct in_addr *mask)
{
	struct in_addr *found;
	unsigned int n;

	xtables_ipparse_any(arg, &found, mask, &n);
	*address = *found;
	free(found);
}

/* An option of iptables itself at arg[at]: the number of words, 0 if it is none. */
static int option_parse(struct xt_builder *b, int at, bool invert)
{
	struct ipt_ip *ip = &entry_of(b)->ip;
	char *option = b->arg[at], *value = b->arg[at + 1];
	__u8 inverse;

	if (!option)
		return 0;
	if (!strcmp(option, "-f")) {
		ip->flags |= IPT_F_FRAG;
		ip->invflags |= invert ? IPT_INV_FRAG : 0;
		return 1;
	}
	if (option[0] != '-' || !option[1] || option[2] || !value)
		return 0;
	switch (option[1]) {
	case 's':
		address_parse(value, &ip->src, &ip->smsk);
		inverse = IPT_INV_SRCIP;
		break;
	case 'd':
		address_parse(value, &ip->dst, &ip->dmsk);
		inverse = IPT_INV_DSTIP;
		break;
	case 'i':
		xtables_parse_interface(value, ip->iniface, ip->iniface_mask);
		inverse = IPT_INV_VIA_IN;
		break;
	case 'o':
		xtables_parse_interface(value, ip->outiface, ip->outiface_mask);
		inverse = IPT_INV_VIA_OUT;
		break;
	case 'p':
		ip->proto = xtables_parse_protocol(value);
		inverse = IPT_INV_PROTO;
		break;
	default:
		return 0;
	}
	ip->invflags |= invert ? inverse : 0;
	return 2;
}

/* an option of an extension */
struct option_found {
	unsigned int id;
	bool takes_value;
};

static bool option_find(const struct xt_option_entry *new, const struct option *old,
			const char *word, struct option_found *found)
{
	if (strncmp(word, "--", 2) != 0)
		return false;
	for (; new &&new->name; new ++) {
		if (!strcmp(new->name, word + 2)) {
			*found = (struct option_found){new->id, new->type != XTTYPE_NONE};
			return true;
		}
	}
	for (; old && old->name; old++) {
		if (!strcmp(old->name, word + 2)) {
			*found = (struct option_found){(unsigned int)old->val,
						       old->has_arg};
			return true;
		}
	}
	return false;
}

/* Sets getopt's variables, which parsers read, as if it had returned this option. */
static void getopt_set(struct xt_builder *b, int at, const struct option_found *option)
{
	optarg = option->takes_value ? b->arg[at + 1] : NULL;
	optind = at + 1 + option->takes_value;
}

/* The words of a match's options from arg[at] on: index of the first that is none. */
static int match_options(struct xt_builder *b, int at, struct xtables_match *m)
{
	struct option_found option;

	while (at < b->nargs) {
		bool invert = !strcmp(b->arg[at], "!") && at + 1 < b->nargs;

		if (!option_find(m->x6_options, m->extra_opts, b->arg[at + invert],
				 &option))
			break;
		getopt_set(b, at + invert, &option);
		xtables_option_mpcall(option.id + m->option_offset, b->arg, invert, m,
				      entry_of(b));
		at = optind;
	}
	xtables_option_mfcall(m);
	return at;
}

static int match_parse(struct xt_builder *b, int at)
{
	const char *name = b->arg[at];
	struct xtables_match *m = match_find(b, name);
	size_t size;

	if (!m)
		return b->nargs;
	size = XT_ALIGN(sizeof(*m->m)) + m->size;
	m->m = xtables_calloc(1, size);
	m->m->u.match_size = (__u16)size;
	m->m->u.user.revision = m->revision;
	snprintf(m->m->u.user.name, sizeof(m->m->u.user.name), "%s",
		 m->real_name ? m->real_name : m->name);
	if (m->udata_size) {
		free(m->udata);
		m->udata = xtables_calloc(1, m->udata_size);
	}
	if (m->init)
		m->init(m->m);
	at = match_options(b, at + 1, m);
	entry_append(b, m->m, size);
	free(m->m);
	m->m = NULL;
	m->mflags = 0;
	return at;
}

static void standard_append(struct xt_builder *b, const char *target)
{
	struct xt_standard_target standard = {
		.target.u.user.target_size = XT_ALIGN(sizeof(standard)),
	};

	snprintf(standard.target.u.user.name, sizeof(standard.target.u.user.name), "%s",
		 target);
	entry_append(b, &standard, sizeof(standard));
}

static int target_options(struct xt_builder *b, int at, struct xtables_target *t)
{
	struct option_found option;

	while (at < b->nargs &&
	       option_find(t->x6_options, t->extra_opts, b->arg[at], &option)) {
		getopt_set(b, at, &option);
		xtables_option_tpcall(option.id + t->option_offset, b->arg, false, t,
				      entry_of(b));
		at = optind;
	}
	xtables_option_tfcall(t);
	return at;
}

static int target_parse(struct xt_builder *b, int at)
{
	const char *name = b->arg[at];
	struct xtables_target *t;
	size_t size;

	if (xt_target_is_standard(name)) {
		standard_append(b, name);
		return at + 1;
	}
	t = target_find(b, name);
	if (!t)
		return b->nargs;
	size = XT_ALIGN(sizeof(*t->t)) + t->size;
	t->t = xtables_calloc(1, size);
	t->t->u.target_size = (__u16)size;
	t->t->u.user.revision = t->revision;
	snprintf(t->t->u.user.name, sizeof(t->t->u.user.name), "%s",
		 t->real_name ? t->real_name : t->name);
	if (t->udata_size) {
		free(t->udata);
		t->udata = xtables_calloc(1, t->udata_size);
	}
	if (t->init)
		t->init(t->t);
	at = target_options(b, at + 1, t);
	entry_append(b, t->t, size);
	free(t->t);
	t->t = NULL;
	t->tflags = 0;
	return at;
}

/* what is put between matches and target */
static void comment_append(struct xt_builder *b, const struct xt_source *s,
			   const struct plan_chain *c, const struct plan_rule *r)
{
	char described[EMIT_ORIGIN];
	const char *text = r->comment;
	struct rule_udata tag;
	struct fw_text t;
	struct xt_comment_info comment = {.comment = ""};
	struct xt_entry_match match = {
		.u.user = {.match_size = sizeof(match) + sizeof(comment),
			   .name = "comment"},
	};

	if (r->is_lead)
		return;
	if (r->origin >= 0) {
		fw_text_init(&t, described, sizeof(described));
		s->format->describe(
			&t, r->list,
			fw_list_rule(&s->rules->list[r->list], (__u32)r->origin));
		text = described;
	}
	if (!text)
		return;
	if (!extension_check(b, match.u.user.name, false))
		return;
	fw_text_init(&t, comment.comment, sizeof(comment.comment));
	if (r->origin < 0)
		emit_iptables_comment(&t, text, EMIT_IPTABLES_COMMENT);
	else
		plan_command_write(&t, PLAN_XTABLES, r->list,
				   fw_list_rule(&s->rules->list[r->list],
						(__u32)r->origin),
				   text, xt_rule_number(s, r));
	xt_rule_tag(&tag, s, c, r);
	memcpy(comment.comment + strlen(comment.comment) + 1, tag.byte, tag.len);
	entry_append(b, &match, sizeof(match));
	entry_append(b, &comment, sizeof(comment));
}

/* Parses the words from arg[at] up to arg[end]. */
static void words_parse(struct xt_builder *b, int at, int end)
{
	int used;

	while (at < end && b->arg[at] && !b->error) {
		bool invert = !strcmp(b->arg[at], "!");

		at += invert;
		if (at + 1 < end && b->arg[at] && !strcmp(b->arg[at], "-m"))
			at = match_parse(b, at + 1);
		else if ((used = option_parse(b, at, invert)) > 0)
			at += used;
		else
			fail(b, EINVAL, "'%s' is no option of iptables here", b->arg[at]);
	}
}

/* The first word of the target; nargs if there is none. */
static int target_words(const struct xt_builder *b)
{
	int at = b->nargs;

	if (b->target == b->emit.text.len)
		return at;
	while (at > 0 && strcmp(b->arg[at - 1], "-j") != 0 &&
	       strcmp(b->arg[at - 1], "-g") != 0)
		at--;
	return at ? at - 1 : b->nargs;
}

static void entry_parse(struct xt_builder *b, const struct xt_source *s,
			const struct plan_chain *c, const struct plan_rule *r)
{
	int target = target_words(b);

	words_parse(b, 0, target);
	if (b->error)
		return;
	comment_append(b, s, c, r);
	entry_of(b)->target_offset = (__u16)b->len;
	if (target == b->nargs) {
		standard_append(b, "");
	} else {
		if (!strcmp(b->arg[target], "-g"))
			entry_of(b)->ip.flags |= IPT_F_GOTO;
		target = target_parse(b, target + 1);
		if (target < b->nargs)
			fail(b, EINVAL, "'%s' is no option of the target",
			     b->arg[target]);
	}
	entry_of(b)->next_offset = (__u16)b->len;
}

struct ipt_entry *xt_entry_build(struct xt_builder *b, const struct xt_source *s,
				 const struct plan_chain *c, const struct plan_rule *r,
				 __u32 key, struct fw_error *e)
{
	static bool initialised;

	if (!initialised && xtables_init_all(&globals, NFPROTO_IPV4) < 0) {
		fw_error_set(e, EOPNOTSUPP, "libxtables cannot be used");
		return NULL;
	}
	initialised = true;
	memset(b->entry, 0, sizeof(struct ipt_entry));
	b->len = sizeof(struct ipt_entry);
	b->error = 0;
	words_write(b, r);
	if (!b->error)
		entry_parse(b, s, c, r);
	if (b->error) {
		fw_error_set(e, b->error, "%s", b->problem);
		return NULL;
	}
	entry_of(b)->nfcache =
		key ^ xt_entry_digest(entry_of(b), xt_entry_target_name(entry_of(b)));
	return entry_of(b);
}
