// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lint.c - rules that cannot do what they say.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/analysis/effect.h"
#include "backend/analysis/lint.h"
#include "backend/analysis/piece_index.h"
#include "backend/analysis/pieces.h"
#include "backend/ruleset.h"

/* ports that masquerading takes; 2.0 takes back one more */
#define MASQ_FIRST 61000
#define MASQ_LAST 65096

/* one list */
struct lint {
	enum fw_list_id id;
	const struct fw_list *rules;
	struct fw_list walked;	/* copy of the matched parts, for the core */
	const struct device_ids *devices;
	struct piece_list pieces;
	struct piece_index index;
	struct cover cover;
	struct effect *effect;	/* by rule; that of the policy at the end */
	bool *used, *dead;	/* by rule */
	bool *removed;		/* by rule: lint_options.removes; NULL: none are */
	__u32 *others;		/* room for indices of rules */
	/* of the rule in question, and the pieces that perhaps meet it */
	struct cube root[RULE_ROOTS_MAX];
	unsigned int nroots;
	__u32 *near, nbefore, nnear;
	__u32 *inner;		/* room for those that meet one root */
	finding_fn on_finding;
	void *ctx;
};

static void report(const struct lint *l, enum finding_kind kind, __s32 rule, const char *reason,
		   __u32 nothers)
{
	struct finding f = { kind, l->id, rule, reason, l->others, nothers };

	l->on_finding(l->ctx, &f);
}

/* What follows is found without the rule. */
static void rule_remove(struct lint *l, __u32 rule)
{
	struct fw_match *m = &l->walked.match[rule];

	if (!l->removed)
		return;
	l->removed[rule] = true;
	m->src = 1;	/* outside its mask: no packet matches */
	m->smsk = 0;
}

static const struct fw_match *rule_at(const struct lint *l, __u32 i)
{
	return &fw_list_rule(l->rules, i)->match;
}

/* The packet of the last "no" must be decided by rule; by none of ours: -1. */
static int witness_check(const struct lint *l, __s32 rule)
{
	struct witness w;

	witness_make(&w, &l->cover.witness, l->devices);
	return witness_decide(&w, l->id, &l->walked).rule == rule ? COVER_NO : -EBADE;
}

/* Begins with a rule: its roots, and the pieces of other rules near it. */
static int rule_begin(struct lint *l, __u32 rule)
{
	const __u32 *first = l->pieces.first;
	struct cube hull;
	unsigned int k;
	__u32 i, n;
	int err;

	l->nroots = rule_roots(&l->pieces, rule, l->id, l->root);
	l->nbefore = l->nnear = 0;
	if (!l->nroots)
		return 0;
	err = cover_spend(&l->cover, l->index.words);
	if (err)
		return err;
	hull = l->root[0];
	for (k = 1; k < l->nroots; k++)
		cube_enlarge(&hull, &l->root[k]);
	n = piece_index_find(&l->index, &hull, l->near);
	for (i = 0; i < n; i++) {
		const struct piece *p = &l->pieces.piece[l->near[i]];

		if (p->rule == rule || (l->removed && l->removed[p->rule]) ||
		    !cube_meets(&p->cube, &hull))
			continue;
		l->nbefore += l->near[i] < first[rule];
		l->near[l->nnear++] = l->near[i];
	}
	return cover_spend(&l->cover, n);
}

/* Do n pieces contain all packets of the rule in question? */
static int pieces_cover(struct lint *l, const __u32 *index, __u32 n)
{
	int answer = COVER_YES;
	unsigned int i;

	for (i = 0; i < l->nroots && answer == COVER_YES; i++) {
		cover_begin(&l->cover);
		answer = cover_add_some(&l->cover, &l->root[i], index, n);
		if (!answer)
			answer = cover_ask(&l->cover, &l->root[i]);
	}
	return answer;
}

/* The pieces of the rule that near[at] is of: their number. */
static __u32 near_of_rule(const struct lint *l, __u32 at)
{
	__u32 n = 1;

	while (at + n < l->nbefore &&
	       l->pieces.piece[l->near[at + n]].rule == l->pieces.piece[l->near[at]].rule)
		n++;
	return n;
}

/* Are a and b one rule, by all that shows in a packet or in the log? */
static bool is_same_rule(const struct lint *l, __u32 a, __u32 b)
{
	const struct cube *x = &l->pieces.piece[l->pieces.first[a]].cube;
	const struct cube *y = &l->pieces.piece[l->pieces.first[b]].cube;

	return memcmp(x, y, sizeof(*x)) == 0 && fw_match_equal(rule_at(l, a), rule_at(l, b)) &&
	       rule_at(l, a)->nsp == rule_at(l, b)->nsp &&
	       effect_equal(&l->effect[a], &l->effect[b]);
}

