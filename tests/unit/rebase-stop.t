#!/bin/sh
# rebase: what stops it, and that the existing lines are unchanged then.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/rebase-project.sh"
plan 73
v=drivers/hv/vmbus_drv.c
sed -i '/9.2/,$d' "$project/upstream.lock"

# ---- the call itself
go
is $rc 2 "no line"
like "$err" '^usage: make rebase LTS=x.y' "is a usage error"
go LTS=9.1
is $rc 2 "LTS= the active line"
like "$err" '^usage: LTS=9.1 is the active line;' "is one too"
go CONTINUE=1
like "$err" '^rebase: error: a rebase: none is open$' "CONTINUE=1 with nothing open"

# ---- a tarball with another hash
next 9.3.1 "sed -i 's/x + 2;/x + 22;/' $v"
go LTS=9.3 SOURCE="$work/www/linux-9.3.1.tar.xz" SHA256="$(sum "$work/www/linux-9.1.5.tar.xz")"
is $rc 2 "the new line's tarball fails its hash"
like "$err" '^  .*linux-9.3.1.tar.xz: sha256 is .*, pinned is' "the error names both"
ok "[ ! -e '$project/build/rebase/9.3' ]" "nothing is open"
unchanged "a wrong hash"

# ---- a dirty tree
echo >>"$project/patches/9.1/hyperv/bus.patch"
rebase 9.3
like "$err" '^rebase: error: patches, config, upstream.lock: have uncommitted changes:$' "uncommitted changes"
in_git checkout -q .
echo '/* mine */' >>"$project/build/9.1/src/init/main.c"
rebase 9.3
like "$err" 'error: build/9.1/src: has changes that no patch contains \(run quilt refresh\)' "edits in the tree"
ok "grep -q mine '$project/build/9.1/src/init/main.c'" "which stay"
run make clean LTS=9.1 FORCE=1
run make kernel LTS=9.1
unchanged "a dirty tree"

# ---- a conflict
rebase 9.3 QUICK=1
is "$rc $(rows)" "2 conflict hyperv/bus.patch" "a conflict stops the rebase"
like "$err" '^rebase: error: hyperv/bus.patch: conflicts with linux 9.3.1:$' "the patch is named"
like "$err" "^  $v: 1 conflict, marked" "and the file"
is "$(grep -cE '^(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)' "$(scratch)/$v")" 4 "which has the markers of all three"
is "$(find "$project/build/rebase/9.3/project/build" -xtype l)" "" "what this project has not built yet is no dangling link there"
unchanged "a conflict"
rebase 9.3
like "$err" '^rebase: error: LTS=9.3: a rebase to 9.3 is open$' "a second rebase is refused"
run make distclean
like "$err" '^clean: error: build/rebase: a rebase to 9.3 is open$' "and so is make distclean"
go CONTINUE=1
is $rc 2 "CONTINUE=1 with markers still in it"
like "$err" "its conflict is not resolved: conflict markers in $v" "is refused, with the file"
rm -rf "$(scratch)"
go CONTINUE=1
like "$err" '^rebase: error: hyperv/bus.patch: conflicts with linux 9.3.1:$' "the scratch repository was deleted: it is rebuilt, and so is the conflict"
go ABORT=1
is $rc 0 "ABORT=1"
ok "[ ! -e '$project/build/rebase/9.3' ]" "removes the state directory"
unchanged "after ABORT=1"

resolve() { sed -i '/^<<<<<<< /,/^>>>>>>> /c\	return x + 42;' "$(scratch)/$v"; }
rebase 9.3 QUICK=1
resolve
go CONTINUE=1
is "$rc $(rows | sort -u | tail -n 2 | tr '\n' ' ')" "0 by hand hyperv/bus.patch clean memory/balloon.patch " "resolved, it resumes"
like "$(cat "$project/patches/9.3/hyperv/bus.patch")" '^[+].*x [+] 42;$' "with the resolution in the patch"
was=$(contents "$project/patches/9.3")
cp -R "$project/patches/solved" "$work"
in_git reset -q --hard
cp -R "$work/solved" "$project/patches"
in_git add -A
in_git commit -qm solved
rebase 9.3 QUICK=1
is "$rc $(contents "$project/patches/9.3")" "0 $was" "a conflict that was resolved earlier is resolved the same way"
like "$out" 'by hand +hyperv/bus.patch: resolved by patches/solved/9.3' "and the row says how"
in_git reset -q --hard HEAD~
rebase 9.3 QUICK=1
go SKIP=1
is "$rc $(grep -v '#' "$project/patches/9.3/series" | tr '\n' ' ')" "0  memory/balloon.patch " "SKIP=1 leaves the patch out"
in_git reset -q --hard

