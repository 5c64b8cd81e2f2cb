/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random_rules.h - rule sets of the full language, by chance.
 *
 * Values come from small pools, so that rules overlap and packets made from the
 * same pools hit them.
 */
#ifndef TESTS_LIB_RANDOM_RULES_H
#define TESTS_LIB_RANDOM_RULES_H

#include "kmod/core/list.h"
#include "tests/lib/random.h"

/* the interfaces that rules are about, one of them an alias */
extern const struct fw_dev random_devs[];
extern const __u32 random_ndevs;

/* also for packets */
__u32 random_address(struct random *r);
__u16 random_port(struct random *r);
__u8 random_tos(struct random *r);

/* What the language can say for a list; fw_rule_check() lets it pass. */
void random_rule(struct random *r, enum fw_list_id list, struct fw_rule *rule);

/* Fills an empty set with up to max rules in each list; 0 or -ENOMEM. */
int random_ruleset(struct random *r, __u32 max, struct fw_ruleset *rs);

#endif
