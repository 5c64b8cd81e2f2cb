#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What README.md shows in its console blocks is what happens; what it and its neighbours
# name is there.
#
# BLESS=1 tests/cases/readme.sh	writes what happens: read it before it lands
. tests/lib/suite.sh
. tests/lib/transcript.sh

ok "every make target exists" bash -c '
	grep -ohE "^ +make [a-z]+|\`make [a-z]+" *.md | sed "s/.* //" |
	while read -r target; do
		grep -q "^$target:" Makefile || { echo "no target $target"; exit 1; }
	done'
ok "every file exists" bash -c '
	{ grep -ohE "\]\([^)#]+\)" *.md | tr -d "]()"
	  grep -ohE "\`(ipfwadm|parser|backend|kmod|compat|tests|man|packaging)/[^\` ]*\`" *.md |
		tr -d "\`"; } | grep -v : |
	while read -r file; do
		[ -e "$file" ] || { echo "no file $file"; exit 1; }
	done'


export PATH=$PWD/$BUILD/bin:$PATH
unset IPFWADM_BACKEND
ok "what it shows is what happens" document_holds README.md
suite_end
