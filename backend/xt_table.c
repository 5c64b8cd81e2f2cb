// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_table.c - tables of iptables, and what of them is ours.
 */
#include "backend/xt_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/xt_library.h"

#define TABLES_IN_USE "/proc/thread-self/net/ip_tables_names"

const char *const xt_table_name[XT_TABLES] = {
	[XT_RAW] = "raw", [XT_MANGLE] = "mangle", [XT_NAT] = "nat", [XT_FILTER] = "filter",
};

const char *xt_chain_name(const struct plan_chain *c)
{
	static const char *const builtin[PLAN_HOOKS] = {
		[PLAN_PREROUTING] = "PREROUTING",
		[PLAN_INPUT] = "INPUT",
		[PLAN_FORWARD] = "FORWARD",
		[PLAN_OUTPUT] = "OUTPUT",
		[PLAN_POSTROUTING] = "POSTROUTING",
	};

	return c->hook == PLAN_HOOKS ? c->name : builtin[c->hook];
}

int xt_table_refused(int code, const char *table, struct fw_error *e)
{
	switch (code) {
	case EPERM:
	case EACCES:
		return fw_error_set(e, EPERM, "the iptables rules need CAP_NET_ADMIN and "
				    "CAP_NET_RAW, which this process does not have");
	case ENOPROTOOPT:
		return fw_error_set(e, ENODEV, "this kernel has no legacy iptables "
				    "(ip_tables)");
	case ENOENT:
		return fw_error_set(e, ENODEV, "this kernel has no table '%s' of legacy "
				    "iptables (iptable_%s)", table, table);
	case ENOMEM:
		return fw_error_set(e, ENOMEM, "out of memory");
	default:
		return fw_error_set(e, code, "cannot read table '%s' of iptables: %s", table,
				    strerror(code));
	}
}

/* Asks for a target that always is there: tables come into being when asked for. */
static int kernel_ask(void)
{
	struct xt_get_revision ask = { .name = XT_ERROR_TARGET };
	socklen_t size = sizeof(ask);
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, IPPROTO_IP, IPT_SO_GET_REVISION_TARGET, &ask, &size) < 0)
		err = -errno;
	close(fd);
	return err;
}

int xt_kernel_check(struct fw_error *e)
{
	int err = kernel_ask();

	if (err == -ENOPROTOOPT && xt_library_load())
		err = kernel_ask();
	return err ? xt_table_refused(-err, xt_table_name[XT_MANGLE], e) : 0;
}

/* Bits of the tables that somebody has opened, which is when they come into use. */
static int tables_in_use(struct fw_error *e)
{
	FILE *in = fopen(TABLES_IN_USE, "re");
	char line[64];
	int i, used = 0;

	if (!in)
		return errno == ENOENT ? xt_kernel_check(e) :
			xt_table_refused(errno, xt_table_name[XT_MANGLE], e);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < XT_TABLES; i++)
			if (!strcmp(line, xt_table_name[i]))
				used |= 1 << i;
	}
	fclose(in);
	return used;
}

static int held_compare(const void *a, const void *b)
{
	return strcmp(((const struct xt_held *)a)->name, ((const struct xt_held *)b)->name);
}

void xt_table_sort(struct xt_table *t)
{
	if (t->count)
		qsort(t->held, t->count, sizeof(*t->held), held_compare);
}

struct xt_held *xt_table_find(const struct xt_table *t, const char *name)
{
	struct xt_held key = { .count = 0 };

	strncpy(key.name, name, sizeof(key.name) - 1);
	return t->count ? bsearch(&key, t->held, t->count, sizeof(key), held_compare) : NULL;
}

static int held_fill(struct xt_held *c, struct xtc_handle *h)
{
	const struct ipt_entry *e;
	struct xt_held_rule *bigger;
	__u32 number = 1, cap = 0;

	for (e = iptc_first_rule(c->name, h); e; e = iptc_next_rule(e, h), number++) {
		const char *target = iptc_get_target(e, h);

		if (c->builtin && !xt_name_is_ours(target))
			continue;
		if (c->count == cap) {
			cap = cap ? 2 * cap : 8;
			bigger = reallocarray(c->rule, cap, sizeof(*bigger));
			if (!bigger)
				return -ENOMEM;
			c->rule = bigger;
		}
		c->rule[c->count++] = (struct xt_held_rule){ e, target, number };
	}
	return 0;
}

/* Reading rules disturbs going through the chains: first all names. */
static int held_names(struct xt_table *t)
{
	struct xt_held *bigger;
	const char *name;
	__u32 cap = 0;

	for (name = iptc_first_chain(t->handle); name; name = iptc_next_chain(t->handle)) {
		bool builtin = iptc_builtin(name, t->handle);

		if (!builtin && !xt_name_is_ours(name))
			continue;
		if (t->count == cap) {
			cap = cap ? 2 * cap : 16;
			bigger = reallocarray(t->held, cap, sizeof(*bigger));
			if (!bigger)
				return -ENOMEM;
			t->held = bigger;
		}
		t->held[t->count] = (struct xt_held){ .builtin = builtin };
		strncpy(t->held[t->count++].name, name, sizeof(t->held->name) - 1);
	}
	return 0;
}

static int table_read(struct xt_table *t)
{
	__u32 i;
	int err = held_names(t);

	xt_table_sort(t);
	for (i = 0; i < t->count && !err; i++)
		err = held_fill(&t->held[i], t->handle);
	return err;
}

int xt_table_open(struct xt_table *t, enum xt_table_id id, struct fw_error *e)
{
	*t = (struct xt_table){ .name = xt_table_name[id] };
	t->handle = iptc_init(t->name);
	if (!t->handle && errno == ENOPROTOOPT && xt_library_load())
		t->handle = iptc_init(t->name);
	if (!t->handle)
		return xt_table_refused(errno, t->name, e);
	return table_read(t) ? fw_error_set(e, ENOMEM, "out of memory") : 0;
}

int xt_tables_open(struct xt_table t[XT_TABLES], struct fw_error *e)
{
	int i, used, err = 0;

	for (i = 0; i < XT_TABLES; i++)
		t[i] = (struct xt_table){ .name = xt_table_name[i] };
	used = tables_in_use(e);
	if (used < 0)
		return used;
	for (i = 0; i < XT_TABLES && !err; i++)
		if (used >> i & 1)
			err = xt_table_open(&t[i], i, e);
	return err;
}

void xt_table_close(struct xt_table *t)
{
	__u32 i;

	for (i = 0; i < t->count; i++)
		free(t->held[i].rule);
	free(t->held);
	if (t->handle)
		iptc_free(t->handle);
	*t = (struct xt_table){ .name = t->name };
}