/* Do the first n rules of others match all its packets, without that at skip? */
static int others_cover(struct lint *l, __u32 n, __u32 skip)
{
	const __u32 *first = l->pieces.first;
	int answer = COVER_YES;
	unsigned int i;
	__u32 k;

	for (i = 0; i < l->nroots && answer == COVER_YES; i++) {
		cover_begin(&l->cover);
		for (k = 0; k < n && answer >= 0; k++)
			if (k != skip)
				answer = cover_add(&l->cover, &l->root[i], first[l->others[k]],
						   first[l->others[k] + 1]);
		if (answer >= 0)
			answer = cover_ask(&l->cover, &l->root[i]);
	}
	return answer;
}

/* The rules that the proof used, without those that it does not need: others, count. */
static __u32 cover_minimise(struct lint *l, __u32 rule)
{
	__u32 n = 0, i;

	l->cover.used = NULL;
	for (i = 0; i < rule; i++)
		if (l->used[i])
			l->others[n++] = i;
	for (i = n; i-- > 0;)
		if (others_cover(l, n, i) == COVER_YES)
			memmove(l->others + i, l->others + i + 1,
				(--n - i) * sizeof(*l->others));
	return n;
}

/* Reports a dead rule: the same one before it, else one that covers it, else several. */
static void dead_report(struct lint *l, __u32 rule)
{
	bool is_same = false, is_single = false;
	__u32 i, n;

	l->dead[rule] = true;
	l->cover.used = NULL;
	for (i = 0; i < l->nbefore && !is_same; i += n) {
		__u32 other = l->pieces.piece[l->near[i]].rule;

		n = near_of_rule(l, i);
		is_same = is_same_rule(l, rule, other);
		if (is_same || (!is_single && pieces_cover(l, l->near + i, n) == COVER_YES)) {
			l->others[0] = other;
			is_single = true;
		}
	}
	report(l, is_same ? FINDING_REPEATS : FINDING_DEAD, (__s32)rule, NULL,
	       is_single ? 1 : cover_minimise(l, rule));
}

static bool range_is_empty(const __u16 *slot, unsigned int n, bool range)
{
	return range && n == 2 && slot[0] > slot[1];
}

static const char *never_reason(enum fw_list_id id, const struct fw_match *m)
{
	if (m->src & ~m->smsk || m->dst & ~m->dmsk)
		return "its address has bits that its mask has not";
	if (id == FW_ACCT && m->flags & FW_ACCTIN && m->flags & FW_ACCTOUT)
		return "packets are either incoming or outgoing";
	if (range_is_empty(m->pts, m->nsp, m->flags & FW_SRNG) ||
	    range_is_empty(m->pts + m->nsp, m->ndp, m->flags & FW_DRNG))
		return "its range of ports ends before it begins";
	if ((m->flags & FW_KIND_MASK) == FW_KIND_ICMP)
		return "there is no such ICMP type";
	if (m->flags & FW_TCPSYN && m->flags & FW_TCPACK)
		return "-y and -k exclude each other";
	return "no packet is like that";
}

static const struct effect *effect_of(const struct lint *l, __s32 rule)
{
	return &l->effect[rule < 0 ? (__s32)l->rules->count : rule];
}

/* The packet of the last "no" must change if the rule is removed. */
static int change_check(const struct lint *l, __u32 rule)
{
	struct fw_match *m = &l->walked.match[rule], saved = *m;
	struct effect mine, other;
	struct fw_decision with, without;
	struct witness w;

	witness_make(&w, &l->cover.witness, l->devices);
	with = witness_decide(&w, l->id, &l->walked);
	m->src = 1;	/* outside its mask: no packet matches */
	m->smsk = 0;
	without = witness_decide(&w, l->id, &l->walked);
	*m = saved;
	mine = effect_for_port(*effect_of(l, (__s32)rule), w.pkt.dport);
	other = effect_for_port(*effect_of(l, without.rule), w.pkt.dport);
	return with.rule == (__s32)rule && !effect_equal(&mine, &other) ? COVER_NO : -EBADE;
}

