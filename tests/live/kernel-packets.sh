#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets through what rules are translated to, on the kernel: each way to change
# TOS bytes, ICMP types, TCP flags, lists of ports, truncated packets.
. tests/lib/suite.sh

# shellcheck disable=SC2154 # of suite.sh
rules=$scratch/rules
packets=tests/lib/kernel_packets.py

unshare -n true 2>/dev/null || {
	skip "no network namespace can be made here (root?)"
	suite_end
}

# try LOADER FORMAT: in a namespace of its own, which ends with its last process
try() {
	count unshare -n sh -e -c 'python3 "$1" wires; $2 "$3"; exec python3 "$1" run' - \
		$packets "$1" "$rules.$2"
}

ok "rules are written" sh -c 'python3 "$1" rules >"$2"' - $packets "$rules"
for format in nft iptables; do
	ok "rules are translated to $format" sh -c '"$1" dump "$2" "$3" >"$3.$2"' - \
		"$BUILD/bin/ipfwadm" $format "$rules"
done
try 'nft -f' nft
for loader in iptables-legacy-restore iptables-nft-restore; do
	if command -v $loader >/dev/null; then
		try $loader iptables
	else
		skip "no $loader"
	fi
done
suite_end