# ---- a file copied from the new release
rebase 9.3 QUICK=1
ok "[ ! -e '$(scratch)/arch/x86/Makefile' ]" "a file that no patch touches is not in the scratch repository"
resolve
mkdir -p "$(scratch)/arch/x86"
{ cat "$work/release/linux-9.3.1/arch/x86/Makefile"; echo '# brought'; } >"$(scratch)/arch/x86/Makefile"
go CONTINUE=1
is "$rc $(grep -A 1 '^--- a/arch' "$project/patches/9.3/hyperv/bus.patch")" "0 --- a/arch/x86/Makefile
+++ b/arch/x86/Makefile" "a file copied from the release becomes part of the patch"
is "$(sed -n '/^+++ b.arch/,/^--- a.drivers/p' "$project/patches/9.3/hyperv/bus.patch" | grep '^[-+][^-+]')" \
	"+# brought" "with the changes alone"
in_git reset -q --hard

# ---- a file that is gone
next 9.4.1 "rm init/main.c"
rebase 9.4 QUICK=1
like "$err" '^  init/main.c: deleted in 9.4.1, or moved' "a file deleted upstream is named"
go CONTINUE=1
like "$err" 'init/main.c still exists; remove it' "it cannot stay"
rm "$(scratch)/init/main.c"
go CONTINUE=1
is "$rc $(grep -c main.c "$project/patches/9.4/memory/balloon.patch")" "0 0" "without it the rest of the patch is ported"
in_git reset -q --hard

# ---- an option that is gone
next 9.5.1 "sed -i 's/config CAN\$/config CAN_BUS/; s/\"CAN\"/\"the CAN bus\"/' Kconfig"
sed -i 's/"CAN"/"the CAN bus"/' "$work/release/linux-9.1.5/Kconfig"
tarball 9.1.5
sed -i "s|source = .*9.1.5.*|source = $(source_of 9.1.5)|" "$project/upstream.lock"
sed -i 's/^+	int tries = 1;/+	int tries = IS_ENABLED(CONFIG_CAN);/' "$project/patches/9.1/memory/balloon.patch"
in_git commit -qam can
rm -rf "$project/build/9.1" "$project/build/cache" "$project/dist"
run make kernel LTS=9.1
built=$(what_was_built)
rebase 9.5 QUICK=1
gone='^  init/main.c: CONFIG_CAN is gone, CONFIG_CAN_BUS has its prompt$'
like "$err" "$gone" "a patch that uses an option that was renamed"
rm -rf "$(scratch)"
go CONTINUE=1
like "$err" "$gone" "the scratch repository was deleted after the first patch: it is rebuilt"
is "$(git -C "$(scratch)" diff new/0 new/1 | grep -c '^[+].*x [+] 20;')" 1 "with the first patch as it was ported"
sed -i 's/CONFIG_CAN)/CONFIG_CAN_BUS)/' "$(scratch)/init/main.c"
go CONTINUE=1
is "$rc $(grep -c 'CONFIG_CAN_BUS' "$project/patches/9.5/memory/balloon.patch")" "0 1" "is fixed like a conflict"
in_git reset -q --hard

# ---- a configuration that does not come out
next 9.7.1 "sed -i 's/depends on HYPERV/depends on BUS/
	1i config BUS\\n\\ttristate \"the bus\"' Kconfig"
rebase 9.7 QUICK=1
wanted='CONFIG_BALLOON=y, requested by config/features/memory.config, is n: '
like "$rc $err" "$wanted" "a symbol that lacks its dependency stops the rebase"
go CONTINUE=1
like "$rc $err" "$wanted" "CONTINUE=1 checks the configuration again"
echo CONFIG_BUS=y >>"$project/build/rebase/9.7/project/config/lines/9.7.config"
go CONTINUE=1
is "$rc $(grep -c BUS "$project/config/lines/9.7.config")" "0 1" "with the dependency it resumes"
like "$(cat "$project/patches/solved/9.7/config.diff")" '^[+]CONFIG_BUS=y$' "the change is recorded"
cp -R "$project/patches/solved" "$work"
in_git reset -q --hard
cp -R "$work/solved" "$project/patches"
in_git add -A
in_git commit -qm solved
rebase 9.7 QUICK=1
is "$rc $(grep -c BUS "$project/config/lines/9.7.config")" "0 1" "and applied by the next rebase"
in_git reset -q --hard HEAD~

