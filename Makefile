# SPDX-License-Identifier: GPL-2.0-or-later
#
# make          build into build/
# make demo     see the main job done (installs what it needs)
# make check    all tests (installs what it needs)
# make V=1      show the commands

B := build
CC ?= gcc
BISON ?= bison
FLEX ?= flex
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wshadow=local
override CFLAGS += -std=gnu11 $(WARN) $(SANITIZE)
override CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
override LDFLAGS += $(SANITIZE)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(patsubst $(B)/%,%,$@))

src = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))
core := $(call src,kmod/core)
parser := $(call src,parser) $(B)/gen/parser/grammar.o $(B)/gen/parser/lexer.o
backend := $(call src,backend)
program := $(call src,ipfwadm)
testlib := $(call src,tests/lib)
libs := $(B)/libparser.a $(B)/libbackend.a $(B)/libcore.a

tests := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/*.c tests/unit/*.c))

.PHONY: all tests deps demo check clean
.SECONDARY:
.DELETE_ON_ERROR:

all: $(B)/bin/ipfwadm

tests: $(tests)

$(B)/bin/ipfwadm: $(program) $(libs)
$(B)/libcore.a: $(core)
$(B)/libparser.a: $(parser)
$(B)/libbackend.a: $(backend)
$(B)/libtest.a: $(testlib)

$(B)/bin/%:
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) -l:libjansson.a

$(B)/tests/%: $(B)/tests/%.o $(B)/libtest.a $(libs)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) -lcmocka -ljansson -llzma

$(B)/%.a:
	$(call say,AR)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# generated: the lexer and the grammar
$(B)/gen/%.o: $(B)/gen/%.c
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/parser/grammar.c $(B)/gen/parser/grammar.h &: parser/grammar.y
	$(call say,BISON)
	$(Q)mkdir -p $(@D)
	$(Q)$(BISON) -Wall -Werror --defines=$(B)/gen/parser/grammar.h -o $(B)/gen/parser/grammar.c $<

$(B)/gen/parser/lexer.c $(B)/gen/parser/lexer.h &: parser/lexer.l
	$(call say,FLEX)
	$(Q)mkdir -p $(@D)
	$(Q)$(FLEX) --header-file=$(B)/gen/parser/lexer.h -o $(B)/gen/parser/lexer.c $<

$(parser): $(B)/gen/parser/grammar.h $(B)/gen/parser/lexer.h

clean:
	$(Q)rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
