/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * services.h - service names as systems of the 1990s had them; private to
 * names.c.
 */
#ifndef PARSER_SERVICES_H
#define PARSER_SERVICES_H

#include "kmod/core/base.h"

/* -1 if the table does not have it */
int services_port(const char *name, unsigned int kind);
/* the name that comes first in the table, or NULL */
const char *services_name(__u16 port, unsigned int kind);
/* all names of a protocol one after the other, NULL behind the last */
const char *services_next(unsigned int *i, unsigned int kind);

#endif
