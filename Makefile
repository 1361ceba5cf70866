# The table of contents: every target is a line of work in scripts/.
# `make help` prints what stands behind the two hashes.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
export LTS MIRROR TREE EXTRA WITHOUT BASELINE DEBUG LLVM V J DIR FORCE PATCH
export FROM SOURCE SHA256 CONTINUE SKIP ABORT QUICK CHECK
PROVE ?= prove

help: ## this list
	@scripts/help.sh

##: From nothing to a booted kernel
quickstart: ## install what is missing, pick a line that can be had here, build it and boot it
	@scripts/setup/quickstart.sh
deps: ## install the programs and headers that are missing (the only target that needs root)
	@scripts/setup/deps.sh
doctor: ## say what is missing: programs, versions, memory, disk
	@scripts/setup/doctor.sh

##: The steps
fetch: ## bring the pinned release, and the links of its queue, into build/cache, verified
	@scripts/source/fetch.sh
	@scripts/queue/links.sh
verify: ## check the tarball in build/cache again
	@scripts/source/verify.sh
prepare: ## unpack it to build/<line>/src and push the queue
	@scripts/tree/prepare.sh
config: prepare ## make and check build/<line>/obj/.config
	@scripts/config/config.sh
parity: config ## name what the kernel of BASELINE=its.config does and this one does not
	@scripts/config/parity.sh
menuconfig: config ## change it by menu; the change goes back to config/
	@scripts/config/menuconfig.sh
kernel: config ## build dist/<line>/bzImage and its manifest.json
	@scripts/kernel/kernel.sh kernel
modules: kernel ## build dist/<line>/modules.tar.gz
	@scripts/kernel/kernel.sh modules
devices: modules ## check that config/devices.list names every driver of the build, and no other
	@scripts/kernel/devices.sh
smoke: modules ## boot the image in QEMU and run the guest tests
	@scripts/boot/smoke.sh
smoke-hyperv: modules ## boot it on a stand-in for a Hyper-V host: VMBus and its devices (docs/hyperv-smoke.md)
	@scripts/boot/smoke-hyperv.sh

##: The proof
unit: ## test the scripts and tools: no network, no kernel build
	@$(PROVE) -j2 tests/unit
check: deps ## everything: unit, shellcheck, each queue, a rebase, one kernel built and booted, on Hyper-V too
	@$(PROVE) --timer tests/unit tests/check
check-patches: ## push the line's queue without fuzz and run the tree's checkpatch.pl on it
	@scripts/queue/check-patches.sh
bench: kernel ## measure start, memory and size of the image, against BASELINE=
	@scripts/bench/bench.sh
bootchart: bench ## draw the measured start as build/<line>/bootchart.svg
	@scripts/bench/bootchart.sh
bench-build: ## time the build itself; writes build/<line>/bench-build.json
	@scripts/bench/bench-build.sh

##: Moving on (docs/rebase.md)
rebase: ## move the queue to the line LTS=, in the end with its kernel built and booted
	@scripts/rebase/rebase.sh
update: ## move the line to its newest release; CHECK=1 only tells whether there is one
	@scripts/rebase/update.sh

##: The rest
status: ## say where everything stands: pin, tree, patches, what is built; asks no network
	@scripts/status.sh
patch-mail: ## write PATCH=topic/name as a mail to its maintainers: build/<line>/mail/name.patch
	@scripts/queue/patch-mail.sh
mirror: ## fill the folder DIR= with verified sources, for MIRROR=
	@scripts/source/mirror.sh
clean: ## remove build/<line>; FORCE=1 even with edits that are in no patch
	@scripts/clean.sh
distclean: ## remove build/ and dist/
	@scripts/clean.sh all

.PHONY: help quickstart deps doctor status fetch verify prepare config menuconfig kernel modules \
	parity devices smoke smoke-hyperv unit check check-patches patch-mail bench bootchart bench-build mirror \
	rebase update clean distclean
