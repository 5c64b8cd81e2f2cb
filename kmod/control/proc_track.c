// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc_track.c - /proc/net/ip_masquerade and ip_masq_app as 2.0 had them, and
 * stat/ipfwadm in the format of lnstat.
 *
 * The lines of ip_masquerade are gathered from the whole table and sorted, because the
 * order is that of 2.0's table.  seq_file calls the function again with more room until all
 * of them fit.
 */
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sort.h>

#include "kmod/control/control.h"
#include "kmod/core/masq.h"
#include "kmod/core/show.h"
#include "kmod/track/track_host.h"

struct lines {
	struct fw_conn *line;
	u32 n, room;
	u32 now;
};

static void line_add(struct fwk_track *t, struct fw_entry *c, void *ctx)
{
	struct lines *all = ctx;

	if (all->n < all->room &&
	    fw_masq_line(&t->core, c, all->now, &all->line[all->n]))
		all->n++;
}

static int masquerade_show(struct seq_file *m, void *v)
{
	struct fwk_track *t = fwk_track(seq_file_single_net(m));
	static const u8 proto[3] = {17, 6, 1};
	struct lines all = {.now = fwk_track_now()};
	char buf[FW_SHOW_CONN + 1];
	u32 free[3], i;
	struct fw_text text;

	for (i = 0; i < 3; i++) {
		free[i] = fw_masq_ports_free(&t->core, proto[i]);
		all.room += *fw_masq_used(&t->core, proto[i]);
	}
	all.room += t->core.masq.sharing;
	all.line = kvmalloc_array(all.room + 1, sizeof(*all.line), GFP_KERNEL_ACCOUNT);
	if (!all.line)
		return -ENOMEM;
	do {
		all.n = 0;
	} while (!fwk_track_visit_all(t, line_add, &all));
	sort(all.line, all.n, sizeof(*all.line), fw_conn_compare, NULL);
	fw_text_init(&text, buf, sizeof(buf));
	fw_show_conns_header(&text, free);
	seq_write(m, buf, FW_SHOW_CONN);
	for (i = 0; i < all.n; i++) {
		fw_text_init(&text, buf, sizeof(buf));
		fw_show_conn(&text, &all.line[i], all.now);
		seq_write(m, buf, FW_SHOW_CONN);
	}
	kvfree(all.line);
	return 0;
}

struct app {
	const struct fw_masq_helper *helper;
	u16 port;
	u32 connections;
};

static void app_count(struct fwk_track *t, struct fw_entry *c, void *ctx)
{
	struct app *app = ctx;

	app->connections += c->masq && c->helper == app->helper->id &&
			    c->dport == app->port;
}

static void app_show(struct seq_file *m, const struct fw_masq_helper *h, u16 port)
{
	struct app app = {.helper = h, .port = port};
	char buf[FW_SHOW_HELPER + 1];
	struct fw_text text;

	do {
		app.connections = 0;
	} while (!fwk_track_visit_all(fwk_track(seq_file_single_net(m)), app_count, &app));
	fw_text_init(&text, buf, sizeof(buf));
	fw_show_helper(&text, h, port, app.connections);
	seq_write(m, buf, FW_SHOW_HELPER);
}

static u16 helper_port(struct fwk_track *t, const struct fw_masq_helper *h, u32 n)
{
	u16 port;

	spin_lock_bh(&t->masq_lock);
	port = fw_portfw_helper_port(&t->forwards, h, n);
	spin_unlock_bh(&t->masq_lock);
	return port;
}

static int apps_show(struct seq_file *m, void *v)
{
	struct fwk_track *t = fwk_track(seq_file_single_net(m));
	char buf[FW_SHOW_HELPER + 1];
	struct fw_text text;
	u32 i, n;
	u16 port;

	fw_text_init(&text, buf, sizeof(buf));
	fw_show_helpers_header(&text);
	seq_write(m, buf, FW_SHOW_HELPER);
	for (i = 0; i < FW_MASQ_HELPERS; i++) {
		const struct fw_masq_helper *h = &fw_masq_helpers[i];

		for (n = 0; (port = helper_port(t, h, n)); n++)
			app_show(m, h, port);
	}
	return 0;
}

