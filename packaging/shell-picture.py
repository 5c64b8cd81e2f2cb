#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/shell-picture.py PROGRAM >packaging/shell.svg

What a session of the shell looks like: typed into the real program in tmux, and
drawn as it stands on the screen in the end.
"""
import os
import re
import subprocess
import sys
import tempfile
import time
from xml.sax.saxutils import escape

COLUMNS, ROWS = 80, 30
CELL, LINE, MARGIN = 8.4, 18, 14
COLORS = {"31": "#c0392b", "32": "#1e8449", "33": "#9a6a00"}
OFFICE = "interface eth0 192.168.1.1/24\ninterface ppp0 198.51.100.17/32\n"
TYPED = [
    "-I -p deny\r",
    "-I -a acept -W eth0\r",
    "-I -a accept -W eth0\r",
    "begin\r",
    "-I -a accept -W ppp0 -P tcp -D 198.51.100.17 smtp www\r",
    "insert -I 1 -a deny -o -W ppp0 -S 192.168.1.0/24\r",
    "diff\r",
    "commit confirm 60\r",
    "confirm\r",
    "show -I\r",
    "-I -a accept --state \t",
]
STYLE = re.compile(r"\x1b\[([0-9;]*)m")


class Screen:
    def __init__(self, program, scratch):
        self.tmux = ["tmux", "-L", f"picture-{os.getpid()}", "-f", "/dev/null"]
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": scratch,
               "INPUTRC": "/dev/null", "IPFWADM_BACKEND": "sim:office"}
        with open(f"{scratch}/office", "w", encoding="ascii") as f:
            f.write(OFFICE)
        words = ["env", "-i", "TERM=screen"] + [f"{k}={v}" for k, v in env.items()]
        self.run("new-session", "-d", "-c", scratch, "-x", str(COLUMNS), "-y", str(ROWS),
                 *words, program, "shell")
        self.settle()

    def run(self, *words):
        return subprocess.run(self.tmux + list(words), check=True, capture_output=True,
                              text=True).stdout

    def settle(self):
        """Wait until the screen does not change any more."""
        last, since = None, time.monotonic()
        while time.monotonic() - since < 0.5:
            now = self.capture()
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.05)

    def type(self, text):
        self.run("send-keys", "-l", "--", text)
        self.settle()

    def capture(self):
        screen = self.run("capture-pane", "-p", "-e").rstrip("\n")
        return re.sub(r"confirm\? 0:\d\d", "confirm? 1:00", screen).split("\n")

    def end(self):
        subprocess.run(self.tmux + ["kill-server"], check=False, capture_output=True)


def pieces(line, style):
    """[(style, text)] of a line with escape sequences; style goes on behind it."""
    last, found = 0, []
    for m in STYLE.finditer(line):
        found.append((dict(style), line[last:m.start()]))
        last = m.end()
        for code in m[1].split(";"):
            if code in ("", "0"):
                style.clear()
            elif code == "1":
                style["font-weight"] = "bold"
            elif code == "2":
                style["fill"] = "#8a949e"
            elif code in COLORS:
                style["fill"] = COLORS[code]
            elif code == "39":
                style.pop("fill", None)
    return [p for p in found + [(dict(style), line[last:])] if p[1]]


def draw(lines):
    width = COLUMNS * CELL + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
           'font-family="monospace" font-size="14">')
    yield "  <!-- SPDX-License-Identifier: GPL-2.0-or-later -->"
    yield (f'  <rect width="{width:g}" height="{height:g}" rx="8" fill="#fdf6e3" '
           'stroke="#456"/>')
    yield '  <g fill="#234" xml:space="preserve">'
    now = {}
    for number, line in enumerate(lines):
        column, y = 0, MARGIN + (number + 0.75) * LINE
        for style, text in pieces(line, now):
            if text.strip():
                extra = "".join(f' {k}="{v}"' for k, v in sorted(style.items()))
                yield (f'    <text x="{MARGIN + column * CELL:g}" y="{y:g}" '
                       f'textLength="{len(text) * CELL:g}"{extra}>{escape(text)}</text>')
            column += len(text)
    yield "  </g>"
    yield "</svg>"


def main():
    with tempfile.TemporaryDirectory() as scratch:
        screen = Screen(os.path.abspath(sys.argv[1]), scratch)
        try:
            for text in TYPED:
                screen.type(text)
            lines = screen.capture()
        finally:
            screen.end()
    print("\n".join(draw(lines)))


main()
