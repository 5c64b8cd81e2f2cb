#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Suite refresh with legacy iptables.
BACKEND=xtables exec tests/suites/refresh.sh
