# gpt-tools: `make help` lists the targets. Variants build beside each other: build/bin, build/asan/bin, build/tsan/bin.

VERSION := 0.1.0
PREFIX  ?= /usr/local
CC      ?= gcc
CXX     ?= g++
VARIANT ?=

B := build$(VARIANT:%=/%)

# Debian packages: what building, running and `make check` need, and what only peers and slow suites need.
DEB_BUILD := build-essential pkg-config libsimdjson-dev libxml2-dev libpcre2-dev libzstd-dev libicu-dev libxxhash-dev \
    zlib1g-dev libbz2-dev liblzma-dev libbrotli-dev libdnnl-dev libedit-dev check mandoc jq zstd bzip2 xz-utils
DEB_DEV   := clang clang-format libclang-rt-14-dev shellcheck codespell valgrind hyperfine python3 python3-numpy \
    python3-torch python3-jinja2 nodejs npm
PKGS := libxml-2.0 libpcre2-8 libzstd icu-i18n icu-uc libxxhash zlib liblzma simdjson libbrotlidec libedit

# pkg-config and the compilers are absent on a bare machine until `make deps` ran: then these are empty and nothing is built yet.
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lbz2 -ldnnl

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Werror
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZE_tsan := -fsanitize=thread
SANITIZE := $(SANITIZE_$(VARIANT))
OPTIMISE ?= -O2
CFLAGS   ?= -g
CXXFLAGS ?= -g
ALL_CPPFLAGS := -Isrc -D_GNU_SOURCE -DGPT_VERSION='"$(VERSION)"' -DGPT_DATADIR='"$(PREFIX)/share/gpt-tools"' $(PKG_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS   := -std=gnu11 $(WARNINGS) $(OPTIMISE) -fopenmp -pthread -ffp-contract=off $(SANITIZE) $(CFLAGS)
ALL_CXXFLAGS := -std=c++17 $(WARNINGS) $(OPTIMISE) -pthread -fno-exceptions -fno-rtti $(SANITIZE) $(CXXFLAGS)
ALL_LDFLAGS  := -Wl,--as-needed -fopenmp -pthread $(SANITIZE) $(LDFLAGS)
LIBS := $(PKG_LIBS) -lstdc++ -lm

PROGRAM_SOURCES := $(wildcard src/*/gpt-*.c)
LIBRARY_SOURCES := $(filter-out $(PROGRAM_SOURCES),$(wildcard src/*/*.c)) $(wildcard src/*/*.cc)
PROGRAMS := $(patsubst %.c,$(B)/bin/%,$(notdir $(PROGRAM_SOURCES)))
LIBRARY  := $(B)/libgpt.a
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))
TOOLS := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c)) \
    $(patsubst sample_corpora/%.c,$(B)/tools/%,$(wildcard sample_corpora/*.c))

object = $(patsubst %,$(B)/obj/%.o,$(1))

all: $(PROGRAMS) $(TOOLS)

$(LIBRARY): $(call object,$(LIBRARY_SOURCES))
	@rm -f $@
	ar rcs $@ $^

define program_rule
$(B)/bin/$(basename $(notdir $(1))): $(call object,$(1)) $(LIBRARY)
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach source,$(PROGRAM_SOURCES),$(eval $(call program_rule,$(source))))

$(B)/tests/unit/%: $(B)/obj/tests/unit/%.c.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcheck $(LIBS)

$(B)/tools/%: $(B)/obj/tests/tools/%.c.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tools/%: $(B)/obj/sample_corpora/%.c.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Per-file flags stand beside the file they are for: src/x/y.c's FLAGS_src/x/y.c.
$(B)/obj/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(FLAGS_$*.c) -MMD -MP -c -o $@ $<

$(B)/obj/%.cc.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(ALL_CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

.PHONY: all clean
.SECONDARY:
clean:
	rm -rf build
