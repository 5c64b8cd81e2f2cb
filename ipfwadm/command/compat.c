// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compat.c - `ipfwadm compat COMMAND...': a command that finds the kernel of 2.0.
 *
 * The command is started with the preload library, of which there is one for each kind
 * of program: the dynamic linker puts the name of the kind's library folder for $LIB.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/preload_helper.h"
#include "compat/proc_mount.h"
#include "ipfwadm/command/subcommands.h"

#define LIBRARY "../lib/ipfwadm/$LIB/libipfwadm-compat.so"

/* A backend of a file, by the file's whole path: the command may change its folder. */
static int backend_export(const char *spec)
{
	char text[2 * PATH_MAX], cwd[PATH_MAX];
	const char *file = strchr(spec, ':');

	if (!file || file[1] == '/' || !file[1])
		return setenv("IPFWADM_BACKEND", spec, 1) ? -errno : 0;
	if (!getcwd(cwd, sizeof(cwd)))
		return -errno;
	snprintf(text, sizeof(text), "%.*s:%s/%s", (int)(file - spec), spec, cwd, file + 1);
	return setenv("IPFWADM_BACKEND", text, 1) ? -errno : 0;
}

/* The library goes before others that are preloaded. */
static int library_export(const char *program)
{
	const char *others = getenv("LD_PRELOAD");
	char text[3 * PATH_MAX];
	int len = snprintf(text, sizeof(text), "%.*s/" LIBRARY "%s%s",
			   (int)(strrchr(program, '/') - program), program,
			   others ? ":" : "", others ? others : "");

	if ((size_t)len >= sizeof(text))
		return -ENAMETOOLONG;
	return setenv("LD_PRELOAD", text, 1) ? -errno : 0;
}

static int environment_set(const struct app *app)
{
	char program[PATH_MAX], mask[32];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int err = len < 0 ? -errno : 0;

	if (err)
		return err;
	program[len] = '\0';
	if (strpbrk(program, " :$"))	/* they end or change a name in LD_PRELOAD */
		return -EINVAL;
	snprintf(mask, sizeof(mask), "--mark-mask=%#x", app->mark_mask);
	err = app->backend ? backend_export(app->backend) : 0;
	if (!err)
		err = app_log_group_export(app);
	if (!err)
		err = library_export(program);
	if (!err && (setenv(PRELOAD_PROGRAM, program, 1) || setenv(PRELOAD_MASK, mask, 1)))
		err = -errno;
	return err;
}

int command_compat(struct app *app, int argc, char **argv)
{
	static const char *const commands[] = { "modprobe", "insmod", "rmmod", NULL };
	static const char *const options[] = { "mount", NULL };
	bool mounts = argc > 1 && strcmp(argv[1], "--mount") == 0;
	char **command = argv + 1 + mounts;
	struct fw_error e;
	int err;

	if (!*command)
		return app_usage(app, argv[0]);
	if (command[0][0] == '-')
		return app_word_refuse(app, argv[0], argv[0], *command, options);
	err = environment_set(app);
	if (err) {
		app_error(app, "cannot prepare the environment of '%s': %s", *command,
			  strerror(-err));
		return STATUS_FAILED;
	}
	if (mounts && proc_mount(&(struct proc_mount){ .mask = getenv(PRELOAD_MASK),
						       .commands = commands }, &e)) {
		app_error(app, "--mount: %s", e.text);
		return STATUS_FAILED;
	}
	execvp(*command, command);
	err = errno;
	app_error(app, "cannot start '%s': %s", *command, strerror(err));
	return err == ENOENT ? 127 : 126;
}
