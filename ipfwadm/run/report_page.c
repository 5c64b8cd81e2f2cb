// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report_page.c - what a script's rules become, as a page for a browser.
 *
 * Both translations are emitted as always, but with a key in the place of each comment,
 * by which their lines are found again for the rule that they come from.
 */
#include "ipfwadm/run/report_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/lint.h"
#include "backend/plan/plan_commands.h"
#include "backend/ruleset.h"
#include "backend/text/emit.h"
#include "backend/text/emit_gate.h"
#include "ipfwadm/format/findings.h"
#include "ipfwadm/format/saved.h"
#include "ipfwadm/format/path_picture.h"
#include "kmod/core/names.h"
#include "parser/print.h"

#define KEY "rule-key-"	/* then the list's letter and the rule's index */
#define FORWARDS FW_LISTS	/* the table of forwarded ports, among the lists */
#define PARTS (FW_LISTS + 1)
#define LINT_BUDGET 50000000	/* comparisons: about a second */

/* one translation */
struct side {
	const char *name, *load;
	struct plan *plan;
	char *text;		/* all of it; malloc'ed */
	char *keyed;		/* likewise, with keys for comments */
	char **rule[PARTS];	/* lines of each rule; malloc'ed, NULL: none */
	unsigned int count[PLAN_IMPOSSIBLE + 1];
};

/* what lint says of a rule; malloc'ed, and so is text */
struct found {
	struct found *next;
	enum fw_list_id list;
	__s32 rule;
	char *text;
};

struct findings {
	const struct fw_ruleset *rs;
	struct found *first, **end;
};

static const char head[] =
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n"
	":root{color-scheme:light dark;--line:#8886;--soft:#8882;--bad:#c33;--warn:#b70}\n"
	"body{font:1rem/1.45 system-ui,sans-serif;max-width:75rem;margin:auto;padding:1rem}\n"
	"pre,code{font:.85rem/1.4 ui-monospace,monospace;white-space:pre-wrap;"
	"overflow-wrap:anywhere;margin:0}\n"
	"h3{font-size:.8rem;font-weight:600;margin:.4rem 0 .1rem;opacity:.7}\n"
	"article{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .8rem;"
	"margin:.6rem 0;break-inside:avoid}\n"
	".at,.count{float:right;font-size:.8rem;opacity:.7;margin-left:1rem}\n"
	".sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));"
	"gap:.2rem 1rem}\n"
	".approximate,.finding{color:var(--warn)}.left-out{color:var(--bad)}\n"
	"p{margin:.3rem 0}input{font:inherit;width:100%;padding:.4rem;box-sizing:border-box}\n"
	"details pre{background:var(--soft);padding:.6rem}svg{max-width:100%;height:auto}\n"
	"svg rect{fill:var(--soft);stroke:currentColor}svg path{stroke:currentColor;fill:none}\n"
	"svg text{fill:currentColor;font:14px system-ui,sans-serif;text-anchor:middle}\n"
	"@media print{input{display:none}details{display:none}}\n"
	"</style>\n";

static const char search[] =
	"<script>\nconst q=document.getElementById('search');\n"
	"q.oninput=()=>document.querySelectorAll('article').forEach(a=>\n"
	"a.hidden=!a.textContent.toLowerCase().includes(q.value.toLowerCase()));\n"
	"</script>\n";

/* The rules that are emitted now; who asks for a comment gets no context. */
static const struct fw_ruleset *emitted;

static void key_describe(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r)
{
	fw_text_str(t, KEY);
	fw_text_char(t, fw_list_letter(list));
	fw_text_dec(t, (__u32)(r - fw_list_rule(&emitted->list[list], 0)));
}

static void key_describe_forward(struct fw_text *t, const struct fw_portfw *f)
{
	fw_text_str(t, KEY "M");
	fw_text_dec(t, (__u32)(f - emitted->portfw.entry));
}

static __u32 part_count(const struct fw_ruleset *rs, int part)
{
	return part == FORWARDS ? rs->portfw.count : rs->list[part].count;
}

static const struct plan_report *part_report(const struct plan *p, int part, __u32 index)
{
	return part == FORWARDS ? &p->portfw_report[index] : &p->report[part][index];
}

