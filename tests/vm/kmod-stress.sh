#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Edits, listings, zeroing and flushing while packets flow and the module comes and
# goes; and what it leaves behind in the kernel's memory: nothing.
# slow
# long
. tests/lib/suite.sh
. tests/lib/machine.sh

# The option makes the kernel count exactly, and remember who allocated what.
remember='slub_debug=U,kmalloc-*,net_namespace'
# shellcheck disable=SC2016 # for the machine
script='
# Without the module: what is allocated, and what is of code that is gone, which has
# an address in place of a name.
memory() {
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do echo 1 >"$cache"; done
	awk "/^(kmalloc|net_namespace)/ { print \$1, \$2 }" /proc/slabinfo
	awk "\$1 == \"Percpu:\" { print \$1, \$2 }" /proc/meminfo
	awk "\$3 ~ /^0x/ { n++ } END { print \"areas-gone\", n + 0 }" /proc/vmallocinfo
	cat /sys/kernel/debug/slab/*/alloc_traces | awk "
		\$1 ~ /^[0-9]+\$/ { number = \$1 }
		/ 0xf/ { gone += number; number = 0 }
		END { print \"objects-gone\", gone + 0 }"
}
# The kernel starts some more threads of its own meanwhile.
back() {
	awk "
		FNR == NR { before[\$1] = \$2; next }
		{ most = before[\$1] + 60 }
		/-gone/ { most = before[\$1] }
		\$2 > most { print \$1, \"from\", before[\$1], \"to\", \$2; more = 1 }
		END { exit more }" before after
}
# back, if need be later: some is freed when all processors have been idle
comes_back() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		sleep 1
		memory >after
		back >more && return
	done
	cat more
	return 1
}
cd /tmp
stress=$BUILD/tests/kmod-stress
$stress 3 >warm || { cat warm; exit 1; }
check "allocations are remembered" grep -q ipfwadm /sys/kernel/debug/slab/*/alloc_traces
rmmod ipfwadm
sleep 1
memory >before
memory >before	# without what the first time takes
modprobe ipfwadm
$stress $seconds >result
status=$?
cat result
rmmod ipfwadm
check "memory comes back" comes_back
exit $status
'
[ "$kernels" != debug ] || : "${STRESS_SECONDS:=120}"
seconds=${STRESS_SECONDS:-$(amount 3 120)}
for kernel in $kernels; do
	machine "$kernel" "seconds=$seconds; BUILD=$(realpath "$BUILD"); $script" --cpus 2 \
		--memory 1024 --kernel-option "$remember" --file /sbin/ip \
		--time $((seconds * 3 + 200))
done
suite_end
