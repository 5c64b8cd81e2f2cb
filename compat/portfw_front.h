/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * portfw_front.h - ipportfw, ipautofw and ipmasqadm: the old words of port forwarding.
 *
 * Each is a command line with its own syntax, messages and listing over the one table of
 * `ipfwadm -M --forward'.  Each changes and lists its own kind of forwards: one address
 * and one port (ipportfw, portfw), a mark (mfw), ports of every address (autofw).
 * Functions return an exit status.
 */
#ifndef COMPAT_PORTFW_FRONT_H
#define COMPAT_PORTFW_FRONT_H

#include "backend/backend.h"

/* The program's backend: opened for edits like these, of which there may be none. */
struct portfw_host {
	int (*open)(void *ctx, struct backend *b, const struct fw_edit *edit, size_t n,
		    struct fw_error *e);
	void (*close)(struct backend *b);
	void *ctx;
};

int ipportfw_run(const struct portfw_host *h, int argc, char **argv);
int ipautofw_run(const struct portfw_host *h, int argc, char **argv);
int ipmasqadm_run(const struct portfw_host *h, int argc, char **argv);

/* modules of ipmasqadm; argv[0] is the module's name */
int portfw_module_run(const struct portfw_host *h, int argc, char **argv);
int mfw_module_run(const struct portfw_host *h, int argc, char **argv);

enum {
	FRONT_FAILED = 1,
	FRONT_USAGE = 2,
	FRONT_REFUSED = 255,
};

/* PORTFW_OTHER: what no old program knows */
enum portfw_kind { PORTFW_ONE_PORT, PORTFW_MARK, PORTFW_ANY_ADDR, PORTFW_OTHER };

enum portfw_kind portfw_kind_of(const struct fw_portfw *f);

/*
 * A change under way: the table as it was read, and edits of it.  A front end asks for
 * edits; all are carried out together.
 */
struct portfw_change {
	const struct portfw_host *host;
	struct backend backend;
	struct fw_ruleset rules;
	struct fw_edit *edit;	/* malloc'ed */
	size_t count;
	bool no_memory;
};

struct fw_portfw_table *portfw_change_table(struct portfw_change *c);
void portfw_change_add(struct portfw_change *c, const struct fw_portfw_edit *edit);
/* Adds one that keeps what was counted. */
void portfw_change_add_counted(struct portfw_change *c, const struct fw_portfw_edit *edit);
/* Adds edits that delete all of a kind. */
void portfw_change_clear(struct portfw_change *c, enum portfw_kind kind, bool cut);

/* a command that has been read */
struct portfw_command {
	char letter;		/* its option, of which each program has its own */
	bool numeric;		/* a listing without names */
	struct fw_portfw forward;
};

/* what the programs do differently with it */
struct portfw_program {
	enum portfw_kind kind;
	void (*print)(const struct fw_portfw_table *t, const struct portfw_command *c);
	/* Adds the edits of a command; 0, or an errno if the table forbids it. */
	int (*edit)(struct portfw_change *change, const struct portfw_command *c);
	/* Says that there is no table to list; an exit status. */
	int (*list_refusal)(const char *name, const struct fw_error *e);
};

/* ipautofw's letter to delete what 2.0 required to be there; its -D was silent on 2.2 */
#define AUTOFW_DELETE_KNOWN 'd'

extern const struct portfw_program ipportfw_program, portfw_program, mfw_program,
	ipautofw_program;

/* Lists, or edits.  name: of the program; caller: how it calls itself when it is refused. */
int portfw_command_run(const struct portfw_program *p, const struct portfw_host *h,
		       const struct portfw_command *c, bool lists, const char *name,
		       const char *caller);

/* Edits, without a word.  0 or -errno. */
int portfw_command_edit(const struct portfw_program *p, const struct portfw_host *h,
			const struct portfw_command *c, struct fw_error *e);

/* "NAME: text" on stderr; FRONT_USAGE */
int portfw_usage_error(const char *name, const char *text);

/* What a refusal was in the words of the old programs. */
int portfw_refusal(const char *name, const struct fw_error *e);

#endif
