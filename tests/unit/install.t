#!/bin/sh
# make install, rollback, uninstall and verify-install with the programs of a Windows that
# tests/lib/windows.sh has: the way there and back. install-bad.t has what they refuse.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/windows.sh"
plan 59
build_tools wslconfig
project p
pin 9.1 9.1.5 'file:/none sha256:none'
windows ann
wslconfig=$work/tools/wslconfig
# read KEY - what WSL reads in .wslconfig
read_key() { "$wslconfig" get "$config" "wsl2.$1"; }
# under DIRECTORY - the files in it
under() { (cd "$1" && find . -type f | sort | tr '\n' ' '); }

built 9.1 9.1.5-wsl3 one
printf '[wsl2]\r\nmemory=4GB # mine\r\nKernel=C:\\\\my\\\\bzImage\r\n' >"$config"
mkdir "$drive/my"
: >"$drive/my/bzImage"
cp "$config" "$work/was"

run make install DRYRUN=1
is "$rc$err" 0 "DRYRUN=1"
like "$out" '^\+kernel=C:\\\\Users\\\\ann\\\\wsl-kernel\\\\9.1.5-wsl3\\\\bzImage # ' "shows the difference"
like "$out" '^install: would copy bzImage and modules.vhdx to C:\\Users\\ann\\wsl-kernel\\9.1.5-wsl3$' "and says what is copied"
ok "cmp -s '$config' '$work/was' && [ ! -e '$home/wsl-kernel' ]" "and changes nothing"

run make install
is "$rc$err" 0 "make install"
is "$(read_key kernel)" 'C:\Users\ann\wsl-kernel\9.1.5-wsl3\bzImage' "WSL reads the kernel"
is "$(read_key kernelModules)" 'C:\Users\ann\wsl-kernel\9.1.5-wsl3\modules.vhdx' "and the modules"
is "$(read_key memory)" 4GB "and the rest"
ok "cmp -s '$dist/bzImage' '$home/wsl-kernel/9.1.5-wsl3/bzImage' && cmp -s '$dist/modules.vhdx' '$home/wsl-kernel/9.1.5-wsl3/modules.vhdx'" "both files are there"
is "$(under "$home/wsl-kernel")" "./.lock ./9.1.5-wsl3/bzImage ./9.1.5-wsl3/modules.vhdx ./9.1.5-wsl3/undo.cmd " "and no other but undo.cmd"
like "$out" 'wsl --shutdown; then in a distribution: make verify-install LTS=9.1$' "it says what comes next"
like "$out" '^    C:\\Users\\ann\\wsl-kernel\\9.1.5-wsl3\\undo.cmd$' "and where undo.cmd is"
like "$out" 'safeMode=true.*\[wsl2\]' "and of safeMode"
like "$out" 'wsl --system' "and of the system distribution"
like "$out" '^    icacls "C:\\Users\\ann\\wsl-kernel" /grant "\*S-1-5-83-0:' "and what to do when WSL may not read the modules"
cp "$config" "$work/installed"

# ---- the line of PowerShell, which Perl runs here: its three patterns
# shellcheck disable=SC2016 # PowerShell's variable
printf '%s\n' "$out" | sed -n 's/^    \($f=.*\)/\1/p' >"$work/line"
is "$(tr -d '\r' <"$home/wsl-kernel/9.1.5-wsl3/undo.cmd" | sed -n 's/^powershell -NoProfile -Command "\(.*\)"$/\1/p')" "$(cat "$work/line")" \
	"undo.cmd runs the line that is printed"
is "$(grep -c "$(printf '\r')\$" "$home/wsl-kernel/9.1.5-wsl3/undo.cmd")" "$(wc -l <"$home/wsl-kernel/9.1.5-wsl3/undo.cmd")" "its lines end as Windows' do"
grep -o "creplace '[^']*'" "$work/line" | sed "s/^creplace '\(.*\)'/s{\1}{}g;/" >"$work/patterns"
# undone FILE - what the patterns leave of it
undone() { perl -0777 -pe "$(cat "$work/patterns")" "$1"; }
undone "$config" >"$work/undone"
is "$(wc -l <"$work/patterns")$(cmp "$work/undone" "$work/was" 2>&1)" 3 "what it leaves is the file as it was"
alike=
# shellcheck disable=SC1003 # no quote is meant
for text in 'kernel=a\r[wsl2]\rkernel=b\rx=1' '\357\273\277' '\357\273\277[wsl2]\nkernel=a\\\nb' '[wsl2' 'x=1\\' '# wsl-kernel:' ''; do
	# shellcheck disable=SC2059 # a format
	printf "$text" >"$work/f"
	cp "$work/f" "$work/f.was"
	"$wslconfig" set "$work/f" 'C:\1' 'C:\m'
	"$wslconfig" set "$work/f" 'C:\2'
	undone "$work/f" | cmp -s - "$work/f.was" || alike="$alike $text"
