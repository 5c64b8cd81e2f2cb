#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian packages: what lintian says, and a root in which dpkg installs, upgrades,
# removes and purges them.
. tests/lib/suite.sh
# shellcheck disable=SC2154 # of suite.sh
packages=(ipfwadm ipfwadm-shell ipfwadm-compat ipfwadm-dkms)
[ "$(id -u)" = 0 ] || {
	skip "dpkg wants root"
	suite_end
}

# a build of its own: suites that run beside this one build no packages
mkdir "$scratch/build"
cp -al "$BUILD/bin" "$BUILD/lib" "$scratch/build"
packages_make() {
	sed "s,make -s ,make -s -o all ," packaging/deb >"$scratch/deb"
	bash "$scratch/deb" "$scratch/build"
}
ok "the packages are made" packages_make
debs=$scratch/build/deb
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
ok "the module's source is there" diff -r kmod "$root/usr/src/ipfwadm-3.0/kmod"

# a newer version
newer_make() {
	local deb dir
	mkdir "$scratch/newer"
	for deb in "$debs"/*.deb; do
		dir=$scratch/newer/$(basename "$deb" .deb)
		dpkg-deb -R "$deb" "$dir" &&
			sed -i 's/^Version: .*/Version: 3.1/; s/(= 3.0)/(= 3.1)/' "$dir/DEBIAN/control" &&
			dpkg-deb -b "$dir" "$dir.deb" || return
	done
}
ok "a newer version is made" newer_make
echo '-I -p deny' >"$root/etc/ipfwadm.rules"
echo '# mine' >>"$root/etc/ppp/ip-up.d/ipfwadm"
ok "upgrade" dpkg_root --force-confold -i "$scratch/newer"/*.deb
ok "all are of that version" test "$(installed 3.1)" = ${#packages[@]}
ok "rules for boot stay" grep -qx -- '-I -p deny' "$root/etc/ipfwadm.rules"
ok "a changed hook stays" grep -qx '# mine' "$root/etc/ppp/ip-up.d/ipfwadm"
ok "remove" dpkg_root -r "${packages[@]}"
ok "rules for boot stay still" test -e "$root/etc/ipfwadm.rules"
ok "no program is left" test -z "$(files | grep -v '^./etc/')"
ok "purge" dpkg_root -P "${packages[@]}"
ok "nothing is left" test -z "$(files)"
suite_end
