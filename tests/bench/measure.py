# SPDX-License-Identifier: GPL-2.0-or-later
"""measure.py TIMES COMMAND [ARGUMENT]...: runs it so many times in a row, and prints
the microseconds of the median run.

What it writes is thrown away.  It is started without a copy of the starter, which
would cost as much again as a small program does.
"""
import os
import shutil
import statistics
import sys
import time


def run(program, command):
    away = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
    begin = time.perf_counter_ns()
    process = os.posix_spawn(program, command, os.environ, file_actions=away)
    status = os.waitpid(process, 0)[1]
    taken = time.perf_counter_ns() - begin
    if status:
        sys.exit(f"{' '.join(command)}: status {os.waitstatus_to_exitcode(status)}")
    return taken // 1000


def main():
    times, command = int(sys.argv[1]), sys.argv[2:]
    program = shutil.which(command[0])
    if not program:
        sys.exit(f"{command[0]}: not found")
    print(int(statistics.median(run(program, command) for _ in range(times))))


main()
