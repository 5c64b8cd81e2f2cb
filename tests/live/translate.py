#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts of the time through `ipfwadm translate' and `try', as an ordinary user and as root.

The idioms are a table: name, command, what it prints, separated by tabs.
"""
import contextlib
import html.parser
import os
import pty
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from translate_live import MACHINE, PROGRAM, ROOTS, USER, holds, run, same  # noqa: E402

tests = []


def test(function):
    tests.append(function)
    return function


def idioms_check(w, tally):
    """Each by bash and by dash, and in a sandbox without a user namespace."""
    with open("tests/cases/idioms.tsv", encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    os.mkdir(os.path.join(w.scratch, "idioms"))
    for i, (_, command, _) in enumerate(rows):
        w.write(command + "\n", f"idioms/{i}")
    for shell, user in ("bash", USER), ("dash", USER), ("bash", ROOTS):
        if user == ROOTS and os.getuid():
            continue
        done = w.translate(w.script(
            "/sbin/modprobe ip_masq_ftp; modprobe ppp\ncd " + w.scratch + "/idioms\n"
            f"for i in {' '.join(map(str, range(len(rows))))}; do\n"
            f"echo; echo \"=== $i\"; {shell} ./$i; done\n"), user=user)
        outputs = dict(re.findall(r"^=== (\d+)\n(.*?)(?=^===|\Z)", done.printed, re.M | re.S))
        for i, (name, command, wanted) in enumerate(rows):
            if command.startswith("csh") and not shutil.which("csh"):
                tally.skipped += 1
                continue
            if "/proc/modules" in command and not os.path.exists("/proc/modules"):
                tally.skipped += 1
                continue
            got = outputs.get(str(i), "nothing").rstrip()
            tally.compare(f"{shell}, user {user}: {name}", (wanted,), (got,))


@test
def lines_of_rules(w):
    script = w.script("ipfwadm -I -f\nipfwadm -I -a accept \\\n  -P tcp -D 10.0.0.1 22\n"
                      "f() {\n  ipfwadm -I -i deny -S $1\n}\nfor a in 10.1.1.1 10.1.1.2; do\n"
                      "  f $a\ndone\nipfwadm -I -a deny -S 10.1.1.3\n"
                      "ipfwadm -I -d deny -S 10.1.1.1\n")
    done = w.translate(script)
    same("status", done.returncode, 0)
    same("origins", re.findall(r"-I -a .*-S (\S+).*# (.*)", done.stdout),
         [("10.1.1.2/32", "script:6, called at 9"), ("0.0.0.0/0", "script:3"),
          ("10.1.1.3/32", "script:11")])
    for form, comment in ("nft", r'^\t\t# script:11\n.*"-I -a deny -S 10.1.1.3/32'), \
                         ("iptables", r'^# script:11\n.*"-I -a deny -S 10.1.1.3/32'), \
                         ("json", r'"origin": "script:11"'):
        done = w.ipfwadm("translate", "--to", form, *MACHINE, script)
        holds(form, done.stdout, comment)
    done = w.ipfwadm("translate", "--to", "pf", script)
    holds("no such format", done.told, "cannot dump as 'pf'")


@test
def lines_of_calls(w):
    """Of functions, and of shells and others that read no file."""
    os.mkdir(os.path.join(w.scratch, "a b"))
    w.write("fw() {\n\n  ipfwadm -I -a accept -S $1 || true\n}\nipfwadm -I -a accept -S 10.0.0.1\n",
            "a b/lib")
    script = w.write("#!/bin/bash -eu\ncd \"${0%/*}\"\n. ./lib\nfw 10.0.0.2\n"
                     "f() { fw 10.0.0.3; }\nf\ng() { f; }\ng\nfw() { $*; }\n"
                     "fw ipfwadm -I -a accept -S 10.0.0.4\n"
                     "sh -c 'ipfwadm -I -a accept -S 10.0.0.5'\n"
                     "sh -u <<X\n\nipfwadm -I -a accept -S 10.0.0.6\nX\n"
                     "echo ipfwadm -I -a accept -S 10.0.0.7 | bash\n"
                     "awk 'BEGIN { system(\"ipfwadm -I -a accept -S 10.0.0.8\") }'\n"
                     "fw ipfwadm -I -a accept -P foo", "a b/fw it")
    done = w.translate(script, "--partial")
    own = "fw it:"
    done = w.ipfwadm("translate", "--partial", "--to", "ipfwadm", script)
    same("origins", re.findall(r"-I -a .*-S 10.0.0.(\d)/32 .*# (.*)", done.stdout),
         [("1", "lib:5, called at fw it:3"), ("2", "lib:3, called at fw it:4"),
          ("3", "lib:3, called at fw it:5, fw it:6"), ("3", "lib:3, called at fw it:5, fw it:7"),
          ("4", own + "9, called at 10"), ("5", own + "11"), ("6", own + "12"), ("7", own + "16"),
          ("8", own + "17")])
    holds("failed", done.told, "1 of 10 commands failed: line 9, called at 18: 'ipfwadm -I ")
    holds("the end", done.told, r"failed with status 2: line 9, called at 18: '\$\*'")
    assert "unbound" not in done.stderr, done.stderr


# each command names in its address the line at which it is to be found: that where it begins,
# of a substitution of more lines the last
LINES = """\
ipfwadm -I -a accept -S 10.0.0.2
ipfwadm -I -a accept -S 10.0.0.3; ipfwadm -I -a deny -S 10.0.0.3
if ipfwadm -I -a accept -S 10.0.0.4
then ipfwadm -I -a accept -S 10.0.0.5
fi
if false; then :; elif ipfwadm -I -a accept -S 10.0.0.7; then
  ipfwadm -I -a accept -S 10.0.0.8; else :; fi
