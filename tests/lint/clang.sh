#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is shipped builds with clang, without a warning; suite lint-tidy tells those in tests.
. tests/lib/suite.sh

ok "clang builds what is shipped" \
	make -s B="$BUILD/clang" CC=clang CFLAGS=-O0 all
suite_end