/* COVER_NO: the effects differ on a packet of y that none of n pieces contains. */
static int parts_ask(struct lint *l, const struct effect *a, const struct effect *b,
		     const struct cube *y, const __u32 *near, __u32 n)
{
	struct cube part[2];
	unsigned int nparts = effect_parts(a, b, y, part), i;
	int answer = COVER_YES;

	for (i = 0; i < nparts && answer == COVER_YES; i++) {
		cover_begin(&l->cover);
		answer = cover_add_some(&l->cover, &part[i], near, n);
		if (!answer)
			answer = cover_ask(&l->cover, &part[i]);
	}
	return answer;
}

/* Are the packets of x that reach the rule decided alike by what follows it? */
static int root_is_redundant(struct lint *l, __u32 rule, const struct cube *x)
{
	const struct effect *mine = effect_of(l, (__s32)rule);
	int answer = cover_spend(&l->cover, l->nnear) ? -E2BIG : COVER_YES;
	__u32 i, n = 0;
	struct cube y;

	for (i = 0; i < l->nnear && answer == COVER_YES; i++) {
		const struct piece *p = &l->pieces.piece[l->near[i]];

		if (!cube_intersect(x, &p->cube, &y))
			continue;
		if (p->rule > rule)
			answer = parts_ask(l, mine, effect_of(l, (__s32)p->rule), &y, l->inner, n);
		if (cube_contains(&p->cube, x))
			return answer;
		l->inner[n++] = l->near[i];
	}
	return answer == COVER_YES ? parts_ask(l, mine, effect_of(l, -1), x, l->inner, n) : answer;
}

/* Is the rule, which is not dead, redundant?  COVER_YES: it is. */
static int rule_is_redundant(struct lint *l, __u32 rule)
{
	int answer = COVER_YES;
	unsigned int i;

	l->cover.used = NULL;
	for (i = 0; i < l->nroots && answer == COVER_YES; i++)
		answer = root_is_redundant(l, rule, &l->root[i]);
	return answer == COVER_NO ? change_check(l, rule) : answer;
}

static int rule_lint(struct lint *l, __u32 rule)
{
	int answer, redundant = COVER_NO;

	memset(l->used, 0, rule);
	l->cover.used = l->used;
	answer = pieces_cover(l, l->near, l->nbefore);
	if (answer == COVER_YES) {
		dead_report(l, rule);
		rule_remove(l, rule);
		return answer;
	}
	if (answer == COVER_NO)
		answer = witness_check(l, (__s32)rule);
	if (answer == COVER_NO)
		answer = redundant = rule_is_redundant(l, rule);
	if (redundant == COVER_YES) {
		report(l, FINDING_REDUNDANT, (__s32)rule, NULL, 0);
		rule_remove(l, rule);
	}
	return answer;
}

/* Does an earlier rule of the accounting list count the same packets? */
static int account_lint(struct lint *l, __u32 rule)
{
	const __u32 *first = l->pieces.first;
	struct cube root[ROOTS_MAX];
	int answer = COVER_NO;
	__u32 i, n, k;

	l->cover.used = NULL;
	for (i = 0; i < l->nbefore && answer == COVER_NO; i += n) {
		__u32 other = l->pieces.piece[l->near[i]].rule;

		n = near_of_rule(l, i);
		answer = pieces_cover(l, l->near + i, n);
		/* and the other way round */
		for (k = first[other]; k < first[other + 1] && answer == COVER_YES; k++) {
			unsigned int nroots = roots_of(&l->pieces.piece[k].cube, l->id, root), r;

			for (r = 0; r < nroots && answer == COVER_YES; r++)
				answer = cover_question(&l->cover, &root[r], first[rule],
							first[rule + 1]);
		}
		l->others[0] = other;
	}
	if (answer == COVER_YES)
		report(l, FINDING_COUNTS, (__s32)rule, NULL, 1);
	return answer;
}

static void device_lint(const struct lint *l, __u32 rule, const struct fw_interfaces *ifs)
{
	const struct fw_match *m = rule_at(l, rule);
	bool is_known = !m->via || !ifs;
	__u32 i;

	if (m->vianame[0] && !device_name_is_possible(m->vianame))
		report(l, FINDING_NAME, (__s32)rule, NULL, 0);
	for (i = 0; !is_known && i < ifs->count; i++)
		is_known = ifs->dev[i].addr == m->via;
	if (!is_known)
		report(l, FINDING_ADDRESS, (__s32)rule, NULL, 0);
}

