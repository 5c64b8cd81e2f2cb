#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What packets and their senders learn of the module's verdicts; and the hooks that a
# namespace has, where the kernel lists them: those that it needs.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2016 # for the machine
script='
ipfwadm="$BUILD/bin/ipfwadm --backend kmod"
lists="defrag forward input output "
tracking="track_confirm track_confirm track_in track_local "
hooks() { nft list hooks | sed -n "s/.*fwk_\([a-z_]*\)_hook.*/\1/p" | sort | tr "\n" " "; }
# those NAMES: these are the hooks
those() { test "$(hooks)" = "$1" || { hooks; return 1; }; }
# soon NAMES: these, when a few seconds have passed at most
soon() {
	for i in $(seq 50); do
		those "$1" >/dev/null && return
		sleep 0.1
	done
	those "$1"
}
# chains VERB: as many as a hook can have
chains() {
	echo "add table ip full"
	for i in $(seq 1023); do
		echo "$1 chain ip full c$i { type filter hook postrouting priority 0; }"
	done
}

if [ "$1" = inside ]; then
	check "no hooks without rules" those ""
	check "accounting of what is sent" $ipfwadm -A out -a -P udp
	check "only its own hook" those "acct_out "
	check "that goes" $ipfwadm -A -f
	check "of what is received" $ipfwadm -A in -a -P udp
	check "another hook, and soon not the first" soon "acct_in "
	check "accounting of both" $ipfwadm -A -a -P udp
	check "only its own hooks" those "acct_in acct_out "
	check "a policy" $ipfwadm -F -p deny
	check "those of all lists" those "acct_in acct_out $lists"
	check "no accounting" $ipfwadm -A -f
	check "its hooks go" soon "$lists"
	check "another namespace has none" unshare -n sh /tmp/script none
	check "accept" $ipfwadm -F -p accept
	check "no hooks again" soon ""
	check "masquerading" $ipfwadm -F -p masquerade
	check "those of tracking, too" those "$lists$tracking"
	check "a state" $ipfwadm -I -a accept --state new
	check "a connection" ping -c 1 -W 2 127.0.0.1
	check "no rules" $ipfwadm load /dev/null
	sleep 2
	check "a connection is followed" those "$lists$tracking"
	check "it ends" $ipfwadm -T -f
	check "so do the hooks" soon ""

	chains add >full
	check "a hook that has no place" nft -f full
	check "a rule is refused" sh -c "! $ipfwadm -I -a deny -P udp 2>why"
	check "with the reason" grep -F "cannot register the hooks" why
	check "nothing has changed" sh -c "! $ipfwadm save | grep -e -P"
	check "no hook is left" soon ""
	check "accounting is refused, too" sh -c "! $ipfwadm load - <<-. 2>why
		-I -a deny -P udp
		-A -a -P udp
	."
	check "no hook is left" soon ""
	check "a place" nft delete table ip full
	check "the rule" $ipfwadm -I -a deny -P udp
	check "with its hooks" those "defrag input output "
	check "a rule to forward" $ipfwadm -F -a deny -P udp
	check "with the hook of its list" those "$lists"
	check "it goes" $ipfwadm -F -f
	check "so does the hook" soon "defrag input output "
	exit
elif [ "$1" = none ]; then
	those ""
	exit
fi
'
for kernel in $kernels_all; do
	{
		# shellcheck disable=SC2154 # of machine.sh
		printf '%s\n' "$machine_lib"
		printf '%s\n' "BUILD=$(realpath "$BUILD"); $script"
	} >"$scratch/script"
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" '
		$BUILD/tests/kmod-hooks || exit
		! modprobe nfnetlink_hook 2>/dev/null || {
			cp '"$scratch/script"' /tmp && cd /tmp && unshare -n sh -c "
				ip link set lo up && sh /tmp/script inside"
		}' --file "$(type -P unshare)" --file "$(type -P ping)" --file "$scratch/script"
done
suite_end
