#!/bin/sh
# The release name: -wslN for what upstream.lock records, -wslN-xHASH for any other build of the
# release; the same inputs give the same name, and what changes no image changes no name.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 40
build_tools treestate config-check fragment-check link-entries
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
pin 9.2 9.2.1 "$(source_of 9.1.5)"
lock=$project/upstream.lock patch=$project/patches/9.1/hyperv/bus.patch
plain=9.1.5-wsl3
# name VAR=VALUE... - the release name of the build with these
name() {
	(cd "$project" && env "$@" make -s config && env "$@" scripts/kernel/kbuild.sh -s kernelrelease) >"$work/name" 2>"$work/why" ||
		echo failed >>"$work/name"
	tail -n 1 "$work/name" | tee "$work/last"
	grep -qx "${plain}[-a-z0-9]*" "$work/last" || cat "$work/name" "$work/why" >&2
}
# edited FILE SED... - the plain build's name with FILE edited, which is restored
edited() {
	cp "$1" "$work/original"
	sed -i "$2" "$1"
	! cmp -s "$1" "$work/original" || note "the edit of $1 changes nothing"
	name A=
	cp "$work/original" "$1"
}

is "$(name A=)" $plain "the plain build of what upstream.lock records"
keep good

# ---- what changes no image
is "$(edited "$patch" 's/^Upstream: .*/Upstream: sent/')" $plain "the header of a patch"
is "$(edited "$project/config/wsl2_defconfig" '1i # why')" $plain "a comment in config/"
is "$(edited "$project/config/conflicts.list" '1i SOUND_CARD 9.3 no')" $plain "what must be off"
is "$(edited "$project/config/optional/pnfs.config" '1i CONFIG_CAN=y')" $plain "an optional feature that is off"
is "$(edited "$project/config/features/trace.9.2.config" '1i CONFIG_CAN=y')" $plain "what is for another line"
is "$(edited "$project/patches/9.1/series" '1i # the queue')" $plain "a comment in the series"
is "$(edited "$project/scripts/kernel/kernel.sh" '1a # more')" $plain "a comment in a script"
echo '# nothing' >"$work/nothing.config"
is "$(name EXTRA="$work/nothing.config")" $plain "EXTRA= that requests nothing"

# ---- what does
edits=$({
	edited "$patch" 's/x + 20;/x + 21;/'
	edited "$project/patches/9.1/series" '/balloon/d'
	edited "$project/config/features/trace.config" 's/^CONFIG_TRACE=y/# CONFIG_TRACE is not set/'
	edited "$project/config/lines/9.1.config" '1i CONFIG_SOUND_CARD=m'
	edited "$lock" '/inputs/s/= .*/= 0000000/'
	edited "$lock" '/inputs/d'
})
is "$(printf '%s\n' "$edits" | grep -cE "^$plain-x[0-9a-f]{7}$")" 6 "queue, configuration, and no record of this one have a hash behind it"
is "$(printf '%s\n' "$edits" | sort -u | wc -l)" 5 "another one each, but for the two ways to have no record"
echo CONFIG_SOUND_CARD=m >"$work/one.config"
sed '1i # the same' "$work/one.config" >"$work/same.config"
echo CONFIG_SOUND_CARD=y >"$work/two.config"
one=$(name EXTRA="$work/one.config")
like "$one" "^$plain-x[0-9a-f]{7}$" "EXTRA="
is "$(name EXTRA="$work/same.config")" "$one" "the same requests in another file: the same name"
printf 'Subject: x\nUpstream: none\nLines: 9.1\n\n--- a/lib/other.c\n+++ b/lib/other.c\n@@ -1 +1,2 @@\n int other;\n+int gpu;\n' >"$project/patches/9.1/gpu.patch"
echo gpu.patch >"$project/patches/9.1/series.gpu"
echo CONFIG_SOUND_CARD=y >"$project/config/debug.config"
# shellcheck disable=SC2016 # the program's own
fake gcc-20 '[ "$1" != --version ] || { cat '"$work"'/gcc-20; exit; }; exec gcc "$@"'
PATH=$work/bin:$PATH
echo 'gcc-20 20.1' >"$work/gcc-20"
names="$one
$(name A=)
$(name EXTRA="$work/two.config")
$(name WITH=pnfs)
$(name WITHOUT=nfs)
$(name WITHOUT=trace)
$(name MODULES=none)
$(name MODULES=none EXTRA="$work/one.config")
$(name GPU=1)
$(name DEBUG=1)
$(name GPU=1 DEBUG=1)
$(name CC=gcc-20)
$(name CC=gcc-20 EXTRA="$work/one.config")"
is "$(printf '%s\n' "$names" | sort -u | wc -l)" 13 "EXTRA=, WITH=, WITHOUT=, MODULES=, GPU=, DEBUG= and CC= have a name each"
is "$(printf '%s\n' "$names" | grep -cE '^9\.1\.5-wsl3(-gpu)?(-debug)?-x[0-9a-f]{7}$')" 12 "all but one with a hash, behind the N.N.N that WSL reads"
like "$names" "^$plain-gpu-debug-x[0-9a-f]{7}$" "-gpu and -debug are in front of it"
is "$(printf '%s\n' "$names" | awk 'length > 64')" "" "none is longer than uname -r"
is "$(name A=)" $plain "then the plain one again"
is "$(name CC='ccache gcc')" $plain "the machine's compiler by another name is no other"
compiler=$(name CC=gcc-20)
echo 'gcc-20 20.2' >"$work/gcc-20"
ok "[ '$(name CC=gcc-20)' != '$compiler' ]" "another version of a chosen compiler is"

