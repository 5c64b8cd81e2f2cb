// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim.c - the simulator backend: a file in saved form is its kernel.
 *
 * "sim:FILE" names the file.  Plain "sim" is /run/ipfwadm.sim for root and
 * $XDG_RUNTIME_DIR/ipfwadm.sim, or else $HOME/.ipfwadm.sim, for others.
 *
 * Its interfaces are those of the file's `interface' lines, or of the running system if
 * the file has none.  It receives no packets: its connections are those that trace walked
 * through a simulated host (host.h) and was asked to keep.
 */
#include "backend/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/interfaces.h"
#include "backend/ruleset.h"
#include "backend/sim/sim_state.h"
#include "backend/sim/sim_track.h"
#include "kmod/core/masq.h"

#define DEFAULT_NAME "ipfwadm.sim"

static bool is_absolute(const char *dir)
{
	return dir && dir[0] == '/';
}

int sim_path_choose(char **path, const char *arg, struct fw_error *e)
{
	const char *dir = geteuid() ? secure_getenv("XDG_RUNTIME_DIR") : "/run", *dot = "";

	if (!is_absolute(dir)) {
		dir = secure_getenv("HOME");
		dot = ".";
	}
	*path = NULL;
	if (arg && !*arg)
		return fw_error_set(e, EINVAL, "no file behind 'sim:'");
	if (!arg && !is_absolute(dir))
		return fw_error_set(e, ENOENT,
				    "no place for the simulator's file: neither "
				    "XDG_RUNTIME_DIR nor HOME is set (use sim:FILE)");
	if (arg)
		*path = strdup(arg);
	else if (asprintf(path, "%s/%s" DEFAULT_NAME, dir, dot) < 0)
		*path = NULL;
	return *path ? 0 : fw_error_set(e, ENOMEM, "out of memory");
}

static int sim_probe(const char *arg, struct fw_error *e)
{
	struct state_file f;
	char *path;
	int err = sim_path_choose(&path, arg, e);

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
	int err = sim_path_choose(&path, arg, e);

	b->state = path;
	return err;
}

static void sim_close(struct backend *b)
{
	free(b->state);
	b->state = NULL;
}

static bool list_is_same(const struct fw_list *a, const struct fw_list *b)
{
	const struct fw_rule *x, *y;

	if (a->policy != b->policy || a->count != b->count)
		return false;
	if (!a->count)
		return true;
	x = fw_list_rule(a, 0);
	y = fw_list_rule(b, 0);
	return fw_rule_equal(x, y) && x->nsp == y->nsp && x->tosand == y->tosand &&
	       x->tosxor == y->tosxor && !memcmp(x->pts, y->pts, sizeof(x->pts));
}

/*
 * Refuses what the saved form cannot say: socket options of 2.0 carry rules and policies
 * for which the language has no words.
 */
static int edit_check(struct backend *b, const struct fw_edit *edit, struct fw_error *e)
{
	struct fw_interfaces ifs = { .dev = NULL };
	struct fw_ruleset rs, back;
	char *text = NULL;
	size_t len;
	int err;

	if (edit->op != FW_OP_APPEND && edit->op != FW_OP_INSERT && edit->op != FW_OP_POLICY)
		return 0;
	fw_ruleset_init(&rs);
	fw_ruleset_init(&back);
	if (fw_ruleset_edit(&rs, edit))		/* the edit itself will report why */
		return 0;
	err = b->format->write(&rs, &ifs, &text, &len);
	if (!err && (b->format->read("rule", text, len, &back, &ifs, NULL) ||
		     !list_is_same(&rs.list[edit->list], &back.list[edit->list])))
		err = -EINVAL;
	free(text);
	free(ifs.dev);
	fw_ruleset_free(&rs);
	fw_ruleset_free(&back);
	if (err == -EINVAL)
		fw_error_set(e, EINVAL, "the language has no words for it");
	else if (err)
		fw_error_set(e, -err, "out of memory");
	return err;
}

