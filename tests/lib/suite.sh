# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Helpers for suites written in shell:
#
#	. tests/lib/suite.sh
#	ok "an added rule is listed" test "$(wc -l <list)" = 2
#	suite_end
#
# A suite can be run by hand, too, at the root of the tree.
# $scratch is a directory of the suite's own, removed at its end.

export BUILD=${BUILD:-build}
export ASAN=${ASAN:-$BUILD/asan}
suite_passed=0 suite_failed=0 suite_skipped=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipfwadm-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export XTABLES_LOCKFILE=$scratch/xtables.lock

pass() {
	suite_passed=$((suite_passed + 1))
}

fail() {
	suite_failed=$((suite_failed + 1))
	printf 'FAIL %s\n' "$*"
}

skip() {
	suite_skipped=$((suite_skipped + 1))
	printf 'SKIP %s\n' "$*"
}

# ok NAME COMMAND...: the command must succeed; what it says is shown if not
ok() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		pass
	else
		fail "$name"
		[ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/     /'
	fi
}

# add the counts of a program that ends with "N passed, N failed[, N skipped]"
count() {
	local out status line
	out=$("$@" 2>&1)
	status=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' <<<"$out" | tail -n 1)
	printf '%s\n' "$out"
	read -r p _ f _ s _ <<<"$line"
	suite_passed=$((suite_passed + ${p:-0}))
	suite_skipped=$((suite_skipped + ${s:-0}))
	suite_failed=$((suite_failed + ${f:-0}))
	if [ $status != 0 ] && [ "${f:-0}" = 0 ] || [ -z "$line" ]; then
		fail "$1: exit status $status, ${line:-no summary}"
	fi
}

suite_end() {
	local tail=
	[ $suite_skipped = 0 ] || tail=", $suite_skipped skipped"
	echo "$suite_passed passed, $suite_failed failed$tail"
	[ $suite_failed = 0 ] || exit 1
	[ $suite_passed != 0 ] || exit 77
	exit 0
}
