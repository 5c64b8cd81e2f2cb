// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim.c - the simulator backend: a file in saved form is its kernel.
 *
 * "sim:FILE" names the file.  Plain "sim" is /run/ipfwadm.sim for root and
 * $XDG_RUNTIME_DIR/ipfwadm.sim for others.
 *
 * Its interfaces are those of the file's `interface' lines, or of the running system if
 * the file has none.  It has no connections because it receives no packets; trace walks
 * packets through a simulated host of its own (host.h).
 */
#include "backend/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/interfaces.h"
#include "backend/ruleset.h"
#include "backend/sim/state_file.h"

#define DEFAULT_NAME "ipfwadm.sim"

/* the content of the file */
struct sim_state {
	struct fw_ruleset rules;
	struct fw_interfaces ifs;
};

static void state_free(struct sim_state *s)
{
	fw_ruleset_free(&s->rules);
	free(s->ifs.dev);
}

/* Caller frees *s on success. */
static int state_read(struct backend *b, struct state_file *f, struct sim_state *s,
		      struct fw_error *e)
{
	size_t len;
	char *text;
	int err = state_file_read(f, &text, &len, e);

	if (err)
		return err;
	*s = (struct sim_state){ 0 };
	fw_ruleset_init(&s->rules);
	err = b->format->read(f->path, text, len, &s->rules, &s->ifs, e);
	free(text);
	if (err)
		state_free(s);
	return err;
}

static int state_write(struct backend *b, struct state_file *f,
		       const struct fw_ruleset *rs, const struct fw_interfaces *ifs,
		       struct fw_error *e)
{
	size_t len;
	char *text;
	int err = b->format->write(rs, ifs, &text, &len);

	if (err)
		return fw_error_set(e, -err, "cannot write the saved form: %s",
				    strerror(-err));
	err = state_file_replace(f, text, len, e);
	free(text);
	return err;
}

/* Reads without the lock, which only writers need. */
static int state_peek(struct backend *b, struct sim_state *s, struct fw_error *e)
{
	struct state_file f;
	int err = state_file_open(&f, b->state, e);

	if (err)
		return err;
	err = state_read(b, &f, s, e);
	state_file_close(&f);
	return err;
}

/* Locks and reads; on success the caller calls state_end(). */
static int state_begin(struct backend *b, struct state_file *f, struct sim_state *s,
		       struct fw_error *e)
{
	int err = state_file_lock(f, b->state, e);

	if (err)
		return err;
	err = state_read(b, f, s, e);
	if (err)
		state_file_unlock(f);
	return err;
}

static void state_end(struct state_file *f, struct sim_state *s)
{
	state_free(s);
	state_file_unlock(f);
}

/* Without `interface' lines, reads those of the running system. */
static int state_interfaces(struct sim_state *s, struct fw_error *e)
{
	if (s->ifs.count)
		return 0;
	free(s->ifs.dev);
	return interfaces_system(&s->ifs, e);
}

/* Caller frees *path. */
static int path_choose(char **path, const char *arg, struct fw_error *e)
{
	const char *dir = geteuid() ? secure_getenv("XDG_RUNTIME_DIR") : "/run";

	*path = NULL;
	if (arg && !*arg)
		return fw_error_set(e, EINVAL, "no file behind 'sim:'");
	if (!arg && (!dir || dir[0] != '/'))
		return fw_error_set(e, ENOENT,
				    "no place for the simulator's file: "
				    "XDG_RUNTIME_DIR is not set (use sim:FILE)");
	if (arg)
		*path = strdup(arg);
	else if (asprintf(path, "%s/" DEFAULT_NAME, dir) < 0)
		*path = NULL;
	return *path ? 0 : fw_error_set(e, ENOMEM, "out of memory");
}

static int sim_probe(const char *arg, struct fw_error *e)
{
	struct state_file f;
	char *path;
	int err = path_choose(&path, arg, e);

	if (err)
		return err;
	err = state_file_open(&f, path, e);
	if (!err)
		state_file_close(&f);
	free(path);
	return err;
}

static int sim_open(struct backend *b, const char *arg, struct fw_error *e)
{
	char *path;
	int err = path_choose(&path, arg, e);

	b->state = path;
	return err;
}

