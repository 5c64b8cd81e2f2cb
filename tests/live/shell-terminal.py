#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
"""The shell at a terminal; tests/lib/shell_suite.py tells how to run a part."""
import os
import random
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from namespace import real_root  # noqa: E402
from shell_suite import (CHECKED, PLAIN, SEED, Skip, holds, on_backends, once,  # noqa: E402
                         same, suite_run, until)
from terminal import Terminal  # noqa: E402

LINES = 10000


@on_backends
def transactions(w):
    s = w.session()
    same("no edits staged", s.staged, None)
    s.run("-I -a accept -P tcp")
    same("at once", w.inputs(), ["-I -a accept -P tcp"])
    s.run("begin")
    same("staged", s.staged, 0)
    s.run("ipfwadm -I -a deny -S 10.0.0.0/8")
    s.run("-I -d accept -P tcp")
    same("staged", s.staged, 2)
    same("nothing in force", w.inputs(), ["-I -a accept -P tcp"])
    same("diff", sorted(s.run("diff").split()[0::1])[:2], ["+", "-"])
    same("shown", [r for _, r in s.rules("I")], ["-I -a deny -S 10.0.0.0/8 -D 0.0.0.0/0"])
    s.run("undo")
    same("one line less", s.staged, 1)
    s.run("commit")
    same("none", s.staged, None)
    both = ["-I -a accept -P tcp", "-I -a deny -S 10.0.0.0/8 -D 0.0.0.0/0"]
    same("committed", w.inputs(), both)
    s.run("undo")
    same("undone", w.inputs(), both[:1])
    s.run("redo")
    same("redone", w.inputs(), both)
    s.run("begin")
    s.run("-I -f")
    s.run("abort")
    same("aborted", w.inputs(), both)
    s.run("undo")
    s.run("undo")
    same("all undone", w.inputs(), [])
    holds("no more", s.run("undo"), "nothing to undo")
    same("quits", s.quit(), 0)


@on_backends
def refused(w):
    s = w.session()
    s.run("begin")
    s.run("-I -a accept")
    s.run("-I -d reject -S 10.1.2.3")
    out = s.run("commit")
    holds("told", out, r"there is no such rule")
    holds("the line", out, r"-I -d reject -S 10\.1\.2\.3\n\^~+")
    same("still staged", s.staged, 2)
    same("nothing in force", w.inputs(), [])
    s.quit()


@on_backends
def others(w):
    s = w.session()
    s.run("begin")
    s.run("-I -a deny")
    w.outside("-I", "-a", "accept")
    holds("told", s.run("commit"), "somebody else has changed")
    same("kept", w.inputs(), ["-I -a accept"])
    s.run("commit force")
    same("forced", w.inputs(), ["-I -a accept", "-I -a deny"])
    s.rules("I")
    w.outside("-I", "-i", "reject")
    holds("numbers are not guessed", s.run("delete -I 1"), "somebody else has changed")
    holds("nor is undo", s.run("undo"), "somebody else has changed")
    same("kept", len(w.inputs()), 3)
    s.quit()


@on_backends
def numbers(w):
    """Random edits by number; counters go with their rules."""
    dice = random.Random(SEED)
    lines = [f"[{n}:{100 * n}] -I -a accept -S 10.0.0.{n}" for n in range(1, 9)]
    path = os.path.join(w.scratch, "counted")
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")
    s = w.session()
    s.run(f"load {path}")
    model = s.rules("I")
    same("loaded with counters", [n for n, _ in model], list(range(1, 9)))
    for step in range(30):
        if step == 15:
            s.run("begin")
        kind = dice.choice(["insert", "move", "delete", "replace"])
        n = dice.randint(1, len(model) + (kind == "insert"))
        rule = f"-I -a deny -S 10.9.0.{step} -D 0.0.0.0/0"
        if kind in ("insert", "replace"):
            s.run(f"{kind} -I {n} -a deny -S 10.9.0.{step}")
            model[n - 1:n - 1 + (kind == "replace")] = [(0, rule.replace(" -D", "/32 -D"))]
        elif kind == "delete" and len(model) > 3:
            s.run(f"delete -I {n}")
            del model[n - 1]
        elif kind == "move":
            to = dice.randint(1, len(model))
            s.run(f"move -I {n} {to}")
            model.insert(to - 1, model.pop(n - 1))
        same(f"step {step}, {kind} {n}", s.rules("I"), model)
    s.run("commit")
    same("committed", s.rules("I"), model)
    s.run("undo")
    s.run("redo")
    same("back and forth", s.rules("I"), model)
    holds("no such number", s.run(f"delete -I {len(model) + 1}"), "there is no rule")
    holds("no number", s.run("delete -I x"), "the number of a rule is needed")
    s.quit()


