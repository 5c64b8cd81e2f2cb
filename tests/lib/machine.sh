# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Helpers for suites that run in machines of tests/qemu/run, besides suite.sh:
#
#	machine 6.1 "$script" [OPTION...]
#
# The script is for busybox; every "N passed, N failed" that it prints counts.
# In it, `check NAME COMMAND...' is one test.  $kernels are those to test the module in;
# $kernels_all of what differs most between kernels.

# shellcheck disable=SC2034 # for suites; the sample of make check is in one kernel
kernels=${KERNELS:-6.12} kernels_all=${KERNELS:-6.1 6.12}

# what libxtables knows of matches and targets
plugins=()
for directory in /usr/lib/*/xtables; do
	[ ! -d "$directory" ] || plugins+=(--file "$directory")
done

# shellcheck disable=SC2016 # for the machine
machine_lib='
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "1 passed, 0 failed"
	else
		echo "FAIL $name: $out"
		echo "0 passed, 1 failed"
	fi
}
'

# files: options of tests/qemu/run, of what these functions find
files=()
python=/usr/bin/python3

# file_add PATH...
file_add() {
	local path
	for path; do
		files+=(--file "$path")
	done
}

# program_add NAME...
program_add() {
	local name
	for name; do
		file_add "$(type -P "$name")"
	done
}

# python_add MODULE...: the interpreter, and these modules with all that they import;
# as compiled, too, because an emulated processor compiles slowly
python_add() {
	local path
	while read -r path; do
		file_add "$path"
	done < <(PYTHONPATH=tests/lib "$python" -B -c "
import os, sys, encodings.ascii, encodings.idna, ${*/%/,} sys
print(sys.executable)
for module in list(sys.modules.values()):
    for path in getattr(module, '__file__', None), getattr(module, '__cached__', None):
        if path and os.path.exists(path):
            print(path)" | sort -u)
}

machine() {
	local kernel=$1 script=$2 out status
	shift 2
	if ! command -v qemu-system-x86_64 >/dev/null; then
		skip "kernel $kernel: no qemu-system-x86_64"
		return
	fi
	# it does all of it ten times slower
	[ "$kernel" != debug ] || set -- "$@" --memory 1024 --time 3000
	# no data races without a second processor
	[ "$kernel,${SANITIZER-}" != debug,kcsan ] || set -- "$@" --cpus 2
	out=$(tests/qemu/run --kernel "$kernel" "$@" -- sh -c "$machine_lib$script" 2>&1)
	status=$?
	printf '%s\n' "$out"
	counts_add "$out"
	[ $status = 0 ] || fail "kernel $kernel: exit status $status"
}
