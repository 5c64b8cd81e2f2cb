#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real programs through the module: tests/live/net-programs.sh.
# slow
# long
. tests/lib/suite.sh
. tests/lib/machine.sh

python_add http.server pyftpdlib.{servers,handlers,authorizers} threading
program_add bash unshare nsenter mount awk curl dig ping traceroute ssh ssh-keygen dropbear \
	dropbearkey netstat
file_add tests/live/net-programs.sh tests/lib/{suite,network}.sh tests/lib/net_servers.py
file_add /usr/lib/*/libnss_wrapper.so

for kernel in $kernels; do
	machine "$kernel" "export BACKEND=kmod LONG=${LONG-} TIME_FACTOR=$((3 * ${TIME_FACTOR:-1}))
		tests/live/net-programs.sh" --memory 1024 "${files[@]}"
done
suite_end
