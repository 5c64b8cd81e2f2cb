#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What packets and their senders learn of the module's verdicts, in both kernels.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/kmod-hooks' --module-option masquerade_drop=1
done
suite_end
