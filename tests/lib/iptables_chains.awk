# SPDX-License-Identifier: GPL-2.0-or-later
#
# iptables-save with the chains of accounting rules named by rank: in force they are named
# by the number in the rule's tag, and in a dump by its place in the list.  Both ascend, so
# ranks are the same, also at the end of comments.  Chains come in the order of their names
# again.  The record of how rules came is left out: a dump has none.
function number(name) {
	return substr(name, 11) + 0
}
function ranked(name,	n, other, rank) {
	if (name !~ /^ipfw-acct--?[0-9]/)
		return name
	n = number(name)
	rank = 1
	for (other in seen)
		rank += other + 0 < n
	sub(/^ipfw-acct--?[0-9]+/, "ipfw-acct-" rank, name)
	return name
}
# the number at the end of an accounting rule's comment
function counted(word) {
	return word ~ /^#-?[0-9]+"$/ ? substr(word, 2) + 0 : ""
}
function ranked_comment(word,	n, other, rank) {
	n = counted(word)
	rank = 1
	for (other in numbered)
		rank += other + 0 < n
	return "#" rank "\""
}
BEGIN { sorted = "LC_ALL=C sort | cut -f 3-" }
/ipfw-record/ { next }
/--comment "-A / {
	for (k = 1; k <= NF; k++)
		if (counted($k) != "")
			numbered[counted($k)] = 1
}
/^:ipfw-acct--?[0-9]/ { seen[number(substr($1, 2))] = 1 }
{ line[++lines] = $0 }
END {
	for (i = 1; i <= lines; i++) {
		n = split(line[i], word, " ")
		kind = line[i] ~ /^\*/ ? 0 : line[i] ~ /^:/ ? 1 : line[i] ~ /^COMMIT/ ? 3 : 2
		table += kind == 0
		chain = kind == 1 ? ranked(substr(word[1], 2)) : ""
		text = kind == 1 ? ":" chain : word[1]
		for (k = 2; k <= n; k++) {
			if (word[k - 1] == "-A")
				chain = ranked(word[k])
			text = text " " (line[i] ~ /--comment "-A / && counted(word[k]) != "" ? \
					   ranked_comment(word[k]) : ranked(word[k]))
		}
		printf "%d %d %s\t%06d\t%s\n", table, kind, chain, i, text | sorted
	}
}