static int text_emit(struct plan *p, enum plan_target target, const struct report_page *page,
		     const struct ruleset_format *comments, char **text)
{
	struct emit_options o = { .rules = page->rs, .describe = comments->describe };
	int err = plan_commands_add(p, page->rs, comments);
	size_t size;
	FILE *out = err ? NULL : open_memstream(text, &size);

	if (!out)
		return -ENOMEM;
	err = target == PLAN_NFT ? emit_nft(out, p, &o) : emit_iptables(out, p, &o);
	if (!err && page->rs->denies_ipv6 && target == PLAN_NFT)
		emit_gate_nft(out);
	return fclose(out) != 0 ? -ENOMEM : err;
}

/* Takes the comment out of a line that has a key: the part from the word before it. */
static void comment_cut(char *line, char *key)
{
	static const char *const words[] = { " -m comment --comment ", " comment " };
	bool is_quoted = key[-1] == '"';
	char *end = key + strcspn(key, is_quoted ? "\"" : " ");

	for (size_t i = 0; i < FW_COUNT(words); i++) {
		char *at = key - is_quoted - strlen(words[i]);

		if (at >= line && strncmp(at, words[i], strlen(words[i])) == 0) {
			end += is_quoted && *end;
			memmove(at, end, strlen(end) + 1);
			return;
		}
	}
}

/* The rule of a key; false: there is no such one. */
static bool key_read(const struct fw_ruleset *rs, const char *key, int *part, __u32 *index)
{
	const char *p = key + strlen(KEY);

	for (*part = 0; *part < FORWARDS && fw_list_letter((enum fw_list_id)*part) != *p; ++*part)
		;
	*index = (__u32)strtoul(p + 1, NULL, 10);
	return *index < part_count(rs, *part);
}

static int line_add(char **lines, const char *line)
{
	char *was = *lines;
	int n = asprintf(lines, "%s%s\n", was ? was : "", line + strspn(line, "\t"));

	free(was);
	if (n < 0)
		*lines = NULL;
	return n < 0 ? -ENOMEM : 0;
}

static int lines_sort(struct side *s, const struct fw_ruleset *rs)
{
	int err = 0, part;
	__u32 index;

	for (part = 0; part < PARTS; part++) {
		s->rule[part] = calloc(part_count(rs, part) + 1, sizeof(char *));
		if (!s->rule[part])
			return -ENOMEM;
	}
	for (char *line = s->keyed, *next; !err && *line; line = next) {
		char *key;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		key = strstr(line, KEY);
		if (!key || !key_read(rs, key, &part, &index))
			continue;
		comment_cut(line, key);
		err = line_add(&s->rule[part][index], line);
	}
	return err;
}

/* A line is found by its key, so each needs one. */
static void comments_all(struct plan *p)
{
	for (struct plan_chain *c = p ? p->chains : NULL; c; c = c->next)
		for (struct plan_rule *r = c->rules; r; r = r->next)
			r->is_lead = false;
}

static int side_make(struct side *s, enum plan_target target, const struct report_page *page)
{
	static const struct ruleset_format keys = {
		.describe = key_describe, .describe_forward = key_describe_forward,
	};
	struct plan *(*const lower)(const struct fw_ruleset *rs, const struct plan_options *o) =
		target == PLAN_NFT ? plan_lower_nft : plan_lower_xtables;
	struct plan_options o = {
		.devs = page->ifs->dev, .ndevs = page->ifs->count,
		.mark_mask = page->app->mark_mask, .log_group = page->app->log_group,
		.is_text = true,
	};
	struct plan *keyed = lower(page->rs, &o);
	int err;

	s->plan = lower(page->rs, &o);
	emitted = page->rs;
	comments_all(keyed);
	err = keyed && s->plan ? text_emit(keyed, target, page, &keys, &s->keyed) : -ENOMEM;
	plan_free(keyed);
	if (!err)
		err = text_emit(s->plan, target, page, &saved_format, &s->text);
	if (!err)
		err = lines_sort(s, page->rs);
	for (int part = 0; !err && part < PARTS; part++)
		for (__u32 i = 0; i < part_count(page->rs, part); i++)
			s->count[part_report(s->plan, part, i)->exactness]++;
	return err;
}

static void side_free(struct side *s, const struct fw_ruleset *rs)
{
	for (int part = 0; part < PARTS; part++) {
		for (__u32 i = 0; s->rule[part] && i < part_count(rs, part); i++)
			free(s->rule[part][i]);
		free(s->rule[part]);
	}
	plan_free(s->plan);
	free(s->text);
	free(s->keyed);
}

