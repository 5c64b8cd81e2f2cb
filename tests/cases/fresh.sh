#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian as it comes, with git and make besides apt: a clone there shows the demo, can be
# installed and taken away, and serves a user without root.
# long
# root
# shellcheck disable=SC2016 # for the shells of the root
. tests/lib/suite.sh
[ "${LONG-}" ] || {
	skip "a fresh Debian is set up in make check-long"
	suite_end
}
root=$scratch/root

root_make() {
	mkdir "$root" && tar -xf "$(tests/qemu/debian-root)" -C "$root" --numeric-owner &&
		cp /etc/resolv.conf "$root/etc" && mkdir "$root/srv/root" "$root/srv/user" &&
		git clone -q --bare . "$root/srv/ipfwadm"
}
# inside USER COMMAND: in the root, with nothing of this machine's environment.  What is
# mounted there is gone with the command, before the root is removed.  pivot_root(8), because
# who is in a chroot may make no namespaces.
inside() {
	unshare -mpf sh -ec 'mount --bind "$2" "$2"; mount -t proc proc "$2/proc"
		cd "$2"; pivot_root . mnt; umount -l /mnt
		exec chroot --userspec="$1" / env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			HOME="/srv/$1" LC_ALL=C.UTF-8 sh -ec "cd; $3"' - "$1" "$root" "$2"
}
shows() {
	inside "$1" "cd ipfwadm; PATH=\$PWD/build/bin:\$PATH; $2" 2>&1 | grep -qF -- "$3"
}
packages() {
	inside root 'dpkg -l' | grep -c ^ii
}

ok "a root" root_make
inside root 'apt-get -qq update' >/dev/null 2>&1 || {
	skip "no Debian packages can be had here"
	suite_end
}
ok "git and make" inside root \
	'apt-get -qq install -y --no-install-recommends git make ca-certificates; useradd -M user
	 cp -r /srv/ipfwadm /srv/user/origin; chown -R user /srv/user'
before=$(packages) size=$(du -sxm "$root" | cut -f 1) start=$SECONDS
ok "make demo" inside root 'git clone -q /srv/ipfwadm; cd ipfwadm; make demo >demo.out 2>&1 ||
	{ tail -n 20 demo.out; exit 1; }'
echo "$(($(packages) - before)) packages, $(($(du -sxm "$root" | cut -f 1) - size)) MB, \
$((SECONDS - start)) s"
ok "it shows the main job" shows root 'cat demo.out' 'masqueraded by rule'
ok "and changes nothing of the clone" inside root 'cd ipfwadm; test -z "$(git status --short |
	grep -v demo.out)"'
ok "make install" inside root 'cd ipfwadm; make -s install'
ok "/sbin/ipfwadm answers" shows root '/sbin/ipfwadm version' 'ipfwadm 3.0'
ok "make uninstall" inside root 'cd ipfwadm; make -s uninstall'
ok "it leaves nothing" test -z "$(find "$root" -xdev -name '*ipfwadm*' ! -path "$root/srv/*" \
	-printf '%P\n')"
ok "a user builds it" inside user 'git clone -q origin ipfwadm; cd ipfwadm; make -s'
ok "who may not change the kernel's rules" shows user 'ipfwadm -I -f' 'try `--backend sim:FILE'
ok "but a file's" shows user 'ipfwadm --backend sim:x -I -p deny; cat x' '-I -p deny'
ok "and translates" shows user 'ipfwadm translate packaging/examples/rc.firewall' 'table ip ipfwadm'
suite_end
