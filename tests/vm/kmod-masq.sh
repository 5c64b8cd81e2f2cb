#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Masquerading by the module: transfers with and without offload, UDP, ICMP
# queries and errors, /proc/net/ip_masquerade and -M.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

for kernel in $kernels_all; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/kmod-masq' --file "$(type -P netstat)"
done
suite_end
