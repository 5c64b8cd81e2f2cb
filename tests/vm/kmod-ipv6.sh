#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/live/ipv6.sh with the module, which loads nf_conntrack to close its gate, and
# refuses to close it without.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

if [ "${KERNELS-}" = debug ]; then
	skip "the debug kernel has no tables of IPv6"
	suite_end
fi
program_add bash unshare nsenter sysctl ip6tables-legacy ip6tables-legacy-save grep sed \
	mktemp mount
python_add json socket struct
file_add "${BASH_SOURCE%/*}/../live/ipv6.sh" tests/lib/{suite,network}.sh tests/lib/ipv6_packets.py
# shellcheck disable=SC2016 # for the machine
script='
check "nf_conntrack is not loaded" test ! -e /sys/module/nf_conntrack
mv /lib/modules/*/nf_conntrack.ko /tmp
refused() {
	$BUILD/bin/ipfwadm ipv6 deny 2>&1 | grep -q "needs nf_conntrack, which cannot be loaded" &&
		test "$($BUILD/bin/ipfwadm ipv6 2>/dev/null)" = "ipv6 accept"
}
check "without it the gate is not closed" refused
mv /tmp/nf_conntrack.ko /lib/modules/*/
BACKEND=kmod tests/live/ipv6.sh
refcount() {
	cat /sys/module/nf_conntrack/refcnt
}
released() {
	local tries=0 before=$(refcount)
	/usr/bin/unshare -n $BUILD/bin/ipfwadm ipv6 deny || return 1
	until [ "$(refcount)" = "$before" ]; do
		[ $((tries += 1)) -lt 100 ] || return 1
		sleep 0.1
	done
}
check "a namespace that ends does not need it any more" released
check "it is needed while a gate is closed" sh -c "
	$BUILD/bin/ipfwadm ipv6 deny && ! rmmod nf_conntrack 2>/dev/null"
'
for kernel in $kernels; do
	machine "$kernel" "$script" "${files[@]}" "${plugins[@]}"
done
suite_end
