#!/bin/sh
# What make install meets on a user's machine: a .wslconfig of any kind, profiles with odd
# names, a full disk, two runs at once; and each thing that it refuses.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/windows.sh"
plan 67
build_tools wslconfig
project p
pin 9.1 9.1.5 'file:/none sha256:none'
wslconfig=$work/tools/wslconfig
install() { run scripts/install/install.sh; }
rollback() { run scripts/install/rollback.sh; }
uninstall() { run scripts/install/uninstall.sh; }
# refused REGEX NAME [VARIABLE=VALUE...] - install stops with that error, and changes nothing
refused() {
	before=$(contents "$drive")
	regex=$1 name=$2
	shift 2
	run env "$@" scripts/install/install.sh
	like "$rc $err" "^1 install: error: $regex" "$name"
	[ "$(contents "$drive")" = "$before" ] || note "the drive has changed"
	[ "$(contents "$drive")" = "$before" ] || tap_bad=$((tap_bad + 1))
}

# ---- what .wslconfig may be: install sets the kernel, rollback and uninstall give it back
windows ann
built 9.1 9.1.5-wsl3 one
kernel='C:\Users\ann\wsl-kernel\9.1.5-wsl3\bzImage'
# survives FORMAT NAME
survives() {
	# shellcheck disable=SC2059 # a format
	printf "$1" >"$config"
	cp "$config" "$work/was"
	install
	seen=$rc$err$("$wslconfig" get "$config" wsl2.kernel)
	rollback
	seen="$seen $rc$(cmp "$config" "$work/was" 2>&1)"
	install
	uninstall
	is "$seen $rc$(cmp "$config" "$work/was" 2>&1)" "0$kernel 0 0" "$2"
}
survives '' "an empty .wslconfig"
survives '[wsl2]\nkernel=C:\\\\my\\\\k\nmemory=4GB\n' "kernel= is set already"
survives '[wsl2]\nkernel=C:\\\\1\nkernel=C:\\\\2\n' "twice"
survives '[WSL2]\nKERNEL = C:\\\\1\nKernelModules=C:\\\\2\n' "in another case"
survives '[wsl2]\n# kernel=C:\\\\1\nmemory=4GB # kernel=x\n' "in a comment"
survives '[experimental]\nkernel=C:\\\\1\n' "in the wrong section"
survives '[wsl2]\nkernel=C:\\\\1\\\n\\\\2\\\n\\\\3\nmemory=1GB\n' "with continuation lines"
survives '[wsl2]\nmemory=4GB\n[user]\nx=1\n[wsl2]\nkernel=C:\\\\1\n' "two [wsl2] sections"
survives '[wsl2]\nmemory=4GB' "no newline at the end"
survives '[wsl2]\r\nmemory=4GB\r\nkernel=x' "none, after CR LF"
survives '[wsl2]\rkernel=x\rmemory=4GB\r' "CR only"
survives '\357\273\277[wsl2]\nkernel=x\n' "a BOM"
survives '[user]\nname=J\303\266rg\n' "letters beyond ASCII"
rm "$config"
install
seen="$rc$("$wslconfig" get "$config" wsl2.kernel)"
rollback
ok "[ '$seen' = '0$kernel' ] && [ ! -e '$config' ]" "no .wslconfig at all"
printf '[wsl2]\nkernel=C:\\Users\\x\nmemory 4GB\n' >"$config"
install
like "$err" '\.wslconfig: WSL ignores line 5: a backslash has to be doubled$' "lines that WSL ignores are named"
uninstall
printf '[wsl2]\nsafeMode = True\n' >"$config"
install
like "$err" 'safeMode is on there: WSL uses no other kernel' "and safeMode, which wins"
uninstall
printf '[wsl2]\n' | iconv -t UTF-16 >"$config"
refused '|wslconfig: error: .*\.wslconfig: is UTF-16' "UTF-16 is refused"
like "$err" 'iconv -f UTF-16 -t UTF-8' "with how to convert it"
printf '[wsl2]\n' >"$config"
chmod 444 "$config"
refused '|wslconfig: error: .*\.wslconfig: is read-only$' "a read-only one is refused"
like "$err" 'attrib -r' "with how to clear that"
refused '|wslconfig: error: .*\.wslconfig: is read-only$' "with DRYRUN=1 as well" DRYRUN=1
chmod 644 "$config"
mv "$config" "$work/linked"
ln -s nowhere "$config"
refused '|wslconfig: error: .*\.wslconfig: is a symbolic link to a file that does not exist$' "a link to nothing is refused"
mv "$work/linked" "$config"

# ---- the profile's name
for name in "Ann Lee" "O'Neil" "A & B (x86)" "50% off"; do
	windows "$name"
	install
	seen="$rc$err$("$wslconfig" get "$config" wsl2.kernel)"
	uninstall
	is "$seen $rc$(find "$home" -mindepth 1)" "0C:\\Users\\$name\\wsl-kernel\\9.1.5-wsl3\\bzImage 0" "a profile named $name"
