#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module builds without a warning of kbuild (W=1) and of sparse, links no function of
# the core that it does not call, and the core asks nothing of others.  For 6.12, with
# LONG for 6.1 too.  What was built with the same warnings only goes to sparse again.
. tests/lib/suite.sh

# nothing NAME TEXT: there is none, or it is shown
nothing() {
	ok "$1" sh -c 'echo "$1"; test -z "$1"' - "$2"
}

# what the core asks of others: only what compilers put there by themselves
nothing "what the core asks of others" "$(nm -g "$BUILD/libcore.a" | awk '
	NF == 3 && $2 != "U" { own[$3] = 1 }
	$1 == "U" { asked[$2] = 1 }
	END { for (name in asked) if (!(name in own)) print name }' |
	grep -Evx 'mem(cpy|set|move)|__stack_chk_fail')"

for kernel in $(amount 6.12 "6.1 6.12"); do
	headers=$(tests/qemu/kernel $kernel | sed -n 4p)
	if [ ! -e "$headers/Makefile" ] || ! command -v sparse >/dev/null; then
		skip "no sparse, or no headers of a kernel $kernel"
		continue
	fi
	nothing "warnings for $kernel" "$(KBUILD_ARGS="W=1e C=2" kmod/build "$BUILD/kmod" \
		"$headers" 2>&1 | grep -v '^  KBUILD')"
	release=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$headers/include/generated/utsrelease.h")
	mapfile -t linked <"$BUILD/kmod/$release/ipfwadm.mod"
	ok "objects of the module for $kernel" test ${#linked[@]} -gt 5
	# some relocation names what is called
	nothing "what the module for $kernel does not call" "$(comm -23 \
		<(nm -g "${linked[@]}" | awk '/:$/ { core = /kmod\/core/ }
			core && $2 == "T" { print $3 }' | sort) \
		<(readelf -rW "${linked[@]}" | awk 'NF >= 5 { print $5 }' | sort -u))"
done
nothing "objects among the sources" "$(find kmod compat -name '*.o' -o -name '*.cmd')"
suite_end
