// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plugin.c - backends that come with libraries, loaded when they are used.
 *
 * The place is found from the program's own, never from the environment, since
 * who runs us may be root.  A plugin is never unloaded.
 */
#include "backend/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* DIR/bin/ipfwadm -> DIR/lib/ipfwadm/NAME.so */
static int plugin_path(char path[PATH_MAX], const char *name, struct fw_error *e)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;
	int i;

	if (len < 0)
		return fw_error_set(e, errno, "cannot tell where this program is: %s",
				    strerror(errno));
	program[len] = '\0';
	for (i = 0; i < 2; i++) {
		slash = strrchr(program, '/');
		if (slash)
			*slash = '\0';
	}
	if (snprintf(path, PATH_MAX, "%s/lib/ipfwadm/%s.so", program, name) < PATH_MAX)
		return 0;
	return fw_error_set(e, ENAMETOOLONG, "the path of this program is too long");
}

const struct backend_ops *plugin_load(const char *name, struct fw_error *e)
{
	const struct backend_ops *ops = NULL;
	char path[PATH_MAX], symbol[64];
	void *handle;

	if (plugin_path(path, name, e) < 0)
		return NULL;
	snprintf(symbol, sizeof(symbol), "%s_plugin", name);
	handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (handle)
		ops = dlsym(handle, symbol);
	if (!ops)
		fw_error_set(e, ENOENT, "cannot load backend '%s': %.180s", name, dlerror());
	return ops;
}
