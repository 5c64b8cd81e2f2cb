# SPDX-License-Identifier: GPL-2.0-or-later
#
# make          build into build/
# make demo     see the main job done (installs what it needs)
# make check    all tests (installs what it needs); check-kmod: those of the module
# make lint     how the source is written
# make check-long, check-debug-kernel	what takes hours (SANITIZER=kcsan: data races)
# make module   the kernel module, into build/kmod/KERNEL (KERNEL=release or KDIR=headers)
# make fuzz     FUZZ_SECONDS=600 of fuzzing
# make bench    speed, beside the usual tools
# make bench-kmod	instructions per packet of the module (RECORD=1: a new table)
# make install  into DESTDIR and PREFIX; make uninstall
# make deb      Debian packages into build/deb/
# make asan     build into build/asan, with sanitizers
# make V=1      show the commands

B := build
CC ?= gcc
BISON ?= bison
FLEX ?= flex
CLIENT_CC ?= $(or $(shell command -v musl-gcc),$(CC))
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes
WARN += $(if $(findstring clang,$(CC)),-Wshadow,-Wshadow=local)
# what fuzzers need, too; obstack.h aligns by adding to a null pointer
ASAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-sanitize=pointer-overflow
FUZZ_SECONDS ?= 600
override CFLAGS += -std=gnu11 $(WARN) $(SANITIZE)
override CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
# whose memory, locks and time the core's connection tracker uses
override CPPFLAGS += -DFW_HOST_H='"backend/sim/track_host.h"'
override LDFLAGS += $(SANITIZE)

