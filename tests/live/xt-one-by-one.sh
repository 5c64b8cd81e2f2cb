#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Block lists that grow one by one: a rule before 1500 others takes no longer than twice
# what iptables takes for it.
BACKEND=xtables
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=xtables
rules=1500 rounds=15

us() {
	local now=$EPOCHREALTIME
	echo $((${now%.*} * 1000000 + 10#${now#*.}))
}

# median FILE
median() {
	sort -n "$1" | sed -n "$((rounds / 2 + 1))p"
}

for ((i = 0; i < rules; i++)); do
	echo "-I -a deny -S 10.$((i / 250)).$((i % 250)).7 -o"
done >"$scratch/rules"
ok "$rules rules" ipfwadm load "$scratch/rules"
{
	echo "*filter"
	echo ":theirs - [0:0]"
	for ((i = 0; i < rules; i++)); do
		echo "-A theirs -s 10.$((i / 250)).$((i % 250)).7 -j LOG"
		echo "-A theirs -s 10.$((i / 250)).$((i % 250)).7 -j DROP"
	done
	echo COMMIT
} | iptables-legacy-restore --noflush
# by turns, because the machine is not always as fast
for ((i = 0; i < rounds; i++)); do
	begin=$(us)
	ipfwadm -I -i deny -S 192.0.2.$i -o
	between=$(us)
	iptables-legacy -I theirs -s 192.0.2.$i -j DROP
	echo $((between - begin)) >>"$scratch/ours"
	echo $(($(us) - between)) >>"$scratch/theirs"
done
ours=$(median "$scratch/ours") theirs=$(median "$scratch/theirs")
echo "one rule: $ours us, iptables $theirs us"
ok "no more than twice as long" test "$ours" -le $((2 * theirs))
ok "all are there" test "$(ipfwadm save | grep -c -e '-a deny')" = $((rules + rounds))
suite_end
