#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds kmod/core against the headers of a 6.1 kernel, with kbuild's extra warnings
# (W=1) and sparse (C=2).  One check per file: no warning of either.  Then the module,
# the same way, against the headers of 6.12, and with LONG of 6.1: no warning, and no
# function of the core that it does not call.  Objects go to $BUILD/kernel, the sources stay clean.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
out=$root/${BUILD:-build}/kernel
passed=0 failed=0

skip() {
	echo "SKIP $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
}

# linked, because kbuild puts objects beside the sources
tree_link() {
	rm -rf "$1" && mkdir -p "$1" && ln -s "$root"/kmod/core/{*.c,Kbuild} "$1"
}

kernel_check() {
	local headers=$1 dir file name
	dir=$out/$(basename "$headers")
	tree_link "$dir" || exit 1
	make -k -C "$headers" M="$dir" FW_ROOT="$root" W=1 C=2 >"$dir/log" 2>&1
	for file in kmod/core/*.c; do
		name=$(basename "$file" .c)
		if [ -e "$dir/$name.o" ] &&
			! grep -Eq "$name\.c:.*(warning|error):" "$dir/log"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL $file against $(basename "$headers")"
		fi
	done
	if grep -Eq 'warning:|error:|\*\*\*' "$dir/log"; then
		failed=$((failed + 1))
		cat "$dir/log"
	fi
	purity_check "$dir"
}

# what the core asks of others: only what compilers put there by themselves
purity_check() {
	local foreign
	foreign=$(nm -g "$1"/*.o | awk '
		NF == 3 && $2 != "U" { own[$3] = 1 }
		$1 == "U" { asked[$2] = 1 }
		END { for (name in asked) if (!(name in own)) print name }' |
		grep -Evx 'mem(cpy|set|move)|__fentry__|__stack_chk_fail|__x86_.*')
	if [ -z "$foreign" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL the core needs" $foreign
	fi
}

module_check() {
	local headers=$1 log=$out/module.log
	if KBUILD_ARGS="W=1 C=2" kmod/build "$out/module" "$headers" >"$log" 2>&1 &&
		! grep -Eq 'warning:|error:|WARNING' "$log"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL the module against $(basename "$headers")"
		cat "$log"
	fi
}

# Every function of the core that is linked is called: some relocation names it.
unused_check() {
	local headers=$1 linked unused
	mapfile -t linked <"$out/module/$(release_of "$headers")/ipfwadm.mod"
	unused=$(comm -23 \
		<(nm -g "${linked[@]}" | awk '/:$/ { core = /kmod\/core/ }
			core && $2 == "T" { print $3 }' | sort) \
		<(readelf -rW "${linked[@]}" | awk 'NF >= 5 { print $5 }' | sort -u))
	if [ ${#linked[@]} -gt 5 ] && [ -z "$unused" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL the module against $(basename "$headers") does not call: $unused"
	fi
}

release_of() {
	sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$1/include/generated/utsrelease.h"
}

command -v sparse >/dev/null || skip "sparse is not installed"
for kernel in 6.1 6.12; do
	headers=$(tests/qemu/kernel $kernel | sed -n 4p)
	[ -e "$headers/Makefile" ] || skip "no headers of a kernel $kernel"
	[ $kernel = 6.12 ] || { kernel_check "$headers" && [ -z "${LONG-}" ] && continue; }
	module_check "$headers"
	unused_check "$headers"
done
if [ -n "$(find kmod compat -name '*.o' -o -name '*.cmd' -o -name '*.symvers')" ]; then
	failed=$((failed + 1))
	echo "FAIL objects among the sources"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
