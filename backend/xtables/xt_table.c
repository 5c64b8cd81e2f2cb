// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xt_table.c - tables of iptables through libiptc, and images of what is ours in them.
 */
#include "backend/xtables/xt_table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const xt_table_name[XT_TABLES] = {
	[XT_RAW] = "raw",
	[XT_MANGLE] = "mangle",
	[XT_NAT] = "nat",
	[XT_FILTER] = "filter",
};

const char *xt_chain_name(const struct plan_chain *c)
{
	return c->hook == PLAN_HOOKS ? c->name : plan_hook_chains[c->hook];
}

enum xt_table_id xt_chain_table(const struct plan_chain *c)
{
	enum xt_table_id id = 0;

	while (id < XT_FILTER && strcmp(xt_table_name[id], c->table) != 0)
		id++;
	return id;
}

bool xt_module_load(const char *module)
{
	char path[PATH_MAX] = "", *const none[] = {NULL};
	char name[64], *const args[] = {path, "-q", "--", name, NULL};
	int status, fd = open("/proc/sys/kernel/modprobe", O_RDONLY | O_CLOEXEC);
	ssize_t n;
	pid_t pid;

	if (fd < 0)
		return false;
	n = read(fd, path, sizeof(path) - 1);
	close(fd);
	if (n <= 0)
		return false;
	path[strcspn(path, "\n")] = '\0';
	snprintf(name, sizeof(name), "%s", module);
	if (!*path || posix_spawn(&pid, path, NULL, NULL, args, none))
		return false;
	return waitpid(pid, &status, 0) == pid && !status;
}

int xt_extension_ask(const char *name, bool is_target)
{
	struct xt_get_revision ask = {.revision = 0};
	socklen_t size = sizeof(ask);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	strncpy(ask.name, name, sizeof(ask.name) - 1);
	if (getsockopt(fd, IPPROTO_IP,
		       is_target ? IPT_SO_GET_REVISION_TARGET : IPT_SO_GET_REVISION_MATCH,
		       &ask, &size) < 0)
		err = -errno;
	close(fd);
	return err == -EPROTONOSUPPORT ? 0 : err;
}

/* Asks for a target that every kernel has; libiptc would bring a table into use. */
static int tables_ask(void)
{
	return xt_extension_ask(XT_ERROR_TARGET, true);
}

int xt_check(struct fw_error *e)
{
	int err = tables_ask();

	if (err == -ENOPROTOOPT && xt_module_load("ip_tables"))
		err = tables_ask();
	return err ? xt_refused(-err, xt_table_name[XT_MANGLE], e) : 0;
}

int xt_refused(int code, const char *table, struct fw_error *e)
{
	switch (code) {
	case EPERM:
	case EACCES:
		return fw_error_rights(e, "the iptables rules");
	case ENOPROTOOPT:
		return fw_error_set(e, ENODEV,
				    "this kernel has no legacy iptables "
				    "(ip_tables)");
	case ENOENT:
		return fw_error_set(e, ENODEV,
				    "this kernel has no table '%s' of legacy "
				    "iptables (iptable_%s)",
				    table, table);
	case ENOMEM:
		return fw_error_set(e, ENOMEM, "out of memory");
	default:
		return fw_error_set(e, code, "cannot read table '%s' of iptables: %s",
				    table, strerror(code));
	}
}

static bool entry_is_ours(const struct ipt_entry *e, struct xtc_handle *h, bool builtin)
{
	return !builtin || xt_name_is_ours(iptc_get_target(e, h));
}

static void item_fill(struct xt_item *item, const struct ipt_entry *e, __u32 index,
		      struct xtc_handle *h)
{
	*item = (struct xt_item){
		.entry = e, .target = iptc_get_target(e, h), .index = index};
}

