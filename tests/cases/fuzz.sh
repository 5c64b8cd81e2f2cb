#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Half a minute of fuzzing; `make fuzz' does more.
#
# slow
exec tests/fuzz/run 30
