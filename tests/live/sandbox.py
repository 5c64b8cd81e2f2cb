#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
"""Hostile scripts in the sandbox of `ipfwadm translate', as an ordinary user, as root, and as
root where user namespaces are forbidden.

Nothing outside changes, and what was tried is told.  What forks is bounded by itself, or
runs only where the limit on processes has been seen to hold.
"""
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import cli_live  # noqa: E402
import namespace  # noqa: E402
from translate_live import (MACHINE, PROGRAM, ROOTS, USER, holds, refused_call, run,
                            same)  # noqa: E402

NO_MODULES = "sandbox refused: (Operation not permitted|Function not implemented)"
SYSCTLS = "kernel/core_pattern kernel/hostname net/ipv4/ip_forward vm/swappiness kernel/pid_max"
tests = []


def test(function):
    """It is called for each of these users."""
    for user in (USER, 0, ROOTS) if os.getuid() == 0 else (0,):
        def by_user(w, user=user):
            function(w, user)
        by_user.__name__ = f"{function.__name__}, user {user}"
        tests.append(by_user)
    return function


def outside(w):
    """What a script could have changed."""
    state = {}
    paths = ["/etc/passwd", "/etc/hosts", "/etc/motd", "/etc/new", "/usr/sbin/new"]
    for path in paths + [os.path.join(w.victim, name) for name in os.listdir(w.victim)]:
        if os.path.lexists(path):
            st = os.lstat(path)
            state[path] = (st.st_mtime_ns, st.st_size, st.st_mode)
    for name in SYSCTLS.split():
        with open("/proc/sys/" + name, encoding="utf-8") as f:
            state[name] = f.read()
    for command in ["ip", "addr"], ["ip", "link"]:
        state[command[1]] = [line for line in subprocess.run(
            command, capture_output=True, text=True, check=True).stdout.splitlines()
            if "valid_lft" not in line]
    with open("/proc/mounts", encoding="utf-8") as f:
        state["mounts"] = f.read()
    return state


def hostile(w, user, text, *options):
    """Runs a script as user; what is outside stays the same."""
    before = outside(w)
    done = w.ipfwadm("translate", "--interface", "eth0=192.0.2.10/24", "--to", "ipfwadm", *options,
                     w.script(text.replace("VICTIM", w.victim)), user=user)
    after = outside(w)
    for name in sorted(set(before) | set(after)):
        same(name, after.get(name), before.get(name))
    return done


def refused(w, user, lines, *options):
    """None of the lines prints `done', and the script goes on."""
    done = hostile(w, user, "\n".join(lines) + "\nipfwadm -I -p deny\n", *options)
    assert "done" not in done.printed, done.printed
    holds("the script goes on", done.stdout, "-I -p deny")
    return done


def perl(system_call, *args):
    return (f"perl -e '@a = ({', '.join(args)}); "
            f"print syscall({system_call}, @a) < 0 ? \"$!\\n\" : \"done\\n\"'")


def prepare(w, _):
    # of what the sandbox shows, a folder that everybody may write; in this namespace alone
    w.victim = "/usr/local"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=777", "victim", w.victim], check=True)
    with open(f"{w.victim}/file", "w", encoding="utf-8") as f:
        f.write("here\n")
    for path in w.victim, f"{w.victim}/file":
        os.chmod(path, 0o777)


@test
def deletes_and_writes(w, user):
    done = hostile(w, user, "rm -rf /etc/passwd /usr/bin VICTIM /home /var/log\n"
                            "echo x > VICTIM/new\n"
                            "echo x > /usr/sbin/new\necho x > /etc/new\necho x > /tmp/new\n"
                            "mv /etc/hosts /etc/gone\nipfwadm -I -p deny\n", "--partial")
    for pattern in ("removed in the sandbox alone: /etc/passwd",
                    "written in the sandbox alone: /etc/new",
                    "written in the sandbox alone: /tmp/new",
                    "the sandbox refused: .*Read-only file system"):
        holds("told", done.told, pattern)


@test
def reaches_the_network(w, user):
    with socket.create_server(("127.0.0.1", 0)) as server, \
            socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        server.settimeout(0.1)
        abstract.bind("\0ipfwadm-test")
        abstract.listen()
        other = tempfile.mkdtemp()	# not the script's own folder, which is shown
        os.chmod(other, 0o755)
        named.bind(f"{other}/socket")
        os.chmod(f"{other}/socket", 0o777)
        named.listen()
        port = server.getsockname()[1]
        done = hostile(w, user, f"(exec 3<>/dev/tcp/127.0.0.1/{port}) && echo done\n"
                       "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Peer => "
                       "\"\\0ipfwadm-test\") and print \"done\\n\"'\n"
                       "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Peer => "
                       f"\"{other}/socket\") and print \"done\\n\"'\n"
                       "wget http://192.0.2.1/\n"
                       "ipfwadm -I -a deny -S example.com\nexit 0\n")
        assert "done" not in done.printed, done.printed
        holds("no names are looked up", done.told, 'network "example.com" not found')
        holds("tool", done.told, "not done in the sandbox: line 5: 'wget")
        try:
            server.accept()
            raise AssertionError("it was reached")
        except TimeoutError:
            pass
    shutil.rmtree(other)


