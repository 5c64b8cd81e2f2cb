#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many commands at once: nobody fails, and no rule is lost.
#
#	APPENDS=N tests/live/nft-many.sh	each of 8 processes appends N rules
# slow
# long
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=nft
each=${APPENDS:-$(amount 250 2000)}

rules() {
	ipfwadm "-$1" -l -n | tail -n +3 | wc -l
}

untampered() {
	[ -z "$(ipfwadm -I -l 2>&1 >"$scratch/list")" ]
}

# every failure leaves a line
worker() {
	local i
	for ((i = 0; i < each; i++)); do
		ipfwadm -I -a deny -P tcp -S "10.$1.$((i / 256)).$((i % 256))" || echo "$1 $i"
	done
}

mixed_worker() {
	local i
	for ((i = 0; i < each / 10; i++)); do
		ipfwadm -F -a m -S "10.$1.$i.0/24" -b || echo "$1 $i"
		ipfwadm -I -i accept -S "10.$1.$i.0/24" -b || echo "$1 $i"
		ipfwadm -O -a deny -S "10.$1.$i.0/24" || echo "$1 $i"
		ipfwadm -O -d deny -S "10.$1.$i.0/24" || echo "$1 $i"
	done
}

# at_once FUNCTION WORKER...
at_once() {
	local worker
	for worker in "${@:2}"; do
		"$1" "$worker" >"$scratch/worker.$worker" 2>&1 &
	done
	wait
	cat "$scratch"/worker.*
	rm "$scratch"/worker.*
}

said=$(at_once worker 1 2 3 4 5 6 7 8)
ok "nobody fails: $said" test -z "$said"
ok "no rule is lost" test "$(rules I)" = $((8 * each))
ok "each process finds its rules in its order" sh -c '
	for worker in 1 2 3 4 5 6 7 8; do
		ipfwadm save | grep -o "10\.$worker\.[0-9.]*" | sort -c -V || exit
	done'
ok "all are as they should be" untampered

nft flush ruleset
said=$(at_once mixed_worker 1 2 3 4)
ok "nobody fails with rules of all sorts: $said" test -z "$said"
ok "all of them are there" test "$(rules F) $(rules I) $(rules O)" = \
	"$((4 * (each / 10))) $((4 * (each / 10))) 0"
ok "all of them are as they should be" untampered
suite_end