@on_backends
def engine_lost(w):
    s = w.session()
    s.run("-I -a accept")
    s.run("begin")
    s.run("-I -a deny")
    os.kill(s.engine(), 9)
    holds("told", s.told(), "the engine is lost.*\n.*nothing that is staged is in force")
    same("nothing in force", w.inputs(), ["-I -a accept"])
    holds("goes on", s.run("show -I"), "-I -a deny")
    same("still staged", s.staged, 1)
    os.kill(s.engine(), 9)
    s.told()
    s.run("commit")
    same("then in force", w.inputs(), ["-I -a accept", "-I -a deny"])
    s.quit()


@on_backends
def confirm(w):
    def change(seconds):
        s = w.session()
        s.run("begin")
        s.run("-I -a deny -S 10.0.0.1")
        s.run(f"commit confirm {seconds}".strip())
        holds("asks", s.confirming, r" confirm\?")
        same("in force", len(w.inputs()), 1)
        same("nothing is staged", s.staged, None)
        return s

    s = change(1)
    same("all of the time is left", s.confirming, " confirm? 0:01")
    holds("told by itself", s.told(), "was not confirmed")
    same("gone by itself", w.inputs(), [])
    same("asks no more", s.confirming, None)
    same("staged again", s.staged, 1)
    s.run("commit")
    same("in force then", len(w.inputs()), 1)
    s.run("undo")
    s.quit()
    s = change("")
    same("ten minutes by default", s.confirming, " confirm? 10:00")
    s.terminal.expect(r" confirm\? 9:58> ")	# the time goes on by itself
    holds("nothing else meanwhile", s.run("-I -a accept"), "waits for 'confirm'")
    s.run("begin")
    s.run("-I -a accept -S 10.0.0.2")
    holds("told when it is true", s.run("revert"), "the rules are what they were before")
    same("reverted", w.inputs(), [])
    same("both are staged, the first one first", s.staged, 2)
    s.run("commit")
    same("in this order", [rule.split()[4] for rule in w.inputs()],
         ["10.0.0.1/32", "10.0.0.2/32"])
    w.outside("-I", "-f")
    s.quit()
    s = change(60)
    s.quit()
    same("gone when the shell has ended", w.inputs(), [])
    s = change(60)
    s.kill()
    until(lambda: not w.inputs(), "gone with the shell")
    s = change(60)
    s.terminal.close()
    until(lambda: not w.inputs(), "gone with the terminal")
    s = change(2)
    s.run("confirm")
    time.sleep(2.5)
    same("stays", len(w.inputs()), 1)
    s.quit()


def manual_commands():
    """Command lines that the manuals show, without the program's name."""
    found = []
    with open("man/ipfwadm.8", encoding="ascii") as f:
        found += re.findall(r"^\.Dl ipfwadm (-.*)", f.read(), re.M)
    with open("man/ipfwadm.conf.5", encoding="ascii") as f:
        text = "".join(re.findall(r"^\.Bd -literal\n(.*?)^\.Ed", f.read(), re.M | re.S))
    text = text.replace("\\e\n", "")
    found += [re.sub(r"^\[.*?\] ", "", line) for line in text.split("\n")
              if re.match(r"[-\[]", line)]
    found += ["insert -I 1 -a deny -P udp -S 0.0.0.0/0 53", "replace -I 1 -a accept",
              "delete -I 1", "move -I 1 2", "show -I", "commit confirm 60", "dump nft",
              "trace -P tcp -S 192.168.1.2 1025 -D 198.51.100.17 smtp -y -W eth0",
              "save --counters", "-T -l -n -e", "-M -l -n", "-F -l -e -x -z"]
    assert len(found) > 20, found
    return found


# what is not listed is a word of the user's own; the hint tells what is wanted
OPEN = [(r"[\d.]+([/:]\d+)?$", "ADDRESS|NUMBER|SECONDS|PORT|TYPE"), (r".* ", "TEXT")]