@test
def modules_and_sysctls(w, user):
    done = refused(w, user, [perl(175, '""', "0", '""'), perl(313, "0", '""', "0"),
                             "insmod ./evil.o && echo done",
                             "for f in kernel/core_pattern vm/swappiness kernel/hostname "
                             "kernel/pid_max user/max_user_namespaces",
                             "do echo 7 > /proc/sys/$f && echo done; done",
                             "hostname evil", "echo b > /proc/sysrq-trigger && echo done"])
    for pattern in (NO_MODULES, "not done in the sandbox: line 4: 'insmod",
                    "sandbox refused: .*core_pattern: Read-only file system",
                    "not translated: line 7: 'hostname evil'"):
        holds("told", done.told, pattern)


@test
def escapes_by_mounts(w, user):
    calls = [perl(165, '"proc"', '"/tmp"', '"proc"', "0", '""'),	# mount
             perl(165, '"none"', '"/usr"', '""', "32", '""'),	# remount, read-write
             perl(166, '"/usr/sbin"', "2"),	# umount
             perl(272, "0x20000"),	# unshare
             perl(161, '"/tmp"'),	# chroot
             perl(133, '"/tmp/disk"', "0x6000 | 0666", "0x801"),	# mknod
             perl(304, "-100", 'pack("ii", 8, 1) . "x" x 8', "0"),	# open_by_handle_at
             perl(170, '"evil"', "4")]	# sethostname
    done = refused(w, user, calls)
    same("each", done.printed.count("Operation not permitted"), len(calls))
    done = refused(w, user, [perl(56, "0x10000011", "0", "0", "0", "0"),
                             "cd /proc/1/root && echo done",
                             "cat /proc/1/environ && echo done"])
    holds("told", done.told, "sandbox refused: " + (
        "Operation not permitted" if user == ROOTS else "No space left on device"))
    holds("told", done.told, "sandbox refused: .*Permission denied")


@test
def other_processes(w, user):
    with subprocess.Popen(["sleep", "600"]) as victim:
        done = refused(w, user, [f"kill -9 {victim.pid} 2>/dev/null && echo done", "kill -9 1",
                                 perl(101, "16", "1", "0", "0")])
        holds("told", done.told, "sandbox refused: Operation not permitted")
        same("it lives", victim.poll(), None)
        victim.send_signal(signal.SIGKILL)


@test
def forks_without_end(w, user):
    done = hostile(w, user, "perl -e 'for (1 .. 400) { my $p = fork(); defined $p or last; "
                   "$p or sleep(60), exit; $n++ } print \"forked $n\\n\"; kill 9, -1'\n",
                   "--time", "5")
    holds("the limit holds", done.printed, r"^forked (29\d|30\d|310)$")
    begin = time.monotonic()
    done = hostile(w, user, "perl -e 'fork while 1'\n", "--time", "1")
    assert time.monotonic() - begin < 30 * cli_live.FACTOR, "it goes on"
    holds("told", done.told, "nothing printed: the script was ended: it took too long")


@test
def fills_memory(w, user):
    done = refused(w, user, ["perl -e '$x = \"a\" x (1 << 29); print \"done\\n\"'",
                             "dd if=/dev/zero of=/tmp/big bs=1M count=99 2>&1 && echo done"])
    holds("memory", done.told, "refused: Out of memory")
    holds("files", done.told, "refused: .*(No space left on device|File size limit)")
    done = hostile(w, user, "for i in 1 2 3 4 5 6 7 8 9; do perl -e '$x = \"a\" x (100 << 20); "
                   "sleep 9' & done; wait\n", "--time", "30")
    holds("all together", done.told, "ended: it used too much memory")


@test
def never_ends(w, user):
    done = hostile(w, user, "while :; do :; done\n", "--time", "1")
    holds("told", done.told, "ended: it took too long")
    done = hostile(w, user, "trap '' TERM INT HUP; setsid yes &\nexec yes\n", "--time", "1")
    assert len(done.printed) < 2 << 20, "output without end"
    holds("told", done.told, "ended: it took too long")


