// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * backend.c - the table of backends, and opening one by its name.
 */
#include "backend/backend.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/nft.h"
#include "backend/plan.h"
#include "backend/sim.h"
#include "backend/trace.h"

const struct backend_ops *const backends[] = {
	&nft_ops,
	&sim_ops,
	NULL,
};

int fw_error_set(struct fw_error *e, int code, const char *format, ...)
{
	va_list args;

	if (e) {
		*e = (struct fw_error){ .code = code };
		va_start(args, format);
		vsnprintf(e->text, sizeof(e->text), format, args);
		va_end(args);
	}
	return -code;
}

static const struct backend_ops *ops_find(const char *name, size_t len)
{
	const struct backend_ops *const *ops;

	for (ops = backends; *ops; ops++)
		if (strlen((*ops)->name) == len && !memcmp((*ops)->name, name, len))
			return *ops;
	return NULL;
}

int backend_open(struct backend *b, const char *spec,
		 const struct ruleset_format *format, bool trace,
		 struct fw_error *e)
{
	size_t len = strcspn(spec, ":");
	const char *arg = spec[len] ? spec + len + 1 : NULL;
	const struct backend_ops *ops = ops_find(spec, len);
	int err;

	*b = (struct backend){ .format = format, .mark_mask = PLAN_MARK_MASK };
	if (!ops)
		return fw_error_set(e, EINVAL, "unknown backend '%.*s'",
				    len < 80 ? (int)len : 80, spec);
	if (trace)
		return trace_open(b, ops, arg, e);
	err = ops->open(b, arg, e);
	if (!err)
		b->ops = ops;
	return err;
}

void backend_close(struct backend *b)
{
	if (b->ops)
		b->ops->close(b);
	*b = (struct backend){ 0 };
}
