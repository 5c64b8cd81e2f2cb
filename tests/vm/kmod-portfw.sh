#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Port forwarding by the module: recorded commands of ipportfw and ipmasqadm, programs
# behind forwards, and the old socket options with the preload library.  EVERY: of so many
# recordings one.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

files=(--file "$BUILD/bin/ipportfw" --file "$BUILD/lib/ipfwadm")
while read -r file; do
	files+=(--file "$file")
done < <(
	printf '%s\n' tests/recorded/portfw.jsonl tests/live/portfw.py tests/lib/tcp_packet.py \
		/usr/lib/*/libnss_wrapper.so
	type -P unshare nsenter sysctl
	python3 -B -c '
import encodings.ascii
import socket
import struct
import sys
sys.path.insert(0, "tests/lib")
import cli_live
print(sys.executable)
for module in list(sys.modules.values()):
    if getattr(module, "__file__", None):
        print(module.__file__)'
)
script="export BACKEND=kmod EVERY=${EVERY:-$(amount 4 1)}
$(python3 -c 'import sys; print(sys.executable)') -B tests/live/portfw.py
\$BUILD/tests/kmod-portfw
IPFWADM_BACKEND=kmod \$BUILD/bin/ipfwadm load /dev/null
IPFWADM_BACKEND=kmod \$BUILD/bin/ipfwadm compat \$BUILD/tests/old-forwards"
for kernel in $kernels; do
	machine "$kernel" "$script" "${files[@]}"
done
suite_end
