#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
"""Rules of others are byte for byte the same after each of our commands.

All that the kernel tells of other tables than ours is compared, counters included,
and so is what iptables-legacy saves.  There is no traffic.
"""
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
BACKEND = os.environ.get("BACKEND", "nft")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))

FOREIGN = """
table ip mine {
	comment "of others"
	counter seen { packets 7 bytes 700 }
	quota most { over 25 mbytes used 3 bytes }
	limit slowly { rate 5/second burst 7 packets }
	ct helper ftp-any { type "ftp" protocol tcp; }
	set hosts { type ipv4_addr; flags interval; counter
		elements = { 192.0.2.1 counter packets 5 bytes 55, 198.51.100.0/24 } }
	map ports { type inet_service : ipv4_addr; elements = { 80 : 10.0.0.1, 25 : 10.0.0.2 } }
	map ways { type ifname : verdict; elements = { "eth0" : accept, "ppp0" : jump ipfwadm } }
	chain input {
		type filter hook prerouting priority mangle; policy drop;
		counter packets 3 bytes 300 comment "-I -a accept -S 10.0.0.0/8 -D 0.0.0.0/0"
		ip saddr @hosts counter name seen quota name "most" accept
		iifname vmap @ways
	}
	chain ipfwadm { counter packets 1 bytes 2 meta mark set meta mark | 0x00010000 drop; }
	chain masqueraded { type nat hook postrouting priority srcnat; masquerade; }
	chain redirected { type nat hook prerouting priority dstnat; dnat to tcp dport map @ports; }
}
table ip6 ipfwadm {
	chain input { type filter hook input priority 0; counter packets 5 bytes 50; }
}
table inet ipfwadm {
	set seen { type inet_service; flags dynamic; elements = { 22, 23 } }
	chain input { type filter hook input priority 0; tcp dport { 1, 5-9 } accept; }
}
table arp ipfwadm {
	chain input { type filter hook input priority 0; counter packets 8 bytes 9; }
}
table bridge ipfwadm {
	chain forward { type filter hook forward priority 0; ip daddr 1.2.3.4 counter; }
}
table netdev ipfwadm {
	chain in { type filter hook ingress device "eth0" priority 0; counter packets 6 bytes 7; }
}
table ip ipfwadm2 {
	chain acct-in { counter packets 9 bytes 99; }
}
table ip dormant {
	flags dormant
	chain input { type filter hook input priority 0; }
}
"""

LEGACY = """*filter
:INPUT DROP [4:400]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [1:2]
:ipfw-input - [0:0]
[7:700] -A INPUT -s 192.0.2.1/32 -m comment --comment "-I -a deny -S 192.0.2.1" -j ipfw-input
[1:28] -A ipfw-input -p udp -m udp --dport 53 -j ACCEPT
COMMIT
*mangle
:PREROUTING ACCEPT [3:4]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
[5:6] -A PREROUTING -j MARK --set-xmark 0x10000/0x10000
COMMIT
"""

SAVED = """-I -p deny
-I -a accept -P tcp -S 10.0.0.0/8 -D 0.0.0.0/0 25 80 -W eth0
-I -i deny -P udp -S 10.0.0.0/8 -D 0.0.0.0/0 2000:3000 -o
-F -a masquerade -S 10.0.0.0/8 --keep-state
-F -a masquerade -P tcp -S 10.0.0.0/8 -D 0.0.0.0/0 21 --helper ftp
-A -a -S 10.0.0.0/8 -b
-O -a reject -t 0x01 0x10 -V 10.0.0.1
"""

# with xtables, chains that are called so are ours
if BACKEND == "xtables":
    LEGACY = LEGACY.replace("ipfw-input", "ipfwinput")

