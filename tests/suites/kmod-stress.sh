#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Edits, listings, zeroing and flushing while packets flow and the module comes and
# goes, in both kernels; and what it leaves behind in the kernel's memory: nothing.
# STRESS_SECONDS=120 is the long form.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

# Caches differ by some dozens of objects from one run to the next.
# shellcheck disable=SC2016 # for the machine
script='
slabs() {
	rmmod ipfwadm
	sleep 1		# namespaces are removed later
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do echo 1 >"$cache"; done
	awk "/^kmalloc/ { print \$1, \$2 }" /proc/slabinfo
	awk "\$1 == \"Percpu:\" { print \$1, \$2 }" /proc/meminfo
	modprobe ipfwadm
}
leaked() {
	awk -v edits="$1" "
		FNR == NR { before[\$1] = \$2; next }
		\$2 - before[\$1] > 60 + edits / 4 {
			print \$1, \"from\", before[\$1], \"to\", \$2; leaked = 1
		}
		END { exit leaked }" before after
}
cd /tmp
stress=$BUILD/tests/kmod-stress
$stress 3 >warm || { cat warm; exit 1; }
slabs >before
$stress $seconds >result
status=$?
cat result
slabs >after
check "memory comes back" leaked $(sed -n "s/ edits//p" result)
rmmod ipfwadm
check "no area of the module is left" sh -c "! grep ipfwadm /proc/vmallocinfo"
exit $status
'
[ "$kernels" != debug ] || : "${STRESS_SECONDS:=120}"
seconds=${STRESS_SECONDS:-12}
for kernel in $kernels; do
	machine "$kernel" "seconds=$seconds; BUILD=$(realpath "$BUILD"); $script" --cpus 2 \
		--memory 1024 --file /sbin/ip --time $((seconds * 3 + 200))
done
suite_end
