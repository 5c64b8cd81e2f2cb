// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const overlay_places[OVERLAY_PLACES] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };

static bool is_same(const char *path, const char *other)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

bool overlay_place_is_own(size_t i)
{
	for (size_t n = 0; n < i; n++)
		if (is_same(overlay_places[n], overlay_places[i]))
			return false;
	return access(overlay_places[i], F_OK) == 0;
}

int overlay_lay(const char *place, const char *folders, bool shows_covered)
{
	char path[PATH_MAX], layers[PATH_MAX];
	int err, was = open_tree(AT_FDCWD, place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	snprintf(layers, sizeof(layers), "lowerdir=%s:%s", folders, place);
	err = mount("ipfwadm", place, "overlay", MS_RDONLY, layers) < 0 ? -errno : 0;
	snprintf(path, sizeof(path), "%s/" OVERLAY_COVERED, place);
	if (!err && shows_covered &&
	    (was < 0 || move_mount(was, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0))
		err = -errno;
	if (was >= 0)
		close(was);
	return err;
}
