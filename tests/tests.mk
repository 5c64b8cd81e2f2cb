# SPDX-License-Identifier: GPL-2.0-or-later
#
# The programs of the tests, and what runs them: a part of the Makefile above.

# the programs of the tests have a main; what else is there is shared by them
mains := $(shell grep -lw '^int main' tests/programs/*.c tests/programs/*/*.c)
testlib := $(call src,tests/lib) $(patsubst %.c,$(B)/%.o,\
	$(filter-out $(mains),$(wildcard tests/programs/*/*.c))) $(compat)
unit := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))
test_programs := $(patsubst %.c,$(B)/tests/%,$(notdir $(mains)))
tests := $(unit) $(test_programs) $(B)/tests/kmod-sockopt-i386 $(B)/tests/kmod-proc-i386
tests += $(B)/tests/kmod-sockopt-i386-dynamic $(B)/tests/old-files-i386-dynamic \
	$(addprefix $(B)/tests/old-,$(addsuffix -i386-dynamic,portfw forwards))
tests += $(B)/tests/icount.so
fuzzers := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/fuzz/*.c))

tests: $(tests)
fuzzers: $(fuzzers)

$(B)/libtest.a: $(testlib)

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

# what suites run, with sanitizers and without; the module, for two kernels
checked:
	@echo "make $(MAKECMDGOALS): builds ipfwadm twice, once with sanitizers, and its module for"
	@echo "Linux 6.1 and 6.12.  What runs is in namespaces and machines of its own.  Packages"
	@echo "that are missing are installed; kernels are unpacked in $(KERNEL_CACHE), 280 MB, and"
	@echo "never installed.  On two idle processors make check takes 12 minutes, lint 3."
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

# the module on a kernel that finds faults, or data races if SANITIZER=kcsan; the first
# build of each takes ten minutes
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
