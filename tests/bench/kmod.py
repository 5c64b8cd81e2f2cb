#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions per forwarded packet, beyond those of a gateway without firewall.

	kmod.py [--record | --short]

One processor of qemu counts the instructions of a guest, so a figure is the same in
each run.  A row of the table is a packet's way through the module, xtables or nft with
rules of the same meaning; below it are the functions in which the module's packet
spends most.  tests/bench/kmod.table has the figures in force: a row of the module that
grows by more than 1 % fails, and the functions that grew are printed, if the kernel and
its compiler are those of that table.  If not, both tables are printed.

--record writes the table; --short measures the first rows of the module alone.
$KERNELS is the kernel (6.1).

Copies of a string count once for each step, and what a miss of the cache costs is not
seen.
"""
import bisect
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.realpath(os.environ.get("BUILD", "build"))
KERNEL = os.environ.get("KERNELS", "6.1").split()[0]
LICENCE = "# SPDX-License-Identifier: GPL-2.0-or-later"
TABLE = os.path.join(HERE, "kmod.table")
PACKETS = 10        # between two marks: tests/programs/packet-cost.c
SHOWN = 40         # instructions of a function that is printed
GROWTH = 1.01
NOISE = 10         # instructions by which two builds of the same path differ

FIREWALLS = ["module", "xtables", "nft"]
FW = "IPFWADM_BACKEND=kmod $BUILD/bin/ipfwadm"


# how rules are loaded, what is before them, a rule that drops the packet, what is after them
LOAD = {
    "module": (f"{FW} load -", "",
               "-I -a deny -P udp -S {} 5000 -D 10.0.2.2 {}", ""),
    "xtables": ("iptables-legacy-restore", "*filter",
                "-A FORWARD -s {} -d 10.0.2.2 -p udp -m udp --sport 5000 --dport {} -j DROP",
                "COMMIT"),
    "nft": ("nft -f -", "table ip t {\nchain f {\ntype filter hook forward priority 0;",
            "ip saddr {} ip daddr 10.0.2.2 udp sport 5000 udp dport {} counter drop", "}\n}"),
}


def load(firewall, differs, n):
    """Loads n rules from which the packet differs."""
    command, head, rule, tail = LOAD[firewall]
    values = [(f"10.9.{i // 250}.{i % 250 + 1}", 7) if differs == "source" else
              ("10.0.1.2", 10000 + i) for i in range(n)]
    return "\n".join([f"{command} <<'.'", head, *(rule.format(*v) for v in values), tail, "."])


STATE = {
    "module": f"{FW} -F -a accept --state established",
    "xtables": "iptables-legacy -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT",
    "nft": "nft 'table ip t { chain f { type filter hook forward priority 0; "
           "ct state established accept; }; }'",
}


def masquerade(ports):
    return {
        "module": f"{FW} -F -a masquerade -S 10.0.1.0/24",
        "xtables": "\n".join(
            f"iptables-legacy -t nat -A POSTROUTING -o s0 -p {proto} -j MASQUERADE "
            f"--to-ports {ports}" for proto in ("udp", "tcp")),
        "nft": "nft 'table ip t { chain p { type nat hook postrouting priority 100; "
               f"ip protocol {{ udp, tcp }} oifname s0 masquerade to :{ports}; }}; }}'",
    }


MASQ, MASQ_ONE = masquerade("61000-65095"), masquerade("61000-61000")

# a packet between client and server, and those before it; "base" names what it costs
# without firewall
UDP = ["out repeat udp 5000 10.0.2.2 7"]
UDP_BOTH = ["out send udp 5000 10.0.2.2 7", "back send udp 7 10.0.1.2 5000", *UDP]


def tcp(to, port, measured):
    """A connection of port 4000, whose answers go to `to` and `port`."""
    return ["out send tcp 4000 10.0.2.2 80 0x02 0x1000000 0",
            f"back send tcp 80 {to} {port} 0x12 0x2000000 0x1000001",
            "out send tcp 4000 10.0.2.2 80 0x10 0x1000001 0x2000001",
            {"out": "out repeat tcp 4000 10.0.2.2 80 0x10 0x1000001 0x2000001",
             "in": f"back repeat tcp 80 {to} {port} 0x10 0x2000001 0x1000001"}[measured]]


UDP_FIRST = ["out vary udp 10000 10.0.2.2 9"]
SYN_FIRST = ["out vary tcp 10000 10.0.2.2 9 0x02 0x1000000 0"]
INSIDE = ("10.0.1.2", 4000)
OUTSIDE = ("10.0.2.1", 61000)

BASE = {
    "UDP": UDP,
    "TCP out": tcp(*INSIDE, "out"),
    "TCP in": tcp(*INSIDE, "in"),
    "first UDP": UDP_FIRST,
    "first SYN": SYN_FIRST,
}

# name, base, packets, setup of each firewall, target
ROWS = [
    ("no rules", "UDP", UDP,
     {"module": ":", "xtables": "iptables-legacy -nL >/dev/null",
      "nft": load("nft", "source", 0)}, 0),
    ("a rule, source differs", "UDP", UDP,
     {fw: load(fw, "source", 1) for fw in FIREWALLS}, 256),
    ("101 rules, source differs", "UDP", UDP,
     {fw: load(fw, "source", 101) for fw in FIREWALLS}, 856),
    ("a rule, port differs", "UDP", UDP,
     {fw: load(fw, "port", 1) for fw in FIREWALLS}, 295),
    ("101 rules, port differs", "UDP", UDP,
     {fw: load(fw, "port", 101) for fw in FIREWALLS}, 4795),
    ("10,000 rules, source differs", "UDP", UDP,
     {fw: load(fw, "source", 10000) for fw in FIREWALLS}, None),
    ("an accounting rule", "UDP", UDP,
     {"module": f"{FW} -A in -a -P udp -S 10.9.9.9"}, 300),
    ("tracked, established UDP", "UDP", UDP_BOTH, STATE, 1170),
    ("tracked, established TCP", "TCP out", tcp(*INSIDE, "out"), STATE, 1370),
    ("tracked, first UDP", "first UDP", UDP_FIRST, STATE, 1900),
    ("tracked, first SYN", "first SYN", SYN_FIRST, STATE, 2300),
    ("masqueraded TCP out", "TCP out", tcp(*OUTSIDE, "out"), MASQ_ONE, 1700),
    ("masqueraded TCP in", "TCP in", tcp(*OUTSIDE, "in"), MASQ_ONE, 1530),
    ("masqueraded UDP out", "UDP", UDP, MASQ, 1540),
    ("masqueraded, first UDP", "first UDP", UDP_FIRST, MASQ, 4000),
    ("masqueraded, first SYN", "first SYN", SYN_FIRST, MASQ, 4600),
]
SHORT = 4

# the gateway, in a namespace of its own, with two neighbours whose addresses are wrong
NET = """
net() {
	for ns in gate client server; do ip netns add $ns; done
	ip link add c0 netns gate address 02:00:00:00:00:01 type veth peer name e netns client
	ip link add s0 netns gate address 02:00:00:00:00:02 type veth peer name e netns server
	for ns in gate client server; do
		ip netns exec $ns sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
			echo 1 >/proc/sys/net/ipv4/ip_forward'
	done
	ip -n client link set e up
	ip -n server link set e up
	ip -n gate -batch - <<-.
		link set c0 up
		link set s0 up
		address add 10.0.1.1/24 dev c0
		address add 10.0.2.1/24 dev s0
		neighbour replace 10.0.1.2 lladdr 02:00:00:00:00:13 nud permanent dev c0
		neighbour replace 10.0.2.2 lladdr 02:00:00:00:00:14 nud permanent dev s0
	.
}
out() { packet client 02:00:00:00:00:01 10.0.1.2 "$@"; }
back() { packet server 02:00:00:00:00:02 10.0.2.2 "$@"; }
packet() {
	ns=$1 mac=$2 from=$3 how=$4 proto=$5
	shift 5
	ip netns exec $ns $BUILD/tests/packet-cost $how e $mac $proto $from "$@"
}
end() { for ns in gate client server; do ip netns del $ns; done; }
set -e
"""


def script(measurements):
    """What the machine does: [(name, setup, packets)]."""
    text = [NET, "rmmod ipfwadm"]
    loaded = False
    for (firewall, name), setup, packets in measurements:
        if firewall == "module" and not loaded:
            loaded = True
            text.append("modprobe ipfwadm")
        text += ["net", "cat >setup <<'..'", setup or ":", "..",
                 "ip netns exec gate sh -e ./setup", *packets, "end"]
    return "\n".join([*text, "cat /proc/kallsyms", ""])


def boot(measurements):
    """Profiles of the measurements: instructions per packet of each function."""
    with tempfile.TemporaryDirectory() as scratch:
        build = os.path.join(scratch, "build")
        os.makedirs(os.path.join(build, "bin"))
        os.makedirs(os.path.join(build, "tests"))
        for name in ("bin/ipfwadm", "tests/packet-cost"):
            shutil.copy(os.path.join(BUILD, name), os.path.join(build, name))
        for name in ("kmod", "qemu", "kernels"):
            os.makedirs(os.path.join(BUILD, name), exist_ok=True)
            os.symlink(os.path.join(BUILD, name), os.path.join(build, name))
        guest, out = os.path.join(scratch, "guest"), os.path.join(scratch, "profile")
        with open(guest, "w") as f:
            f.write(script(measurements))
        command = ["tests/qemu/run", "--kernel", KERNEL, "--plugin",
                   f"{os.path.join(BUILD, 'tests/icount.so')},out={out}", "--file", guest]
        for tool in ("ip", "iptables-legacy", "iptables-legacy-restore"):
            command += ["--file", shutil.which(tool) or sys.exit(f"{tool} is not installed")]
        for arch in os.listdir("/usr/lib"):
            if os.path.isdir(f"/usr/lib/{arch}/xtables"):
                command += ["--file", f"/usr/lib/{arch}/xtables"]
        run = subprocess.run(
            [*command, "--", "bash", "-c", f"cd /tmp && . {guest}"],
            env=os.environ | {"BUILD": build}, stdout=subprocess.PIPE, text=True)
        if run.returncode:
            sys.exit(f"{run.stdout[-2000:]}\nthe machine ended with status {run.returncode}")
        with open(out) as f:
            profiles = f.read().split("profile\n")[1:]
    if len(profiles) != len(measurements):
        sys.exit(f"{len(profiles)} profiles of {len(measurements)} measurements")
    symbols = symbols_read(run.stdout)
    return {m[0]: profile_read(text, symbols) for m, text in zip(measurements, profiles)}


def symbols_read(text):
    found = {int(m[1], 16): m[2] for m in
             re.finditer(r"^([0-9a-f]{16}) [tTwW] (\S+)", text, re.M)}
    addresses = sorted(found)
    return addresses, [found[a] for a in addresses]


def profile_read(text, symbols):
    addresses, names = symbols
    counter = collections.Counter()
    for line in text.splitlines():
        address, n = line.split()
        i = bisect.bisect_right(addresses, int(address, 16)) - 1
        counter[names[i] if i >= 0 else "user"] += int(n)
    return {name: n / PACKETS for name, n in counter.items()}


def difference(profile, base):
    """Functions of profile beyond base."""
    beyond = {name: profile.get(name, 0) - base.get(name, 0) for name in {*profile, *base}}
    return {name: n for name, n in beyond.items() if n}


def measure(short):
    measurements = [(("none", name), None, packets) for name, packets in BASE.items()
                    if not short or name == "UDP"]
    firewalls = FIREWALLS if not short else FIREWALLS[:1]
    for firewall in firewalls[::-1]:
        measurements += [((firewall, row[0]), row[3][firewall], row[2])
                         for row in ROWS[:SHORT if short else None] if firewall in row[3]]
    profiles = boot(measurements)
    return {(firewall, row[0]): difference(profiles[firewall, row[0]],
                                           profiles["none", row[1]])
            for row in ROWS for firewall in firewalls if (firewall, row[0]) in profiles}


def environment():
    """Release of the kernel, and the module's compiler."""
    found = subprocess.run(["tests/qemu/kernel", KERNEL], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.splitlines()
    module = os.path.join(BUILD, "kmod", found[0], "ipfwadm.ko")
    comment = subprocess.run(["readelf", "-p", ".comment", module], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    return f"Linux {found[0]}, {re.search(r'] *(.*)', comment)[1]}"


def table(where, figures):
    """The table as text."""
    lines = [where, f"{'instructions per packet':31}{'module':>9}{'xtables':>9}"
                        f"{'nft':>9}{'target':>9}"]
    for name, _, _, _, target in ROWS:
        if not any((fw, name) in figures for fw in FIREWALLS):
            continue
        sums = [sum(figures[fw, name].values()) if (fw, name) in figures else None
                for fw in FIREWALLS]
        cells = [f"{'-' if n is None else round(n):>9}" for n in [*sums, target]]
        lines.append(f"{name:31}{''.join(cells)}")
        most = sorted(figures.get(("module", name), {}).items(),
                      key=lambda item: (-item[1], item[0]))
        lines += textwrap.wrap(
            ", ".join(f"{function} {round(n)}" for function, n in most if n >= SHOWN),
            width=96, initial_indent="    ", subsequent_indent="    ")
    return "\n".join([*lines, ""])


def table_read():
    """Of the table in force: where it was measured, and the module's figures."""
    rows, functions, name = {}, {}, None
    with open(TABLE) as f:
        _, where, _, *lines = f.read().splitlines()
    for line in lines:
        if line.startswith(" "):
            for function, n in re.findall(r"(\S+) (\d+)", line):
                functions[name][function] = int(n)
        else:
            name, figure = re.match(r"(.{31}) *(-?\d+)", line).groups()
            name = name.strip()
            rows[name], functions[name] = int(figure), {}
    return where, rows, functions


def compare(figures, rows, functions):
    """Prints the rows of the module that grew; how many."""
    grown = 0
    for (firewall, name), now in figures.items():
        n = round(sum(now.values()))
        if firewall != "module" or n <= max(rows[name] * GROWTH, rows[name] + NOISE):
            continue
        grown += 1
        print(f"FAIL {name}: {n} instructions, not {rows[name]}")
        for function, after in sorted(now.items(), key=lambda item: -item[1]):
            before = functions[name].get(function, 0)
            if after >= max(before * GROWTH, SHOWN):
                print(f"     {function}: {round(after)}, not {before or f'below {SHOWN}'}")
    return grown


def main():
    short, record = "--short" in sys.argv, "--record" in sys.argv
    figures = measure(short)
    where = environment()
    if record:
        with open(TABLE, "w") as f:
            f.write(f"{LICENCE}\n{table(where, figures)}")
        return 0
    print(table(where, figures))
    before, rows, functions = table_read()
    if before != where:
        with open(TABLE) as f:
            print(f.read())
        print(f"SKIP the table is of {before}: make bench-kmod RECORD=1 makes one of {where}")
        return 77
    grown = compare(figures, rows, functions)
    measured = sum(firewall == "module" for firewall, _ in figures)
    print(f"{measured - grown} passed, {grown} failed")
    return grown > 0


if __name__ == "__main__":
    sys.exit(main())
