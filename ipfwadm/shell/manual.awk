# SPDX-License-Identifier: GPL-2.0-or-later
#
# manual.awk - a manual as topics: each item, section and subsection becomes a section
# of its own, so that mandoc renders its head at the left margin.
#
# What is inside of an item or section is part of its text as well.

function output(text, i) {
	for (i = 1; i <= open; i++)
		body[of[i]] = body[of[i]] text "\n"
}
function begin(head) {
	of[++open] = ++topics
	body[topics] = ".Sh " head "\n"
}

/^\.\\"/ { next }
/^\.(Dd|Dt|Os)/ { preamble = preamble $0 "\n"; next }
/^\.Sh / { open = 0; begin(substr($0, 5)); next }
/^\.Ss / { open = 1; output($0); begin(substr($0, 5)); next }
# the topic of an item ends with the next one, or with its list
/^\.Bl/ { output($0); list[++depth] = open; next }
/^\.El/ { open = list[depth--]; output($0); next }
/^\.It/ {
	open = list[depth]
	output($0)
	if (length($0) > 4)
		begin(substr($0, 5))
	next
}
{ output($0) }

END {
	printf "%s", preamble
	for (i = 1; i <= topics; i++)
		printf "%s", body[i]
}
