#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets with mistakes for the module, which must bear them.
# slow
# long
. tests/lib/suite.sh
. tests/lib/machine.sh

packets=$(amount 3000 500000)
seed=1
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '$BUILD/tests/kmod-packet-fuzz '"$packets $seed" --modprobe tun \
		--time 2000
	seed=$((seed + 1))
done
suite_end
