#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything builds with clang, without a warning.
. tests/lib/suite.sh

ok "clang builds the program and the tests" \
	make -s B="$BUILD/clang" CC=clang CFLAGS=-O0 all tests
suite_end