for i in 1 2; do
  ipfwadm -I -a accept -S 10.0.0.10 -D 10.1.1.$i
done
case $i in
2) ipfwadm -I -a accept -S 10.0.0.13 ;;
esac
while ipfwadm -I -a accept -S 10.0.0.15; do
  ipfwadm -I -a accept -S 10.0.0.16; break
done
until ipfwadm -I -a accept -S 10.0.0.18; do :; done
( ipfwadm -I -a accept -S 10.0.0.19 )
{ ipfwadm -I -a accept -S 10.0.0.20; }
true &&
  ipfwadm -I -a accept -S 10.0.0.22
false || ipfwadm -I -a accept -S 10.0.0.23
ipfwadm -I -a accept -S 10.0.0.24 | cat
echo | ipfwadm -I -a accept -S 10.0.0.25
ipfwadm -I -a accept -S 10.0.0.26 & wait
x=`ipfwadm -I -a accept -S 10.0.0.27`
x=$(
  ipfwadm -I -a accept -S 10.0.0.30
)
echo "$(ipfwadm -I -a accept -S 10.0.0.31)" "`ipfwadm -I -a accept -S 10.0.0.31 -b`"
eval ipfwadm -I -a accept -S 10.0.0.32
eval "x=1; ipfwadm -I -a accept -S 10.0.0.33"
ipfwadm -I -a accept \\
  -S 10.0.0.34 \\
  -b
