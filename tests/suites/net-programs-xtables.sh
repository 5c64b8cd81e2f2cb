#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Suite net-programs with legacy iptables.
BACKEND=xtables exec tests/suites/net-programs.sh
