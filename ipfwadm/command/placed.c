// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * placed.c - a rule set with the place of each rule in its file.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/command/placed.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/command/trace.h"
#include "ipfwadm/format/saved.h"
#include "kmod/core/names.h"
#include "parser/number.h"

#define BUDGET_MAX 1000000	/* millions of comparisons */

/* The lines of all commands, which are in the order of the text. */
static int lines_count(struct placed *p)
{
	const char *at = p->source.text;
	unsigned int line = 1, i;

	p->line = calloc(p->program.ncommands + 1, sizeof(*p->line));
	if (!p->line)
		return -1;
	for (i = 0; i < p->program.ncommands; i++) {
		const char *begin = p->source.text + p->program.command[i].loc.begin, *end;

		while ((end = memchr(at, '\n', (size_t)(begin - at)))) {
			line++;
			at = end + 1;
		}
		p->line[i] = line;
	}
	return 0;
}

/*
 * Counters are of no use to an analysis: a rule's packet counter, and a forward's of
 * connections, is the index of the command that it is from.
 */
static void origins_record(struct program *p)
{
	static const struct fw_timeouts unchanged;
	unsigned int i;

	for (i = 0; i < p->nedits; i++) {
		struct fw_edit *e = &p->edit[i];

		if (e->op == FW_OP_ZERO ||
		    (e->op == FW_OP_PORTFW && e->portfw.op == FW_PORTFW_ZERO)) {
			e->op = FW_OP_TIMEOUTS;
			e->timeouts = unchanged;
		} else if (e->op == FW_OP_APPEND || e->op == FW_OP_INSERT) {
			e->counters = true;
			e->rule.pcnt = e->origin;
		} else if (e->op == FW_OP_PORTFW) {
			e->counters = true;
			e->portfw.forward.conns = e->origin;
		}
	}
}

int placed_apply(const struct app *app, struct placed *p, const struct app *warned)
{
	struct fw_error e;

	p->is_file = true;
	origins_record(&p->program);
	if (lines_count(p) < 0) {
		app_error(app, "out of memory");
		return STATUS_FAILED;
	}
	if (saved_apply(&p->program, &p->source, &p->rules, &p->ifs, warned, &e) == 0)
		return STATUS_OK;
	app_error(app, "%s", e.text);
	return STATUS_FAILED;
}

/* Is it the name of a backend, perhaps with an argument? */
static bool is_backend(const char *name)
{
	size_t length = strcspn(name, ":");

	for (const struct backend_info *b = backends; b->name; b++)
		if (strlen(b->name) == length && strncmp(b->name, name, length) == 0)
			return true;
	return false;
}

/* Lines of iptables-save begin with '*' after comments; the JSON of nft with '{'. */
static placed_reader foreign_reader(const struct source *source)
{
	const char *at = source->text;

	for (;;) {
		at += strspn(at, " \t\r\n");
		if (*at != '#')
			break;
		at += strcspn(at, "\n");
	}
	return *at == '*' ? filter_iptables_read : *at == '{' ? filter_nft_read : NULL;
}

static int file_read(const struct app *app, const char *name, bool takes_foreign,
		     struct placed *p)
{
	if (command_source_read(app, name, &p->source) < 0)
		return STATUS_USAGE;
	p->foreign = takes_foreign ? foreign_reader(&p->source) : NULL;
	if (p->foreign)
		return STATUS_OK;
	return command_source_parse(app, &p->source, &p->program) < 0 ? STATUS_USAGE :
	       placed_apply(app, p, app);
}

int placed_read(const struct app *app, const char *name, bool takes_foreign, struct placed *p)
{
	struct app chosen = *app;

	memset(p, 0, sizeof(*p));
	fw_ruleset_init(&p->rules);
	p->name = name ? name : "live";
	if (name && strcmp(name, "live") != 0) {
		if (!is_backend(name))
			return file_read(app, name, takes_foreign, p);
		chosen.backend = name;
	}
	return command_rules_read(&chosen, NULL, false, &p->rules, &p->ifs);
}

void placed_free(struct placed *p)
{
	fw_ruleset_free(&p->rules);
	free(p->ifs.dev);
	program_free(&p->program);
	source_free(&p->source);
	free(p->line);
}

const struct command *placed_command(const struct placed *p, enum fw_list_id list, __u32 rule)
{
	return p->is_file ?
		&p->program.command[fw_list_rule(&p->rules.list[list], rule)->pcnt] : NULL;
}

unsigned int placed_line(const struct placed *p, enum fw_list_id list, __u32 rule)
{
	return p->is_file ? p->line[fw_list_rule(&p->rules.list[list], rule)->pcnt] : 0;
}

static void interface_show(struct fw_text *t, enum fw_list_id list, const struct witness *w)
{
	bool arrives = list == FW_INPUT || (list == FW_ACCT && w->direction == FW_DIR_IN);

	if (!w->is_named && !w->is_addressed && !w->is_other)
		return;
	fw_text_str(t, arrives ? ", arrives on " : ", leaves by ");
	if (w->is_named)
		fw_text_strn(t, w->dev.name, FW_IFNAMSIZ);
	else
		fw_text_str(t, w->is_other ? "an interface that no rule names" : "an interface");
	if (w->is_addressed) {
		fw_text_str(t, " with address ");
		fw_text_addr(t, w->dev.addr);
	}
}

void witness_show(struct fw_text *t, enum fw_list_id list, const struct witness *w)
{
	trace_packet_show(t, &w->pkt);
	if (w->pkt.frag_off)
		fw_text_str(t, " later fragment");
	interface_show(t, list, w);
	for (unsigned int i = 1; fw_state_names[i]; i++)
		if (w->pkt.state == 1u << i) {
			fw_text_str(t, ", ");
			fw_text_str(t, fw_state_names[i]);
		}
}

__u64 budget_parse(const char *word)
{
	long n = number_parse(word, BUDGET_MAX);

	return n > 0 ? (__u64)n * 1000000 : 0;
}
