// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portfw_front.c - what the old programs of port forwarding share: the table, refusals.
 */
#include "compat/portfw_front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ruleset.h"

enum portfw_kind portfw_kind_of(const struct fw_portfw *f)
{
	if (f->helper)
		return PORTFW_OTHER;
	if (f->mark)
		return PORTFW_MARK;
	if (f->flags & FW_PORTFW_ANY_ADDR)
		return PORTFW_ANY_ADDR;
	return f->low == f->high && f->flags & FW_PORTFW_HAS_PORT ? PORTFW_ONE_PORT
								   : PORTFW_OTHER;
}

/* A backend without port forwarding refuses, whatever its table shows. */
static int change_begin(struct portfw_change *c, const struct portfw_host *h,
			struct fw_error *e)
{
	const struct fw_edit edit = { .op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_FLUSH };
	int err;

	*c = (struct portfw_change){ .host = h };
	fw_ruleset_init(&c->rules);
	err = h->open(h->ctx, &c->backend, &edit, 1, e);
	if (!err && c->backend.ops->able)
		err = c->backend.ops->able(&edit, 1, e);
	return err ? err : c->backend.ops->load(&c->backend, &c->rules, e);
}

struct fw_portfw_table *portfw_change_table(struct portfw_change *c)
{
	return &c->rules.portfw;
}

void portfw_change_add(struct portfw_change *c, const struct fw_portfw_edit *edit)
{
	struct fw_edit *bigger = reallocarray(c->edit, c->count + 1, sizeof(*bigger));

	if (!bigger) {
		c->no_memory = true;
		return;
	}
	c->edit = bigger;
	c->edit[c->count++] = (struct fw_edit){ .op = FW_OP_PORTFW, .portfw = *edit };
}

void portfw_change_add_counted(struct portfw_change *c, const struct fw_portfw_edit *edit)
{
	portfw_change_add(c, edit);
	if (!c->no_memory)
		c->edit[c->count - 1].counters = true;
}

/* The same one again must not be deleted twice. */
static bool is_first(const struct fw_portfw_table *t, __u32 index)
{
	__u32 i = 0;

	while (i < index && !fw_portfw_equal(&t->entry[i], &t->entry[index]))
		i++;
	return i == index;
}

void portfw_change_clear(struct portfw_change *c, enum portfw_kind kind, bool cut)
{
	const struct fw_portfw_table *t = &c->rules.portfw;

	for (__u32 i = 0; i < t->count; i++) {
		struct fw_portfw_edit edit = { FW_PORTFW_DELETE, cut, t->entry[i] };

		if (portfw_kind_of(&t->entry[i]) == kind && is_first(t, i))
			portfw_change_add(c, &edit);
	}
}

static int change_commit(struct portfw_change *c, struct fw_error *e)
{
	if (c->no_memory)
		return fw_error_set(e, ENOMEM, "%s", strerror(ENOMEM));
	return c->count ? c->backend.ops->edit(&c->backend, c->edit, c->count, e) : 0;
}

static void change_end(struct portfw_change *c)
{
	fw_ruleset_free(&c->rules);
	free(c->edit);
	c->host->close(&c->backend);
}

int portfw_usage_error(const char *name, const char *text)
{
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", name, text);
	return FRONT_USAGE;
}

/*
 * A kernel without port forwarding did not know the socket option.  The sentence after
 * it says which backend does.
 */
int portfw_refusal(const char *name, const struct fw_error *e)
{
	fflush(stdout);
	if (e->code == EPERM) {
		fprintf(stderr, "%s: socket creation failed: %s\n", name, strerror(EPERM));
		return FRONT_FAILED;
	}
	if (e->code == EINVAL || e->code == ESRCH || e->code == EOPNOTSUPP)
		fprintf(stderr, "%s: setsockopt failed: %s\n", name,
			strerror(e->code == EOPNOTSUPP ? ENOPROTOOPT : e->code));
	if (e->code != EINVAL && e->code != ESRCH)
		fprintf(stderr, "%s: %s\n", name, e->text);
	return FRONT_REFUSED;
}

/* A line on stderr if the table has forwards of other kinds. */
static void others_mention(const char *name, const struct fw_portfw_table *t,
			   enum portfw_kind kind)
{
	__u32 n = 0;

	for (__u32 i = 0; i < t->count; i++)
		n += portfw_kind_of(&t->entry[i]) != kind;
	fflush(stdout);
	if (n)
		fprintf(stderr, "%s: %u forwards of other kinds, see `ipfwadm -M --forward -l'\n",
			name, n);
}

static int list_run(const struct portfw_program *p, const struct portfw_host *h,
		    const struct portfw_command *c, const char *name)
{
	struct portfw_change change;
	struct fw_error e;
	int status = 0;

	if (change_begin(&change, h, &e)) {
		status = p->list_refusal(name, &e);
	} else {
		p->print(&change.rules.portfw, c);
		others_mention(name, &change.rules.portfw, p->kind);
	}
	change_end(&change);
	return status;
}

int portfw_command_edit(const struct portfw_program *p, const struct portfw_host *h,
			const struct portfw_command *c, struct fw_error *e)
{
	struct portfw_change change;
	int err = change_begin(&change, h, e), refused = err ? 0 : p->edit(&change, c);

	if (refused)
		err = fw_error_set(e, refused, "%s", strerror(refused));
	if (!err)
		err = change_commit(&change, e);
	change_end(&change);
	return err;
}

int portfw_command_run(const struct portfw_program *p, const struct portfw_host *h,
		       const struct portfw_command *c, bool lists, const char *name,
		       const char *caller)
{
	struct fw_error e;

	if (lists)
		return list_run(p, h, c, name);
	return portfw_command_edit(p, h, c, &e) ? portfw_refusal(caller, &e) : 0;
}
