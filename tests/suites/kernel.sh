#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The core is kernel code: it builds against the distribution's kernel headers
# with all warnings, is clean under sparse, and links with nothing but what a
# kernel has.
. tests/lib/suite.sh

headers=$(find /usr/src -maxdepth 1 -name 'linux-headers-6.1.*-amd64' | sort -V | tail -n 1)
[ -n "$headers" ] || {
	skip "no kernel headers here"
	suite_end
}

mkdir -p "$scratch/kmod"
cp -r kmod/core "$scratch/kmod/"
cat >"$scratch/main.c" <<'EOF'
#include <linux/module.h>
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("the core alone");
EOF
cat >"$scratch/Kbuild" <<'EOF'
obj-m := ipfwadm.o
ipfwadm-y := main.o $(patsubst $(src)/%.c,%.o,$(wildcard $(src)/kmod/core/*.c))
ccflags-y := -I$(src)
EOF

# the kernel's own headers have warnings under W=1 that are not ours
build() {
	make -s -C "$headers" M="$scratch" KCFLAGS=-Werror "$@" modules >"$scratch/out" 2>&1 &&
		! grep -E "$scratch/.*(warning|error):|^WARNING|^kmod/" "$scratch/out" ||
		{ cat "$scratch/out"; return 1; }
}
ok "it builds with W=1" build W=1
ok "sparse finds nothing" build C=2
for source in kmod/core/*.c; do
	ok "$source is built" test -s "$scratch/${source%.c}.o"
done
suite_end