@once
def completion(w):
    """Every word of every command of the manuals is offered where it stands."""
    dice = random.Random(SEED)
    s = w.session(program=PLAIN)
    s.run("-I -a accept")
    s.run("-I -a deny")
    asked = 0
    for line in manual_commands():
        words = shlex.split(line)
        if "dump" in words and "--backend" in words:
            continue
        for i, word in enumerate(words):
            typed = " ".join(shlex.quote(x) for x in words[:i]) + (" " if i else "")
            listed = word[:word.rfind(",") + 1]	# members of a list are words, too
            offered, hints = s.complete(typed + listed)
            asked += 1
            cluster = re.match(r"-[A-Za-z]{2,}$", word)
            if word in offered or (cluster and word[:2] in offered):
                part = dice.randrange(len(listed) + 1, len(word) + 1)
                again, _ = s.complete(typed + word[:part])
                assert cluster or word in again, f"{line}: {typed + word[:part]!r}: {again}"
                continue
            wanted = [hint for pattern, hint in OPEN if re.match(pattern, word)]
            assert wanted and any(re.search(wanted[0], h) for h in hints), \
                f"{line}: {word!r} behind {typed!r} is not among {offered}, {hints}"
    assert asked > 100
    s.quit()


@once
def completion_kinds(w):
    """Names of all kinds, with descriptions, and nothing that cannot stand there."""
    s = w.session()
    s.run("-I -a accept -S 10.0.0.1")
    s.run("-I -a deny")
    for typed, wanted, unwanted in [
            ("", ["begin", "commit", "-I", "trace", "insert"], ["--state", "engine"]),
            ("-I ", ["-a", "-l", "-p"], ["-F", "-s", "-m", "-A"]),
            ("-I -a ", ["accept", "deny", "reject", "masquerade"], ["in"]),
            ("-A ", ["in", "out", "both", "-a"], ["-p", "-c"]),
            ("-I -l ", ["-n", "-e", "-x", "-z"], ["-P", "-S", "--state", "-b"]),
            ("-F -a masquerade -", ["-P", "--helper", "--comment"], ["-r", "-I"]),
            ("-I -a accept -P tcp -S 1.2.3.4 ", ["ssh", "smtp", "-D"], ["-P", "-S"]),
            ("-I -a accept -P icmp -S 1.2.3.4 ", ["8", "11"], ["ssh"]),
            ("-I -a accept -W ", ["eth0", "ppp0"], ["-P"]),
            ("-I -a accept -V ", ["192.168.1.1", "198.51.100.17"], ["eth0"]),
            ("-I -a accept -S ", ["localhost"], ["-D"]),
            ("-I -a accept --state new,", ["new,established"], ["accept"]),
            ("-I -a accept --state=!i", ["--state=!invalid"], ["new"]),
            ("-I -a accept --helper ", ["ftp", "irc", "tftp"], ["new"]),
            ("-I -a accept -Pt", ["-Ptcp"], ["-Pudp"]),
            ("-Il", ["-Iln", "-Ile"], ["-IlS"]),
            ("delete -I ", ["1", "2"], ["3"]),
            ("help ex", ["exit"], ["begin"]),
            ("dump ", ["nft", "iptables", "json"], ["begin"])]:
        offered, hints = s.complete(typed)
        for word in wanted:
            assert word in offered, f"{typed!r}: no {word!r} in {offered}, {hints}"
        for word in unwanted:
            assert word not in offered, f"{typed!r}: {word!r} in {offered}"
    s.terminal.send("delete -I \x1b?")
    s.terminal.expect(r"1 +-I -a accept -S 10\.0\.0\.1")
    s.terminal.send("\x15-I -a accept -\x1b?")
    s.terminal.expect(r"-P +tcp, udp, icmp or all")
    with open(os.path.join(w.scratch, "some-rules"), "w", encoding="ascii") as f:
        f.write("-I -f\n")
    s.terminal.send(f"\x15source {w.scratch}/some-\t")
    s.terminal.expect("some-rules")
    s.quit()


def width(text):
    n = 0
    for c in text:
        if c == "\t":
            n += 8 - n % 8
        elif not unicodedata.combining(c):
            n += 2 if unicodedata.east_asian_width(c) in "WF" else 1
    return n


@once
def carets(w):
    """The mark stands under the mistake, whatever stands in front of it."""
    s = w.session()
    for front, bad in [("-I -a ", "acept"), ("-I\t-a\t", "dney"),
                       ("-I -W 漢字かな -a ", "x"), ("-I -W 'é\tа' -P ", "tpc"),
                       ("ipfwadm -O -W 한글e\u0301 -p ", "drop"),
                       ("insert -I 1 -a ", "bloc"), ("insert -I 1 -W 漢 -P ", "ucp")]:
        typed = front.replace("\t", "\x16\t") + bad
        out = s.run(typed)
        lines = out.split("\n")
        at = [i for i, line in enumerate(lines) if re.match(r" *\^~*$", line.rstrip())]
        assert at, f"no mark: {out!r}"
        same(f"{front}{bad}", lines[at[0]].rstrip(),
             " " * width(front) + "^" + "~" * (len(bad) - 1))
    holds("a suggestion", s.run("comit"), "did you mean 'commit'")
    holds("unknown", s.run("xyzzy"), "unknown command")
    s.quit()


