#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Small servers for the tests with real programs.

net_servers.py SERVER[, SERVER]...

http PORT DIRECTORY	files
ftp DIRECTORY [PORT]	files, for anybody
dns ADDRESS		every name has this address
proxy PORT LOG		relays redirected connections to where they were meant to go,
			and notes where that was
"""
import functools
import http.server
import socket
import socketserver
import struct
import sys
import threading

SO_ORIGINAL_DST = 80


def http_serve(port, directory):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler,
                                directory=directory)
    http.server.ThreadingHTTPServer(("", int(port)), handler).serve_forever()


def ftp_serve(directory, port=21):
    # the others do without this package
    # pylint: disable=import-outside-toplevel
    sys.modules["OpenSSL"] = None  # takes longer to load than all the rest
    from pyftpdlib import authorizers, handlers, servers

    class Active(handlers.ActiveDTP):
        def bind(self, address):
            self.set_reuse_addr()
            super().bind((address[0], 20))

    class Handler(handlers.FTPHandler):
        authorizer = authorizers.DummyAuthorizer()
        active_dtp = Active

    Handler.authorizer.add_anonymous(directory)
    servers.FTPServer(("", int(port)), Handler).serve_forever()


def dns_serve(address):
    """Answers any question with one A record."""
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", 53))
    while True:
        query, client = sock.recvfrom(512)
        end = query.index(b"\0", 12) + 5
        head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
        sock.sendto(head + query[12:end] + record, client)


def copy(source, target):
    """All there is, and that it has ended; either side may have gone by then."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def proxy_serve(port, log):
    class Relay(socketserver.BaseRequestHandler):
        def handle(self):
            try:
                raw = self.request.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16)
                port, address = struct.unpack("!2xH4s8x", raw)
                meant = (socket.inet_ntoa(address), port)
            except OSError:  # it is not netfilter that redirects, but what is like 2.0
                meant = self.request.getsockname()
            with open(log, "a", encoding="ascii") as out:
                print(*meant, file=out)
            with socket.create_connection(meant, timeout=5) as server:
                there = threading.Thread(target=copy, args=(self.request, server))
                there.start()
                copy(server, self.request)
                there.join()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    Server(("", int(port)), Relay).serve_forever()


SERVERS = {"http": http_serve, "ftp": ftp_serve, "dns": dns_serve, "proxy": proxy_serve}

if __name__ == "__main__":
    for words in " ".join(sys.argv[1:]).split(", "):
        name, *arguments = words.split()
        threading.Thread(target=SERVERS[name], args=arguments).start()
