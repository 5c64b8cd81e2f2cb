/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.h - netfilter hooks of all network namespaces.
 */
#ifndef FWK_HOOKS_H
#define FWK_HOOKS_H

/* Needs fwk_rules_init() before, fwk_rules_exit() after. */
int fwk_hooks_init(void);
void fwk_hooks_exit(void);

#endif
