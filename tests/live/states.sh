#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# long
#
# What a connection tracker was recorded to say, done again with real packets: rules that
# count states, in a kernel that tracks connections itself.  What differs is counted by
# reason.
. tests/lib/suite.sh
states=tests/recorded/states.jsonl.xz

case $BACKEND in
nft) try='nft list ruleset' ;;
xtables) try='iptables-legacy -t mangle -S' ;;
esac
# shellcheck disable=SC2086 # words; nft is what makes the router silent in any case
unshare -n sh -c "$try && nft list ruleset" >/dev/null 2>&1 || {
	skip "no $BACKEND in a network namespace here (root?)"
	suite_end
}

# every STEPth scenario of the recording
xz -dc $states | awk -v step="$(amount 40 1)" 'NR % step == 1 % step' >"$scratch/some.jsonl"
count "$BUILD/tests/state-vectors" --backend "$BACKEND" "$scratch/some.jsonl"

# the same with rules that take new for established: each time it must be noticed
grep -v '"t":' "$scratch/some.jsonl" | awk -v step="$(amount 3 10)" \
	'NR % step == 0' >"$scratch/planted.jsonl"
count "$ASAN/tests/state-vectors" --backend "$BACKEND" --planted "$scratch/planted.jsonl"
suite_end