static void finding_add(void *ctx, const struct finding *f)
{
	struct findings *all = ctx;
	const struct finding_source source = { .rules = all->rs };
	struct found *found = finding_severity(f) == FINDING_OPEN ? NULL :
			      malloc(sizeof(*found));
	char buf[1024];
	struct fw_text t;

	if (!found)	/* a page without it is of use, too */
		return;
	fw_text_init(&t, buf, sizeof(buf));
	finding_show(&t, &source, f);
	*found = (struct found){ NULL, f->list, f->rule, strdup(buf) };
	*all->end = found;
	all->end = &found->next;
}

static void findings_free(struct findings *all)
{
	for (struct found *f = all->first, *next; f; f = next) {
		next = f->next;
		free(f->text);
		free(f);
	}
}

static void findings_print(FILE *out, const struct findings *all, enum fw_list_id list, __s32 rule)
{
	for (const struct found *f = all->first; f; f = f->next)
		if (f->list == list && f->rule == rule && f->text) {
			fputs("<p class=\"finding\">", out);
			markup_print(out, f->text);
			fputs("</p>\n", out);
		}
}

static void exactness_print(FILE *out, const struct plan_report *r)
{
	static const char *const words[] = {
		[PLAN_APPROXIMATE] = "approximate", [PLAN_IMPOSSIBLE] = "left out",
	};

	if (r->exactness == PLAN_EXACT)
		return;
	fprintf(out, "<p class=\"%s\">%s: ", r->exactness == PLAN_APPROXIMATE ? "approximate" :
		"left-out", words[r->exactness]);
	markup_print(out, r->reason);
	fputs("</p>", out);
}

static void sides_print(FILE *out, const struct side side[2], int part, __u32 index)
{
	fputs("<div class=\"sides\">", out);
	for (int i = 0; i < 2; i++) {
		fprintf(out, "<div><h3>%s</h3><pre>", side[i].name);
		markup_print(out, side[i].rule[part][index] ? side[i].rule[part][index] : "");
		fputs("</pre>", out);
		exactness_print(out, part_report(side[i].plan, part, index));
		fputs("</div>", out);
	}
	fputs("</div></article>\n", out);
}

static void article_begin(FILE *out, const char *origin)
{
	fputs("<article>", out);
	if (!origin)
		return;
	fputs("<span class=\"at\">", out);
	markup_print(out, origin);
	fputs("</span>", out);
}

static void rule_print(FILE *out, const struct report_page *page, const struct side side[2],
		       const struct findings *all, enum fw_list_id list, __u32 index)
{
	const struct fw_rule *r = fw_list_rule(&page->rs->list[list], index);
	char command[PRINT_RULE_MAX];

	article_begin(out, rule_origin(page->origins, list, index));
	if (r->pcnt)
		fprintf(out, "<span class=\"count\">%llu packets, %llu bytes</span>", r->pcnt,
			r->bcnt);
	fputs("<code>ipfwadm ", out);
	markup_print(out, print_rule_text(command, list, r));
	fputs("</code>\n", out);
	findings_print(out, all, list, (__s32)index);
	sides_print(out, side, (int)list, index);
}

static void forwards_print(FILE *out, const struct report_page *page, const struct side side[2])
{
	const struct fw_ruleset *rs = page->rs;
	struct fw_edit edit = { .op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_APPEND };
	char command[PRINT_RULE_MAX];
	struct fw_text t;

	if (rs->portfw.count)
		fputs("<section id=\"forwards\"><h2>Forwarded ports</h2>\n", out);
	for (__u32 i = 0; i < rs->portfw.count; i++) {
		edit.portfw.forward = rs->portfw.entry[i];
		fw_text_init(&t, command, sizeof(command));
		print_edit(&t, &edit);
		article_begin(out, forward_origin(page->origins, i));
		fputs("<code>ipfwadm ", out);
		markup_print(out, command);
		fputs("</code>\n", out);
		sides_print(out, side, FORWARDS, i);
	}
	if (rs->portfw.count)
		fputs("</section>\n", out);
}

