#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a packet of an established connection costs in the tracker: time and cache lines
# at 10 and at 1,000,000 entries, beside what one load takes from that memory; and
# instructions where valgrind is installed, at most 1.2 times as many.
set -eu
cd "$(dirname "$0")/../.."
bench=${BUILD:-build}/tests/track-bench
# so that other work does not drown it
first=
! chrt -r 10 true 2>/dev/null || first='chrt -r 10'

# the instructions of 20,000 packets
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		--toggle-collect=packets_see "$bench" "$1" 20000 2>&1 |
		sed -n 's/.*Collected : //p'
}

for entries in 10 1000000; do
	printf 'tracker, %7d entries: %s\n' $entries "$($first "$bench" $entries 3000000)"
done
command -v valgrind >/dev/null || exit 0
few=$(instructions 10) many=$(instructions 1000000)
printf 'tracker, instructions a packet: %d at 10 entries, %d at 1,000,000: %s times\n' \
	$((few / 20000)) $((many / 20000)) "$(awk "BEGIN { printf \"%.3f\", $many / $few }")"
[ $((10 * many)) -le $((12 * few)) ]
