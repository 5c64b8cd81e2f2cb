#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What MIGRATING.md shows in its console blocks is what happens: on a router of its own,
# with an /etc of its own and a systemctl that does nothing.  Nothing else is shown there.
#
# BLESS=1 tests/live/migrating.sh	writes what happens: read it before it lands
. tests/lib/network.sh
. tests/lib/suite.sh
. tests/lib/transcript.sh

export PATH=$scratch/bin:$PWD/$BUILD/bin:$PATH
router_make

echo 'ipfwadm -I -l' >"$scratch/probe"
export IPFWADM_BACKEND=sim:$scratch/probe.sim
if ipfwadm try --interface eth0=10.0.0.1/8 "$scratch/probe" >/dev/null 2>&1; then
	ok "what it shows is what happens" document_holds MIGRATING.md
else
	skip "no sandbox can be made here"
fi
ok "no command is shown that is not run" eval '! sed "/^\`\`\`/,/^\`\`\`/d" MIGRATING.md |
	grep -E "^(    |	)"'
suite_end
