#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Suite conntrack-filters with legacy iptables.
BACKEND=xtables exec tests/suites/conntrack-filters.py
