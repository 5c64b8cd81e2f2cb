/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interfaces.h - the interfaces of the running system.
 */
#ifndef BACKEND_INTERFACES_H
#define BACKEND_INTERFACES_H

#include "backend/backend.h"
#include "backend/plan/plan.h"

/*
 * One device per IPv4 address; an address with a label of its own, such as
 * eth0:1, is a device of that name.  The caller frees ifs->dev.
 */
int interfaces_system(struct fw_interfaces *ifs, struct fw_error *e);

/*
 * Puts into *o the interfaces that a plan of rs depends on, once o->lasting is known.
 * They are kept in *ifs, which is the caller's in any case.
 */
int interfaces_plan(struct fw_interfaces *ifs, const struct fw_ruleset *rs,
		    struct plan_options *o, struct fw_error *e);

/* 0 if there is a device with dev's name and address, or -EINVAL. */
int interfaces_check(const struct fw_interfaces *ifs, const struct fw_dev *dev,
		     struct fw_error *e);

/* The same, of the running system. */
int interfaces_system_check(const struct fw_dev *dev, struct fw_error *e);

#endif
