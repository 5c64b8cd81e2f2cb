/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_ops.h - what nft and xtables do alike as backends of struct backend_ops.
 */
#ifndef BACKEND_STORE_OPS_H
#define BACKEND_STORE_OPS_H

#include "backend/backend.h"

#define STORE_GATE_WARNING "the gate for IPv6 was changed by others (`ipfwadm refresh' puts " \
			   "it right)"

/* Neither takes an argument: 0, or -EINVAL with a text. */
int store_argument_check(const char *name, const char *arg, struct fw_error *e);

/* the members able, interfaces and check */
int store_able(const struct fw_edit *edit, size_t n, struct fw_error *e);
int store_interfaces(struct backend *b, struct fw_interfaces *ifs, struct fw_error *e);
int store_check(struct backend *b, enum fw_list_id list, const struct fw_packet *pkt,
		const struct fw_dev *dev, struct fw_decision *d, struct fw_error *e);

#endif