@once
def history(w):
    if os.stat("/").st_uid:
        raise Skip("root's folders are nobody's in this user namespace")
    folder = os.path.join(w.scratch, ".local/state/ipfwadm")
    path = os.path.join(folder, "history")
    first, second = w.session(), w.session()
    first.run("show -I")
    second.run("show -F")
    first.run("show -A")
    first.run(" show -O")
    for s in (first, second):
        s.quit()
    with open(path, encoding="ascii") as f:
        same("both sessions", f.read(), "show -I\nshow -F\nshow -A\n")
    same("nobody else", oct(os.stat(path).st_mode & 0o777), "0o600")
    same("nor looks", oct(os.stat(folder).st_mode & 0o777), "0o700")
    s = w.session()
    s.terminal.send("\x1b[A")
    s.terminal.expect("show -A")
    s.terminal.send("\r")
    holds("carried out again", s.prompt(), "accounting")
    s.quit()
    # a link is not followed, be it ours
    os.unlink(path)
    victim = os.path.join(w.scratch, "victim")
    with open(victim, "w", encoding="ascii") as f:
        f.write("precious\n")
    os.symlink(victim, path)
    s = w.session()
    s.run("show -I")
    s.quit()
    with open(victim, encoding="ascii") as f:
        same("not followed", f.read(), "precious\n")
    os.unlink(path)
    if real_root():
        with open(path, "w", encoding="ascii") as f:
            f.write("")
        os.chown(path, 12345, 12345)
        s = w.session()
        s.run("show -I")
        s.quit()
        same("a file of somebody else", os.stat(path).st_size, 0)
        # as under sudo: the home of another, who has put a link in the middle
        target, home = os.path.join(w.scratch, "target"), os.path.join(w.scratch, "home")
        os.mkdir(target)
        os.mkdir(home)
        os.symlink(target, os.path.join(home, ".local"))
        os.lchown(os.path.join(home, ".local"), 12345, 12345)
        w.env["HOME"] = home
        s = w.session()
        s.run("show -I")
        s.quit()
        same("a link of another is not followed", os.listdir(target), [])
        os.lchown(os.path.join(home, ".local"), 0, 0)
        s = w.session()
        s.run("show -I")
        s.quit()
        same("a link of our own is", os.listdir(target), ["state"])
        os.chown(home, 12345, 12345)
        shutil.rmtree(os.path.join(target, "state"))
        s = w.session()
        s.run("show -I")
        s.quit()
        same("nothing in a folder of another", os.listdir(target), [])


def many_rules():
    return "".join(f"-I -a accept -P tcp -D 10.1.{i >> 8}.{i & 255} www smtp\n"
                   for i in range(LINES))


@once
def paste(w):
    s = w.session(program=PLAIN, rows=24, columns=80)
    text = many_rules()
    start = time.monotonic()
    s.terminal.send("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~")
    s.terminal.expect(f"{LINES} lines>")
    same("nothing happens by itself", w.inputs(), [])
    s.terminal.send("\r")
    s.prompt()
    took = time.monotonic() - start
    same("all lines", len(w.inputs()), LINES)
    assert took < 6, f"took {took:.1f} s"
    s.run("undo")
    same("one step", w.inputs(), [])
    s.terminal.send("\x1b[200~-I -a accept\r-I -a deny\r\x1b[201~")
    s.terminal.send("\r")
    s.prompt()
    same("few lines", w.inputs(), ["-I -a accept", "-I -a deny"])
    s.terminal.send("\x1b[200~" + "-I -a deny\r" * 20 + "-I -a dney\r-I -f\r\x1b[201~\r")
    holds("a mistake in a paste", s.prompt(), "did you mean 'deny'")
    same("what stands before it is in force", len(w.inputs()), 22)
    s.quit()


