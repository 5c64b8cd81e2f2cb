// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * staged.c - a backend of rules that are not yet in force.
 */
#include "ipfwadm/run/staged.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/interfaces.h"
#include "backend/plan/plan_check.h"
#include "backend/ruleset.h"
#include "ipfwadm/format/saved.h"

#define EDITS_MAX (1u << 20)

static struct staged *staged_of(const struct backend *b)
{
	return b->state;
}

/* Refuses, with its words, what the live backend would refuse of this one edit. */
static int edit_check(struct staged *s, const struct fw_edit *edit, struct fw_error *e)
{
	struct plan_options o = { .devs = s->ifs.dev, .ndevs = s->ifs.count,
				  .mark_mask = s->live.mark_mask,
				  .log_group = s->live.log_group };
	struct plan *p = NULL;
	struct fw_ruleset one;
	int err = 0;

	if (s->live.ops->able)
		err = s->live.ops->able(edit, 1, e);
	if (err || !s->live.ops->lower || edit->op == FW_OP_DELETE)
		return err;
	fw_ruleset_init(&one);
	if (fw_ruleset_edit(&one, edit) == 0)
		p = s->live.ops->lower(&one, &o);
	if (p)
		err = plan_check(p, &one, edit, 1, e);
	plan_free(p);
	fw_ruleset_free(&one);
	return err;
}

static int edits_reserve(struct staged *s, size_t n, struct fw_error *e)
{
	size_t room = 2 * s->room + n;
	struct fw_edit *bigger;

	if (n <= s->room - s->nedits)
		return 0;
	if (s->nedits + n > EDITS_MAX)
		return fw_error_set(e, ENOSPC, "too many changes for one step");
	bigger = reallocarray(s->edit, room, sizeof(*bigger));
	if (!bigger)
		return fw_error_set(e, ENOMEM, "out of memory");
	s->edit = bigger;
	s->room = room;
	return 0;
}

/* One edit, because a classic command makes one after the other. */
static int edit_stage(struct staged *s, const struct fw_edit *edit, struct fw_error *e)
{
	int err = edits_reserve(s, 1, e);

	if (!err)
		err = edit_check(s, edit, e);
	if (!err)
		err = fw_ruleset_edit_all(&s->rules, edit, 1, e);
	if (!err) {
		s->edit[s->nedits] = *edit;
		s->edit[s->nedits++].origin = s->origin;
	}
	return err;
}

static int staged_edit(struct backend *b, const struct fw_edit *edit, size_t n,
		       struct fw_error *e)
{
	struct staged *s = staged_of(b);
	size_t was = s->nedits;
	struct fw_ruleset rules;
	int err = 0;

	if (n == 1)
		return edit_stage(s, edit, e);
	if (fw_ruleset_copy(&rules, &s->rules) < 0)
		return fw_error_set(e, ENOMEM, "out of memory");
	for (size_t i = 0; i < n && !err; i++) {
		err = edit_stage(s, &edit[i], e);
		e->edit = i;
	}
	if (err) {
		fw_ruleset_free(&s->rules);
		s->rules = rules;
		s->nedits = was;
	} else {
		fw_ruleset_free(&rules);
	}
	return err;
}

static int staged_replace(struct backend *b, const struct fw_ruleset *rs, struct fw_error *e)
{
	struct staged *s = staged_of(b);
	struct fw_edit edit = { .op = FW_OP_TIMEOUTS, .origin = s->origin,
				.timeouts = rs->timeouts };
	bool had_forwards = s->rules.portfw.count;
	bool moves_gate = s->rules.denies_ipv6 != rs->denies_ipv6;
	struct fw_ruleset rules;
	size_t n = 3 + rs->portfw.count;
	int err;

	for (int id = 0; id < FW_LISTS; id++)
		n += 2 + rs->list[id].count;
	err = edits_reserve(s, n, e);
	if (!err && fw_ruleset_copy(&rules, rs) < 0)
		err = fw_error_set(e, ENOMEM, "out of memory");
	if (err)
		return err;
	fw_ruleset_free(&s->rules);
	s->rules = rules;
	s->edit[s->nedits++] = edit;
	for (int id = 0; id < FW_LISTS; id++) {
		edit = (struct fw_edit){ .op = FW_OP_FLUSH, .list = (enum fw_list_id)id,
					 .origin = s->origin };
		s->edit[s->nedits++] = edit;
		edit.op = FW_OP_POLICY;
		edit.policy = rs->list[id].policy;
		if (id != FW_ACCT)
			s->edit[s->nedits++] = edit;
		edit.op = FW_OP_APPEND;
		edit.counters = true;
		for (__u32 i = 0; i < rs->list[id].count; i++) {
			edit.rule = *fw_list_rule(&rs->list[id], i);
			s->edit[s->nedits++] = edit;
		}
	}
	edit = (struct fw_edit){ .op = FW_OP_IPV6, .origin = s->origin,
				 .policy = rs->denies_ipv6 ? FW_POLICY_DENY : FW_POLICY_ACCEPT };
	if (moves_gate)
		s->edit[s->nedits++] = edit;
	edit = (struct fw_edit){ .op = FW_OP_PORTFW, .origin = s->origin, .counters = true,
				 .portfw.op = FW_PORTFW_FLUSH };
	if (had_forwards)	/* other backends refuse whatever is about forwards */
		s->edit[s->nedits++] = edit;
	edit.portfw.op = FW_PORTFW_APPEND;
	for (__u32 i = 0; i < rs->portfw.count; i++) {
		edit.portfw.forward = rs->portfw.entry[i];
		s->edit[s->nedits++] = edit;
	}
	return 0;
}

static int staged_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	int err = fw_ruleset_copy(rs, &staged_of(b)->rules);

	return err ? fw_error_set(e, -err, "out of memory") : 0;
}

