// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * classify.c - builds decision trees for a list, and looks packets up in them.
 */
#include "kmod/core/classify.h"

#define DEPTH_MAX 32
#define COPIES 3		/* of pieces in further leaves, for each piece on average */
#define NODES 2			/* for each piece */
#define SAMPLE 256		/* pieces that a test is chosen by */
#define PROBES 8		/* pieces whose bounds are tried as values of a test */
#define NARROW 10		/* bits in the mask of a narrow address */

#define ADDRESSES 2		/* the fields of which bits are tested */
#define RANGES (FW_CLASSIFY_FIELDS - ADDRESSES)

/* which packets a rule may match in one direction */
struct piece {
	__u32 addr[ADDRESSES], mask[ADDRESSES];
	__u16 low[RANGES], high[RANGES];
	__u32 rule;
};

/* a node to be made, of the n pieces at the top of the stack */
struct pending {
	__u32 tree, node, n, depth, copies;
};

struct fw_classifier_build {
	struct fw_classifier *c;
	__u32 nodes, nodes_max, candidates;
	bool is_dense;		/* a leaf has too many of the rules */
	__u32 top, npending;
	struct pending pending[FW_CLASSIFY_TREES + DEPTH_MAX];
	struct piece *piece;
	/* numbers of pieces, in their order; above top there is room for as many again */
	__u32 *stack;
};

bool fw_classifier_sizes(const struct fw_list *l, struct fw_classifier_sizes *sizes)
{
	__u32 i;

	if (l->count < FW_CLASSIFY_MIN || l->count > FW_CLASSIFY_MAX)
		return false;
	sizes->pieces = 0;
	for (i = FW_CLASSIFY_HEAD; i < l->count; i++)
		sizes->pieces += fw_list_match(l, i)->flags & FW_BIDIR ? 2 : 1;
	/* a leaf has at least one candidate, and its end */
	sizes->bytes = sizeof(struct fw_classifier) +
		       (NODES * sizes->pieces + FW_CLASSIFY_TREES) *
			       sizeof(struct fw_classify_node) +
		       (1 + COPIES + NODES / 2) * (unsigned long)sizes->pieces * sizeof(__u32) +
		       FW_CLASSIFY_TREES * sizeof(__u32);
	sizes->scratch = sizeof(struct fw_classifier_build) +
			 sizes->pieces * (sizeof(struct piece) + (2 + COPIES) * sizeof(__u32));
	return true;
}

static __u16 name_hash(const char name[FW_IFNAMSIZ])
{
	__u32 hash = 0;
	unsigned int i;

	for (i = 0; i < FW_IFNAMSIZ && name[i]; i++)
		hash = (hash ^ (__u8)name[i]) * 0x01000193u;
	return (__u16)(hash ^ hash >> 16);
}

/* From the lowest to the highest port that a rule names. */
static void ports_span(struct piece *p, enum fw_classify_field field, const __u16 *slot,
		       unsigned int n)
{
	__u16 *low = &p->low[field - ADDRESSES], *high = &p->high[field - ADDRESSES];
	unsigned int i;

	if (!n)
		return;
	*low = *high = slot[0];
	for (i = 1; i < n; i++) {
		*low = slot[i] < *low ? slot[i] : *low;
		*high = slot[i] > *high ? slot[i] : *high;
	}
}

static void piece_fill(struct piece *p, const struct fw_match *m, __u32 rule, bool back)
{
	__u16 kind = m->flags & FW_KIND_MASK;
	bool swap = back && kind != FW_KIND_ICMP;
	unsigned int i;

	*p = (struct piece){ .rule = rule };
	p->addr[back] = m->src;
	p->mask[back] = m->smsk;
	p->addr[!back] = m->dst;
	p->mask[!back] = m->dmsk;
	for (i = 0; i < RANGES; i++)
		p->high[i] = 0xffff;
	if (kind != FW_KIND_ALL) {
		p->low[FW_BY_KIND - ADDRESSES] = p->high[FW_BY_KIND - ADDRESSES] = kind;
		ports_span(p, swap ? FW_BY_DPORT : FW_BY_SPORT, m->pts, m->nsp);
		if (kind != FW_KIND_ICMP)
			ports_span(p, swap ? FW_BY_SPORT : FW_BY_DPORT, m->pts + m->nsp,
				   m->ndp);
	}
	if (m->vianame[0])
		p->low[FW_BY_NAME - ADDRESSES] = p->high[FW_BY_NAME - ADDRESSES] =
			name_hash(m->vianame);
}

