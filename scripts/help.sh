#!/bin/sh
# Print the targets of the Makefile with the text on their own lines, and the
# variables that a command line may set.
. "$(dirname "$0")/lib.sh"
awk -F ':.*## ' '
	/^##: / { sub(/^##: /, ""); printf "\n%s\n", $0 }
	/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $1, $2 }' "$root/Makefile"
cat <<EOF

Variables
  LTS=x.y             another line than the active one ($(active)); pinned: $(lines | tr '\n' ' ')
  MIRROR=DIR|URL      where sources are looked for first
  TREE=DIR            build a copy of this kernel tree instead of the pinned release
  EXTRA="FILE..."     configuration fragments of your own, merged last
  WITHOUT="NAME..."   leave features out: $(basename -s .config "$root"/config/features/*.config | grep -v '\.' | tr '\n' ' ')
  BASELINE=FILE       for bench and parity: the .config of a kernel to compare with
  FROM=x.y            for rebase: the line whose queue is carried, else the pinned one next below
  SOURCE=... SHA256=  for rebase and update: this release (a file, a URL, debian:PATH), not the newest
  CONTINUE=1 SKIP=1 ABORT=1   for rebase: go on, without the patch that conflicts, or not at all
  QUICK=1             for rebase and update: neither build nor boot
  FORCE=1             for rebase: derive a line again that patches/ has; for clean: whatever is lost
  CHECK=1             for update: only tell whether there is a newer release
  DEBUG=1             for config, kernel, modules, smoke: with KASAN, lockdep and their kin, in build/<line>-debug
  CC=NAME             another compiler than gcc, for the host programs too: gcc-14, clang
  LLVM=1              clang, and LLVM's linker instead of that of binutils
  PATCH=TOPIC/NAME    for patch-mail: a patch of the line's series
  J=N                 jobs at once ($(nproc) here)
  V=1                 print what is logged
EOF