f() {
  ipfwadm -I -a accept -S 10.0.0.38
}
f
! ipfwadm -I -a accept -S 10.0.0.41
X=1 ipfwadm -I -a accept -S 10.0.0.42
ipfwadm -I -a accept -S 10.0.0.43 >/dev/null 2>&1 </dev/null
cat <<EOF
first
`ipfwadm -I -a accept -S 10.0.0.44`
EOF
read x <<EOF
$(ipfwadm -I -a accept -S 10.0.0.48)
EOF
echo 10.0.0.51 | while read a; do ipfwadm -I -a accept -S $a; done
echo 10.0.0.52 | xargs ipfwadm -I -a accept -S
find /etc/passwd -exec ipfwadm -I -a accept -S 10.0.0.53 \\;
sh -c 'ipfwadm -I -a accept -S 10.0.0.54'
env X=1 ipfwadm -I -a accept -S 10.0.0.55
nice ipfwadm -I -a accept -S 10.0.0.56
command ipfwadm -I -a accept -S 10.0.0.57
set -- 10.0.0.58; ipfwadm -I -a accept -S $1
for ((n = 0; n < 1; n++)); do ipfwadm -I -a accept -S 10.0.0.59; done
[[ a = a ]] && ipfwadm -I -a accept -S 10.0.0.60
perl -e 'system("ipfwadm -I -a accept -S 10.0.0.61")'
csh -fc 'ipfwadm -I -a accept -S 10.0.0.62'
(exec ipfwadm -I -a accept -S 10.0.0.63)
function g { ipfwadm -I -a accept -S 10.0.0.64; }; g
exec ipfwadm -I -a accept -S 10.0.0.65
"""


@test
def lines_of_constructs(w):
    done = w.translate(w.script(LINES))
    found = re.findall(r"-S 10.0.0.(\d+)/32 .*# script:(\d+)", done.stdout)
    wrong = [pair for pair in found if pair[0] != pair[1]]
    same("at other lines", wrong, [])
    wanted = LINES.count("ipfwadm ") + 1	# one of them is carried out twice
    same("found", len(found), wanted - (0 if shutil.which("csh") else 1))


@test
def redhat_gateway(w):
    """Its configuration says whether packets are forwarded."""
    script = w.script(". /etc/sysconfig/network\n. /etc/rc.d/init.d/functions\n"
                      "[ $FORWARD_IPV4 = yes ] && action Forwarding ipfwadm -F -a m\n"
                      "echo $FORWARD_IPV4\nexit 0\n")
    done = w.translate(script)
    holds("rules", done.stdout, "-F -a masquerade.*# functions:4, called at script:4")
    for lines in (["eth0=192.0.2.10/24"], ["eth0=192.0.2.10/24", "eth1=192.168.1.1/24,down"],
                  ["eth0=192.0.2.10/24", "eth0:0=192.0.2.11/24"]):
        words = [word for line in lines for word in ("--interface", line)]
        same(lines, w.ipfwadm("translate", *words, script).printed, "no\n")


@test
def lines_of_forwards(w):
    """Those of commands that stay, by whatever program, in the order of the table."""
    script = w.script("ipportfw -A -t 192.0.2.10/80 -R 10.0.0.5/80\n"
                      "ipportfw -A -t 192.0.2.10/81 -R 10.0.0.5/81\n"
                      "ipmasqadm mfw -A -m 1 -r 10.0.0.6 25\nipfwadm -F -a m -S 10.0.0.0/8\n"
                      "ipmasqadm mfw -A -m 1 -r 10.0.0.7 25\n"
                      "for p in 90 91; do ipmasqadm portfw -a -P udp -L 192.0.2.10 $p "
                      "-R 10.0.0.5 $p; done\n"
                      "ipmasqadm mfw -A -m 1 -r 10.0.0.6 25\n"
                      "ipportfw -D -t 192.0.2.10/81\nipportfw -A -t 192.0.2.10/80 "
                      "-R 10.0.0.5/8080\n")
    places = ["10", "7", "7", "4", "6", "8"]
    for form, pattern in (("ipfwadm", "^-M --forward .*# script:(.*)"),
                          ("json", r'--|"list": "forward-port"(?:.*\n)*?.*"origin": "script:(.*)"'),
                          ("nft", r'# script:(.*)\n.*dnat to'),
                          ("iptables", r'# script:(.*)\n.*DNAT')):
        done = w.ipfwadm("translate", "--partial", "--to", form, *MACHINE, script)
        got = re.findall(pattern, done.stdout, re.M)
        # a mark and both protocols: each has rules for TCP and for UDP
        same(form, list(dict.fromkeys(got)) if form in ("nft", "iptables") else got,
             list(dict.fromkeys(places)) if form in ("nft", "iptables") else places)


@test
def dumps_are_loaded(w):
    """And read back as they were."""
    script = w.script("ipfwadm -I -p deny\n"
                      "ipfwadm -I -a accept -P tcp -D 192.0.2.10 22 80 -W eth0\n"
                      "ipfwadm -F -a m -S 192.168.1.0/24\n")
    for form, backend, load in ("nft", "nft", "nft -f"), \
                               ("iptables", "xtables", "iptables-legacy-restore"):
        dump = w.write(w.ipfwadm("translate", "--to", form, *MACHINE, script).stdout, form)
        commands = f"{load} {dump} && {PROGRAM} --backend {backend} save"
        done = subprocess.run(["unshare", "-rn", "sh", "-c", commands], env=w.env, text=True,
                              capture_output=True, check=False)
        same(form, done.stderr, "")
        same(form, done.stdout, re.sub(r"^interface .*\n|  # .*", "", w.translate(script).stdout,
                                       flags=re.M))


@test
def lines_that_are_not_told(w):
    """Of shells and programs that do not say where they are: the line that is most alike."""
    for head, call in (("/usr/bin/perl", 'system("ipfwadm -I -a deny -S 10.1.1.%s");'),
                       ("/bin/dash", "/sbin/ipfwadm -I -a deny -S 10.1.1.%s"),
                       ("/bin/csh -f", "ipfwadm -I -a deny -S 10.1.1.%s")):
        if not os.path.exists(head.split()[0]):
            continue
        done = w.translate(w.write(f"#!{head}\n" + "\n".join(call % i for i in (7, 8, 9)) + "\n"))
        same(head, re.findall(r"-I -a .*-S 10.1.1.(.)/.*# (.*)", done.stdout),
             [(str(i), f"script near {i - 5}") for i in (7, 8, 9)])


@test
def forwards_and_ports(w):
    """Forwards are part of the rules; a helper has the ports that its module is given."""
    for command, forward in (("ipmasqadm portfw -a -P tcp -L 192.0.2.10 80 -R 10.0.0.5 80",
                              "-P tcp -D 192.0.2.10 80 --to 10.0.0.5:80 --weight 10"),
                             ("/usr/sbin/ipmasqadm portfw -a -P udp -L 192.0.2.10 53 "
                              "-R 10.0.0.5 53", "-P udp -D 192.0.2.10 53 --to 10.0.0.5:53 "
                              "--weight 10"),
                             ("/sbin/ipportfw -A -t192.0.2.10/80 -R 10.0.0.5/8080",
                              "-P tcp -D 192.0.2.10 80 --to 10.0.0.5:8080 --weight 10"),
                             ("/usr/local/sbin/ipportfw -A -t192.0.2.10/80 -R 10.0.0.5/80",
                              "-P tcp -D 192.0.2.10 80 --to 10.0.0.5:80 --weight 10"),
                             ("ipautofw -A -r tcp 1 2 -h 10.0.0.5",
                              "-P tcp -D 0.0.0.0/0 1:2 --to 10.0.0.5 --weight 10"),
                             ("ipportfw -L", ""), ("ipmasqadm portfw -l -n", ""),
                             ("ipmasqadm mfw -L", "")):
        done = w.translate(w.script("ipfwadm -F -a m -S 10.0.0.0/8\n" + command + "\n"))
        same(command, done.returncode, 0)
        same(command, re.findall("-M --forward -a (.*)  # script:3", done.stdout),
             [forward] if forward else [])
    for command, status, forwards in (
            ("modprobe ip_masq_ftp", 0, []), ("modprobe ip_masq_ftp ports=21", 0, []),
            ("insmod ip_masq_irc ports=6667", 0, []),
            ("insmod /lib/modules/2.0.36/ipv4/ip_masq_portfw.o", 0, []),
            ("modprobe ip_masq_cuseeme", 4, []), ("modprobe ip_masq_cuseeme ports=7650", 4, []),
            ("modprobe ip_masq_quake", 4, []), ("modprobe ip_masq_quake ports=26001", 4, []),
            ("modprobe ip_masq_ftp ports=21,2121", 0, ["21 ftp", "2121 ftp"]),
            ("insmod -f /lib/modules/2.0.36/ipv4/ip_masq_irc.o debug=1 ports=0x1a0b", 0, []),
            ("insmod ip_masq_irc ports=7000,6667; insmod ip_masq_irc ports=1", 0,
             ["7000 irc", "6667 irc"]),
            ("insmod ip_masq_ftp ports=2121; rmmod ip_masq_ftp", 4, []),
            ("insmod ip_masq_ftp ports=2121; rmmod ip_masq_ftp; modprobe ip_masq_ftp ports=99", 4,
             ["99 ftp"]),
            *((f"modprobe ip_masq_ftp ports={bad} || :", 4, []) for bad in
              ("", "x", "21,", ",21", "0", "65536", "-1", ",".join(map(str, range(1, 14))))),
            ("modprobe ip_masq_ftp ports=" + ",".join(map(str, range(1, 13))), 0,
             [f"{port} ftp" for port in range(1, 13)])):
        done = w.translate(w.script("ipfwadm -F -a m -S 10.0.0.0/8\n" + command + "\n"))
        same(command, done.returncode, status)
        same(command, re.findall("-M --forward -a -P tcp -D 0.0.0.0/0 (.*) --helper (.*) "
                                 "--weight 10  # script:3", done.stdout),
             [tuple(forward.split()) for forward in forwards])
        if status:
            holds(command, done.told, "line 3: '")
    done = w.translate(w.script("ipmasqadm portfw -a -P icmp -L 192.0.2.10 80 -R 10.0.0.5 80\n"))
    holds("refused by its own name", done.told, "commands failed: line 2: 'ipmasqadm portfw -a")


class Page(html.parser.HTMLParser):
    """A page: its elements are closed in order, and each article's texts are known."""
    def __init__(self, text):
        super().__init__()
        self.open, self.articles, self.names, self.links = [], [], [], []
        self.feed(text)
        same("closed", self.open, [])

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("href", "src", "action")]
        self.names += [value for name, value in attrs if name == "id"]
        if tag == "article":
            self.articles.append("")
        if tag not in ("meta", "input", "rect", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "path"):
            same("end", self.open.pop(), tag)

    def handle_data(self, data):
        if "article" in self.open:
            self.articles[-1] += data + " "


