#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Completion in bash, zsh and fish, in tmux, at every position of the commands in the manuals.

Commands are the examples, and every subcommand and long option that the help has.  A word
of a command is typed as far as it must be to have one candidate, then TAB and Enter.  What
the shell runs is a stub that writes its arguments down: the word must be whole.

make check types a sample of them, make check-long all.  That each is offered is always
looked at.
"""
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from terminal import FACTOR  # noqa: E402
from tmux import Tmux  # noqa: E402

PROGRAM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
SCRIPTS = os.path.abspath("packaging/completion")
STUB = f"""#!/bin/sh
[ "$1" != complete ] || exec {PROGRAM} "$@"
echo "$*" >>"$HOME/ran"
"""
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f". {SCRIPTS}/ipfwadm.bash"),
    "zsh": (["zsh", "-f", "-i"], f"fpath=({SCRIPTS} $fpath); autoload -U compinit; "
            "compinit -u -D; unsetopt list_beep; setopt no_auto_list"),
    "fish": (["fish", "--no-config", "-i"], f"source {SCRIPTS}/ipfwadm.fish"),
}
KEYWORDS = set("""accept deny reject masquerade all tcp udp icmp new established related
    invalid both in out nft iptables ip6tables json ipfwadm live verdict packet""".split())
MORE = [    # what the manuals have no example of
    "ipfwadm --backend nft save --counters", "ipfwadm load --append --strict --json x",
    "ipfwadm ipv6 deny", "ipfwadm dump ip6tables --partial", "ipfwadm help translate",
    "ipfwadm diff --level verdict live x", "ipfwadm translate --to json x",
    "ipfwadm shell --keep-going", "ipfwadm trace -P udp --error unreachable --reply",
    "ipfwadm run --dry-run --report x y", "ipfwadm compat --mount ls",
    "ipfwadm -T -l -P tcp", "ipfwadm -I -a accept --state established --keep-state",
    "ipfwadm --log-group 5 -F -p masquerade",
]


def commands():
    """Those of the manuals and of README, without what a shell has to expand."""
    text = "\n".join(MORE)
    for name in sorted(os.listdir("man")) + ["../README.md"]:
        with open(os.path.join("man", name), encoding="utf-8") as f:
            text += "\n" + f.read().replace("\\-", "-").replace("\\&", "")
    found = re.findall(r"(?m)^(?:\.Dl |[$#] |    )?(?:sudo )?ipfwadm ([-\w./:, =]+)$", text)
    return sorted(set(line.strip() for line in [*found, *helped()]))


def helped():
    """A command for each subcommand, and for each long option."""
    def printed(*words):
        return subprocess.run([PROGRAM, "help", *words], stdout=subprocess.PIPE, check=True,
                              text=True).stdout

    parts = printed().split("\n\n")
    fronts = {"New options of rules:": "ipfwadm -I -a accept", "Global options:": "ipfwadm",
              "Port forwarding:": "ipfwadm -M --forward -a"}
    for part in parts:
        title, *lines = part.split("\n")
        for line in lines:
            option = re.match(r"  (--[a-z-]+)", line)
            whole = re.match(r"  (-[A-Z] -[a-z] --[a-z-]+)", line)
            if whole:
                yield whole[1]
            elif option and option[1] == "--cut":
                yield "-M --forward -d --cut"
            elif option and title in fronts:
                yield f"{fronts[title]} {option[1]}".removeprefix("ipfwadm ")
            elif title == "Subcommands:":
                name = line.split()[0]
                if name == "complete":  # the stub's own
                    continue
                yield name
                options = re.findall(r"(?m)^  (?:-\w, )?(--[a-z-]+)", printed(name))
                yield from (f"{name} {option}" for option in options)


def candidates(words):
    out = subprocess.run([PROGRAM, "complete", "--", *words], stdout=subprocess.PIPE,
                         check=True, text=True).stdout
    return [line.split("\t")[0] for line in out.splitlines()]


def typed():
    """(words before, what is typed of a word, the word), and words that nobody offers."""
    seen, missed = {}, []
    for command in commands():
        words = command.split()
        for at, word in enumerate(words):
            is_option = word[:2] == "--" and "=" not in word or len(word) == 2 and word[0] == "-"
            if not (at == 0 or is_option or word in KEYWORDS):
                continue
            for length in range(word[0] == "-", len(word) + 1):
                found = candidates(words[:at] + [word[:length]])
                if word not in found:
                    missed.append((words[:at], word))
                    break
                if found == [word]:
                    seen[tuple(words[:at]), word[:length], word] = True
                    break
    return list(seen), missed


def ran_next(file):
    """The arguments of the next command; None if there is none in time."""
    end = time.monotonic() + 20 * FACTOR
    while time.monotonic() < end:
        line = file.readline()
        if line:
            return line.rstrip("\n")
        time.sleep(0.01)
    return None


def shell_run(name, checks):
    """The checks that fail there."""
    argv, setup = SHELLS[name]
    failed = []
    with tempfile.TemporaryDirectory() as home:
        with open(f"{home}/ipfwadm", "w", encoding="ascii") as f:
            f.write(STUB)
        os.chmod(f"{home}/ipfwadm", 0o755)
        env = {"PATH": f"{home}:{os.environ['PATH']}", "HOME": home, "TERM": "screen",
               "LC_ALL": "C.UTF-8", "PS1": "$ ", "IPFWADM_BACKEND": f"sim:{home}/sim"}
        with Tmux(argv, env, 50, 200, home) as tmux, \
                open(f"{home}/ran", "a+", encoding="ascii") as file:
            tmux.send(f"{setup}; echo re''ady\r")
            tmux.wait(r"(?m)^ready$")
            for before, part, word in checks:
                line = " ".join(["ipfwadm", *before, part])
                tmux.send(f"{line}\t\r")
                ran = ran_next(file)
                if ran != " ".join([*before, word]):
                    failed.append((line, word, ran or tmux.screen()))
                if ran is None:
                    break
    return failed


def main():
    passed = failed = skipped = 0
    if not shutil.which("tmux"):
        print("SKIP no tmux here\n0 passed, 0 failed, 1 skipped")
        return 77
    checks, missed = typed()
    for before, word in missed:
        print(f"FAIL not offered after 'ipfwadm {' '.join(before)}': {word}")
    failed += len(missed)
    if not os.environ.get("LONG"):
        checks = checks[::4]
    here = [name for name in SHELLS if shutil.which(name)]
    for name in set(SHELLS) - set(here):
        print(f"SKIP no {name} here")
        skipped += 1
    with multiprocessing.Pool(len(SHELLS)) as pool:
        runs = pool.starmap(shell_run, [(name, checks) for name in here])
    for name, wrong in zip(here, runs):
        for line, word, ran in wrong:
            print(f"FAIL {name}: '{line}' and TAB: {ran!r} instead of {word}")
        failed += len(wrong)
        passed += len(checks) - len(wrong)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed != 0


sys.exit(main())
