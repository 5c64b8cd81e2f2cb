// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sockopt.c - the IP_FW_* socket options of 2.0, for programs of its time.
 *
 * Whether the kernel's own options leave a number to netfilter, and who of
 * netfilter's users is asked, is decided by number alone.  Two of the numbers
 * are ip_tables' today: INSERT (64) and APPEND (65) of the forward list.  There
 * can be one owner, and a module that finds the other there does not load, so
 * ip_tables goes first: all options are off while it is loaded, or about to be,
 * and come back when it goes.  All of them, since a program whose flush works
 * and whose append does not would leave a host without its rules.
 *
 * Errors come in the order of 2.0, but for numbers that it did not have: those
 * never get here.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compat.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "compat/abi.h"
#include "kmod/control/sockopt.h"

static bool sockopt = true;
/* module_param() would paste the core's "bool", which is a macro */
module_param_cb(sockopt, &param_ops_bool, &sockopt, 0444);
__MODULE_PARM_TYPE(sockopt, "bool");
MODULE_PARM_DESC(sockopt, "serve the socket options of Linux 2.0 (default on)");

static int edit_make(struct fw_net *fn, const struct abi_option *option,
		     enum abi_layout layout, const union abi_argument *arg, __u32 len)
{
	struct fw_edit edit;
	struct fw_transaction what = { .edits = &edit, .n = 1 };
	struct fw_refusal why;
	int err = abi_edit_read(&edit, option, layout, arg, len);

	return err ? err : fw_table_edit(fn, &what, &why);
}

static int packet_check(struct fw_net *fn, enum fw_list_id list,
			const union abi_argument *arg, __u32 len)
{
	struct fw_packet pkt;
	struct fw_dev dev;
	struct fw_decision decision;
	int err = abi_packet_read(&pkt, &dev, arg, len);

	if (!err)
		err = fw_table_check(fn, list, &pkt, &dev, true, &decision);
	return err ? err : abi_verdict_error(decision.verdict);
}

/* 2.0 looked at a whole int, however short the argument was said to be. */
static bool first_word_readable(sockptr_t arg)
{
	int word;

	if (sockptr_is_kernel(arg) || sockptr_is_null(arg))
		return true;
	return !copy_from_sockptr(&word, arg, sizeof(word));
}

static int sockopt_set(struct sock *sk, int number, sockptr_t from, unsigned int len)
{
	enum abi_layout layout =
		in_compat_syscall() || sizeof(long) == 4 ? ABI_32 : ABI_64;
	struct net *net = sock_net(sk);
	union abi_argument arg = {};
	struct abi_option option;

	if (!first_word_readable(from))
		return -EFAULT;
	if (!abi_option_find(number, &option))
		return -ENOPROTOOPT;
	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (len < 1 || len > abi_rule_size(layout))
		return -EINVAL;
	if (copy_from_sockptr(&arg, from, len))
		return -EFAULT;
	if (option.command == ABI_CHECK)
		return packet_check(fw_net(net), option.list, &arg, len);
	return edit_make(fw_net(net), &option, layout, &arg, len);
}

#define RANGE(id, last)                                                                  \
	[id] = {                                                                         \
		.pf = PF_INET,                                                           \
		.set_optmin = ABI_NUMBER(id, 0),                                         \
		.set_optmax = ABI_NUMBER(id, last) + 1,                                  \
		.set = sockopt_set,                                                      \
		.owner = THIS_MODULE,                                                    \
	}

static struct nf_sockopt_ops ranges[FW_LISTS] = {
	RANGE(FW_FORWARD, ABI_TIMEOUTS),
	RANGE(FW_INPUT, ABI_CHECK),
	RANGE(FW_OUTPUT, ABI_CHECK),
	RANGE(FW_ACCT, ABI_ZERO),
};

static DEFINE_MUTEX(numbers_lock);	/* for the two below */
static unsigned int ranges_taken;
static bool ip_tables_is_there;		/* or about to be */

/* => numbers_lock is held. */
static void numbers_give(void)
{
	while (ranges_taken)
		nf_unregister_sockopt(&ranges[--ranges_taken]);
}

/* => numbers_lock is held. */
static void numbers_take(void)
{
	while (ranges_taken < FW_LISTS && !nf_register_sockopt(&ranges[ranges_taken]))
		ranges_taken++;
	if (ranges_taken == FW_LISTS)
		return;
	numbers_give();
	pr_notice("socket options of 2.0 are off: ip_tables has their numbers\n");
}

/* A module comes before its init runs, and is going when its exit has run. */
static int module_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct module *module = data;

	if (strcmp(module->name, "ip_tables"))
		return NOTIFY_DONE;
	mutex_lock(&numbers_lock);
	if (event == MODULE_STATE_COMING) {
		ip_tables_is_there = true;
		if (ranges_taken)
			pr_notice("socket options of 2.0 go off: ip_tables is loaded\n");
		numbers_give();
	} else if (event == MODULE_STATE_GOING) {
		ip_tables_is_there = false;
		numbers_take();
	}
	mutex_unlock(&numbers_lock);
	return NOTIFY_DONE;
}

static struct notifier_block module_watch = {
	.notifier_call = module_event,
};

int fw_sockopt_init(void)
{
	int err;

	if (!sockopt)
		return 0;
	err = register_module_notifier(&module_watch);
	if (err)
		return err;
	mutex_lock(&numbers_lock);
	if (!ip_tables_is_there)
		numbers_take();
	mutex_unlock(&numbers_lock);
	return 0;
}

void fw_sockopt_exit(void)
{
	if (!sockopt)
		return;
	unregister_module_notifier(&module_watch);
	mutex_lock(&numbers_lock);
	numbers_give();
	mutex_unlock(&numbers_lock);
}