# ---- killed
fake quilt 'kill -9 0'
PATH=$work/bin:$PATH run setsid -w make rebase LTS=9.4 SOURCE="$work/www/linux-9.4.1.tar.xz" SHA256="$(sum "$work/www/linux-9.4.1.tar.xz")" QUICK=1
ok "[ $rc != 0 ] && [ -d '$project/build/rebase/9.4' ]" "killed while the first patch is refreshed"
rm "$work/bin/quilt"
unchanged "killed"
go CONTINUE=1
like "$out" '^  clean +hyperv/bus.patch' "CONTINUE=1 resumes"
go SKIP=1
is $rc 0 "to the end"
in_git reset -q --hard
# in the last step: the lock is written, the symlink is not
fake cp 'case $* in *upstream.lock~*) kill -9 0 ;; esac; exec /bin/cp "$@"'
rebase 9.4 QUICK=1
PATH=$work/bin:$PATH run setsid -w make rebase SKIP=1
ok "[ $rc != 0 ] && [ -n '$(in_git status --porcelain)' ]" "killed in the last step, half installed"
keep half
go CONTINUE=1
is "$rc $(readlink "$project/series") $(git config -f "$project/upstream.lock" line.9.4.version)" "0 patches/9.4/series 9.4.1" "CONTINUE=1 installs the rest"
back half
go ABORT=1
is $rc 0 "ABORT=1 removes what was installed"
unchanged "killed in the last step"

# ---- the disk
mkdir -p "$project/build/rebase"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=300k none "$project/build/rebase" 2>/dev/null; then
	disk=$project/build/rebase
	rebase 9.3 QUICK=1
	is $rc 2 "the disk is full"
	like "$err" '^rebase: error: build/9.3: the disk is full, [01] MB are free$' "the disk is named"
	mount -o remount,size=20m "$disk"
	rebase 9.3 QUICK=1
	resolve
	free=$(df -Pk "$disk" | awk 'NR == 2 { print $4 }')
	head -c $((free * 1024 - 4096)) /dev/zero >"$disk/filler"
	go CONTINUE=1
	like "$rc $err" '^rebase: error: build/9.3: the disk is full, 0 MB are free$' "full while the queue is ported"
	unchanged "the disk is full"
	rm "$disk/filler"
	go CONTINUE=1
	is "$rc $(cat "$project/patches/9.3/hyperv/bus.patch" "$project/patches/9.3/memory/balloon.patch" | grep -cE '^[+].*(x [+] 42;|CONFIG_CAN)')" "0 2" "with free space it resumes where it stopped"
	in_git reset -q --hard
	umount "$disk"
	disk=
else
	skip 6 "this machine mounts no tmpfs"
fi

# ---- ported again, beside the existing queue
in_git reset -q --hard
rebase 9.4 QUICK=1
go SKIP=1
in_git commit -qam moved
was=$(contents "$project/patches/9.4")
go LTS=9.1
is "$rc $(readlink "$project/series")" "0 patches/9.1/series" "back to the old line"
in_git commit -qam back
sed -i 's/x + 70;/x + 71;/' "$project/patches/9.1/hyperv/bus.patch"
in_git commit -qam seventyone
rebase 9.4 QUICK=1 FORCE=1
go SKIP=1
like "$out" '^[+][+].*x [+] 71;$' "FORCE=1 shows what porting it again would change"
is "$(contents "$project/patches/9.4")" "$was" "and leaves the queue as it is"

# ---- a project that is not a git repository
mv "$project/.git" "$work/git"
was="$(contents "$project/patches") $(contents "$project/config") $(sum "$project/upstream.lock")"
rebase 9.3 QUICK=1
like "$err" "^rebase: warning: $project: is not a git repository" "a project that is not a git repository: a warning"
PATH=$work/bin:$PATH run setsid -w make rebase SKIP=1
go ABORT=1
is "$rc $(contents "$project/patches") $(contents "$project/config") $(sum "$project/upstream.lock")" "0 $was" \
	"killed in the last step and aborted, the project is unchanged"
rebase 9.3 QUICK=1
go SKIP=1
is "$rc $(readlink "$project/series") $(git config -f "$project/upstream.lock" line.9.3.version)" \
	"0 patches/9.3/series 9.3.1" "and it gets the new line"