static bool mask_is_narrow(__u32 mask)
{
	unsigned int n;

	for (n = 0; mask; n++)
		mask &= mask - 1;
	return n >= NARROW;
}

static unsigned int piece_group(const struct piece *p)
{
	return mask_is_narrow(p->mask[0]) | mask_is_narrow(p->mask[1]) << 1;
}

/* Puts the pieces of a group on the stack, as the root of a tree. */
static void tree_begin(struct fw_classifier_build *b, unsigned int group, __u32 pieces)
{
	struct fw_classifier *c = b->c;
	__u32 bottom = b->top, i, n;

	for (i = 0; i < pieces; i++)
		if (piece_group(&b->piece[i]) == group)
			b->stack[b->top++] = i;
	n = b->top - bottom;
	if (!n)
		return;
	c->first[c->trees] = b->piece[b->stack[bottom]].rule * FW_CLASSIFY_TREES + c->trees;
	b->pending[b->npending++] =
		(struct pending){ c->trees++, b->nodes++, n, 0, COPIES * n };
}

struct fw_classifier_build *fw_classifier_begin(struct fw_classifier *memory, void *scratch,
						const struct fw_classifier_sizes *sizes,
						const struct fw_list *l)
{
	struct fw_classifier_build *b = scratch;
	struct piece *p;
	unsigned int group;
	__u32 i;

	*b = (struct fw_classifier_build){ .c = memory };
	b->nodes_max = NODES * sizes->pieces + FW_CLASSIFY_TREES;
	p = b->piece = (struct piece *)(b + 1);
	b->stack = (__u32 *)(p + sizes->pieces);
	*memory = (struct fw_classifier){ .count = l->count - FW_CLASSIFY_HEAD };
	for (i = 0; i < FW_CLASSIFY_TREES; i++)
		memory->first[i] = FW_CLASSIFY_NONE;
	memory->node = (struct fw_classify_node *)(memory + 1);
	memory->candidate = (__u32 *)(memory->node + b->nodes_max);
	for (i = 0; i < memory->count; i++) {
		const struct fw_match *m = fw_list_match(l, FW_CLASSIFY_HEAD + i);

		piece_fill(p++, m, i, false);
		if (m->flags & FW_BIDIR)
			piece_fill(p++, m, i, true);
	}
	for (group = 0; group < FW_CLASSIFY_TREES; group++)
		tree_begin(b, group, sizes->pieces);
	return b;
}

enum { BELOW = 1, ABOVE = 2 };	/* what a test may say of a packet that a piece matches */

static unsigned int piece_sides(const struct piece *p, const struct fw_classify_node *test)
{
	unsigned int field = test->field;
	__u32 bit = 0x80000000u >> test->shift;

	if (field >= ADDRESSES) {
		field -= ADDRESSES;
		return (p->low[field] <= test->value ? BELOW : 0) |
		       (p->high[field] > test->value ? ABOVE : 0);
	}
	if (!(p->mask[field] & bit))
		return BELOW | ABOVE;
	return p->addr[field] & bit ? ABOVE : BELOW;
}

/* the pieces of a node, every step-th of which is looked at to choose its test */
struct choice {
	const struct piece *piece;
	const __u32 *at;
	__u32 n, step;
	struct fw_classify_node best;
	__u32 cost;		/* of best */
};

