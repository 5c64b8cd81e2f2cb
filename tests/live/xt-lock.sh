#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long
#
# A lock of iptables that another program holds is waited for as long as the message says,
# by every command that wants it.  In make check by a clock that is ten times as fast.
BACKEND=xtables
. tests/lib/network.sh
. tests/lib/suite.sh
export PATH=$PWD/$BUILD/bin:$PATH IPFWADM_BACKEND=xtables
seconds=$(amount 2 20)
if [ -z "${LONG-}" ]; then
	cc -shared -fPIC -o "$scratch/clock.so" tests/lib/preload/fast_clock.c
	preload=$scratch/clock.so
fi

tenths() {
	local now=$EPOCHREALTIME
	echo $((${now%.*} * 10 + 10#${now#*.} / 100000))
}

# waits NUMBER: that command, whose line is in the file, ends after the time it tells
waits() {
	local took status
	read -r status took <"$scratch/time.$1"
	[ "$status" != 0 ] && grep -q "for 20 seconds" "$scratch/out.$1" &&
		[ "$took" -ge $((10 * seconds)) ] &&
		[ "$took" -lt $((10 * seconds + 8 * seconds)) ] || {
		cat "$scratch/out.$1"
		echo "status $status after $took tenths of a second"
		return 1
	}
}

cat >"$scratch/commands" <<END
-I -a deny
-I -i deny
-I -d deny
-I -p deny
-I -f
-I -z
-I -l
-I -l -z
-I -a deny -v
-I -c -P tcp -S 10.0.0.1 1 -D 10.0.0.2 2 -V 127.0.0.1 -W lo
-M -s 10 20 30
save
save -c
load $scratch/rules
load --append $scratch/rules
load --strict $scratch/rules
refresh
dump iptables
trace -P udp -S 10.0.0.1 1 -D 10.0.0.2 2
backends
--backend nft backends
END
echo "-I -a deny" >"$scratch/rules"
ipfwadm -I -a accept
before=$(ipfwadm save)
# shellcheck disable=SC2016 # for the other shell
run='begin=$(tenths); LD_PRELOAD=$preload ipfwadm $words >"$scratch/out.$n" 2>&1
status=$?; echo "$status $(($(tenths) - begin))" >"$scratch/time.$n"'
exec 8>"$XTABLES_LOCKFILE"
flock 8
n=0
while read -r words; do
	n=$((n + 1))
	(eval "$run") 8>&- &
done <"$scratch/commands"
wait
n=0
while read -r words; do
	n=$((n + 1))
	ok "ipfwadm $words" waits $n
done <"$scratch/commands"
flock -u 8
ok "nothing has changed" test "$(ipfwadm save)" = "$before"
suite_end
