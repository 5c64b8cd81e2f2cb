/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_lock.h - the lock that all programs share that change iptables rules.
 */
#ifndef BACKEND_XT_LOCK_H
#define BACKEND_XT_LOCK_H

#include "backend/backend.h"

#define XT_LOCK_SECONDS 20 /* how long a lock of others is waited for */

/* Waits for the lock.  A file descriptor that holds it, or -errno with a text. */
int xt_lock_take(struct fw_error *e);
void xt_lock_drop(int fd);

#endif
