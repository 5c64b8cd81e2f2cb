#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demo runs to its end, within a minute, and leaves nothing behind.
. tests/lib/suite.sh

unshare -mn true 2>/dev/null || unshare -rmn true 2>/dev/null || {
	skip "no namespaces here"
	suite_end
}
before=$(ls -la /sbin/ | md5sum)
export TMPDIR=$scratch
ok "the demo succeeds" within 60 packaging/demo "$BUILD/bin/ipfwadm"
within 60 packaging/demo "$BUILD/bin/ipfwadm" >"$scratch/out" 2>"$scratch/err"
ok "without complaints" test ! -s "$scratch/err"
for command in 'nft -f -' iptables-legacy-restore iptables-nft-restore; do
	ok "$command takes the translation" grep -q "| $command: loaded" "$scratch/out"
done
rm -f "$scratch"/{out,err}
ok "no files are left" test -z "$(ls "$scratch")"
ok "/sbin is as it was" test "$(ls -la /sbin/ | md5sum)" = "$before"
suite_end
