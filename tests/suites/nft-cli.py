#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorded commands of ipfwadm 2.3.0, with nftables in the running kernel."""
import sys

sys.path.insert(0, "tests/lib")
import cli_live  # noqa: E402

cli_live.main("nft")