/* The path of a packet of 2.0, with each list as a link to its rules. */
static void picture_print(FILE *out, const struct fw_ruleset *rs)
{
	static const enum fw_list_id lists[PICTURE_LISTS] = { FW_INPUT, FW_FORWARD, FW_OUTPUT };
	const char *links[PICTURE_LISTS];
	struct path_picture w = { .link = links };

	for (int i = 0; i < PICTURE_LISTS; i++) {
		const struct fw_list *l = &rs->list[lists[i]];

		links[i] = fw_list_names[lists[i]];
		snprintf(w.list[i].text[0], sizeof(w.list[i].text[0]), "%s: %u rules",
			 fw_list_names[lists[i]], l->count);
		snprintf(w.list[i].text[1], sizeof(w.list[i].text[1]), "else %s",
			 fw_policy_name(l->policy));
	}
	fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"the path of a packet\">",
		PICTURE_WIDTH, PICTURE_HEIGHT);
	path_picture_print(out, &w);
	fprintf(out, "<text x=\"380\" y=\"175\"><a href=\"#%s\">accounting: %u rules, where it "
		"arrives and where it leaves</a></text></svg>\n", fw_list_names[FW_ACCT],
		rs->list[FW_ACCT].count);
}

static void list_print(FILE *out, const struct report_page *page, const struct side side[2],
		       const struct findings *all, enum fw_list_id list)
{
	const struct fw_list *l = &page->rs->list[list];

	fprintf(out, "<section id=\"%s\"><h2>%s</h2>\n", fw_list_names[list], fw_list_names[list]);
	if (list != FW_ACCT)
		fprintf(out, "<p>default policy: %s</p>", fw_policy_name(l->policy));
	for (int i = 0; i < 2; i++)
		exactness_print(out, &side[i].plan->policy_report[list]);
	findings_print(out, all, list, FINDING_OF_POLICY);
	for (__u32 i = 0; i < l->count; i++)
		rule_print(out, page, side, all, list, i);
	fputs("</section>\n", out);
}

static void page_print(FILE *out, const struct report_page *page, const struct side side[2],
		       const struct findings *all)
{
	static const enum fw_list_id lists[] = { FW_INPUT, FW_FORWARD, FW_OUTPUT, FW_ACCT };
	const char *slash = strrchr(page->name, '/');

	fprintf(out, "%s<title>", head);
	markup_print(out, slash ? slash + 1 : page->name);
	fputs("</title></head>\n<body><h1>", out);
	markup_print(out, slash ? slash + 1 : page->name);
	fputs("</h1>\n", out);
	for (int i = 0; i < 2; i++)
		fprintf(out, "<p>%s: %u rules exact, %u approximate, %u left out</p>\n",
			side[i].name, side[i].count[PLAN_EXACT], side[i].count[PLAN_APPROXIMATE],
			side[i].count[PLAN_IMPOSSIBLE]);
	picture_print(out, page->rs);
	fputs("<p><input id=\"search\" type=\"search\" placeholder=\"Search the rules\" "
	      "aria-label=\"Search the rules\"></p>\n", out);
	if (page->rs->denies_ipv6)
		fputs("<p><code>ipfwadm ipv6 deny</code>: IPv6 packets are dropped, but answers "
		      "and what keeps the network going</p>\n", out);
	forwards_print(out, page, side);
	for (size_t i = 0; i < FW_COUNT(lists); i++)
		list_print(out, page, side, all, lists[i]);
	for (int i = 0; i < 2; i++) {
		fprintf(out, "<details><summary>All of it for %s</summary><pre>", side[i].load);
		markup_print(out, side[i].text);
		fputs("</pre></details>\n", out);
	}
	fprintf(out, "%s</body></html>\n", search);
}

FILE *report_page_open(const struct app *app, const char *path)
{
	FILE *out = fopen(path, "we");

	if (!out)
		app_error(app, "cannot write '%s': %s", path, strerror(errno));
	return out;
}

int report_page_write(FILE *out, const struct report_page *page)
{
	struct side side[2] = {
		{ .name = "nft", .load = "nft -f" },
		{ .name = "iptables", .load = "iptables-restore" },
	};
	const struct lint_options o = { .ifs = page->ifs, .budget = LINT_BUDGET };
	struct findings all = { .rs = page->rs, .end = &all.first };
	int err = side_make(&side[0], PLAN_NFT, page);

	if (!err)
		err = side_make(&side[1], PLAN_XTABLES, page);
	if (!err)
		lint_rules(page->rs, &o, finding_add, &all);
	if (!err)
		page_print(out, page, side, &all);
	findings_free(&all);
	if (fclose(out) != 0 && !err)
		err = -errno;
	for (int i = 0; i < 2; i++)
		side_free(&side[i], page->rs);
	if (err)
		app_error(page->app, "cannot write the report: %s", strerror(-err));
	return err;
}