static void sim_close(struct backend *b)
{
	free(b->state);
	b->state = NULL;
}

static int sim_edit(struct backend *b, const struct fw_edit *edit, size_t n,
		    struct fw_error *e)
{
	struct state_file f;
	struct sim_state s;
	int err = state_begin(b, &f, &s, e);

	if (err)
		return err;
	err = fw_ruleset_edit_all(&s.rules, edit, n, e);
	if (!err)
		err = state_write(b, &f, &s.rules, &s.ifs, e);
	state_end(&f, &s);
	return err;
}

static int sim_replace(struct backend *b, const struct fw_ruleset *rs,
		       struct fw_error *e)
{
	struct state_file f;
	struct sim_state s;
	int err = state_begin(b, &f, &s, e);

	if (err)
		return err;
	err = state_write(b, &f, rs, &s.ifs, e);
	state_end(&f, &s);
	return err;
}

static int sim_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	struct sim_state s;
	int err = state_peek(b, &s, e);

	if (err)
		return err;
	*rs = s.rules;
	free(s.ifs.dev);
	return 0;
}

/* Writes s with the counters of a list at zero; s keeps the old ones. */
static int state_zero(struct backend *b, struct state_file *f, const struct sim_state *s,
		      enum fw_list_id list, struct fw_error *e)
{
	struct fw_ruleset zeroed;
	int err = fw_ruleset_copy(&zeroed, &s->rules);

	if (err)
		return fw_error_set(e, -err, "out of memory");
	fw_list_zero(&zeroed.list[list]);
	err = state_write(b, f, &zeroed, &s->ifs, e);
	fw_ruleset_free(&zeroed);
	return err;
}

static int sim_load_zero(struct backend *b, enum fw_list_id list,
			 struct fw_ruleset *rs, struct fw_error *e)
{
	struct state_file f;
	struct sim_state s;
	int err = state_begin(b, &f, &s, e);

	if (err)
		return err;
	err = state_zero(b, &f, &s, list, e);
	if (!err) {
		*rs = s.rules;
		fw_ruleset_init(&s.rules);
	}
	state_end(&f, &s);
	return err;
}

/* Rules change through this file alone and name their interfaces. */
static int sim_refresh(struct backend *b, struct fw_error *e)
{
	(void)b;
	(void)e;
	return 0;
}

static int sim_interfaces(struct backend *b, struct fw_interfaces *ifs,
			  struct fw_error *e)
{
	struct sim_state s;
	int err = state_peek(b, &s, e);

	if (err)
		return err;
	fw_ruleset_free(&s.rules);
	err = state_interfaces(&s, e);
	if (!err)
		*ifs = s.ifs;
	return err;
}

static int state_check(struct sim_state *s, enum fw_list_id list,
		       const struct fw_packet *pkt, const struct fw_dev *dev,
		       struct fw_decision *d, struct fw_error *e)
{
	int err = state_interfaces(s, e);

	if (!err)
		err = interfaces_check(&s->ifs, dev, e);
	if (!err)
		fw_list_walk(&s->rules.list[list],
			     &(struct fw_walk){ .list = list, .dev = dev }, pkt, d);
	return err;
}

static int sim_check(struct backend *b, enum fw_list_id list,
		     const struct fw_packet *pkt, const struct fw_dev *dev,
		     struct fw_decision *d, struct fw_error *e)
{
	struct sim_state s;
	int err = state_peek(b, &s, e);

	if (err)
		return err;
	err = state_check(&s, list, pkt, dev, d, e);
	state_free(&s);
	return err;
}

static int sim_connections(struct backend *b, struct fw_conn **conns, size_t *n,
			   struct fw_error *e)
{
	(void)b;
	(void)e;
	*conns = NULL;
	*n = 0;
	return 0;
}

const struct backend_ops sim_ops = {
	.name = "sim",
	.probe = sim_probe,
	.open = sim_open,
	.close = sim_close,
	.edit = sim_edit,
	.replace = sim_replace,
	.load = sim_load,
	.load_zero = sim_load_zero,
	.refresh = sim_refresh,
	.interfaces = sim_interfaces,
	.check = sim_check,
	.connections = sim_connections,
};
