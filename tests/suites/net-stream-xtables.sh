#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Suite net-stream with legacy iptables.
# slow
BACKEND=xtables exec tests/suites/net-stream.sh
