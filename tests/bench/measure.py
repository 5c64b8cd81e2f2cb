# SPDX-License-Identifier: GPL-2.0-or-later
"""measure.py COMMAND [ARGUMENT]...: runs it and prints the microseconds that it took.

What it writes is thrown away.  It is started without a copy of the starter, which
would cost as much again as a small program does.
"""
import os
import shutil
import sys
import time

program = shutil.which(sys.argv[1])
if not program:
    sys.exit(f"{sys.argv[1]}: not found")
away = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
begin = time.perf_counter_ns()
process = os.posix_spawn(program, sys.argv[1:], os.environ, file_actions=away)
_, status = os.waitpid(process, 0)
print((time.perf_counter_ns() - begin) // 1000)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
