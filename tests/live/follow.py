#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
"""`ipfwadm -T -l --follow' prints what happens to connections, and what was lost of it.

tests/vm/kmod-netlink.sh has it do so with the module.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

IPFWADM = [os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm")),
           "--backend", os.environ.get("BACKEND", "nft")]
IS_MODULE = IPFWADM[-1] == "kmod"
PATIENCE = 20 * float(os.environ.get("TIME_FACTOR", "1"))
TCP, UDP, FLOOD = 5000, 6000, 10000
probes = iter(range(1000, TCP))     # each a connection of its own
LOST = "events were lost: they come faster than they are printed"
passed = failed = 0


def check(name, good, seen=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print(f"FAIL {name}: {str(seen)[-600:]}")


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def ipfwadm(*words):
    return subprocess.run([*IPFWADM, *words], capture_output=True, text=True, check=False)


def datagram(port, sender=socket.socket(socket.AF_INET, socket.SOCK_DGRAM)):
    sender.sendto(b"x", ("127.0.0.1", port))


class Follower:
    """A process that follows; it has begun when this returns."""

    def __init__(self, *words):
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*IPFWADM, "-T", "-l", "--follow", *words], stdout=self.out, stderr=self.err,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        wait_for(lambda: self.lines() or "--json" in words and datagram(next(probes)))

    @staticmethod
    def text(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()

    def lines(self):
        return self.text(self.out).splitlines()

    def errors(self):
        return self.text(self.err)

    def documents(self):
        return [json.loads(line) for line in self.text(self.out).split("\n")[:-1]]

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "timeout"


def connection_make():
    listener = socket.create_server(("127.0.0.1", TCP))
    client = socket.create_connection(("127.0.0.1", TCP))
    server, _ = listener.accept()
    listener.close()
    return client, server


def life_check():
    text = Follower("-n", "-e", "-P", "tcp", "-D", "127.0.0.1", str(TCP))
    data = Follower("--json")
    ends = connection_make()
    datagram(UDP)
    settled = "assured" if IS_MODULE else "changed"
    wait_for(lambda: sum(line.startswith(settled) for line in text.lines()) >= 1 + (not IS_MODULE))
    ipfwadm("-T", "-f")
    wait_for(lambda: "ended" in "".join(text.lines()))
    lines = text.lines()
    check("title", lines[0] == "IP tracked connection events" and
          lines[1].startswith("event     pkts bytes prot state "), lines[:2])
    words = [line.split() for line in lines[2:]]
    events = ["new", "assured", "ended"] if IS_MODULE else ["new", "changed", "changed", "ended"]
    check("events", [w[0] for w in words] == events, lines)
    port = str(ends[0].getsockname()[1])
    check("each is of the connection", all(w[3] == "tcp" and w[-3:] == [port, "->", str(TCP)]
                                           for w in words), lines)
    check("states", words[0][4] == "syn-sent" and words[-1][4] == "established", lines)
    if IS_MODULE:
        check("counters", words[-1][1] == "3", lines)
    documents_check(data, int(port), events)
    check("interrupted", text.end(signal.SIGINT) == 0, text.errors())
    check("ended", data.end() == 0, data.errors())
    check("nothing else", not text.errors() + data.errors() and
          text.text(text.out).endswith("\n"), text.errors() + data.errors())
    for end in ends:
        end.close()


def documents_check(data, port, events):
    wait_for(lambda: {TCP, UDP} <= {d["tracked_connection"]["destination_port"]
                                    for d in data.documents() if d["event"] == "ended"})
    documents = data.documents()
    of_tcp = [d for d in documents if d["tracked_connection"]["source_port"] == port]
    check("documents", [d["event"] for d in of_tcp] == events, of_tcp)
    of_udp = [d["event"] for d in documents
              if d["tracked_connection"]["destination_port"] == UDP]
    check("of all protocols", of_udp == ["new", "ended"], documents)
    schema_check(documents)


def schema_check(documents):
    if not jsonschema:
        return
    with open("packaging/ipfwadm.schema.json", encoding="utf-8") as f:
        schema = {**json.load(f), "anyOf": [{"$ref": "#/$defs/tracked_event"}]}
    wrong = [e.message for d in documents
             for e in jsonschema.Draft202012Validator(schema).iter_errors(d)]
    check("as the schema has them", not wrong, wrong[:1])


def flood(count):
    for port in range(FLOOD, FLOOD + count):
        datagram(port)


def settled(follower):
    """All documents, when none has come for a while."""
    seen, documents = None, []
    while seen != len(documents):
        seen = len(documents)
        time.sleep(0.02 * PATIENCE)
        documents = follower.documents()
    return documents


def lost_check():
    """The module's queue overflows when nobody else gets the processor, else the socket."""
    ipfwadm("-T", "-s", "udp", "3600")      # or some end meanwhile
    count = 4000 if IS_MODULE else 30000
    follower = Follower("--json", "-P", "udp")
    if IS_MODULE:
        os.sched_setaffinity(0, {0})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        flood(count)
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    else:
        follower.process.send_signal(signal.SIGSTOP)
        flood(count)
        follower.process.send_signal(signal.SIGCONT)
    wait_for(lambda: LOST in follower.errors())
    documents = settled(follower)
    lost = [d for d in documents if d["event"] == "lost"]
    check("what is lost is reported", lost and LOST in follower.errors() and
          LOST in lost[0]["diagnostics"][0]["text"], follower.errors())
    if IS_MODULE:
        flooded = sum(d["event"] == "new" and
                      d["tracked_connection"]["destination_port"] >= FLOOD for d in documents)
        check("with its number", sum(d["count"] for d in lost) + flooded == count, lost)
    schema_check(lost)
    before = len(documents)
    datagram(UDP)
    check("and events go on", wait_for(lambda: len(follower.documents()) > before))
    check("it ends", follower.end() == 0)


def ends_check():
    """When output is closed, or nobody reads it, and in a script."""
    follower = subprocess.Popen([*IPFWADM, "-T", "-l", "-n", "--follow"],
                                stdout=subprocess.PIPE)
    follower.stdout.readline()
    follower.stdout.close()
    wait_for(lambda: datagram(UDP + 1) or ipfwadm("-T", "-f") and follower.poll() is not None)
    check("output is closed", follower.poll() == -signal.SIGPIPE, follower.poll())
    with subprocess.Popen([*IPFWADM, "-T", "-l", "-n", "--follow"],
                          stdout=subprocess.PIPE) as follower:
        follower.stdout.readline()
        flood(3000)
        check("it writes on", follower.poll() is None)
        wait_for(lambda: follower.terminate() or follower.poll() is not None)
        check("a signal ends what nobody reads", follower.poll() in (1, -signal.SIGTERM),
              follower.poll())
    with tempfile.NamedTemporaryFile("w") as script:
        script.write("ipfwadm -T -l --follow\n")
        script.flush()
        done = ipfwadm("run", script.name)
    check("a script cannot", done.returncode and "are not followed by a script" in done.stderr,
          done)


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    check("a rule", not ipfwadm("-I", "-a", "accept", "--state", "new,established").returncode)
    life_check()
    lost_check()
    ends_check()
    print(f"{passed} passed, {failed} failed")
    return bool(failed)


namespace.enter(" ".join([*IPFWADM, "-T", "-l"]))
sys.exit(main())
