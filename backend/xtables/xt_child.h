/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_child.h - work that is done to its end, also if this process is killed.
 *
 * Tables change one after the other, and each needs two steps: it is replaced, which
 * gives what its entries had counted, and that is added again.
 */
#ifndef BACKEND_XT_CHILD_H
#define BACKEND_XT_CHILD_H

/*
 * Has a child do it, in the same memory, and waits.  Returns what work does.  No
 * signal ends it, nor does SIGKILL for this process.
 */
int xt_child_run(int (*work)(void *ctx), void *ctx);

#endif
