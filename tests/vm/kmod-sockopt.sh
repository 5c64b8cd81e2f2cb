#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The socket options of 2.0, of the module, used by programs of
# 32 and 64 bits; and who has their numbers when ip_tables is there, too.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
options=$BUILD/tests/kmod-sockopt
told() {
	[ "$(dmesg | grep -c "ipfwadm: socket options of 2.0")" = "$1" ]
}
$options
$options-i386
check "nothing to tell yet" told 0

check "ip_tables comes later" modprobe ip_tables
$options --off
check "told" told 1
check "ip_tables goes" rmmod ip_tables
$options --on
check "unload" rmmod ipfwadm

check "ip_tables is there" modprobe ip_tables
check "load" modprobe ipfwadm
$options --off
check "told again" told 2
check "ip_tables goes" rmmod ip_tables
$options --on
$options-i386 --on
check "ip_tables once more" modprobe ip_tables
check "unload in its presence" rmmod ipfwadm
check "ip_tables goes" rmmod ip_tables

check "load without" modprobe ipfwadm sockopt=0
$options --off
check "ip_tables comes" modprobe ip_tables
check "ip_tables goes" rmmod ip_tables
$options --off
check "nothing more was told" told 3
'
for kernel in $kernels; do
	machine "$kernel" "$script" --memory 1024 --time 1800
done
suite_end
