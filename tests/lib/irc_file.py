#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A file sent by IRC: the one who has it listens, the one who wants it connects.

irc_file.py server ADDRESS PORT FROM
        takes a DCC SEND like an IRC server that passes it on, connects from the
        address FROM to where it says, and answers with what came from there
irc_file.py send SERVER PORT ADDRESS
        offers a file that stands at ADDRESS; prints what the server got
"""
import re
import socket
import sys

TEXT = b"the very file"


def serve(address, port, source):
    with socket.create_server((address, port)) as listener:
        while True:
            control, _ = listener.accept()
            with control:
                line = control.recv(512)
                offer = re.search(rb"DCC SEND \S+ (\d+) (\d+)", line)
                peer = socket.inet_ntoa(int(offer[1]).to_bytes(4, "big")), int(offer[2])
                try:
                    with socket.create_connection(peer, 1, (source, 0)) as data:
                        control.sendall(peer[0].encode() + b" " + data.recv(512))
                except OSError as error:
                    control.sendall(str(error).encode())


def send(server, port, address):
    with socket.create_server((address, 0)) as listener, \
            socket.create_connection((server, port), 2) as control:
        listener.settimeout(2)
        number = int.from_bytes(socket.inet_aton(address), "big")
        control.sendall(f"PRIVMSG me :\1DCC SEND file {number} "
                        f"{listener.getsockname()[1]}\1\r\n".encode())
        try:
            data, _ = listener.accept()
            with data:
                data.sendall(TEXT)
        except socket.timeout:
            pass
        control.settimeout(2)
        print(control.recv(512).decode())


if sys.argv[1] == "server":
    serve(sys.argv[2], int(sys.argv[3]), sys.argv[4])
else:
    send(sys.argv[2], int(sys.argv[3]), sys.argv[4])
