#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 2.0.40 was recorded to do with packets, done again by the kernel with rules
# on nftables.  What it does otherwise is counted by reason.
# long
. tests/lib/suite.sh
paths=tests/recorded/path.jsonl.xz

unshare -n nft list ruleset >/dev/null 2>&1 || {
	skip "no nftables in a network namespace here (root?)"
	suite_end
}

# some N: the first N recordings
some() {
	# shellcheck disable=SC2154 # of suite.sh
	xz -dc $paths | head -n "$1" >"$scratch/some.jsonl"
}

count "$BUILD/tests/path-vectors" --backend nft $paths
some 10
count "$ASAN/tests/path-vectors" --backend nft "$scratch/some.jsonl"

# the same by way of the text that `ipfwadm dump nft' prints
some 20
count "$BUILD/tests/path-vectors" --backend nft-text "$scratch/some.jsonl"

# a rule that matters is loaded wrong: every time it must be noticed
some "$(amount 40 100000)"
count "$BUILD/tests/path-vectors" --backend nft-planted "$scratch/some.jsonl"

# every name that is printed
names_explained() {
	mandoc -T utf8 man/ipfwadm.8 | col -b | tr -s ' \n' ' ' | tr ‐ - >"$scratch/manual"
	sed -nE 's/^\t\{ "([^"]*)",?.*/\1/p' tests/programs/paths/reasons.c >"$scratch/names"
	[ -s "$scratch/names" ] && while read -r name; do
		grep -qF "$name" "$scratch/manual" || { echo "not there: $name"; return 1; }
	done <"$scratch/names"
}

ok "the manual explains every difference" names_explained

# killed: is anything left in a namespace that the test had made?
killed_leaves_nothing() {
	local pid ns outside
	outside=$(readlink /proc/self/ns/net)
	"$BUILD/tests/path-vectors" --backend nft $paths >/dev/null 2>&1 &
	pid=$!
	until ns=$(readlink /proc/$pid/ns/net) && [ "$ns" != "$outside" ]; do
		kill -0 $pid || return 1
		sleep 0.05
	done
	sleep 0.3
	ns=$(readlink /proc/$pid/ns/net)
	kill -9 $pid
	wait $pid
	sleep 0.5
	! find /proc/[0-9]*/ns/net -printf '%l\n' 2>/dev/null | grep -F "$ns"
}

ok "a killed test leaves no namespace" killed_leaves_nothing
ok "no device of the tests is outside" sh -c '! ip -o link show type veth | grep .'
suite_end
