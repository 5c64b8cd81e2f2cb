/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - the rules that a kernel table of others holds.
 *
 * nft and xtables keep no file: a kernel rule of ours has a tag (backend/rule_tag.h)
 * with the ipfwadm rule that it belongs to.  Data flows in a circle.  A backend reads
 * its table and passes each kernel rule's tag and counters to store_view_add().
 * store_view_finish() sorts the tagged rules into lists, adds up their counters, and
 * lowers them to the plan that these rules should have in the kernel.  The backend
 * compares the kernel's rules with that plan and reports differences as drift: *stale*
 * if the interfaces have changed since, *changed* if somebody else changed our rules.
 * Edits are applied to the view's rules by store_next_edit(); a rule map says which old
 * rule each new rule is and gives numbers to the new ones; the result is lowered to the
 * next plan.  The backend writes the differences of the two plans, tags included, so
 * that they can be read again.
 *
 * The kernel is never trusted: a tag says what a rule should be, the plan says how it
 * looks, and only a kernel rule that looks so is as it was loaded.
 *
 * Numbers ascend along a list.  A rule keeps its number as long as it exists, and no
 * other rule gets it afterwards unless all are renumbered: that is how kernel rules
 * and chains are found again although rules before them came or went.
 *
 * A view and a next state are owned by the caller, who frees them in any case.  There
 * is no lock here: a view is read and written under the lock of the backend, or tried
 * again when the kernel's generation has changed.
 */
#ifndef BACKEND_STORE_H
#define BACKEND_STORE_H

#include "backend/backend.h"
#include "backend/plan/plan.h"
#include "backend/rule_tag.h"

struct store_more;

/* what an entry of the record begins with: see store_record.h */
struct store_record_head {
	__u32 state; /* nft: generation of all rules; xtables: sum of our entries' keys */
	__u32 left; /* entries that may be added */
};

/* what a kernel table holds */
struct store_view {
	const struct ruleset_format *format; /* of the commands in comments */
	struct fw_ruleset rules;
	__s32 *number[FW_LISTS]; /* by rule, ascending; malloc'ed */
	struct rule_settings settings;
	struct fw_interfaces interfaces; /* that the plan was lowered for */
	struct plan *plan; /* what the rules lower to */
	bool has_settings; /* read from a tag */
	bool is_present; /* the kernel has rules or chains of ours */
	bool has_record; /* the chain of the record, which nobody else makes */
	bool is_foreign; /* no tags, no record, and comments that cannot be read */
	bool is_restored; /* its tags are those of store_restore() */
	bool is_unknown; /* which could not read all: not to be printed as the rules */
	bool is_stale; /* rules were loaded for other interfaces */
	bool is_changed; /* by others */
	struct fw_ruleset recorded; /* what was loaded */
	struct store_record_head record; /* the newest entry's */
	__u32 lost; /* rules that are recorded but not installed */
	bool is_recorded, is_unrecorded; /* there is a record; it is not to be used */
	char change[160]; /* the first change, a sentence */
	char extra[160]; /* the first unplanned rule, a change unless stale */
	bool is_used; /* the change is a chain that goes when others do not use it */
	struct store_more *more; /* counters of TAG_MORE; malloc'ed */
	__u32 nmore, more_cap;
};

/*
 * Lowers rules for the interfaces of this host; chains of xtables are named by the rules'
 * numbers, those of nft by index.  The plan has the commands that do not fit into comments
 * if a format is given.  0, or -errno with a text; *p and *ifs are to be freed in any case.
 */
int store_lower_here(struct plan **p, struct fw_interfaces *ifs, enum plan_target target,
		     const struct fw_ruleset *rs, __s32 *const number[FW_LISTS],
		     struct plan_options *o, const struct ruleset_format *format,
		     struct fw_error *e);

/* A view without rules, with the settings of a table that was never loaded. */
void store_view_init(struct store_view *v, __u32 mark_mask, __u16 log_group,
		     const struct ruleset_format *format);
void store_view_free(struct store_view *v);

/* Adds a kernel rule's tag and what the kernel rule has counted: 0 or -ENOMEM. */
int store_view_add(struct store_view *v, const struct rule_tag *tag, __u64 packets,
		   __u64 bytes);

/* Fills rules, numbers and plan from the tags: 0, or -errno with a text. */
int store_view_finish(struct store_view *v, enum plan_target target, struct fw_error *e);

/* Are these the same rule, all of it but its counters? */
bool store_rule_same(const struct fw_rule *a, const struct fw_rule *b);

/* A kernel rule of a forward has made so many connections. */
void store_view_count(struct store_view *v, const struct plan_rule *r, __u64 packets);

/*
 * Has the forwards, and those recorded, as they are now: turns of targets go on.  The plan
 * remains that of the kernel rules.
 */
void store_view_settle(struct store_view *v);

/* Records a change by others; the first one stays. */
void store_view_change(struct store_view *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Records a kernel rule that is not planned: of other interfaces perhaps. */
void store_view_extra(struct store_view *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The index of the list's rule with this number, -1 if there is none. */
__s32 store_view_find(const struct store_view *v, __u32 list, __s32 number);

/* Does the plan of this rule depend on interfaces and their addresses? */
bool store_rule_follows_interfaces(const struct store_view *v, __u32 list, __u32 index);

/* The drift as a sentence.  is_undone: the command that prints it puts the rules right. */
void store_view_print(const struct store_view *v, bool is_undone, char *text, size_t size);
/* Refuses what needs all rules.  table: "the chains ipfw-* of iptables were", say. */
int store_view_refuse(const struct store_view *v, const char *table, struct fw_error *e);

/* edits, or all new rules */
struct store_change {
	const struct fw_edit *edit;
	size_t count;
	const struct fw_ruleset *rules; /* NULL: edits */
};

/* Does it concern forwards?  Then the view is to be settled before, and recorded anew. */
bool store_change_has_forwards(const struct store_change *c);

/* Is a list flushed, or are all rules replaced?  Then rules of others in our chains go. */
bool store_change_removes_foreign(const struct store_change *c);

/* the rules after a change */
struct store_next {
	const struct ruleset_format *format;
	struct fw_ruleset rules;
	struct fw_interfaces interfaces;
	struct plan *plan;
	__s32 *old[FW_LISTS]; /* by rule: index in the view, -1: new */
	bool *is_zeroed[FW_LISTS]; /* by rule: counters are set to 0 */
	__s32 *number[FW_LISTS]; /* by rule, ascending */
};

/* Applies a change to a view's rules: 0, or -errno with a text. */
int store_next_apply(struct store_next *n, const struct store_view *v,
		     const struct store_change *c, struct fw_error *e);

/*
 * Lowers the rules.  o: all but the interfaces, which are the system's.  -EOPNOTSUPP if a
 * rule cannot be expressed.
 */
int store_next_lower(struct store_next *n, enum plan_target target, struct plan_options o,
		     const struct store_change *c, struct fw_error *e);
void store_next_free(struct store_next *n);

/* Has iptables-nft loaded `dump iptables'?  The warning that a first rule of ours gets. */
bool store_dump_is_loaded(void);
#define STORE_DUMP_WARNING                                                               \
	"rules of a dump are in force in iptables-nft, and filter there, too"

/*
 * Moves the view's rules to *rs, which is empty; or with deleted those that were loaded, if
 * some are not installed.
 */
void store_view_take(struct store_view *v, bool deleted, struct fw_ruleset *rs);

/* Are these the rules that hold without any table? */
bool store_rules_are_default(const struct fw_ruleset *rs);

#endif
