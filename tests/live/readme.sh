#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What README.md shows in its console blocks is what happens; what it and its neighbours
# name is there.  It happens on a gateway of its own, see router_make.
#
# BLESS=1 tests/live/readme.sh	writes what happens: read it before it lands
. tests/lib/network.sh
. tests/lib/suite.sh
. tests/lib/transcript.sh

ok "every make target exists" bash -c '
	grep -ohE "^ +make [a-z]+|\`make [a-z]+" *.md | sed "s/.* //" |
	while read -r target; do
		grep -q "^$target:" Makefile */*.mk || { echo "no target $target"; exit 1; }
	done'
ok "every file exists" bash -c '
	{ grep -ohE "\]\([^)#]+\)" *.md | tr -d "]()"
	  grep -ohE "\`(ipfwadm|parser|backend|kmod|compat|tests|man|packaging)/[^\` ]*\`" *.md |
		tr -d "\`"; } | grep -v : |
	while read -r file; do
		[ -e "$file" ] || { echo "no file $file"; exit 1; }
	done'

ok "the other commands are those of make" eval '! sed "/^\`\`\`/,/^\`\`\`/d" README.md |
	grep -E "^(    |	)" | grep -vxE " +(sudo )?make( [a-z]+)?| +packaging/deps build"'

export PATH=$scratch/bin:$PWD/$BUILD/bin:$PATH
unset IPFWADM_BACKEND
router_make
cp packaging/examples/* "$scratch"
ok "what it shows is what happens" document_holds README.md
suite_end
