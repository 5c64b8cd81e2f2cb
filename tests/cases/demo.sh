#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demo runs to its end, within a minute, and leaves nothing behind; without
# namespaces too, and where an ipfwadm is installed already.
. tests/lib/suite.sh

export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"
before=$(ls -la /sbin/ | md5sum)

# demo COMMAND...: runs it by means of the command; what it prints is in $scratch
demo() {
	local out=$scratch/out err=$scratch/err
	within 60 "$@" packaging/demo "$BUILD/bin/ipfwadm" >"$out" 2>"$err" </dev/null
}
told() {
	grep -qF -- "$1" "$scratch/out"
}

# everywhere NAME
everywhere() {
	ok "$1: no complaints" test ! -s "$scratch/err"
	ok "$1: the script ran" told 'masquerading accounting.'
	ok "$1: a packet is traced" told 'masqueraded by rule'
	ok "$1: rules are translated" told '-A ipfw-input'
	ok "$1: no files are left" test -z "$(ls "$TMPDIR")"
	ok "$1: /sbin is as it was" test "$(ls -la /sbin/ | md5sum)" = "$before"
}

ok "the demo succeeds" demo
everywhere "the demo"
if ! unshare -mn true 2>/dev/null && ! unshare -rmn true 2>/dev/null; then
	skip "no namespaces here"
	suite_end
fi
for command in 'nft -f -' iptables-legacy-restore iptables-nft-restore; do
	ok "$command takes the translation" told "| $command: loaded"
done

may_not=(setpriv --bounding-set=-sys_admin)
[ "$(id -u)" = 0 ] || may_not=(unshare -r "${may_not[@]}")
ok "without namespaces it succeeds, too" demo "${may_not[@]}"
everywhere "without namespaces"
ok "it says so" told 'no namespaces'

# an ipfwadm that is installed already, by way of a link
mkdir "$scratch"/{old,sbin}
# shellcheck disable=SC2016 # for the inner shell
mount_installed='mount --bind /sbin "$1/old" && mount --bind "$1/sbin" /sbin && shift && exec "$@"'
as_root=()
[ "$(id -u)" = 0 ] || as_root=(-r)
for name in /sbin/*; do
	ln -s "$scratch/old/${name##*/}" "$scratch/sbin"
done
ln -sf "$scratch/installed" "$scratch/sbin/ipfwadm"
echo 'not ours' >"$scratch/installed"
ok "with another one installed it succeeds" demo unshare -m "${as_root[@]}" \
	bash -c "$mount_installed" - "$scratch"
everywhere "with another one installed"
ok "which is as it was" test "$(cat "$scratch/installed")" = 'not ours'
suite_end