done
windows "Jörg"
install
is "$rc$err$("$wslconfig" get "$config" wsl2.kernel | sed 's/-[0-9a-f]\{8\}/-N/')" '0C:\ProgramData\wsl-kernel-N\9.1.5-wsl3\bzImage' \
	"one that .wslconfig cannot name: the files are outside it"
ok "cmp -s '$dist/bzImage' '$drive'/ProgramData/wsl-kernel-*/9.1.5-wsl3/bzImage" "and there they are"
uninstall
is "$rc$err$(find "$drive/ProgramData" "$home" -mindepth 1)" 0 "uninstall finds them"
install
first=$(ls "$drive/ProgramData")
printf '%s\n' 'C:\Users\Jürg' >"$work/profile"
mkdir "$drive/Users/Jürg"
install
is "$rc$err $(find "$drive/ProgramData" -maxdepth 1 -name 'wsl-kernel-*' ! -name "$first" | wc -l)" "0 1" "another such user has a folder of its own"
windows ann
rm "$work/bin/cmd.exe"
install
is "$rc$err$("$wslconfig" get "$config" wsl2.kernel)" "0$kernel" "PowerShell is asked where cmd.exe does not run"
uninstall
fake powershell.exe 'echo "cannot execute binary file" >&2; exit 126'
fake cmd.exe 'echo "cannot execute binary file" >&2; exit 126'
refused 'interop: is switched off: cmd.exe and powershell.exe do not run$' "interop is switched off"
like "$err" '/etc/wsl.conf.*\[interop\]' "and how to switch it on"
rm "$work/bin/cmd.exe"
. "$top/tests/lib/windows.sh"
windows ann
printf '%s\n' 'C:\Users\bob' >"$work/profile"
refused 'C:\\Users\\bob: is not mounted in this distribution$' "a profile that is not mounted"
windows ann

# ---- the image
cp "$dist/bzImage" "$work/bzImage"
# broken COMMAND REGEX NAME [VARIABLE=VALUE] - install refuses dist/9.1 after that
broken() {
	cp -R "$dist" "$work/dist"
	(cd "$dist" && eval "$1")
	refused "$2" "$3" ${4:+"$4"}
	rm -rf "$dist"
	mv "$work/dist" "$dist"
}
broken 'rm manifest.json' 'dist/9.1/bzImage: is not built$' "nothing is built"
broken 'rm smoke.ok' 'dist/9.1/bzImage: has not passed make smoke$' "no make smoke"
broken 'rm smoke-hyperv.ok' 'dist/9.1/bzImage: has not passed make smoke-hyperv$' "no make smoke-hyperv"
broken 'sha256sum </dev/null | cut -c 1-64 | tee smoke.ok >smoke-hyperv.ok' \
	'dist/9.1/bzImage: has not passed make smoke and make smoke-hyperv$' "both were green for another image"
like "$err" 'FORCE=1 installs it all the same$' "FORCE=1 is named"
rm "$dist/smoke.ok"
run env FORCE=1 scripts/install/install.sh
like "$rc $err" '^0 install: warning: dist/9.1/bzImage: has not passed make smoke; installed because of FORCE=1$' "and installs it"
sum "$dist/bzImage" >"$dist/smoke.ok"
uninstall
broken 'printf "\177ELF" | dd of=bzImage conv=notrunc 2>/dev/null' 'dist/9.1/bzImage: is vmlinux, an ELF file' "vmlinux"
broken 'printf "\000" | dd of=bzImage bs=1 seek=566 conv=notrunc 2>/dev/null' \
	'dist/9.1/bzImage: is for another machine: it is for i686, this is x86_64$' "32 bits"
broken 'printf "ARMd" | dd of=bzImage bs=1 seek=56 conv=notrunc 2>/dev/null' \
	'dist/9.1/bzImage: is for another machine: it is for aarch64' "arm64"
broken 'echo text >bzImage' 'dist/9.1/bzImage: is not a bzImage$' "something else"
broken 'echo more >>bzImage' 'dist/9.1/bzImage: is not what manifest.json says$' "an image of another build"
broken 'printf "\0vermagic=9.1.4-wsl1 SMP" >modules.vhdx; manifest 9.1.5-wsl3' \
	'dist/9.1/modules.vhdx: has modules of another release: 9.1.4-wsl1, the image is 9.1.5-wsl3$' "modules of another release"
broken 'echo more >>modules.vhdx' 'dist/9.1/modules.vhdx: is not what manifest.json says$' "of another build"
run env FORCE=1 scripts/install/install.sh
is "$rc$err" 0 "the image as it was is installed"
uninstall
fake uname "[ \"\$1\" != -m ] || { echo aarch64; exit; }; exec $(command -v uname) \"\$@\""
refused 'dist/9.1/bzImage: is for another machine: it is for x86_64, this is aarch64$' "on an arm64 machine"
rm "$work/bin/uname"
broken 'printf "\177ELF" | dd of=bzImage conv=notrunc 2>/dev/null' 'dist/9.1/bzImage: is vmlinux' "FORCE=1 is for the boots alone" FORCE=1

