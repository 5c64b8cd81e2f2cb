// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_name.c - which interface names a target can match exactly.
 */
#include <string.h>

#include "backend/plan/plan.h"

/*
 * A quoted name is a wildcard if its last byte is a star; a backslash before it
 * ends that, along with every other backslash in the name and
 * with room for one byte less.  A quote cannot be written.
 */
static bool nft_name_ok(const char *name, size_t len)
{
	if (strchr(name, '"') || strchr(name, '\n'))
		return false;
	if (name[len - 1] != '*')
		return true;
	return len < FW_IFNAMSIZ - 1 && !strchr(name, '\\');
}

/* A plus sign at the end is a wildcard. */
static bool xtables_name_ok(const char *name, size_t len)
{
	return name[len - 1] != '+' && !strchr(name, '\n');
}

bool plan_name_ok(enum plan_target target, const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= FW_IFNAMSIZ)
		return false;
	return target == PLAN_NFT ? nft_name_ok(name, len) : xtables_name_ok(name, len);
}
