#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
"""Recorded commands of ipfwadm 2.3.0, by turns by ipfwadm and by an old program with
the preload library: both see one world."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import cli_live  # noqa: E402

cli_live.main(os.environ["BACKEND"], by_turns=True)
