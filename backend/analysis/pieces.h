/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pieces.h - rules as sets of packets, and a packet out of a set.
 *
 * The packets of a cube are those that reach the rules of a list: whole ones and, in the
 * accounting list, later fragments.  What is decided before any rule (fragments, short
 * packets, kept connections) does not depend on the rules.
 *
 * Ports are as rules see them: of ICMP the type is the source port, and what contains no
 * ports has 65535.  So not every point of a cube is a packet; roots_of() leaves only the
 * points that are.  A rule of all protocols keeps one cube.
 *
 * An interface is a name and an address, each known by a number; names and addresses that
 * no rule has share number 0 and the numbers that are not used.  Every packet has one,
 * because no packet without reaches a list.
 */
#ifndef BACKEND_PIECES_H
#define BACKEND_PIECES_H

#include "backend/analysis/cube.h"
#include "kmod/core/match.h"

enum packet_class {
	CLASS_TCP,		/* and the next 15: plus CLASS_SYN ... CLASS_FIN */
	CLASS_TCP_LATER = 16,	/* later fragment */
	CLASS_UDP,
	CLASS_UDP_LATER,
	CLASS_ICMP,
	CLASS_ICMP_LATER,
	CLASS_OTHER,
	CLASS_OTHER_LATER,
};

/* bits of the number of a TCP class */
#define CLASS_SYN 1
#define CLASS_RST 2
#define CLASS_ACK 4
#define CLASS_FIN 8		/* rules do not ask for it, but netfilter's could */

#define CLASSES_TCP	(0xffffu << CLASS_TCP)
#define CLASSES_SYN	(1u << CLASS_SYN | 1u << (CLASS_SYN | CLASS_FIN))	/* -y */
#define CLASSES_ACK	0xfcfcu			/* -k: ACK or RST */
#define CLASSES_UDP	(1u << CLASS_UDP)
#define CLASSES_ICMP	(1u << CLASS_ICMP)
#define CLASSES_OTHER	(1u << CLASS_OTHER | 1u << CLASS_OTHER_LATER)
#define CLASSES_LATER \
	(1u << CLASS_TCP_LATER | 1u << CLASS_UDP_LATER | 1u << CLASS_ICMP_LATER)

/* names and addresses of interfaces that rules mention, sorted */
struct device_ids {
	char (*name)[FW_IFNAMSIZ];
	__u32 *addr;
	__u32 nnames, naddrs;
	unsigned int name_bits;		/* of a number; that of an address follows */
	__u32 name_mask, addr_mask;
};

/* 0, -ENOMEM, or -E2BIG: too many.  The caller frees it in any case. */
int device_ids_make(struct device_ids *d, const struct fw_list *const list[], unsigned int n);
void device_ids_free(struct device_ids *d);

/* false: what the kernel refuses as a name of an interface */
bool device_name_is_possible(const char name[FW_IFNAMSIZ]);

/* the pieces of some lists, one after the other; rules are numbered through */
struct piece_list {
	struct piece *piece;
	__u32 count, cap;
	__u32 *first;		/* of rule i, up to first[i + 1] */
	__u32 nrules;
};

/* Adds the rules of a list.  0 or -ENOMEM. */
int piece_list_add(struct piece_list *p, enum fw_list_id id, const struct fw_list *l,
		   const struct device_ids *d);
/* Adds one rule, or a cube of the rule that is the next.  0 or -ENOMEM. */
int piece_list_add_rule(struct piece_list *p, enum fw_list_id id, const struct fw_match *m,
			const struct device_ids *d);
int piece_add(struct piece_list *p, const struct cube *c);

void piece_list_free(struct piece_list *p);

/* all packets that reach the rules of a list */
struct cube list_space(enum fw_list_id id);

#define ROOTS_MAX 4

/* The parts of x that are packets of the list: their number. */
unsigned int roots_of(const struct cube *x, enum fw_list_id id, struct cube root[ROOTS_MAX]);

/* all roots of a rule; at most RULE_ROOTS_MAX */
#define RULE_ROOTS_MAX (2 * 25 * ROOTS_MAX)
unsigned int rule_roots(const struct piece_list *p, __u32 rule, enum fw_list_id id,
			struct cube root[RULE_ROOTS_MAX]);

/* a packet of a set, with its interface */
struct witness {
	struct fw_packet pkt;
	struct fw_dev dev;
	enum fw_direction direction;
	/* Do rules name its interface, its address?  Another interface, though not this? */
	bool is_named, is_addressed, is_other;
};

/* Any packet of a cube that is not empty and within one root. */
void witness_make(struct witness *w, const struct cube *c, const struct device_ids *d);

/* What the core decides about it. */
struct fw_decision witness_decide(const struct witness *w, enum fw_list_id id,
				  const struct fw_list *l);

#endif
