/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fail_syscall.h - errors that no file system gives on request.
 */
#ifndef TESTS_LIB_FAIL_SYSCALL_H
#define TESTS_LIB_FAIL_SYSCALL_H

/* From now on the system call nr (SYS_write) fails in this process with error. */
void fail_syscall(long nr, int error);

#endif
