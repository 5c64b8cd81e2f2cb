/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quota.h - memory that all network namespaces of an ordinary user have together.
 *
 * The user of a namespace is the owner of the topmost user namespace above it, below the
 * first one, because that may contain any number of other users.  A namespace that belongs
 * to the first user namespace has no quota, NULL, and no limit.
 *
 * A quota lives from the first namespace of its user to the last; a mutex protects the
 * list of quotas, and bytes are charged in any context.
 */
#ifndef FWK_QUOTA_H
#define FWK_QUOTA_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>

struct fwk_quota {
	struct list_head all;
	kuid_t user;
	unsigned int namespaces;
	atomic_long_t bytes;
};

#define FWK_QUOTA_EXCEEDED                                                               \
	"the network namespaces of this user would take more memory together than "       \
	"user_memory of module ipfwadm"

/* Finds or makes the quota of a new namespace.  0 or -ENOMEM. */
int fwk_quota_get(const struct net *net, struct fwk_quota **quota);
void fwk_quota_put(struct fwk_quota *q);

/* Counts memory that is about to be allocated; false if the user may have no more. */
bool fwk_quota_charge(struct fwk_quota *q, size_t bytes);

static inline void fwk_quota_uncharge(struct fwk_quota *q, size_t bytes)
{
	if (q)
		atomic_long_sub((long)bytes, &q->bytes);
}

#endif
