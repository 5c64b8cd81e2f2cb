#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory of a large table, floods of half-open connections, full tables, and those of users.
# slow
# long
. tests/lib/suite.sh
. tests/lib/machine.sh

connections=$(amount 60000 1000000)
program_add unshare setpriv
# shellcheck disable=SC2016 # for the machine
script='
$BUILD/tests/kmod-flood $connections $bytes
chmod 666 /dev/net/tun
/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups unshare --user --map-root-user --net \
	$BUILD/tests/kmod-flood user
'
for kernel in $kernels; do
	bytes=''
	[ "$kernel" != debug ] || bytes=400	# with red zones
	machine "$kernel" "connections=$connections bytes=$bytes; $script" --modprobe tun \
		--memory 1280 --time 1500 "${files[@]}"
done
suite_end
