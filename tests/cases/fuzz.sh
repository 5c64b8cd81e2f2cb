#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Half a minute of fuzzing, and one of the connection tracker; `make fuzz' does more.
#
# slow
. tests/lib/suite.sh

count tests/fuzz/run 30
count tests/fuzz/run 60 fuzz-track
suite_end
