# SPDX-License-Identifier: GPL-2.0-or-later
"""An engine, spoken to as the shell does (ipfwadm/engine/engine_wire.h)."""
import json
import os
import select
import socket
import struct
import subprocess
import time


class Engine:
    def __init__(self, program, env):
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen([program, "engine"], stdin=theirs, stdout=theirs,
                                            stderr=subprocess.DEVNULL, env=env)
        self.socket = ours
        self.received = b""
        self.notices = []
        self.output = b""
        assert self.frame()[0] == "H"

    def send(self, kind, doc):
        payload = json.dumps(doc).encode()
        self.socket.sendall(struct.pack(">Ic", len(payload), kind.encode()) + payload)

    def frame(self, seconds=30):
        """(kind, payload), or None when the time is over or the engine has ended."""
        end = time.monotonic() + seconds
        while True:
            if len(self.received) >= 5:
                length, kind = struct.unpack(">Ic", self.received[:5])
                if len(self.received) >= 5 + length:
                    payload = self.received[5:5 + length]
                    self.received = self.received[5 + length:]
                    return kind.decode(), payload
            left = end - time.monotonic()
            if left < 0 or not select.select([self.socket], [], [], left)[0]:
                return None
            more = self.socket.recv(1 << 16)
            if not more:
                return None
            self.received += more

    def answer(self, seconds=30):
        """The next answer; notices and output before it are kept."""
        while True:
            frame = self.frame(seconds)
            assert frame, "no answer"
            kind, payload = frame
            if kind == "A":
                return json.loads(payload)
            if kind == "N":
                self.notices.append(json.loads(payload))
            else:
                self.output += payload

    def notice(self, seconds=30):
        frame = self.frame(seconds)
        assert frame and frame[0] == "N", f"{frame}, not a notice"
        return json.loads(frame[1])

    def ask(self, what, **members):
        self.send("Q", dict(members, do=what))
        return self.answer()

    def workers(self):
        """Process ids of the children."""
        pid = self.process.pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
                return [int(word) for word in f.read().split()]
        except FileNotFoundError:
            return []

    def close(self):
        """The shell goes; waits until the engine has done what it still has to do."""
        self.socket.close()
        return self.process.wait(timeout=60)


def kill(pid, signal):
    try:
        os.kill(pid, signal)
    except ProcessLookupError:
        pass