# ---- the same inputs elsewhere
run env EXTRA="$work/one.config" make config
back good
mv "$project" "$work/moved"
project=$work/moved
is "$(name EXTRA="$work/one.config" HOME="$work/none" TZ=Asia/Tokyo)" "$one" "in another directory, for another user"
mv "$project" "$work/p"
project=$work/p

# ---- TREE=
release 9.1.6
tree=$(name TREE="$work/release/linux-9.1.5")
like "$tree" "^$plain-x[0-9a-f]{7}$" "TREE="
cp -R "$work/release/linux-9.1.5" "$work/tree"
is "$(name TREE="$work/tree")" "$tree" "the same files elsewhere"
echo '/* mine */' >>"$work/tree/init/main.c"
mine=$(name TREE="$work/tree")
ok "[ '$mine' != '$tree' ]" "and with an edit"
like "$mine" "^$plain-x" "which has a name of its own"
back good

# ---- an external patch counts by its pin, before it is downloaded too
printf '[link "memory/balloon.patch"]\n\turl = https://example.org/b.patch\n\tsha256 = %064d\n\tlines = "9.1"\n' 1 >>"$lock"
first=$(cd "$project" && LTS=9.1 scripts/kernel/inputs-hash.sh)
sed -i 's/1$/2/' "$lock"
mv "$project/patches/9.1/memory/balloon.patch" "$work"
second=$(cd "$project" && LTS=9.1 scripts/kernel/inputs-hash.sh)
ok "[ '$first' != '$second' ]" "another pin of an external patch"
like "$second" '^9.1 [0-9a-f]{7}$' "which need not be there"
sed -i '/^\[link/,$d' "$lock"
run env LTS=9.1 scripts/kernel/inputs-hash.sh
like "$rc $err" '^1 inputs-hash: error: patches/9.1/memory/balloon.patch: does not exist$' "a patch of the project must be"
back good

# ---- the record
sed -i 's/x + 20;/x + 21;/' "$patch"
printf '# of 9.2\n' >>"$project/patches/9.2/series"
cp "$lock" "$work/lock"
run env WITH=pnfs EXTRA=/nonexistent GPU=1 CC=gcc-20 scripts/kernel/inputs-hash.sh
is "$rc$err $(printf '%s\n' "$out" | cut -d ' ' -f 1 | tr '\n' ' ')" "0 9.1 9.2 " "inputs-hash.sh prints the hash of each line, whatever is built"
is "$(cmp "$lock" "$work/lock")" "" "and writes nothing"
hash=$(printf '%s\n' "$out" | sed -n 's/^9.1 //p')
is "$(name A=)" "$plain-x$hash" "the plain build has it in its name"
run make modules
is "$(jq -r .release "$project/dist/9.1/manifest.json") $(tar -tzf "$project/dist/9.1/modules.tar.gz" | grep ko)" \
	"$plain-x$hash lib/modules/$plain-x$hash/kernel/hv.ko" "so have manifest and modules"
like "$(head -n 1 "$project/dist/9.1/bzImage")" "^Linux $plain-x$hash " "and the image"
run scripts/kernel/inputs-hash.sh record
is "$rc$err $(diff "$work/lock" "$lock" | grep -c '^[<>]')" "0 2" "inputs-hash.sh record changes one line of upstream.lock"
is "$(git config -f "$lock" line.9.1.inputs)" "$hash" "which is the record"
run scripts/kernel/built.sh
like "$out" '^stale: the release name changed$' "make status says so"
run make modules
is "$rc$err $(jq -r .release "$project/dist/9.1/manifest.json")" "0 $plain" "and the next build has the plain name"
before=$(stat -c '%i %Y' "$lock")
run env LTS=9.1 scripts/kernel/inputs-hash.sh record
is "$rc$err $(stat -c '%i %Y' "$lock")" "0 $before" "recorded again, nothing is written"
sed -i '/inputs/d' "$lock"
run scripts/kernel/inputs-hash.sh record
is "$rc$err $(cmp "$work/kept.good/upstream.lock" "$lock" | wc -l) $(git config -f "$lock" --get-regexp '\.inputs$' | wc -l)" "0 1 2" "where there is none it is added, in each line"
run scripts/kernel/inputs-hash.sh record all
is $rc 2 "usage"
