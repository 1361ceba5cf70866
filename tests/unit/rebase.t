#!/bin/sh
# rebase: what happens to each patch on another line, and what is written at the end.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/rebase-project.sh"
plan 55
v=drivers/hv/vmbus_drv.c

# ---- clean, merged; comments and blank lines of the series; a patch without a header;
# two patches on the same lines
next 9.3.1 "sed -i '1i /* one line more */' $v; sed -i 's/vmbus_3(int x)/vmbus_3(long x)/' $v"
printf -- '--- a/%s\n+++ b/%s\n@@ -7,7 +7,7 @@\n \n int vmbus_2(int x)\n {\n-	return x + 20;\n+	return x + 21;\n }\n \n int vmbus_3(int x)\n' \
	$v $v >"$project/patches/9.1/hyperv/again.patch"
sed -i 's|^hyperv/bus.patch|&\nhyperv/again.patch|' "$project/patches/9.1/series"
in_git add -A
in_git commit -qm again
run make kernel LTS=9.1
built=$(what_was_built)
rebase 9.3 QUICK=1
is $rc 0 "the queue is ported"
like "$out" '^rebase: linux 9.3 from the queue of 9.1$' "from the line next below"
run git reset -q --hard
rebase 9.3 QUICK=1 FROM=9.1
is "$rc $(rows)" "0 $(printf '%s\n' "merged hyperv/bus.patch" "merged hyperv/again.patch" "clean memory/balloon.patch")" "a row for each patch, in order"
like "$out" 'hyperv/again.patch: .*has no header' "a patch without a header is named"
like "$out" 'memory/balloon.patch: moved by 1 line$' "and how far one moved"
like "$err" '^line-facts: warning: linux 9.3: is not a long-term line' "a warning about a line that is not long-term"
is "$(cat "$project/patches/9.3/series")" "$(cat "$project/patches/9.1/series")" "comments and blank lines stay in the series"
like "$(cat "$project/patches/9.3/hyperv/bus.patch")" '^Lines: 9.1, 9.2, 9.3$' "the header names the new line"
is "$(head -n 1 "$project/patches/9.3/hyperv/again.patch")" "--- a/$v" "a patch without a header gets none"
is "$(readlink "$project/series")" patches/9.3/series "the new line is the active one"
is "$(git config -f "$project/upstream.lock" line.9.3.version) $(git config -f "$project/upstream.lock" line.9.3.released)" "9.3.1 2025-01-01" "the pin has the release and its day"
is "$(git config -f "$project/upstream.lock" line.9.1.version)" 9.1.5 "beside the others"
ok "[ ! -e '$project/build/rebase/9.3' ]" "nothing stays open"
is "$(in_git status --porcelain | grep -v '^[AM] ')" "" "all changes are staged"
run make prepare
is "$rc $(grep -c 'x + 21;' "$project/build/9.3/src/$v")" "0 1" "the queue pushes, without fuzz"
first=$(contents "$project/patches/9.3")
(cd "$project/build/9.3/src" && quilt pop -a && for _ in 1 2 3; do
	quilt push && QUILT_DIFF_OPTS=--show-c-function quilt --quiltrc - refresh -p ab --no-timestamps --no-index
done) >/dev/null
is "$(contents "$project/patches/9.3")" "$first" "each patch is as quilt refresh writes it"
in_git reset -q --hard
run make clean LTS=9.3
rebase 9.3 QUICK=1 FROM=9.1
is "$(contents "$project/patches/9.3")" "$first" "and the same to the byte in another run"
in_git reset -q --hard
run make clean LTS=9.3
unchanged "a ported queue that was discarded"

