#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# clang-tidy, with the warnings of clang, over all C files as .clang-tidy says; the tests
# without the analyzer.
#
# The analyzer ends after so many states of a function; its own bound, with LONG, takes
# ten times as long.
# slow
. tests/lib/suite.sh

# tidy FILE: leaves what it found in $scratch
tidy() {
	local found=$scratch/${1//\//_} checks=()
	[[ $1 != tests/* ]] || checks=(--checks=-clang-analyzer-*)
	clang-tidy --quiet "${checks[@]}" "$1" -- -std=gnu11 -Wall -Wextra -Wshadow \
		-Wstrict-prototypes -I. -I"$BUILD/gen" -D_GNU_SOURCE \
		-DFW_HOST_H='"backend/sim/track_host.h"' \
		-Xclang -analyzer-config -Xclang max-nodes="$nodes" \
		>"$found" 2>"$found.err" && rm "$found"
}
export -f tidy
nodes=$(amount 20000 225000)
export scratch nodes
files=$(tests/lint/files c | grep '\.c$')
# shellcheck disable=SC2016 # expanded by the inner shell
xargs -P "$(nproc)" -I {} bash -c 'tidy {}' <<<"$files"

for file in $files; do
	found=$scratch/${file//\//_}
	if [ -e "$found" ]; then
		fail "$file"
		grep -E 'error:|warning:' "$found" || cat "$found" "$found.err"
	else
		pass
	fi
done
suite_end
