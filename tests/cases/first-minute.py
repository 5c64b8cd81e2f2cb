#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shell's first minute in tmux: what the first keys that people try are answered with.

What stands on the screen then is compared with the files of tests/cases/first-minute, one
for each kind of terminal.  BLESS=1 writes them: read them before they land.
"""
import multiprocessing
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tmux import Tmux  # noqa: E402

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "first-minute")
PROGRAM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
SCRIPT = "#!/bin/sh\nIPFW=/sbin/ipfwadm\n$IPFW -I -f\nfor i in 1 2; do\n"
KEYS = {
    "?": ["?\r"], "help": ["help\r"], "ls": ["ls\r"], "list": ["list\r"], "show": ["show\r"],
    "a typo": ["laod\r"], "no word of ours": ["iptables -L\r"],
    "a line of a script": ["for i in 1 2; do\r"], "Ctrl-C": ["\x03"],
    "exit": ["exit\r"], "Ctrl-D": ["\x04"],
    "exit after a change": ["-I -p deny\r", "exit\r"],
    "exit with staged edits": ["begin\r", "-I -f\r", "quit\r", "exit\r"],
    "history": ["-I -l\r", "history\r"],
    "show | match TEXT": ["-I -p deny\r", "show | match policy\r"],
}
PASTED = {"a pasted script": [f"\x1b[200~{SCRIPT}\x1b[201~\r"]}
TERMINALS = {   # rows, columns, environment
    "80x24": (24, 80, {"TERM": "screen"}, {**KEYS, **PASTED}),
    "40x12": (12, 40, {"TERM": "screen"}, KEYS),
    "dumb": (24, 80, {"TERM": "dumb"}, KEYS),
    "no-color": (24, 80, {"TERM": "screen", "NO_COLOR": "1"}, KEYS),
}
PROMPT = r"ipfw\[sim\](?:\(\d\))?>$|-- more[^\n]*$"
NAMES_NEXT = re.compile(r"ipfwadm (run|save|shell|enable)|help|quit|did you mean|-I -a")


def answer(keys, rows, columns, variables):
    """The screen after the last key."""
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8",
               "IPFWADM_BACKEND": "sim:rules", **variables}
        with Tmux([PROGRAM, "shell"], env, rows, columns, home) as tmux:
            tmux.wait(PROMPT)
            for typed in keys:
                tmux.send(typed)
                tmux.wait(None if typed in ("exit\r", "\x04") else PROMPT)
            return tmux.screen(escapes=variables["TERM"] == "dumb" or "NO_COLOR" in variables)


def main():
    if not shutil.which("tmux"):
        print("SKIP no tmux here\n0 passed, 0 failed, 1 skipped")
        return 77
    passed = failed = 0
    for name, (rows, columns, variables, keys) in TERMINALS.items():
        path = os.path.join(CASES, name + ".txt")
        with multiprocessing.Pool(4) as pool:
            screens = pool.starmap(answer, [(typed, rows, columns, variables)
                                            for typed in keys.values()])
        answers = dict(zip(keys, screens))
        text = "".join(f"== {key}\n{shown}\n" for key, shown in answers.items())
        if os.environ.get("BLESS"):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        with open(path, encoding="utf-8") as f:
            expected = dict(re.findall(r"(?ms)^== ([^\n]*)\n(.*?)(?=^== |\Z)", f.read()))
        for key, shown in answers.items():
            if shown + "\n" == expected.get(key) and NAMES_NEXT.search(shown):
                passed += 1
                continue
            failed += 1
            print(f"FAIL {name}: {key}:\n{shown}\n  expected:\n{expected.get(key)}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