/* Counts chains and entries of ours; fills image if it has memory. */
static void image_walk(struct xt_image *image, struct xtc_handle *h, __u32 *nitems)
{
	const struct ipt_entry *e;
	struct xt_chain *c, unused;
	const char *name;
	bool builtin;

	image->nchains = *nitems = 0;
	for (name = iptc_first_chain(h); name; name = iptc_next_chain(h)) {
		builtin = iptc_builtin(name, h);
		if (!builtin && !xt_name_is_ours(name))
			continue;
		c = image->chain ? &image->chain[image->nchains] : &unused;
		*c = (struct xt_chain){.name = name,
				       .is_builtin = builtin,
				       .item = image->item ? image->item + *nitems
							   : NULL};
		image->nchains++;
		for (e = iptc_first_rule(name, h); e;
		     e = iptc_next_rule(e, h), c->length++) {
			if (!entry_is_ours(e, h, builtin))
				continue;
			if (c->item)
				item_fill(&c->item[c->count], e, c->length, h);
			c->count++;
		}
		*nitems += c->count;
	}
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(((const struct xt_chain *)a)->name,
		      ((const struct xt_chain *)b)->name);
}

static int image_read(struct xt_image *image, struct xtc_handle *h)
{
	__u32 nitems;

	image_walk(image, h, &nitems);
	image->chain = calloc(image->nchains + 1, sizeof(*image->chain));
	image->item = calloc(nitems + 1, sizeof(*image->item));
	if (!image->chain || !image->item)
		return -ENOMEM;
	image_walk(image, h, &nitems);
	qsort(image->chain, image->nchains, sizeof(*image->chain), name_compare);
	return 0;
}

struct xt_chain *xt_image_find(const struct xt_image *image, const char *name)
{
	const struct xt_chain key = {.name = name};

	return image->nchains ? bsearch(&key, image->chain, image->nchains, sizeof(key),
					name_compare)
			      : NULL;
}

bool xt_item_is_jump(const struct xt_item *item, const char *target)
{
	static const struct ipt_ip any;

	return !memcmp(&item->entry->ip, &any, sizeof(any)) &&
	       item->entry->target_offset == sizeof(*item->entry) &&
	       !strcmp(item->target, target);
}

/*
 * libiptc takes a table for read when memory ended after half of its entries: only errno
 * tells.
 */
static struct xtc_handle *handle_open(const char *name, int *code)
{
	struct xtc_handle *h;

	errno = 0;
	h = iptc_init(name);
	*code = xt_errno();
	if (h && abs(errno) == ENOMEM) {
		iptc_free(h);
		return NULL;
	}
	return h;
}

int xt_table_open(struct xt_tables *t, enum xt_table_id id, struct fw_error *e)
{
	const char *name = xt_table_name[id];
	struct xtc_handle *h;
	int code;

	h = handle_open(name, &code);
	if (!h && code == ENOPROTOOPT && xt_module_load("ip_tables"))
		h = handle_open(name, &code);
	if (!h)
		return xt_refused(code, name, e);
	t->handle[id] = h;
	return image_read(&t->image[id], h) ? fw_error_set(e, ENOMEM, "out of memory")
					    : 0;
}

/* Bits of the tables that somebody has opened, which is when they come into use. */
static int tables_in_use(struct fw_error *e)
{
	FILE *in = fopen(XT_TABLES_IN_USE, "re");
	char line[64];
	int i, used = 0;

	if (!in)
		return errno == ENOENT ? xt_check(e)
				       : xt_refused(errno, xt_table_name[XT_MANGLE], e);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < XT_TABLES; i++)
			if (!strcmp(line, xt_table_name[i]))
				used |= 1 << i;
	}
	fclose(in);
	return used;
}

int xt_tables_open(struct xt_tables *t, struct fw_error *e)
{
	int i, used, err = 0;

	*t = (struct xt_tables){0};
	used = tables_in_use(e);
	if (used < 0)
		return used;
	for (i = 0; i < XT_TABLES && !err; i++)
		if (used >> i & 1)
			err = xt_table_open(t, i, e);
	return err;
}

void xt_tables_close(struct xt_tables *t)
{
	unsigned int i;

	for (i = 0; i < XT_TABLES; i++) {
		if (t->handle[i])
			iptc_free(t->handle[i]);
		free(t->image[i].chain);
		free(t->image[i].item);
	}
	*t = (struct xt_tables){0};
}
