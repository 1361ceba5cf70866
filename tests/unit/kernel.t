#!/bin/sh
# kernel and modules: the outputs and their manifest, a second run that does nothing,
# modules.tar.gz over two kinds of root, a build that fails, is interrupted or runs twice
# at once, the first error while others compile, and what a terminal shows.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 74
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
dist=$project/dist/9.1 obj=$project/build/9.1/obj src=$project/build/9.1/src
# what the fake kbuild has compiled since the last call
compiles() {
	sort "$obj/compiled" 2>/dev/null | tr '\n' ' '
	: >"$obj/compiled"
}
# manifest FILTER - as one line
manifest() { jq -c "$1" "$dist/manifest.json"; }
kernel() { run scripts/kernel/kernel.sh kernel; }

run scripts/kernel/kernel.sh kernel
like "$rc $err" '^1 kernel: error: build/9.1: has no configured tree$' "there must be a tree"
run make kernel
is "$rc $err" "0 " "make kernel"
like "$out" '^kernel: building 9.1.5-wsl3$' "the release is named"
unlike "$out" ' CC ' "kbuild's output is not shown"
is "$(cd "$dist" && echo *)" "System.map bzImage config manifest.json vmlinux" "the outputs"
like "$(head -n 1 "$dist/bzImage")" '^Linux 9.1.5-wsl3 \(wsl2@queue\) #3 2026-01-02$' "the image has the pin's name and date, not this machine's"
ok "cmp -s '$obj/.config' '$dist/config' && cmp -s '$obj/vmlinux' '$dist/vmlinux'" "they are those of the build"
is "$(manifest '[.line, .pin, .release, .released, .verified]')" '["9.1","9.1.5","9.1.5-wsl3","2026-01-02",true]' "manifest: the pin"
is "$(manifest .source)" "{\"from\":\"file:$work/www/linux-9.1.5.tar.xz\",\"sha256\":\"$(sum "$work/www/linux-9.1.5.tar.xz")\",\"checked\":[\"sha256\"],\"signer\":null}" \
	"manifest: the source and what was checked"
is "$(manifest '.patches[] | [.name, .sha256]')" "$(cd "$project/patches/9.1" && for patch in hyperv/bus.patch memory/balloon.patch; do
	echo "[\"$patch\",\"$(sum $patch)\"]"
done)" "manifest: every patch with its sha256"
is "$(manifest '.outputs | to_entries[] | [.key, .value.sha256, .value.bytes]')" "$(cd "$dist" && for name in bzImage vmlinux System.map config; do
	echo "[\"$name\",\"$(sum $name)\",$(stat -c %s $name)]"
done)" "manifest: the outputs with sha256 and size"
is "$(manifest '[.config, .toolchain.cc, .toolchain.ld]')" "[\"$(sum "$dist/config")\",\"$(gcc --version | head -n 1)\",\"$(ld --version | head -n 1)\"]" \
	"manifest: configuration and toolchain"
is "$(manifest .features)" '""' "manifest: no feature that is not as by default"
is "$(compiles)" "drivers/hv/balloon.c drivers/hv/hv.c drivers/hv/vmbus_drv.c init/main.c lib/other.c " "everything was compiled"

touch "$src/init/main.c"
run make kernel
is "$rc$out$err" 0 "a second run prints nothing"
is "$(compiles)" "" "and does not call kbuild, though a source was touched"

# a patch's header is in no file of the tree, but the manifest has the patch's sha256
patch=$project/patches/9.1/hyperv/bus.patch
cp "$patch" "$work/patch"
image=$(stat -c %Y.%i "$dist/bzImage")
sed -i 's/^Upstream: .*/Upstream: sent/' "$patch"
run make kernel
is "$rc$err $(compiles)$(stat -c %Y.%i "$dist/bzImage")" "0 $image" "an edited header: the image stays"
is "$(manifest .patches[0].sha256)" "\"$(sum "$patch")\"" "the manifest follows"
like "$(cd "$project" && scripts/kernel/built.sh)" '^up to date$' "and then it is up to date"
cp "$work/patch" "$patch"
run make kernel WITHOUT=trace WITH=pnfs
is "$rc$err $(manifest .features)" '0 "+pnfs -trace"' "the manifest has what WITHOUT= and WITH= changed"
run make kernel
compiles >/dev/null

