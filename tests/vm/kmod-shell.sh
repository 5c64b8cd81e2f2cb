#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The shell on the module: transactions, rules by number, undo, and
# a commit that nobody confirms.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
export IPFWADM_BACKEND=kmod
shell() { printf "%s\n" "$@" | $BUILD/bin/ipfwadm shell; }
rules() { $BUILD/bin/ipfwadm save | grep -- "^-I -a"; }
is() { test "$(rules | sed "s/^-I -a //" | tr "\n" ,)" = "$1" || { rules; false; }; }

check "at once" shell "-I -a accept -P tcp" "-I -a deny -P icmp"
check "both stand" is "accept -P tcp,deny -P icmp,"
check "a transaction" shell begin "insert -I 1 -a reject -P udp" "move -I 3 1" commit
check "by number" is "deny -P icmp,reject -P udp,accept -P tcp,"
check "others" shell "delete -I 2" "replace -I 1 -a accept -P icmp"
check "as well" is "accept -P icmp,accept -P tcp,"
check "undo" shell "-I -f" "show -I" "-I -a deny" undo undo
check "is back" is "accept -P icmp,accept -P tcp,"
check "nothing of a refused transaction" sh -c "! printf \"begin\n-I -f\n-I -d deny\ncommit\n\" |
	$BUILD/bin/ipfwadm shell 2>/dev/null"
check "all stands" is "accept -P icmp,accept -P tcp,"
check "nobody confirms" shell begin "-I -f" "commit confirm 60"
sleep 2
check "what nobody confirmed is gone" is "accept -P icmp,accept -P tcp,"
'
for kernel in $kernels; do
	machine "$kernel" "$script" --file "$BUILD/bin/ipfwadm-shell"
done
suite_end
