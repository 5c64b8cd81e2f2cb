#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Some seconds of fuzzing, and more of the connection tracker; `make fuzz' does more.
#
# slow
. tests/lib/suite.sh

count tests/fuzz/run 12
count tests/fuzz/run 40 fuzz-track
suite_end
