#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Transcripts: tests/cases/console/*.txt show commands behind "$ " (continued
# behind "> "), what they print, both outputs together, and "? N" when the exit
# status is not 0; remarks stand behind "%% ".  They are run again and must come
# out the same.
#
# BLESS=1 tests/cases/console.sh	writes what comes out: read it before it lands
. tests/lib/suite.sh
. tests/lib/transcript.sh

export PATH=$PWD/$BUILD/bin:$PATH LC_ALL=C.UTF-8
unset IPFWADM_BACKEND

cases=$PWD/tests/cases/console
for file in "$cases"/*.txt; do
	mkdir "$scratch/work" && cd "$scratch/work" || exit 1
	transcribe <"$file" >"$scratch/out" 2>&1
	[ -z "${BLESS-}" ] || cp "$scratch/out" "$file"
	ok "$(basename "$file")" diff -u "$file" "$scratch/out"
	cd / && rm -rf "$scratch/work"
done
suite_end
