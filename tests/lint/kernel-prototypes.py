#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel functions that the module calls, as the running kernel has them.

The module is built for 6.1 and 6.12.  What this machine's kernel says of itself in
/sys/kernel/btf/vmlinux warns of what is different in a newer one: a function that the module
imports has the prototype of 6.12, or one that is known here.
"""
import glob
import lzma
import os
import struct
import subprocess
import sys

RUNNING = "/sys/kernel/btf/vmlinux"
BUILD = os.environ.get("BUILD", "build")
# Known differences: what makes the same source right for both.
DIFFERS = {
    "__inet_lookup_established": "kcompat_tcp_table",
    "__inet_lookup_listener": "kcompat_tcp_table",
    "ip_route_input_noref": "kcompat_route_tos",
    "__icmp_send": "icmp_send(), of the kernel's headers",
    "__kvmalloc_node_noprof": "kvmalloc(), of the kernel's headers",
}
# Functions that a kernel without modules, or a newer compiler's, need not have, or that
# headers of later ones have.
ABSENT = {"__request_module", "__symbol_get", "__symbol_put", "register_module_notifier",
          "unregister_module_notifier", "alloc_workqueue", "init_timer_key", "memcmp", "strnlen",
          "llist_add_batch"}

KINDS = "void int ptr array struct union enum fwd typedef volatile const restrict func " \
    "func_proto var datasec float decl_tag type_tag enum64".split()


class Btf:
    """The types of a kernel, of which prototype() gives those of a function."""

    def __init__(self, data):
        _, _, _, header, types, types_len, strings, _ = struct.unpack_from("<HBBIIIII", data)
        self.text, self.types, self.functions = data[header + strings:], [None], {}
        at, end = header + types, header + types + types_len
        while at < end:
            name, info, size = struct.unpack_from("<III", data, at)
            kind, vlen, at = KINDS[info >> 24 & 31], info & 0xffff, at + 12
            words = {"int": 1, "array": 3, "var": 1, "decl_tag": 1, "struct": 3 * vlen,
                     "union": 3 * vlen, "enum": 2 * vlen, "func_proto": 2 * vlen,
                     "datasec": 3 * vlen, "enum64": 3 * vlen}.get(kind, 0)
            rest = struct.unpack_from("<%dI" % words, data, at)
            at += 4 * words
            if kind == "func":
                self.functions[self.name(name)] = size
            self.types.append((kind, name, size, rest))

    def name(self, at):
        return self.text[at:self.text.index(b"\0", at)].decode()

    def type(self, number):
        if not number:
            return "void"
        kind, name, target, rest = self.types[number]
        if kind == "ptr":
            return self.type(target) + " *"
        if kind in ("const", "volatile", "restrict", "type_tag"):
            prefix = "const " if kind == "const" else ""
            return prefix + self.type(target)
        if kind == "array":
            return "%s[%d]" % (self.type(rest[0]), rest[2])
        if kind == "func_proto":
            return self.proto("", number)
        if kind in ("struct", "union", "enum", "enum64", "fwd"):
            return kind.rstrip("64").replace("fwd", "struct") + " " + self.name(name)
        return self.name(name)

    def proto(self, name, number):
        _, _, result, rest = self.types[number]
        return "%s %s(%s)" % (self.type(result), name,
                              ", ".join(self.type(t) for t in rest[1::2]))

    def prototype(self, function):
        number = self.functions.get(function)
        return number and self.proto(function, number)


def image_types(path):
    """Of a compressed bzImage: its section .BTF."""
    with open(path, "rb") as f:
        data = f.read()
    offset, length = struct.unpack_from("<II", data, 0x248)
    begin = (data[0x1f1] + 1) * 512 + offset
    payload = data[begin:begin + length]
    if payload.startswith(b"\xfd7zXZ"):
        elf = lzma.LZMADecompressor().decompress(payload)
    else:
        elf = subprocess.run(["zstd", "-dc"], input=payload, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=False).stdout
    sections, = struct.unpack_from("<Q", elf, 0x28)
    size, count, names = struct.unpack_from("<HHH", elf, 0x3a)
    headers = [struct.unpack_from("<IIQQQQ", elf, sections + i * size) for i in range(count)]
    strings = headers[names][4]
    for name, _, _, _, at, length in headers:
        if elf[strings + name:].startswith(b".BTF\0"):
            return elf[at:at + length]
    raise ValueError("no types in %s" % path)


def image_of(release):
    """6.12's image, which suites of the module boot."""
    told = subprocess.run(["tests/qemu/kernel", release], stdout=subprocess.PIPE, check=True)
    return told.stdout.decode().splitlines()[1]


def main():
    modules = glob.glob(BUILD + "/kmod/6.12.*/ipfwadm.ko")
    if not os.path.exists(RUNNING) or not modules:
        print("SKIP the running kernel does not tell its types, or there is no module")
        print("0 passed, 0 failed, 1 skipped")
        return
    known = Btf(image_types(image_of("6.12")))
    with open(RUNNING, "rb") as f:
        running = Btf(f.read())
    imports = subprocess.run(["nm", "-u", modules[0]], stdout=subprocess.PIPE, check=True)
    passed = failed = 0
    for name in imports.stdout.decode().split()[1::2]:
        wanted, got = known.prototype(name), running.prototype(name)
        if not wanted or (not got and name in ABSENT):
            continue
        ok = got == wanted or (got and name in DIFFERS)
        passed, failed = passed + bool(ok), failed + (not ok)
        if not ok:
            print("FAIL %s: %s, was %s" % (name, got or "is gone", wanted))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0 or not passed)


main()
