#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that last, and a way to ask whether they still work.

	echo.py serve PROTOCOL:PORT...
	echo.py talk ADDRESS NAME=PROTOCOL:OURS:THEIRS...
	echo.py try ADDRESS PROTOCOL:OURS:THEIRS [OUR-ADDRESS]
	echo.py many ADDRESS PORT

serve sends back what comes.  talk connects from our port to theirs, prints "ready",
and answers each line with a NAME by yes or no: does that connection still echo?
try makes one, and succeeds if it echoes.  many makes one of UDP after the other until
one does not echo, and succeeds if there were any and all of them still do.
"""
import contextlib
import socket
import sys
import threading
import time

TYPES = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
PATIENCE = 0.5  # seconds
TRY_PATIENCE = 3  # where many try at once


def tcp_echo(sock):
    with contextlib.suppress(OSError):
        while data := sock.recv(100):
            sock.send(data)


def tcp_serve(port):
    listener = socket.create_server(("", port))
    while True:
        threading.Thread(target=tcp_echo, args=[listener.accept()[0]], daemon=True).start()


def udp_serve(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", port))
    while True:
        with contextlib.suppress(OSError):
            data, peer = sock.recvfrom(100)
            sock.sendto(data, peer)


def serve(*services):
    threads = []
    for service in services:
        protocol, port = service.split(":")
        function = tcp_serve if protocol == "tcp" else udp_serve
        threads.append(threading.Thread(target=function, args=[int(port)], daemon=True))
        threads[-1].start()
    threads[0].join()


def connect(address, spec, our_address="", patience=PATIENCE):
    protocol, ours, theirs = spec.split(":")
    sock = socket.socket(socket.AF_INET, TYPES[protocol])
    sock.settimeout(patience)
    if protocol == "tcp":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((our_address, int(ours)))
    sock.connect((address, int(theirs)))
    return sock


def connect_patiently(address, spec):
    for _ in range(50):
        with contextlib.suppress(ConnectionRefusedError):
            return connect(address, spec)
        time.sleep(0.1)
    sys.exit("no server")


def echoes(sock):
    try:
        sock.send(b"hello")
        return sock.recv(5) == b"hello"
    except OSError:
        return False


def talk(address, *named):
    specs = dict(word.split("=") for word in named)
    socks = {name: connect_patiently(address, spec) for name, spec in specs.items()}
    for name, sock in socks.items():
        if not echoes(sock):
            sys.exit(f"{name}: no echo")
    print("ready", flush=True)
    for line in sys.stdin:
        print("yes" if echoes(socks[line.strip()]) else "no", flush=True)


def try_once(address, spec, our_address=""):
    try:
        sys.exit(not echoes(connect(address, spec, our_address, TRY_PATIENCE)))
    except OSError:
        sys.exit(1)


def many(address, port):
    socks = [connect(address, f"udp:0:{port}")]
    while echoes(socks[-1]):
        # each stays open, and a process may have 1024 files
        if len(socks) > 200:
            time.sleep(0.05)
        socks.append(connect(address, f"udp:0:{port}"))
    lost = next((i for i, sock in enumerate(socks[:-1]) if not echoes(sock)), None)
    if lost is not None or len(socks) < 2:
        sys.exit(f"of {len(socks) - 1} number {lost} does not go on")


{"serve": serve, "talk": talk, "try": try_once, "many": many}[sys.argv[1]](*sys.argv[2:])
