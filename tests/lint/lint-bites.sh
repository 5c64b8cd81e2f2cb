#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lint finds what it is there for: mistakes planted in a copy of the tree.
#
# slow
. tests/lib/suite.sh

tree=$scratch/tree
mkdir "$tree"
tests/lint/files all | tar -cf - -T - | tar -xf - -C "$tree"
build=$(realpath "$BUILD")

# run CHECK FILE in the copy; a check of one file at a time sees no other
run() {
	local only=
	case $1 in headers | text | shell) only=$2 ;; esac
	(cd "$tree" && LINT_FILES=$only BUILD=$build "tests/lint/$1") >"$scratch/out" 2>&1
}

# bites CHECK FILE TEXT: the check fails once TEXT stands at the end of FILE
bites() {
	local check=$1 file=$tree/$2
	[ ! -e "$file" ] || cp "$file" "$scratch/saved"
	printf '%b\n' "$3" >>"$file"
	if run "$check" "$2"; then fail "$check does not see in $2: $3"; else pass; fi
	if [ -e "$scratch/saved" ]; then mv "$scratch/saved" "$file"; else rm "$file"; fi
}

# forgets CHECK FILE SED: the check fails once SED has changed FILE
forgets() {
	local check=$1 file=$tree/$2
	cp "$file" "$scratch/saved"
	sed -i "$3" "$file"
	if cmp -s "$file" "$scratch/saved" || run "$check" "$2"; then
		fail "$check does not see in $2: $3"
	else
		pass
	fi
	mv "$scratch/saved" "$file"
}

# suite lint shows that where nothing was planted nothing is found
bites includes kmod/core/x.c '#include "parser/source.h"'
bites includes kmod/core/x.c '#include <string.h>'
bites includes parser/x.c '#include "backend/plan/plan.h"'
bites includes backend/x.c '#include "parser/source.h"'
bites includes ipfwadm/x.c '#include <libnftnl/rule.h>'
bites includes backend/x.c '#include "plan.h"'
bites includes kmod/rules/x.c '#include "kmod/control/control.h"'
bites includes kmod/core/rule.h '#include "kmod/core/packet.h"'
bites headers backend/plan/plan.h 'size_T x;'
bites text backend/x.c 'int x;'
bites text backend/plan/plan_build.c "/* $(printf '%0100d' 0) */"
bites text backend/plan/plan_build.c "$(yes 'int x;' | head -n 600)"
bites text backend/plan/plan_build.c 'int x; '
bites text backend/plan/plan_build.c '        int x;'
bites text backend/plan/plan_build.c '#ifdef X\n#endif'
bites text backend/plan/plan.h '#ifndef X\n#endif'
bites shell tests/unit/unit.sh 'cd $x'
forgets grammar parser/grammar.y '/%expect/d'
forgets exactness man/ipfwadm.8 "s/^interface of its own any more/interface any more/"
bites manual man/ipfwadm.8 '.Xx nonsense'
bites manual man/ipfwadm.8 '.Bl -tag -width Ds\n.It Fl X\nNothing.\n.El'
forgets manual man/ipfwadm.8 '/^\.It Fl y/d'
forgets manual man/ipfwadm.8 's/^\.It Cm trace.*/.It Cm tracing/'
forgets manual man/ipfwadm.8 's/^\.It Fl .-keep-state/.It Fl k/'
suite_end
