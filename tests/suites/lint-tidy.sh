#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# clang-tidy over all C files, as .clang-tidy says; the analyzer, which takes most
# of the time, only over what is shipped.
#
# slow
. tests/lib/suite.sh

# tidy FILE: leaves what it found in $scratch
tidy() {
	local found=$scratch/${1//\//_} checks=()
	[[ $1 != tests/* ]] || checks=(--checks=-clang-analyzer-*)
	clang-tidy --quiet "${checks[@]}" "$1" -- -std=gnu11 -I. -I"$BUILD/gen" -D_GNU_SOURCE \
		>"$found" 2>"$found.err" && rm "$found"
}
export -f tidy
export scratch
# shellcheck disable=SC2016 # expanded by the inner shell
tests/lint/files c | grep '\.c$' | xargs -P "$(nproc)" -I {} bash -c 'tidy {}'

for file in $(tests/lint/files c | grep '\.c$'); do
	found=$scratch/${file//\//_}
	if [ -e "$found" ]; then
		fail "$file"
		grep -E 'error:|warning:' "$found" || cat "$found" "$found.err"
	else
		pass
	fi
done
suite_end
