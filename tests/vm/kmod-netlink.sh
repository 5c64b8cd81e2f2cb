#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module's generic netlink family: what it does, what it refuses,
# dumps, users and events, and messages with mistakes by chance.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
$BUILD/tests/kmod-netlink
$BUILD/tests/kmod-netlink-refusals
$BUILD/tests/kmod-netlink-dump
$BUILD/tests/kmod-netlink-events
NAMESPACE_INSIDE=1 BACKEND=kmod $python -B tests/live/follow.py
$BUILD/tests/kmod-netlink-fuzz $messages $seed
'
python_add json signal socket subprocess tempfile
file_add tests/live/follow.py tests/lib/namespace.py "$(type -P ip)"
seed=1
for kernel in $kernels; do
	messages=25000
	[ "$kernel" != debug ] || messages=5000
	machine "$kernel" "seed=$seed messages=$messages python=$python$script" \
		"${files[@]}" --time 300
	seed=$((seed + 1))
done
suite_end
