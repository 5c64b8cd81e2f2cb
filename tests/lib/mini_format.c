// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mini_format.c - a ruleset_format of the fewest words.
 */
#include "tests/lib/mini_format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ruleset.h"

struct fw_rule mini_rule(__u32 src)
{
	return (struct fw_rule){
		.src = src,
		.smsk = 0xffffffff,
		.flags = FW_ACCEPT,
		.tosand = 0xff,
	};
}

static int interface_read(const char *line, struct fw_interfaces *ifs)
{
	struct fw_dev dev = { 0 }, *devs;

	if (sscanf(line, "interface %15s %u %u", dev.name, &dev.addr, &dev.mask) != 3)
		return -EINVAL;
	devs = reallocarray(ifs->dev, ifs->count + 1, sizeof(dev));
	if (!devs)
		return -ENOMEM;
	ifs->dev = devs;
	ifs->dev[ifs->count++] = dev;
	return 0;
}

static int edit_read(const char *line, struct fw_edit *e)
{
	unsigned long long pcnt, bcnt;
	unsigned int list = 0, flags, src;
	struct fw_timeouts t;

	if (sscanf(line, "rule %u %u %u %llu %llu", &list, &flags, &src, &pcnt,
		   &bcnt) == 5) {
		e->op = FW_OP_APPEND;
		e->counters = true;
		e->rule = mini_rule(src);
		e->rule.flags = flags;
		e->rule.pcnt = pcnt;
		e->rule.bcnt = bcnt;
	} else if (sscanf(line, "policy %u %u", &list, &e->policy) == 2) {
		e->op = FW_OP_POLICY;
	} else if (sscanf(line, "timeouts %u %u %u", &t.tcp, &t.tcpfin, &t.udp) == 3) {
		e->op = FW_OP_TIMEOUTS;
		e->timeouts = t;
	} else {
		return -EINVAL;
	}
	e->list = list;
	return 0;
}

static int line_read(const char *line, struct fw_ruleset *rs, struct fw_interfaces *ifs)
{
	struct fw_edit e = { 0 };
	int err;

	if (!strncmp(line, "interface ", 10))
		return interface_read(line, ifs);
	err = edit_read(line, &e);
	return err ? err : fw_ruleset_edit(rs, &e);
}

static int mini_read(const char *name, const char *text, size_t len,
		     struct fw_ruleset *rs, struct fw_interfaces *ifs,
		     struct fw_error *e)
{
	char *copy = strndup(text, len), *rest = copy, *line;
	int err = copy ? 0 : -ENOMEM, number = 0;

	while (!err && (line = strsep(&rest, "\n"))) {
		number++;
		if (*line)
			err = line_read(line, rs, ifs);
	}
	free(copy);
	if (err)
		fw_error_set(e, -err, "%s:%d: not understood", name, number);
	return err;
}

static void list_write(FILE *out, int list, const struct fw_list *l)
{
	__u32 i;

	for (i = 0; i < l->count; i++) {
		const struct fw_rule *r = fw_list_rule(l, i);

		fprintf(out, "rule %d %u %u %llu %llu\n", list, r->flags, r->src,
			r->pcnt, r->bcnt);
	}
}

static int mini_write(const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
		      char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);
	__u32 i;

	if (!out)
		return -errno;
	for (i = 0; i < ifs->count; i++)
		fprintf(out, "interface %.15s %u %u\n", ifs->dev[i].name,
			ifs->dev[i].addr, ifs->dev[i].mask);
	fprintf(out, "timeouts %u %u %u\n", rs->timeouts.tcp, rs->timeouts.tcpfin,
		rs->timeouts.udp);
	for (i = 0; i < FW_LISTS; i++)
		fprintf(out, "policy %u %u\n", i, rs->list[i].policy);
	for (i = 0; i < FW_LISTS; i++)
		list_write(out, i, &rs->list[i]);
	return fclose(out) ? -errno : 0;
}

const struct ruleset_format mini_format = { .read = mini_read, .write = mini_write };
