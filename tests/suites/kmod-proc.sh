#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Readers of /proc/net/ip_input and its siblings, of the module in both kernels.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
$BUILD/tests/kmod-proc
$BUILD/tests/kmod-proc 2040
$BUILD/tests/kmod-proc-i386 2
'
for kernel in $kernels; do
	machine "$kernel" "$script"
done
suite_end
