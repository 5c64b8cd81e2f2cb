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
suite_passed=0 suite_failed=0 suite_skipped=0 suite_packets=0
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

# says TEXT COMMAND...: it fails, and this is a part of what it says
says() {
	local wanted=$1 got
	shift
	! got=$("$@" 2>&1) && grep -qF -- "$wanted" <<<"$got" || {
		echo "$got"
		return 1
	}
}

# refused_to_nobody IPFWADM...: without rights it names the remedy
refused_to_nobody() {
	local action
	if ! setpriv --reuid=65534 true 2>/dev/null; then
		skip "this user namespace has no other user"
		return
	fi
	for action in -l -f; do
		ok "without rights: -I $action" \
			says "sudo ipfwadm ...', or try \`--backend sim:FILE" \
			setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
			"$@" -I $action
	done
}

# amount CHECK LONG: so much is done in make check, and so much in make check-long
amount() {
	[ -z "${LONG-}" ] && echo "$1" || echo "$2"
}

# within SECONDS COMMAND...: the command, which ends by then; longer on a slow machine
within() {
	timeout $(($1 * ${TIME_FACTOR:-1})) "${@:2}"
}

# counts_add TEXT: adds the lines "N packets" and "N passed, N failed[, N skipped]" of it
counts_add() {
	local n what failed skipped
	while read -r n what failed _ skipped _; do
		case $what in
		packets)
			suite_packets=$((suite_packets + n)) ;;
		*)	suite_passed=$((suite_passed + n))
			suite_failed=$((suite_failed + failed))
			suite_skipped=$((suite_skipped + ${skipped:-0})) ;;
		esac
	done < <(grep -E '^[0-9]+ (packets$|passed, [0-9]+ failed)' <<<"$1")
}

# adds the counts of a program that ends with "N passed, N failed[, N skipped]"
count() {
	local out status line
	out=$("$@" 2>&1)
	status=$?
	printf '%s\n' "$out"
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' <<<"$out" | tail -n 1)
	counts_add "$(grep -E '^[0-9]+ packets$' <<<"$out" | tail -n 1)
$line"
	if [ $status != 0 ] && [[ $line = *' 0 failed'* ]] || [ -z "$line" ]; then
		fail "$1: exit status $status, ${line:-no summary}"
	fi
}

suite_end() {
	local tail=
	[ $suite_packets = 0 ] || echo "$suite_packets packets"
	[ $suite_skipped = 0 ] || tail=", $suite_skipped skipped"
	echo "$suite_passed passed, $suite_failed failed$tail"
	[ $suite_failed = 0 ] || exit 1
	[ $suite_passed != 0 ] || exit 77
	exit 0
}
