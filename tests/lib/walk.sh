# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The walks that README.md tells, a row per function: | `FILE` | `FUNCTION` | why |.
# To be sourced after suite.sh.

# walk_rows HEADING: "FILE FUNCTION" of each row of the table below that heading
walk_rows() {
	awk -v heading="### $1" '
		/^#/ { inside = $0 == heading }
		inside && /^\| `/ { gsub(/[|`]/, ""); print $1, $2 }' README.md
}

# walk_check HEADING CALLED: the functions are where README says, no file twice, and were
# called in that order, each for the first time since the walk began with the first one;
# CALLED is a file with a function a line, as they were called
walk_check() {
	local rows file function
	rows=$(walk_rows "$1")
	ok "$1: there are rows" test "$(wc -l <<<"$rows")" -gt 5
	ok "$1: no file twice" test -z "$(cut -d ' ' -f 1 <<<"$rows" | sort | uniq -d)"
	while read -r file function; do
		ok "$file has $function" grep -qE "(^|[ *])$function\(" "$file"
	done <<<"$rows"
	ok "$1: the order of calls" diff <(cut -d ' ' -f 2 <<<"$rows") \
		<(awk 'NR == FNR { told[$2]; first = NR == 1 ? $2 : first; next }
			$1 == first { begun = 1 }
			begun && $1 in told && !seen[$1]++' <(echo "$rows") "$2")
}
