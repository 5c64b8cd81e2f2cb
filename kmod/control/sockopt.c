// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sockopt.c - the IP_FW_* socket options of 2.0, for programs of its time.
 *
 * A number has one owner.  ip_tables owns two numbers of 2.0 today: INSERT (64) and
 * APPEND (65) of the forward list, and a module fails to load if another one has its
 * numbers. So ip_tables has priority: all options are unregistered while it is loaded or
 * being loaded.  All of them, because a program whose flush succeeds and whose append
 * fails would leave a host without rules.
 *
 * Errors are checked in the order of 2.0.  Numbers that 2.0 did not have are not
 * registered.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compat.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "compat/abi.h"
#include "kmod/control/control.h"
#include "kmod/rules/rules.h"

static bool sockopt = true;
/* not module_param(): it pastes the token bool, which is a macro of the core */
module_param_cb(sockopt, &param_ops_bool, &sockopt, 0444);
__MODULE_PARM_TYPE(sockopt, "bool");
MODULE_PARM_DESC(sockopt, "serve the socket options of Linux 2.0 (default on)");

static int edit_commit(struct net *net, const struct abi_option *option,
		       enum abi_layout layout, const union abi_argument *arg, __u32 len)
{
	struct fw_edit edit;
	struct fwk_transaction tx = { .edits = &edit, .n = 1 };
	struct fwk_refusal why;
	int err = abi_edit_read(&edit, option, layout, arg, len);

	if (!err)
		err = fwk_rules_edit(net, &tx, &why);
	return err;
}

static int packet_check(struct net *net, enum fw_list_id list,
			const union abi_argument *arg, __u32 len)
{
	struct fw_packet pkt;
	struct fw_dev dev;
	struct fwk_check check = { .walk = { .list = list, .dev = &dev }, .log = true };
	int err = abi_packet_read(&pkt, &dev, arg, len);

	if (!err)
		err = fwk_rules_check(net, &check, &pkt);
	return err ? err : abi_verdict_error(check.decision.verdict);
}

/* 2.0 read a whole int, even if the length said that the argument was shorter. */
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
		return packet_check(net, option.list, &arg, len);
	return edit_commit(net, &option, layout, &arg, len);
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

static DEFINE_MUTEX(ranges_lock);	/* protects the next two */
static unsigned int nregistered;
static bool ip_tables_loaded;	/* or being loaded */

/* Caller holds ranges_lock. */
static void ranges_unregister(void)
{
	while (nregistered)
		nf_unregister_sockopt(&ranges[--nregistered]);
}

/* Caller holds ranges_lock. */
static void ranges_register(void)
{
	while (nregistered < FW_LISTS && !nf_register_sockopt(&ranges[nregistered]))
		nregistered++;
	if (nregistered == FW_LISTS)
		return;
	ranges_unregister();
	pr_notice("socket options of 2.0 are off: ip_tables has their numbers\n");
}

/* COMING is before the init function of the module, GOING after its exit function. */
static int module_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct module *module = data;

	if (strcmp(module->name, "ip_tables"))
		return NOTIFY_DONE;
	mutex_lock(&ranges_lock);
	if (event == MODULE_STATE_COMING) {
		ip_tables_loaded = true;
		if (nregistered)
			pr_notice("socket options of 2.0 go off: ip_tables is loaded\n");
		ranges_unregister();
	} else if (event == MODULE_STATE_GOING) {
		ip_tables_loaded = false;
		ranges_register();
	}
	mutex_unlock(&ranges_lock);
	return NOTIFY_DONE;
}

static struct notifier_block module_block = {
	.notifier_call = module_event,
};

int fwk_sockopt_init(void)
{
	int err;

	if (!sockopt)
		return 0;
	err = register_module_notifier(&module_block);
	if (err)
		return err;
	mutex_lock(&ranges_lock);
	if (!ip_tables_loaded)
		ranges_register();
	mutex_unlock(&ranges_lock);
	return 0;
}

void fwk_sockopt_exit(void)
{
	if (!sockopt)
		return;
	unregister_module_notifier(&module_block);
	mutex_lock(&ranges_lock);
	ranges_unregister();
	mutex_unlock(&ranges_lock);
}
