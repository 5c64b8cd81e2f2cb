#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Some seconds of fuzzing; `make fuzz' does more.
#
# slow
exec tests/fuzz/run 12
