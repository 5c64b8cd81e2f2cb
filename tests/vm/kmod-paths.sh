#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to do with packets, done again by the module;
# and, done again with a rule that matters loaded wrong, it must be noticed.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

paths=tests/recorded/path.jsonl.xz
# shellcheck disable=SC2154 # of suite.sh
some=$scratch/some.jsonl
xz -dc $paths | head -n 60 >"$some"
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '
		$BUILD/tests/path-vectors --backend kmod '$paths'
		$BUILD/tests/path-vectors --backend kmod-planted '"$some" \
		--file $paths --file "$some"
done
suite_end
