// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - the kernel log line of a rule with -o, in the format of 2.0.
 */
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/user_namespace.h>

#include "kmod/core/show.h"
#include "kmod/linux/log.h"

#define LINE_MAX 384		/* bytes; a packet with ten words of options needs 280 */

static unsigned int log_limit;
static DEFINE_RATELIMIT_STATE(limit, HZ, 0);

static int log_limit_set(const char *text, const struct kernel_param *param)
{
	int err = param_set_uint(text, param);

	if (!err)
		limit.burst = min_t(unsigned int, log_limit, INT_MAX);
	return err;
}

static const struct kernel_param_ops log_limit_ops = {
	.set = log_limit_set,
	.get = param_get_uint,
};
module_param_cb(log_limit, &log_limit_ops, &log_limit, 0644);
MODULE_PARM_DESC(log_limit,
		 "lines that rules with -o may print in a second, 0: any number");

/* Otherwise the owner of a user namespace could flood the log of the host. */
static bool net_may_log(const struct net *net)
{
	return net->user_ns == &init_user_ns;
}

void fwk_log_line(const struct net *net, const struct fw_match *m,
		  const struct fw_walk *w, const struct fw_packet *pkt)
{
	char line[LINE_MAX];
	struct fw_text t;

	if (!net_may_log(net) || (READ_ONCE(log_limit) && !__ratelimit(&limit)))
		return;
	fw_text_init(&t, line, sizeof(line));
	fw_show_log(&t, m, w, pkt);
	printk(KERN_INFO "%s\n", line);
}
