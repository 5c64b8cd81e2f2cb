// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysctl.c - net.ipv4.ipfwadm: settings of the rules and the tracker of a namespace.
 *
 * The limits of a namespace that an unprivileged user made can only be read, because the
 * memory is the machine's.
 */
#include <linux/inet.h>
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

/* an enum fw_stat, from all processors */
static int stat_handle(kcompat_ctl_table *table, int write, void *buffer, size_t *len,
		       loff_t *pos)
{
	struct fwk_track *t = table->data;
	struct ctl_table copy = *table;
	unsigned long value = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		value += fwk_track_stat(t, cpu, (uintptr_t)table->extra1);
	copy.data = &value;
	copy.maxlen = sizeof(value);
	copy.extra1 = NULL;
	return proc_doulongvec_minmax(&copy, write, buffer, len, pos);
}

static int buckets_handle(kcompat_ctl_table *table, int write, void *buffer, size_t *len,
			  loff_t *pos)
{
	struct fwk_track *t = table->data;
	struct ctl_table copy = *table;
	unsigned int value = 0;

	rcu_read_lock();
	if (fwk_track_started(t))
		value = rcu_dereference(t->buckets)->mask + 1;
	rcu_read_unlock();
	copy.data = &value;
	copy.maxlen = sizeof(value);
	return proc_douintvec(&copy, write, buffer, len, pos);
}

/* ADDRESS/BITS */
static int reserve_handle(kcompat_ctl_table *table, int write, void *buffer, size_t *len,
			  loff_t *pos)
{
	struct fwk_track *t = table->data;
	u64 from = READ_ONCE(t->reserve_from);
	__be32 addr = htonl(from >> 32);
	struct ctl_table copy = *table;
	const char *end;
	char text[20];
	u8 bits;
	int err;

	snprintf(text, sizeof(text), "%pI4/%u", &addr, hweight32((u32)from));
	copy.data = text;
	copy.maxlen = sizeof(text);
	err = proc_dostring(&copy, write, buffer, len, pos);
	if (err || !write)
		return err;
	if (!in4_pton(text, -1, (u8 *)&addr, '/', &end) || *end != '/' ||
	    kstrtou8(end + 1, 10, &bits) || bits > 32)
		return -EINVAL;
	from = bits ? U32_MAX << (32 - bits) : 0;
	WRITE_ONCE(t->reserve_from, ((u64)ntohl(addr) & from) << 32 | from);
	return 0;
}

/* FIRST LAST */
static int ports_handle(kcompat_ctl_table *table, int write, void *buffer, size_t *len,
			loff_t *pos)
{
	static int most = U16_MAX - 1;
	struct fwk_track *t = table->data;
	int ports[2] = { t->core.masq.port_first, t->core.masq.port_end - 1 };
	struct ctl_table copy = *table;
	int err;

	copy.data = ports;
	copy.maxlen = sizeof(ports);
	copy.extra1 = SYSCTL_ONE;
	copy.extra2 = &most;
	err = proc_dointvec_minmax(&copy, write, buffer, len, pos);
	if (err || !write)
		return err;
	if (ports[0] > ports[1])
		return -EINVAL;
	fwk_masq_ports_set(t, ports[0], ports[1]);
	return 0;
}

#define AT(member) ((void *)offsetof(struct fwk_track, member))

#define SWITCH(name, member)                                                             \
	{                                                                                \
		.procname = name, .data = AT(member), .maxlen = sizeof(u8), .mode = 0644, \
		.proc_handler = proc_dou8vec_minmax, .extra1 = SYSCTL_ZERO,              \
		.extra2 = SYSCTL_ONE,                                                    \
	}

#define COUNTER(name, stat)                                                              \
	{                                                                                \
		.procname = name, .mode = 0444, .proc_handler = stat_handle,             \
		.extra1 = (void *)(uintptr_t)(stat),                                     \
	}

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
		.mode = 0444,
		.proc_handler = count_handle,
	},
	{
		.procname = "conn_buckets",
		.mode = 0444,
		.proc_handler = buckets_handle,
	},
	COUNTER("conn_evicted", FW_STAT_EVICTED),
	COUNTER("conn_dropped", FW_STAT_DROPPED),
	{
		.procname = "conn_reserve_from",
		.mode = 0644,
		.proc_handler = reserve_handle,
	},
	{
		.procname = "masq_ports",
		.mode = 0644,
		.proc_handler = ports_handle,
	},
	SWITCH("masq_random", masq_random),
	SWITCH("masq_share", core.masq.share),
	SWITCH("masq_strict_udp", core.masq.strict_udp),
	SWITCH("tcp_loose", settings.tcp_loose),
	SWITCH("tcp_be_liberal", settings.tcp_liberal),
	SWITCH("tcp_ignore_invalid_rst", settings.tcp_ignore_invalid_rst),
	{
		.procname = "tcp_max_retrans",
		.data = AT(settings.tcp_max_retrans),
		.maxlen = sizeof(u32),
		.mode = 0644,
		.proc_handler = proc_douintvec,
	},
	SWITCH("checksum", settings.checksum),
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