# ---- built and booted first
rebase 9.3 FROM=9.1
is "$rc $(echo "$out" | grep -cxE '(devices|smoke|smoke-hyperv) 9.3')" "0 3" "without QUICK=1 it is built and booted"
ok "[ -f '$project/dist/9.3/bzImage' ] && [ -f '$project/build/9.3/stamp/kernel' ]" "the build is installed"
like "$out" '^  bzImage +[0-9]+ +[0-9]+ bytes$' "its size beside the old line's"
run make kernel LTS=9.3
is "$rc$out$err" 0 "and is not built again"
in_git reset -q --hard
run make clean LTS=9.3
rm -rf "$project/dist/9.3"
sed -i 's/^echo.*/exit 1/' "$project/scripts/boot/smoke.sh"
in_git commit -qam broken
rebase 9.3 FROM=9.1
is $rc 2 "a kernel that does not boot"
like "$err" '^rebase: error: make smoke: fails with the new line' "is named"
is "$(in_git status --porcelain)" "" "and nothing is installed"
in_git reset -q --hard HEAD~
go CONTINUE=1
is "$rc $(readlink "$project/series")" "0 patches/9.3/series" "fixed, it resumes"
in_git reset -q --hard
run make clean LTS=9.3

# ---- what the release already has
next 9.4.1 "sed -i 's/x + 2;/x + 20;/; s/x + 7;/x + 70;/' $v; printf '/* Start, at once. */\nint start_kernel(void)\n{\n\tint tries = 1;\n\n\treturn tries + 0;\n}\n' >init/main.c"
printf 'Subject: hv\nUpstream: 0123abcd in v9.4\nLines: 9.1\n\n--- a/drivers/hv/hv.c\n+++ b/drivers/hv/hv.c\n@@ -1,5 +1,5 @@\n /* What is built as a module. */\n int hv_init(void)\n {\n-	return 0;\n+	return 1;\n }\n' >"$project/patches/9.1/hyperv/hv.patch"
printf 'Subject: tries\nUpstream: none\nLines: 9.1\n\n--- a/init/main.c\n+++ b/init/main.c\n@@ -2,6 +2,6 @@\n int start_kernel(void)\n {\n-	int tries = 10;\n+	int tries = 1;\n \n 	return tries;\n }\n' >"$project/patches/9.1/memory/tries.patch"
printf '%s\n' hyperv/bus.patch hyperv/hv.patch '# here' memory/tries.patch >"$project/patches/9.1/series"
in_git commit -qam upstream
in_git add -A
in_git commit -qm upstream --amend
rebase 9.4 FROM=9.1 QUICK=1
is "$rc $(rows | cut -d' ' -f1,2 | sort -u)" "0 already upstream" "what is upstream is left out"
like "$out" 'hyperv/bus.patch: its reverse applies to 9.4.1$' "as the reverse shows"
like "$out" 'hyperv/hv.patch: Upstream: 0123abcd in v9.4$' "or the header"
like "$out" 'memory/tries.patch: nothing is left of it when it is merged with 9.4.1$' "or the merge"
is "$(cat "$project/patches/9.4/series")" '# here' "the series has none of them"
in_git reset -q --hard
rebase 9.3 FROM=9.1 QUICK=1
like "$out" '^  clean +hyperv/hv.patch' "v9.4 is not contained in 9.3"
in_git reset -q --hard HEAD~

# ---- renamed and moved
next 9.5.1 "mkdir drivers/hv/core; mv $v drivers/hv/core/bus.c"
rebase 9.5 FROM=9.1 QUICK=1
is "$rc $(rows | head -n 1)" "0 merged hyperv/bus.patch" "a file that moved to another directory is followed"
like "$out" "follows $v to drivers/hv/core/bus.c" "and the row names both"
like "$(cat "$project/patches/9.5/hyperv/bus.patch")" '^[+]{3} b/drivers/hv/core/bus.c$' "the patch is for the new name"
in_git reset -q --hard

