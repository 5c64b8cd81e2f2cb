/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generation.h - the rules of a namespace, to the rest of kmod/rules.
 */
#ifndef FWK_GENERATION_H
#define FWK_GENERATION_H

#include <linux/mutex.h>
#include <net/netns/generic.h>

#include "kmod/rules/classifier.h"
#include "kmod/rules/rule_array.h"
#include "kmod/rules/rules.h"

/* of a network namespace */
struct fwk_rules {
	struct net *net;
	struct mutex lock;
	struct fwk_generation __rcu *active;
	struct fwk_counters counters;	/* of all generations */
};

extern unsigned int fwk_rules_id;
extern const struct fwk_rules_events *fwk_rules_events;

static inline struct fwk_rules *fwk_rules(const struct net *net)
{
	return net_generic(net, fwk_rules_id);
}

/* Sets what follows from all rules and policies: needs and accepts. */
void fwk_generation_complete(struct fwk_generation *g);

/* Caller holds rules->lock. */
static inline struct fwk_generation *fwk_generation_active(struct fwk_rules *rules)
{
	return rcu_dereference_protected(rules->active, lockdep_is_held(&rules->lock));
}

/* Returns the rules after loading the module, with one user and no number; or NULL. */
struct fwk_generation *fwk_generation_new(struct fwk_rules *rules);
/* Returns a copy of g, which shares its arrays; or NULL.  Caller holds rules->lock. */
struct fwk_generation *fwk_generation_copy(const struct fwk_generation *g);
/* Frees a generation that was never active.  Caller holds rules->lock. */
void fwk_generation_discard(struct fwk_generation *g);

#endif