# ---- what is in dist/
run scripts/kernel/kernel.sh modules
is "$rc $(tar -tzf "$dist/modules.tar.gz" | grep -v '/$')" "0 lib/modules/9.1.5-wsl3/kernel/hv.ko" "make modules: the modules, no links into build/"
is "$(manifest '.outputs["modules.tar.gz"].sha256')" "\"$(sum "$dist/modules.tar.gz")\"" "the manifest has them"
first=$(sum "$dist/modules.tar.gz")
truncate -s 20 "$dist/modules.tar.gz"
run env TZ=Asia/Tokyo TAR_OPTIONS=--exclude=hv.ko scripts/kernel/kernel.sh modules
is "$(sum "$dist/modules.tar.gz")" "$first" "truncated, they are rebuilt: the same file whatever the user's environment"

echo disk >"$dist/modules.vhdx"
echo headers >"$dist/linux-headers.tar.zst"
run scripts/kernel/kernel.sh modules
is "$rc$out $(cd "$dist" && echo modules* linux*)" "0 modules.tar.gz modules.vhdx linux-headers.tar.zst" "what other steps make of them stays"
run scripts/kernel/manifest.sh outputs
is "$rc $(manifest '.outputs["modules.vhdx"].sha256, .outputs["linux-headers.tar.zst"].bytes')" "0 \"$(sum "$dist/modules.vhdx")\"
8" "manifest.sh outputs adds it to the manifest"
run scripts/kernel/kernel.sh kernel
run scripts/kernel/kernel.sh modules
is "$rc$out$err" 0 "and nothing is built again for that"
rm "$dist/modules.tar.gz"
run scripts/kernel/kernel.sh modules
is "$rc $(cd "$dist" && echo modules* linux*)" "0 modules.tar.gz linux*" "modules that are built again: what was made of the earlier ones is removed"
echo headers >"$dist/linux-headers.tar.zst"

# ---- what modules.tar.gz does to a root: one with merged /usr, and one without
is "$(tar -tzf "$dist/modules.tar.gz" | grep -v '^lib/modules/9.1.5-wsl3/')" "" \
	"the archive has no entry above lib/modules/<release>"
# what the head of kernel.sh tells a user to run
tells=$(sed -n 's/^# *\(tar -C .*modules.tar.gz.*\)/\1/p' "$project/scripts/kernel/kernel.sh")
is "$tells" "tar -C / -xzf dist/<line>/modules.tar.gz --keep-directory-symlink" \
	"kernel.sh names the command that unpacks it"
is "$(grep -rh 'tar -C / -xzf' "$top/README.md" "$top/docs" | grep -v -e --keep-directory-symlink || :)" "" \
	"and nothing in README.md or docs/ a command without --keep-directory-symlink"
# tree - names, kinds and modes in the root, without the new modules
tree() { (cd "$work/root" && find . ! -path '*/9.1.5*' -printf '%p %y %m %l\n' | sort); }
for command in "tar -C / -xzf dist/<line>/modules.tar.gz" "$tells"; do
	for lib in usr/lib lib; do
		rm -rf "$work/root"
		mkdir -p "$work/root/$lib/modules/1.0-other"
		echo library >"$work/root/$lib/libc.so.6"
		chmod 700 "$work/root/$lib" "$work/root/$lib/modules"
		[ $lib = lib ] || ln -s usr/lib "$work/root/lib"
		before=$(tree)
		# never the root of this machine
		eval "$(echo "$command" | sed "s|-C / |-C $work/root |; s|dist/<line>|$dist|")" || :
		is "$(tree) $(cd "$work/root/$lib/modules" && echo 9*/kernel/*)" \
			"$before 9.1.5-wsl3/kernel/hv.ko" "$command: adds only the modules below /$lib"
	done
done

# ---- an error in one directory, while a compiler in another waits for a FIFO that nobody writes
# held - let go of whoever still waits for it
held() { timeout 1 sh -c "echo >'$work/fifo'" || :; }
mkfifo "$work/fifo"
fake cp "case \"\$*\" in
*lib/other.c*) touch $work/here; read -r _ <$work/fifo ;;
*hv/hv.c*)
	while [ ! -e $work/here ]; do sleep 0.1; done
	echo \"\$PWD/drivers/hv/hv.c:3:7: error: expected ';'\"
	while [ ! -e $work/go ]; do sleep 0.1; done
	echo 'drivers/hv/hv.c:4:7: error: and another'
	exit 1 ;;
