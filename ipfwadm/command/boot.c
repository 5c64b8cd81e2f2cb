// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * boot.c - `ipfwadm enable' and `disable': what ipfwadm.service loads at boot.
 */
#include <errno.h>
#include <getopt.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/saved.h"

#define UNIT "ipfwadm.service"
#define UNIT_CLOSED "ipfwadm-closed.service"

/* The file appears whole or not at all.  0 or -errno. */
static int rules_write(const struct fw_ruleset *rs)
{
	char path[] = BOOT_RULES ".XXXXXX";
	int fd = mkstemp(path), err = 0;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd < 0)
		return -errno;
	if (f)
		saved_write(f, rs, NULL, NULL, SAVED_NO_COUNTERS);
	if (!f || fflush(f) || ferror(f) || fsync(fd) < 0 || rename(path, BOOT_RULES) < 0) {
		err = -errno;
		unlink(path);
	}
	if (f)
		fclose(f);
	else
		close(fd);
	return err;
}

static int rules_store(const struct app *app)
{
	struct fw_ruleset rs;
	struct fw_error e;
	struct backend b;
	int err = app_backend_open(app, &b);

	if (err < 0)
		return err;
	fw_ruleset_init(&rs);
	err = app_backend_is_kernel(b.ops->name) ? b.ops->load(&b, &rs, &e) :
		fw_error_set(&e, EOPNOTSUPP, "rules of the simulator are not in force at boot");
	if (!err) {
		err = rules_write(&rs);
		if (err)
			fw_error_set(&e, -err, "cannot write '" BOOT_RULES "': %s", strerror(-err));
	}
	if (err)
		app_error(app, "%s", e.text);
	fw_ruleset_free(&rs);
	backend_close(&b);
	return err;
}

/* systemctl VERB UNIT; reports a failure, of which systemctl says why. */
static int unit_set(const struct app *app, const char *verb, const char *unit)
{
	char *argv[] = { (char *)"systemctl", (char *)"-q", (char *)verb, (char *)unit, NULL };
	int status = 0, err;
	pid_t pid;

	err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (err) {
		app_error(app, "cannot start 'systemctl': %s", strerror(err));
		return -err;
	}
	if (waitpid(pid, &status, 0) < 0 || status) {
		app_error(app, "'systemctl %s %s' failed", verb, unit);
		return -EIO;
	}
	return 0;
}

int command_enable(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "closed", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	bool closed = false;
	int c;

	while ((c = app_option(app, argc, argv, "", options)) != -1) {
		if (c != 'c')
			return app_usage(app, argv[0]);
		closed = true;
	}
	if (optind != argc)
		return app_word_refuse(app, argv[0], argv[0], argv[optind], NULL);
	if (rules_store(app))
		return STATUS_FAILED;
	if (unit_set(app, "enable", UNIT) ||
	    unit_set(app, closed ? "enable" : "disable", UNIT_CLOSED)) {
		app_error(app, "the rules are in " BOOT_RULES ", but nothing loads them at boot");
		return STATUS_FAILED;
	}
	printf("The rules in force are in " BOOT_RULES ", which is loaded at boot%s.\n",
	       closed ? "; until it is, everything is denied" : "");
	app_ipv6_warn(app, app->backend ? app->backend : backend_choose(NULL, 0, NULL));
	return STATUS_OK;
}

int command_disable(struct app *app, int argc, char **argv)
{
	if (argc != 1)
		return app_word_refuse(app, argv[0], argv[0], argv[1], NULL);
	if (unit_set(app, "disable", UNIT) || unit_set(app, "disable", UNIT_CLOSED))
		return STATUS_FAILED;
	printf("No rules are loaded at boot; those in force and " BOOT_RULES " stay.\n");
	return STATUS_OK;
}
