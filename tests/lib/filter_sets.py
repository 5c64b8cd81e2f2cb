#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rule sets as other programs leave them in a kernel: docker, ufw, ferm.

usage: filter_sets.py docker|ufw|ferm SEED iptables|nft

A set is made of the same seed for both, and means the same: what is one rule with a set or
a map for nft is several rules for iptables.  The host has these interfaces:

    eth0 192.0.2.1/24 (the way out)   eth1 192.168.1.1/24   docker0 172.17.0.1/16
    br-1 172.18.0.1/16                tun0 10.8.0.1/24      eth9 198.51.100.1/24 (unnamed)
"""
import itertools
import random
import sys

HOOKS = {"PREROUTING": "prerouting", "INPUT": "input", "FORWARD": "forward",
         "OUTPUT": "output", "POSTROUTING": "postrouting"}
PRIORITIES = {"raw": -300, "mangle": -150, "filter": 0}
NAT_PRIORITIES = {"PREROUTING": -100, "OUTPUT": -100, "INPUT": 100, "POSTROUTING": 100}
REJECTIONS = {"icmp-port-unreachable": "icmp type port-unreachable",
              "icmp-host-prohibited": "icmp type host-prohibited",
              "icmp-net-unreachable": "icmp type net-unreachable", "tcp-reset": "tcp reset"}
NETS = ["10.0.0.0/8", "192.168.1.0/24", "172.17.0.0/16", "203.0.113.0/25", "192.0.2.0/24",
        "198.18.0.0/15", "10.8.0.0/24", "203.0.113.66", "192.168.1.7", "172.18.0.4"]
PORTS = ["22", "25", "53", "80", "113", "443", "1024:65535", "6000:6063", "8080", "33434:33523"]
ICMP = {"echo-request": "8", "destination-unreachable": "3", "time-exceeded": "11",
        "parameter-problem": "12", "echo-reply": "0"}


class Condition:
    """One of a rule; values: the packet has any of them."""

    def __init__(self, kind, *values, inverted=False):
        self.kind, self.values, self.inverted = kind, values, inverted

    def iptables(self, value):
        no = "! " if self.inverted else ""
        form = {"src": "{no}-s {v}", "dst": "{no}-d {v}", "in": "{no}-i {v}",
                "out": "{no}-o {v}", "proto": "{no}-p {v}", "sport": "{no}--sport {v}",
                "dport": "-m multiport {no}--dports {v}" if "," in value else
                "{no}--dport {v}",
                "syn": "{no}--syn", "flags": "{no}--tcp-flags {v}",
                "icmp": "-m icmp {no}--icmp-type {v}",
                "state": "-m conntrack {no}--ctstate {v}",
                "limit": "-m limit --limit {v}/min --limit-burst 3",
                "type": "-m addrtype {no}--dst-type {v}",
                "range": "-m iprange {no}--src-range {v}", "mark": "-m mark {no}--mark {v}",
                "dscp": "-m dscp {no}--dscp {v}", "length": "-m length {no}--length {v}",
                "mac": "-m mac {no}--mac-source {v}"}[self.kind]
        return form.format(no=no, v=value)

    def nft(self, proto):
        no = "!= " if self.inverted else ""
        values = [v.replace("+", "*") if self.kind in ("in", "out") else v
                  for v in self.values]
        if self.kind in ("sport", "dport"):
            values = [w.replace(":", "-") for v in values for w in v.split(",")]
        if self.kind == "state":
            values = values[0].lower().split(",")
        if self.kind in ("in", "out"):
            values = [f'"{v}"' for v in values]
        v = values[0] if len(values) == 1 else "{ " + ", ".join(values) + " }"
        if self.kind == "flags":
            mask, flags = (" | ".join(w.lower().split(",")) for w in v.split())
            return f"tcp flags & ({mask}) {no or '== '}{flags if flags != 'none' else '0'}"
        form = {"src": "ip saddr {no}{v}", "dst": "ip daddr {no}{v}", "in": "iifname {no}{v}",
                "out": "oifname {no}{v}", "proto": "meta l4proto {no}{v}",
                "sport": "{proto} sport {no}{v}", "dport": "{proto} dport {no}{v}",
                "syn": "tcp flags & (fin | syn | rst | ack) {eq} syn",
                "icmp": "icmp type {no}{v}", "state": "ct state {no}{v}",
                "limit": "limit rate {v}/minute burst 3 packets",
                "type": "fib daddr type {no}{w}", "range": "ip saddr {no}{v}",
                "mark": "meta mark {no}{v}", "dscp": "ip dscp {no}{v}",
                "length": "meta length {no}{w}", "mac": "ether saddr {no}{v}"}[self.kind]
        return form.format(no=no, v=v, w=v.lower().replace(":", "-"), proto=proto,
                           eq="!=" if self.inverted else "==")


class Rule:
    def __init__(self, conditions, target, argument=""):
        self.conditions, self.target, self.argument = conditions, target, argument

    def proto(self):
        for c in self.conditions:
            if c.kind == "proto" and not c.inverted and len(c.values) == 1:
                return c.values[0]
        return ""

    def iptables(self, chain):
        option = {"REJECT": "--reject-with", "DNAT": "--to-destination", "LOG": "--log-prefix",
                  "SNAT": "--to-source", "REDIRECT": "--to-ports", "DSCP": "--set-dscp",
                  "MARK": "--set-mark"}.get(self.target, "")
        jump = "-g" if self.target == "goto" else "-j"
        argument = f'"{self.argument}"' if self.target == "LOG" else self.argument
        target = argument if self.target in ("jump", "goto") else \
            f"{self.target} {option} {argument}".strip()
        # options of a protocol follow it
        parts = sorted(self.conditions, key=lambda c: c.kind != "proto")
        for values in itertools.product(*([v for v in c.values] for c in parts)):
            words = " ".join(c.iptables(v) for c, v in zip(parts, values))
            yield f"-A {chain} {words} {jump} {target}"

    def verdict(self):
        a = self.argument
        return {"ACCEPT": "accept", "DROP": "drop", "RETURN": "return", "jump": f"jump {a}",
                "goto": f"goto {a}", "LOG": f'log prefix "{a}"', "MASQUERADE": "masquerade",
                "SNAT": f"snat to {a}", "DNAT": f"dnat to {a}", "REDIRECT": f"redirect to :{a}",
                "DSCP": f"ip dscp set {a}", "MARK": f"meta mark set {a}",
                "REJECT": f"reject with {REJECTIONS.get(a)}"}[self.target]

    def nft(self, _chain):
        proto = self.proto()
        parts = [c for c in self.conditions if c.kind not in ("proto", "limit")]
        has_header = any(c.kind in ("sport", "dport", "syn", "flags", "icmp") for c in parts)
        words = [c.nft(proto) for c in self.conditions
                 if c.kind == "proto" and not (proto and has_header)]
        words += [c.nft(proto) for c in parts]
        words += [c.nft(proto) for c in self.conditions if c.kind == "limit"]
        yield " ".join(words + [self.verdict()])


class Dispatch:
    """Rules of one field, whose values exclude each other: for nft, a verdict map."""

    def __init__(self, kind, targets, proto=""):
        self.kind, self.targets, self.proto = kind, targets, proto

    def rules(self):
        before = [Condition("proto", self.proto)] if self.proto else []
        return [(value, Rule(before + [Condition(self.kind, value)], *target))
                for value, target in self.targets]

    def iptables(self, chain):
        for _, rule in self.rules():
            yield from rule.iptables(chain)

    def nft(self, _chain):
        key = {"in": "iifname", "out": "oifname", "dport": f"{self.proto} dport",
               "src": "ip saddr", "state": "ct state"}[self.kind]
        elements = []
        for value, rule in self.rules():
            values = value.lower().split(",") if self.kind == "state" else [value]
            elements += [f'"{v}" : {rule.verdict()}' if self.kind in ("in", "out") else
                         f"{v.replace(':', '-')} : {rule.verdict()}" for v in values]
        yield f"{key} vmap {{ {', '.join(elements)} }}"


class Pairs:
    """Addresses with ports: for nft, a set of concatenations."""

    def __init__(self, proto, pairs, target):
        self.proto, self.pairs, self.target = proto, pairs, target

    def iptables(self, chain):
        for addr, port in self.pairs:
            yield from Rule([Condition("proto", self.proto), Condition("src", addr),
                             Condition("dport", port)], self.target).iptables(chain)

    def nft(self, _chain):
        pairs = ", ".join(f"{a} . {p.replace(':', '-')}" for a, p in self.pairs)
        verdict = Rule([], self.target).verdict()
        yield f"ip saddr . {self.proto} dport {{ {pairs} }} {verdict}"


class RuleSet:
    def __init__(self):
        self.tables = {}	# name: {chain: [policy or None, rules]}

    def chain(self, table, name, policy=None):
        chains = self.tables.setdefault(table, {})
        if name not in chains:
            chains[name] = [policy or ("ACCEPT" if name in HOOKS else None), []]
        elif policy:
            chains[name][0] = policy
        return chains[name][1]

    def add(self, table, chain, conditions, target, argument=""):
        self.chain(table, chain).append(Rule(conditions, target, argument))

    def iptables(self):
        for table, chains in self.tables.items():
            yield f"*{table}"
            for name, (policy, _) in chains.items():
                yield f":{name} {policy or '-'} [0:0]"
            for name, (_, rules) in chains.items():
                for rule in rules:
                    yield from rule.iptables(name)
            yield "COMMIT"

    def nft(self):
        for table, chains in self.tables.items():
            family = "inet" if table == "filter" else "ip"
            yield f"table {family} {table} {{"
            # those that are jumped to come first
            for name in sorted(set(chains) - set(HOOKS)):
                yield f"chain {name} {{ }}"
            for name, (policy, rules) in chains.items():
                yield f"chain {name} {{"
                if name in HOOKS:
                    kind = "nat" if table == "nat" else \
                        "route" if (table, name) == ("mangle", "OUTPUT") else "filter"
                    priority = NAT_PRIORITIES[name] if table == "nat" else PRIORITIES[table]
                    yield f"type {kind} hook {HOOKS[name]} priority {priority};"
                    yield f"policy {policy.lower()};"
                for rule in rules:
                    yield from rule.nft(name)
                yield "}"
            yield "}"


def c(kind, *values, no=False):
    return Condition(kind, *values, inverted=no)


def some(r, items, most=3):
    return r.sample(items, r.randint(1, most))


def separate(r, nets, most):
    """Nets of which none contains another."""
    chosen = []
    for net in r.sample(nets, len(nets)):
        first = net.split(".")[0]
        if len(chosen) < most and all(not n.startswith(first + ".") for n in chosen):
            chosen.append(net)
    return chosen


def docker(r):
    s = RuleSet()
    s.chain("filter", "INPUT", r.choice(["ACCEPT", "DROP"]))
    s.chain("filter", "FORWARD", r.choice(["DROP", "DROP", "ACCEPT"]))
    s.chain("filter", "OUTPUT")
    local = [c("type", "LOCAL")]
    bridges = {"docker0": "172.17.0.0/16", "br-1": "172.18.0.0/16"}
    if r.random() < 0.3:
        del bridges["br-1"]
    for chain in ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"):
        s.chain("nat", chain)
    s.add("nat", "PREROUTING", local, "jump", "DOCKER")
    s.add("nat", "OUTPUT", [c("dst", "127.0.0.0/8", no=True)] * r.randint(0, 1) + local,
          "jump", "DOCKER")
    s.chain("nat", "DOCKER")
    for chain in ("DOCKER-USER", "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2", "DOCKER"):
        s.chain("filter", chain)
    for chain in ("DOCKER-USER", "DOCKER-ISOLATION-STAGE-1"):
        s.add("filter", "FORWARD", [], "jump", chain)
    for bridge, net in bridges.items():
        s.add("nat", "POSTROUTING", [c("src", net), c("out", bridge, no=True)], "MASQUERADE")
        if r.random() < 0.7:
            s.add("nat", "DOCKER", [c("in", bridge)], "RETURN")
        s.add("filter", "FORWARD", [c("out", bridge), c("state", "RELATED,ESTABLISHED")], "ACCEPT")
        s.add("filter", "FORWARD", [c("out", bridge)], "jump", "DOCKER")
        s.add("filter", "FORWARD", [c("in", bridge), c("out", bridge, no=True)], "ACCEPT")
        s.add("filter", "FORWARD", [c("in", bridge), c("out", bridge)],
              r.choice(["ACCEPT", "DROP"]))
        s.add("filter", "DOCKER-ISOLATION-STAGE-1", [c("in", bridge), c("out", bridge, no=True)],
              "jump", "DOCKER-ISOLATION-STAGE-2")
        s.add("filter", "DOCKER-ISOLATION-STAGE-2", [c("out", bridge)], "DROP")
        for host in range(2, r.randint(3, 5)):
            addr = net.replace("0.0/16", f"0.{host}")
            proto, port = r.choice(["tcp", "tcp", "udp"]), r.choice(["53", "80", "443", "3306"])
            public = str(r.choice([int(port), 8000 + host, 2222]))
            s.add("nat", "POSTROUTING", [c("src", addr), c("dst", addr), c("proto", proto),
                                         c("dport", port)], "MASQUERADE")
            s.add("nat", "DOCKER", [c("in", bridge, no=True), c("proto", proto),
                                    c("dport", public)] +
                  [c("dst", "192.0.2.1")] * (r.random() < 0.3), "DNAT", f"{addr}:{port}")
            s.add("filter", "DOCKER", [c("dst", addr), c("in", bridge, no=True),
                                       c("out", bridge), c("proto", proto), c("dport", port)],
                  "ACCEPT")
    if r.random() < 0.6:
        s.add("filter", "DOCKER-USER", [c("in", "eth0"), c("src", *separate(r, NETS, 3))],
              r.choice(["DROP", "RETURN"]))
    if r.random() < 0.4:
        s.add("filter", "DOCKER-USER", [c("in", "br-+"), c("proto", "tcp"), c("dport", "25")],
              "REJECT", "tcp-reset")
    if r.random() < 0.4:
        s.add("filter", "INPUT", [c("in", *some(r, ["docker0", "eth1", "tun0"]))], "ACCEPT")
        s.add("filter", "INPUT", [c("state", "INVALID", no=True), c("proto", "tcp", "udp")],
              "ACCEPT")
    for chain in ("DOCKER-USER", "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2"):
        s.add("filter", chain, [], "RETURN")
    return s


def ufw_before(r, s, chain):
    ufw = f"ufw-before-{chain.lower()}"
    if chain == "INPUT":
        s.add("filter", ufw, [c("in", "lo")], "ACCEPT")
    s.add("filter", ufw, [c("state", "RELATED,ESTABLISHED")], "ACCEPT")
    if chain != "OUTPUT":
        s.add("filter", ufw, [c("state", "INVALID")], "jump", "ufw-logging-deny")
        s.add("filter", ufw, [c("state", "INVALID")], "DROP")
        for icmp in some(r, sorted(ICMP), 4):
            s.add("filter", ufw, [c("proto", "icmp"), c("icmp", ICMP[icmp])], "ACCEPT")
        s.add("filter", ufw, [c("proto", "udp"), c("sport", "67"), c("dport", "68")], "ACCEPT")
    if chain == "INPUT":
        s.add("filter", ufw, [], "jump", "ufw-not-local")
        s.add("filter", ufw, [c("dst", "224.0.0.251"), c("proto", "udp"), c("dport", "5353")],
              "ACCEPT")
    s.add("filter", ufw, [], "jump", f"ufw-user-{chain.lower()}")


def ufw(r):
    s = RuleSet()
    policies = {"INPUT": r.choice(["DROP", "DROP", "ACCEPT"]), "FORWARD": "DROP",
                "OUTPUT": "ACCEPT"}
    s.chain("filter", "ufw-logging-deny")
    s.chain("filter", "ufw-logging-allow")
    s.chain("filter", "ufw-not-local")
    s.chain("filter", "ufw-user-limit")
    for chain, policy in policies.items():
        s.chain("filter", chain, policy)
        for part in ("before", "user", "after", "reject"):
            s.chain("filter", f"ufw-{part}-{chain.lower()}")
        for part in ("before", "after", "reject"):
            s.add("filter", chain, [], "jump", f"ufw-{part}-{chain.lower()}")
        ufw_before(r, s, chain)
    s.add("filter", "ufw-logging-deny", [c("state", "INVALID"), c("limit", "3")], "RETURN")
    s.add("filter", "ufw-logging-deny", [c("limit", "3")], "LOG", "[UFW BLOCK] ")
    s.add("filter", "ufw-logging-allow", [c("limit", "3")], "LOG", "[UFW ALLOW] ")
    for kind in ("LOCAL", "MULTICAST", "BROADCAST"):
        s.add("filter", "ufw-not-local", [c("type", kind)], "RETURN")
    s.add("filter", "ufw-not-local", [c("limit", "3")], "jump", "ufw-logging-deny")
    s.add("filter", "ufw-not-local", [], "DROP")
    s.add("filter", "ufw-user-limit", [c("limit", "3")], "LOG", "[UFW LIMIT BLOCK] ")
    s.add("filter", "ufw-user-limit", [], "REJECT", "icmp-port-unreachable")
    s.add("filter", "ufw-after-input", [c("proto", "udp"), c("dport", "137", "138")], "DROP")
    for chain in r.sample(sorted(policies), r.randint(1, 3)):
        user = f"ufw-user-{chain.lower()}"
        for _ in range(r.randint(1, 7)):
            ufw_user_rule(r, s, user, chain)
    if r.random() < 0.4:
        s.add("filter", "ufw-reject-input", [], "REJECT", "icmp-port-unreachable")
    if r.random() < 0.3:
        s.add("nat", "POSTROUTING", [c("src", "10.8.0.0/24"), c("out", "eth0")], "MASQUERADE")
    return s


def ufw_user_rule(r, s, user, chain):
    proto = r.choice(["tcp", "udp"])
    conditions = [c("proto", proto)]
    if r.random() < 0.5:
        conditions.append(c("src", r.choice(NETS)))
    if r.random() < 0.3:
        conditions.append(c("dst", r.choice(NETS)))
    if r.random() < 0.3 and chain != "OUTPUT":
        conditions.append(c("in", r.choice(["eth0", "eth1", "tun0"])))
    if r.random() < 0.8:
        conditions.append(c("dport", r.choice(PORTS + ["22,80,443", "137,138", "8000:8010,9000"])))
    target = r.choice(["ACCEPT", "ACCEPT", "DROP", "REJECT", "limit"])
    if target == "limit":
        s.add("filter", user, conditions + [c("state", "NEW"), c("limit", "6")],
              "jump", "ufw-user-limit")
        target = "ACCEPT"
    with_what = "tcp-reset" if proto == "tcp" else "icmp-port-unreachable"
    s.add("filter", user, conditions, target, with_what if target == "REJECT" else "")


def ferm_conditions(r, chain):
    conditions = []
    if chain != "OUTPUT" and r.random() < 0.4:
        conditions.append(c("in", *some(r, ["eth0", "eth1", "tun0", "br-+", "eth+"], 2),
                            no=False))
    if chain != "INPUT" and r.random() < 0.3:
        conditions.append(c("out", r.choice(["eth0", "eth1", "eth+"]), no=r.random() < 0.3))
    if r.random() < 0.5:
        conditions.append(c("src", *some(r, NETS)) if r.random() < 0.7 else
                          c("src", r.choice(NETS), no=True))
    if r.random() < 0.3:
        conditions.append(c("dst", r.choice(NETS), no=r.random() < 0.3))
    if r.random() < 0.15:
        conditions.append(c("range", "10.0.0.3-10.8.0.77", no=r.random() < 0.3))
    if r.random() < 0.3:
        conditions.append(c("state", r.choice(["NEW", "INVALID", "NEW,ESTABLISHED"]),
                            no=r.random() < 0.3))
    proto = r.choice(["tcp", "tcp", "udp", "icmp", "other", "none"])
    if proto in ("tcp", "udp"):
        conditions.append(c("proto", proto))
        if r.random() < 0.8:
            conditions.append(c("dport", *some(r, PORTS), no=False) if r.random() < 0.8 else
                              c("dport", r.choice(PORTS), no=True))
        if r.random() < 0.3:
            conditions.append(c("sport", r.choice(PORTS), no=r.random() < 0.3))
    if proto == "tcp" and r.random() < 0.4:
        conditions.append(r.choice([c("syn", "", no=r.random() < 0.5),
                                    c("flags", "SYN,ACK SYN", no=r.random() < 0.5),
                                    c("flags", "FIN,SYN,RST,PSH,ACK,URG NONE"),
                                    c("flags", "FIN,URG,PSH FIN,URG,PSH")]))
    if proto == "icmp":
        conditions += [c("proto", "icmp"), c("icmp", ICMP[r.choice(sorted(ICMP))],
                                             no=r.random() < 0.3)]
    if proto == "other":
        conditions.append(c("proto", r.choice(["47", "50", "6", "1"]), no=r.random() < 0.5))
    return conditions


def ferm_target(r, conditions):
    target = r.choice(["ACCEPT", "ACCEPT", "DROP", "REJECT", "RETURN", "LOG"])
    argument = {"LOG": "ferm: "}.get(target, "")
    if target == "REJECT":
        is_tcp = Rule(conditions, "").proto() in ("tcp", "6")
        argument = r.choice(["icmp-port-unreachable", "icmp-host-prohibited",
                             "icmp-net-unreachable"] + ["tcp-reset"] * is_tcp)
    return target, argument


def ferm_item(r, s, chain, name):
    kind = r.random()
    rules = s.chain("filter", chain)
    if kind < 0.15 and name != "OUTPUT":
        targets = [("eth0", ("jump", "outside")), ("eth1", (r.choice(["ACCEPT", "DROP"]), ""))]
        rules.append(Dispatch("in", targets[:r.randint(1, 2)] +
                              [("tun0", ("goto", "outside"))] * (r.random() < 0.5)))
    elif kind < 0.3:
        ports = [(p, (r.choice(["ACCEPT", "DROP", "RETURN"]), ""))
                 for p in some(r, ["22", "25", "80", "443", "6000:6063", "1024:2047"], 4)]
        rules.append(Dispatch("dport", ports, r.choice(["tcp", "udp"])))
    elif kind < 0.4:
        rules.append(Dispatch("src", [(n, (r.choice(["ACCEPT", "DROP"]), ""))
                                      for n in separate(r, NETS, 3)]))
    elif kind < 0.5:
        rules.append(Pairs(r.choice(["tcp", "udp"]),
                           [(n, r.choice(PORTS)) for n in separate(r, NETS, 3)],
                           r.choice(["ACCEPT", "DROP"])))
    else:
        conditions = ferm_conditions(r, name)
        rules.append(Rule(conditions, *ferm_target(r, conditions)))


def ferm(r):
    s = RuleSet()
    s.chain("filter", "outside")
    for name, policy in (("INPUT", "DROP"), ("FORWARD", r.choice(["DROP", "ACCEPT"])),
                         ("OUTPUT", r.choice(["ACCEPT", "ACCEPT", "DROP"]))):
        s.chain("filter", name, policy)
        s.chain("filter", name).append(Dispatch("state", [
            ("INVALID", ("DROP", "")), ("ESTABLISHED,RELATED", ("ACCEPT", ""))]
            [r.randint(0, 1) * (name != "OUTPUT"):]))
        for _ in range(r.randint(2, 6)):
            ferm_item(r, s, name, name)
    for _ in range(r.randint(1, 4)):
        ferm_item(r, s, "outside", "OUTPUT")
    if r.random() < 0.6:
        for chain in r.sample(["PREROUTING", "FORWARD", "OUTPUT", "POSTROUTING"], 2):
            s.add("mangle", chain, [c("proto", "tcp"), c("dport", *some(r, PORTS))], "DSCP",
                  r.choice(["8", "46", "0"]))
            s.add("mangle", chain, [c("dscp", "8", no=r.random() < 0.5), c("proto", "tcp")],
                  r.choice(["DROP", "ACCEPT", "RETURN"]))
    if r.random() < 0.6:
        s.add("nat", "POSTROUTING", [c("out", "eth0"), c("src", *separate(r, NETS, 2))],
              *r.choice([("MASQUERADE", ""), ("SNAT", "192.0.2.77")]))
    if r.random() < 0.6:
        proto = r.choice(["tcp", "udp"])
        s.add("nat", "PREROUTING", [c("in", "eth1"), c("proto", proto), c("dport", "80")],
              "REDIRECT", "3128")
        s.add("nat", "PREROUTING", [c("in", "eth0"), c("dst", "192.0.2.1"), c("proto", proto),
                                    c("dport", "8080", "443")], "DNAT",
              r.choice(["192.168.1.7", "192.168.1.7:80"]))
    if r.random() < 0.3:
        s.add("mangle", "PREROUTING", [c("in", "tun0")], "MARK", "7")
        s.add("filter", "FORWARD", [c("mark", "7")], r.choice(["ACCEPT", "DROP"]))
    for kind, value in (("length", "0:99"), ("mac", "02:00:00:00:01:01")):
        if r.random() < 0.2:
            s.add("filter", "INPUT", [c(kind, value)], r.choice(["ACCEPT", "DROP"]))
    return s


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("docker", "ufw", "ferm") or \
       sys.argv[3] not in ("iptables", "nft"):
        sys.exit(__doc__)
    made = {"docker": docker, "ufw": ufw, "ferm": ferm}[sys.argv[1]](
        random.Random(f"{sys.argv[1]} {sys.argv[2]}"))
    print("\n".join(getattr(made, sys.argv[3])()))


main()
