#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
# slow
# root
"""Scripts of the time through `ipfwadm run'.

Each script of tests/scripts and each recorded one leaves the rules that its commands
leave when they are carried out one by one, prints the same and ends with the same
status; a script that fails changes nothing.  `ipfwadm translate' makes the same rules.
KILLS=100: how often a run is killed.
"""
import copy
import glob
import json
import os
import random
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import cli_live  # noqa: E402

PROGRAM = cli_live.IPFWADM
BACKEND = os.environ.get("BACKEND", "sim")
KILLS = int(os.environ.get("KILLS", 100 if "LONG" in os.environ else 15))
BEFORE = """\
-I -p deny
[7:420] -I -a accept -P tcp -D 10.0.0.1 22
-I -a deny -S 192.168.0.0/16 -W eth0 -o
[1:40] -O -a accept -W lo
-F -p deny
-A in -a -P udp
"""
INTERFACES = ["--interface", "eth0=10.0.0.1/24", "--interface", "eth1=192.168.1.1/24"]
# tools of the time that a script calls, which must not reach this machine
STUBS = {
    "ifconfig": """case $1 in
eth0) a=10.0.0.1 b=10.0.0.255 ;;
eth1) a=192.168.1.1 b=192.168.1.255 ;;
*) exit 1 ;;
esac
echo "$1      Link encap:Ethernet  HWaddr 02:00:5E:00:53:01"
echo "          inet addr:$a  Bcast:$b  Mask:255.255.255.0"
""",
    "modprobe": """case $* in
*ip_masq_*) exec "$masq/modprobe" "$@" 2>/dev/null ;;
esac
""",
    "ipchains": "exit 1\n",
}
tests = []


def test(function):
    tests.append(function)
    return function


def same(what, got, wanted):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def holds(what, text, pattern):
    assert re.search(pattern, text), f"{what}: {text!r} has no {pattern!r}"


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o755)
    return path