done
is "$alike" "" "as of odd files"

# ---- a distribution that asks for a newer kernel
# systemd VERSION RELEASE - what make install says on such a distribution
systemd() {
	fake systemctl "echo 'systemd $1 ($1.1-1)'; echo '+PAM +AUDIT'"
	built 9.1 "$2"
	run make install DRYRUN=1
}
systemd 258 4.19.325-wsl1
like "$rc$err" '^0install: warning: systemd 258 of .*: asks for Linux 5.4, and 4.19.325-wsl1 is older' "systemd 258 with 4.19: a warning"
systemd 260 5.4.300-wsl1
like "$rc$err" '^0install: warning: systemd 260 of .*: asks for Linux 5.10, and' "260 asks for more"
systemd 257 4.19.325-wsl1
is "$rc$err" 0 "257 does not"
systemd 260 6.18.15-wsl1-x1a2b3c4
is "$rc$err" 0 "nor 260 of a newer line"
fake systemctl 'exit 1'
built 9.1 4.19.325-wsl1
run make install DRYRUN=1
is "$rc$err" 0 "nor a distribution without systemd"
rm "$work/bin/systemctl"
built 9.1 9.1.5-wsl3 one

# ---- again, another one, and back
run make install
is "$rc$err" 0 "make install again"
ok "cmp -s '$config' '$work/installed'" "changes nothing"
built 9.1 9.1.6-wsl1 two
run make install
is "$rc $(read_key kernel)" '0 C:\Users\ann\wsl-kernel\9.1.6-wsl1\bzImage' "an upgrade"
run make rollback DRYRUN=1
like "$out" '^\+kernel=C:.*9.1.5-wsl3.*bzImage' "rollback DRYRUN=1 shows the difference"
is "$(read_key kernel)" 'C:\Users\ann\wsl-kernel\9.1.6-wsl1\bzImage' "and changes nothing"
run make rollback
is "$rc$err $(read_key kernel)" '0 C:\Users\ann\wsl-kernel\9.1.5-wsl3\bzImage' "rollback goes to the release before"
is "$(read_key kernelModules)" 'C:\Users\ann\wsl-kernel\9.1.5-wsl3\modules.vhdx' "with its modules"
like "$out" '^rollback: the next start of WSL takes C:\\Users\\ann\\wsl-kernel\\9.1.5-wsl3\\bzImage$' "and says so"
cp "$config" "$work/back"
run make rollback
is "$rc$err$(cmp "$config" "$work/back")" 0 "once more: nothing changes"
like "$out" '^rollback: there is no install to undo$' "and it says so"
run make uninstall DRYRUN=1
like "$out" '^uninstall: would remove C:\\Users\\ann\\wsl-kernel\\9.1.6-wsl1$' "uninstall DRYRUN=1"
ok "cmp -s '$config' '$work/back' && [ -e '$home/wsl-kernel/9.1.6-wsl1' ]" "changes nothing"
run make uninstall
is "$rc$err$(cmp "$config" "$work/was")" 0 "uninstall gives the file back, byte for byte"
ok "[ ! -e '$home/wsl-kernel' ]" "and removes the files"
run make uninstall
is "$rc$err$(cmp "$config" "$work/was")" 0 "it can be run twice"
run make rollback
is "$rc$err$(cmp "$config" "$work/was")" 0 "and rollback after it"

# ---- the first install, undone
run make install
run make rollback
is "$rc$err$(cmp "$config" "$work/was")" 0 "rollback of the first install gives the file back"
like "$out" 'takes C:\\my\\bzImage$' "and names the user's own kernel"
run make install
rm "$drive/my/bzImage"
run make rollback
like "$rc $err" '^0 rollback: warning: C:\\my\\bzImage: does not exist' "which may be gone meanwhile"
run make uninstall
rm "$config"
run make install
run make uninstall
ok "[ $rc = 0 ] && [ ! -e '$config' ]" "a .wslconfig that was not there is not there again"

# ---- the same release with other files: what WSL has open is not touched
run make install
cp "$home/wsl-kernel/9.1.6-wsl1/modules.vhdx" "$work/open"
built 9.1 9.1.6-wsl1 three
run make install
is "$rc$err$(cmp "$work/open" "$home/wsl-kernel/9.1.6-wsl1/modules.vhdx")" 0 "a rebuilt release leaves the files of the first"
like "$(read_key kernelModules)" '9.1.6-wsl1-[0-9a-f]{8}\\modules.vhdx$' "and has its own folder"
run make rollback
is "$(read_key kernelModules)" 'C:\Users\ann\wsl-kernel\9.1.6-wsl1\modules.vhdx' "rollback goes to the first"
built 9.1 9.1.7-wsl1
run make install
is "$rc $(read_key kernelModules)" "0 " "without a modules.vhdx no modules are named"