@test
def page(w):
    """Each rule with its line, both translations and why they are not exact."""
    path = os.path.join(w.scratch, "page.html")
    os.chmod(w.scratch, 0o777)
    script = w.script("ipfwadm -I -p deny\n"
                      "ipfwadm -I -a accept -P tcp -D 192.0.2.10 22 80 -W eth0 -o\n"
                      "ipfwadm -I -a deny -V 192.0.2.10 --comment '</code><b>&\"x'\n"
                      "ipfwadm -F -a m -S 192.168.1.0/24\n"
                      "ipfwadm -F -a deny -S 192.168.1.0/25\n"
                      "ipfwadm -A in -a -P udp\nipfwadm ipv6 deny\n"
                      "ipportfw -A -t192.0.2.10/80 -R 192.168.1.5/80\n")
    for options in ["--to", "ipfwadm"], ["--partial", "--to", "nft"]:
        w.ipfwadm("translate", "--report", path, *options, *MACHINE, script)
        text = open(path, encoding="utf-8").read()
        p = Page(text)
        assert not re.search("https?:|//[a-z]", text), "it names another host"
        same("links", [l for l in p.links if l[0] != "#" or l[1:] not in p.names], [])
        same("articles", len(p.articles), 6)
        for words in (("script:3", "-P tcp -S 0.0.0.0/0 -D 192.0.2.10/32 22 80",
                       "tcp dport { 22, 80 }", "--dports 22,80",
                       "-g ipfw-input-log-accept"),
                      ("script:4", "--comment '</code><b>&\"x'", "approximate: exact only while",
                       "-j DROP"),
                      ("script:5", "-F -a masquerade", "goto masquerading", "-g ipfw-masq"),
                      ("script:6", "-F -a deny", "forward rule 2 never matches: all its packets "
                       "match rule 1"),
                      ("script:7", "-A in -a", "ip protocol udp counter\n",
                       "-A ipfw-acct-in -p udp\n"),
                      ("script:9", "-M --forward -a -P tcp -D 192.0.2.10 80 --to 192.168.1.5:80",
                       "tcp dport 80 counter dnat to 192.168.1.5:80\n",
                       "-j DNAT --to-destination 192.168.1.5:80\n")):
            same(words[-1], len([a for a in p.articles if all(x in a for x in words)]), 1)
        assert "rule-key" not in text
        holds("the gate", text, "<code>ipfwadm ipv6 deny</code>")
        assert "#1" not in "".join(p.articles)
    done = w.ipfwadm("translate", "--report", w.scratch + "/no/page", script)
    same("no such folder", done.returncode, 1)
    holds("no such folder", done.told, "cannot write '.*/no/page': No such file")
    if shutil.which("chromium"):	# does it say the same when its script has run?
        done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                               f"--user-data-dir={w.scratch}/chromium", "--dump-dom",
                               "file://" + path], capture_output=True, text=True, timeout=120,
                              check=False)
        same("in a browser", len(re.findall("<article", done.stdout)), 6)
        same("nothing is hidden", re.findall("<article[^>]*hidden", done.stdout), [])


