// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * choose.c - the table of backends, and the choice among them.
 */
#include "backend/choose.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/kmod/kmod.h"
#include "backend/nft/nft.h"
#include "backend/sim/sim.h"
#include "backend/trace.h"
#include "backend/xtables/xtables.h"

const struct backend_info backends[] = {
	{ .name = "kmod", .summary = "module ipfwadm of the running kernel",
	  .ops = &kmod_ops, .sign = "/proc/net/ip_acct",
	  .absent = "module ipfwadm is not loaded" },
	{ .name = "nft", .summary = "nftables of the running kernel", .ops = &nft_ops },
	{ .name = "xtables", .summary = "legacy iptables of the running kernel",
	  .ops = &xtables_ops },
	{ .name = "sim", .summary = "a simulated Linux 2.0 kernel, in a file",
	  .ops = &sim_ops, .named_only = true },
	{ .name = NULL },
};

/* A missing sign file means that the backend cannot work. */
static bool sign_is_missing(const struct backend_info *info)
{
	return info->sign && access(info->sign, F_OK);
}

int backend_probe(const struct backend_info *info, const char *arg, struct fw_error *e)
{
	if (sign_is_missing(info))
		return fw_error_set(e, ENODEV, "%s", info->absent);
	return info->ops->probe(arg, e);
}

bool backend_holds(const struct backend_info *info)
{
	if (info->named_only || sign_is_missing(info))
		return false;
	if (info->ops->holds && !info->ops->holds())
		return false;
	return !info->ops->probe(NULL, NULL);
}

static int info_able(const struct backend_info *info, const struct fw_edit *edit, size_t n,
		     struct fw_error *e)
{
	return info->ops->able && n ? info->ops->able(edit, n, e) : 0;
}

const char *backend_choose(const struct fw_edit *edit, size_t n, struct fw_error *e)
{
	const struct backend_info *info;
	struct fw_error why = { .text = "" };
	char reasons[200] = "";
	size_t len = 0;

	for (info = backends; info->name; info++) {
		if (info->named_only)
			continue;
		if (!backend_probe(info, NULL, &why) && !info_able(info, edit, n, &why))
			return info->name;
		if (len < sizeof(reasons))
			len += (size_t)snprintf(reasons + len, sizeof(reasons) - len,
						"%s%s: %s", len ? "; " : "", info->name,
						why.text);
	}
	fw_error_set(e, ENODEV, "no backend works here (%s)", reasons);
	return NULL;
}

static const struct backend_info *info_find(const char *name, size_t len)
{
	const struct backend_info *info;

	for (info = backends; info->name; info++)
		if (strlen(info->name) == len && !memcmp(info->name, name, len))
			return info;
	return NULL;
}

static const struct backend_info *info_of(const char *spec, struct fw_error *e)
{
	size_t len = (size_t)(strchrnul(spec, ':') - spec);
	const struct backend_info *info = info_find(spec, len);

	if (!info)
		fw_error_set(e, EINVAL, "unknown backend '%.*s'",
			     len < 80 ? (int)len : 80, spec);
	return info;
}

int backend_able(const char *spec, const struct fw_edit *edit, size_t n,
		 struct fw_error *e)
{
	const struct backend_info *info = info_of(spec, e);

	return info ? info_able(info, edit, n, e) : -EINVAL;
}

int backend_open(struct backend *b, const char *spec,
		 const struct ruleset_format *format, bool trace,
		 struct fw_error *e)
{
	const char *colon = strchrnul(spec, ':');
	const char *arg = *colon ? colon + 1 : NULL;
	const struct backend_info *info = info_of(spec, e);
	int err;

	*b = (struct backend){ .format = format, .mark_mask = BACKEND_MARK_MASK };
	if (!info)
		return -EINVAL;
	if (trace)
		return trace_open(b, info->ops, arg, e);
	err = info->ops->open(b, arg, e);
	if (!err)
		b->ops = info->ops;
	return err;
}

void backend_close(struct backend *b)
{
	if (b->ops)
		b->ops->close(b);
	*b = (struct backend){ 0 };
}
