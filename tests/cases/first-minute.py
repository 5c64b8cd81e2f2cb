#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shell's first minute: what the first keys that people try are answered with.

What stands on the terminal is compared with the files of tests/cases/first-minute, one
for each kind of terminal.  BLESS=1 writes them: read them before they land.
"""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from terminal import FACTOR, Terminal, plain  # noqa: E402

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "first-minute")
PROGRAM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
SCRIPT = "#!/bin/sh\nIPFW=/sbin/ipfwadm\n$IPFW -I -f\nfor i in 1 2; do\n"
KEYS = {
    "?": "?\r", "help": "help\r", "ls": "ls\r", "list": "list\r", "show": "show\r",
    "a typo": "laod\r", "no word of ours": "iptables -L\r",
    "a line of a script": "for i in 1 2; do\r", "Ctrl-C": "\x03",
    "exit": "exit\r", "Ctrl-D": "\x04",
    "exit after a change": "-I -p deny\rexit\r",
    "exit with staged edits": "begin\r-I -f\rquit\rexit\r",
    "history": "-I -l\rhistory\r", "show | match TEXT": "-I -p deny\rshow | match policy\r",
}
PASTED = {"a pasted script": f"\x1b[200~{SCRIPT}\x1b[201~\r"}
TERMINALS = {   # rows, columns, environment
    "80x24": (24, 80, {"TERM": "xterm"}, {**KEYS, **PASTED}),
    "40x12": (12, 40, {"TERM": "xterm"}, KEYS),
    "dumb": (24, 80, {"TERM": "dumb"}, KEYS),
    "no-color": (24, 80, {"TERM": "xterm", "NO_COLOR": "1"}, KEYS),
}
PROMPT = r"ipfw\[sim\](?:\(\d\))?> "
NAMES_NEXT = re.compile(r"ipfwadm (run|save|shell|enable)|help|quit|did you mean|-I -a")


def answer(keys, rows, columns, variables):
    """All that the terminal shows, from the start to the end of the answer."""
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8",
               "IPFWADM_BACKEND": "sim:rules", **variables}
        os.chdir(home)
        terminal = Terminal([PROGRAM, "shell"], env, rows, columns)
        shown = terminal.expect(PROMPT) + terminal.match[0]
        for line in re.findall(r"(?s)\x1b\[200~.*|[^\r]+\r?", keys):
            terminal.send(line)
            if line in ("exit\r", "\x04"):
                while terminal.read(20 * FACTOR):
                    pass
                shown += terminal.text
                terminal.wait()
            else:
                shown += terminal.expect(PROMPT + r"|-- more[^\r]*") + terminal.match[0]
        if line not in ("exit\r", "\x04"):
            terminal.kill()
        os.chdir("/")
    return "\n".join(row.rstrip() for row in plain(shown).split("\n")).rstrip()


def main():
    passed = failed = 0
    for name, (rows, columns, variables, keys) in TERMINALS.items():
        path = os.path.join(CASES, name + ".txt")
        answers = {key: answer(typed, rows, columns, variables)
                   for key, typed in keys.items()}
        text = "".join(f"== {key}\n{shown}\n" for key, shown in answers.items())
        if os.environ.get("BLESS"):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        with open(path, encoding="utf-8") as f:
            expected = dict(re.findall(r"(?ms)^== ([^\n]*)\n(.*?)(?=^== |\Z)", f.read()))
        for key, shown in answers.items():
            tail = shown.split(keys[key].strip("\r\x1b"), 1)[-1]
            if shown + "\n" == expected.get(key) and NAMES_NEXT.search(tail):
                passed += 1
                continue
            failed += 1
            print(f"FAIL {name}: {key}:\n{shown}\n  expected:\n{expected.get(key)}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