static int staged_load_zero(struct backend *b, enum fw_list_id list, struct fw_ruleset *rs,
			    struct fw_error *e)
{
	struct fw_edit zero = { .op = FW_OP_ZERO, .list = list };
	int err = staged_load(b, rs, e);

	return err ? err : edit_stage(staged_of(b), &zero, e);
}

/* Rules that are not in force are nobody else's to change. */
static int staged_refresh(struct backend *b, struct fw_error *e)
{
	(void)b;
	(void)e;
	return 0;
}

static int staged_interfaces(struct backend *b, struct fw_interfaces *ifs, struct fw_error *e)
{
	struct backend *live = &staged_of(b)->live;

	return live->ops->interfaces(live, ifs, e);
}

static int staged_check(struct backend *b, enum fw_list_id list, const struct fw_packet *pkt,
			const struct fw_dev *dev, struct fw_decision *d, struct fw_error *e)
{
	struct fw_walk walk = { .list = list, .dev = dev };
	struct fw_interfaces ifs = { 0 };
	int err = staged_interfaces(b, &ifs, e);

	if (!err)
		err = interfaces_check(&ifs, dev, e);
	if (!err)
		fw_list_walk(&staged_of(b)->rules.list[list], &walk, pkt, d);
	free(ifs.dev);
	return err;
}

static int staged_connections(struct backend *b, struct fw_conn **conns, size_t *n,
			      struct fw_error *e)
{
	struct backend *live = &staged_of(b)->live;

	return live->ops->connections(live, conns, n, e);
}

static void staged_close(struct backend *b)
{
	(void)b;	/* it lasts as long as the session */
}

static int track_list(struct backend *b, const struct track_filter *filter, track_fn each,
		      void *ctx, struct fw_error *e)
{
	struct backend *live = &staged_of(b)->live;

	return live->ops->track->list(live, filter, each, ctx, e);
}

static int track_timeouts(struct backend *b, struct track_timeout **timeouts, size_t *n,
			  struct fw_error *e)
{
	struct backend *live = &staged_of(b)->live;

	return live->ops->track->timeouts(live, timeouts, n, e);
}

/* What becomes of connections cannot wait, nor be taken back. */
static int track_refuse(struct fw_error *e)
{
	return fw_error_set(e, EOPNOTSUPP,
			    "connections are not changed by a script that 'run' carries out");
}

static int track_end(struct backend *b, const struct track_filter *filter, track_fn each,
		     void *ctx, struct fw_error *e)
{
	(void)b;
	(void)filter;
	(void)each;
	(void)ctx;
	return track_refuse(e);
}

static int track_flush(struct backend *b, struct fw_error *e)
{
	(void)b;
	return track_refuse(e);
}

static int track_timeouts_set(struct backend *b, const struct track_timeout *timeouts, size_t n,
			      struct fw_error *e)
{
	(void)b;
	(void)timeouts;
	(void)n;
	return track_refuse(e);
}

/* It would keep the session from other commands. */
static int track_follow(struct backend *b, const struct track_listener *l, struct fw_error *e)
{
	(void)b;
	(void)l;
	return fw_error_set(e, EOPNOTSUPP,
			    "connections are not followed by a script that 'run' carries out");
}

int staged_init(struct staged *s, const struct backend *live, struct fw_error *e)
{
	int err;

	*s = (struct staged){
		.live = *live,
		.ops = {
			.name = live->ops->name, .able = live->ops->able,
			.lower = live->ops->lower, .close = staged_close,
			.edit = staged_edit, .replace = staged_replace, .load = staged_load,
			.load_zero = staged_load_zero, .refresh = staged_refresh,
			.interfaces = staged_interfaces, .check = staged_check,
			.connections = staged_connections,
			.track = live->ops->track ? &s->track : NULL,
		},
		.track = { track_list, track_end, track_flush, track_timeouts,
			   track_timeouts_set, track_follow },
		.backend = { .ops = &s->ops, .format = live->format,
			     .mark_mask = live->mark_mask,
			     .log_group = live->log_group, .state = s },
	};
	fw_ruleset_init(&s->before);
	fw_ruleset_init(&s->rules);
	err = live->ops->load(&s->live, &s->before, e);
	if (!err)
		err = live->ops->interfaces(&s->live, &s->ifs, e);
	if (!err && fw_ruleset_copy(&s->rules, &s->before) < 0)
		err = fw_error_set(e, ENOMEM, "out of memory");
	return err;
}

void staged_free(struct staged *s)
{
	fw_ruleset_free(&s->before);
	fw_ruleset_free(&s->rules);
	free(s->ifs.dev);
	free(s->edit);
}

/* Do the rules that are in force still read as they did? */
static int unchanged_check(struct staged *s, struct fw_error *e)
{
	char *text = NULL, *was = NULL;
	struct fw_ruleset now;
	size_t len, was_len;
	int err;

	fw_ruleset_init(&now);
	err = s->live.ops->load(&s->live, &now, e);
	if (!err && (saved_text(&now, NULL, SAVED_NO_COUNTERS, &text, &len) < 0 ||
		     saved_text(&s->before, NULL, SAVED_NO_COUNTERS, &was, &was_len) < 0))
		err = fw_error_set(e, ENOMEM, "out of memory");
	else if (!err && (len != was_len || memcmp(text, was, len) != 0))
		err = fw_error_set(e, EBUSY, "somebody else has changed the rules meanwhile");
	free(text);
	free(was);
	fw_ruleset_free(&now);
	return err;
}

int staged_commit(struct staged *s, struct fw_error *e)
{
	int err = unchanged_check(s, e);

	if (err || !s->nedits)
		return err;
	return s->live.ops->edit(&s->live, s->edit, s->nedits, e);
}
