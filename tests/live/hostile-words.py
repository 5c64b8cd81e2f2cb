#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
# root
"""650 hostile names of interfaces and comments, none skipped.

Every byte that a name can have, and words that a shell, nft, iptables or a terminal could
take for something else, go through save and load, all dumps, and the texts of nft and
iptables; each comes back as it was, or is refused by name.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
BACKEND = os.environ.get("BACKEND", "nft")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
WORDS = [
    b"\"", b"\"\"", b"'", b"''", b"\\", b"\\\\", b"\\n", b"\\001", b"a\\", b"$'x'", b"$'\\'",
    b"$(id)", b"$IFS", b"`id`", b"|id", b";id", b"&", b"&&", b">x", b"<x", b"#", b"#x", b"a#b",
    b"!", b"!lo", b"*", b"a*", b"\\*", b"?", b"[a-z]", b"{", b"}", b"{a}", b"(", b")", b"~",
    b"~root", b"-", b"--", b"-I", b"-W", b"--help", b"-j DROP", b"+", b"wlan+", b"+a", b"%",
    b"%s%n", b"%%", b"%00", b"@set", b"$var", b"=", b"a=b", b"0", b"0x10", b"lo", b"any",
    b"COMMIT", b"*filter", b":x", b"eth0:1", b",", b"a,b", b"...", b"eth0...", b"\xff", b"\xc3",
    b"\xc3\xa9", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xf0\x9f\x94\xa5", b"\xc0\x80", b"\x1b[2J",
    b"\x7f", b"a b", b" ", b"  a", b"a ", b"\ta", b"a\nb", b"\n", b"\r", b"drop", b"accept",
    b"null", b"true", b"/*", b"*/", b"//", b"a/b",
]
COMMENTS = [w.decode() for w in WORDS if all(32 <= c < 127 for c in w)] + [
    "x" * 80, "'" * 80, '"' * 80, "\\" * 80, "; flush ruleset", '"; flush ruleset; #',
    "' --jump ACCEPT '", "*/ accept /*", "settings: -I -p accept", "-I -p accept", "..."]


def names():
    """At least 650 words with the comments, all different, of at most 15 bytes."""
    found = [w for w in WORDS if len(w) < 16]
    found += [b"a" + bytes([c]) + b"b" for c in range(1, 256)]
    found += [b"e" + bytes([c]) for c in range(1, 256)]
    return list(dict.fromkeys(found))


def decode(word):
    """Bytes of a word as the saved form spells it."""
    escaped = re.fullmatch(rb"\$'((?:[^'\\]|\\.)*)'", word, re.S)
    if escaped:
        return re.sub(rb"\\([0-7]{3}|.)", lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3
                      else m[1], escaped[1], flags=re.S)
    return word.replace(b"'\\''", b"\0").replace(b"'", b"").replace(b"\0", b"'")


def fields(saved):
    """The name or comment of each rule of a saved form."""
    return [(m[1], decode(m[2])) for m in
            re.finditer(rb"^-I -a deny (-W|--comment) (.*)$", saved, re.M)]


class Suite:
    def __init__(self, scratch):
        self.scratch = scratch
        self.passed = self.failed = 0
        self.env = dict(os.environ, LC_ALL="C.UTF-8", IPFWADM_BACKEND=BACKEND)
        if BACKEND == "sim":
            self.env["IPFWADM_BACKEND"] = "sim:" + self.path("sim")

    def path(self, name):
        return os.path.join(self.scratch, name)

    def check(self, name, good, told=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAIL {name}\n{told}")

    def run(self, *command, backend=None, **options):
        env = dict(self.env, IPFWADM_BACKEND=backend) if backend else self.env
        return subprocess.run(command, check=False, capture_output=True, env=env, **options)

    def ipfwadm(self, *words, **options):
        return self.run(IPFWADM, *words, **options)

    def same(self, what, got, wanted):
        wrong = [(a, b) for a, b in zip(got, wanted) if a != b]
        self.check(what, got == wanted, f"{len(got)} of {len(wanted)}, {wrong[:5]}")

    def add_all(self, words):
        """Those that the backend takes; others are refused by name and change nothing."""
        taken, dirty = [], 0
        for option, word in words:
            done = self.ipfwadm("-I", "-a", "deny", option, word)
            dirty += bool(re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stderr + done.stdout))
            if done.returncode == 0:
                taken.append((option.encode(), word if isinstance(word, bytes)
                              else word.encode()))
            else:
                self.check(f"{word!r} is refused with a sentence",
                           done.returncode in (2, 255) and done.stderr.count(b"\n") in (1, 2),
                           done.stderr)
        self.check("no control character reaches the terminal", not dirty, dirty)
        return taken

    def saved(self, what, wanted):
        done = self.ipfwadm("save")
        self.check(f"{what}: save says nothing else", (done.returncode, done.stderr) == (0, b""),
                   done.stderr[:2000])
        self.same(what, fields(done.stdout), wanted)
        return done.stdout

    def load(self, what, text, wanted):
        with open(self.path("text"), "wb") as f:
            f.write(text)
        done = self.ipfwadm("load", self.path("text"))
        self.check(f"{what}: loads", done.returncode == 0, done.stderr[:2000])
        self.saved(what, wanted)

    def json(self, wanted):
        lists = json.loads(self.ipfwadm("dump", "json").stdout)["lists"]
        rules = next(x["rules"] for x in lists if x["list"] == "input")
        got = [(b"-W", r["interface"].encode()) if "interface" in r else
               (b"--comment", r["comment"].encode()) for r in rules]
        # only what begins with $' is spelled there
        self.same("dump json", [(o, decode(w) if o == b"-W" and w.startswith(b"$'") else w)
                                for o, w in got], wanted)

    def in_force(self):
        """What iptables has, without comments: those of a dump have no exact rules."""
        text = self.run("iptables-legacy-save").stdout
        text = re.sub(rb' -m comment --comment ("([^"\\]|\\.)*"|\S+)', b"", text)
        return sorted(x for x in text.split(b"\n") if x.startswith(b"-A ipfw-input"))

    def text_road(self, what, save, flush, restore, wanted):
        before = self.in_force() if BACKEND == "xtables" else None
        for step in (save, flush, restore):
            done = self.run("sh", "-c", step)
            self.check(f"{what}: {step}", done.returncode == 0, done.stderr[:2000])
        if BACKEND == "xtables":
            self.same(f"{what}: what is in force", self.in_force(), before)
        else:
            self.saved(what, wanted)

    def all(self):
        words = [("-W", n) for n in names()] + [("--comment", c) for c in COMMENTS]
        self.check("650 words", len(words) >= 650, len(words))
        self.ipfwadm("-I", "-f")
        wanted = self.add_all(words)
        self.check("nearly all are taken", len(wanted) > len(words) - 30,
                   f"{len(wanted)} of {len(words)}")
        text = self.saved("added one by one", wanted)
        self.load("saved and loaded", text, wanted)
        self.load("dump ipfwadm", self.ipfwadm("dump", "ipfwadm").stdout, wanted)
        self.json(wanted)
        done = self.ipfwadm("-I", "-l", "-n", "-e")
        self.check("the listing has a line for each rule",
                   len(re.findall(rb"^ +0 +0 deny  all ", done.stdout, re.M)) == len(wanted))
        self.dumps(text, wanted)

    def dumps(self, text, wanted):
        t = self.path("dump")
        clear = ("for t in raw mangle nat filter; do iptables-legacy -t $t -F;"
                 " iptables-legacy -t $t -X; done")
        roads = {"nft": (("dump nft", f"{IPFWADM} dump nft >{t}; [ $? != 1 ]", "nft flush ruleset",
                          f"nft -f {t}"),
                         ("nft list ruleset", f"nft list ruleset >{t}", "nft flush ruleset",
                          f"nft -f {t}")),
                 "xtables": (("dump iptables", f"{IPFWADM} dump iptables >{t}; [ $? != 1 ]",
                              clear, f"iptables-legacy-restore -n {t}"),),
                 "sim": ()}[BACKEND]
        for road in roads:
            self.load("again", text, wanted)
            self.text_road(*road, wanted)


def main():
    namespace.enter()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XTABLES_LOCKFILE"] = os.path.join(scratch, "lock")
        suite = Suite(scratch)
        suite.all()
    print(f"{suite.passed} passed, {suite.failed} failed")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