class World:
    def __init__(self, scratch):
        self.scratch = scratch
        self.tools = os.path.join(scratch, "tools")
        self.direct = os.path.join(scratch, "direct")
        self.masq = os.path.join(scratch, "masq")
        for folder in self.tools, self.direct, self.masq:
            os.mkdir(folder)
        for name, text in STUBS.items():
            write(os.path.join(self.tools, name), f"#!/bin/sh\nmasq={self.masq}\n" + text)
        for name in "ipfwadm", "ipportfw", "ipautofw", "ipmasqadm":
            os.symlink(PROGRAM, os.path.join(self.direct, name))
        os.symlink(PROGRAM, os.path.join(self.masq, "modprobe"))
        os.symlink(os.path.join(self.tools, "modprobe"), os.path.join(self.direct, "modprobe"))
        self.program = cli_live.Program("nft" if BACKEND == "sim" else BACKEND, scratch)
        spec = f"sim:{scratch}/rules.sim" if BACKEND == "sim" else BACKEND
        self.env = dict(self.program.env, IPFWADM_BACKEND=spec, TMPDIR=scratch, BASH_ENV="",
                        PATH=f"{self.tools}:/usr/sbin:/usr/bin:/sbin:/bin")
        self.program.env = self.env

    def ipfwadm(self, *args, text=""):
        done = subprocess.run([PROGRAM, *args], env=self.env, input=text, text=True,
                              capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fresh(self, text=BEFORE):
        self.ipfwadm("load", "-", text=text)

    def saved(self):
        return self.ipfwadm("save", "--counters")

    def one_by_one(self, script, args):
        """As it was: /sbin/ipfwadm is the program, and sh is bash."""
        interpreter = re.match(r"#! *(\S+)(.*)", open(script, encoding="utf-8").readline())
        command = [*(["bash"] if interpreter[1] == "/bin/sh" else [interpreter[1]]),
                   *interpreter[2].split(), script, *args]
        cover = (f"mount -t overlay overlay -o lowerdir={self.direct}:/usr/sbin /usr/sbin && "
                 "exec \"$@\"")
        return subprocess.run(["unshare", "-m", "sh", "-c", cover, "-"] + command, env=self.env,
                              text=True, capture_output=True, timeout=60, check=False)

    def run(self, *args, env=None, options=()):
        done = subprocess.run([PROGRAM, *options, "run", *args], env=env or self.env, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False)
        own = [line for line in done.stderr.splitlines(True) if line.startswith(PROGRAM)]
        done.told = "".join(own)
        done.script_errors = "".join(line for line in done.stderr.splitlines(True)
                                     if not line.startswith(PROGRAM))
        return done

    def script(self, text):
        return write(os.path.join(self.scratch, "script"), "#!/bin/sh\n" + text)


def script_check(w, script):
    head = re.search(r"^# run: (.*)$", open(script, encoding="utf-8").read(), re.M)
    args = head[1].split() if head else []
    w.fresh()
    before = w.saved()
    wanted = w.one_by_one(script, args)
    rules = w.saved() if wanted.returncode == 0 else before
    w.fresh()
    got = w.run(script, *args)
    same("status", got.returncode, wanted.returncode)
    same("output", got.stdout, wanted.stdout)
    same("errors", got.script_errors, wanted.stderr)
    same("rules", w.saved(), rules)
    if got.returncode:
        holds("told", got.told, "nothing changed: .* (failed|ended)")
    translated_check(w, script, *args)


def translated_check(w, script, *args):
    """Translated, it is what `run' makes of no rules."""
    w.fresh("")
    wanted = w.run(script, *args)
    # it has tools of its own, and no overlay is made of a folder with mounts in it
    bare = "umount /usr/sbin/modprobe /usr/sbin/ifconfig 2>/dev/null; exec \"$@\""
    got = subprocess.run(["unshare", "-m", "sh", "-c", bare, "-", PROGRAM, "translate", "--to",
                          "ipfwadm", *INTERFACES, script, *args],
                         env=w.env, text=True, stdin=subprocess.DEVNULL, capture_output=True,
                         timeout=60 * cli_live.FACTOR, check=False)
    assert (got.returncode in (1, 126)) == (wanted.returncode != 0), got
    if not wanted.returncode:
        same("translated", re.sub(r"^interface .*\n|^#[\t ](?!ipfwadm).*\n|  # .*", "", got.stdout,
                                  flags=re.M),
             w.ipfwadm("save"))


def scripts_check(w, tally):
    for script in sorted(glob.glob("tests/scripts/*")):
        try:
            script_check(w, script)
            tally.passed += 1
        except Exception:	# pylint: disable=broad-except
            tally.failed += 1
            print(f"FAIL {script}\n{traceback.format_exc(limit=-1)}")


def recorded_check(w, tally, recorded):
    """Statuses, errors and listings of 2.3.0."""
    commands = [c for c in recorded["commands"]
                if "/proc/net/ip_masquerade" not in c["stderr_first"]]
    text = "".join(f"{c['cmd']} 2>{w.scratch}/{i}.err\necho $?\n" for i, c in
                   enumerate(commands))
    w.fresh("")
    got = w.run(w.script(text))
    statuses = [int(n) for n in got.stdout.split("\n") if n.isdigit()]
    wanted = [c["exit"] for c in commands]
    errors = []
    for i in range(len(commands)):
        with open(f"{w.scratch}/{i}.err", encoding="utf-8") as f:
            errors.append(f.readline().rstrip("\n"))
    tally.compare(f"{recorded['name']}: run", (0, wanted, [c["stderr_first"] for c in commands]),
                  (got.returncode, statuses, errors))
    for key, listing in recorded["lists"].items():
        category, options = key.split("_")
        out = w.program.run(["-" + category, "-l"] + cli_live.LISTING[options])[0]
        tally.compare(f"{recorded['name']}: -{category} -l, {options}", (listing,), (out,))
    try:
        translated_check(w, w.script("".join(c["cmd"] + "\n" for c in commands) + "exit 0\n"))
        tally.passed += 1
    except AssertionError as e:
        tally.failed += 1
        print(f"FAIL {recorded['name']}: translated: {e}")


@test
def tools_answer_as_they_did(w):
    """Questions alone; by bare names they are where the system's are, by paths they cover."""
    w = copy.copy(w)
    w.env = dict(w.env, PATH="/usr/sbin:/usr/bin:/sbin:/bin")
    late = os.path.join(w.scratch, "late")
    got = w.run(w.script(
        "uname -r\n/bin/uname -sm\nuname --version | grep -c coreutils\n"
        "ifconfig lo | grep 'inet addr' | cut -d: -f2 | cut -d' ' -f1\n"
        "/sbin/ifconfig nowhere 2>/dev/null || echo none\n"
        "route -n | head -2\nnetstat -i | grep -c '^lo '\n"
        "modprobe ip_masq_ftp && /sbin/insmod ip_masq_irc.o && rmmod ip_masq_irc && echo loaded\n"
        "modprobe ip_masq_nothing 2>/dev/null || echo $?\nmodprobe ip_masq_quake\n"
        "/usr/local/sbin/ipportfw -L | grep -c Remote; /usr/local/bin/ipfwadm -I -p deny\n"
        f"(sleep 0.5; uname -r >{late}) >/dev/null 2>&1 &\n"))
    same("answers", got.stdout,
         "2.0.36\nLinux i586\n1\n127.0.0.1\nnone\nKernel IP routing table\n"
         "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
         "1\nloaded\n255\n1\n")
    same("status", got.returncode, 0)
    same("told", re.findall("(?:without effect|refused): line (.*)", got.told),
         ["9: 'rmmod ip_masq_irc'", "10: 'modprobe ip_masq_nothing'",
          *(["11: 'modprobe ip_masq_quake'"] if BACKEND != "sim" else [])])
    same("native", w.run("--native", w.script("uname -r\n/bin/uname -r\n")).stdout,
         (os.uname().release + "\n") * 2)
    w.env["PATH"] = w.tools + ":" + w.env["PATH"]
    same("a folder of one's own comes first", w.run(w.script("ifconfig eth0 | grep -c "
                                                             "10.0.0.1\n")).stdout, "1\n")
    killed = os.path.join(w.scratch, "killed")
    w.run(w.script(f"kill -9 $PPID\nsleep 0.2\nuname -r >{killed}\n"))
    same("without a session", open(killed, encoding="utf-8").read(), os.uname().release + "\n")
    for _ in range(100):
        if os.path.exists(late) and os.path.getsize(late):
            break
        time.sleep(0.1)
    same("after the end", open(late, encoding="utf-8").read(), os.uname().release + "\n")


@test
def without_mount_namespaces(w):
    """Commands that are named by their paths go to the session all the same, from bash."""
    users = [["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-all"]]
    if BACKEND == "sim":
        users.append(["setpriv", "--reuid", "65534", "--clear-groups"])
    script = w.script("/sbin/ipfwadm -I -f\nfunction f() {\n"
                      "  /usr/sbin/ipfwadm -I -a deny -S \"$1\"\n}\n"
                      "for a in 10.1.1.1 '10.1.1.2 10.1.1.3'; do\n  f \"$a\"\ndone\n"
                      "echo `/sbin/ifconfig lo | grep -c 'inet addr'` $#\n/bin/uname -r\n"
                      "if /usr/local/sbin/ipfwadm -I -d deny -S 10.7.7.7; then echo no; fi\n"
                      "set -e\n/sbin/ipfwadm -I -p deny\n"
                      "[ $1 = good ]\n/sbin/ipfwadm -I -a accept -P foo\n")
    for user in users:
        os.chmod(w.scratch, 0o777)
        before = w.saved()
        env = dict(w.env, IPFWADM_BACKEND=w.env["IPFWADM_BACKEND"] + (".user" if user[1] ==
                                                                      "--reuid" else ""))
        done = subprocess.run([*user, PROGRAM, "run", "--dry-run", script, "good"], env=env,
                              capture_output=True, text=True, timeout=60, check=False)
        same("answers", done.stdout, "1 1\n2.0.36\n")
        holds("told", done.stderr, "/sbin/ipfwadm and others are functions of bash and no files, "
              "without a mount namespace: Operation not permitted\n")
        holds("names", done.stderr, '\n/usr/sbin/ipfwadm: host/network "10.1.1.2 10.1.1.3"')
        holds("lines", done.stderr, "3 of 6 commands failed: line 4, called at 7: "
              "'ipfwadm -I -a deny -S '10.1.1.2 10.1.1.3'': .*\n.*line 11: .*\n.*line 15: ")
        holds("the end", done.stderr, "status 2: line 15: '/sbin/ipfwadm -I -a accept -P foo'")
        same("nothing changed", w.saved(), before)
        os.chmod(w.scratch, 0o755)


@test
def files_of_the_time(w):
    """2.0's files in /proc show the rules to be, and later those in force."""
    write(w.scratch + "/late", "")
    script = w.script("ipfwadm -I -f\nipfwadm -I -a deny -S 10.9.8.7\n"
                      "[ -f /proc/net/ip_input -a ! -f /proc/net/ip_fwchains ] && echo found\n"
                      "cat /proc/net/ip_input\nread word rest </proc/version; echo $rest\n"
                      "grep -c lo: /proc/net/dev\ncat 0<>/proc/net/ip_acct >/dev/null\n"
                      f"(exec >{w.scratch}/late 2>&1; sleep 2; cat /proc/net/ip_input) &\n")
    done = w.run(script)
    same("status", done.returncode, 0)
    if os.getuid() or not os.access("/dev/fuse", os.W_OK):
        holds("what is missing", done.script_errors,
              "the files of Linux 2.0 in /proc are missing: ")
        return
    holds("files", done.stdout,
          "^found\nIP firewall input rules, default .\n0A090807/FFFFFFFF->.*\n"
          r"version 2\.0\.36 .*\n1\n")
    same("processes that wait", done.told.count("still waits"), 1)
    late = ""
    while "0A090807" not in late:	# the suite ends what does not end
        time.sleep(0.1)
        with open(w.scratch + "/late", encoding="utf-8") as f:
            late = f.read()
    assert not os.path.exists("/proc/net/ip_input")
    done = w.run("--native", w.script("cat /proc/net/ip_input\n"))
    holds("not asked for", done.script_errors, "No such file")


@test
def refused_are_summed_up(w):
    script = w.script("ipfwadm -I -a accept -W lo\nipfwadm -I -d deny -S 203.0.113.1\n"
                      "ipfwadm -I -a accept \\\n  -P foo\nexit 0\n")
    got = w.run(script)
    same("status", got.returncode, 0)
    holds("count and line", got.told, "2 of 3 commands failed: line 3: 'ipfwadm -I -d deny -S "
          "203.0.113.1': ipfwadm: setsockopt failed: Invalid argument")
    holds("first line of a continued command", got.told, "line 4: .*invalid protocol")
    holds("what was accepted is in force", w.saved(), "-I -a accept -W lo")
    w.fresh()
    before = w.saved()
    same("strict", w.run("--strict", script).returncode, 1)
    same("nothing changed", w.saved(), before)


@test
def failing_line_is_named(w):
    before = w.saved()
    got = w.run(w.script("set -e\nipfwadm -I -f\nf() {\n  false\n}\nf\n"))
    holds("line of the command", got.told, "failed with status 1: line 5, called at 7: 'false'")
    got = w.run(w.script("ipfwadm -I -f\nkill -TERM $$\n"))
    holds("signal", got.told, "nothing changed: .* ended by signal 15")
    same("status", got.returncode, 128 + 15)
    same("no such script", w.run("/nowhere/script").returncode, 1)
    same("nothing changed", w.saved(), before)


@test
def interpreters(w):
    """Where they were then; what is missing is told by its name."""
    for head, told in (("/usr/local/bin/perl", ""), ("/bin/ash", ""),
                       ("/bin/nosuchsh", "'/bin/nosuchsh', which is to read it, is not there"),
                       ("/bin/nosuchsh -f", "'/bin/nosuchsh', which is to read it, is not there"),
                       ("/bin/sh\r", r"its lines end as those of DOS: try tr -d '\\r'")):
        if os.path.exists(head):
            continue
        command = "system 'ipfwadm -I -f';" if "perl" in head else "ipfwadm -I -f"
        script = write(os.path.join(w.scratch, "script"), f"#!{head}\n{command}\n")
        got = w.run("--dry-run", script)
        same(head, got.returncode, 1 if told else 6)
        holds(head, got.told, f"cannot start '.*': {told}" if told else "^$")


@test
def builtins_of_bash(w):
    """Commands start no process, unless the script asks where they are."""
    count = "compgen -b ipfwadm; compgen -b /sbin/ipfwadm; compgen -b /usr/sbin/ipfwadm\n"
    body = (f"WAS=$PATH; ipfwadm -I -f\n{count}IPF=/sbin/ipfwadm\n"
            "$IPF -I -a deny -S 10.0.0.1; echo $?\n"
            "ipfwadm -I -d deny -S 10.0.0.2; echo $?\n"
            "ipfwadm -I -l -n 2>&1 | head -n 3 | tail -n 1\n"
            "PATH=/nowhere; ipfwadm -I -f; echo $?; PATH=$WAS\n"
            "exec 3> >(:); wait $!; ipfwadm -I -l >&3; echo $?\n")
    got = w.run(w.script(body))
    same("output", got.stdout, "ipfwadm\n/sbin/ipfwadm\n/usr/sbin/ipfwadm\n0\n255\n"
         "deny  all  10.0.0.1             0.0.0.0/0            n/a\n127\n1\n")
    same("errors", got.script_errors, "ipfwadm: setsockopt failed: Invalid argument\n"
         "ipfwadm: command not found\nipfwadm: cannot write output\n")
    holds("in force", w.saved(), "-I -a deny -S 10.0.0.1")
    for asks in "command -v ipfwadm", "type -P ipfwadm", "hash ipfwadm; hash -t ipfwadm":
        got = w.run(w.script(f'[ -x "$({asks})" ] && echo file\n{count}'))
        same(asks, got.stdout, "file\n")
    own = write(os.path.join(w.scratch, "ipfwadm"), "#!/bin/sh\necho mine $*\n")
    os.chmod(own, 0o755)
    got = w.run(w.script(f"PATH={w.scratch}:$PATH\nipfwadm -I -f\n"))
    os.remove(own)
    same("its own command", got.stdout, "mine -I -f\n")


@test
def words_of_the_script(w):
    """Its arguments are its own, also those that are options of ours before it."""
    script = w.script("ipfwadm save >/dev/null\necho $*\n")
    got = w.run("--json", "--strict", script, "--json", "--backend", "x", "--strict")
    same("status", got.returncode, 0)
    words, _, document = got.stdout.partition("\n")
    same("arguments", words, "--json --backend x --strict")
    same("the document is ours", json.loads(document)["changed"], False)


@test
def dry_run_changes_nothing(w):
    before = w.saved()
    got = w.run("--dry-run", w.script("ipfwadm -I -p accept\nipfwadm -O -f\n"))
    same("differs", got.returncode, 6)
    same("difference", got.stdout, "- -I -p deny\n+ -I -p accept\n- -O -a accept -W lo\n")
    same("nothing changed", w.saved(), before)
    same("equal", w.run("--dry-run", w.script("ipfwadm -I -p deny\n")).returncode, 0)


@test
def report_page(w):
    path = os.path.join(w.scratch, "page.html")
    script = w.script("ipfwadm -I -f\nipfwadm -I -a deny -S 10.1.1.1\n")
    same("dry", w.run("--dry-run", "--report", path, script).returncode, 6)
    page = open(path, encoding="utf-8").read()
    holds("the line", page, r"script:3</span><code>ipfwadm -I -a deny -S 10\.1\.1\.1/32")
    holds("what was there", page, "<code>ipfwadm -O -a accept -W lo")
    before = w.saved()
    same("no such folder", w.run("--report", w.scratch + "/no/page", script).returncode, 1)
    same("nothing changed", w.saved(), before)
    same("in force", w.run("--report", path, script).returncode, 0)
    holds("its rules", w.saved(), "-I -a deny -S 10.1.1.1/32")


@test
def refuses(w):
    before = w.saved()
    for words in ("run /dev/null", "shell", "engine", "refresh", "load -", "--backend sim:x -I -f"):
        got = w.run("--strict", w.script(f"ipfwadm {words} </dev/null\n"))
        holds(words, got.told, "1 of 1 commands failed")
    got = w.run(w.script("ipfwadm -T -f\n"))
    if BACKEND != "sim":
        holds("connections", got.script_errors, "connections are not changed by a script")
    same("nothing changed", w.saved(), before)
    same("usage", w.run("--dry-run").returncode, 2)


@test
def other_users_are_refused(w):
    got = w.run(w.script("setpriv --reuid 65534 --clear-groups ipfwadm -I -f\n"))
    same("words of 2.3.0", got.script_errors,
         "ipfwadm: socket creation failed: Operation not permitted\n")
    os.chmod(w.scratch, 0o700)


@test
def commands_after_the_end(w):
    """They take effect by themselves, on run's backend, and their processes are named."""
    other = dict(w.env, IPFWADM_BACKEND=f"sim:{w.scratch}/other.sim")
    got = w.run(w.script("ipfwadm -O -p deny\n(sleep 0.7; ipfwadm -O -f) >/dev/null 2>&1 &\n"
                         "ipfwadm -O -p reject\n"), env=other,
                options=["--backend", w.env["IPFWADM_BACKEND"]])
    holds("named", got.told, r"process \d+ still waits: 'bash ")
    holds("in force", w.saved(), "-O -p reject")
    holds("not yet", w.saved(), "-O -a accept")
    for _ in range(100):
        if "-O -a" not in w.saved():
            return
        time.sleep(0.1)
    raise AssertionError("it does not take effect")


@test
def somebody_else_changes_rules(w):
    got = w.run(w.script(f"ipfwadm -I -f\n{PROGRAM} -h >/dev/null\n"
                         f"env -u IPFWADM_SESSION {PROGRAM} -O -a deny -S 203.0.113.7\n"))
    same("status", got.returncode, 1)
    holds("told", got.told, "nothing changed: somebody else has changed the rules meanwhile")
    holds("theirs stays", w.saved(), "-O -a deny -S 203.0.113.7/32")


@test
def killed_at_any_moment(w):
    """The old rules or the new ones; commands after the end of the session do nothing."""
    rand = random.Random(int(os.environ.get("SEED", 1)))
    lines = "".join(f"ipfwadm -I -a deny -S 10.0.0.{i}\n" for i in range(40))
    script = w.script("ipfwadm -I -f\nipfwadm -I -p accept\n" + lines)
    w.run(script)
    begin = time.monotonic()
    w.fresh()
    old = w.saved()
    w.run(script)
    taken = time.monotonic() - begin
    new = w.saved()
    assert new != old
    seen = set()
    for _ in range(KILLS):
        w.fresh()
        process = subprocess.Popen([PROGRAM, "run", script], env=w.env, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        time.sleep(rand.uniform(0, taken * 1.2))
        process.kill()
        process.stderr.read()	# until the script has ended, too
        process.wait()
        rules = w.saved()
        assert rules in (old, new), rules
        seen.add(rules)
    assert old in seen, "it was never killed early enough"
    assert new in seen or KILLS < 100, "it was never killed late enough"


@test
def killed_sessions_leave_nothing(w):
    """Their directories go with the next run, but not while their scripts are at work."""
    script = w.script("ipfwadm -I -f\necho $IPFWADM_SESSION\nexec sleep 600\n")
    process = subprocess.Popen([PROGRAM, "run", script], env=w.env, text=True,
                               start_new_session=True, stdout=subprocess.PIPE)
    folder = os.path.dirname(process.stdout.readline().strip())
    process.kill()
    process.wait()
    os.utime(folder, (0, 0))
    w.run(w.script("exit 0\n"))
    assert os.path.isdir(folder), "its script is at work"
    os.killpg(process.pid, signal.SIGKILL)
    process.stdout.read()	# until it has ended
    os.utime(folder, (0, 0))
    for _ in range(100):
        w.run(w.script("exit 0\n"))
        if not os.path.isdir(folder):
            return
        time.sleep(0.05)
    raise AssertionError(f"{folder} stays")


@test
def stopped_by_a_signal(w):
    before = w.saved()
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        process = subprocess.Popen([PROGRAM, "run", w.script("trap 'exit 0' TERM HUP INT\n"
                                                             "ipfwadm -I -f\necho ready\n"
                                                             "while :; do sleep 0.05; done\n")],
                                   env=w.env, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.readline()
        process.send_signal(number)
        holds("told", process.communicate(timeout=20)[1], "stopped by a signal")
        same("status", process.returncode, 1)
        same("nothing changed", w.saved(), before)


class Stream(threading.Thread):
    """Datagrams over the loopback interface, one after the other; counts those lost."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 7000))
        self.socket.settimeout(0.5 * cli_live.FACTOR)
        self.sent = self.lost = 0
        self.ends = False

    def run(self):
        while not self.ends:
            try:
                self.socket.sendto(b"x", ("127.0.0.1", 7000))
                self.socket.recv(16)
            except OSError:
                self.lost += 1
            self.sent += 1


@test
def stream_meets_no_partial_set(w):
    if BACKEND == "sim":
        return
    rules = "".join(f"ipfwadm -I -a deny -P udp -S 10.0.0.{i}\n" for i in range(30))
    script = w.script("for l in I O; do ipfwadm -$l -f; ipfwadm -$l -p deny; done\n" + rules +
                      "ipfwadm -I -a accept -P udp -D 127.0.0.1 7000\n"
                      "ipfwadm -O -a accept -P udp -D 127.0.0.1 7000\n")
    w.fresh("")
    stream = Stream()
    stream.start()
    for _ in range(5):
        same("status", w.run(script).returncode, 0)
    stream.ends = True
    stream.join()
    print(f"{stream.sent} packets")
    same("lost", stream.lost, 0)


def main():
    if os.environ.get("RUN_INSIDE") != "1":
        if subprocess.run(["unshare", "-n", "-m", "true"], check=False).returncode:
            print("SKIP no namespaces can be made here (root?)\n0 passed, 0 failed, 1 skipped")
            sys.exit(77)
        os.environ["RUN_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", "-m", sys.executable] + sys.argv)
    cli_live.interfaces_make()
    tally = cli_live.Tally()
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        w = World(scratch)
        # sessions that are killed leave nothing on this machine
        subprocess.run(["mount", "-t", "tmpfs", "run", "/run"], check=True)
        # scripts that name it by its path, or set PATH
        for tool in "modprobe", "ifconfig":
            if os.path.exists("/usr/sbin/" + tool):
                subprocess.run(["mount", "--bind", f"{w.tools}/{tool}", "/usr/sbin/" + tool],
                               check=True)
        scripts_check(w, tally)
        for recorded in cli_live.recorded("scripts"):
            recorded_check(w, tally, recorded)
        for function in tests:
            w.fresh()
            try:
                function(w)
                tally.passed += 1
            except Exception:	# pylint: disable=broad-except
                tally.failed += 1
                print(f"FAIL {function.__name__}\n{traceback.format_exc()}")
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed or not tally.passed else 0)


main()
