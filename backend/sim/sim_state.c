// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sim_state.c - the simulator's file, read and written: rules in saved form, then
 * connections.
 */
#include "backend/sim/sim_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/interfaces.h"
#include "backend/ruleset.h"
#include "backend/sim/sim_table.h"

int sim_state_track(struct sim_state *s, struct fw_error *e)
{
	int err = s->tracker.entries ? 0
				     : sim_tracker_init(&s->tracker, SIM_CONNECTIONS,
							SIM_CONNECTIONS, SIM_EXPECTS,
							SIM_EXPECTS);

	if (err)
		return fw_error_set(e, -err, "out of memory");
	s->tracker.table.track.masq.timeouts = s->rules.timeouts;
	s->tracker.table.track.portfw = &s->rules.portfw;
	return 0;
}

/* Ticks since the file was written; 0 if its time is yet to come. */
static __u64 ticks_since(const struct timespec *written)
{
	struct timespec now;
	long long ticks;

	clock_gettime(CLOCK_REALTIME, &now);
	ticks = (long long)(now.tv_sec - written->tv_sec) * FW_TRACK_HZ +
		(now.tv_nsec - written->tv_nsec) / (1000000000 / FW_TRACK_HZ);
	return ticks > 0 ? (__u64)ticks : 0;
}

static int table_read(struct sim_state *s, const char *text, char *table, struct fw_error *e)
{
	unsigned int line = 1;
	int err = sim_state_track(s, e);

	for (; text < table; text++)
		line += *text == '\n';
	if (!err)
		err = sim_table_read(&s->tracker, table, s->file.path, line, e);
	if (!err)
		sim_tracker_elapse(&s->tracker, ticks_since(&s->file.st.st_mtim));
	return err;
}

/* Reads the open file; s->file alone is set. */
static int state_read(struct backend *b, struct sim_state *s, struct fw_error *e)
{
	char *text, *table;
	size_t len;
	int err = state_file_read(&s->file, &text, &len, e);

	if (err)
		return err;
	fw_ruleset_init(&s->rules);
	table = sim_table_find(text);
	/* A NUL among the rules is reported by who reads them. */
	err = b->format->read(s->file.path, text, *table ? (size_t)(table - text) : len,
			      &s->rules, &s->ifs, e);
	if (!err && *table && strlen(text) != len)
		err = fw_error_set(e, EBADMSG, "%s: control character among the connections",
				   s->file.path);
	if (!err && *table)
		err = table_read(s, text, table, e);
	free(text);
	return err;
}

static int state_open(struct backend *b, struct sim_state *s,
		      int (*file_open)(struct state_file *file, const char *path,
				       struct fw_error *e),
		      struct fw_error *e)
{
	int err;

	*s = (struct sim_state){ 0 };
	err = file_open(&s->file, b->state, e);
	if (err)
		return err;
	err = state_read(b, s, e);
	if (err)
		sim_state_end(s);
	return err;
}

int sim_state_peek(struct backend *b, struct sim_state *s, struct fw_error *e)
{
	return state_open(b, s, state_file_open, e);
}

int sim_state_begin(struct backend *b, struct sim_state *s, struct fw_error *e)
{
	return state_open(b, s, state_file_lock, e);
}

void sim_state_end(struct sim_state *s)
{
	fw_ruleset_free(&s->rules);
	free(s->ifs.dev);
	sim_tracker_free(&s->tracker);
	state_file_unlock(&s->file);
	*s = (struct sim_state){ .file = { .fd = -1 } };
}

/* Appends the connections to *text. */
static int table_append(struct sim_state *s, char **text, size_t *len)
{
	char *table, *bigger = NULL;
	size_t more;
	FILE *out = s->tracker.entries ? open_memstream(&table, &more) : NULL;
	int err;

	if (!out)
		return s->tracker.entries ? -ENOMEM : 0;
	err = sim_table_write(out, &s->tracker);
	if (fclose(out))
		err = -ENOMEM;
	if (!err)
		bigger = realloc(*text, *len + more + 1);
	if (bigger) {
		memcpy(bigger + *len, table, more);
		*text = bigger;
		*len += more;
	}
	free(table);
	return bigger ? 0 : -ENOMEM;
}

int sim_state_write(struct backend *b, struct sim_state *s, const struct fw_ruleset *rules,
		    struct fw_error *e)
{
	size_t len;
	char *text;
	int err = b->format->write(rules, &s->ifs, &text, &len);

	if (err)
		return fw_error_set(e, -err, "cannot write the saved form: %s",
				    strerror(-err));
	err = table_append(s, &text, &len);
	err = err ? fw_error_set(e, -err, "out of memory")
		  : state_file_replace(&s->file, text, len, e);
	free(text);
	return err;
}

int sim_state_interfaces(const struct sim_state *s, struct fw_interfaces *ifs,
			 struct fw_error *e)
{
	size_t size = s->ifs.count * sizeof(*ifs->dev);

	if (!size)
		return interfaces_system(ifs, e);
	*ifs = (struct fw_interfaces){ .dev = malloc(size), .count = s->ifs.count };
	if (!ifs->dev)
		return fw_error_set(e, ENOMEM, "out of memory");
	memcpy(ifs->dev, s->ifs.dev, size);
	return 0;
}