# the kernels to build the module for: those whose headers are installed, or unpacked
# by tests/qemu/kernel
KERNEL_CACHE ?= $(B)/kernels
KDIR ?= $(if $(KERNEL),$(KERNEL:%=/lib/modules/%/build),$(wildcard \
	/lib/modules/*-cloud-*/build $(KERNEL_CACHE)/*/build))
export PATH := $(if $(PATH),$(PATH):)/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

Q := $(if $(V),,@)
silent := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say = $(if $(V)$(silent),,@printf '  %-6s %s\n' $(1) $(patsubst $(B)/%,%,$@))
jobs := $(shell PATH="$(PATH)" nproc)
again = +$(Q)$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(jobs))

src = $(patsubst %.c,$(B)/%.o,$(wildcard $(1:%=%/*.c)))
core := $(call src,kmod/core)
parser := $(call src,parser) $(B)/gen/parser/grammar.o $(B)/gen/parser/lexer.o
backend := $(call src,backend backend/*)
shell := $(call src,ipfwadm/shell) $(B)/gen/manual.o
shared := $(B)/ipfwadm/engine/engine_wire.o $(B)/ipfwadm/format/text_diff.o
client := ipfwadm/run/client.c ipfwadm/run/client_main.c
clients := $(addprefix $(B)/lib/ipfwadm-,client bash.so)
program := $(filter-out $(shell) $(B)/ipfwadm/run/client_%,$(call src,ipfwadm ipfwadm/*))
programs := ipfwadm ipfwadm-shell
compat := $(addprefix $(B)/compat/,abi.o overlay.o proc_file.o proc_mount.o)
# other names of the program, and what they are
aliases := ipportfw ipautofw ipmasqadm
fronts := $(addprefix $(B)/compat/,portfw_front.o ipportfw.o ipautofw.o ipmasqadm.o \
	ipmasqadm_mfw.o portfw_option.o portfw_proc.o)
# Old programs load it, so there is one for each kind: no sanitizers, nothing exported,
# and all functions found at once, because it runs them on a small stack.
preload := $(addprefix compat/,abi.c proc_file.c $(notdir $(wildcard compat/preload*.c)))
libraries := $(B)/lib/libipfwadm-compat.so
# one for programs of 32 bits where there is a C library to build it with
m32 := -m32 -idirafter /usr/include/x86_64-linux-gnu
libraries += $(if $(shell $(CC) $(m32) -shared -include stdlib.h -xc /dev/null -o /dev/null \
	2>/dev/null && echo yes),$(B)/lib/libipfwadm-compat-i386.so)
preload_flags = $(CPPFLAGS) $(filter-out -f%,$(CFLAGS)) -shared -fPIC -fvisibility=hidden \
	-U_FORTIFY_SOURCE -Wl,-z,now
netfilter := -lmnl -lip4tc -lip6tc -lxtables
libs := $(B)/libparser.a $(B)/libbackend.a $(B)/libcore.a

.PHONY: all tests fuzzers asan checked demo check check-long lint fuzz bench bench-kmod
.PHONY: install uninstall deb clean module modules_install check-kmod check-debug-kernel
.SECONDARY:
.DELETE_ON_ERROR:

all: $(addprefix $(B)/bin/,$(programs) $(aliases)) $(clients) $(libraries)

include packaging/install.mk tests/tests.mk

module:
	+$(Q)kmod/build $(B)/kmod $(KDIR)

modules_install: module
	$(Q)for ko in $(B)/kmod/*/ipfwadm.ko; do \
		kernel=$$(basename $$(dirname $$ko)); \
		install -D -m 644 $$ko $(DESTDIR)/lib/modules/$$kernel/updates/ipfwadm.ko || exit; \
		[ -n "$(DESTDIR)" ] || depmod $$kernel || exit; done

$(B)/libcore.a: $(core)
$(B)/libparser.a: $(parser)
$(B)/libbackend.a: $(backend)

$(addprefix $(B)/bin/,$(aliases)): $(B)/bin/ipfwadm
	$(Q)ln -sf ipfwadm $@

$(B)/bin/ipfwadm: $(program) $(fronts) $(compat) $(libs)
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(netfilter) -ljansson

# Each library has links by the names that the dynamic linkers of its kind have for $LIB.
$(B)/lib/libipfwadm-compat.so: machine := -m64
$(B)/lib/libipfwadm-compat-i386.so: machine := $(m32)
$(B)/lib/libipfwadm-compat%so: $(preload) $(wildcard compat/*.h kmod/core/*.h) Makefile
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(machine) $(preload_flags) -o $@ $(filter %.c,$^)
	$(Q)for dir in $$($(CC) $(machine) -print-multi-os-directory 2>/dev/null | sed 's,.*/,,') \
			lib/$$($(CC) $(machine) -print-multiarch); do \
		mkdir -p $(@D)/ipfwadm/$$dir && ln -srf $@ \
			$(@D)/ipfwadm/$$dir/libipfwadm-compat.so || exit; done

# readline and the netfilter libraries must not meet: the shell has no backend
$(B)/bin/ipfwadm-shell: $(shell) $(shared) $(B)/libparser.a $(B)/libcore.a
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lreadline -ljansson

# small and static, because a script starts it a thousand times; where musl is installed it
# starts in half the time; no sanitizers
$(B)/lib/ipfwadm-client: $(client) ipfwadm/run/client.h Makefile
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLIENT_CC) $(CPPFLAGS) -std=gnu11 -O2 $(WARN) -static -s -o $@ $(client)

# what bash loads, for which it starts no process
$(B)/lib/ipfwadm-bash.so: ipfwadm/run/client.c ipfwadm/run/client_bash.c ipfwadm/run/client.h
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(preload_flags) -s -o $@ $(filter %.c,$^)

# the text of the shell's help: topics of the manuals, without page headers and footers
$(B)/gen/%.topics: man/% ipfwadm/shell/manual.awk
	$(Q)mkdir -p $(@D)
	$(Q)awk -f ipfwadm/shell/manual.awk $< | mandoc -T ascii -O width=78,indent=4 >$@.page
	$(Q)sed '1d; $$d; s/.\x08//g' $@.page >$@

$(B)/gen/manual.o: $(B)/gen/ipfwadm-shell.8.topics $(B)/gen/ipfwadm.8.topics
	$(Q)cat $^ >$(B)/gen/manual
	$(Q)cd $(B)/gen && $(LD) -r -z noexecstack -b binary -o manual.o manual

$(B)/%.a:
	$(call say,AR)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# generated: the lexer and the grammar
$(B)/gen/%.o: $(B)/gen/%.c Makefile
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/parser/grammar.c $(B)/gen/parser/grammar.h &: parser/grammar.y
	$(call say,BISON)
	$(Q)mkdir -p $(@D)
	$(Q)$(BISON) -Wall -Werror --defines=$(basename $@).h -o $(basename $@).c $<

$(B)/gen/parser/lexer.c $(B)/gen/parser/lexer.h &: parser/lexer.l
	$(call say,FLEX)
	$(Q)mkdir -p $(@D)
	$(Q)$(FLEX) --header-file=$(basename $@).h -o $(basename $@).c $<

$(parser): $(B)/gen/parser/grammar.h $(B)/gen/parser/lexer.h

demo:
	$(Q)packaging/deps build demo
	$(again) all
	$(Q)packaging/demo $(B)/bin/ipfwadm

clean:
	$(Q)rm -rf $(B)

-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)
