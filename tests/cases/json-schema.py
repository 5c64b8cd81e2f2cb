#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed with --json is as packaging/ipfwadm.schema.json says, and the manual.

Each command is checked against its own part of the schema, in which no other members are
allowed; a member that the schema requires or allows must have been seen somewhere.
"""
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("SKIP no python3-jsonschema here\n0 passed, 0 failed, 1 skipped")
    sys.exit(77)

ROOT = os.getcwd()
PROGRAM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
with open("packaging/ipfwadm.schema.json", encoding="utf-8") as f:
    SCHEMA = json.load(f)
with open("man/ipfwadm-json.5", encoding="utf-8") as f:
    MANUAL = f.read()
RULES = """
interface eth0 192.168.1.1/24
interface ppp0 198.51.100.17/32
-M -s 900 120 300
-I -p deny
-F -p accept
ipv6 deny
-A in -a -P tcp -S 192.168.1.0/24 -D 0.0.0.0/0 80
-I -a accept -b -P tcp -S 192.168.1.0/24 1024:65535 -D 0.0.0.0/0 22 -W eth0 -y
-I -a accept -P tcp -S 0.0.0.0/0 -D 198.51.100.17 25 80 -W ppp0 -k -t 0x01 0x10
-I -a accept -P icmp -S 0.0.0.0/0 0 3 -D 0.0.0.0/0 -V 198.51.100.17
-I -a accept -P udp -S 192.168.1.0/24 -D 0.0.0.0/0 53 -r 5353 --comment "names"
-I -a accept -P tcp -S 192.168.1.0/24 -D 0.0.0.0/0 21 --helper ftp --keep-state
-I -a accept --state established,related
-I -a accept -W eth0 -S 192.168.1.0/24
-I -a deny -o
-I -a deny -P tcp -S 10.0.0.0/8 -D 0.0.0.0/0 99
-F -a masquerade -W ppp0 -S 192.168.1.0/24
"""
OTHER = "-I -p accept\n-O -a reject -P tcp -D 203.0.113.5 25\n"
PORTS = """-M --forward -a -P tcp -D 198.51.100.17 8080 --to 192.168.1.2:80
-M --forward -a -P udp -D 0.0.0.0/0 27000:27010 --trigger tcp 6000 --trigger-time 9
-M --forward -a -P tcp -D 0.0.0.0/0 99 --same-port
-M --forward -a -P tcp -D 0.0.0.0/0 2121 --helper ftp
"""
MISTAKES = "-I -a acept\n-I -p deny\n"
INEXACT = RULES[:RULES.index("-M")] + """-F -a masquerade -W ppp0 -S 192.168.1.0/24
-O -a reject -S 0.0.0.0/0 -D 10.0.0.0/8 -W ppp0
"""
TCP = ["-P", "tcp", "-S", "192.168.1.9", "1025", "-D", "203.0.113.5"]
COMMANDS = [    # part of the schema, words; the status may be any that has a document
    ("rules", ["save"]), ("rules", ["save", "--counters"]), ("rules", ["dump", "json"]),
    ("rules", ["dump", "json", "other"]),
    ("rules", ["translate", "--to", "json", "--partial", "script"]),
    *[("list", [f"-{letter}", "-l"]) for letter in "AIFO"],
    ("forwards", ["--backend", "sim:ports", "-M", "--forward", "-l"]),
    ("rules", ["--backend", "sim:ports", "save"]),
    ("change", ["load", "--check", "other"]), ("change", ["load", "state"]),
    ("change", ["run", "--dry-run", "script"]),
    # commands that edit, the second of two alike changes nothing
    *[("change", ["--backend", "sim:edited", *words.split()]) for words in (
        "-I -a deny -S 10.0.0.0/8", "-I -d deny -S 10.9.0.0/8", "-I -p deny", "-I -p deny",
        "-A -i -P tcp", "-I -z", "-M -s 1 2 3", "-F -f", "-T -s udp 29", "-T -f", "-T -d -P tcp",
        "-M --forward -a -P tcp -D 192.0.2.1 80 --to 10.0.0.1", "load inexact")],
    ("gate", ["--backend", "sim:edited", "ipv6", "deny"]),
    ("checks", ["-I", "-c", "-P", "tcp", "-S", "192.168.1.9", "1025", "-D", "198.51.100.17",
                "25", "-W", "ppp0", "-V", "198.51.100.17"]),
    *[("translation", ["dump", *words.split()]) for words in (
        "nft inexact", "iptables inexact", "ip6tables", "ipfwadm state")],
    ("translation", ["optimise", "state"]), ("translation", ["translate", "script"]),
    # mistakes, and what has no other document
    *[("report", words.split()) for words in (
        "load mistakes", "load -n mistakes", "load -n inexact", "load nowhere", "laod x",
        "-I -a acept", "save --frobnicate", "trace -P tcp", "diff mistakes other", "run nowhere",
        "dump nft mistakes", "-I --frobnicate", "lint mistakes")],
    ("diff", ["diff", "inexact", "translated"]),
    ("gate", ["ipv6"]), ("backends", ["backends"]), ("lint", ["lint"]),
    ("diff", ["diff", "live", "other"]), ("diff", ["diff", "other", "live"]),
    ("diff", ["diff", "--level", "counters", "state", "other"]), ("lint", ["lint", "state"]),
    ("prove", ["prove"]), ("prove", ["prove", "--budget", "1", "state"]),
    ("trace", ["trace", *TCP, "80", "-W", "eth0", "-y", "--reply", "--keep"]),
    ("trace", ["trace", *TCP, "80", "-W", "eth0", "-y", "--error", "unreachable"]),
    ("trace", ["trace", "-P", "udp", "-S", "192.168.1.9", "1025", "-D", "203.0.113.5", "53",
               "-W", "eth0"]),
    ("trace", ["trace", "-P", "tcp", "-S", "10.0.0.9", "1025", "-D", "198.51.100.17", "99",
               "-W", "ppp0", "-y"]),
    ("trace", ["trace", "-P", "icmp", "-S", "203.0.113.5", "8", "-D", "198.51.100.17", "-W",
               "ppp0", "-v"]),
    ("trace", ["--backend", "sim:strict", "trace", "-P", "tcp", "-S", "192.168.1.1", "1", "-D",
               "203.0.113.5", "25", "-y"]),
    ("trace", ["--backend", "sim:strict", "trace", "-P", "tcp", "-S", "203.0.113.5", "1", "-D",
               "198.51.100.17", "113", "-y", "-W", "ppp0"]),
    ("diff", ["diff", "plain", "redirect"]), ("diff", ["diff", "plain", "ports"]),
    ("trace", ["trace", "--rules", "forwarding", "-P", "tcp", "-S", "203.0.113.5", "1025", "-D",
               "198.51.100.17", "8080", "-W", "ppp0", "-y"]),
    ("trace", ["trace", "-P", "icmp", "-S", "192.168.1.9", "8", "-D",
               "203.0.113.5", "-W", "eth0", "--keep"]),
    ("trace", ["trace", "-P", "udp", "-S", "192.168.1.9", "1026", "-D", "203.0.113.5", "53",
               "-W", "eth0", "--keep"]),
    ("masqueraded_connections", ["-M", "-l"]), ("tracked_connections", ["-T", "-l"]),
    ("tracked_connections", ["-T", "-l", "-e"]), ("tracked_timeouts", ["-T", "-s"]),
]
# what the simulator's connections do not have, events, which tests/live/follow.py checks, a
# helper's edits, and a translation that is wrong
UNSEEN = {"counters.packets", "counters.bytes", "tracked_connection.sent",
          "tracked_connection.answered", "tracked_connection.redirect_address",
          "tracked_connection.redirect_port", "step.text", "proof.difference",
          *(f"tracked_event.{member}" for member in SCHEMA["$defs"]["tracked_event"]
            ["properties"]), "proof.packet", "proof.rules", "proof.translated"}


class Checker:
    """Validates documents, and notes the members that were there."""

    def __init__(self):
        self.seen = set()

    def note(self, part, value):
        schema = SCHEMA["$defs"][part] if isinstance(part, str) else part
        name = part if isinstance(part, str) else None
        if "$ref" in schema:
            self.note(schema["$ref"].rsplit("/", 1)[1], value)
        for option in schema.get("anyOf", []):
            if jsonschema.Draft202012Validator({**SCHEMA, "anyOf": [option]}).is_valid(value):
                self.note(option, value)
        if isinstance(value, list) and "items" in schema:
            for each in value:
                self.note(schema["items"], each)
        if isinstance(value, dict):
            for member, each in value.items():
                if name:
                    self.seen.add(f"{name}.{member}")
                if member in schema.get("properties", {}):
                    self.note(schema["properties"][member], each)

    def errors(self, part, document):
        validator = jsonschema.Draft202012Validator(
            {**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{part}"}]})
        found = [f"{list(e.absolute_path)}: {e.message[:300]}"
                 for error in validator.iter_errors(document)
                 for e in (error.context or [error])]
        if not found:
            self.note(part, document)
        return found


def members():
    for name, schema in SCHEMA["$defs"].items():
        for member in schema.get("properties", {}):
            if member != "diagnostics":     # each document may have some
                yield name, member


def main():
    checker, wrong, passed = Checker(), [], 0
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        files = {"state": RULES, "other": OTHER, "ports": PORTS, "plain": RULES,
                 "redirect": RULES.replace("5353", "5354"),
                 "forwarding": RULES[:RULES.index("-M")] + PORTS,
                 "strict": OTHER + RULES[:RULES.index("-M")] +
                 "-I -a reject -P tcp -S 0.0.0.0/0 -D 198.51.100.17 113\n",
                 "mistakes": MISTAKES, "inexact": INEXACT,
                 "script": "#!/bin/sh\nipfwadm -I -a deny -S 10.0.0.0/8\n"
                           "ipportfw -A -t 192.0.2.1/80 -R 10.0.0.5/80\n"}
        for name, text in files.items():
            with open(name, "w", encoding="ascii") as f:
                f.write(text)
        env = dict(os.environ, IPFWADM_BACKEND="sim:state")
        with open("translated", "w", encoding="ascii") as f:
            subprocess.run([PROGRAM, "dump", "iptables", "inexact"], stdout=f, check=False,
                           stderr=subprocess.DEVNULL)
        for part, words in COMMANDS:
            p = subprocess.run([PROGRAM, "--json", *words], env=env, text=True,
                               capture_output=True, check=False, stdin=subprocess.DEVNULL)
            try:
                found = checker.errors(part, json.loads(p.stdout))
            except ValueError:
                found = [f"status {p.returncode}: {p.stdout[:200]!r} {p.stderr[:300]!r}"]
            passed += not found
            wrong += [f"{' '.join(words)}: {each}" for each in found[:4]]
        os.chdir("/")
    for name, member in members():
        if f"{name}.{member}" not in checker.seen | UNSEEN:
            wrong.append(f"the schema has {name}.{member}, which was not seen")
        else:
            passed += 1
    manual = subprocess.run(["packaging/json-manual"], check=True, capture_output=True,
                            text=True, cwd=ROOT).stdout
    if manual == MANUAL:
        passed += 1
    else:
        wrong.append("man/ipfwadm-json.5 is not what packaging/json-manual writes")
    for each in wrong:
        print("FAIL", each)
    print(f"{passed} passed, {len(wrong)} failed")
    return bool(wrong)


sys.exit(main())
