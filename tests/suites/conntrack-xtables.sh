#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Suite conntrack with legacy iptables.
BACKEND=xtables exec tests/suites/conntrack.sh
