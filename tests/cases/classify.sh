#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A walk with a classifier does what a linear walk does, for random lists of every kind.
# long
. tests/lib/suite.sh

count "$BUILD/tests/classify-property" --seed 1 --count "$(amount 500000 20000000)"
count "$ASAN/tests/classify-property" --seed 2 --count "$(amount 50000 2000000)"
suite_end
