/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_gate.h - the gate for IPv6: legacy ip6tables, in chain ipfw-ipv6 of table filter.
 */
#ifndef BACKEND_XT_GATE_H
#define BACKEND_XT_GATE_H

#include "backend/backend.h"

struct xt_gate {
	bool is_closed;		/* there is such a chain */
	bool is_changed;	/* it is not as it was made */
};

/* 0 or -errno with a text. */
int xt_gate_read(struct xt_gate *g, struct fw_error *e);

/* Closes or opens the gate, if it is not so, under the lock of iptables.  Likewise. */
int xt_gate_set(bool closes, struct fw_error *e);

/* Reports what else filters IPv6 packets to this host, and the gate.  0 or -errno. */
int xt_gate_foreign(foreign_chain_fn each, void *ctx);

#endif
