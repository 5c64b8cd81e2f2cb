#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a forwarded packet costs in the module's shortest paths: no more than the table of
# tests/bench says.  make bench-kmod measures all of it.
# slow
. tests/lib/suite.sh

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "no qemu-system-x86_64"
elif [ "${KERNELS-}" = debug ]; then
	skip "the debug kernel is of other instructions"
else
	out=$(tests/bench/kmod.py --short 2>&1)
	status=$?
	printf '%s\n' "$out"
	counts_add "$out"
	case $status in
	0 | 1)	;;
	77)	skip "the table is of another kernel or compiler" ;;
	*)	fail "exit status $status" ;;
	esac
	[ $status != 1 ] || [ $suite_failed != 0 ] || fail "exit status 1"
fi
suite_end
