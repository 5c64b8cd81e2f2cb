#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Recorded scenarios of a connection tracker as real packets, for the module:
# as Linux does it, and with our deliberate differences.
# slow
# long
. tests/lib/suite.sh
. tests/lib/machine.sh

states=tests/recorded/states.jsonl.xz
of_kind=$(amount "${STATES_OF_KIND:-3}" 100000)
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" "
		\$BUILD/tests/state-vectors --as-linux --backend kmod --of-kind $of_kind $states
		\$BUILD/tests/state-vectors --backend kmod --of-kind $of_kind $states" \
		--file $states --modprobe tun --memory 1024 --time 1800
done
suite_end
