/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h - what the administrator has chosen for every command.
 */
#ifndef IPFWADM_CONFIG_H
#define IPFWADM_CONFIG_H

#include "ipfwadm/app/app.h"

/*
 * Takes from /etc/ipfwadm.conf what neither the command line nor the environment has
 * told, and defaults for the rest.  False if a line of it means nothing, which is
 * told on stderr; the others hold.
 */
bool config_apply(struct app *app);

/* A number whose set bits are one block of at least 16. */
bool config_mask_parse(const char *word, __u32 *mask);

#endif
