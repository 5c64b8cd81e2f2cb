/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tally.h - the counts of a test program: cases passed, failed and skipped.
 *
 * A recorded or random rule set with its packets is one case.  Its packets are counted
 * apart, because millions of them would hide a suite of ten cases that vanished.
 */
#ifndef TESTS_TALLY_H
#define TESTS_TALLY_H

struct tally {
	unsigned long passed, failed, skipped;	/* cases */
	unsigned long packets, packets_skipped;
	unsigned long case_failed, case_packets; /* failed and packets when the case began */
};

void tally_pass(struct tally *t);
void tally_skip(struct tally *t);

/* A packet of the current case agreed, or could not be compared. */
void tally_packet(struct tally *t);
void tally_packet_skip(struct tally *t);

/*
 * Ends the current case.  It passed if nothing failed and a packet was compared; it is
 * skipped if none was.  Its failures were counted by tally_fail().
 */
void tally_case_end(struct tally *t);

/* Counts a failure, and prints the first of them on stderr. */
void tally_fail(struct tally *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Prints "N packets" if there were any, "N passed, N failed" and the skipped ones.
 * Returns the exit status of the program: 0 if something passed and nothing failed.
 */
int tally_end(const struct tally *t);

#endif