@test
def deceives(w, user):
    done = hostile(w, user, "mkfifo /tmp/fifo\nFW_AT=/tmp/fifo:5 dash -c 'ipfwadm -I -a deny'\n"
                   "FW_AT=`printf '/x\\n\\033[31m:1'` dash -c 'ipfwadm -I -a accept'\n"
                   "FW_AT=`printf '/x:1 \\033[31m:2'` dash -c 'ipfwadm -I -a foo'\n"
                   "FW_AT=/dev/zero:9 dash -c 'ipfwadm -I -a reject'\nexit 0\n")
    holds("a failure", done.told, r"failed: /x:1, called at \?\[31m:2: 'ipfwadm -I -a foo'")
    same("no control characters", [c for c in done.stdout if c < " " and c != "\n"], [])
    same("status", done.returncode, 0)
    done = hostile(w, user, "touch `printf '/tmp/\\033[31m'`\nrmmod `printf 'ppp\\033[31m'`\n"
                   "modprobe `printf '\\033[31m'`\nexit 0\n")
    holds("a file", done.told, r"written in the sandbox alone: /tmp/\?\[31m")
    same("nor there", [c for c in done.told if c < " " and c != "\n"], [])
    done = hostile(w, user, "rm -rf /run/* /tmp/*\nipfwadm -I -f && echo done\nexit 0\n")
    assert "done" not in done.printed, done.printed


@test
def devices_stay(w, user):
    """They can be written, and are the machine's."""
    done = refused(w, user, ["echo x >/dev/null || echo done", "chmod 600 /dev/null && echo done",
                             "chown 1 /dev/zero && echo done", "rm /dev/null && echo done"])
    holds("told", done.told, "sandbox refused: .*/dev/null.*: Read-only file system")


def killed(w):
    """Nothing stays when the outermost process is killed."""
    for as_user in [], refused_call("unshare:0x10000000"):
        script = w.script("echo ready\nexec perl -e 'sleep 600' ipfwadm-victim\n")
        with subprocess.Popen([*as_user, PROGRAM, "translate", script], env=w.env, text=True,
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            while process.stderr.readline() != "ready\n":
                pass
            process.kill()
            # its errors end when nobody has them open any more
            same("it ends", len(select.select([process.stderr], [], [], 30)[0]), 1)
            same("nothing is told", process.stderr.read(), "")


def forbidden(w):
    """Where no sandbox can be made nothing runs, and the reason and the remedy are told."""
    user = ["setpriv", "--reuid", str(USER), "--clear-groups"]
    words = [PROGRAM, "translate", *MACHINE, w.script("echo done; id -u\nipfwadm -I -p deny\n")]
    for before, told in (
            (user + refused_call("unshare"), "user namespaces are forbidden here: Operation not "
             "permitted: root needs none; a container needs a seccomp filter"),
            (refused_call("unshare"), "cannot make a sandbox: namespaces are forbidden here: "
             "Operation not permitted: a container needs CAP_SYS_ADMIN and a seccomp filter"),
            (refused_call("mount"), "cannot make a sandbox: cannot make the mounts private"),
            (refused_call("mount_setattr"), "cannot make a sandbox: cannot open what"),
            (["setpriv", "--bounding-set=-sys_admin", *refused_call("unshare:0x10000000")],
             "namespaces are forbidden here: Operation not permitted: a container needs CAP_SYS_"),
            (["unshare", "-U"] + refused_call("unshare"), "root needs none")):
        done = subprocess.run([*before, *words], env=w.env, text=True, capture_output=True,
                              check=False)
        same(before, done.returncode, 1)
        holds(before, done.stderr, told)
        same(before, done.stderr.count("\n"), 1)


def forbidden_by_sysctl(w):
    """Its name and the value that is needed are told; who is root in there needs none."""
    limit = "echo 0 >/proc/sys/user/max_user_namespaces; exec \"$@\""
    user = ["setpriv", "--reuid", str(USER), "--clear-groups", "unshare", "-U"]
    limit = ["sh", "-c", limit, "-"]
    words = [PROGRAM, "translate", *MACHINE, "--to", "ipfwadm",
             w.script("id -u\nipfwadm -I -p deny\n")]
    done = subprocess.run([*user, "--keep-caps", *limit, "setpriv", "--inh-caps=-all",
                           "--ambient-caps=-all", *words],
                          env=w.env, text=True, capture_output=True, check=False)
    same("status", done.returncode, 1)
    holds("told", done.stderr, "user namespaces are forbidden here "
          r"\(user.max_user_namespaces=0\): No space left on device: root needs none, or "
          "'sysctl -w user.max_user_namespaces=10000' allows them$")
    done = subprocess.run([*user, "-r", *limit, *words], env=w.env, text=True,
                          capture_output=True, check=False)
    same("status", (done.returncode, done.stderr), (0, "0\n"))
    holds("rules", done.stdout, "^-I -p deny$")
    if os.getuid() == 0:	# the machine's root alone, for whom no limit of processes holds
        done = subprocess.run(["unshare", "-Ur", *limit, *words], env=w.env, text=True,
                              capture_output=True, check=False)
        same("status", done.returncode, 1)
        holds("told", done.stderr, "sandbox: the number of processes cannot be limited$")


tests.append(killed)
tests.append(forbidden_by_sysctl)
tests.append(forbidden)
namespace.enter(flags="--net --mount", user=True)
sys.exit(run(tests, prepare))
