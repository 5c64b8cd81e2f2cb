// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quota.c - the quotas of all users.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "kmod/linux/quota.h"

static DEFINE_MUTEX(quotas_lock);
static LIST_HEAD(quotas);

static ulong user_memory;
module_param_cb(user_memory, &param_ops_ulong, &user_memory, 0644);
__MODULE_PARM_TYPE(user_memory, "ulong");
MODULE_PARM_DESC(user_memory,
		 "bytes of rules and connections in all namespaces of an ordinary user "
		 "(default: a 16th of the memory, at most 256 MiB)");

static unsigned long bytes_max(void)
{
	return READ_ONCE(user_memory) ?:
	       min_t(unsigned long, SZ_256M, totalram_pages() << PAGE_SHIFT >> 4);
}

static struct fwk_quota *quota_find(kuid_t user)
{
	struct fwk_quota *q;

	list_for_each_entry(q, &quotas, all)
		if (uid_eq(q->user, user))
			return q;
	q = kzalloc(sizeof(*q), GFP_KERNEL_ACCOUNT);
	if (q) {
		q->user = user;
		list_add(&q->all, &quotas);
	}
	return q;
}

int fwk_quota_get(const struct net *net, struct fwk_quota **quota)
{
	const struct user_namespace *ns = net->user_ns;

	*quota = NULL;
	if (ns == &init_user_ns)
		return 0;
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	mutex_lock(&quotas_lock);
	*quota = quota_find(ns->owner);
	if (*quota)
		(*quota)->namespaces++;
	mutex_unlock(&quotas_lock);
	return *quota ? 0 : -ENOMEM;
}

void fwk_quota_put(struct fwk_quota *q)
{
	if (!q)
		return;
	mutex_lock(&quotas_lock);
	if (!--q->namespaces) {
		WARN_ON(atomic_long_read(&q->bytes));
		list_del(&q->all);
		kfree(q);
	}
	mutex_unlock(&quotas_lock);
}

bool fwk_quota_charge(struct fwk_quota *q, size_t bytes)
{
	if (!q || (unsigned long)atomic_long_add_return((long)bytes, &q->bytes) <= bytes_max())
		return true;
	fwk_quota_uncharge(q, bytes);
	return false;
}