/* Prefers tests that halve the pieces, and of such those that copy few. */
static void test_try(struct choice *ch, struct fw_classify_node test)
{
	__u32 n = 0, below = 0, above = 0, more, cost, i;

	for (i = 0; i < ch->n; i += ch->step, n++) {
		unsigned int sides = piece_sides(&ch->piece[ch->at[i]], &test);

		below += sides & BELOW;
		above += sides >> 1;
	}
	more = below > above ? below : above;
	cost = 20 * more + 7 * (below + above - n);
	if (more * 16 < n * 15 && cost < ch->cost) {
		ch->cost = cost;
		ch->best = test;
	}
}

/* A bit of an address divides pieces if it is set in one and clear in another. */
static void bits_try(struct choice *ch, unsigned int field)
{
	__u32 set = 0, clear = 0, i;

	for (i = 0; i < ch->n; i += ch->step) {
		const struct piece *p = &ch->piece[ch->at[i]];

		set |= p->addr[field] & p->mask[field];
		clear |= ~p->addr[field] & p->mask[field];
	}
	for (i = 0; i < 32; i++)
		if (set & clear & 0x80000000u >> i)
			test_try(ch, (struct fw_classify_node){ field, i, 0x7fff, 0 });
}

/* The bounds of a few pieces are where a range divides them. */
static void range_try(struct choice *ch, unsigned int field)
{
	__u32 i;

	for (i = 0; i < PROBES; i++) {
		__u32 at = ch->at[(__u64)i * ch->n / PROBES];
		const struct piece *p = &ch->piece[at];
		__u16 low = p->low[field - ADDRESSES], high = p->high[field - ADDRESSES];

		if (high < 0xffff)
			test_try(ch, (struct fw_classify_node){ field, 0, high, 0 });
		if (low)
			test_try(ch, (struct fw_classify_node){ field, 0, low - 1, 0 });
	}
}

/* Chooses the test of a node of n pieces; false: none divides them. */
static bool test_choose(const struct fw_classifier_build *b, const __u32 *at, __u32 n,
			struct fw_classify_node *test)
{
	struct choice ch = { b->piece, at, n, n / SAMPLE + 1, { 0 }, ~0u };
	unsigned int field;

	for (field = 0; field < FW_CLASSIFY_FIELDS; field++) {
		if (field < ADDRESSES)
			bits_try(&ch, field);
		else
			range_try(&ch, field);
	}
	*test = ch.best;
	return ch.cost != ~0u;
}

/* Divides the pieces of p by the test; false: it would copy too many, or move none. */
static bool pieces_divide(struct fw_classifier_build *b, const struct pending *p,
			  const struct fw_classify_node *test)
{
	__u32 *from = b->stack + b->top - p->n, *to = b->stack + b->top;
	__u32 below = 0, above = 0, copies, both, i;

	for (i = 0; i < p->n; i++) {
		unsigned int sides = piece_sides(&b->piece[from[i]], test);

		below += sides & BELOW;
		above += sides >> 1;
	}
	both = below + above;
	copies = both - p->n;
	if (below == p->n || above == p->n || copies > p->copies)
		return false;
	/* those above stay where they are, and those below come after them */
	below = above = 0;
	for (i = 0; i < p->n; i++) {
		unsigned int sides = piece_sides(&b->piece[from[i]], test);
		__u32 piece = from[i];

		if (sides & ABOVE)
			from[above++] = piece;
		if (sides & BELOW)
			to[below++] = piece;
	}
	for (i = 0; i < below; i++)
		from[above + i] = to[i];
	b->top += copies;
	copies = p->copies - copies;
	b->pending[b->npending++] =
		(struct pending){ p->tree, b->nodes + 1, above, p->depth + 1,
				  (__u64)copies * above / both };
	b->pending[b->npending++] =
		(struct pending){ p->tree, b->nodes, below, p->depth + 1,
				  (__u64)copies * below / both };
	b->nodes += 2;
	return true;
}

/* Candidates are as rare among the rules as the trees together need it. */
static void leaf_fill(struct fw_classifier_build *b, const struct pending *p)
{
	const __u32 *from = b->stack + b->top - p->n;
	__u32 i;

	for (i = 0; i < p->n; i++) {
		__u32 rule = b->piece[from[i]].rule;

		if (i > FW_CLASSIFY_LEAF && (__u64)(i - FW_CLASSIFY_LEAF) * 2 * b->c->trees > rule)
			b->is_dense = true;
		b->c->candidate[b->candidates++] = rule * FW_CLASSIFY_TREES + p->tree;
	}
	b->c->candidate[b->candidates++] = FW_CLASSIFY_NONE;
	b->top -= p->n;
}

