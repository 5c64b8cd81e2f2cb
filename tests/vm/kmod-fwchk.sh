#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to decide about packets, asked of the module in both
# kernels.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

packets=tests/recorded/fwchk.jsonl.xz
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/fwchk-vectors --backend kmod '$packets \
		--file $packets
done
suite_end
