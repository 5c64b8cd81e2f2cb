#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian packages: what lintian says, and a root in which dpkg installs, upgrades,
# removes and purges them.
. tests/lib/suite.sh
. tests/lib/packages.sh
[ "$(id -u)" = 0 ] || {
	skip "dpkg wants root"
	suite_end
}

ok "the packages are made" packages_make
ok "all of them" test "$(find "$debs" -name '*.deb' | wc -l)" = ${#packages[@]}
if command -v lintian >/dev/null; then
	lintian --fail-on error,warning --tag-display-limit 0 "$debs"/*.deb \
		>"$scratch/lintian" 2>/dev/null
	ok "lintian is content" eval 'cat "$scratch/lintian"; ! [ -s "$scratch/lintian" ]'
else
	skip "no lintian here"
fi

root=$scratch/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/etc"
: >"$root/var/lib/dpkg/status"
dpkg_root() {
	dpkg --root="$root" --force-depends --force-script-chrootless --log="$scratch/log" \
		"$@" >"$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }
}
files() {
	(cd "$root" && find . ! -type d ! -path './var/lib/dpkg/*' | sort)
}
installed() {
	dpkg --root="$root" -l "${packages[@]}" 2>/dev/null | grep -c "^ii .* $1 "
}

ok "install" dpkg_root -i "$debs"/*.deb
ok "all are installed" test "$(installed 3.0)" = ${#packages[@]}
ok "the program runs" "$root/usr/sbin/ipfwadm" version
ok "an old program runs" eval "IPFWADM_BACKEND=sim:$scratch/sim \"$root/usr/sbin/ipfwadm\" \
	compat cat /proc/net/ip_masquerade | grep -q ^Prc"
make -s B="$scratch/build" -o all DESTDIR="$scratch/whole" PREFIX=/usr install
(cd "$scratch/whole" && find . ! -type d | sed '/\/man\//s/$/.gz/' | sort) >"$scratch/whole.list"
ok "they have all that make install has" \
	test -z "$(comm -23 "$scratch/whole.list" <(files))"
ok "the module has the version of the program" grep -qx "MODULE_VERSION(\"$("$BUILD/bin/ipfwadm" \
	version | cut -d ' ' -f 2)\");" kmod/main.c
ok "the module's source is there" diff -r kmod "$root/usr/src/ipfwadm-3.0/kmod"

ok "a newer version is made" packages_newer
echo '-I -p deny' >"$root/etc/ipfwadm.rules"
echo '# mine' >>"$root/etc/ppp/ip-up.d/ipfwadm"
ok "upgrade" dpkg_root --force-confold -i "$newer"/*.deb
ok "all are of that version" test "$(installed 3.1)" = ${#packages[@]}
ok "rules for boot stay" grep -qx -- '-I -p deny' "$root/etc/ipfwadm.rules"
ok "a changed hook stays" grep -qx '# mine' "$root/etc/ppp/ip-up.d/ipfwadm"
ok "remove" dpkg_root -r "${packages[@]}"
ok "rules for boot stay still" test -e "$root/etc/ipfwadm.rules"
ok "no program is left" test -z "$(files | grep -v '^./etc/')"
ok "purge" dpkg_root -P "${packages[@]}"
ok "nothing is left" test -z "$(files)"
suite_end