@test
def loaded_by_mistake(w):
    done = w.ipfwadm("--backend", f"sim:{w.scratch}/none", "load",
                     w.script("for i in 1 2; do\nipfwadm -I -f\ndone\n"))
    holds("hint", done.told, "is a script: run it by 'ipfwadm run .*/script', or see")


@test
def root_is_root(w):
    """Whoever the user is; the files of root are to be changed."""
    script = w.script("id\nid -u\nid -gn\nid daemon\nwhoami\necho $UID $EUID\n"
                      "chown root.root /etc/hosts && echo x >>/etc/hosts\n"
                      "id nosuchuser\nexit 0\n")
    for user in (USER, 0, ROOTS) if os.getuid() == 0 else (0,):
        done = w.translate(script, user=user)
        holds(user, done.printed, "^uid=0\\(root\\) gid=0\\(root\\) groups=0\\(root\\)\n0\nroot\n"
              "uid=1\\(daemon\\) gid=1\\(daemon\\) groups=1\\(daemon\\)\nroot\n0 0\n")
        holds(user, done.printed, "^id: nosuchuser: No such user$")
        holds(user, done.told, "written in the sandbox alone: /etc/hosts")
        same(user, len(re.findall("has no user namespace: programs other than bash, id and whoami "
                                  r"see user \d+ instead of root", done.told)), user == ROOTS)


