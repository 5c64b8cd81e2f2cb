/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * classifier.h - the classifier of a long list, which consecutive generations share.
 *
 * All functions need fwk_rules.lock; packets only read.
 */
#ifndef FWK_CLASSIFIER_H
#define FWK_CLASSIFIER_H

#include "kmod/core/classify.h"
#include "kmod/rules/counters.h"

struct fwk_classifier {
	u32 users;		/* generations */
	size_t bytes;		/* all of it */
	struct fw_classifier trees;	/* at the end: its nodes follow */
};

/*
 * Returns a classifier of l with one user.  NULL: there is no memory for it or l is
 * better walked.
 */
struct fwk_classifier *fwk_classifier_new(struct fwk_counters *cs, const struct fw_list *l);
void fwk_classifier_put(struct fwk_counters *cs, struct fwk_classifier *c);

#endif
