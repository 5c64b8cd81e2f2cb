#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to decide about packets, asked of the module;
# and of some of the rule sets, with lists that are long enough for classifiers.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

packets=tests/recorded/fwchk.jsonl.xz
for kernel in $kernels; do
	machine "$kernel" "\$BUILD/tests/fwchk-vectors --backend kmod $packets &&
		\$BUILD/tests/fwchk-vectors --backend kmod --padding 25 $packets" \
		--file $packets
done
suite_end
