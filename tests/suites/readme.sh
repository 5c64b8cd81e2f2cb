#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What README.md shows in its console blocks is what happens.  A line "..."
# stands for any number of lines.
. tests/lib/suite.sh

ok "every make target exists" bash -c '
	grep -ohE "^ +make [a-z]+|\`make [a-z]+" README.md | sed "s/.* //" |
	while read -r target; do
		grep -q "^$target:" Makefile || { echo "no target $target"; exit 1; }
	done'
ok "every file exists" bash -c '
	grep -oE "\]\([^)#]+\)" README.md | tr -d "]()" | grep -v : |
	while read -r file; do
		[ -e "$file" ] || { echo "no file $file"; exit 1; }
	done'

awk '/^```console$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md \
	>"$scratch/expected"
ln -s "$PWD/packaging" "$scratch/packaging"
export PATH=$PWD/$BUILD/bin:$PATH
readme=$scratch/expected

# shown COMMAND EXPECTED: runs the command here, so that it may set variables
shown() {
	local expected=$'\n'$2 pattern='' actual
	[ -n "$1" ] || return
	eval "$1" >"$scratch/out" 2>&1 </dev/null
	actual=$'\n'$(cat "$scratch/out")
	[ ! -s "$scratch/out" ] || actual+=$'\n'
	while [[ $expected == *$'\n...\n'* ]]; do
		pattern+=$(printf '%q*' "${expected%%$'\n...\n'*}"$'\n')
		expected=$'\n'${expected#*$'\n...\n'}
	done
	pattern+=$(printf '%q' "$expected")
	if eval "[[ \$actual == $pattern ]]"; then
		pass
	else
		fail "$1"
		diff <(printf '%s' "$2") "$scratch/out"
	fi
}

cd "$scratch" || exit 1
command='' expected=''
while IFS= read -r line; do
	case $line in
	'$ '*)	shown "$command" "$expected"
		command=${line#\$ } expected='' ;;
	'> '*)	command+=$'\n'${line#> } ;;
	*)	expected+=$line$'\n' ;;
	esac
done <"$readme"
shown "$command" "$expected"
suite_end
