# gpt-tools: `make help` lists the targets. Variants build beside each other: build/bin, build/asan/bin, build/tsan/bin.

VERSION := 0.1.0
PREFIX  ?= /usr/local
CC      ?= gcc
CXX     ?= g++
VARIANT ?=

B := build$(VARIANT:%=/%)

# Debian packages: what building, running and `make check` need, and what only peers and slow suites need.
DEB_BUILD := build-essential pkg-config libsimdjson-dev libxml2-dev libpcre2-dev libzstd-dev libicu-dev libxxhash-dev \
    zlib1g-dev libdeflate-dev libbz2-dev liblzma-dev libbrotli-dev nettle-dev libarchive-dev libdnnl-dev libedit-dev check mandoc jq zstd bzip2 xz-utils
DEB_DEV   := clang clang-format libclang-rt-14-dev libomp-dev shellcheck codespell valgrind hyperfine icu-devtools libopenblas0-openmp libcld2-dev \
    python3 python3-lxml python3-mwparserfromhell python3-numpy python3-readability python3-torch python3-jinja2 python3-jsonschema nodejs npm
PKGS := libxml-2.0 libpcre2-8 libzstd icu-i18n icu-uc libxxhash zlib libdeflate liblzma simdjson libbrotlidec nettle libarchive libedit

# pkg-config and the compilers are absent on a bare machine until `make deps` ran: then these are empty and nothing is built yet.
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lbz2 -ldnnl

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Werror
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZE_tsan := -fsanitize=thread
SANITIZE_fuzz := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
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
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $$(pkg-config --libs check) $(LIBS)