# ---- the old release from elsewhere, or not at all
mv "$work/www/linux-9.1.5.tar.xz" "$work"
rm -rf "$project/build/cache" "$project/build/9.1"
rebase 9.5 FROM=9.1 QUICK=1 TREE="$work/release/linux-9.1.5"
is "$rc $(rows | head -n 1)" "0 merged hyperv/bus.patch" "TREE= stands for the old release's tarball"
in_git reset -q --hard
rebase 9.3 FROM=9.1 QUICK=1
is "$rc $(rows | head -n 1)" "0 merged hyperv/bus.patch" "without the old release patches are placed with fuzz"
like "$err" '^rebase: warning: linux 9.1: is not available, so there is no three-way merge' "with a warning"
in_git reset -q --hard
rebase 9.5 FROM=9.1 QUICK=1
like "$err" '^  drivers/hv/vmbus_drv.c: is not in 9.5.1$' "and what has no place is a conflict"
go ABORT=1
is "$rc $(in_git status --porcelain)" "0 " "ABORT=1 aborts"
mv "$work/linux-9.1.5.tar.xz" "$work/www"
run make kernel LTS=9.1

# ---- external patches
printf '[link "somebody/hv.patch"]\n\turl = file:/x\n\tsha256 = 0\n\tlines = 9.1\n' >>"$project/upstream.lock"
mkdir "$project/patches/9.1/somebody"
printf -- '--- a/drivers/hv/hv.c\n+++ b/drivers/hv/hv.c\n@@ -1,5 +1,5 @@\n /* What is built as a module. */\n int hv_init(void)\n {\n-	return 0;\n+	return 1;\n }\n' >"$project/patches/9.1/somebody/hv.patch"
echo somebody/hv.patch >>"$project/patches/9.1/series"
printf '#!/bin/sh\n' >"$project/scripts/queue/links.sh"
in_git add -A
in_git commit -qm link
rebase 9.3 FROM=9.1 QUICK=1
is "$rc $(rows | tail -n 1) $(tail -n 1 "$project/patches/9.3/series")" "0 clean somebody/hv.patch somebody/hv.patch" "an external patch that applies stays in the series"
ok "[ ! -e '$project/patches/9.3/somebody' ]" "and is not copied to patches/"
is "$(git config -f "$project/upstream.lock" link.somebody/hv.patch.lines)" "9.1 9.3" "its entry names the new line"
in_git reset -q --hard
next 9.8.1 "sed -i 's/return 0;/return 2;/' drivers/hv/hv.c"
rebase 9.8 FROM=9.1 QUICK=1
like "$out" '^  skipped +somebody/hv.patch: an external patch that conflicts with 9.8.1' "one that does not apply is left out"
in_git reset -q --hard HEAD~

# ---- options
printf 'CONFIG_CAN=m\nCONFIG_SOUND_CARD=m\n' >"$project/config/optional/bus.config"
printf '# bus, 9.1 only.\nCONFIG_NFS_V5=y\n' >"$project/config/optional/bus.9.1.config"
in_git add -A
in_git commit -qm bus
next 9.6.1 "sed -i 's/config CAN/config CAN_BUS/; s/\"CAN\"/\"the CAN bus\"/; s/SOUND_CARD/CARDS/; /config NFS\$/,+1d' Kconfig; sed -i 's/depends on NFS/depends on HYPERV/' Kconfig"
rebase 9.6 FROM=9.1 QUICK=1
is $rc 0 "a release without an option that all lines request"
like "$out" '^  gone NFS: config/features/nfs.config requests it' "it is listed"
is "$(grep NFS "$project/config/lines/9.6.config" | tail -n 1)" "# CONFIG_NFS is not set" "and the line's own file turns it off"
is "$(grep '^CONFIG' "$project/config/lines/9.6.config")" CONFIG_SOUND=y "beside the settings of the old line"
own=$project/config/optional/bus.9.6.config
is "$(sed 1q "$own") $(grep NFS "$own")" "# bus, 9.6 only. CONFIG_NFS_V5=y" "the file of an optional feature moves along"
is "$(grep CAN "$own" | tail -n 1)" "# CONFIG_CAN is not set" "and turns off what it requested for all lines"
is "$(grep "CONFIG_.*CARD" "$own")" "# CONFIG_SOUND_CARD is not set
CONFIG_CARDS=m" "or has the replacement"
in_git reset -q --hard
unchanged "all of them"
rebase 9.5 FROM=9.1 QUICK=1
in_git commit -qm moved
go LTS=9.1
is "$rc $(readlink "$project/series")" "0 patches/9.1/series" "a line that has a queue becomes the active one"