/* Is the policy asked for no packet? */
static int policy_lint(struct lint *l)
{
	struct cube space = list_space(l->id);
	int answer = COVER_YES;
	unsigned int i;

	l->cover.used = NULL;
	l->nroots = roots_of(&space, l->id, l->root);
	for (i = 0; i < l->nroots && answer == COVER_YES; i++)
		answer = cover_question(&l->cover, &l->root[i], 0, l->pieces.count);
	if (answer == COVER_YES)
		report(l, FINDING_POLICY, FINDING_OF_POLICY, NULL, 0);
	return answer == COVER_NO ? witness_check(l, -1) : answer;
}

/* After a question about a rule or the policy: 0, or what ends the analysis. */
static int answer_take(const struct lint *l, __s32 rule, int answer)
{
	if (answer == -E2BIG)
		report(l, FINDING_UNDECIDED, rule, NULL, 0);
	return answer == -E2BIG || answer >= 0 ? 0 : answer;
}

static int list_lint(struct lint *l, const struct lint_options *o)
{
	int err = 0;
	__u32 i;

	for (i = 0; i < l->rules->count && !err; i++) {
		int answer = rule_begin(l, i);

		if (!answer && !l->nroots) {
			l->dead[i] = true;
			report(l, FINDING_NEVER, (__s32)i, never_reason(l->id, rule_at(l, i)), 0);
			rule_remove(l, i);
		} else if (!answer) {
			answer = l->id == FW_ACCT ? account_lint(l, i) : rule_lint(l, i);
		}
		err = answer_take(l, (__s32)i, answer);
		if (!err && !o->removes)
			device_lint(l, i, o->ifs);
	}
	if (err || l->id == FW_ACCT || !l->rules->count || o->removes)
		return err;
	return answer_take(l, FINDING_OF_POLICY, policy_lint(l));
}

/* Does the list let through some packet of x?  COVER_NO: it does; COVER_YES: none. */
static int list_denies(struct lint *l, const struct cube *x)
{
	enum fw_action action = effect_of(l, -1)->action;
	int answer = COVER_YES;
	struct cube y;
	__u32 i;

	l->cover.used = NULL;
	if (action != FW_DROP && action != FW_ANSWER)
		answer = cover_question(&l->cover, x, 0, l->pieces.count);
	for (i = 0; i < l->pieces.count && answer == COVER_YES; i++) {
		const struct piece *p = &l->pieces.piece[i];

		action = effect_of(l, (__s32)p->rule)->action;
		if (action != FW_DROP && action != FW_ANSWER &&
		    cube_intersect(x, &p->cube, &y))
			answer = cover_question(&l->cover, &y, 0, l->pieces.first[p->rule]);
	}
	return answer;
}

/* Can what a rule of forward masquerades, or the policy, leave, and its answers return? */
static int answers_lint(struct lint *lint, __s32 rule, const struct fw_match *m)
{
	static const struct {
		__u32 classes;
		unsigned int kind;
		enum fw_list_id list;
		const char *denied;
	} asked[] = {
		{ CLASSES_TCP, FW_KIND_TCP, FW_OUTPUT,
		  "output denies all TCP from ports 61000 to 65095" },
		{ 1u << CLASS_ACK, FW_KIND_TCP, FW_INPUT,
		  "input denies all TCP answers to ports 61000 to 65095" },
		{ CLASSES_UDP, FW_KIND_UDP, FW_OUTPUT,
		  "output denies all UDP from ports 61000 to 65095" },
		{ CLASSES_UDP, FW_KIND_UDP, FW_INPUT,
		  "input denies all UDP answers to ports 61000 to 65095" },
	};
	unsigned int i, kind = m->flags & FW_KIND_MASK;
	int answer = 0;

	for (i = 0; i < FW_COUNT(asked) && answer >= 0; i++) {
		bool input = asked[i].list == FW_INPUT;
		struct cube x = list_space(asked[i].list);

		if (kind != FW_KIND_ALL && kind != asked[i].kind)
			continue;
		x.set[CUBE_CLASS] = asked[i].classes;
		if (input)
			x.set[CUBE_STATE] = FW_STATE_ESTABLISHED;
		x.range[input ? CUBE_DPORT : CUBE_SPORT] =
			(struct cube_range){ MASQ_FIRST, MASQ_LAST };
		if (!(m->flags & FW_BIDIR))
			x.bits[input ? CUBE_SRC : CUBE_DST] =
				(struct cube_bits){ m->dst, m->dmsk };
		answer = list_denies(&lint[asked[i].list], &x);
		if (answer == COVER_YES)
			report(&lint[FW_FORWARD], FINDING_ANSWERS, rule, asked[i].denied, 0);
		else if (answer == -E2BIG)
			answer = 0;
	}
	return answer < 0 ? answer : 0;
}

