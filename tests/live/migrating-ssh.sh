#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
#
# The guide of MIGRATING.md on a router that is reached by ssh alone: a script that would
# cut off who loads it is refused; forced, it takes itself back; mended, it is confirmed
# by a second session.
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=$BACKEND
seconds=$((4 * ${TIME_FACTOR:-1}))

# router WORD...: by ssh
router() {
	ssh_to 10.1.0.1 "export PATH=$PATH IPFWADM_BACKEND=$BACKEND
		export XTABLES_LOCKFILE=$XTABLES_LOCKFILE
		$*"
}

reached() { router true; }
cut_off() { ! reached; }
in_force() { ipfwadm save | grep -q '^-I -p deny'; }

# script SERVICE: that of the guide, with the service that the administrator comes by;
# what is established is let in for another host
script() {
	sed -n '/^\$ cat >rc.firewall/,/^> EOF/s/^> //p' MIGRATING.md |
		sed -e '/^EOF$/d' -e "s/telnet/$1/" -e 's/ppp0/eth1/' -e 's/^IP=.*/IP=10.1.0.1/' \
			-e 's,192.0.2.0/26,10.1.0.2,' -e 's/ -k -D/ -k -S 10.1.0.3 -D/'
}

gateway_make
ssh_serve command || { fail "dropbear: $(cat "$scratch/dropbear")"; suite_end; }
script telnet >"$scratch/cuts"
script 22 >"$scratch/keeps"
chmod +x "$scratch/cuts" "$scratch/keeps"
ok "the router is reached" reached
ipfwadm -I -a accept -S 10.1.0.0/16
before=$(ipfwadm save)

router ipfwadm run --confirm $seconds "$scratch/cuts" >"$scratch/said" 2>&1
ok "what would cut the session is refused" test $? != 0
ok "with the reason" grep -q 'would.*cut' "$scratch/said"
ok "and nothing has changed" test "$(ipfwadm save)" = "$before"

router ipfwadm run --force --confirm $seconds "$scratch/cuts" >"$scratch/forced" 2>&1 &
session=$!
ok "forced, it is in force" wait_until in_force
ok "and cuts off" cut_off
wait_until reached
ok "until it has taken itself back" test "$(ipfwadm save)" = "$before"
kill $session 2>/dev/null
wait $session 2>/dev/null

ok "mended, it is let through" router ipfwadm run --confirm 60 "$scratch/keeps"
ok "a second session keeps it" router ipfwadm confirm
ok "it is in force" in_force
ok "and the router is reached" reached
suite_end
