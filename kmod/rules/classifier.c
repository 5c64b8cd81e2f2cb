// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * classifier.c - memory of the classifiers of long lists.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmod/rules/classifier.h"

#define GFP_TREES (GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

static void *memory_new(struct fwk_counters *cs, size_t bytes)
{
	void *p;

	if (!fwk_memory_charge(cs, bytes))
		return NULL;
	p = kvmalloc(bytes, GFP_TREES);
	if (!p)
		fwk_memory_uncharge(cs, bytes);
	return p;
}

static void memory_free(struct fwk_counters *cs, void *p, size_t bytes)
{
	if (!p)
		return;
	fwk_memory_uncharge(cs, bytes);
	kvfree(p);
}

struct fwk_classifier *fwk_classifier_new(struct fwk_counters *cs, const struct fw_list *l)
{
	struct fw_classifier_sizes sizes;
	struct fw_classifier_build *b;
	struct fwk_classifier *c;
	bool is_useful = false;
	void *scratch;
	size_t bytes;

	if (!fw_classifier_sizes(l, &sizes))
		return NULL;
	bytes = offsetof(struct fwk_classifier, trees) + sizes.bytes;
	c = memory_new(cs, bytes);
	scratch = memory_new(cs, sizes.scratch);
	if (c && scratch) {
		b = fw_classifier_begin(&c->trees, scratch, &sizes, l);
		while (fw_classifier_step(b))
			cond_resched();
		is_useful = fw_classifier_is_useful(b);
	}
	memory_free(cs, scratch, sizes.scratch);
	if (!is_useful) {
		memory_free(cs, c, bytes);
		return NULL;
	}
	c->users = 1;
	c->bytes = bytes;
	return c;
}

void fwk_classifier_put(struct fwk_counters *cs, struct fwk_classifier *c)
{
	if (c && !--c->users)
		memory_free(cs, c, c->bytes);
}
