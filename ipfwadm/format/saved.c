// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * saved.c - the saved form: text to rule set and back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/format/saved.h"
#include "parser/print.h"

#define LINE_MAX_LEN (PRINT_RULE_MAX + 128)	/* with counters and an origin */

static int interface_add(struct fw_interfaces *ifs, const struct fw_dev *dev)
{
	struct fw_dev *bigger;

	if ((ifs->count & (ifs->count + 1)) == 0) {
		bigger = realloc(ifs->dev, (2 * (size_t)ifs->count + 1) * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		ifs->dev = bigger;
	}
	ifs->dev[ifs->count++] = *dev;
	return 0;
}

/* the place of the last warning: lines are counted from there */
struct warnings {
	const struct app *app;	/* NULL: nobody is warned */
	const struct source *source;
	unsigned int offset, line;
};

static void warn(struct warnings *w, unsigned int offset, const char *text)
{
	for (; w->offset < offset; w->offset++)
		w->line += w->source->text[w->offset] == '\n';
	app_warn_line(w->app, w->source->name, w->line, text);
}

static void pattern_warn(struct warnings *w, unsigned int offset, const struct fw_edit *edit)
{
	char buf[PRINT_WARNING_MAX];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	if (print_pattern_warning(&t, edit))
		warn(w, offset, buf);
}

static int command_apply(const struct program *p, const struct command *c,
			 struct fw_ruleset *rs, struct warnings *w)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < c->nedits && !err; i++) {
		const struct fw_edit *edit = &p->edit[c->first_edit + i];

		err = fw_ruleset_edit(rs, edit);
		if (err == -EINVAL && (edit->op == FW_OP_DELETE || edit->op == FW_OP_PORTFW)) {
			if (w->app)
				warn(w, c->loc.begin, edit->op == FW_OP_DELETE ?
				     "there is no such rule to delete" :
				     "there is no such port forward to delete");
			err = 0;
		}
		if (w->app)
			pattern_warn(w, c->loc.begin, edit);
	}
	return err;
}

int saved_apply(const struct program *p, const struct source *source,
		struct fw_ruleset *rs, struct fw_interfaces *ifs, const struct app *warned,
		struct fw_error *e)
{
	struct warnings w = { .app = warned, .source = source, .line = 1 };
	unsigned int i;
	int err = 0;

	for (i = 0; i < p->ncommands && !err; i++) {
		const struct command *c = &p->command[i];

		err = c->kind == COMMAND_INTERFACE ? interface_add(ifs, &c->dev) :
						     command_apply(p, c, rs, &w);
	}
	if (err)
		fw_error_set(e, -err, "%s: %s", source->name, strerror(-err));
	return err;
}

static int format_read(const char *name, const char *text, size_t len,
		       struct fw_ruleset *rs, struct fw_interfaces *ifs,
		       struct fw_error *e)
{
	struct source source = { .name = name, .text = text, .len = len };
	struct diags diags;
	struct program program = { 0 };
	unsigned int line, column;
	int err;

	diags_init(&diags, &source);
	err = program_parse_text(&program, &source, &diags);
	if (err && diags.count > 0) {
		source_position(&source, diags.item[0].loc.begin, &line, &column);
		fw_error_set(e, EBADMSG, "%s:%u:%u: %s", name, line, column,
			     diags.item[0].text);
		err = -EBADMSG;
	} else if (err) {
		fw_error_set(e, -err, "%s: %s", name, strerror(-err));
	} else {
		err = saved_apply(&program, &source, rs, ifs, NULL, e);
	}
	diags_free(&diags);
	program_free(&program);
	return err;
}

static void line_write(FILE *out, struct fw_text *t)
{
	fw_text_char(t, '\n');
	fwrite_unlocked(t->buf, 1, t->len < t->size ? t->len : t->size - 1, out);
	t->len = 0;
}

static void origin_add(struct fw_text *t, const char *origin)
{
	if (!origin)
		return;
	fw_text_str(t, "  # ");
	fw_text_str(t, origin);
}

