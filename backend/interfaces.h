/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interfaces.h - the interfaces of the running system.
 */
#ifndef BACKEND_INTERFACES_H
#define BACKEND_INTERFACES_H

#include "backend/backend.h"

/*
 * One device per IPv4 address; an address with a label of its own, such as
 * eth0:1, is a device of that name.  The caller frees ifs->dev.
 */
int interfaces_system(struct fw_interfaces *ifs, struct fw_error *e);

/* 0 if there is a device with dev's name and address, or -EINVAL. */
int interfaces_check(const struct fw_interfaces *ifs, const struct fw_dev *dev,
		     struct fw_error *e);

/* The same, of the running system. */
int interfaces_system_check(const struct fw_dev *dev, struct fw_error *e);

#endif
