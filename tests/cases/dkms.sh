#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package of the module with Debian's dkms, which builds it for 6.1 and 6.12 and takes
# it away again.  All of it in a root of its own: an overlay over the machine's.
# long
# root
. tests/lib/suite.sh
. tests/lib/packages.sh
[ "${LONG-}" ] || {
	skip "dkms builds in make check-long; make check builds the module in suite kernel-build"
	suite_end
}
[ -n "${INSIDE-}" ] || INSIDE=1 exec unshare -m "$0"
cache=$(realpath -m "${KERNEL_CACHE:-$BUILD/kernels}")
root=$scratch/over/root

# dkms is not installed on the machine, where it would build for the machine's kernels
dkms_fetch() {
	mkdir -p "$cache/dkms"
	[ -n "$(find "$cache/dkms" -name '*.deb')" ] || (
		cd "$cache/dkms" || exit
		apt-get download -qq dkms || { apt-get update -qq && apt-get download -qq dkms; }
	)
}
root_make() {
	mkdir "$scratch/over" && mount -t tmpfs tmpfs "$scratch/over" &&
		mkdir "$scratch/over/"{upper,work,root} && mount -t overlay overlay -o \
		"lowerdir=/,upperdir=$scratch/over/upper,workdir=$scratch/over/work" "$root"
}
root_fill() {
	mkdir -p "$root$cache" "$root/debs" && mount --rbind "$cache" "$root$cache" &&
		mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" &&
		cp "$cache"/dkms/*.deb "$debs"/ipfwadm-dkms_*.deb "$root/debs"
}
inside() {
	chroot "$root" env -u BUILD -u ASAN DEBIAN_FRONTEND=noninteractive "$@"
}
# kernels_found: their versions; their headers are where dkms looks for them
kernels_found() {
	local kernel version headers
	for kernel in ${KERNELS:-6.1 6.12}; do
		{ read -r version; read -r _; read -r _; read -r headers; } \
			< <(tests/qemu/kernel "$kernel")
		mkdir -p "$root/lib/modules/$version"
		ln -sfn "$headers" "$root/lib/modules/$version/build"
		echo "$version"
	done
}
modules() {
	find "$root/lib/modules/" -name 'ipfwadm*'
}

root_make >"$scratch/out" 2>&1 || {
	skip "no overlay over the root of this machine"
	suite_end
}
ok "dkms is there" dkms_fetch
ok "the packages are made" packages_make
ok "a root is made" root_fill
versions=$(kernels_found)
ok "dkms is installed" inside sh -c 'dpkg -i /debs/dkms_*.deb'
ok "the package is installed" inside sh -c 'dpkg -i /debs/ipfwadm-dkms_*.deb'
for version in $versions; do
	ok "dkms has it for $version" eval 'inside dkms status -m ipfwadm -v 3.0 -k "$version" |
		grep -q ": installed$"'
	ok "it is for $version" eval 'modinfo -F vermagic \
		"$root/lib/modules/$version/updates/dkms/ipfwadm.ko"* | grep -q "^$version "'
	ok "depmod knows it" grep -q '^updates/dkms/ipfwadm\.ko' \
		"$root/lib/modules/$version/modules.dep"
done
ok "its version is the program's" test "$(modules | xargs -n 1 modinfo -F version | sort -u)" = \
	"$("$BUILD/bin/ipfwadm" version | cut -d ' ' -f 2)"
ok "remove" inside dpkg -r ipfwadm-dkms
ok "no module is left" test -z "$(modules)"
ok "dkms knows none" test -z "$(inside dkms status)"
ok "purge" inside dpkg -P ipfwadm-dkms
ok "nothing is left" test -z "$(find "$root"/usr/{src,share} "$root/var/lib" -name '*ipfwadm*')"
umount -R "$root"
umount "$scratch/over"
suite_end
