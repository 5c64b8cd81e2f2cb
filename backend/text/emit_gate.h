/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit_gate.h - the closed gate for IPv6 as text that loads unmodified.
 */
#ifndef BACKEND_EMIT_GATE_H
#define BACKEND_EMIT_GATE_H

#include <stdio.h>

/* Errors are left in out. */
void emit_gate_nft(FILE *out);
void emit_gate_ip6tables(FILE *out);

#endif
