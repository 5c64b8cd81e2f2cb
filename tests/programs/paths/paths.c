// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * paths.c - everything that packets can be sent through.
 */
#include "tests/programs/paths/paths.h"

#include <string.h>

static const struct path_runner *const runners[] = {
	&path_sim, &path_kmod, &path_kmod_planted, &path_nft, &path_nft_planted,
	&path_nft_text, &path_xtables, &path_xtables_planted,
};

const struct path_runner *path_runner_find(const char *name)
{
	size_t i;

	for (i = 0; i < FW_COUNT(runners); i++)
		if (!strcmp(runners[i]->name, name))
			return runners[i];
	return NULL;
}
