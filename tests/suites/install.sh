#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install puts everything below DESTDIR, and uninstall takes it away.
. tests/lib/suite.sh

root=$scratch/root
files() {
	(cd "$root" && find . -type f | sort)
}
make_it() {
	make -s B="$BUILD" DESTDIR="$root" PREFIX=/usr "$1"
}
cat >"$scratch/expected" <<EOF
./usr/lib/ipfwadm/nft.so
./usr/sbin/ipfwadm
./usr/share/bash-completion/completions/ipfwadm
./usr/share/man/man5/ipfwadm.conf.5
./usr/share/man/man8/ipfwadm.8
EOF
ok "install" make_it install
ok "what is installed" diff "$scratch/expected" <(files)
ok "it runs" "$root/usr/sbin/ipfwadm" version
ok "uninstall" make_it uninstall
ok "nothing is left" test -z "$(files)"
suite_end