@test
def saved_form_is_read_back(w):
    done = w.translate(w.script("ipfwadm -I -a accept -W eth0 -V 192.0.2.10\n"
                                "ipfwadm -F -p deny\n"))
    rules = w.write(done.stdout, "rules")
    packet = "-P tcp -S 10.0.0.1 1 -D 192.0.2.10 2 -W eth0".split()
    done = w.ipfwadm("trace", "--rules", rules, *packet)
    holds("trace", done.stdout, "accept")


@test
def tried(w):
    spec = f"sim:{w.scratch}/tried"
    os.chmod(w.scratch, 0o777)
    for user in USER, 0:
        done = w.ipfwadm("--backend", spec, "try", *MACHINE, w.script(
            "ipfwadm -I -p deny\nipfwadm -I -a accept -P tcp -D 192.0.2.10 22\n"), user=user)
        same("status", done.returncode, 0)
        holds("listing", done.stdout, "IP firewall input rules, default policy: deny")
        trace = w.ipfwadm("--backend", spec, "trace", *"-P tcp -S 203.0.113.5 1025 -D".split(),
                          "192.0.2.10", "22", "-W", "eth0", user=user)
        holds("trace", trace.stdout, "accept")
        os.unlink(f"{w.scratch}/tried")
    os.chmod(w.scratch, 0o755)


