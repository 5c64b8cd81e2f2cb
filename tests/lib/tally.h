/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tally.h - counts what agreed and what did not.
 */
#ifndef TESTS_TALLY_H
#define TESTS_TALLY_H

struct tally {
	unsigned long passed, failed, skipped;
};

void tally_pass(struct tally *t);
void tally_skip(struct tally *t);

/* Counts a failure, and tells the first of them on stderr. */
void tally_fail(struct tally *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Prints "N passed, N failed" and, if there are any, the skipped ones.  Returns
 * the exit status of the program: 0 if something passed and nothing failed.
 */
int tally_end(const struct tally *t);

#endif
