#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets with every TOS byte through what -t is translated to, on the kernel.
. tests/lib/suite.sh

ipfwadm=$PWD/$BUILD/bin/ipfwadm
# shellcheck disable=SC2154 # of suite.sh
rules=$scratch/rules.conf

unshare -n true 2>/dev/null || {
	skip "no network namespace can be made here (root?)"
	suite_end
}

# what 1996 knew, each bit kept, set, cleared and flipped, and some of everything
masks='ff:00 01:10 01:08 01:04 01:02 e1:10 00:00 00:ff 01:fe ff:fe fe:01 ff:ff
       fd:00 fd:02 ff:02 01:00 03:fc 03:fe fc:03 55:aa aa:55 5a:5a c3:3c 3c:c3 f0:0f
       7f:80 80:7f ef:10 f7:08 fb:04 1e:e0 e0:1e 99:66 12:34 6d:b6 e3:1c'
port=1 packets=''
echo '-I -p deny' >"$rules"
for mask in $masks; do
	echo "-I -a accept -P udp -S 0/0 -D 0/0 $port -t ${mask%:*} ${mask#*:}" >>"$rules"
	packets="$packets $port:$mask"
	port=$((port + 1))
done

# try LOADER FORMAT: in a namespace of its own
try() {
	count unshare -n sh -e -c '
		"$1" dump "$3" "$2" >"$2.$3"
		python3 tests/lib/tos_packets.py wires
		$4 "$2.$3"
		shift 4
		exec python3 tests/lib/tos_packets.py run "$@"' - \
		"$ipfwadm" "$rules" "$2" "$1" $packets
}

try 'nft -f' nft
for loader in iptables-legacy-restore iptables-nft-restore; do
	if command -v $loader >/dev/null; then
		try $loader iptables
	else
		skip "no $loader"
	fi
done
suite_end
