#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Masquerading by the module: transfers with and without offload and faults of the wire,
# UDP, ICMP queries and errors, /proc/net/ip_masquerade and -M.
# slow
# long
. tests/lib/suite.sh
. tests/lib/machine.sh

mib=$(amount 1 32)
program_add netstat tc
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/kmod-masq '"$mib" --modprobe sch_netem "${files[@]}"
done
suite_end
