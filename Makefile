# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Verbs only; the work is in tools/.

help:
	@echo 'make all      the modules for every kernel series'
	@echo 'make modules  the modules for one: KERNEL=6.1, 6.12 or a directory'
	@echo 'make modules_install, make install'
	@echo '              the modules for the running kernel; and all else, without packages'
	@echo 'make deb      the Debian packages, into OUT=DIR'
	@echo 'make check    run the test suites (SUITES="NAME...", see tools/check --list)'
	@echo 'make demo     two hypervisors and their guests on a virtual fabric'
	@echo 'make clean    forget what was built (downloads stay)'

KERNEL ?= 6.1
OUT ?= .

all:
	tools/build --kernel 6.1
	tools/build --kernel 6.12

modules:
	tools/build --kernel $(KERNEL)

modules_install:
	tools/install $(if $(DESTDIR),--destdir $(DESTDIR)) $(if $(RELEASE),--release $(RELEASE)) modules

install: modules_install
	tools/install $(if $(DESTDIR),--destdir $(DESTDIR)) utils

deb:
	tools/packaging/build $(OUT)

check:
	tools/check $(SUITES)

demo:
	tools/demo

clean:
	tools/build --clean

.PHONY: all modules modules_install install deb check demo clean help
