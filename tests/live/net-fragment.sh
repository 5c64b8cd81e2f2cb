#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Accounting of later fragments, which have no ports although their data may look so.
#
#	client 10.1.0.2 - eth1 gateway ppp0 203.0.113.5 - 203.0.113.6 server
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
gateway_make

rules=(
	'-P udp -D 0/0 80' '-P udp -S 0/0 53' '-P udp -D 0/0 80 81' '-P udp -D 0/0 80:90'
	'-P tcp -D 0/0 80' '-P tcp -k' '-P all -k -S 10.1.0.2' '-P icmp -S 0/0 8'
	'-P udp' '-P tcp' '-P icmp' '-P udp -D 0/0 65535' '-P tcp -D 0/0 80 65535 -k'
)
# of 2.0: a later fragment has port 65535, and passes -k, which asks TCP only
expected=(0 0 0 0 0 1 3 0 1 1 1 1 1)

# the last of them has come
icmp_counted() { ipfwadm -A -l -n -x | grep -q '^ *1 .* icmp .*0/0 *\*$'; }

for direction in in out; do
	printf -- "-A $direction -a %s\n" "${rules[@]}" | ipfwadm load -
	ok "fragments $direction" client tests/lib/later_fragment.py 10.1.0.2 203.0.113.6
	wait_until icmp_counted
	ipfwadm -A -l -n -x | awk 'NR > 2 { print $1 }' >"$scratch/counted"
	for i in "${!rules[@]}"; do
		ok "$direction, ${rules[i]}" \
			test "$(sed -n "$((i + 1))p" "$scratch/counted")" = "${expected[i]}"
	done
done
suite_end
