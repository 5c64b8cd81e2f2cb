#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Recorded commands of ipfwadm 2.3.0, with the module; and what
# /proc/net/ip_input and its siblings show then.  EVERY: of so many recordings one.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

files=()
while read -r file; do
	files+=(--file "$file")
done < <(
	printf '%s\n' tests/recorded/{cli,scripts}.jsonl /usr/lib/*/libnss_wrapper.so
	type -P unshare
	python3 -B -c '
import encodings.ascii
import sys
sys.path.insert(0, "tests/lib")
import cli_live
print(sys.executable)
for module in list(sys.modules.values()):
    if getattr(module, "__file__", None):
        print(module.__file__)'
)
script="export EVERY=${EVERY:-$(amount 4 1)}
$(python3 -c 'import sys; print(sys.executable)') -B tests/lib/cli_live.py kmod"
for kernel in $kernels; do
	machine "$kernel" "$script" "${files[@]}"
done
suite_end
