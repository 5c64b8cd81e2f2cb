#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of the manuals work.
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=sim:$scratch/sim

sed -n '/^\.Sh EXAMPLES/,$p' man/ipfwadm.conf.5 |
	sed -n '/^\.Bd/,/^\.Ed/p' | sed '/^\./d; s/\\e/\\/g' >"$scratch/example"
ok "the example of ipfwadm.conf(5) loads" ipfwadm load "$scratch/example"
ok "it is not empty" test "$(ipfwadm save | wc -l)" -gt 10
ipfwadm save >"$scratch/saved"
ok "what is saved loads" ipfwadm load "$scratch/saved"
ok "and is saved the same" diff "$scratch/saved" <(ipfwadm save)

# ipfwadm-state(7): what it shows of the core
sed -n '/^\.Bd/,/^\.Ed/p' man/ipfwadm-state.7 | sed -n '2,/^\.Ed/p' | sed '$d; s/^\\&//' \
	>"$scratch/table"
ok "the table of states is the core's" diff "$scratch/table" <("$BUILD/tests/state-table")
sed -n 's/^\.It Cm \([a-z0-9-]*\) Ta \([0-9]*\) Ta .*/\1 \2/p' man/ipfwadm-state.7 \
	>"$scratch/timeouts"
ok "the timeouts are the core's" diff "$scratch/timeouts" <("$BUILD/tests/state-table" timeouts)

while read -r command; do
	ok "$command" $command
done < <(sed -n 's/^\.Dl \(ipfwadm -.*\)/\1/p' man/ipfwadm.8)

script=packaging/examples/rc.firewall
legacy_run() {	# but for forwarding, which is not ours to switch on
	sed 's,^IPFW=.*,IPFW=ipfwadm,; /^PATH=/d; /modprobe/d; /ip_forward/d' $script | sh
}
ipfwadm -M --forward -f # of the examples: dumps do not have them
ok "a legacy script runs" legacy_run
for format in nft iptables; do
	unset told
	ipfwadm dump $format >"$scratch/dump" 2>"$scratch/told"
	status=$?
	ok "nothing of it is left out of dump $format" test $status = 0 -o $status = 3
	[ ! -s "$scratch/told" ] || told=3
	ok "it is told what is not exact" test $status = "${told-0}"
done
suite_end
