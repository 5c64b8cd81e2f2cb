#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rules of the house, each checked by a program in tests/lint/ that is
# silent when all is well.
. tests/lib/suite.sh

for check in tests/lint/*; do
	[ "$check" = tests/lint/files ] || ok "$check" "$check"
done
suite_end
