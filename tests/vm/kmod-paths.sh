#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to do with packets, done again by the module;
# and, done again with a rule that matters loaded wrong, it must be noticed.  EVERY: of so
# many recorded ways one.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2154 # of suite.sh
paths=$scratch/paths.jsonl some=$scratch/some.jsonl
every=${EVERY:-$(amount 6 1)}
xz -dc tests/recorded/path.jsonl.xz >"$scratch/all"
awk -v "every=$every" 'NR % every == 0' "$scratch/all" >"$paths"
head -n $((60 / every)) "$scratch/all" >"$some"
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '
		$BUILD/tests/path-vectors --backend kmod '"$paths"'
		$BUILD/tests/path-vectors --backend kmod-planted '"$some" \
		--file "$paths" --file "$some"
done
suite_end