# words for the shell; {0} is a file of rules
COMMANDS = [
    "-I -l", "save", "-I -f", "-I -a deny -S 192.0.2.1", "-I -i accept -P tcp -D 0/0 1 2 7:9",
    "-I -d deny -S 192.0.2.1", "-I -d deny -S 192.0.2.77 || true", "-I -p deny", "-I -p reject",
    "-F -a masquerade -S 10.0.0.0/8", "-F -a accept -S 10.9.0.0/16 --keep-state",
    "-F -a m -P tcp -S 10.0.0.0/8 -D 0/0 21 --helper ftp", "-F -p m", "-O -a reject -V 10.0.0.1",
    "-O -i accept -P icmp -b -t 0x01 0x10 -o", "-O -p deny", "-A -a -b", "-A in -i -W eth0",
    "-I -i accept -P tcp -S 10.0.0.0/8 -D 0/0 80 -r 3128", "-I -l -z -n -e -x", "-A -l -z",
    "-I -z", "-F -z", "-A -z", "-M -s 100 10 20", "-M -l -n", "-T -l",
    "-I -c -P tcp -W eth0 -V 10.0.0.1 -S 1.1.1.1 1 -D 10.0.0.1 25", "save --counters",
    "load -n {0}", "load {0}", "load {0}", "load --append {0}", "load /dev/null", "load {0}",
    "load /etc/services || true", "dump nft", "dump iptables", "dump json", "backends",
    "-T -f", "refresh", "-F -f", "-A -f", "-O -f", "-I -f", "load {0}",
]

# others do this to their own rules, each time seen by the comparison
PLANTED = [
    "nft reset counter ip mine seen", "nft add element ip mine hosts {{ 203.0.113.1 }}",
    "nft flush chain ip ipfwadm2 acct-in", "nft delete table inet ipfwadm",
    "nft add chain ip mine another", "iptables-legacy -Z INPUT",
]

# others do this to our rules: add one, and delete all
INTRUDE = {"nft": "nft insert rule ip ipfwadm input accept",
           "xtables": "iptables-legacy -t mangle -I ipfw-input -j ACCEPT"}[BACKEND]
DELETE = {"nft": "nft delete table ip ipfwadm",
          "xtables": "iptables-legacy-save -c | grep -v ipfw- | iptables-legacy-restore -c",
          }[BACKEND]

NFNL = 10 << 8
GET = {"table": 1, "chain": 4, "rule": 7, "set": 10, "element": 13, "object": 19}
REQUEST, DUMP, ACKS, DONE, ERROR = 1, 0x300, 4, 3, 2


