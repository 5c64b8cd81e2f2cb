// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * track_sweep.c - ends the entries whose time is over, and keeps the table's size fit.
 */
#include <linux/ktime.h>
#include <linux/sched.h>

#include "kmod/track/track_host.h"

#define PARTS 16 /* of the table, one each second */
#define STEP 64 /* buckets in an RCU read section */
#define LONGEST_NS (10 * NSEC_PER_MSEC)

static void entry_sweep(struct fwk_track *t, struct fw_entry *c, void *now)
{
	if (fw_entry_over(&t->core, c, *(u32 *)now))
		fw_track_end(&t->core, c);
}

void fwk_sweep(struct work_struct *work)
{
	struct fwk_track *t = container_of(work, struct fwk_track, sweep.work);
	u64 end = ktime_get_ns() + LONGEST_NS;
	u32 now = fwk_track_now(), left;
	bool more;

	if (fwk_table_is_unfit(t))
		fwk_table_resize(t);
	left = rcu_dereference_protected(t->buckets, true)->mask / PARTS + 1;
	while (left && ktime_get_ns() < end) {
		u32 step = min_t(u32, left, STEP);

		rcu_read_lock();
		more = fwk_track_visit(t, &t->swept, step, entry_sweep, &now);
		rcu_read_unlock();
		if (!more)
			t->swept = 0;
		left -= step;
		cond_resched();
	}
	if (atomic_read(&t->count))
		queue_delayed_work(system_unbound_wq, &t->sweep, left ? 1 : HZ);
}
