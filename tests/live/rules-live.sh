#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
#
# Random rule sets loaded, and random edits of them one by one: what is in the kernel
# is what was meant.
#
#	RANDOM_SETS=N tests/live/rules-live.sh
# long
# root
sets=15
[ -z "${LONG-}" ] || sets=2000
exec "$BUILD/tests/rules-live" "${BACKEND:-nft}" both "${RANDOM_SETS:-$sets}"
