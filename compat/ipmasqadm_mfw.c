// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipmasqadm_mfw.c - the module mfw of ipmasqadm: forwards by packet mark.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/ipmasqadm.h"
#include "compat/portfw_front.h"
#include "parser/nameservice.h"

#define MARK_HEADS 16		/* of the kernel's hash, by which it listed marks */

static const char help[] =
	"Usage: mfw -A -m FWMARK -r RADDR RPORT [-p PREF] add entry\n"
	"       mfw -D -m FWMARK [-r RADDR RPORT]         delete entry\n"
	"       mfw -E -m FWMARK [-r RADDR RPORT]         edit entry\n"
	"       mfw -S -m FWMARK                          force scheduling\n"
	"       mfw -F                                    clear table\n"
	"       mfw -L                                    list table\n"
	"       mfw <args> -n                             no names\n\n"
	"FWMARK is the fwmark being redirected.\n"
	"RADDR is the remote address.\n"
	"RPORT is the port being redirected to.\n"
	"PREF  is the preference level (load balancing, default=10)\n";

/* ADDRESS [PORT]: a word that is no port is left over */
static bool target_read(struct portfw_command *c, int argc, char **argv)
{
	struct fw_portfw *f = &c->forward;

	if (!ipmasqadm_address_read(optarg, c->numeric, &f->to))
		return false;
	if (optind < argc && argv[optind][0] != '-' &&
	    ipmasqadm_port_read(argv[optind], c->numeric, &f->to_port))
		optind++;
	f->flags = f->to_port ? FW_PORTFW_HAS_PORT : 0;
	return true;
}

static const char *option_read(struct portfw_command *c, int letter, int argc, char **argv)
{
	struct fw_portfw *f = &c->forward;
	int weight;

	switch (letter) {
	case 'n':
		c->numeric = true;
		return NULL;
	case 'm':
		f->mark = (__u32)atoi(optarg);
		return NULL;
	case 'r':
		if (f->to || f->to_port)
			return "multiple destinations specified";
		return target_read(c, argc, argv) ? NULL : "illegal destination specified";
	case 'p':
		weight = atoi(optarg);
		f->weight = (__u32)weight;
		return weight < 0 ? "illegal preference value specified" : NULL;
	default:
		if (c->letter)
			return "multiple commands specified";
		c->letter = (char)letter;
		return NULL;
	}
}

static const char *command_check(const struct portfw_command *c)
{
	const struct fw_portfw *f = &c->forward;

	if (strchr("AD", c->letter) && !f->mark)
		return "insufficient options specified";
	if (strchr("FL", c->letter) && (f->mark || f->to || f->to_port))
		return "incompatible options specified";
	return NULL;
}

static bool is_meant(const struct fw_portfw *f, const struct fw_portfw *by)
{
	return f->mark && f->mark == by->mark && (!by->to || f->to == by->to) &&
	       (!by->to_port || f->to_port == by->to_port);
}

static __u32 mark_count(const struct fw_portfw_table *t, __u32 mark)
{
	__u32 n = 0;

	for (__u32 i = 0; mark && i < t->count; i++)
		n += t->entry[i].mark == mark;
	return n;
}

static void targets_delete(struct portfw_change *change, const struct portfw_command *c)
{
	const struct fw_portfw_table *t = portfw_change_table(change);

	for (__u32 i = 0; i < t->count; i++) {
		struct fw_portfw_edit edit = { FW_PORTFW_DELETE, false, t->entry[i] };
		bool again = false;

		for (__u32 j = 0; j < i; j++)
			again |= fw_portfw_equal(&t->entry[j], &t->entry[i]);
		if (!again && is_meant(&t->entry[i], &c->forward))
			portfw_change_add(change, &edit);
	}
}

/* The table as it is, written again: with other weights, or the next target first. */
static void table_rewrite(struct portfw_change *change, const struct portfw_command *c)
{
	const struct fw_portfw_table *t = portfw_change_table(change);
	struct fw_portfw_edit edit = { .op = FW_PORTFW_FLUSH };
	const struct fw_portfw next = { .mark = c->forward.mark }, *first = NULL;
	const struct fw_portfw *by = c->letter == 'S' ? &next : &c->forward;
	__u32 left = mark_count(t, c->forward.mark);

	portfw_change_add(change, &edit);
	edit.op = FW_PORTFW_APPEND;
	for (__u32 i = 0; i < t->count; i++) {
		bool meant = is_meant(&t->entry[i], by);

		edit.forward = t->entry[i];
		if (meant && c->letter == 'E')
			edit.forward.weight = edit.forward.left = c->forward.weight;
		if (meant && c->letter == 'S' && !first)
			first = &t->entry[i];
		else
			portfw_change_add_counted(change, &edit);
		if (meant && c->letter == 'S' && !--left) {
			edit.forward = *first;
			edit.forward.left = first->weight;
			portfw_change_add_counted(change, &edit);
		}
	}
}

