/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backend.h - what carries out edits and knows the rules in force.
 */
#ifndef BACKEND_BACKEND_H
#define BACKEND_BACKEND_H

#include <stddef.h>

#include "backend/track.h"
#include "kmod/core/conn.h"
#include "kmod/core/match.h"
#include "kmod/core/text.h"

/* why something was refused; text is a sentence without full stop */
struct fw_error {
	int code;		/* errno, positive */
	size_t edit;		/* index of the refused edit */
	enum fw_field field;
	char text[256];
};

/* fills *e (may be NULL) and returns -code */
int fw_error_set(struct fw_error *e, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* the same of rights that are lacking: who has them, or what does without; what: "the rules" */
int fw_error_rights(struct fw_error *e, const char *what);

/* the time by which fw_conn.expires goes, in ticks of FW_HZ */
__u64 fw_ticks_now(void);

/*
 * How a backend reaches the language and the user, neither of which it knows
 * itself; the program hands this in.
 */
struct fw_interfaces {
	struct fw_dev *dev;	/* malloc'ed */
	__u32 count;
};

struct ruleset_format {
	/* text of len bytes -> *rs and *ifs, both initialised empty by the caller */
	int (*read)(const char *name, const char *text, size_t len,
		    struct fw_ruleset *rs, struct fw_interfaces *ifs,
		    struct fw_error *e);
	/* the saved form, counters included; malloc'ed *text of *len bytes */
	int (*write)(const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
		     char **text, size_t *len);
	/* the command that adds list's rule r, without "ipfwadm" */
	void (*describe)(struct fw_text *t, enum fw_list_id list, const struct fw_rule *r);
	/* the command that adds a forward, with what is left of its turn, likewise */
	void (*describe_forward)(struct fw_text *t, const struct fw_portfw *f);
	/* Warns the user; text: a sentence without full stop. */
	void (*warn)(const char *text);
};

/* A chain of another program, what its rules do to marks, and who enters it. */
struct foreign_chain {
	const char *name;	/* "chain INPUT of iptables table filter", printable */
	unsigned int hook;	/* enum plan_hook; PLAN_HOOKS: packets enter by no hook */
	bool sees_ipv4, sees_ipv6;
	bool drops;		/* by default policy */
	bool is_empty;		/* no rules but jumps to chains of ours */
	__u32 mark_bits;	/* that its rules set in marks of packets and connections */
};
typedef void (*foreign_chain_fn)(void *ctx, const struct foreign_chain *c);

struct backend;
struct plan;
struct plan_options;

struct backend_ops {
	const char *name;
	/*
	 * Could rules of ours stand here?  Asks without having modules loaded, as a
	 * probe may.  NULL: they could if it works.
	 */
	bool (*holds)(void);
	/*
	 * Has another program loaded `dump iptables' where neither backend looks?
	 * NULL: there is no such place.
	 */
	bool (*has_loaded_dump)(void);
	/*
	 * Reports the chains of other programs that packets may pass, and for IPv6 the gate.
	 * 0 or -errno.  NULL: there are none.
	 */
	int (*foreign_chains)(foreign_chain_fn each, void *ctx);
	/* 0 if it works here; else the reason in *e.  Changes nothing. */
	int (*probe)(const char *arg, struct fw_error *e);
	/*
	 * Can it carry out edits like these here?  0, or -EOPNOTSUPP with the reason and
	 * a backend that can.  NULL: all that the language has.
	 */
	int (*able)(const struct fw_edit *edit, size_t n, struct fw_error *e);
	int (*open)(struct backend *b, const char *arg, struct fw_error *e);
	void (*close)(struct backend *b);
	/* All edits take effect, or none and *e names the refused one. */
	int (*edit)(struct backend *b, const struct fw_edit *edit, size_t n,
		    struct fw_error *e);
	/* Replaces everything by rs at once, counters as given. */
	int (*replace)(struct backend *b, const struct fw_ruleset *rs,
		       struct fw_error *e);
	/* Reads all rules into *rs, initialised empty by the caller. */
	int (*load)(struct backend *b, struct fw_ruleset *rs, struct fw_error *e);
	/* The same, and zeroes the counters of one list in the same step. */
	int (*load_zero)(struct backend *b, enum fw_list_id list,
			 struct fw_ruleset *rs, struct fw_error *e);
	/*
	 * Puts right what others have changed in our rules, and has them follow the
	 * interfaces as they are now.  Nothing else changes, counters included.
	 */
	int (*refresh)(struct backend *b, struct fw_error *e);
	int (*interfaces)(struct backend *b, struct fw_interfaces *ifs,
			  struct fw_error *e);
	/* Asks about a packet: 0 and *d, or -EINVAL when dev is not as given. */
	int (*check)(struct backend *b, enum fw_list_id list,
		     const struct fw_packet *pkt, const struct fw_dev *dev,
		     struct fw_decision *d, struct fw_error *e);
	/* Masqueraded connections in 2.0 order; malloc'ed. */
	int (*connections)(struct backend *b, struct fw_conn **conns, size_t *n,
			   struct fw_error *e);
	/* The rules as this backend translates them; NULL: it takes them as they are. */
	struct plan *(*lower)(const struct fw_ruleset *rs, const struct plan_options *o);
	const struct track_ops *track;
};

/* The bits of the packet mark that are ours, unless configured otherwise. */
#define BACKEND_MARK_MASK 0xffff0000u

struct backend {
	const struct backend_ops *ops;
	const struct ruleset_format *format;
	__u32 mark_mask;	/* bits of the packet mark that are ours */
	__u16 log_group;	/* of NFLOG, for rules that log; 0: the kernel's log */
	/*
	 * Set by load, edit and replace: helpers that masquerading has to do without,
	 * because the kernel has no module for them; bits 1 << enum fw_helper_id.
	 */
	__u32 helpers_missing;
	bool wants_deleted;	/* load also has the rules that others have deleted */
	void *state;		/* private to ops */
};

#endif
