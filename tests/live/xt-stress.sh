#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# xtables: four processes at once insert rules at the head of a list, move some of them
# and delete them all; random edits against a model, with sanitizers.
#
#	STRESS_RULES=N tests/live/xt-stress.sh
# long
# slow
BACKEND=xtables
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=xtables
rules=45 sets=8
[ -z "${LONG-}" ] || rules=300 sets=1500
rules=${STRESS_RULES:-$rules}

# with chains of its own, without, and with several entries
rule() {
	case $(($2 % 3)) in
	0) echo "-A $3 -S 10.$1.$(($2 / 256)).$(($2 % 256)) -b" ;;
	1) echo "-I $3 deny -P tcp -S 10.$1.$(($2 / 256)).$(($2 % 256)) -D 0/0 25" ;;
	2) echo "-O $3 accept -P tcp -S 10.$1.$(($2 / 256)).$(($2 % 256)) -y -b -o" ;;
	esac
}

worker() {
	local i
	for ((i = 0; i < rules; i++)); do
		eval "ipfwadm $(rule "$1" $i -i)" || echo "insert $1 $i"
	done
	for ((i = 0; i < rules * 2 / 3; i++)); do
		eval "ipfwadm $(rule "$1" $i -d)" || echo "move $1 $i"
		eval "ipfwadm $(rule "$1" $i -i)" || echo "move $1 $i"
	done
	touch "$scratch/moved.$1"
	until [ -e "$scratch/counted" ]; do sleep 0.1; done
	for ((i = rules; i-- > 0; )); do
		eval "ipfwadm $(rule "$1" $i -d)" || echo "delete $1 $i"
	done
}

# the rules of a worker as they are to be after all moves, the last moved one first
expected() {
	local i
	{
		for ((i = rules * 2 / 3; i-- > 0; )); do rule "$1" $i x; done
		for ((i = rules; i-- > rules * 2 / 3; )); do rule "$1" $i x; done
	} | grep -o -e "^-$2" -e '10\.[0-9.]*' | grep -A 1 -e "-$2" | grep '^10'
}

for w in 1 2 3 4; do
	worker $w >"$scratch/worker.$w" 2>&1 &
done
until [ -e "$scratch/moved.1" ] && [ -e "$scratch/moved.2" ] && [ -e "$scratch/moved.3" ] &&
	[ -e "$scratch/moved.4" ]; do sleep 0.1; done
ipfwadm save >"$scratch/saved"
iptables-legacy-save >"$scratch/tables"
touch "$scratch/counted"
wait
for w in 1 2 3 4; do
	for list in A I O; do
		ok "list $list of process $w is in order" diff <(expected $w $list) \
			<(grep "^-$list .*-S 10\.$w\." "$scratch/saved" |
				grep -o "10\.$w\.[0-9.]*")
	done
done
ok "nobody fails" test -z "$(cat "$scratch"/worker.*)"
ok "each accounting rule has had a chain" test "$(grep -c '^:ipfw-acct-[-0-9]* ' \
	"$scratch/tables")" = $((4 * ((rules + 2) / 3)))
ok "no rule is left" sh -c '! ipfwadm save | grep -- "-S 10"'
ok "nor a chain of one" sh -c '! iptables-legacy-save | grep "^:ipfw-acct-[-0-9]"'
ok "and nobody has changed them" test -z "$(ipfwadm -I -l 2>&1 >"$scratch/listing")"

count "$ASAN/tests/rules-live" xtables edit "$sets"
suite_end
