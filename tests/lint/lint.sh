#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rules of the house, each checked by a program in tests/lint/ (not the suites
# *.sh), which is silent when all is well.
. tests/lib/suite.sh

for check in tests/lint/*; do
	case $check in
	*.sh | */files) ;;
	*)	ok "$check" "$check" ;;
	esac
done
suite_end