$(B)/tools/train_language: $(call object,$(wildcard tests/tools/train_language/*.c))
$(B)/tools/%: $(B)/obj/tests/tools/%.c.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIBRARY) $(LIBS)

$(B)/tools/make_samples: $(call object,$(wildcard sample_corpora/generator/*.c))
$(B)/tools/%: $(B)/obj/sample_corpora/%.c.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIBRARY) $(LIBS)

# Per-file flags stand beside the file they are for: src/x/y.c's FLAGS_src/x/y.c.
$(B)/obj/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(FLAGS_$*.c) -MMD -MP -c -o $@ $<

$(B)/obj/%.cc.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(ALL_CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

# The kernels trade associativity for speed (still a fixed order for one binary) and are compiled once an instruction set.
KERNEL_FLAGS := -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math -fno-signed-zeros -fassociative-math -freciprocal-math
FLAGS_src/dedup/minhash.c := -O3
# Loops that count bytes.
FLAGS_src/text/charset_detect.c := -O3
FLAGS_src/text/html_tree.c := -O3
FLAGS_src/text/html_blocks.c := -O3
# And that pack and check tokens.
FLAGS_src/shard/reader.c := -O3
FLAGS_src/shard/writer.c := -O3
FLAGS_src/model/kernels_plain.c := $(KERNEL_FLAGS)
ifneq ($(findstring x86_64,$(shell $(CC) -dumpmachine 2>/dev/null)),)
FLAGS_src/model/kernels_avx2.c := $(KERNEL_FLAGS) -march=x86-64-v3
FLAGS_src/model/kernels_avx512.c := $(KERNEL_FLAGS) -march=x86-64-v4 -mprefer-vector-width=512
FLAGS_src/token/piece_starts_avx2.c := -march=x86-64-v3
endif

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
.SECONDARY:

## Tests -------------------------------------------------------------------------------------------------------------

# Each suite is one executable: exit 0 passed, 77 skipped with a reason, anything else failed.
SUITES      := $(UNIT_TESTS) $(wildcard tests/cli/run tests/archives tests/robustness tests/fault/run tests/memory tests/hostile tests/manual-examples)
PEER_SUITES := $(wildcard tests/peers/*)
SLOW_SUITES := $(PEER_SUITES) $(wildcard tests/slow/*)

# Preloaded into the programs by tests/fault/run; without sanitizers, which want to be loaded first.
TEST_LIBRARIES := $(patsubst tests/fault/%.c,$(B)/tests/%.so,$(wildcard tests/fault/*.c))
$(B)/tests/%.so: tests/fault/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC -shared -o $@ $< -ldl

check: dependencies
	@$(MAKE) --no-print-directory -j$(shell nproc) all unit-tests
	@$(MAKE) --no-print-directory check-run

check-all: dependencies
	@$(MAKE) --no-print-directory check-run SUITES='$(SUITES) $(SLOW_SUITES)'

check-run: all $(UNIT_TESTS) $(TEST_LIBRARIES)
	@tests/run $(B) $(SUITES)

peers: all
	@tests/run $(B) $(PEER_SUITES)

# The whole suite under the sanitizers, in variants of their own.
TSAN_TESTS := $(addprefix build/tsan/tests/unit/,pipeline stage threads bzip2_blocks shard packing fine_tuning)
asan tsan: export ASAN_OPTIONS = detect_leaks=1:abort_on_error=0
asan: dependencies
	@$(MAKE) --no-print-directory VARIANT=asan check-run
tsan: dependencies
	@$(MAKE) --no-print-directory VARIANT=tsan $(TSAN_TESTS) build/tsan/bin/gpt-crawl build/tsan/tools/make_samples
	@export TSAN_OPTIONS=halt_on_error=1; for t in $(TSAN_TESTS); do $$t || exit 1; done; tests/slow/threads build/tsan

# Coverage-guided fuzzing, FUZZ_SECONDS a target (needs clang).
FUZZ_SECONDS ?= 30
fuzz: dependencies
	@$(MAKE) --no-print-directory VARIANT=fuzz CC=clang CXX=clang++ fuzz-run
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.c.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
fuzz-run: $(FUZZERS)
	@rm -rf build/fuzz/seeds && tests/fuzz/seeds build/fuzz/seeds
	@for f in $(FUZZERS); do mkdir -p build/fuzz/corpus/$${f##*/} build/fuzz/seeds/$${f##*/}; echo "== $${f##*/}"; \
	    $$f -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -rss_limit_mb=4096 -print_final_stats=1 \
	        build/fuzz/corpus/$${f##*/} build/fuzz/seeds/$${f##*/} \
	        2> build/fuzz/$${f##*/}.log || { tail -40 build/fuzz/$${f##*/}.log; exit 1; }; \
	    grep -E 'number_of_executed_units' build/fuzz/$${f##*/}.log; done

bench: all
	@for b in $(wildcard tests/bench/*); do case $$b in *.md|*.c) ;; *) echo "== $$b"; $$b $(B) ;; esac; done

# From sample dumps to a chat model.
demo: dependencies
	@$(MAKE) --no-print-directory -j$(shell nproc) all
	@sample_corpora/demo $(B)

## Style -------------------------------------------------------------------------------------------------------------

C_FILES := $(wildcard src/*/*.[ch] src/*/*.inc src/*/*.cc tests/*/*.[ch] sample_corpora/*.[ch] sample_corpora/*/*.[ch])
MAN_PAGES := $(wildcard man/*.[1-8])
SCRIPTS := .ci/run sample_corpora/demo $(wildcard tests/run tests/robustness tests/memory tests/hostile tests/samples tests/cli/run tests/fault/run tests/fuzz/seeds) \
    $(shell grep -lE '^\#!/bin/(ba)?sh' $(wildcard tests/bench/* tests/peers/* tests/slow/*) 2>/dev/null)

format:
	clang-format -i $(filter-out %_tables.c,$(C_FILES))

lint:
	clang-format --dry-run -Werror $(filter-out %_tables.c,$(C_FILES))
	mandoc -Tlint -Wwarning $(MAN_PAGES)
	shellcheck $(SCRIPTS)
	tests/layers
	codespell -q 3 --skip 'build,*.txt,*.csv,*_tables.c,near_languages.py' --ignore-words-list "$$(tr '\n' , < tests/codespell-ignore)" \
	    src man README.md CONTRIBUTING.md CHANGELOG.md tests Makefile
	$(MAKE) --no-print-directory VARIANT=clang CC=clang CXX=clang++ all unit-tests

unit-tests: $(UNIT_TESTS)

# Maintainer's target: the character classes of the pretokenisers, from the Unicode Character Database.
UNICODE_VERSION ?= 15.0.0
UNICODE_DATA ?= build/corpora/conf_unicode/unicode-data-$(UNICODE_VERSION)
unicode-tables: $(B)/tools/unicode_tables
	$< $(UNICODE_VERSION) $(UNICODE_DATA)/UnicodeData.txt $(UNICODE_DATA)/PropList.txt > build/unicode_tables.c
	mv build/unicode_tables.c src/token/unicode_tables.c

# Maintainer's target: the named character references, as Python's standard library has them.
entity-tables:
	tests/tools/entity_tables > build/html_entity_tables.c
	mv build/html_entity_tables.c src/text/html_entity_tables.c

# Maintainer's target: filters/language.weights, from texts of some 800 Debian packages (5 GB below build/language): behind the
# download some 12 minutes on two cores, 3 of them learning. The same packages give the same bytes.
DEB_LANGUAGE := apertium apertium-dan-nor apertium-ind-zlm apertium-nno-nob apertium-swe-nor tesseract-ocr
language-weights: $(B)/tools/train_language
	@missing="$(call missing_packages,$(DEB_LANGUAGE))"; [ -z "$$missing" ] || \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing
	tests/tools/language_texts build/language
	$< -o build/language/weights build/language/text
	mv build/language/weights filters/language.weights

## Installing --------------------------------------------------------------------------------------------------------

# Quoted: either may hold blanks.
INTO = "$(DESTDIR)$(PREFIX)"
install: all
	install -d $(INTO)/bin $(INTO)/share/man/man1 $(INTO)/share/man/man5 $(INTO)/share/man/man7 $(INTO)/share/gpt-tools
	install $(PROGRAMS) $(INTO)/bin
	for s in 1 5 7; do install -m 644 man/*.$$s $(INTO)/share/man/man$$s || exit 1; done
	cp -R filters schemas $(INTO)/share/gpt-tools
	install -m 644 gpt.mk $(INTO)/share/gpt-tools

uninstall:
	rm -f $(addprefix $(INTO)/bin/,$(notdir $(PROGRAMS)))
	for m in $(notdir $(MAN_PAGES)); do rm -f $(INTO)/share/man/man?/$$m; done
	rm -rf $(INTO)/share/gpt-tools

# The release gate: the tarball builds, passes its tests, installs, and what was installed runs.
DIST := gpt-tools-$(VERSION)
distcheck:
	@mkdir -p build/dist
	git archive --prefix=$(DIST)/ -o build/dist/$(DIST).tar.gz HEAD
	rm -rf build/dist/$(DIST) && tar -xzf build/dist/$(DIST).tar.gz -C build/dist
	$(MAKE) -C build/dist/$(DIST) lint
	$(MAKE) -C build/dist/$(DIST) check
	$(MAKE) -C build/dist/$(DIST) install DESTDIR=$(CURDIR)/build/dist/root PREFIX=/usr
	echo '{"text":"Hello  there"}' | build/dist/root/usr/bin/gpt-clean --rules gopher --rejects /dev/null > /dev/null
	$(MAKE) -C build/dist/$(DIST) uninstall DESTDIR=$(CURDIR)/build/dist/root PREFIX=/usr
	test -z "$$(find build/dist/root -type f)"
	@echo "distcheck passed: build/dist/$(DIST).tar.gz"

## Dependencies ------------------------------------------------------------------------------------------------------

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
missing_packages = $(shell for p in $(1); do dpkg-query -W -f='$${db:Status-Status}\n' $$p 2>/dev/null \
    | grep -qx installed || echo $$p; done)

# Quiet where everything is there; elsewhere than on Debian it trusts the builder.
dependencies:
	@if command -v dpkg-query >/dev/null && [ -n "$(call missing_packages,$(DEB_BUILD))" ]; then \
	    $(MAKE) --no-print-directory deps; fi

deps:
	@if command -v apt-get >/dev/null; then \
	    missing="$(call missing_packages,$(DEB_BUILD))"; \
	    [ -z "$$missing" ] || { $(SUDO) apt-get update -qq && \
	        $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; }; \
	else echo "This system has no apt-get. Install what these Debian packages hold:"; echo "$(DEB_BUILD)"; exit 1; fi

deps-dev: deps
	@if command -v apt-get >/dev/null; then \
	    missing="$(call missing_packages,$(DEB_DEV))"; \
	    if command -v npm >/dev/null; then missing=$$(printf '%s\n' $$missing | grep -vxE 'npm|nodejs'); fi; \
	    [ -z "$$missing" ] || { $(SUDO) apt-get update -qq && \
	        $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; }; \
	else echo "This system has no apt-get. Install what these Debian packages hold:"; echo "$(DEB_DEV)"; exit 1; fi
	@[ -d build/peers/node_modules/tokenizers ] || { mkdir -p build/peers && \
	    npm install --silent --no-audit --no-fund --prefix build/peers tokenizers tiktoken; }
	@[ "$$(uname -sm)" != "Linux x86_64" ] || [ -d build/peers/node_modules/tiktoken-rs-node-linux-x64-gnu ] || \
	    npm install --silent --no-audit --no-fund --prefix build/peers tiktoken-rs-node-linux-x64-gnu || \
	    echo "npm has no tiktoken-rs-node-linux-x64-gnu here: native tiktoken is left out of benches, and compared by its WebAssembly build"

help:
	@echo "make demo        installs what is missing, builds, and takes the sample dumps to a chat model"
	@echo "make check       installs what is missing, builds, and runs the tests (check-all: slow and peer suites too)"
	@echo "make all         programs into build/bin        make install    into PREFIX ($(PREFIX)), DESTDIR honoured"
	@echo "make deps        Debian packages to build       make deps-dev   and those of peers, lint and fuzzing"
	@echo "make asan, tsan  the tests under sanitizers     make fuzz       libFuzzer, FUZZ_SECONDS=$(FUZZ_SECONDS) a target"
	@echo "make bench       speed against named peers      make lint       formatting, manuals, scripts, layers, clang"
	@echo "make distcheck   the release gate               make format     clang-format, uninstall, clean"

clean:
	rm -rf build

.PHONY: all check check-all check-run peers language-weights asan tsan fuzz fuzz-run bench format lint unit-tests install uninstall \
    distcheck dependencies deps deps-dev help clean demo unicode-tables entity-tables
