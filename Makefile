# SPDX-License-Identifier: GPL-2.0-or-later
#
# make          build into build/
# make demo     see the main job done (installs what it needs)
# make check    all tests (installs what it needs); check-kmod: those of the module
# make lint     how the source is written
# make check-long, check-debug-kernel	what takes hours
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

PREFIX ?= /usr/local
sbindir = $(DESTDIR)$(PREFIX)/sbin
libdir = $(DESTDIR)$(PREFIX)/lib/ipfwadm
pages = $(foreach p,$(wildcard man/*),\
	$(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $p))/$(notdir $p))
completions = $(addprefix $(DESTDIR)$(PREFIX)/share/,bash-completion/completions/ipfwadm \
	zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)/_ipfwadm \
	fish/vendor_completions.d/ipfwadm.fish)
modprobedir = $(DESTDIR)$(PREFIX)/lib/modprobe.d
docdir = $(DESTDIR)$(PREFIX)/share/doc/ipfwadm
unitdir = $(DESTDIR)$(PREFIX)/lib/systemd/system
# where scripts of 1996 look for it: a link, unless it is there
sbinlink = $(if $(filter /usr /,$(PREFIX)),,$(DESTDIR)/sbin/ipfwadm)
# what runs hooks looks nowhere else, whatever PREFIX is
hooks = $(patsubst %,$(DESTDIR)/etc/%/ipfwadm,network/if-up.d network/if-post-down.d \
	networkd-dispatcher/routable.d networkd-dispatcher/off.d ppp/ip-up.d ppp/ip-down.d)

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
# the programs of the tests have a main; what else is there is shared by them
mains := $(shell grep -lw '^int main' tests/programs/*.c tests/programs/*/*.c)
testlib := $(call src,tests/lib) $(patsubst %.c,$(B)/%.o,\
	$(filter-out $(mains),$(wildcard tests/programs/*/*.c))) $(compat)
netfilter := -lmnl -lip4tc -lip6tc -lxtables
libs := $(B)/libparser.a $(B)/libbackend.a $(B)/libcore.a

unit := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))
test_programs := $(patsubst %.c,$(B)/tests/%,$(notdir $(mains)))
tests := $(unit) $(test_programs) $(B)/tests/kmod-sockopt-i386 $(B)/tests/kmod-proc-i386
tests += $(B)/tests/kmod-sockopt-i386-dynamic $(B)/tests/old-files-i386-dynamic \
	$(addprefix $(B)/tests/old-,$(addsuffix -i386-dynamic,portfw forwards))
tests += $(B)/tests/icount.so
fuzzers := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/fuzz/*.c))

.PHONY: all tests fuzzers asan checked demo check check-long lint fuzz bench bench-kmod
.PHONY: install uninstall deb clean module modules_install check-kmod check-debug-kernel
.SECONDARY:
.DELETE_ON_ERROR:

all: $(addprefix $(B)/bin/,$(programs) $(aliases)) $(clients) $(libraries)

module:
	+$(Q)kmod/build $(B)/kmod $(KDIR)

modules_install: module
	$(Q)for ko in $(B)/kmod/*/ipfwadm.ko; do \
		kernel=$$(basename $$(dirname $$ko)); \
		install -D -m 644 $$ko $(DESTDIR)/lib/modules/$$kernel/updates/ipfwadm.ko || exit; \
		[ -n "$(DESTDIR)" ] || depmod $$kernel || exit; done

tests: $(tests)
fuzzers: $(fuzzers)

$(B)/libcore.a: $(core)
$(B)/libparser.a: $(parser)
$(B)/libbackend.a: $(backend)
$(B)/libtest.a: $(testlib)

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

$(foreach c,$(mains),$(eval $(B)/tests/$(basename $(notdir $c)): $(c:%.c=$(B)/%.o)))
$(unit) $(fuzzers): %: %.o
$(unit) $(fuzzers) $(test_programs): $(B)/libtest.a $(libs)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcmocka -ljansson -llzma \
		$(netfilter)

# programs of the 2.0 interfaces, by 32-bit compilers too; these have no sanitizers
old_program = $(CC) $(m32) $(CPPFLAGS) \
	$(filter-out -f%,$(CFLAGS)) -o $@ $(filter %.c,$^)
old_sources := $(wildcard kmod/core/*.[ch]) $(addprefix tests/lib/,old_options.c \
	old_options.h tally.c random.c random_rules.c)

$(B)/tests/%-i386: tests/programs/%.c $(old_sources)
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(old_program) -static

$(B)/tests/%-i386-dynamic: tests/programs/%.c $(old_sources)
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(old_program)

# a plugin of qemu, which is not ours to sanitize
$(B)/tests/icount.so: tests/bench/icount.c tests/bench/icount.h
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -I. -std=gnu11 -O2 $(WARN) -shared -fPIC -o $@ $<

$(B)/tests/fuzz/%: LDFLAGS += -fsanitize=fuzzer

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

# what suites run, with sanitizers and without; the module, for two kernels
checked:
	@echo "make $(MAKECMDGOALS): builds ipfwadm twice, once with sanitizers, and its module for"
	@echo "Linux 6.1 and 6.12.  What runs is in namespaces and machines of its own.  Packages"
	@echo "that are missing are installed; kernels are unpacked in $(KERNEL_CACHE), 280 MB, and"
	@echo "never installed.  make check takes twenty minutes on two idle processors, lint four."
	$(Q)packaging/deps build demo check $(SETS)
	$(Q)for k in 6.1 6.12; do BUILD=$(B) tests/qemu/kernel $$k >/dev/null || exit; done
	$(again) KBUILD_ARGS=W=1e all tests module
	$(again) asan

# all that is not the module, into build/asan, with sanitizers and by another compiler
asan:
	$(again) B=$(B)/asan CC=clang CFLAGS='-O1 -g' SANITIZE="$(ASAN)" all tests fuzzers

check: checked
	$(Q)BUILD=$(B) tests/run

check-long: SETS = long
check-long: checked
	$(Q)BUILD=$(B) LONG=1 KERNELS='6.1 6.12' tests/run

check-kmod: checked
	$(Q)BUILD=$(B) KERNELS='6.1 6.12' EVERY=1 STATES_OF_KIND=250 tests/run 'vm/*'

# the module on a kernel that finds faults; its first build takes ten minutes
check-debug-kernel: SETS = debug
check-debug-kernel: checked
	$(Q)BUILD=$(B) tests/check-debug-kernel

lint: SETS = lint
lint: checked
	$(Q)BUILD=$(B) tests/run 'lint/*'

fuzz: checked
	$(Q)BUILD=$(B) tests/fuzz/run $(FUZZ_SECONDS)

bench:
	$(Q)packaging/deps build demo check bench
	$(again) all $(B)/tests/track-bench $(B)/tests/classify-bench
	$(Q)for bench in table.py track.sh classify.sh; do \
		BUILD=$(B) tests/bench/$$bench || exit; done

bench-kmod:
	$(Q)packaging/deps build demo check
	$(Q)BUILD=$(B) tests/qemu/kernel 6.1 >/dev/null
	$(again) all module $(B)/tests/packet-cost $(B)/tests/icount.so
	$(Q)BUILD=$(B) tests/bench/kmod.py $(if $(RECORD),--record)

install: all
	install -D -m 755 -t $(sbindir) $(addprefix $(B)/bin/,$(programs))
	for name in $(aliases); do ln -sf ipfwadm $(sbindir)/$$name || exit; done
	install -D -m 755 -t $(libdir) $(clients)
	cp -RP $(libraries) $(B)/lib/ipfwadm $(libdir)/..
	for page in $(pages); do install -D -m 644 man/$${page##*/} $$page || exit; done
	set -- $(completions); for script in ipfwadm.bash _ipfwadm ipfwadm.fish; do \
		install -D -m 644 packaging/completion/$$script $$1 && shift || exit; done
	install -D -m 644 packaging/modprobe.d/ipfwadm.conf $(modprobedir)/ipfwadm.conf
	install -D -m 644 -t $(unitdir) packaging/ipfwadm.service packaging/ipfwadm-closed.service
	$(if $(sbinlink),mkdir -p $(DESTDIR)/sbin && ln -sf $(PREFIX)/sbin/ipfwadm $(sbinlink))
	for hook in $(hooks); do install -D -m 755 packaging/hooks/ipfwadm $$hook || exit; done
	install -D -m 644 -t $(docdir)/examples packaging/examples/*

uninstall:
	rm -f $(addprefix $(sbindir)/,$(programs) $(aliases)) \
		$(libraries:$(B)/lib/%=$(libdir)/../%) \
		$(completions) $(pages) $(modprobedir)/ipfwadm.conf $(hooks) \
		$(unitdir)/ipfwadm.service $(unitdir)/ipfwadm-closed.service $(sbinlink)
	rm -rf $(libdir) $(docdir)/examples
	rmdir $(docdir) 2>/dev/null || :

deb: all
	$(Q)packaging/deb $(B)

clean:
	$(Q)rm -rf $(B)

-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)
