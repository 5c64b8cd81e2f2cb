#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two processors with the same first packet; a full table under traffic while its
# connections, rules and limits change; and rules whose hooks come and go with them.
# slow
# long
. tests/lib/suite.sh
. tests/lib/machine.sh

pairs=$(amount 1000 10000)
seconds=$(amount 3 120)
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/kmod-races '"$pairs $seconds" --modprobe tun \
		--cpus 2 --memory 1024
done
suite_end