static void portfw_write(FILE *out, const struct fw_portfw_table *table,
			 const struct rule_origins *origins, enum saved_counters counters)
{
	struct fw_edit edit = { .op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_APPEND };
	char buf[LINE_MAX_LEN];
	struct fw_text t;

	fw_text_init(&t, buf, sizeof(buf));
	for (__u32 i = 0; i < table->count; i++) {
		const struct fw_portfw *f = &table->entry[i];

		edit.portfw.forward = *f;
		edit.counters = counters == SAVED_ALL_COUNTERS ||
				(counters == SAVED_SOME_COUNTERS &&
				 (f->conns || f->left != f->weight));
		print_edit(&t, &edit);
		origin_add(&t, forward_origin(origins, i));
		line_write(out, &t);
	}
}

static void ruleset_write(FILE *out, const struct fw_ruleset *rs,
			  const struct fw_interfaces *ifs, const struct rule_origins *origins,
			  enum saved_counters counters)
{
	static const enum fw_list_id lists[] = { FW_ACCT, FW_INPUT, FW_FORWARD, FW_OUTPUT };
	struct fw_edit edit = { .op = FW_OP_TIMEOUTS, .timeouts = rs->timeouts };
	char buf[LINE_MAX_LEN];
	struct fw_text t;
	__u32 i;

	fputs("# ipfwadm 3.0 saved rules\n", out);
	fw_text_init(&t, buf, sizeof(buf));
	for (i = 0; ifs && i < ifs->count; i++) {
		print_interface(&t, &ifs->dev[i]);
		line_write(out, &t);
	}
	print_edit(&t, &edit);
	line_write(out, &t);
	for (i = 1; i < FW_COUNT(lists); i++) {	/* accounting has no policy */
		edit = (struct fw_edit){ .op = FW_OP_POLICY, .list = lists[i],
					 .policy = rs->list[lists[i]].policy };
		print_edit(&t, &edit);
		line_write(out, &t);
	}
	if (rs->denies_ipv6) {
		edit = (struct fw_edit){ .op = FW_OP_IPV6, .policy = FW_POLICY_DENY };
		print_edit(&t, &edit);
		line_write(out, &t);
	}
	portfw_write(out, &rs->portfw, origins, counters);
	edit.op = FW_OP_APPEND;
	for (const enum fw_list_id *id = lists; id < lists + FW_COUNT(lists); id++) {
		edit.list = *id;
		for (i = 0; i < rs->list[*id].count; i++) {
			edit.rule = *fw_list_rule(&rs->list[*id], i);
			edit.counters = counters == SAVED_ALL_COUNTERS ||
				(counters == SAVED_SOME_COUNTERS &&
				 (edit.rule.pcnt || edit.rule.bcnt));
			print_edit(&t, &edit);
			origin_add(&t, rule_origin(origins, *id, i));
			line_write(out, &t);
		}
	}
}

int saved_text(const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
	       enum saved_counters counters, char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		return -ENOMEM;
	ruleset_write(out, rs, ifs, NULL, counters);
	if (!(ferror(out) | fclose(out)))
		return 0;
	free(*text);
	return -ENOMEM;
}

void saved_write(FILE *out, const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
		 const struct rule_origins *origins, enum saved_counters counters)
{
	ruleset_write(out, rs, ifs, origins, counters);
}

static int format_write(const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
			char **text, size_t *len)
{
	return saved_text(rs, ifs, SAVED_SOME_COUNTERS, text, len);
}

static void format_describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	print_rule(t, FW_OP_APPEND, list, r);
}

static void format_describe_forward(struct fw_text *t, const struct fw_portfw *f)
{
	struct fw_edit edit = { .op = FW_OP_PORTFW, .counters = f->left != f->weight,
				.portfw = { .op = FW_PORTFW_APPEND, .forward = *f } };

	edit.portfw.forward.conns = 0;
	print_edit(t, &edit);
}

static void format_warn(const char *text)
{
	fflush(stdout);
	fprintf(stderr, "ipfwadm: warning: %s\n", text);
}

const struct ruleset_format saved_format = {
	.read = format_read,
	.write = format_write,
	.describe = format_describe,
	.describe_forward = format_describe_forward,
	.warn = format_warn,
};
