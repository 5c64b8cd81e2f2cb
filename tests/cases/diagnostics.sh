#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is said about mistakes, word for word and caret for caret.
#
#	tests/cases/diagnostics.sh --bless	writes down what is said now
#
# In tests/cases/diag: NAME.in is a file in saved form, each line of NAME.lines
# a file by itself, each line of NAME.words a command line as bash reads it.
# NAME.err is what must be said.
. tests/lib/suite.sh

export LC_ALL=C.UTF-8
parse=$BUILD/tests/parse
cases=tests/cases/diag
# nobody is asked about names: there are none
wrapper=$(find /usr/lib -name libnss_wrapper.so -print -quit)
echo '127.0.0.1 localhost' >"$scratch/hosts"

offline() {
	LD_PRELOAD=$wrapper NSS_WRAPPER_HOSTS=$scratch/hosts "$@"
}

said() {
	local line
	local -a words
	case $1 in
	*.in) offline "$parse" "$1" ;;
	*.lines) offline "$parse" --lines "$1" ;;
	*.words)
		while IFS= read -r line; do
			eval "words=($line)"
			printf '$ ipfwadm %s\n' "$line"
			offline "$parse" -- "${words[@]}"
		done <"$1" ;;
	esac
}

for input in "$cases"/*.{in,lines,words}; do
	golden=${input%.*}.err
	said "$input" >"$scratch/said" 2>&1
	if [ "${1-}" = --bless ]; then
		cp "$scratch/said" "$golden"
	elif ! diff -au "$golden" "$scratch/said" >"$scratch/diff"; then
		fail "$input"
		cat "$scratch/diff"
	elif [[ $input = *.in ]]; then
		pass
	else
		suite_passed=$((suite_passed + $(wc -l <"$input")))
	fi
done
for golden in "$cases"/*.err; do
	compgen -G "${golden%.err}.[ilw]*" >/dev/null || fail "$golden has no case"
done
[ "${1-}" != --bless ] || exit 0
suite_end
