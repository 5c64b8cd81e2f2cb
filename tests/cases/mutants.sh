#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Mistakes planted in the core, tests/mutants/*, are noticed by the program that each
# names; in make check some of them.
#
# slow
# long
. tests/lib/suite.sh

xz -dc tests/recorded/states.jsonl.xz >"$scratch/states.jsonl"

# planted PROGRAM FILE SED RULE: 0 if the program fails with the mistake in it
planted() {
	local dir=$scratch/$BASHPID objects
	local changed=$scratch/$BASHPID/kmod/core/$2
	mkdir -p "$dir/kmod/core"
	sed "$3" "kmod/core/$2" >"$changed"
	if cmp -s "$changed" "kmod/core/$2"; then
		echo "changes nothing"
		return 1
	fi
	case $1 in
	linux | own)
		objects=$BUILD/tests/programs/state/state-vectors.o ;;
	classify-property)
		objects=$BUILD/tests/programs/classify/$1.o ;;
	*)	objects=$BUILD/tests/unit/$1.o ;;
	esac
	# a header is what its own source and the program include
	case $2 in *.h)
		cp "kmod/core/${2%.h}.c" "$dir/kmod/core"
		changed="$dir/kmod/core/${2%.h}.c" objects=${objects#"$BUILD"/}
		objects=${objects%.o}.c ;;
	esac
	if ! gcc -std=gnu11 -O0 -w -I"$dir" -I. -I"$BUILD/gen" -D_GNU_SOURCE -o "$dir/program" \
		-DFW_HOST_H='"backend/sim/track_host.h"' "$changed" "$objects" \
		"$BUILD"/{libtest,libparser,libbackend,libcore}.a \
		-lcmocka -ljansson -llzma -lmnl -lip4tc -lip6tc -lxtables 2>"$dir/errors"; then
		cat "$dir/errors"
		return 1
	fi
	case $1 in
	linux)	! timeout 60 "$dir/program" --as-linux --first "$scratch/states.jsonl" ;;
	own)	! timeout 60 "$dir/program" "$scratch/states.jsonl" | grep ^differs |
			diff - tests/cases/state-differences ;;
	*)	! timeout 60 "$dir/program" ;;
	esac >/dev/null 2>&1
}

n=0 every=$(amount 7 1)
while read -r program file rule; do
	case $program in '' | '#'*) continue ;; esac
	file=${file%:}
	read -r sed
	n=$((n + 1))
	[ $((n % every)) = 0 ] || continue
	{
		if why=$(planted "$program" "$file" "$sed"); then
			echo ok
		else
			echo "FAIL $file: $rule: ${why:-not noticed by $program}"
		fi
	} >"$scratch/result.$n" &
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
done < <(cat tests/mutants/*)
wait
for result in "$scratch"/result.*; do
	if [ "$(cat "$result")" = ok ]; then
		pass
	else
		fail "$(sed 's/^FAIL //' "$result")"
	fi
done
suite_end
