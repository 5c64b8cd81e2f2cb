# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Commands shown together with what they print, run again.

# transcribe: a transcript's commands on stdin, the whole transcript on stdout
transcribe() {
	local line command=
	run() {	# the command read so far
		local status
		[ -n "$command" ] || return
		eval "$command" 2>&1 </dev/null
		status=$?
		[ $status = 0 ] || echo "? $status"
		command=
	}
	while IFS= read -r line; do
		case $line in
		'$ '*)	run
			command=${line#\$ } ;;
		'> '*)	command+=$'\n'${line#> } ;;
		'%% '*)	run ;;
		*)	continue ;;
		esac
		printf '%s\n' "$line"
	done
	run
}
