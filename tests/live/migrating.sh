#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What MIGRATING.md shows in its console blocks is what happens.
#
# BLESS=1 tests/live/migrating.sh	writes what happens: read it before it lands
. tests/lib/suite.sh
. tests/lib/transcript.sh

export PATH=$PWD/$BUILD/bin:$PATH

echo 'ipfwadm -I -l' >"$scratch/probe"
export IPFWADM_BACKEND=sim:$scratch/probe.sim
if ipfwadm try --interface eth0=10.0.0.1/8 "$scratch/probe" >/dev/null 2>&1; then
	ok "what it shows is what happens" document_holds MIGRATING.md
else
	skip "no sandbox can be made here"
fi
suite_end
