#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The core builds in the kernel, without a warning.
exec tests/check-kernel-build.sh
