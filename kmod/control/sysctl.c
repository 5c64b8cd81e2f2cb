// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysctl.c - net.ipv4.ipfwadm: settings of the rules and the tracker of a namespace.
 *
 * The limits of a namespace that an unprivileged user made can only be read, because the
 * memory is the machine's.
 */
#include <linux/sysctl.h>
#include <net/netns/generic.h>

#include "compat/kcompat.h"
#include "kmod/control/control.h"
#include "kmod/rules/rules.h"
#include "kmod/track/track.h"

static unsigned int sysctl_id;

/* of a network namespace */
struct sysctls {
	struct ctl_table_header *header;
	struct ctl_table *table;
};

static int as_linux_handle(kcompat_ctl_table *table, int write, void *buffer, size_t *len,
			   loff_t *pos)
{
	struct fw_track_settings *set = table->data;
	u8 value = set->own == FW_OWN_NONE;
	struct ctl_table copy = *table;
	int err;

	copy.data = &value;
	copy.maxlen = sizeof(value);
	copy.extra1 = SYSCTL_ZERO;
	copy.extra2 = SYSCTL_ONE;
	err = proc_dou8vec_minmax(&copy, write, buffer, len, pos);
	if (!err && write)
		WRITE_ONCE(set->own, value ? FW_OWN_NONE : FW_OWN_ALL);
	return err;
}

static int count_handle(kcompat_ctl_table *table, int write, void *buffer, size_t *len,
			loff_t *pos)
{
	struct fwk_track *t = table->data;
	unsigned int value = atomic_read(&t->count);
	struct ctl_table copy = *table;

	copy.data = &value;
	copy.maxlen = sizeof(value);
	return proc_douintvec(&copy, write, buffer, len, pos);
}

#define AT(member) ((void *)offsetof(struct fwk_track, member))

/* the first elements of the table: limits */
enum { CONN_MAX, RULES_MEMORY, LIMITS };

static const struct ctl_table sysctl_table[] = {
	[CONN_MAX] = {
		.procname = "conn_max",
		.data = AT(core.max),
		.maxlen = sizeof(u32),
		.mode = 0644,
		.proc_handler = proc_douintvec,
	},
	[RULES_MEMORY] = {
		.procname = "rules_memory",
		.maxlen = sizeof(unsigned long),
		.mode = 0644,
		.proc_handler = proc_doulongvec_minmax,
	},
	{
		.procname = "conn_count",
		.data = (void *)0,
		.mode = 0444,
		.proc_handler = count_handle,
	},
	{
		.procname = "tcp_loose",
		.data = AT(settings.tcp_loose),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	{
		.procname = "tcp_be_liberal",
		.data = AT(settings.tcp_liberal),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	{
		.procname = "tcp_ignore_invalid_rst",
		.data = AT(settings.tcp_ignore_invalid_rst),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	{
		.procname = "tcp_max_retrans",
		.data = AT(settings.tcp_max_retrans),
		.maxlen = sizeof(u32),
		.mode = 0644,
		.proc_handler = proc_douintvec,
	},
	{
		.procname = "checksum",
		.data = AT(settings.checksum),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	{
		.procname = "as_linux",
		.data = AT(settings),
		.mode = 0644,
		.proc_handler = as_linux_handle,
	},
};

static int __net_init sysctl_net_init(struct net *net)
{
	struct sysctls *s = net_generic(net, sysctl_id);
	size_t i, n = ARRAY_SIZE(sysctl_table);

	/* before 6.6 the kernel wants an empty element at the end */
	s->table = kcalloc(n + 1, sizeof(*s->table), GFP_KERNEL_ACCOUNT);
	if (!s->table)
		return -ENOMEM;
	memcpy(s->table, sysctl_table, sizeof(sysctl_table));
	for (i = 0; i < n; i++)
		s->table[i].data = (char *)fwk_track(net) + (size_t)s->table[i].data;
	s->table[RULES_MEMORY].data = fwk_rules_memory_max(net);
	for (i = 0; i < LIMITS && net->user_ns != &init_user_ns; i++)
		s->table[i].mode = 0444;
	s->header = kcompat_register_net_sysctl(net, "net/ipv4/ipfwadm", s->table, n);
	if (s->header)
		return 0;
	kfree(s->table);
	return -ENOMEM;
}

static void __net_exit sysctl_net_exit(struct net *net)
{
	struct sysctls *s = net_generic(net, sysctl_id);

	unregister_net_sysctl_table(s->header);
	kfree(s->table);
}

static struct pernet_operations sysctl_net_ops = {
	.init = sysctl_net_init,
	.exit = sysctl_net_exit,
	.id = &sysctl_id,
	.size = sizeof(struct sysctls),
};

int __init fwk_sysctl_init(void)
{
	return register_pernet_subsys(&sysctl_net_ops);
}

void fwk_sysctl_exit(void)
{
	unregister_pernet_subsys(&sysctl_net_ops);
}
