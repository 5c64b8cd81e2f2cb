/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugin.h - backends that come with libraries, loaded when they are used.
 *
 * A plugin is lib/ipfwadm/NAME.so beside the program's own directory and
 * defines one symbol, NAME_plugin.
 */
#ifndef BACKEND_PLUGIN_H
#define BACKEND_PLUGIN_H

#include "backend/backend.h"

extern const struct backend_ops kmod_plugin;

/* NULL and the reason in *e if there is no such plugin, or it cannot be used. */
const struct backend_ops *plugin_load(const char *name, struct fw_error *e);

#endif
