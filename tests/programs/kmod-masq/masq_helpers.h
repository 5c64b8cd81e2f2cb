/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq_helpers.h - what clients behind the gate announce of themselves.
 */
#ifndef TESTS_MASQ_HELPERS_H
#define TESTS_MASQ_HELPERS_H

/* The gate masquerades what comes from inside. */
void masq_helpers_test(void);
/* Messages that a sender hands to the wire together; offload is on. */
void masq_helpers_merged(void);
/* Those that change lengths, over a wire with faults. */
void masq_helpers_impaired(void);

#endif
