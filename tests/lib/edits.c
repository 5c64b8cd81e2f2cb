// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "parser/print.h"
#include "tests/lib/edits.h"

bool rules_same(const struct fw_rule *a, const struct fw_rule *b)
{
	return a->src == b->src && a->smsk == b->smsk && a->dst == b->dst &&
	       a->dmsk == b->dmsk && a->via == b->via && a->flags == b->flags &&
	       a->nsp == b->nsp && a->ndp == b->ndp &&
	       memcmp(a->pts, b->pts, sizeof(a->pts)) == 0 && a->tosand == b->tosand &&
	       a->tosxor == b->tosxor && a->state == b->state &&
	       a->keep_state == b->keep_state && a->helper == b->helper &&
	       memcmp(a->vianame, b->vianame, sizeof(a->vianame)) == 0 &&
	       a->pcnt == b->pcnt && a->bcnt == b->bcnt &&
	       strcmp(a->comment, b->comment) == 0;
}

static bool portfw_same(const struct fw_portfw *a, const struct fw_portfw *b)
{
	return fw_portfw_equal(a, b) && a->trigger_time == b->trigger_time &&
	       a->weight == b->weight && a->left == b->left && a->conns == b->conns;
}

bool edits_same(const struct fw_edit *a, const struct fw_edit *b)
{
	if (a->op != b->op || a->list != b->list || a->counters != b->counters)
		return false;
	switch (a->op) {
	case FW_OP_APPEND:
	case FW_OP_INSERT:
	case FW_OP_DELETE:
		return rules_same(&a->rule, &b->rule);
	case FW_OP_POLICY:
	case FW_OP_IPV6:
		return a->policy == b->policy;
	case FW_OP_TIMEOUTS:
		return a->timeouts.tcp == b->timeouts.tcp &&
		       a->timeouts.tcpfin == b->timeouts.tcpfin &&
		       a->timeouts.udp == b->timeouts.udp;
	case FW_OP_PORTFW:
		return a->portfw.op == b->portfw.op && a->portfw.cut == b->portfw.cut &&
		       portfw_same(&a->portfw.forward, &b->portfw.forward);
	default:
		return true;
	}
}

static void command_text(struct fw_text *t, const struct program *p,
			 const struct command *c)
{
	if (c->kind == COMMAND_INTERFACE) {
		print_interface(t, &c->dev);
		fw_text_char(t, '\n');
	}
	for (unsigned int i = 0; i < c->nedits; i++) {
		print_edit(t, &p->edit[c->first_edit + i]);
		fw_text_char(t, '\n');
	}
}

char *program_text(const struct program *p, size_t *len)
{
	__u32 room = (p->ncommands + p->nedits) * (PRINT_RULE_MAX + 64) + 1;
	struct fw_text t;

	fw_text_init(&t, malloc(room), room);
	for (unsigned int i = 0; i < p->ncommands; i++)
		command_text(&t, p, &p->command[i]);
	*len = t.len;
	return t.buf;
}

static bool programs_same(const struct program *a, const struct program *b)
{
	if (a->nedits != b->nedits) {
		fprintf(stderr, "%u edits became %u\n", a->nedits, b->nedits);
		return false;
	}
	for (unsigned int i = 0; i < a->nedits; i++) {
		if (!edits_same(&a->edit[i], &b->edit[i])) {
			fprintf(stderr, "edit %u became another\n", i);
			return false;
		}
	}
	return true;
}

bool program_inverse(const struct program *p)
{
	struct diags d;
	struct source source = { .name = "printed" };
	struct program again = { .ncommands = 0 };
	bool same = false;
	char *text, *second;
	size_t len;

	source.text = text = program_text(p, &source.len);
	if (program_parse_text(&again, &source, &d))
		diags_print(stderr, &d, false);
	else
		same = programs_same(p, &again);
	second = program_text(&again, &len);
	if (same && strcmp(text, second) != 0) {
		fprintf(stderr, "printed again as\n%s", second);
		same = false;
	}
	if (!same)
		fprintf(stderr, "printed as\n%s", text);
	program_free(&again);
	diags_free(&d);
	free(text);
	free(second);
	return same;
}