@once
def interrupts(w):
    path = os.path.join(w.scratch, "many")
    with open(path, "w", encoding="ascii") as f:
        f.write(many_rules())
    s = w.session(program=PLAIN, rows=24, columns=80)
    s.run(f"load {path}")
    for command in ("-I -l -n", "show", "save"):
        s.terminal.send(command + "\r")
        s.terminal.expect("-- more")
        s.terminal.send("\x03")
        out = s.prompt()
        assert len(out) < 20000, f"{command}: Ctrl-C at a screen's end: {len(out)}"
        s.terminal.send(command + "\r")
        s.terminal.expect("-- more")
        s.terminal.send("a")
        s.terminal.send("\x03")
        s.prompt()
        s.terminal.send(command + "\r")
        s.terminal.expect("-- more")
        s.terminal.send(" ")
        s.terminal.expect("-- more")
        s.terminal.send("q")
        s.prompt()
    s.terminal.send("-I -a accept half a line\x03")
    s.prompt_again = s.terminal.expect(r"\^C[^\r]*\r\n")
    s.terminal.expect("> ")
    s.terminal.send("# fine\r")
    s.prompt()
    s.terminal.send("watch\r")
    s.terminal.expect("no rule has counted")
    s.terminal.send("\x03")
    s.prompt()
    same("the rules stand", len(w.inputs()), LINES)
    same("ends", s.quit(), 0)


@once
def pager(w):
    w.env["PAGER"] = "sed s/^/paged:/"
    s = w.session(rows=24, columns=80)
    s.run("-I -a accept -P tcp")
    for command in ("-I -l -n", "show -I", "save", "help"):
        for line in s.run(command).strip().split("\n"):
            holds(command, line, "^paged:")
    holds("match", s.run("show -I | match tcp"), "^paged:[^\n]*-P tcp[^\n]*\n*$")
    s.quit()
    w.env["PAGER"] = "head -n 1"    # which ends before its input
    s = w.session(rows=24, columns=80)
    same("a line", len(s.run("help").strip().split("\n")), 1)
    s.run("-I -a deny -P udp")
    same("the shell goes on", len(w.inputs()), 2)
    s.quit()
    w.env["PAGER"] = "no-such-pager"
    s = w.session(rows=24, columns=80)
    holds("no pager", s.run("help"), "no-such-pager: not found")
    s.quit()


@on_backends
def watch(w):
    if w.backend == "sim":
        return  # it counts no packets
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for term, start in (("xterm", r"\x1b\[H\x1b\[J"), ("dumb", r"(?<=\n)")):
        s = w.session()
        s.run("-I -f")
        s.run("-I -a accept -W lo -P udp")
        s.quit()
        t = Terminal([PLAIN, "shell"], dict(w.env, TERM=term))
        t.expect("> ")
        t.send("watch\r")
        t.expect(start + " *no rule has counted anything")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            totals = []
            while len(totals) < 2:  # repainted, while more is counted
                for _ in range(5):
                    sender.sendto(b"x" * 72, ("127.0.0.1", 9))
                t.expect(start + r" *1 +(\d+) packets +(\d+) bytes +(\d+)/s +(\d+)/s  "
                         r"-I -a accept -P udp[^\n]*-W lo")
                packets, size, rate, speed = (int(n) for n in t.match.groups())
                same("bytes", size, 100 * packets)
                assert 0 < rate <= packets and rate * 100 <= speed < (rate + 1) * 100, t.match[0]
                totals.append(packets)
        assert totals[0] < totals[1], totals
        t.send("\x03")
        t.expect("> ")
        t.send("quit\r")
        same("ends", t.wait(), 0)


@once
def sizes(w):
    """At 80 columns, 200 and 20: what is typed is carried out, lines are not too long."""
    comment = "a comment that makes the line longer than narrow terminals are"
    for columns in (20, 80, 200):
        s = w.session(rows=24, columns=columns)
        s.run("-I -f")
        s.run(f"-I -a accept --comment '{comment}'")
        same(f"{columns} columns", len(w.inputs()), 1)
        s.terminal.send("-I -a accept \x1b?")
        s.told()	# a Ctrl-C before would only end the listing
        s.terminal.send("\x03")
        s.terminal.expect(r"\^C")
        s.terminal.send("show -I\r")
        holds("shown", s.prompt(), "a comment that")
        s.terminal.send("-I -a ")
        s.terminal.read(0.3)
        for hint in re.findall(r"\x1b\[2m([^\x1b]*)\x1b\[m", s.terminal.text):
            assert len(hint) < columns, f"a hint of {len(hint)} at {columns} columns"
        s.quit()