/* Connections through forwards that the edit deletes are cut, if it says so. */
static void connections_cut(struct sim_state *s, const struct fw_portfw_edit *edit)
{
	for (__u32 i = 0; edit->cut && i < s->rules.portfw.count; i++) {
		const struct fw_portfw *f = &s->rules.portfw.entry[i];

		if (!fw_portfw_is_deleted(f, edit))
			continue;
		for (__u32 n = 0; n < s->tracker.table.next_unused; n++) {
			struct fw_entry *c = &s->tracker.entries[n];

			if (track_entry_used(c) && fw_masq_forward_made(f, c))
				c->forwarded = FW_FORWARDED_CUT;
		}
	}
}

static int state_edit(struct sim_state *s, const struct fw_edit *edit, size_t n,
		      struct fw_error *e)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		if (edit[i].op == FW_OP_PORTFW)
			connections_cut(s, &edit[i].portfw);
		err = fw_ruleset_edit_all(&s->rules, &edit[i], 1, e);
		if (err && e)
			e->edit = i;
	}
	return err;
}

static int sim_edit(struct backend *b, const struct fw_edit *edit, size_t n,
		    struct fw_error *e)
{
	struct sim_state s;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		err = edit_check(b, &edit[i], e);
		if (err && e)
			e->edit = i;
	}
	if (!err)
		err = sim_state_begin(b, &s, e);
	if (err)
		return err;
	err = state_edit(&s, edit, n, e);
	if (!err)
		err = sim_state_write(b, &s, &s.rules, e);
	sim_state_end(&s);
	return err;
}

/* Connections began under other rules, so they end. */
static int sim_replace(struct backend *b, const struct fw_ruleset *rs,
		       struct fw_error *e)
{
	struct sim_state s;
	int err = sim_state_begin(b, &s, e);

	if (err)
		return err;
	if (s.tracker.entries)
		sim_tracker_reset(&s.tracker);
	err = sim_state_write(b, &s, rs, e);
	sim_state_end(&s);
	return err;
}

static int sim_load(struct backend *b, struct fw_ruleset *rs, struct fw_error *e)
{
	struct sim_state s;
	int err = sim_state_peek(b, &s, e);

	if (err)
		return err;
	*rs = s.rules;
	fw_ruleset_init(&s.rules);
	sim_state_end(&s);
	return 0;
}

/* Writes s with the counters of a list at zero; s keeps the old ones. */
static int state_zero(struct backend *b, struct sim_state *s, enum fw_list_id list,
		      struct fw_error *e)
{
	struct fw_ruleset zeroed;
	int err = fw_ruleset_copy(&zeroed, &s->rules);

	if (err)
		return fw_error_set(e, -err, "out of memory");
	fw_list_zero(&zeroed.list[list]);
	err = sim_state_write(b, s, &zeroed, e);
	fw_ruleset_free(&zeroed);
	return err;
}

static int sim_load_zero(struct backend *b, enum fw_list_id list,
			 struct fw_ruleset *rs, struct fw_error *e)
{
	struct sim_state s;
	int err = sim_state_begin(b, &s, e);

	if (err)
		return err;
	err = state_zero(b, &s, list, e);
	if (!err) {
		*rs = s.rules;
		fw_ruleset_init(&s.rules);
	}
	sim_state_end(&s);
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
	int err = sim_state_peek(b, &s, e);

	if (err)
		return err;
	err = sim_state_interfaces(&s, ifs, e);
	sim_state_end(&s);
	return err;
}

static int sim_check(struct backend *b, enum fw_list_id list,
		     const struct fw_packet *pkt, const struct fw_dev *dev,
		     struct fw_decision *d, struct fw_error *e)
{
	struct fw_interfaces ifs = { 0 };
	struct sim_state s;
	int err = sim_state_peek(b, &s, e);

	if (err)
		return err;
	err = sim_state_interfaces(&s, &ifs, e);
	if (!err)
		err = interfaces_check(&ifs, dev, e);
	if (!err)
		fw_list_walk(&s.rules.list[list],
			     &(struct fw_walk){ .list = list, .dev = dev }, pkt, d);
	free(ifs.dev);
	sim_state_end(&s);
	return err;
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
	.track = &sim_track_ops,
};
