/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_lock.h - the lock that all programs share that change iptables rules.
 */
#ifndef BACKEND_XT_LOCK_H
#define BACKEND_XT_LOCK_H

#include "backend/backend.h"

#define XT_LOCK_SECONDS 20 /* how long a lock of others is waited for */

/*
 * Waits for the lock, but not again right after it was waited for in vain, because a
 * command may want it several times.  A file descriptor that holds it, or -errno with a
 * text, -ETIMEDOUT if others hold it.
 */
int xt_lock_take(struct fw_error *e);
/* A worker of this process has waited in vain. */
void xt_lock_missed(void);
void xt_lock_drop(int fd);

#endif
