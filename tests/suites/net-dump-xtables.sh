#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Suite net-dump with legacy iptables.
BACKEND=xtables exec tests/suites/net-dump.py
