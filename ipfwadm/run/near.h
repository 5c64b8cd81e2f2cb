/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * near.h - the line of a script that a command is most like.
 *
 * For shells and programs that do not report where they are.
 */
#ifndef IPFWADM_NEAR_H
#define IPFWADM_NEAR_H

/* Counted from 1; 0: no line has half of the words. */
unsigned long near_find(const char *text, int argc, char *const *argv);

#endif
