/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subcommands.h - whole rule sets, translations, traces, the shell.
 */
#ifndef IPFWADM_SUBCOMMANDS_H
#define IPFWADM_SUBCOMMANDS_H

#include "ipfwadm/app/app.h"

#define BOOT_RULES "/etc/ipfwadm.rules"	/* what ipfwadm.service loads */

struct program;

int command_save(struct app *app, int argc, char **argv);
int command_load(struct app *app, int argc, char **argv);
int command_dump(struct app *app, int argc, char **argv);
int command_lint(struct app *app, int argc, char **argv);
int command_diff(struct app *app, int argc, char **argv);
int command_prove(struct app *app, int argc, char **argv);
int command_optimise(struct app *app, int argc, char **argv);
int command_trace(struct app *app, int argc, char **argv);
int command_ipv6(struct app *app, int argc, char **argv);
int command_refresh(struct app *app, int argc, char **argv);
int command_backends(struct app *app, int argc, char **argv);
int command_complete(struct app *app, int argc, char **argv);
int command_logd(struct app *app, int argc, char **argv);
int command_enable(struct app *app, int argc, char **argv);
int command_disable(struct app *app, int argc, char **argv);

/* Replaces this program by ipfwadm-shell; returns if that cannot be started. */
int command_shell(struct app *app, int argc, char **argv);

/* Replaces this program by a command that the preload library serves. */
int command_compat(struct app *app, int argc, char **argv);
/* Carries out a request of that library; returns an errno. */
int command_compat_helper(struct app *app, int argc, char **argv);

/* The parts of the next one. */
int command_source_read(const struct app *app, const char *name, struct source *source);
int command_source_parse(const struct app *app, struct source *source, struct program *program);

/*
 * Reads and parses a file.  Returns 0, or -errno after a message; the caller frees both in
 * any case.
 */
int command_file_parse(const struct app *app, const char *name, struct source *source,
		       struct program *program);

/*
 * Rules and interfaces of a file, or of the backend if name is NULL.  A file without
 * interfaces is read with those of the system.  must_load: a file that the backend could
 * not load is an error.  Returns an exit status, after a message if it is not 0; *rs and
 * *ifs->dev are to be freed in any case.
 */
int command_rules_read(const struct app *app, const char *name, bool must_load,
		       struct fw_ruleset *rs, struct fw_interfaces *ifs);

#endif