bool fw_classifier_step(struct fw_classifier_build *b)
{
	struct pending p = b->pending[--b->npending];
	struct fw_classify_node *node = &b->c->node[p.node];
	__u32 next = b->nodes;

	if (p.n > FW_CLASSIFY_LEAF && p.depth < DEPTH_MAX && b->nodes + 2 <= b->nodes_max &&
	    test_choose(b, b->stack + b->top - p.n, p.n, node) && pieces_divide(b, &p, node)) {
		node->next = next;
		b->c->by_name |= node->field == FW_BY_NAME;
	} else {
		*node = (struct fw_classify_node){ .field = FW_BY_NOTHING };
		node->next = b->candidates;
		leaf_fill(b, &p);
	}
	return b->npending && !b->is_dense;
}

bool fw_classifier_is_useful(const struct fw_classifier_build *b)
{
	return !b->is_dense;
}

static void candidates_begin(struct fw_candidates *c, const struct fw_classifier *cl,
			     const struct fw_view *v)
{
	unsigned int i;

	c->begun = true;
	c->last = FW_CLASSIFY_NONE;
	c->field[FW_BY_SADDR] = v->pkt->saddr;
	c->field[FW_BY_DADDR] = v->pkt->daddr;
	c->field[FW_BY_SPORT] = (__u32)v->sport << 16;
	c->field[FW_BY_DPORT] = (__u32)v->dport << 16;
	c->field[FW_BY_KIND] = (__u32)v->kind << 16;
	c->field[FW_BY_NAME] =
		cl->by_name && v->walk->dev ? (__u32)name_hash(v->walk->dev->name) << 16 : 0;
	for (i = 0; i < FW_CLASSIFY_TREES; i++) {
		c->next[i] = cl->first[i];
		c->at[i] = NULL;
	}
}

static const __u32 *leaf_find(const struct fw_classifier *cl, const __u32 *field, __u32 root)
{
	const struct fw_classify_node *node = &cl->node[root];

	while (node->field != FW_BY_NOTHING)
		node = &cl->node[node->next +
				 (field[node->field] << node->shift >> 16 > node->value)];
	return &cl->candidate[node->next];
}

static inline __u32 least(const __u32 next[FW_CLASSIFY_TREES])
{
	__u32 a = next[0] < next[1] ? next[0] : next[1];
	__u32 b = next[2] < next[3] ? next[2] : next[3];

	return a < b ? a : b;
}

/*
 * The next candidate of all trees that matches; of a rule with -b, which may be there
 * twice, once.
 */
static __u32 candidate_next(struct fw_candidates *c, const struct fw_list *l,
			    const struct fw_view *v)
{
	for (;;) {
		__u32 next = least(c->next), tree = next % FW_CLASSIFY_TREES;
		__u32 rule = next / FW_CLASSIFY_TREES;

		if (next == FW_CLASSIFY_NONE)
			return next;
		if (!c->at[tree]) {
			c->at[tree] = leaf_find(l->classifier, c->field, tree);
			c->next[tree] = *c->at[tree];
			continue;
		}
		c->next[tree] = *++c->at[tree];
		if (rule != c->last &&
		    fw_rule_match(fw_list_match(l, l->classified_first + rule), v))
			return c->last = rule;
	}
}

void fw_candidates_next(struct fw_candidates *c, const struct fw_list *l,
			const struct fw_view *v, __u32 *begin, __u32 *end)
{
	__u32 rule;

	if (!c->begun)
		candidates_begin(c, l->classifier, v);
	rule = candidate_next(c, l, v);
	if (rule == FW_CLASSIFY_NONE) {
		*begin = l->classified_first + l->classifier->count;
		*end = l->count;
	} else {
		*begin = l->classified_first + rule;
		*end = *begin + 1;
	}
}
