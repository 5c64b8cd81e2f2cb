#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/live/states.sh in the kernels of Debian: a sample, since what was recorded is 6.18.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# shellcheck disable=SC2154 # of suite.sh
some=$scratch/some.jsonl
xz -dc tests/recorded/states.jsonl.xz | grep -v '"t":' |
	awk -v random="$(amount 400 20)" -v others="$(amount 8 1)" '
		NR % (/"kind": ?"random/ ? random : others) == 0' >"$some"
for kernel in $kernels; do
	# shellcheck disable=SC2016 # for the machine
	machine "$kernel" 'for backend in nft xtables; do
		$BUILD/tests/state-vectors --backend $backend '"$some"'; done' \
		--no-module --file "$some" "${plugins[@]}"
done
suite_end
