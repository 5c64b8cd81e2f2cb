#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A packet on its way from the hook to the verdict, as README tells it: the kernel's
# function tracer lists the functions of the module in the order of their calls.
. tests/lib/suite.sh
. tests/lib/machine.sh
. tests/lib/walk.sh

walk="A packet, from the hook to the verdict"
kernel=${kernels%% *}
# shellcheck disable=SC2016 # for the machine
machine "$kernel" '
tracing=/sys/kernel/debug/tracing
echo ":mod:ipfwadm" >$tracing/set_ftrace_filter
$BUILD/bin/ipfwadm -I -a reject -P icmp -S 127.0.0.1 8 -D 127.0.0.1 -o
echo function >$tracing/current_tracer
echo >$tracing/trace
ping -c 1 -W 1 127.0.0.1
cat $tracing/trace
check "the packet was counted" sh -c "$BUILD/bin/ipfwadm -I -l -n -x -e | grep -q \"^ *1 \""
' >"$scratch/out"
cat "$scratch/out"
sed -nE 's/^.*: ([a-z_0-9.]+)( \[ipfwadm\])? <-.*/\1/p' "$scratch/out" >"$scratch/called"
walk_check "$walk" "$scratch/called"
suite_end
