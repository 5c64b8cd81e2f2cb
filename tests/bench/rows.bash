# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rows.bash - what the benchmarks of rules in force share; to be sourced in the root
# of the tree, and goes to a scratch folder that is removed at the end.  RUNS=9 times
# each (medians); RULES=10000.
set -eu
PATH=$PWD/${BUILD:-build}/bin:$PATH
measure=$PWD/tests/bench/measure.py
runs=${RUNS:-9} rules=${RULES:-10000} times=1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipfwadm-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# microseconds that a command takes, added to a file; times: in a row, for each
timed() {
	local to=$1
	shift
	python3 "$measure" "$times" "$@" >>"$to"
}

median() {
	sort -n "$1" | sed -n "$(((runs + 1) / 2))p"
}

# row JOB TARGET [BEFORE]: the commands in the arrays ours and peer, in turns; before
# each the function BEFORE
# shellcheck disable=SC2154
row() {
	local job=$1 target=$2 before=${3:-:} i
	rm -f ours peer
	for ((i = 0; i < runs; i++)); do
		$before
		timed ours "${ours[@]}"
		$before
		timed peer "${peer[@]}"
	done
	awk -v job="$job" -v target="$target" -v ours="$(median ours)" \
		-v peer="$(median peer)" 'BEGIN {
		printf "%-36s %9.2f ms %9.2f ms %6.2f %6s\n", job, ours / 1000, peer / 1000,
			ours / peer, target }'
}

make_rules() {
	python3 - "$1" <<-'END'
		import sys
		for i in range(int(sys.argv[1])):
		    print(f"-I -a deny -P tcp -S 10.{i >> 8 & 255}.{i & 255}.0/24 "
		          f"-D 0.0.0.0/0 {1000 + i % 60000}")
	END
}

rows_head() {
	printf '%-36s %12s %12s %6s %6s\n' "job" "ours" "peer" "ratio" "target"
}
