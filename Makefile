# The table of contents: each target is one script. `make help` prints the groups (##:) and
# the texts (##) below; scripts/variables.list has the variables.
.DEFAULT_GOAL := help
# with CRLF no script starts, and none can say so
crlf := $(shell grep -rlI "`printf '\r'`\$$" scripts)
ifneq ($(crlf),)
$(error $(firstword $(crlf)) and other files have CRLF line ends, from git's core.autocrlf or an \
	editor; this removes them: git grep -lI '' | xargs sed -i 's/\r$$//'; \
	git rm -rq --cached .; git reset -q)
endif
# a step would work on what a step that failed has left
ifneq ($(findstring i,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),)
$(error -i in MAKEFLAGS ignores the errors of a step: run make without it)
endif
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
export LTS MIRROR TREE EXTRA WITHOUT WITH MODULES BASELINE GPU DEBUG LLVM V J DIR FORCE PATCH LAYOUT
export DRYRUN DESTDIR CVE_DATA CVSS_MIN SINCE JSON KEY CERT FILE MANIFEST
export FROM SOURCE SHA256 CONTINUE SKIP ABORT QUICK CHECK TARGET
PROVE ?= prove

##: Start
help: ## list the targets; TARGET=name: one, with its variables
	@scripts/help.sh

quickstart: ## install what is missing, pick a line, build it, boot it
	@scripts/setup/quickstart.sh
deps: ## install the missing programs and headers (needs root)
	@scripts/setup/deps.sh
doctor: ## check programs, versions, memory and disk
	@scripts/setup/doctor.sh

##: Build
fetch: ## download and verify the release and external patches
	@scripts/source/fetch.sh
	@scripts/queue/links.sh
verify: ## check the tarball in build/cache again
	@scripts/source/verify.sh
prepare: ## unpack it to build/<line>/src and push the queue
	@scripts/tree/prepare.sh
config: prepare ## make and check build/<line>/obj/.config
	@scripts/config/config.sh
parity: config ## list what the file BASELINE= enables and this does not
	@scripts/config/parity.sh
menuconfig: config ## change it by menu; the change goes to config/
	@scripts/config/menuconfig.sh
kernel: config ## build dist/<line>/bzImage and manifest.json
	@scripts/kernel/kernel.sh kernel
modules: kernel ## build dist/<line>/modules.tar.gz
	@scripts/kernel/kernel.sh modules
modules-vhdx: modules ## build modules.vhdx, for kernelModules= in .wslconfig
	@scripts/kernel/modules-vhdx.sh
headers: modules ## build linux-headers.tar.zst, for DKMS
	@scripts/kernel/headers.sh
perf: kernel ## build perf, static, for any distribution
	@scripts/kernel/perf.sh
compile-commands: kernel ## write compile_commands.json, for clangd
	@scripts/kernel/compile-commands.sh
devices: modules ## check the built drivers against config/devices.list
	@scripts/kernel/devices.sh
rebuild: ## build what MANIFEST= describes again, and compare
	@scripts/kernel/rebuild.sh
smoke: modules ## boot the image in QEMU and run the guest tests
	@scripts/boot/smoke.sh
smoke-hyperv: modules-vhdx ## boot it on the Hyper-V stand-in, run the VMBus tests
	@scripts/boot/smoke-hyperv.sh
try: ## start WSL's own init, INITRD=, on dist/<line>
	@scripts/boot/try.sh
run: ## boot a distribution, ROOTFS=, on dist/<line>
	@scripts/boot/run.sh

##: Use
install: ## make dist/<line> the kernel of this WSL
	@scripts/install/install.sh
rollback: ## undo the last make install
	@scripts/install/rollback.sh
uninstall: ## go back to WSL's own kernel, remove the files
	@scripts/install/uninstall.sh
verify-install: ## after wsl --shutdown: is dist/<line> what runs?
	@scripts/install/verify-install.sh

##: Ship
sbom: ## write SBOM, provenance, SHA256SUMS of dist/<line>
	@scripts/release/sbom.sh
release: config ## build, raise revision, pack and sign with KEY=
	@scripts/release/begin.sh
	@$(MAKE) modules-vhdx headers
	@scripts/release/release.sh
sign: ## sign the image for Secure Boot, by KEY= and CERT=
	@scripts/release/sign.sh
verify-release: ## check the release FILE= by the public key KEY=
	@scripts/release/verify-release.sh

##: Test
unit: ## test scripts and tools; no network, no kernel build
	@$(PROVE) -j2 tests/unit
check: deps ## all tests: unit, style, queues, one build and its boots
	@$(PROVE) --timer -j2 --rules "seq=tests/check/{30,40,41,45,46,50}-*" --rules "seq=**" tests/unit tests/check
verify-reproducible: modules-vhdx ## build twice, compare, name what differs
	@scripts/kernel/verify-reproducible.sh
check-patches: ## push the queue without fuzz, run checkpatch.pl
	@scripts/queue/check-patches.sh
bench: kernel ## measure start, memory and size, against BASELINE=
	@scripts/bench/bench.sh
bootchart: bench ## draw the measured start: build/<line>/bootchart.svg
	@scripts/bench/bootchart.sh
report: ## write dist/<line>/report.html: build, boot and tests
	@scripts/report/report.sh
cve: ## list the published CVEs that affect line and build
	@scripts/report/cve.sh
bench-build: ## time the build itself: build/<line>/bench-build.json
	@scripts/bench/bench-build.sh

##: Move
rebase: ## move the queue to line LTS=, then build and boot it
	@scripts/rebase/rebase.sh
update: ## move the line to its newest release; CHECK=1: only check
	@scripts/rebase/update.sh

##: Other
status: ## show pin, tree, patches and builds; uses no network
	@scripts/status.sh
patch-mail: ## write PATCH=topic/name as a mail to its maintainers
	@scripts/queue/patch-mail.sh
mirror: ## fill DIR= with verified sources, for MIRROR=
	@scripts/source/mirror.sh
mirror-verify: ## compare DIR= with its SHA256SUMS
	@scripts/source/mirror-verify.sh
man: ## write the manual page build/wsl-kernel.7
	@scripts/man.sh
clean: ## remove build/<line>; FORCE=1 drops unsaved changes
	@scripts/clean.sh
distclean: ## remove build/ and dist/
	@scripts/clean.sh all

.PHONY: help quickstart deps doctor status fetch verify prepare config menuconfig kernel modules \
	parity devices smoke smoke-hyperv try run unit check check-patches patch-mail bench bootchart bench-build \
	report cve mirror man modules-vhdx headers perf compile-commands rebase update clean distclean install \
	rollback uninstall verify-install sbom release verify-release sign verify-reproducible rebuild \
	mirror-verify