static int masquerading_lint(struct lint *lint)
{
	const struct lint *l = &lint[FW_FORWARD];
	static const struct fw_match all;
	int err = 0;
	__u32 i;

	for (i = 0; i < l->rules->count && !err; i++)
		if (!l->dead[i] && fw_flags_masquerade(rule_at(l, i)->flags) &&
		    !rule_at(l, i)->keep_state)
			err = answers_lint(lint, (__s32)i, rule_at(l, i));
	if (!err && fw_flags_masquerade(l->rules->policy))
		err = answers_lint(lint, FINDING_OF_POLICY, &all);
	return err;
}

static int lint_begin(struct lint *l, const struct fw_ruleset *rs, enum fw_list_id id,
		      const struct device_ids *devices, bool removes)
{
	size_t n = rs->list[id].count;
	__u32 i;
	int err;

	l->id = id;
	l->rules = &rs->list[id];
	l->walked = (struct fw_list){
		.match = calloc(n + 1, sizeof(struct fw_match)),
		.cap = (__u32)n, .count = (__u32)n, .policy = l->rules->policy,
	};
	l->devices = devices;
	l->effect = calloc(n + 1, sizeof(*l->effect));
	l->used = calloc(n + 1, sizeof(*l->used));
	l->dead = calloc(n + 1, sizeof(*l->dead));
	l->others = calloc(n + 1, sizeof(*l->others));
	l->removed = removes ? calloc(n + 1, sizeof(*l->removed)) : NULL;
	if (!l->effect || !l->used || !l->dead || !l->others || !l->walked.match ||
	    (removes && !l->removed))
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		l->walked.match[i] = *rule_at(l, i);
		l->effect[i] = effect_of_rule(id, rule_at(l, i), 0, EFFECT_LOG);
	}
	fw_list_classify(&l->walked);
	l->effect[n] = effect_of_policy(id, l->rules->policy);
	err = piece_list_add(&l->pieces, id, l->rules, devices);
	if (err)
		return err;
	l->cover = (struct cover){ .piece = l->pieces.piece, .limit = ANALYSIS_LIMIT };
	l->near = calloc((size_t)l->pieces.count + 1, sizeof(*l->near));
	l->inner = calloc((size_t)l->pieces.count + 1, sizeof(*l->inner));
	return l->near && l->inner ? piece_index_make(&l->index, &l->pieces, devices) : -ENOMEM;
}

static void lint_end(struct lint *l)
{
	cover_free(&l->cover);
	piece_list_free(&l->pieces);
	fw_list_unclassify(&l->walked);
	free(l->walked.match);
	free(l->effect);
	piece_index_free(&l->index);
	free(l->near);
	free(l->inner);
	free(l->used);
	free(l->dead);
	free(l->removed);
	free(l->others);
}

int lint_rules(const struct fw_ruleset *rs, const struct lint_options *o, finding_fn on_finding,
	       void *ctx)
{
	static const enum fw_list_id order[] = { FW_ACCT, FW_INPUT, FW_FORWARD, FW_OUTPUT };
	const struct fw_list *list[FW_LISTS];
	struct lint *lint = calloc(FW_LISTS, sizeof(*lint));
	struct device_ids devices;
	__u64 budget = o->budget;
	unsigned int i;
	int err;

	if (!lint)
		return -ENOMEM;
	for (i = 0; i < FW_LISTS; i++)
		list[i] = &rs->list[i];
	err = device_ids_make(&devices, list, FW_LISTS);
	for (i = 0; i < FW_LISTS && !err; i++) {
		lint[i].on_finding = on_finding;
		lint[i].ctx = ctx;
		err = lint_begin(&lint[i], rs, (enum fw_list_id)i, &devices, o->removes);
	}
	for (i = 0; i < FW_LISTS && !err; i++) {
		lint[order[i]].cover.budget = budget;
		if (!o->removes || order[i] != FW_ACCT)
			err = list_lint(&lint[order[i]], o);
		budget = lint[order[i]].cover.budget;
	}
	if (!err && !o->removes) {
		lint[FW_INPUT].cover.budget = lint[FW_OUTPUT].cover.budget = budget;
		err = masquerading_lint(lint);
	}
	for (i = 0; i < FW_LISTS; i++)
		lint_end(&lint[i]);
	free(lint);
	device_ids_free(&devices);
	return err;
}
