#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a packet costs in a list of each kind, with a classifier and without: nanoseconds,
# the time to build the classifier, its memory; and instructions, which do not depend on
# what else the machine does, where valgrind is installed.
#
#	classify.sh [RULES...]	lists of so many rules (10 ... 100,000)
set -eu
cd "$(dirname "$0")/../.."
bench=${BUILD:-build}/tests/classify-bench
[ $# -gt 0 ] || set -- 10 100 1000 10000 100000

# instructions KIND RULES linear|trees: of each of 2,048 packets
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		--toggle-collect=fw_list_walk "$bench" "$@" 2>&1 |
		awk '/Collected : / { printf "%d", $NF / 2048 }'
}

"$bench" --heading
for kind in acl fw ipc host gw any cross mask; do
	for rules; do
		"$bench" $kind "$rules"
	done
done
command -v valgrind >/dev/null || exit 0
printf '\n%-6s %7s %12s %12s   instructions\n' list rules linear classified
for kind in acl fw ipc host gw any cross mask; do
	for rules; do
		[ "$rules" -le 10000 ] || continue
		printf '%-6s %7d %12d %12d\n' $kind "$rules" \
			"$(instructions $kind "$rules" linear)" \
			"$(instructions $kind "$rules" trees)"
	done
done