@test
def what_else_is_told(w):
    done = w.translate(w.script(
        "modprobe ip_masq_ftp\nmodprobe ip_masq_raudio\nroute add -net 10.0.0.0 netmask "
        "255.0.0.0 gw 192.168.1.5\nwget http://x/\necho 1 > /proc/sys/net/ipv4/ip_forward\n"
        "echo 1 > /proc/sys/net/ipv4/ip_always_defrag\ntouch /var/lock/subsys/fw\n"
        "(sleep 600; ipfwadm -I -p deny) &\nsleep 5\nrm -f /etc/motd\nnosuchcommand\nexit 0\n"))
    same("status", done.returncode, 4)
    for pattern in ("as now: .*line 2: 'modprobe ip_masq_ftp'",
                    "not translated: line 3: 'modprobe ip_masq_raudio'",
                    "not translated: line 4: 'route add ",
                    "not done in the sandbox: line 5: 'wget",
                    "sysctl: net.ipv4.ip_forward = 1",
                    "not translated: net.ipv4.ip_always_defrag = 1",
                    "written in the sandbox alone: /var/lock/subsys/fw",
                    "removed in the sandbox alone: /etc/motd",
                    "not carried out: line 9: .* in the background does 595 seconds after",
                    "the sandbox refused: .*nosuchcommand: command not found"):
        holds("told", done.told, pattern)
    holds("sysctls", done.stdout, r"^#\tnet.ipv4.ip_forward = 1$")
    holds("the net is not carried out", done.stdout, "-I -p accept")


@test
def lists_in_proc(w):
    """They are those to be, for whoever opens them then."""
    done = w.translate(w.script("cat /proc/net/ip_forward\nipfwadm -I -p deny\n"
                                "ipfwadm -I -a deny -S 10.9.8.7\ncat /proc/net/ip_input\n"
                                "ipfwadm -A in -a\nwc -l </proc/net/ip_acct\n"
                                "ipfwadm -I -f\ngrep -c . /proc/net/ip_input\n"))
    same("status", done.returncode, 0)
    holds("lists", done.printed, "IP firewall forward rules, default 4\nIP firewall input rules, "
          "default 0\n0A090807/FFFFFFFF->.*\n2\n1\n")
    done = w.translate(w.script("cat /proc/net/ip_portfw\n"
                                "ipportfw -A -t192.0.2.10/80 -R 10.0.0.2/8080\n"
                                "ipautofw -A -r udp 5 7 -h 10.0.0.2\n"
                                "tail -n 1 /proc/net/ip_portfw; tail -n 1 /proc/net/ip_autofw\n"))
    holds("forwards", done.printed, "Prot Local Addr/Port > Remote Addr/Port +\n"
          "TCP 192.0.2.10/80 > 10.0.0.2/8080 +\n   1   11 0005-0007/.* 0A000002 .*\n")


@test
def progress_is_shown(w):
    """On a terminal, from the first second on, until the script itself says something."""
    script = w.script("perl -e 'select(undef, undef, undef, 2.3)'\nipfwadm -I -p deny\n")
    words = [PROGRAM, "translate", *MACHINE, script]
    master, slave = pty.openpty()
    done = subprocess.run(words, env=w.env, stdout=subprocess.PIPE, stderr=slave, text=True,
                          check=False)
    os.close(slave)
    told = ""
    with contextlib.suppress(OSError):	# the end of what is written there
        while True:
            told += os.read(master, 65536).decode()
    os.close(master)
    same("status", done.returncode, 0)
    same("seconds", re.findall(r"script: (\d) s\r", told)[:2], ["1", "2"])
    holds("the line goes", told, r" s\r\x1b\[K")
    holds("no other output has it", done.stdout, "^(?!.*script: ).*table ip ipfwadm")
    done = subprocess.run(words, env=w.env, capture_output=True, text=True, check=False)
    same("only on a terminal", re.findall(r": \d s", done.stderr), [])


