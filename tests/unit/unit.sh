#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The unit tests (cmocka), with sanitizers.
. tests/lib/suite.sh
export CMOCKA_MESSAGE_OUTPUT=tap

for source in tests/unit/*.c; do
	program=$ASAN/tests/unit/$(basename "$source" .c)
	"$program" >"$scratch/out" 2>&1
	status=$?
	passed=$(grep -c '^ok ' "$scratch/out")
	failed=$(grep -c '^not ok ' "$scratch/out")
	suite_passed=$((suite_passed + passed))
	suite_failed=$((suite_failed + failed))
	[ $status = 0 ] || {
		echo "$program: exit status $status"
		cat "$scratch/out"
	}
	# a crash is not in its own count
	[ $((status != 0)) = $((failed != 0)) ] || fail "$program: exit status $status"
	[ $((passed + failed)) != 0 ] || fail "$program: no tests"
done
suite_end