# ---- verify-install
fake uname "case \$1 in -r) cat '$work/release' ;; *) exec $(command -v uname) \"\$@\" ;; esac"
fake zcat "cat '$work/running.config'"
fake dmesg "cat '$work/dmesg'"
fake findmnt "echo overlay"
built 9.1 9.1.7-wsl1 four
cp "$dist/config" "$work/running.config"
echo 9.1.7-wsl1 >"$work/release"
echo 'Linux version' >"$work/dmesg"
{ echo x; cat /proc/version; } >"$dist/vmlinux"
run make verify-install
is "$rc$err" 0 "verify-install"
is "$(printf '%s\n' "$out" | grep -c '^ok ')" 5 "five rows are ok"
echo 9.1.6-wsl1 >"$work/release"
run make verify-install
like "$out" '^not ok release  *is 9.1.6-wsl1, dist/9.1 has 9.1.7-wsl1$' "another release is running"
like "$rc $err" '^2 verify-install: error: WSL: does not run dist/9.1' "and it fails"
echo CONFIG_X=n >"$work/running.config"
fake findmnt "exit 1"
echo '[ 1.0] BUG: bad' >"$work/dmesg"
echo x >"$dist/vmlinux"
run make verify-install
is "$(printf '%s\n' "$out" | sed -n 's/^not ok \([a-z]*\).*/\1/p' | tr '\n' ' ')" "release build configuration modules log " "each row can be red"

# ---- the README's way from a clone to a running kernel, as it is written there; what
# downloads, builds and boots leaves its results only
windows ann
printf '[wsl2]\nmemory=4GB\n' >"$config"
cp -R "$dist" "$work/results"
rm "$work/results/smoke-hyperv.ok"
for script in setup/deps setup/quickstart tree/prepare config/config kernel/kernel \
	kernel/modules-vhdx boot/smoke-hyperv; do
	printf '#!/bin/sh\necho %s >>%s\n' "$script" "'$work/ran'" >"$project/scripts/$script.sh"
done
echo "mkdir dist && cp -R '$work/results' dist/9.1" >>"$project/scripts/setup/quickstart.sh"
echo 'sha256sum <dist/9.1/bzImage | cut -c 1-64 >dist/9.1/smoke-hyperv.ok' >>"$project/scripts/boot/smoke-hyperv.sh"
# shellcheck disable=SC2016 # for the fake
fake sudo 'exec "$@"'
(cd "$project" && printf '/build/\n/dist/\n' >.gitignore && git init -q . && git add -A &&
	git -c user.name=x -c user.email=x@localhost commit -qm project)
sed -n '/^## Use it/,/^## /s/^    //p' "$top/README.md" | sed 5q >"$work/five"
sed "s|ADDRESS|'$project'|; s/LTS=[0-9.]*/LTS=9.1/" "$work/five" >"$work/five.sh"
mkdir "$work/user"
rc=0
(cd "$work/user" && sh -e "$work/five.sh") >"$work/out" 2>"$work/err" </dev/null || rc=$?
is "$rc $(read_key kernel) $(cat "$work/shutdown")" '0 C:\Users\ann\wsl-kernel\9.1.7-wsl1\bzImage shutdown' "the five lines of the README"
is "$(sort -u "$work/ran" | tr '\n' ' ')" "boot/smoke-hyperv config/config kernel/kernel kernel/modules-vhdx setup/deps setup/quickstart tree/prepare " "have run every step"

# ---- outside WSL
rm "$work/bin/wslpath" "$work/bin/cmd.exe" "$work/bin/powershell.exe"
run make install
like "$rc $err" '^2 install: error: this machine: is not a WSL distribution' "outside WSL one line says so"
run make install DESTDIR="$work/dest"
is "$rc$err $(under "$work/dest")" "0 ./9.1.7-wsl1/bzImage ./9.1.7-wsl1/modules.vhdx ./9.1.7-wsl1/undo.cmd ./9.1.7-wsl1/wslconfig.txt " "DESTDIR= has the files"
is "$("$wslconfig" get "$work/dest/9.1.7-wsl1/wslconfig.txt" wsl2.kernelModules)" 'C:\wsl-kernel\9.1.7-wsl1\modules.vhdx' "and the lines, as WSL reads them"
printf '[wsl2]\r\nmemory=4GB\r\n' >"$work/was"
cat "$work/was" "$work/dest/9.1.7-wsl1/wslconfig.txt" >"$work/by-hand"
is "$("$wslconfig" get "$work/by-hand" wsl2.kernel) $(undone "$work/by-hand" | cmp - "$work/was" 2>&1)" 'C:\wsl-kernel\9.1.7-wsl1\bzImage ' "which undo.cmd takes out again"