static bool is_any_meant(const struct fw_portfw_table *t, const struct fw_portfw *by)
{
	__u32 i = 0;

	while (i < t->count && !is_meant(&t->entry[i], by))
		i++;
	return i < t->count;
}

/* Adds edits; 0, or the errno of the kernel.  Letter I is of its socket option alone. */
static int edits_make(struct portfw_change *change, const struct portfw_command *c)
{
	const struct fw_portfw_table *t = portfw_change_table(change);
	struct fw_portfw_edit add = { FW_PORTFW_APPEND, false, c->forward };
	bool known = mark_count(t, c->forward.mark);

	if (c->letter == 'I' && known)
		add.op = FW_PORTFW_INSERT;
	switch (c->letter) {
	case 'A':
	case 'I':
		if (!c->forward.to)
			return EINVAL;
		portfw_change_add(change, &add);
		return 0;
	case 'D':
		targets_delete(change, c);
		return change->count ? 0 : ESRCH;
	case 'F':
		portfw_change_clear(change, PORTFW_MARK, false);
		return 0;
	default:
		if (!known)
			return EINVAL;
		if (c->letter == 'E' && !is_any_meant(t, &c->forward))
			return ESRCH;
		table_rewrite(change, c);
		return 0;
	}
}

static void row_print(const struct fw_portfw *f, void *ctx)
{
	const bool numeric = *(const bool *)ctx;
	char to[NAME_MAX_LEN], port[NAME_MAX_LEN];

	ipmasqadm_name_address(to, sizeof(to), f->to, numeric);
	ipmasqadm_name_port(port, sizeof(port), f->to_port, numeric);
	printf("%-8u %-20s %8s %5u %5u\n", f->mark, to, port, f->left, f->weight);
}

void mfw_targets_each(const struct fw_portfw_table *t,
		      void (*show)(const struct fw_portfw *f, void *ctx), void *ctx)
{
	for (__u32 head = 0; head < MARK_HEADS; head++) {
		for (__u32 i = t->count; i > 0; i--) {
			const struct fw_portfw *f = &t->entry[i - 1];
			bool is_first = f->mark && f->mark % MARK_HEADS == head;

			for (__u32 j = 0; j < i - 1 && is_first; j++)
				is_first = t->entry[j].mark != f->mark;
			for (__u32 j = i - 1; j < t->count && is_first; j++)
				if (t->entry[j].mark == f->mark)
					show(&t->entry[j], ctx);
		}
	}
}

static void list_print(const struct fw_portfw_table *t, const struct portfw_command *c)
{
	bool numeric = c->numeric;

	printf("%-8s %-20s %8s %5s %5s\n", "fwmark", "rediraddr", "rport", "pcnt", "pref");
	mfw_targets_each(t, row_print, &numeric);
}

static int list_refusal(const char *name, const struct fw_error *e)
{
	portfw_refusal(name, e);
	fputs("Could not open \"/proc/net/ip_masq/mfw\"\n"
	      "Check if you have enabled fwmark-forwarding\n", stderr);
	return FRONT_FAILED;
}

const struct portfw_program mfw_program = {
	.kind = PORTFW_MARK, .print = list_print, .edit = edits_make,
	.list_refusal = list_refusal,
};

int mfw_module_run(const struct portfw_host *h, int argc, char **argv)
{
	struct portfw_command c = { .forward.weight = FW_PORTFW_WEIGHT };
	const char *wrong;
	int letter;

	while ((letter = getopt(argc, argv, "AEDFSLnm:r:p:h")) != -1) {
		if (letter == 'h' || letter == '?') {
			fputs(help, stdout);
			return 0;
		}
		wrong = option_read(&c, letter, argc, argv);
		if (wrong)
			return portfw_usage_error(argv[0], wrong);
	}
	if (optind < argc)
		return ipmasqadm_words_left(argv[0], argc, argv);
	if (!c.letter) {
		fputs(help, stdout);
		return 0;
	}
	wrong = command_check(&c);
	return wrong ? portfw_usage_error(argv[0], wrong) :
		       portfw_command_run(&mfw_program, h, &c, c.letter == 'L', argv[0],
					  argv[0]);
}
