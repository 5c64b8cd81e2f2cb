/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules.h - the rules of a network namespace.
 *
 * Generations (generation.c).  A struct fwk_generation contains the four lists, their
 * policies and the timeouts of a namespace.  It never changes after a transaction has
 * published it.  Packets read the active generation under rcu_read_lock(), so each list
 * is walked in one generation.  A reader that sleeps takes a reference.  After the last
 * reference is dropped and an RCU grace period has passed, a work item frees the
 * generation, because that needs a mutex.
 *
 * Transactions (transaction.c).  fwk_rules_edit() copies the active generation, applies
 * the edits to the copy and publishes it with one pointer.  A refused transaction
 * discards the copy, so the edits take effect together or not at all.  A transaction
 * that only zeroes counters publishes no generation.
 *
 * Rule arrays (rule_array.c).  The rules of a list are a range of an array, which
 * consecutive generations share.  Rules inside the used part [begin, end) are constant
 * while the array is shared.  Appending or inserting writes outside of it, where no
 * reader looks, and deleting at an end shrinks the range of the new generation.  Any
 * other edit first copies the list to an array of its own.  A full array is replaced by
 * one of twice its size, so n appends cost O(n) altogether.
 *
 * Classifiers (classifier.c).  A long list has decision trees, which find the rules that
 * may match a packet.  They are built before a generation is published, and shared while
 * rules are only added: those are tried one by one, until they are a fourth of the list.
 * Without memory the list is walked.
 *
 * Counters (counters.c).  A rule has one counter per CPU, which packets only increase.
 * It lives as long as an array contains the rule, so counters survive generations.
 * Zeroing stores the current sum as the new origin, so that no packet is lost.
 *
 * Interface bindings (iface_binding.c).  A rule with -W matches only while its interface
 * is bound.  The binding changes with the interface, without a transaction.
 *
 * Forwards (forwards.c).  Packets change the table of port forwards, whose targets take
 * turns, so it is not in a generation: the connection table has it and the lock for it.  A
 * transaction edits a copy, and exchanges the two before it publishes the generation.
 *
 * Locks, in order: fwk_rules.lock, a mutex per namespace for transactions, counters and
 * the users of arrays; or RTNL, in notifiers; then the mutex of the bindings.  The packet
 * path takes none of them.
 *
 * Life cycle.  fwk_rules_init() registers the state of all namespaces and the notifiers
 * of interfaces before any rule is added.  fwk_rules_exit() requires that hooks and
 * readers are unregistered, and waits until the last generation is freed.
 */
#ifndef FWK_RULES_H
#define FWK_RULES_H

#include <linux/refcount.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "kmod/core/match.h"
#include "kmod/core/track_timeouts.h"

/*
 * Called after each committed transaction, with fwk_rules.lock held, so calls come in the
 * order of commits.  edits is 0 if counters were zeroed and nothing else changed.
 */
typedef void (*fwk_change_fn)(struct net *net, u32 generation, u32 edits, u32 portid);

/* What other parts of the module do about a transaction, with fwk_rules.lock held. */
struct fwk_rules_events {
	fwk_change_fn changed;
	/*
	 * Registers the hooks that the next generation needs, FWK_NEEDS_*.  0, or -errno,
	 * which refuses the transaction.
	 */
	int (*hooks_start)(struct net *net, unsigned int needs);
	/* Those that the active generation does not need may go. */
	void (*hooks_stop)(struct net *net, unsigned int needs);
	/* The next generation closes the gate for IPv6.  0, or -errno, which refuses it. */
	int (*gate_start)(struct net *net);
	/* The gate is open. */
	void (*gate_stop)(struct net *net);
	/* Copies the table of forwards into *to, which has room for its entries. */
	void (*forwards_read)(struct net *net, struct fw_portfw_table *to);
	/* Exchanges the two; false if packets have changed the table since it was read. */
	bool (*forwards_exchange)(struct net *net, struct fw_portfw_table *edited);
	/* Cuts the connections that these forwards have made. */
	void (*forwards_cut)(struct net *net, const struct fw_portfw *forwards, u32 n);
	/* The tracker's and 2.0's timeouts of the active generation, which is new. */
	void (*timeouts)(struct net *net, const u32 seconds[FW_TIMEOUTS],
			 const struct fw_timeouts *masq);
};

/* what a generation asks of packets */
#define FWK_NEEDS_LISTS 0x01	/* to be filtered: by a rule, or a policy other than accept */
#define FWK_NEEDS_FORWARD 0x02	/* and by the forward list: no short packet comes that far */
#define FWK_NEEDS_ACCT_IN 0x04	/* to be counted when they are received */
#define FWK_NEEDS_ACCT_OUT 0x08	/* when they are sent */
#define FWK_NEEDS_TRACKING 0x10	/* to be tracked, for states, masquerading or forwards */
#define FWK_NEEDS_STATES 0x20	/* and for rules that ask for states */