@once
def dumb(w):
    env = dict(w.env, TERM="dumb")
    t = Terminal([CHECKED, "shell"], env)
    for line, answer in [("-I -a accept", ""), ("begin", ""), ("-I -a deny", r"\(1\)> "),
                         ("-I -a", "policy required"), ("commit", ""),
                         ("-I -l -n", "deny all .*\n.*")]:
        t.expect("> ")
        t.send(line + "\r")
        t.expect(re.escape(line))
        if answer:
            t.expect(answer.replace("deny all", "deny  all"))
            t.send("\r")
    t.expect("> ")
    assert "\x1b" not in t.text
    t.send("quit\r")
    same("ends", t.wait(), 0)
    same("in force", len(w.inputs()), 2)


@once
def colors(w):
    del w.env["NO_COLOR"]
    s = w.session()
    s.run("-I -a accept")
    s.terminal.send("show -I\r")
    holds("rules by policy", s.terminal.expect("> $"), "\x1b\\[32m-I -a accept\x1b\\[m")
    s.terminal.send("-I -a acept\r")
    holds("mistakes", s.terminal.expect("> $"), "\x1b\\[1;31merror:")
    s.quit()


@once
def random_keys(w):
    """Whatever is typed, the shell goes on and the sanitizers are silent."""
    dice = random.Random(SEED)
    words = ("-I -F -A -M -T -a -i -d -l -S -D -P -W -V -t -s -r -Ptc -Il --state --helper "
             "accept new, !inv tcp 1.2.3.4 www 0x insert move delete replace 1 9 show help "
             "begin abort commit undo redo diff trace -W eth0 load /nowhere source ' \" \\ $ | "
             "ipfwadm 漢字 \u0301 # [ interface --comment").split(" ")
    keys = ["\t", "\t", "\t", "\x1b?", "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C", "\x01", "\x05",
            "\x0b", "\x15", "\x17", "\x19", "\x7f", "\x03", "\r", "\x1f", "\x14", "\x1b\x7f",
            "\x1b[200~-I -f\r-I -a deny\x1b[201~", "\x1b[200~" + "# x\r" * 12 + "\x1b[201~"]
    s = w.session(rows=24, columns=dice.choice([20, 80, 200]))
    for _ in range(200):
        s.terminal.send(dice.choice(keys) if dice.random() < 0.4 else
                        dice.choice(words) + dice.choice(["", " ", " "]))
        while s.terminal.read(0.02):	# Ctrl-C throws away what is not read yet
            pass
    for _ in range(3):
        s.terminal.send("q\x03")
        s.terminal.read(0.2)
    s.terminal.send("\x15# alive\r")
    s.terminal.expect("# alive")
    s.terminal.send("\x15quit\r")
    out, status = "", s.terminal.wait()
    while s.terminal.read(0.1):
        out = s.terminal.text
    assert status == 0 and "Sanitizer" not in out, f"{status}: {s.terminal.text[-1500:]!r}"


@once
def helps(w):
    s = w.session()
    commands, _ = s.complete("")
    for command in [c for c in commands if c[0] != "-"]:
        assert "no such topic" not in s.run("help " + command), f"help {command}"
    offered, _ = s.complete("help ")
    assert len(offered) > 40, offered
    for topic in offered + ["exit status", "Rules by number", "EXACTNESS"]:
        out = s.run("help " + topic)
        assert "no such topic" not in out and len(out) > 10, f"help {topic}: {out!r}"
        assert not re.search(r"\.(It|Fl|Ar|Cm|Pp)\b|\\(?!NNN)", out), f"help {topic}: {out!r}"
    holds("unknown", s.run("help nothing-such"), "no such topic")
    s.quit()


@once
def picture(w):
    """packaging/shell.svg is what the program shows."""
    if not shutil.which("tmux") or not real_root():
        raise Skip("no tmux to draw the picture in")
    drawn = subprocess.run(["packaging/shell-picture.py", PLAIN], env=dict(w.env, NO_COLOR=""),
                           check=True, capture_output=True, text=True).stdout
    with open("packaging/shell.svg", encoding="ascii") as f:
        same("the picture", drawn, f.read())


@once
def netns(w):
    name = f"ipfwadm-{os.getpid()}"
    if os.geteuid() or subprocess.run(["ip", "netns", "add", name], check=False,
                                      capture_output=True).returncode:
        raise Skip("network namespaces cannot be named here")
    try:
        t = Terminal(["ip", "netns", "exec", name, CHECKED, "shell"], w.env)
        t.expect(f"ipfw\\[sim@{name}\\]> ")
        t.send("quit\r")
        t.wait()
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


suite_run()
