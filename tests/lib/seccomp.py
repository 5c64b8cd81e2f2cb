#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""seccomp.py CALL[:FLAG] COMMAND...: a command that gets EPERM from a call of x86-64, or from
that with FLAG in its first argument, as a container's filter has it."""
import ctypes
import os
import signal
import struct
import sys

CALLS = {"unshare": 272, "mount": 165, "mount_setattr": 442}
LOAD, IS_NOT, HAS_NOT, RETURN = 0x20, 0x15, 0x45, 0x06	# of BPF
ALLOW, EPERM = 0x7FFF0000, 0x00050001


def refuse(call, flag):
    """From now on, and for all children."""
    rows = [(LOAD, 0, 0, 0), (IS_NOT, 0, 3 if flag else 1, CALLS[call])]
    if flag:
        rows += [(LOAD, 0, 0, 16), (HAS_NOT, 0, 1, flag)]
    rows += [(RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    program = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    # no new privileges; seccomp, filter
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


for number in signal.SIGPIPE, signal.SIGXFSZ:	# which Python ignores
    signal.signal(number, signal.SIG_DFL)
name, _, word = sys.argv[1].partition(":")
refuse(name, int(word or "0", 0))
os.execvp(sys.argv[2], sys.argv[2:])