esac
exec $(command -v cp) \"\$@\""
rm "$dist/bzImage"
touch "$src/lib/other.c" "$src/drivers/hv/hv.c"
(cd "$project" && exec env PATH="$work/bin:$PATH" J=2 scripts/kernel/kernel.sh kernel) >"$work/first" 2>&1 &
first=$!
told="^kernel: error: drivers/hv/hv.c:3:7: expected ';'\$"
ok "within 20 grep -q \"$told\" '$work/first'" "the first error is told while both compilers run, with its file as the tree has it"
is "$(grep -c ' \*\*\* ' "$project/build/9.1/log/kernel.log")" 0 "before make says that it failed"
touch "$work/go"
ended() { ! kill -0 $first 2>/dev/null; }
ok "within 20 ended" "then the step ends, and does not wait for the other directory"
ended || held
rc=0
wait $first || rc=$?
is "$rc $(grep -c 'hv.c:3:7: expected' "$work/first") $(grep -c 'linux 9.1.5: the build failed' "$work/first") $(grep -c Terminated "$work/first")" "1 1 1 0" "each is told once"
like "$(cat "$work/first")" '^[0-9]+:drivers/hv/hv.c:4:7: error: and another$' "all errors of that compiler are in the log, and shown"
rm "$work/here" "$work/go" "$work/bin/cp"
compiles >/dev/null
kernel
is "$rc $(compiles)" "0 drivers/hv/hv.c lib/other.c " "the next run compiles what failed and what was stopped"

# ---- a build that fails
sed -i 's/x + 20;/x + 20; #error/' "$project/patches/9.1/hyperv/bus.patch"
before=$(contents "$dist")
run make kernel V=1
is $rc 2 "a compiler error stops the step"
like "$err" '^kernel: error: linux 9.1.5: the build failed$' "which is named"
like "$err" '^[0-9]+:drivers/hv/vmbus_drv.c:1:2: error: #error$' "the compiler errors are shown"
like "$out" '^  CC      drivers/hv/vmbus_drv.o$' "V=1 shows kbuild's output"
like "$err" '^  full log: build/9.1/log/kernel.log; V=1' "and the log is named"
is "$(contents "$dist")" "$before" "dist/ is unchanged"
kernel
is $rc 1 "again it fails"
sed -i 's/ #error//' "$project/patches/9.1/hyperv/bus.patch"
run make config
compiles >/dev/null

# ---- two runs at once, the first held in kbuild
fake make "case \"\$*\" in *bzImage*) touch $work/here; while [ ! -e $work/go ]; do sleep 0.1; done ;; esac
exec $(command -v make) \"\$@\""
(cd "$project" && exec env PATH="$work/bin:$PATH" scripts/kernel/kernel.sh kernel) >"$work/first" 2>&1 &
first=$!
within 20 test -e "$work/here" || note "the first run does not reach kbuild"
(cd "$project" && exec scripts/kernel/kernel.sh kernel) >"$work/second" 2>&1 &
second=$!
ok "within 20 grep -qs '^kernel: another run holds build/9.1, waiting$' '$work/second'" "a second run says that it waits"
touch "$work/go"
rc=0
wait $first || rc=$?
wait $second || rc=$?
is "$rc $(grep -c 'built dist.9.1.bzImage' "$work/first") $(grep -c 'built dist.9.1.bzImage' "$work/second")" "0 1 0" "both succeed, one built"
is "$(compiles)" "drivers/hv/vmbus_drv.c " "and compiled what the patch touches, once"
is "$(cd "$dist" && echo modules* linux*)" "modules* linux*" "the modules and headers of the earlier build are gone"

# ---- interrupted by a signal, which ends kbuild as well, and by SIGKILL
rm "$work/go" "$work/here"
echo >>"$obj/.config"
(cd "$project" && exec env PATH="$work/bin:$PATH" scripts/kernel/kernel.sh kernel) >"$work/first" 2>&1 &
first=$!
within 20 test -e "$work/here" || note "it does not reach kbuild"
kill $first
rc=0
wait $first || rc=$?
is "$rc $(cat "$work/first")" "130 kernel: building 9.1.5-wsl3" "a signal ends the step without further output"
ok "within 5 flock -n '$project/build/9.1/.lock' true" "and kbuild with it"
rm "$work/bin/make"
fake mv "case \"\$*\" in *vmlinux.new*) kill -9 0 ;; esac
exec $(command -v mv) \"\$@\""
rc=0
(cd "$project" && env PATH="$work/bin:$PATH" setsid -w scripts/kernel/kernel.sh kernel || exit $?) >/dev/null 2>&1 </dev/null || rc=$?
is "$rc $(cd "$dist" && ls manifest.json 2>/dev/null)" "137 " "killed while it writes the outputs: there is no manifest"
rm "$work/bin/mv"
kernel
ok "[ $rc = 0 ] && [ -s '$dist/manifest.json' ]" "run again: it is written"
compiles >/dev/null