/* Columns of at most 32, which is what lnstat takes. */
static const char *const stat_names[FW_STATS] = {
	[FW_STAT_NEW] = "new",
	[FW_STAT_JOINED] = "joined",
	[FW_STAT_EVICTED] = "evicted",
	[FW_STAT_DROPPED] = "dropped",
	[FW_STAT_NO_PORT] = "no_port",
	[FW_STAT_WHY + FW_WHY_SHORT] = "short",
	[FW_STAT_WHY + FW_WHY_OFFSET] = "tcp_offset",
	[FW_STAT_WHY + FW_WHY_LENGTH] = "udp_length",
	[FW_STAT_WHY + FW_WHY_CHECKSUM] = "checksum",
	[FW_STAT_WHY + FW_WHY_FLAGS] = "tcp_flags",
	[FW_STAT_WHY + FW_WHY_ICMP_TYPE] = "icmp_type",
	[FW_STAT_WHY + FW_WHY_NOT_ASKED] = "not_asked",
	[FW_STAT_WHY + FW_WHY_NO_ENTRY] = "begins_nothing",
	[FW_STAT_WHY + FW_WHY_STATE] = "tcp_state",
	[FW_STAT_WHY + FW_WHY_OLD_RESET] = "old_reset",
	[FW_STAT_WHY + FW_WHY_AHEAD] = "beyond_window",
	[FW_STAT_WHY + FW_WHY_ACK_AHEAD] = "ack_of_unsent",
	[FW_STAT_WHY + FW_WHY_QUOTE_SHORT] = "quote_short",
	[FW_STAT_WHY + FW_WHY_QUOTE_VERSION] = "quote_version",
	[FW_STAT_WHY + FW_WHY_QUOTE_FRAGMENT] = "quote_fragment",
	[FW_STAT_WHY + FW_WHY_QUOTE_TYPE] = "quote_type",
	[FW_STAT_WHY + FW_WHY_QUOTE_NO_ENTRY] = "quote_unknown",
	[FW_STAT_WHY + FW_WHY_QUOTE_ADDRESS] = "quote_address",
	[FW_STAT_WHY + FW_WHY_QUOTE_SEQ] = "quote_seq",
	[FW_STAT_WHY + FW_WHY_REPEATED] = "repeated",
	[FW_STAT_WHY + FW_WHY_CHALLENGE] = "challenge",
	[FW_STAT_WHY + FW_WHY_OVERRUN] = "overrun",
	[FW_STAT_WHY + FW_WHY_OLD_DATA] = "old_data",
	[FW_STAT_WHY + FW_WHY_OLD_ACK] = "old_ack",
};

static int stat_show(struct seq_file *m, void *v)
{
	const struct fwk_track *t = fwk_track(seq_file_single_net(m));
	unsigned int i;
	int cpu;

	seq_puts(m, "entries");
	for (i = 0; i < FW_STATS; i++)
		if (stat_names[i])
			seq_printf(m, " %s", stat_names[i]);
	seq_putc(m, '\n');
	for_each_online_cpu(cpu) {
		seq_printf(m, "%08x", atomic_read(&t->count));
		for (i = 0; i < FW_STATS; i++)
			if (stat_names[i])
				seq_printf(m, " %08llx", fwk_track_stat(t, cpu, i));
		seq_putc(m, '\n');
	}
	return 0;
}

static int __net_init proc_track_net_init(struct net *net)
{
	if (!proc_create_net_single("ip_masquerade", 0444, net->proc_net, masquerade_show,
				    NULL))
		return -ENOMEM;
	if (!proc_create_net_single("ip_masq_app", 0444, net->proc_net, apps_show, NULL))
		goto failed_app;
	if (proc_create_net_single("ipfwadm", 0444, net->proc_net_stat, stat_show, NULL))
		return 0;
	remove_proc_entry("ip_masq_app", net->proc_net);
failed_app:
	remove_proc_entry("ip_masquerade", net->proc_net);
	return -ENOMEM;
}

static void __net_exit proc_track_net_exit(struct net *net)
{
	remove_proc_entry("ipfwadm", net->proc_net_stat);
	remove_proc_entry("ip_masq_app", net->proc_net);
	remove_proc_entry("ip_masquerade", net->proc_net);
}

static struct pernet_operations proc_track_net_ops = {
	.init = proc_track_net_init,
	.exit = proc_track_net_exit,
};

int __init fwk_proc_track_init(void)
{
	return register_pernet_subsys(&proc_track_net_ops);
}

void fwk_proc_track_exit(void)
{
	unregister_pernet_subsys(&proc_track_net_ops);
}
