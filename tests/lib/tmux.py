# SPDX-License-Identifier: GPL-2.0-or-later
"""A program on the screen of a tmux of its own, driven and read."""
import os
import re
import shlex
import subprocess
import time

from terminal import FACTOR, Lost


class Tmux:
    """Its server ends with the block of `with'."""

    def __init__(self, argv, env, rows, columns, directory):
        self.server = ["tmux", "-S", f"{directory}/.tmux", "-f", "/dev/null"]
        words = ["env", "-i", *(f"{name}={value}" for name, value in env.items()), *argv]
        # what ends stays on the screen; the user's shell may be nologin
        self.run("set", "-g", "default-shell", "/bin/sh", ";",
                 "set", "-g", "remain-on-exit", "on", ";", "set", "-g",
                 "remain-on-exit-format", "", ";", "new-session", "-d", "-c", directory,
                 "-x", str(columns), "-y", str(rows), shlex.join(words))
        self.before = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("kill-server")

    def run(self, *words):
        return subprocess.run([*self.server, *words], check=True, stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True).stdout

    def send(self, text):
        self.before = self.screen()
        self.run("send-keys", "-H", *(f"{byte:x}" for byte in text.encode()))

    def screen(self, escapes=False):
        """Its rows; with those escapes that set colours, if any do."""
        rows = self.run("capture-pane", "-p", *(["-e"] if escapes else [])).split("\n")
        return "\n".join(row.rstrip() for row in rows).rstrip("\n")

    def wait(self, pattern, timeout=20 * FACTOR):
        """Until the screen is another and ends so; without a pattern until the program ends."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            now = self.screen()
            if not pattern and self.run("display", "-p", "#{pane_dead}") == "1\n":
                return
            if pattern and now != self.before and re.search(pattern, now):
                return
            time.sleep(0.03)
        raise Lost(f"expected {pattern!r}, came {now!r}")
