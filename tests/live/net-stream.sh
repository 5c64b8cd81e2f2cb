#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Packets that must always pass, and others that never may, while 10,000 rules are
# loaded 18 times, with LONG 50, and edited.  Connections keep their ports, every packet is
# counted once, and what is done in two steps is noticed.
# slow
# root
. tests/lib/suite.sh
export LOADS
LOADS=$(amount 18 50)
stream=$BUILD/tests/net-stream
program=$PWD/$BUILD/bin/ipfwadm

backend=${BACKEND:-nft}

case $backend in
nft) try='nft list ruleset' ;;
xtables) try='iptables-legacy -t mangle -S' ;;
esac
# shellcheck disable=SC2086 # words
unshare -n $try >/dev/null 2>&1 || {
	skip "no $backend in a network namespace here (root?)"
	suite_end
}

count "$stream" "$backend" "$program"
for planted in flush delete zero; do
	"$stream" "$backend" "$program" $planted >"$scratch/$planted" 2>&1
	ok "what is planted is noticed: $planted" grep -q '^[1-9][0-9]* passed, 0 failed' \
		"$scratch/$planted"
done

# inside NS: a process that is in this network namespace
inside() {
	local ns
	for ns in /proc/[0-9]*/ns/net; do
		[ "$(readlink "$ns")" != "$1" ] || return 0
	done
	return 1
}

"$stream" "$backend" "$program" >"$scratch/killed" 2>&1 &
pid=$!
sleep 2
ns=$(readlink /proc/$pid/ns/net)
kill -9 $pid
wait $pid 2>/dev/null
# a command that was under way ends by itself
for _ in $(seq 50); do
	inside "$ns" || break
	sleep 0.1
done
ok "it had a namespace of its own" test "$ns" != "$(readlink /proc/$$/ns/net)"
ok "nothing is left of what was killed" eval "! inside '$ns'"
suite_end
