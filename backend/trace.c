// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace.c - a wrapper that tells every call of a backend on stderr: what was
 * called, with how much, the result, and the time it took.
 */
#include "backend/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct trace {
	struct backend inner;
	struct backend_ops ops;	/* the wrapper's: name and so on are the inner's */
};

/* one call under way */
struct call {
	const char *backend, *operation;
	struct timespec begin;
	char detail[64];
};

static struct call call_begin(const struct backend_ops *ops, const char *operation)
{
	struct call c = { .backend = ops->name, .operation = operation };

	clock_gettime(CLOCK_MONOTONIC, &c.begin);
	return c;
}

static int call_end(const struct call *c, int err, const struct fw_error *e)
{
	struct timespec end;
	long long us;

	clock_gettime(CLOCK_MONOTONIC, &end);
	us = (end.tv_sec - c->begin.tv_sec) * 1000000LL +
	     (end.tv_nsec - c->begin.tv_nsec) / 1000;
	if (!err)
		fprintf(stderr, "trace: %s %s%s: ok, %lld us\n", c->backend,
			c->operation, c->detail, us);
	else
		fprintf(stderr, "trace: %s %s%s: %s (%s), %lld us\n", c->backend,
			c->operation, c->detail, strerrorname_np(-err),
			e ? e->text : "", us);
	return err;
}

static struct backend *inner_of(struct backend *b)
{
	struct backend *inner = &((struct trace *)b->state)->inner;

	inner->mark_mask = b->mark_mask;
	inner->log_group = b->log_group;
	return inner;
}

static __u32 ruleset_count(const struct fw_ruleset *rs)
{
	__u32 n = 0;
	int i;

	for (i = 0; i < FW_LISTS; i++)
		n += rs->list[i].count;
	return n;
}

static void trace_close(struct backend *b)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "close");

	in->ops->close(in);
	call_end(&c, 0, NULL);
	free(b->state);
}

static int trace_edit(struct backend *b, const struct fw_edit *edit, size_t n,
		      struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "edit");
	int err = in->ops->edit(in, edit, n, e);

	b->helpers_missing = in->helpers_missing;
	snprintf(c.detail, sizeof(c.detail), " %zu edits", n);
	return call_end(&c, err, e);
}

static int trace_replace(struct backend *b, const struct fw_ruleset *rs,
			 struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "replace");
	int err = in->ops->replace(in, rs, e);

	b->helpers_missing = in->helpers_missing;
	snprintf(c.detail, sizeof(c.detail), " %u rules", ruleset_count(rs));
	return call_end(&c, err, e);
}

static int trace_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "load");
	int err;

	in->wants_deleted = b->wants_deleted;
	err = in->ops->load(in, rs, e);
	b->helpers_missing = in->helpers_missing;
	snprintf(c.detail, sizeof(c.detail), " %u rules", ruleset_count(rs));
	return call_end(&c, err, e);
}

static int trace_load_zero(struct backend *b, enum fw_list_id list,
			   struct fw_ruleset *rs, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "load_zero");
	int err = in->ops->load_zero(in, list, rs, e);

	snprintf(c.detail, sizeof(c.detail), " list %d, %u rules", (int)list,
		 ruleset_count(rs));
	return call_end(&c, err, e);
}

static int trace_refresh(struct backend *b, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "refresh");

	return call_end(&c, in->ops->refresh(in, e), e);
}

static int trace_interfaces(struct backend *b, struct fw_interfaces *ifs,
			    struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "interfaces");
	int err = in->ops->interfaces(in, ifs, e);

	if (!err)
		snprintf(c.detail, sizeof(c.detail), " %u devices", ifs->count);
	return call_end(&c, err, e);
}

static int trace_check(struct backend *b, enum fw_list_id list,
		       const struct fw_packet *pkt, const struct fw_dev *dev,
		       struct fw_decision *d, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "check");
	int err = in->ops->check(in, list, pkt, dev, d, e);

	if (!err)
		snprintf(c.detail, sizeof(c.detail), " list %d, verdict %d", (int)list,
			 (int)d->verdict);
	return call_end(&c, err, e);
}

static int trace_connections(struct backend *b, struct fw_conn **conns, size_t *n,
			     struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "connections");
	int err = in->ops->connections(in, conns, n, e);

	if (!err)
		snprintf(c.detail, sizeof(c.detail), " %zu connections", *n);
	return call_end(&c, err, e);
}

static int trace_track_list(struct backend *b, const struct track_filter *filter,
			    track_fn each, void *ctx, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "track list");

	snprintf(c.detail, sizeof(c.detail), " %zu filters", filter->count);
	return call_end(&c, in->ops->track->list(in, filter, each, ctx, e), e);
}

static int trace_track_end(struct backend *b, const struct track_filter *filter,
			   track_fn each, void *ctx, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "track end");

	snprintf(c.detail, sizeof(c.detail), " %zu filters", filter->count);
	return call_end(&c, in->ops->track->end(in, filter, each, ctx, e), e);
}

static int trace_track_flush(struct backend *b, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "track flush");

	return call_end(&c, in->ops->track->flush(in, e), e);
}

static int trace_track_timeouts(struct backend *b, struct track_timeout **timeouts,
				size_t *n, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "track timeouts");
	int err = in->ops->track->timeouts(in, timeouts, n, e);

	if (!err)
		snprintf(c.detail, sizeof(c.detail), " %zu timeouts", *n);
	return call_end(&c, err, e);
}

static int trace_track_timeouts_set(struct backend *b, const struct track_timeout *timeouts,
				    size_t n, struct fw_error *e)
{
	struct backend *in = inner_of(b);
	struct call c = call_begin(in->ops, "track timeouts_set");

	snprintf(c.detail, sizeof(c.detail), " %zu timeouts", n);
	return call_end(&c, in->ops->track->timeouts_set(in, timeouts, n, e), e);
}

static const struct track_ops track_wrapped = {
	.list = trace_track_list,
	.end = trace_track_end,
	.flush = trace_track_flush,
	.timeouts = trace_track_timeouts,
	.timeouts_set = trace_track_timeouts_set,
};

static void ops_wrap(struct backend_ops *ops, const struct backend_ops *inner)
{
	*ops = *inner;
	ops->close = trace_close;
	ops->edit = trace_edit;
	ops->replace = trace_replace;
	ops->load = trace_load;
	ops->load_zero = trace_load_zero;
	ops->refresh = trace_refresh;
	ops->interfaces = trace_interfaces;
	ops->check = trace_check;
	ops->connections = trace_connections;
	ops->track = &track_wrapped;
}

int trace_open(struct backend *b, const struct backend_ops *ops, const char *arg,
	       struct fw_error *e)
{
	struct call c = call_begin(ops, "open");
	struct trace *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return fw_error_set(e, ENOMEM, "out of memory");
	t->inner.ops = ops;
	t->inner.format = b->format;
	err = ops->open(&t->inner, arg, e);
	if (err) {
		free(t);
		return call_end(&c, err, e);
	}
	ops_wrap(&t->ops, ops);
	b->ops = &t->ops;
	b->state = t;
	return call_end(&c, 0, NULL);
}

struct backend *trace_unwrap(struct backend *b)
{
	return b->ops->close == trace_close ? inner_of(b) : b;
}