int fwk_rules_init(const struct fwk_rules_events *events);
void fwk_rules_exit(void);

struct fwk_generation {
	u32 number;		/* from 1; never 0 */
	/* without counters: fwk_counts_read(); of forwards the number: fwk_forwards_copy() */
	struct fw_ruleset rules;
	u32 track_timeouts[FW_TIMEOUTS];	/* seconds */
	u32 stateful[FW_LISTS];	/* rules that need the states of connections */
	u32 devices[FW_LISTS];	/* rules that need to know the packet's interface */
	u32 masquerading;	/* rules of the forward list that masquerade */
	u32 counting[2];	/* rules of accounting, by enum fw_direction */
	u32 accepts;	/* bits of the lists that accept all packets: no rules, no other policy */
	u32 needs;		/* FWK_NEEDS_* */
	/* private to kmod/rules */
	struct fwk_rules *owner;
	struct fwk_rule_array *array[FW_LISTS];	/* has the rules of a list; NULL: none */
	struct fwk_classifier *classifier[FW_LISTS];	/* that of rules.list[]; NULL: none */
	/* rules of the list when a classifier was last built or found useless */
	u32 classified[FW_LISTS];
	refcount_t users;	/* references; one is that of the namespace */
	struct rcu_work free;
};

/* Returns the active generation with a reference. */
struct fwk_generation *fwk_generation_get(struct net *net);
void fwk_generation_put(struct fwk_generation *g);

/* Reads rule index of a list, without its counters: see fwk_counts_read(). */
void fwk_rule_read(const struct fwk_generation *g, enum fw_list_id list, u32 index,
		   struct fw_rule *r);

struct fwk_count {
	u64 packets, bytes;
};

/*
 * Reads the counters of rules first ... first + n - 1 of a list into count[].  With
 * reset, each is zeroed in the same step.  May sleep.
 */
void fwk_counts_read(const struct fwk_generation *g, enum fw_list_id list, u32 first,
		     u32 n, struct fwk_count *count, bool reset);

#define FWK_FORWARDS_MAX 4096

/*
 * Takes a reference *g to the active generation and returns a copy of its forwards, of
 * which there are rules.portfw.count.  NULL without memory, and no reference.  Caller
 * frees the copy with kvfree().
 */
struct fw_portfw *fwk_forwards_copy(struct net *net, struct fwk_generation **g);

/* Begins a section without transactions, and returns what the active generation needs. */
unsigned int fwk_rules_lock(struct net *net);
void fwk_rules_unlock(struct net *net);

/* Bytes that the rules of a namespace, of all its generations, may take: a setting. */
unsigned long *fwk_rules_memory_max(struct net *net);

struct fwk_transaction {
	const struct fw_edit *edits;	/* n of them, checked by fwk_rules_edit() */
	u32 n;
	u32 generation;		/* required active generation, else -ESTALE; 0: any */
	bool replace;		/* start from the rules after loading the module */
	const u32 *track_timeouts;	/* seconds, FW_TIMEOUTS of them; 0: unchanged; or NULL */
	u32 portid;		/* netlink socket that asked, for the event; 0: none */
};

/* the reason for a refusal */
struct fwk_refusal {
	u32 edit;		/* index */
	enum fw_field field;	/* FW_FIELD_NONE: the edit as a whole */
	const char *text;	/* constant string */
};

/* Commits a transaction: 0, or -errno with *why.  May sleep. */
int fwk_rules_edit(struct net *net, const struct fwk_transaction *tx,
		   struct fwk_refusal *why);

/*
 * Walks a packet through list w->list of a generation; matching rules count and log it.
 * Uses w->on_match itself.  Caller holds rcu_read_lock().
 */
void fwk_list_walk(struct fwk_generation *g, struct fw_walk *w,
		   const struct fw_packet *pkt, struct fw_decision *d);

/* Where the active generation is, for packets: rcu_dereference() of it. */
struct fwk_generation __rcu **fwk_rules_active(struct net *net);

/* Is the gate for IPv6 closed?  Caller holds rcu_read_lock(). */
bool fwk_rules_deny_ipv6(const struct net *net);

#define FWK_MATCHED_MAX 64

/* a walk that counts nothing */
struct fwk_check {
	struct fw_walk walk;	/* list, direction and device; on_match is used */
	bool log;		/* matching rules with -o print their line */
	/* results */
	struct fw_decision decision;
	u32 nmatched;		/* the first FWK_MATCHED_MAX rules that match */
	u32 matched[FWK_MATCHED_MAX];
};

/*
 * Decides what would happen to a packet.  Returns 0, or -EINVAL if the namespace has no
 * interface with the device's name and address.
 */
int fwk_rules_check(struct net *net, struct fwk_check *check,
		    const struct fw_packet *pkt);

#endif
