#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to do with packets, done again by the module in both
# kernels.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

paths=tests/recorded/path.jsonl.xz
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/path-vectors --backend kmod '$paths --file $paths
done
suite_end
