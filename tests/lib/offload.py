#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""offload.py DEVICE...: packets are on the device as on a wire.

Checksums are complete, and nothing is merged or cut by the device: what `ethtool -K
DEVICE tx off rx off sg off tso off gso off gro off' does.
"""
import ctypes
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
SWITCHES = {"gro": 0x2C, "gso": 0x24, "tso": 0x1F, "sg": 0x19, "tx": 0x17, "rx": 0x15}

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    for device in sys.argv[1:]:
        for switch in SWITCHES.values():
            value = ctypes.create_string_buffer(struct.pack("II", switch, 0))
            fcntl.ioctl(sock, SIOCETHTOOL,
                        struct.pack("16sP16x", device.encode(), ctypes.addressof(value)))
