/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter.h - rule sets of iptables, nft and ipfwadm as chains of rules over cubes.
 *
 * A packet takes one of three paths; on each it passes the base chains of the hooks that
 * lie there, in order.  The lists of 2.0 are base chains, too: what is forwarded passes
 * three of them.
 *
 * Two rule sets that are compared share a space: numbers for the interfaces that either
 * names, and for conditions that are not known.  A condition that is not known is a bit of
 * a packet's facts, which may be set or not.  Names are needed before cubes can be made of
 * patterns, so each rule set is read twice, first for its names.
 *
 * Limits: what a file asks for is bounded by FILTER_*_MAX and by its own size.
 */
#ifndef BACKEND_FILTER_H
#define BACKEND_FILTER_H

#include <stdarg.h>

#include "backend/analysis/cube.h"
#include "backend/plan/plan.h"

enum filter_path { FILTER_IN, FILTER_FORWARD, FILTER_OUT, FILTER_PATHS };

#define FILTER_NAMES_MAX 32	/* number 0: interfaces that no rule names */
#define FILTER_FACTS_MAX 32
#define FILTER_TEXT_MAX 160
#define FILTER_CUBES_MAX 4096	/* of one rule */
#define FILTER_DEPTH_MAX 32	/* chains that wait for others to return */
#define FILTER_BASES_MAX 64	/* base chains of one path */

/* facts that are known of each packet, and behind them those that are not */
enum { FACT_PSH, FACT_URG, FACT_UNKNOWN };
#define FACTS_KNOWN ((1u << FACT_UNKNOWN) - 1)

struct filter_space {
	char name[FILTER_NAMES_MAX][FW_IFNAMSIZ];	/* an interface of each kind */
	__u32 nnames;
	char fact[FILTER_FACTS_MAX][FILTER_TEXT_MAX];
	__u32 nfacts;
};

enum filter_do {
	FILTER_CONTINUE,	/* only what it does to the packet */
	FILTER_ACCEPT,
	FILTER_DROP,
	FILTER_REJECT,
	FILTER_RETURN,
	FILTER_JUMP,
	FILTER_GOTO,
	FILTER_DNAT,		/* address 0: redirect to this host; port 0: its own */
	FILTER_SNAT,		/* address 0: masquerade */
};

struct filter_rule {
	struct filter_rule *next;
	struct cube *cube;	/* it matches the packets of any */
	__u32 ncubes;
	enum filter_do what;
	__u8 tosand, tosxor;	/* tos = (tos & tosand) ^ tosxor */
	__u16 port;
	__u32 addr;
	struct filter_chain *target;
	__u32 line;		/* of the text; nft: index in its array; 2.0: in its list */
	const char *text;
};

struct filter_chain {
	struct filter_chain *next;
	const char *table, *name;
	bool is_base, is_nat, is_defined;
	enum plan_hook hook;
	enum fw_list_id list;	/* if it is one of 2.0 */
	int priority;
	enum filter_do policy;
	struct filter_rule *rules, **tail;
	__u32 depth;		/* of jumps below it; 0: not known yet */
	bool is_entered;	/* while depth is counted */
};

struct filter_error {
	__u32 line, column;	/* 0: the text has none */
	char text[256];
};

/* The first error of a text counts.  Returns -EINVAL. */
int filter_error_set(struct filter_error *e, __u32 line, __u32 column, const char *format,
		     va_list args);

struct filter {
	struct filter_space *space;
	char title[16];		/* for messages: "the first" or "the second" */
	const char *unit;	/* what the number of a rule counts: "line" */
	struct filter_chain *chains, **tail;
	struct filter_chain *path[FILTER_PATHS][FILTER_BASES_MAX];
	__u32 nbases[FILTER_PATHS];
	struct filter_error error;
	struct filter_block { struct filter_block *next; } *memory;
};

/* what a rule matches while it is read: the packets of any of the cubes */
struct filter_match {
	struct cube *cube;
	__u32 n;
};

void filter_init(struct filter *f, struct filter_space *space, const char *title);
void filter_free(struct filter *f);

/*
 * The functions below return 0, -ENOMEM, or -EINVAL with an error of f; or NULL with that
 * error.  What they return is freed with f.
 */
int filter_fail(struct filter *f, __u32 line, __u32 column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void *filter_alloc(struct filter *f, size_t n, size_t size);
char *filter_text(struct filter *f, const char *text, size_t length);

struct filter_chain *filter_chain_find(const struct filter *f, const char *table,
				       const char *name);
struct filter_chain *filter_chain_add(struct filter *f, const char *table, const char *name);
struct filter_rule *filter_rule_add(struct filter *f, struct filter_chain *c,
				    const struct filter_match *m, __u32 line);

/* All chains are there: refuses circles of jumps, and puts base chains in order. */
int filter_finish(struct filter *f);

/* all packets, and none */
int filter_match_any(struct filter *f, struct filter_match *m);
struct cube filter_space_cube(void);
/* Narrows m to packets of any of n cubes; or, if invert, to those of none. */
int filter_match_and(struct filter *f, struct filter_match *m, const struct cube *c, __u32 n,
		     bool invert, __u32 line);

/* The same of single conditions. */
int filter_match_addr(struct filter *f, struct filter_match *m, unsigned int dim, __u32 value,
		      __u32 mask, bool invert, __u32 line);
int filter_match_set(struct filter *f, struct filter_match *m, unsigned int dim, __u32 set,
		     __u32 line);
int filter_match_proto(struct filter *f, struct filter_match *m, __u32 lo, __u32 hi,
		       bool invert, __u32 line);
/* TCP whose flags within mask are these. */
int filter_match_flags(struct filter *f, struct filter_match *m, __u8 mask, __u8 flags,
		       bool invert, __u32 line);
/* ICMP; codes lo to hi */
int filter_match_icmp(struct filter *f, struct filter_match *m, __u8 type_lo, __u8 type_hi,
		      __u8 lo, __u8 hi, bool invert, __u32 line);
/*
 * A condition that is not known.  One that depends on nothing but the packet is the same
 * in both rule sets; others are known by their line.
 */
int filter_match_unknown(struct filter *f, struct filter_match *m, const char *text,
			 bool is_shared, __u32 line);
/* The address of CUBE_SRC or CUBE_DST is of that type to the host: "local", "multicast". */
int filter_match_addr_type(struct filter *f, struct filter_match *m, unsigned int dim,
			   const char *type, bool invert, __u32 line);

/* Cubes for the numbers lo to hi of protocols, or for a range of addresses: their number. */
#define FILTER_PROTO_CUBES 7
#define FILTER_ADDR_CUBES 62
__u32 filter_proto_cubes(__u32 lo, __u32 hi, struct cube out[FILTER_PROTO_CUBES]);
__u32 filter_addr_cubes(unsigned int dim, __u32 lo, __u32 hi,
			struct cube out[FILTER_ADDR_CUBES]);

/* Bits of the interfaces with this name, or whose names begin so. */
int filter_names(struct filter *f, const char *name, bool is_prefix, __u32 line, __u32 *set);

/* The bit of a condition that is not known, or -1: there are too many. */
int filter_fact(struct filter_space *s, const char *text);

/* The lists of 2.0 as chains; the number of a rule is that in its list, from 1 on. */
int filter_lists_read(struct filter *f, const struct fw_ruleset *rs);
/* A text of iptables-save, or of nft -j list ruleset. */
int filter_iptables_read(struct filter *f, const char *text, size_t length);
int filter_nft_read(struct filter *f, const char *text, size_t length);

#endif