# ---- dist/ is damaged
rm "$dist/vmlinux"
truncate -s 20 "$dist/bzImage"
echo perf >"$dist/perf"
: >"$dist/manifest.json"
rm -r "$project/build/cache"
kernel
ok "[ $rc = 0 ] && cmp -s '$obj/vmlinux' '$dist/vmlinux'" "a removed output is restored"
ok "cmp -s '$obj/arch/x86/boot/bzImage' '$dist/bzImage' && [ -s '$dist/manifest.json' ]" "a truncated one as well"
ok "[ ! -e '$dist/perf' ]" "with a new image the perf of the earlier one is removed"
is "$(manifest .source.checked)" '["sha256"]' "the manifest knows the source without build/cache"
is "$(compiles)" "" "nothing is compiled for that"

fake make "echo \"\$*\" >$work/call"
run env PATH="$work/bin:$PATH" J=3 scripts/kernel/kbuild.sh bzImage
like "$(cat "$work/call") " ' -j3 bzImage $' "J= sets the jobs"
run env PATH="$work/bin:$PATH" scripts/kernel/kbuild.sh bzImage
like "$(cat "$work/call") " " -j$(nproc) bzImage $" "by default there is one for each processor"

# the order of threads must not be that of types
fake pahole 'printf "<%s>" "$@"'
is "$(eval "PATH=$work/bin:\$PATH $(grep -o 'PAHOLE=[^ ]*' "$work/call" | cut -d= -f2) -J -j2 --btf_gen_floats -j 'a b'")" \
	'<-J><--btf_gen_floats><a b>' "BTF is made by one thread"
rm "$work/bin/pahole"

# ---- a terminal, and a kbuild that prints 50 objects and then goes on for a while
# again COMMAND... - the image is built anew, with that kbuild
again() {
	rm -f "$dist/bzImage"
	(cd "$project" && env PATH="$work/bin:$PATH" "$@" </dev/null 2>&1) || :
}
# terminal - what a terminal shows of it, a line for each time the line moves
terminal() {
	again script -qc "scripts/kernel/kernel.sh kernel" /dev/null | tr '\r' '\n' | sed 's/\x1b\[K//'
}
fake make "case \"\$*\" in *' bzImage') ;; *) exec $(command -v make) \"\$@\" ;; esac
yes '  CC      init/main.o' | head -n 50
sleep 2"
rm "$obj/vmlinux"
echo '9.1 kernel 150' >>"$project/scripts/kernel/objects.list"
terminal >"$work/first-build"
echo >"$obj/vmlinux"
terminal >"$work/rebuild"
again scripts/kernel/kernel.sh kernel >"$work/pipe"
sed -i '/^9.1 /d' "$project/scripts/kernel/objects.list"
terminal >"$work/unknown"
like "$(cat "$work/first-build")" '^kernel: 50 of about 150 objects, about [2-8] s left$' \
	"on a terminal a first build shows the objects done, those expected and the time left"
ok "[ $(grep -c ' objects' "$work/first-build") -ge 2 ]" "in a line that moves"
like "$(cat "$work/rebuild")" '^kernel: 50 objects, at most about 150$' "a later build does not guess the time left"
like "$(cat "$work/unknown")" '^kernel: 50 objects$' "a line without a figure shows the objects done"
is "$(sed 's/, [0-9]* s$//' "$work/pipe")" "$(printf 'kernel: %s\n' 'building 9.1.5-wsl3' 'built dist/9.1/bzImage')" "without a terminal nothing moves"
rm "$work/bin/make"

# ---- missing programs
if command -v ccache >/dev/null; then
	fake make "echo \"\$CCACHE_DIR\" >$work/ccache"
	run env PATH="$work/bin:$PATH" HOME=/dev/null scripts/kernel/kbuild.sh bzImage
	is "$(cat "$work/ccache")" "$project/build/ccache" "without a writable home ccache keeps its files in build/"
else
	skip 1 "ccache is not installed"
fi
without bc jq
rm "$dist/vmlinux"
run env PATH="$work/without" scripts/kernel/kernel.sh kernel
is $rc 1 "a build tool is missing"
like "$err" '^kernel: error: bc: is not installed$' "it is named"
like "$err" '^  it is in the package bc$' "with its package"
ln -s "$(command -v bc)" "$work/without"
run env PATH="$work/without" scripts/kernel/kernel.sh kernel
like "$rc $err" '^1 kernel: error: jq: is not installed$' "a program that the manifest needs is checked before the build"
run scripts/kernel/kernel.sh image
is $rc 2 "usage"
