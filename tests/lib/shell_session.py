# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions of the shell, for suites."""
import os
import re
import signal
import subprocess

from terminal import FACTOR, Terminal, plain

PROMPT_ONLY = r"ipfw\[(?:no backend|[a-z]+)(@[^\] ]*)?\](?:\((\d+)\))?( confirm\? \d+:\d\d)?> "
PROMPT = r"\x1b\[\?2004h" + PROMPT_ONLY
LISTED = re.compile(r" +(\d+) +(\d+) +(\d+)  (-[AFIO] .*)")


class Session:
    """A shell at a terminal; its backend is that of the environment."""

    def __init__(self, program, env, rows=500, columns=200):
        self.program = program
        self.env = env
        self.terminal = Terminal([program, "shell"], env, rows, columns)
        self.prompt()

    def told(self):
        """What is printed without being asked for; the prompt alone may be drawn again."""
        while not (printed := self.prompt(PROMPT_ONLY).strip()):
            pass
        return printed

    def prompt(self, pattern=PROMPT):
        """Up to the next prompt: what was printed; notes what the prompt tells."""
        before = self.terminal.expect(pattern)
        self.shown = plain(self.terminal.match[0])
        self.netns, staged, self.confirming = self.terminal.match.groups()
        self.staged = None if staged is None else int(staged)
        return plain(before.split("\x1b[?2004l", 1)[-1])

    def run(self, line):
        self.terminal.send(line + "\r")
        return self.prompt()

    def rules(self, letter):
        """[(packets, rule)] as `show' tells them."""
        out = self.run(f"show -{letter}")
        found = [LISTED.match(line) for line in out.split("\n")]
        found = [m for m in found if m]
        assert [int(m[1]) for m in found] == list(range(1, len(found) + 1)), out
        return [(int(m[2]), m[4]) for m in found]

    def engine(self):
        """The process id of the engine."""
        with open(f"/proc/{self.terminal.pid}/task/{self.terminal.pid}/children",
                  encoding="ascii") as f:
            return int(f.read().split()[0])

    def complete(self, typed):
        """What is offered behind the typed text: (words, hint)."""
        self.terminal.send(typed + "\x1b?")
        self.terminal.send("\x01#\r")	# the line becomes a remark
        begun = self.shown
        out = self.terminal.expect(PROMPT)
        hints = re.findall(r"\x1b\[2m([^\x1b]*)\x1b\[m", out)
        rows = plain(out, begun).split("\n")
        last = [i for i, row in enumerate(rows) if "> #" in row][-1]
        words = [row.split("  ")[0].split()[0] for row in rows[1:last] if row]
        if not words:	# the only one has been put into the line
            words = [rows[last].split()[-1].lstrip("#")]
        return words, hints

    def quit(self):
        self.terminal.send("\x15\x04")	# quit would ask for staged edits
        return self.terminal.wait()

    def kill(self):
        os.kill(self.terminal.pid, signal.SIGKILL)
        return self.terminal.close()


def outside(program, env, *argv):
    """The same rules, seen or changed by somebody else."""
    p = subprocess.run([program, *argv], env=env, text=True, capture_output=True,
                       timeout=30 * FACTOR, stdin=subprocess.DEVNULL, check=False)
    return p.stdout + p.stderr
