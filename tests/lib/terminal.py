# SPDX-License-Identifier: GPL-2.0-or-later
"""A program at a terminal, driven and read."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

FACTOR = int(os.environ.get("TIME_FACTOR", 1))


class Lost(Exception):
    """What was expected did not come in time."""


class Terminal:
    def __init__(self, argv, env, rows=24, columns=80):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(argv[0], argv, env)
            finally:	# never on in the suite's own code
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        data = text.encode()
        while data:
            ready, write, _ = select.select([self.fd], [self.fd], [], 10)
            if ready:
                self.read()
            if write:
                data = data[os.write(self.fd, data[:4096]):]

    def read(self, timeout=0):
        """More of the output; False at its end, or if there is none in time."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += data.decode(errors="replace")
        return bool(data)

    def expect(self, pattern, timeout=20 * FACTOR):
        """What came up to the pattern, which is taken out; the match is .match."""
        end = time.monotonic() + timeout
        while True:
            self.match = re.search(pattern, self.text)
            if self.match:
                before = self.text[:self.match.start()]
                self.text = self.text[self.match.end():]
                return before
            left = end - time.monotonic()
            if left <= 0 or not self.read(left):
                raise Lost(f"expected {pattern!r}, came {self.text[-2000:]!r}")

    def close(self):
        """Hang up; the exit status, or a negative signal."""
        os.close(self.fd)
        return self.wait()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        return self.close()

    def wait(self, timeout=20 * FACTOR):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise Lost("the program does not end")


PIECE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z@])|(.)", re.S)


def plain(text, begun=""):
    """What stands on a wide screen after text; begun is on its first line already.

    Faint text, which is only a hint, is left out.
    """
    rows, row, at, faint = [], list(begun), len(begun), False
    for number, action, char in PIECE.findall(text):
        n = int(number) if number.isdigit() else 1
        if action == "m":
            faint = number == "2"
        elif action == "K":
            del row[at:]
        elif action == "D":
            at = max(at - n, 0)
        elif action == "C":
            at += n
        elif action == "P":
            del row[at:at + n]
        elif action == "@":
            row[at:at] = [" "] * n
        elif char == "\r":
            at = 0
        elif char == "\b":
            at = max(at - 1, 0)
        elif char == "\n":
            rows.append("".join(row).rstrip(" "))
            row, at = [], 0
        elif char >= " ":
            row += [" "] * (at + 1 - len(row))
            row[at] = " " if faint else char
            at += 1
    return "\n".join(rows + ["".join(row)])
