# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Helpers for suites of the Debian packages, besides suite.sh: $packages, all of them;
# packages_make makes them in $debs, packages_newer those of version 3.1 in $newer.

packages=(ipfwadm ipfwadm-shell ipfwadm-compat ipfwadm-dkms)
# shellcheck disable=SC2154 # of suite.sh
debs=$scratch/build/deb newer=$scratch/newer

# in a build of its own, because suites that run beside this one build no packages
packages_make() {
	mkdir "$scratch/build" && cp -al "$BUILD/bin" "$BUILD/lib" "$scratch/build" &&
		sed "s,make -s ,make -s -o all ," packaging/deb >"$scratch/deb" &&
		bash "$scratch/deb" "$scratch/build"
}

packages_newer() {
	local deb dir
	mkdir "$newer"
	for deb in "$debs"/*.deb; do
		dir=$newer/$(basename "$deb" .deb)
		dpkg-deb -R "$deb" "$dir" &&
			sed -i 's/^Version: .*/Version: 3.1/; s/(= 3.0)/(= 3.1)/' \
				"$dir/DEBIAN/control" &&
			dpkg-deb -b "$dir" "$dir.deb" >/dev/null && rm -r "$dir" || return
	done
}
