#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What packets and their senders learn of the module's verdicts.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

for kernel in $kernels_all; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/kmod-hooks'
done
suite_end
