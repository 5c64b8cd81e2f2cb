# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of ipfwadm for bash: the program itself knows the candidates.

_ipfwadm() {
	local word before line glued=
	local -a words=()

	# bash takes "sim:file" for three words, and replaces the last of them
	for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
		if [ -n "$glued" ] || [[ $word == [:=]* && ${#words[@]} -gt 0 ]]; then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
		glued=
		[[ $word != *[:=] ]] || glued=1
	done
	word=${words[${#words[@]} - 1]}
	before=${word%"${word##*[:=]}"}
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		$'\t')	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word") ;;
		*)	COMPREPLY+=("${line%%$'\t'*}") ;;
		esac
	done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null)
	COMPREPLY=("${COMPREPLY[@]#"$before"}")
}
complete -F _ipfwadm ipfwadm