def attribute(kind, text):
    data = text.encode() + b"\0"
    return struct.pack("HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def attributes(data):
    """Attributes of a message by type; those of ours may come more than once."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


class Kernel:
    """What nf_tables tells, as bytes."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.socket.bind((0, 0))

    def dump(self, what, family=0, names=b""):
        """(family, bytes) of each thing of this kind; neither numbers of messages nor
        the generation of the rules, which changes with ours, are among them."""
        self.socket.send(struct.pack("IHHII", 20 + len(names), NFNL | GET[what],
                                     REQUEST | DUMP, 0, 0) +
                         struct.pack("!BBH", family, 0, 0) + names)
        found = []
        while True:
            data = self.socket.recv(1 << 18)
            while data:
                length, kind = struct.unpack_from("IH", data)
                if kind == DONE:
                    return found
                if kind == ERROR:
                    raise OSError(-struct.unpack_from("i", data, 16)[0], f"dump {what}")
                found.append((data[16], data[20:length]))
                data = data[(length + 3) & ~3:]

    def foreign(self):
        found = []
        for what in ("table", "chain", "rule", "set", "object"):
            for family, data in self.dump(what):
                names = attributes(data)
                if (family, names[1]) != (socket.AF_INET, b"ipfwadm\0"):
                    found.append((what, family, data))
                    if what == "set":
                        found.extend(self.elements(family, names))
        return found

    def elements(self, family, names):
        wanted = attribute(1, names[1][:-1].decode()) + attribute(2, names[2][:-1].decode())
        return [("element", family, data) for _, data in self.dump("element", family, wanted)]


def legacy():
    """Under the lock: a change by who was killed is done to its end."""
    lock = ["flock", os.environ["XTABLES_LOCKFILE"]]
    saved = [subprocess.run([*lock, save, "-c"], check=True, capture_output=True,
                            text=True).stdout
             for save in ("iptables-legacy-save", "ip6tables-legacy-save")]
    return [line for text in saved for line in text.splitlines()
            if not line.startswith("#") and (BACKEND == "nft" or "ipfw-" not in line)]


class Suite:
    def __init__(self, scratch):
        self.passed = self.failed = 0
        self.kernel = Kernel()
        self.rules = os.path.join(scratch, "rules")
        with open(self.rules, "w", encoding="ascii") as f:
            f.write(SAVED)

    def check(self, name, good, told=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAIL {name}\n{told}")

    def state(self):
        return self.kernel.foreign(), legacy()

    def unchanged(self, name, before):
        now = self.state()
        gone = [str(x) for a, b in zip(before, now) for x in a if x not in b]
        new = [str(x) for a, b in zip(before, now) for x in b if x not in a]
        self.check(f"{name}: rules of others stay as they are", now == before,
                   "\n".join([f"- {x}" for x in gone] + [f"+ {x}" for x in new]))

    def run(self, command):
        return subprocess.run(["sh", "-c", command], check=False, capture_output=True,
                              text=True)

    def command(self, words, before):
        p = self.run(f"'{IPFWADM}' --backend {BACKEND} " + words.format(f"'{self.rules}'"))
        self.check(words, p.returncode in ((0, 3) if words.startswith("dump") else (0,)),
                   p.stderr)
        self.unchanged(words, before)

    def interfaces_change(self, before):
        for change in ("addr del 10.0.0.1/24", "addr add 10.0.0.1/24"):
            self.run(f"ip {change} dev eth0")
            self.command("refresh", before)

    def repair(self, before):
        self.run(INTRUDE)
        before = self.state()  # iptables does not keep counters of policies
        self.command("-I -l", before)
        self.command("refresh", before)
        self.run(DELETE)
        self.unchanged("all of ours is deleted", before)
        self.command("-I -a deny -S 192.0.2.1", before)

    def kill(self, before):
        with open(self.rules, "a", encoding="ascii") as f:
            for i in range(4000):
                f.write(f"-I -a deny -P tcp -S 10.{i >> 8}.{i & 255}.0/24 -D 0/0 25\n")
        for i in range(10):
            with subprocess.Popen([IPFWADM, "--backend", BACKEND, "load", self.rules]) as p:
                time.sleep(0.01 * i)
                p.send_signal(signal.SIGKILL)
            self.unchanged(f"killed after {10 * i} ms", before)

    def planted(self):
        for command in PLANTED:
            before = self.state()
            p = self.run(command.format())
            self.check(command, p.returncode == 0, p.stderr)
            self.check(f"{command}: is noticed", self.state() != before)


def network_make():
    for path in ("all", "default"):
        try:
            with open(f"/proc/sys/net/ipv6/conf/{path}/disable_ipv6", "w",
                      encoding="ascii") as f:
                f.write("1")
        except FileNotFoundError:
            pass
    for command in ("link add eth0 type bridge", "link add ppp0 type bridge",
                    "addr add 10.0.0.1/24 dev eth0"):
        subprocess.run(["ip"] + command.split(), check=True)
    subprocess.run(["nft", "-f", "-"], input=FOREIGN, text=True, check=True)
    subprocess.run(["iptables-legacy-restore", "-c"], input=LEGACY, text=True, check=True)
    for table in ("raw", "nat"):
        subprocess.run(["iptables-legacy", "-t", table, "-S"], check=True, capture_output=True)
    subprocess.run(["ip6tables-legacy", "-A", "INPUT", "-c", "3", "4", "-j", "DROP"], check=True)


def main():
    namespace.enter("nft list ruleset")
    network_make()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XTABLES_LOCKFILE"] = os.path.join(scratch, "lock")
        suite = Suite(scratch)
        before = suite.state()
        for words in COMMANDS:
            suite.command(words, before)
        suite.interfaces_change(before)
        suite.repair(before)
        suite.kill(suite.state())
        suite.planted()
    print(f"{suite.passed} passed, {suite.failed} failed")
    sys.exit(1 if suite.failed else 0)


if __name__ == "__main__":
    main()
