#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Suite keep-state with legacy iptables.
BACKEND=xtables exec tests/suites/keep-state.sh