# ---- WSL's version
echo 2.5.0.0 >"$work/version"
refused 'WSL 2.5.0.0: is too old for kernelModules: that needs 2.5.1$' "WSL 2.5.0"
: >"$work/version"
refused 'WSL of an unknown version: is too old for kernelModules' "one that cannot say its version"
echo 2.5.1.0 >"$work/version"
install
is "$rc$err" 0 "2.5.1 takes modules"
unlike "$out" icacls "without the note on rights, which is of 2.7.1"
uninstall
echo 2.10.0.0 >"$work/version"
install
is "$rc$err" 0 "2.10 is later than 2.5"
uninstall
echo 2.0.0.0 >"$work/version"
built 9.1 9.1.5-wsl3
install
is "$rc$err" 0 "without modules an old one will do"
uninstall
echo 2.9.4.0 >"$work/version"

# ---- a version that is missing
built 9.1 9.1.5-wsl3 one
printf '[wsl2]\nmemory=4GB\n' >"$config"
cp "$config" "$work/was"
install
built 9.1 9.1.6-wsl1 two
install
cp "$config" "$work/installed"
mv "$home/wsl-kernel/9.1.5-wsl3" "$work/away"
rollback
like "$rc $err" '^1 rollback: error: C:\\Users\\ann\\wsl-kernel\\9.1.5-wsl3\\bzImage: does not exist any more' "rollback to a version that was deleted is refused"
is "$(cmp "$config" "$work/installed")" "" "and changes nothing"
uninstall
is "$rc$(cmp "$config" "$work/was")" 0 "uninstall works"

# ---- two at once: the programs wait for each other, and for nothing of a run that ended
project=$work/q
cp -R "$work/p" "$project"
# the one that copies goes on when the other one waits
fake cp "turns=300
until grep -qs 'another run holds' '$work/first' '$work/out' || [ \$turns = 0 ]; do sleep 0.1; turns=\$((turns - 1)); done
exec $(command -v cp) \"\$@\""
(cd "$work/p" && exec scripts/install/install.sh) >"$work/first" 2>&1 &
first=$!
install
seen=$rc
wait $first || seen="$seen, the first: $(cat "$work/first")"
is "$seen $("$wslconfig" get "$config" wsl2.kernel)" '0 C:\Users\ann\wsl-kernel\9.1.6-wsl1\bzImage' "two installs at once, from two clones"
like "$(cat "$work/first" "$work/out")" '^install: another run holds C:\\Users\\ann\\wsl-kernel, waiting$' "one waits"
rm "$work/bin/cp"
uninstall
is "$rc$(cmp "$config" "$work/was")" 0 "and uninstall gives the file back"

# ---- where it cannot write
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k none "$drive/Users" 2>/dev/null; then
	disk=$drive/Users
	mkdir "$home"
	cp "$work/was" "$config"
	odd='' red=0 green=0
	for filler in 60000 56000 52000 48000 44000 20000; do
		rm -rf "$home/wsl-kernel"
		cp "$work/was" "$config"
		head -c $filler /dev/zero >"$home/filler" 2>/dev/null || :
		install
		rm "$home/filler"
		if [ $rc = 0 ]; then
			green=$((green + 1))
			[ "$("$wslconfig" get "$config" wsl2.kernel)" = 'C:\Users\ann\wsl-kernel\9.1.6-wsl1\bzImage' ] || odd="$odd $filler"
		else
			red=$((red + 1)) full=$err
			cmp -s "$config" "$work/was" && [ ! -e "$home/wsl-kernel/9.1.6-wsl1" ] || odd="$odd $filler"
		fi
	done
	is "$odd" "" "a full disk: $red times the old state, $green times the new one"
	ok "[ $red -gt 1 ] && [ $green -gt 0 ]" "both were seen"
	like "$full" 'No space left on device$' "and the error says why"
	mount -o remount,ro "$disk"
	rm -rf "$home/wsl-kernel" 2>/dev/null || :
	install
	like "$rc $err" '^1 (install|wslconfig): error: .*Read-only file system$' "a folder that cannot be written"
	# the files would be on another drive, which can be written
	printf '%s\n' 'C:\Users\Jörg' >"$work/profile"
	mount -o remount,rw "$disk"
	mkdir "$drive/Users/Jörg"
	mount -o remount,ro "$disk"
	refused '|wslconfig: error: .*\.wslconfig: cannot be written: Read-only file system$' "a profile that cannot be written"
	umount "$disk"
	disk=
else
	skip 5 "this machine mounts no tmpfs"
fi
