/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icount.h - marks between the program that runs in the guest and the plugin that counts.
 *
 * A mark is a no-operation of eight bytes, whose last one tells which.
 */
#ifndef TESTS_BENCH_ICOUNT_H
#define TESTS_BENCH_ICOUNT_H

enum icount_mark {
	MARK_BEGIN = 1,
	MARK_END = 2,
	MARK_DONE = 3,
	MARK_VOID = 4, /* the pair before it does not count */
};

#define MARK_BYTES 8
#define MARK_NOP 0x0f, 0x1f, 0x84, 0x00, 0x66, 0x77, 0xab

#define ICOUNT_MARK(mark)                                                                  \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x66, 0x77, 0xab, %c0" ::"i"(mark) \
			 : "memory")

#endif
