# make            what users get: the C library, the command, the Python module
# make demo       shows all of it against a service of its own on this machine
# make test       every check; what .ci/run calls
# make bench      the figures in CONTRIBUTING.md
# make install    see bindings/c/install.mk

CARGO ?= cargo
PYTHON ?= python3
VENV := .venv
# The minor version is part of the soname until 1.0.
SOVERSION := $(shell sed -n 's/^version = "\([0-9]*\.[0-9]*\).*/\1/p' Cargo.toml | head -n 1)

# Everything that a clean clone downloads or builds stays in these two folders.
export PIP_CACHE_DIR := $(CURDIR)/target/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: build library command sandbox module install install-command uninstall uninstall-command \
	demo test lint test-rust test-c test-python examples bench clean

-include bindings/c/install.mk

MANDIR ?= $(PREFIX)/share/man
COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions

build: library command module

# One package at a time: built together, each would get the features that the others need.
library:
	@tests/require cargo cc certificates
	@$(MAKE) --no-print-directory capi HWM_PROFILE=release
	@# What is linked against libhwm.so asks for it by its soname.
	@if [ -e target/release/libhwm.so ]; then \
		ln -sf libhwm.so target/release/libhwm.so.$(SOVERSION); fi

command:
	@tests/require cargo cc certificates
	$(CARGO) build --release -p hwm-cli

# Unoptimized: it is fast enough to play the service, and takes minutes less to build.
sandbox:
	@tests/require cargo cc certificates
	$(CARGO) build -p hwm-sandbox

module: target/module.stamp

MODULE_SOURCES := $(shell find src bindings/python Cargo.toml Cargo.lock -type f \
	-not -name '*.so' -not -name '*.pyc')

target/module.stamp: $(MODULE_SOURCES) $(VENV)/bin/maturin
	@tests/require cargo cc certificates
	. $(VENV)/bin/activate && maturin develop --release -m bindings/python/Cargo.toml
	@mkdir -p target && touch $@

$(VENV)/bin/maturin:
	@tests/require $(PYTHON) venv certificates
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet 'maturin>=1.9,<2'

install: install-command
uninstall: uninstall-command

install-command: command
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(COMPLETIONS)"
	install -m 755 target/release/hwm "$(DESTDIR)$(PREFIX)/bin/hwm"
	target/release/hwm man --folder "$(DESTDIR)$(MANDIR)/man1"
	target/release/hwm completions bash >"$(DESTDIR)$(COMPLETIONS)/hwm"

uninstall-command:
	rm -f "$(DESTDIR)$(PREFIX)/bin/hwm" "$(DESTDIR)$(COMPLETIONS)/hwm" \
	    "$(DESTDIR)$(MANDIR)"/man1/hwm.1 "$(DESTDIR)$(MANDIR)"/man1/hwm-*.1

demo: build sandbox
	@tests/require cc $(PYTHON)
	$(PYTHON) tests/demo/demo.py

test: lint test-rust build sandbox test-c test-python examples
	@echo "make test: all passed"

lint:
	@tests/require cargo cc certificates rustfmt clippy
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

# The core, the C boundary, the sandbox and the command. The examples of both headers are compiled,
# connections go through a proxy, tmux is the command's terminal, and bash reads its completions. In
# one go, so that what they share is compiled once.
test-rust:
	@tests/require cargo cc c++ certificates tinyproxy tmux bash
	$(CARGO) test --workspace --exclude hwm-python

test-c:
	@tests/require $(PYTHON)
	tests/c/run

test-python: $(VENV)/bin/maturin
	tests/python/run
	tests/python/wheel

# The demonstration runs the examples and fails unless the statuses really changed.
examples: build sandbox
	@tests/require cargo cc c++ certificates $(PYTHON)
	$(CARGO) build --workspace --exclude hwm-python --examples
	$(PYTHON) tests/demo/demo.py --every-face

bench: build
	@tests/require cargo cc certificates
	$(CARGO) build --release -p hwm-sandbox
	@set -e; for figures in tests/bench/*.py; do \
		echo "== $$figures"; $(VENV)/bin/python $$figures; done
	@# One at a time, by name: the library's own tests are no benches.
	@set -e; for name in isolation quota throughput million; do \
		$(CARGO) bench -p hwm --bench $$name; done

clean:
	$(CARGO) clean
	rm -rf $(VENV)
