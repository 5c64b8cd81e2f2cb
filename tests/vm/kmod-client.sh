#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The program and the module: when it is chosen, what is refused and
# how, users without privilege, and 20,000 rules in one transaction, 100,000 with LONG.
# slow
. tests/lib/suite.sh
. tests/lib/machine.sh

rules=$(amount 20000 100000)
# shellcheck disable=SC2154 # of suite.sh
{
	echo "# ipfwadm 3.0 saved rules"
	echo "-M -s 10 20 30"
	echo "-I -p deny"
	echo "-F -p accept"
	echo "-O -p reject"
	seq $rules | awk '{
		printf "[%d:%d] -I -a accept -P tcp -S 10.%d.%d.%d/32 -D 0.0.0.0/0 80 -W eth%d\n",
			$1, 40 * $1, $1 / 65536, $1 / 256 % 256, $1 % 256, $1 % 4
	}'
} >"$scratch/rules"
# a mistake at the end: none of these is carried out
{
	seq $rules | awk '{ print "-O -a deny -D 10.0.0." $1 % 256 }'
	echo "-I -d deny -S 192.0.2.1"
} >"$scratch/wrong"

# shellcheck disable=SC2016 # for the machine
script='
ipfwadm=$BUILD/bin/ipfwadm
# told TEXT COMMAND...: it fails and says this
told() {
	local text=$1
	shift
	if "$@" >out 2>&1; then return 1; fi
	grep -qF -e "$text" out || { cat out; return 1; }
}
chosen() {
	$ipfwadm --trace-backend save 2>&1 >/dev/null | head -n 1 | grep -q "^trace: $1 "
}
memory() {
	echo 3 >/proc/sys/vm/drop_caches
	awk "/MemAvailable/ { print int(\$2 / 1024) }" /proc/meminfo
}
uptime_now() {
	cut -d " " -f 1 /proc/uptime
}
user() {
	/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}
saved() {
	$ipfwadm save -c | cmp - "$1"
}
listed() {
	$ipfwadm $1 -l -n | tail -n +3 | wc -l
}

cd /tmp
check "the module is the first choice" chosen kmod
check "a state" $ipfwadm -I -a accept --state established
check "a helper" $ipfwadm -I -a accept -P tcp -D 0/0 21 --keep-state --helper ftp
check "are saved" sh -c "$ipfwadm save | grep -q -- --helper.ftp"
check "go again" $ipfwadm -I -f
check "a helper of others" \
	told "this module has the helpers ftp, irc and tftp; backends nft and xtables have others" \
	$ipfwadm --backend kmod -I -a accept -P tcp -D 0/0 5060 --helper sip
check "nothing to delete" told "setsockopt failed: Invalid argument" \
	$ipfwadm -I -d deny -S 192.0.2.1
check "no file" told "backend '"'kmod'"' takes no" $ipfwadm --backend kmod:x save
check "no tracked connections" $ipfwadm -T -l
check "a rule" $ipfwadm -I -a deny -o -S 192.0.2.1
check "the same in a dump" sh -c "$ipfwadm dump nft | grep -q 192.0.2.1"
check "nothing to refresh" $ipfwadm --backend kmod refresh
$ipfwadm save -c >before
user $ipfwadm save -c >read
check "a user reads" cmp read before
check "a user zeroes nothing" told "" user $ipfwadm -I -l -z
check "a user adds nothing" told "" user $ipfwadm -I -a accept
check "a user loads nothing" told "" user $ipfwadm load /dev/null
check "nothing was changed" saved before

start=$(uptime_now)
check "$n rules" $ipfwadm load $scratch/rules
end=$(uptime_now)
used=$(memory)
save=$(uptime_now)
check "are saved as they were loaded" saved $scratch/rules
saved=$(uptime_now)
check "a mistake has its line" told "$scratch/wrong:$((n + 1)): " \
	$ipfwadm load --append $scratch/wrong
check "and changes nothing" saved $scratch/rules
check "a list is zeroed as it is listed" sh -c "$ipfwadm -I -l -n -e -x -z |
	grep -q \" $n  *$((40 * n)) acc\""
check "all of it" sh -c "! $ipfwadm save -c | grep -q \"\[[1-9]\""
check "flush" $ipfwadm -I -f
check "nothing is left" test "$(listed -I)" = 0
awk "BEGIN {
	printf \"$n rules: loaded in %.1f s, saved in %.1f s, %d MB in the kernel\n\",
		$end - $start, $saved - $save, $(memory) - $used
}"

check "unload" rmmod ipfwadm
check "without the module" told "module ipfwadm is not loaded" $ipfwadm --backend kmod save
check "another is the first choice" chosen nft
'
for kernel in $kernels; do
	machine "$kernel" "scratch=$scratch; n=$rules; BUILD=$(realpath "$BUILD"); $script" \
		--memory 1024 --file "$scratch/rules" --file "$scratch/wrong" \
		--file /usr/bin/setpriv
done
suite_end
