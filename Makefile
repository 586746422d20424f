# SPDX-License-Identifier: GPL-2.0
# What people type; `make help` lists it.  mach.ko itself is described by Kbuild.

# The kernel to build against: the running one's headers, else those of the
# newest installed Debian 6.1.  Asked late, since `deps` may install them.
KDIR ?= $(shell tools/vm/kernel build)
KREL = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h)
DESTDIR ?=
PREFIX ?= /usr/local
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

HEADER = $(DESTDIR)$(PREFIX)/include/linux/mach.h
UDEV = $(DESTDIR)$(PREFIX)/lib/udev/rules.d/60-mach.rules
MANDIR = $(DESTDIR)$(PREFIX)/share/man
LOAD = $(DESTDIR)$(PREFIX)/lib/modules-load.d/mach.conf
SYSUSERS = $(DESTDIR)$(PREFIX)/lib/sysusers.d/mach.conf
MODULE = $(DESTDIR)/lib/modules/$(KREL)/updates/mach.ko

# Folders with programs; each has a Makefile with `all` and `clean`.
TOOLS := $(patsubst %/Makefile,%,$(wildcard tools/lib/Makefile \
		tools/demo/Makefile tools/bench/Makefile \
		tools/lsmp/Makefile tools/machbootd/Makefile \
		tools/examples/Makefile))

# What the demo moves: the largest file that every set-up has.
DEMO_FILE ?= $(shell ls -S /boot/*"$$(tools/vm/kernel guest)" | head -n 1)

IN_GUEST = tools/vm/run --terse --module build/guest/mach.ko

export DESTDIR PREFIX

MAKEFLAGS += --no-print-directory

all: module tools		## module and tools

module: have-kdir		## mach.ko, against KDIR=...
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools: $(TOOLS)			## library, bootstrap server, programs, examples

$(TOOLS):
	$(MAKE) -C $@ all

$(filter-out tools/lib,$(TOOLS)): tools/lib

load:				## insmod mach.ko
	insmod ./mach.ko
	@ls -l /dev/mach

unload:				## rmmod mach
	rmmod mach

install: module	install-lib		## module, library, tools, manual, udev rule, group
	install -D -m 644 mach.ko $(MODULE)
	install -D -m 644 tools/packaging/60-mach.rules $(UDEV)
	install -D -m 644 tools/packaging/mach.modules-load $(LOAD)
	install -D -m 644 tools/packaging/mach.sysusers $(SYSUSERS)
ifeq ($(DESTDIR),)
	depmod -a $(KREL)
	getent group mach >/dev/null || groupadd --system mach
	udevadm control --reload 2>/dev/null || true
	@echo "users of /dev/mach: adduser NAME mach; now: modprobe mach"
endif

uninstall: uninstall-lib		## all of these but the group
	rm -f $(MODULE) $(UDEV) $(LOAD) $(SYSUSERS)
ifeq ($(DESTDIR),)
	depmod -a $(KREL)
endif

install-lib:			## library, headers, libmach.pc, lsmp, machbootd, manual
	$(MAKE) -C tools/lib install
	$(MAKE) -C tools/lsmp install
	$(MAKE) -C tools/machbootd install
	install -D -m 644 uapi/linux/mach.h $(HEADER)
	tools/packaging/manpages install $(MANDIR)
ifeq ($(DESTDIR),)
	ldconfig
endif

uninstall-lib:
	$(MAKE) -C tools/lib uninstall
	$(MAKE) -C tools/lsmp uninstall
	$(MAKE) -C tools/machbootd uninstall
	rm -f $(HEADER)
	tools/packaging/manpages uninstall $(MANDIR)

demo: guest			## see it work, in a virtual machine
	@$(IN_GUEST) --name demo --timeout 900 --add tools/demo/demo \
		--add $(DEMO_FILE):$(DEMO_FILE) -- demo $(DEMO_FILE)

check: deps			## everything that must pass
	@tools/checks/run

check-all: check		## and data races, coverage, all other kernels: hours
	@tools/checks/run kernel_kcsan rig_kcsan selftests_kcsan \
		hammers_kcsan fuzz_kcsan selftests_kmemleak coverage
	@tools/packaging/deps all
	@tools/checks/kernels

coverage: guest			## what of the module the tests execute
	@tools/checks/coverage

conformance: guest		## compare with GNU Mach itself, in virtual machines
	@tools/conformance/run

soak: guest			## the long walks and hammers: hours
	@tools/checks/soak

fuzz: guest			## random messages and calls: FUZZ_SECONDS= each, 2 hours
	@tools/fuzz/run codec ioctl

bench: SHELL = /bin/bash
bench: guest			## measure, in a virtual machine
	@set -o pipefail; $(IN_GUEST) --name bench --timeout 3600 --icount \
		--add tools/bench/bench -- bench | \
		sed -u '/^bench: json begins/,/^bench: json ends/d'
	@sed -n '/^bench: json begins/,/^bench: json ends/{/^bench: /!p}' \
		build/vm/bench.out >build/bench.json
	@echo "all figures as JSON: build/bench.json"

# What goes into the virtual machine: for its kernel, not for the running one.
guest: deps
	@mkdir -p build
	@echo "building (log: build/guest.log)"
	@{ $(MAKE) tools && tools/vm/build guest KCFLAGS=-Werror; } \
		>build/guest.log 2>&1 || { cat build/guest.log; exit 1; }
	@echo "booting"

deps:				## install what demo, check and bench need
	@tools/packaging/deps

dist:				## build/mach-VERSION.tar.gz, for dkms and packagers
	@mkdir -p build
	tar --exclude=./.git --exclude=./build --exclude-from=.gitignore \
		--transform='s,^\.,mach-$(VERSION),' \
		--owner=0 --group=0 --sort=name -czf build/mach-$(VERSION).tar.gz .

clean: clean-module		## remove everything that was built
	for dir in $(TOOLS); do $(MAKE) -C $$dir clean || exit 1; done
	rm -rf build

# As kbuild's clean, which needs a KDIR.
clean-module:
	find . -path ./.git -prune -o -path ./build -prune -o -type f \
		\( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name '.*.d' \
		-o -name Module.symvers -o -name modules.order \) \
		-exec rm -f {} +

have-kdir:
	@[ -e "$(KDIR)/Makefile" ] || \
		{ echo "no kernel headers: run \`make deps\` or set KDIR"; exit 1; }

help:				## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

.PHONY: all module tools $(TOOLS) load unload install uninstall install-lib \
	uninstall-lib demo check check-all coverage conformance soak fuzz bench guest deps dist clean clean-module have-kdir help