@test
def time_is_virtual(w):
    done = w.translate(w.script("(sleep 5; ipfwadm -I -p deny; sleep 100; ipfwadm -O -p deny) &\n"
                                "sleep 20\nipfwadm -I -l | head -1\nsleep 30\n"
                                "ipfwadm -O -l | head -1\n"))
    holds("before", done.printed, "input rules, default policy: deny")
    holds("not yet", done.printed, "output rules, default policy: accept")
    done = w.translate(w.script("until ifconfig ppp7 >/dev/null 2>&1; do sleep 100; done\n"))
    holds("for ever", done.told, "waits for something that does not happen")
    same("status", done.returncode, 1)


@test
def refusals(w):
    done = w.translate(w.script("ipfwadm -I -a accept -P foo\n"
                                "ipfwadm -I -a deny -S www.example.org\n"
                                "ipfwadm -I -a deny -S nowhere.example.org\nexit 0\n"))
    holds("summed up", done.told, "2 of 3 commands failed: line 2")
    holds("hosts are those declared", done.stdout, "-S 203.0.113.80/32")
    done = w.translate(w.script("set -e\nipfwadm -I -f\nfalse\n"))
    same("a script that fails", (done.returncode, done.stdout), (1, ""))
    holds("its line", done.told, "failed with status 1: line 4: 'false'")
    for words in (["--interface", "eth0"] + ["--interface", "eth0=1.2.3.4/99"], ["--gateway", "x"],
                  ["--time", "0"], ["--host", "x"]):
        done = w.ipfwadm("translate", *words, "/dev/null")
        same(words, done.returncode, 2)
        holds("of which option", done.told, f"invalid value '{words[-1]}' of '{words[-2]} [A-Z]")
    same("no script", w.ipfwadm("translate", "/nowhere").returncode, 1)
    same("usage", w.ipfwadm("translate").returncode, 2)


@test
def mounts_below_etc(w):
    """No overlay is made of a folder with mounts in it, as containers have."""
    script = w.script("grep gate /etc/hosts\necho changed >/etc/issue\n"
                      "ipfwadm -I -a accept -S www.example.org\n")
    done = subprocess.run(["unshare", "-rm", "sh", "-c", "mount --bind /etc/passwd /etc/group; "
                           "exec \"$@\"", "-", PROGRAM, "translate", *MACHINE, "--to", "ipfwadm",
                           script], env=w.env, text=True, capture_output=True, check=False)
    holds("files of the time", done.stderr, "192.168.1.1\tgate.example.net")
    holds("changes", done.stderr, "written in the sandbox alone: /etc/issue")
    same("only that", done.stderr.count("sandbox alone"), 1)
    holds("names", done.stdout, "-S 203.0.113.80/32")


@test
def scripts_for_root_alone(w):
    if os.getuid():
        return
    folder = os.path.join(w.scratch, "private")
    os.mkdir(folder, 0o700)
    os.mkdir(f"{folder}/lib")
    w.write("NET=10.1.0.0/16\n", "private/conf")
    w.write("PORT=25\n", "private/lib/ports")
    os.symlink("conf", f"{folder}/link")
    script = w.write(f"#!/bin/sh\n. {folder}/conf\ncd {folder}\n. lib/ports\n. ./link\n"
                     "ipfwadm -I -a accept -P tcp -S $NET $PORT\n", "private/fw")
    os.chmod(script, 0o700)
    for user in 0, ROOTS:
        done = w.translate(script, user=user)
        holds("rules", done.stdout, "-S 10.1.0.0/16 25 .*# fw:6")
        assert "No such file" not in done.printed, done.printed
    same("another user cannot", w.translate(script).returncode, 1)


sys.exit(run(tests, idioms_check))
