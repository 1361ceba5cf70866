#!/bin/sh
# smoke.sh with a fake QEMU: what the guest gets, KVM or TCG, and how a run ends. (tests/check boots a real kernel.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 57
project p
pin 9.1 9.1.5 'file:/none sha256:none'
mkdir -p "$project/dist/9.1" "$work/root/lib/modules/9.1.5-wsl3"
# shellcheck disable=SC2016 # make's own
printf 'all:\n\tmkdir -p $(O)\n\techo init >$(O)/init\n' >"$project/tests/guest/Makefile"
mkdir "$project/tests/guest/scripts"
echo true >"$project/tests/guest/scripts/keeps.sh"
# programs COMMAND - userland.sh runs COMMAND
programs() { printf '#!/bin/sh\n%s\n' "$1" >"$project/scripts/boot/userland.sh"; }
programs true

# the console goes where -serial file: says
# guest KIND - what the machine does from now on; the environment does not reach it
guest() { echo "$1" >"$work/machine"; }
fake qemu-system-x86_64 "read -r guest <$work/machine
for word; do
	case \$word in file:*) console=\${word#file:} ;; esac
	[ \"\$last\" != -initrd ] || cp \"\$word\" $work/initrd
	last=\$word
done
printf '%s\\n' \"\$@\" >$work/call.new
mv $work/call.new $work/call
echo \"\$*\" | grep -oE 'accel [a-z]+' >>$work/accel
case \$guest,\$* in
silent*kvm* | dead*) exec sleep 60 ;;
esac
case \$guest in
hang) echo 'Linux version 9.1.5' >\$console; exec sleep 60 ;;
broken) echo 'qemu: no such machine' >&2; exit 1 ;;
*) printf 'Linux version 9.1.5\\n1..1\\nok 1 - up\\n' >\$console ;;
esac"
PATH=$work/bin:$PATH

run make smoke -o modules
like "$rc $err" '^2 smoke: error: dist/9.1/bzImage: is not built$' "nothing is built"
echo image >"$project/dist/9.1/bzImage"
jq -n '{release: "9.1.5-wsl3", patches: [{name: "hyperv/bus.patch"}, {name: "memory/balloon.patch"}]}' >"$project/dist/9.1/manifest.json"
echo module >"$work/root/lib/modules/9.1.5-wsl3/hv.ko"
fake depmod "echo \"\$*\" >$work/depmod"
tar -C "$work/root" -czf "$project/dist/9.1/modules.tar.gz" lib/modules/9.1.5-wsl3

guest good

run env WITHOUT="nfs trace" WITH="security xdp" CMDLINE=quiet scripts/boot/smoke.sh
is "$rc$err" 0 "a healthy guest"
like "$out" '^smoke: 9.1.5-wsl3 booted and met its plan, (KVM|TCG), [0-9]+ s$' "the last line says how it was booted"
like "$(cat "$work/call")" ' wsl.release=9.1.5-wsl3 ' "the guest gets the release"
like "$(cat "$work/call")" ' wsl.queue=hyperv/bus,memory/balloon ' "the patches that it has"
like "$(cat "$work/call")" ' wsl.without=nfs,trace wsl.with=security,xdp .* quiet$' "the missing and the optional features, and what the user adds"
is "$(grep -cF "$("$top/tests/wsl-cmdline" --cpus 2) console=ttyS0 " "$work/call")" 1 "its command line is WSL's, with the serial console where WSL has the user's words"
is "$(cpio -i --quiet --to-stdout tests/cmdline.list <"$work/initrd" | cksum)" "$(cksum <"$top/config/cmdline.list")" "and the list of what each line takes of it"
is "$(cpio -t --quiet <"$work/initrd" | grep -cE '^(init|tests/keeps.sh|lib/modules/9.1.5-wsl3/hv.ko)$')" 3 "init, its scripts and the shipped modules are in its initrd"
like "$(cat "$work/call")" "^if=virtio,format=raw,readonly=on,file=$project/build/userland.ext4$" "it has the disk of programs"
like "$(cat "$work/call")" ' wsl.seconds=120 ' "a row has a tenth of the time limit"
ok "[ ! -e '$project/dist/9.1/smoke.ok' ]" "which is no proof for make install"
programs 'echo "userland: error: no network" >&2; exit 1'
guest good
run env TIMEOUT=3000 scripts/boot/smoke.sh
is "$rc $err" "0 userland: error: no network
smoke: warning: userland: the rows that run its programs will fail" "without the disk of programs the reason is shown"
is "$(cat "$project/dist/9.1/smoke.ok")" "$(sum "$project/dist/9.1/bzImage")" "a green run leaves the image's digest"
unlike "$(cat "$work/call")" 'userland' "and the guest is booted without it"
like "$(cat "$work/call")" ' wsl.seconds=300 ' "a longer time limit is longer for each row"
programs true
# a row that was left out proves nothing
guest good
run env WITHOUT=nfs scripts/boot/smoke.sh
is "$rc$err $(ls "$project/dist/9.1/smoke.ok" 2>/dev/null)" "0 " "without the rows of a feature that the image has: no proof"
like "$out" '^smoke: make install does not count this run: WITHOUT= and WITH= are not those that the image was built with$' "and a line says why"
jq '.features = "+xdp -nfs -trace"' "$project/dist/9.1/manifest.json" >"$work/manifest"
cp "$work/manifest" "$project/dist/9.1/manifest.json"
guest good
run env WITHOUT="trace nfs" WITH=xdp scripts/boot/smoke.sh
ok "[ -e '$project/dist/9.1/smoke.ok' ]" "the rows of the image that was built so are proof"
guest good
run env WITHOUT="trace nfs" scripts/boot/smoke.sh
ok "[ ! -e '$project/dist/9.1/smoke.ok' ]" "not without those of its optional feature"
jq 'del(.features)' "$work/manifest" >"$project/dist/9.1/manifest.json"
guest good
run env scripts/boot/smoke.sh
ok "[ -e '$project/dist/9.1/smoke.ok' ]" "of the image as by default all rows are"
guest good
run env WSL="--order 9 --virtiofs" scripts/boot/smoke.sh
is "$rc$err $(grep -cF "$("$top/tests/wsl-cmdline" --order 9 --virtiofs) console=ttyS0 " "$work/call")" "0 1" "WSL= is another Windows and configuration"
is "$rc $(ls "$project/dist/9.1/smoke.ok" 2>/dev/null)" "0 " "which is no proof"
run env WSL="--order 7" scripts/boot/smoke.sh
like "$err" '^smoke: error: WSL=--order 7: these are not options of tests/wsl-cmdline \(above\)$' "one that there is not"
run env CMDLINE="$(printf '%01800d' 0)" scripts/boot/smoke.sh
like "$rc $err" '^1 smoke: error: the command line: is longer than the 2047 characters that the kernel reads$' "words that the kernel would cut off"
guest good
run env scripts/boot/smoke.sh
guest hang
run env TIMEOUT=1 scripts/boot/smoke.sh
like "$rc $err" '^1 smoke: error: linux 9.1: the guest hung: no power-off before the time limit, 0 of . rows came$' "a guest that hangs is killed at the time limit"
ok "[ ! -e '$project/dist/9.1/smoke.ok' ]" "and the image has no proof any more"
is "$(cd "$project/build/9.1/log" && cat console.log)" "Linux version 9.1.5" "its console is kept"
guest broken
run env scripts/boot/smoke.sh
like "$rc $err" '^1 smoke: error: linux 9.1: QEMU ended with status 1: qemu: no such machine$' "QEMU does not start"

# ---- the disk of modules, and a module that is built against the headers
unlike "$(cat "$work/call")" 'wsl.modules|modules.ext4' "without modules.vhdx the guest is not told of one"
if command -v qemu-img >/dev/null; then
	head -c 3000000 /dev/urandom >"$work/raw"
	qemu-img convert -t unsafe -f raw -O vhdx "$work/raw" "$project/dist/9.1/modules.vhdx"
	guest good
	run env scripts/boot/smoke.sh
	like "$rc$err $(cat "$work/call")" ' wsl.modules=1 ' "with it the guest is told, and how many there are"
	like "$(cat "$work/call")" "^if=virtio,format=raw,readonly=on,file=$project/build/9.1/guest/modules.ext4\$" "and has it as a disk that it cannot write"
	ok "head -c 3000000 '$project/build/9.1/guest/modules.ext4' | cmp - '$work/raw'" "with its content"
	mkdir "$work/guest"
	(cd "$work/guest" && cpio -id --quiet <"$work/initrd")
	ok "[ -x '$work/guest/tests/modprobe' ] && [ -e '$work/guest/tests/depmod' ]" "modprobe and depmod are in its initrd"
	is "$(ldd "$work/guest/tests/modprobe" | grep -o '/[^ ]*' | while read -r library; do [ -f "$work/guest$library" ] || echo "$library"; done)" "" "with their libraries"
	ok "[ ! -e '$work/guest/sbin' ]" "but not where the kernel would run them"
	echo module >"$work/root/lib/modules/9.1.5-wsl3/balloon.ko.xz"
	tar -C "$work/root" -czf "$project/dist/9.1/modules.tar.gz" lib/modules/9.1.5-wsl3
	guest good
	run env scripts/boot/smoke.sh
	like "$rc$err $(cat "$work/call")" ' wsl.modules=2 ' "two"
	rm "$work/root/lib/modules/9.1.5-wsl3"/*.ko*
	tar -C "$work/root" -czf "$project/dist/9.1/modules.tar.gz" lib/modules/9.1.5-wsl3
	guest good
	run env scripts/boot/smoke.sh
	like "$rc$err $(cat "$work/call")" ' wsl.modules=0 ' "an image without a module has the disk all the same"
	mv "$project/dist/9.1/modules.tar.gz" "$work"
	guest good
	run env scripts/boot/smoke.sh
	like "$rc $err" '^1 smoke: error: dist/9.1/modules.tar.gz: does not exist$' "a disk whose modules cannot be counted"
	mv "$work/modules.tar.gz" "$project/dist/9.1"
	rm "$project/dist/9.1/modules.vhdx"
else
	skip 9 "qemu-img is not installed"
fi
headers=$work/headers/usr/src/linux-headers-9.1.5-wsl3
mkdir -p "$headers"
cp -R "$top/tests/guest/module" "$project/tests/guest"
# shellcheck disable=SC2016 # make's own
printf 'modules:\n\t@cp $(M)/outside.c $(M)/outside.ko\n' >"$headers/Makefile"
tar -C "$work/headers" -cf - usr/src | zstd -q >"$project/dist/9.1/linux-headers.tar.zst"
guest good
run env scripts/boot/smoke.sh
is "$rc$err $(cpio -i --quiet --to-stdout tests/outside.ko <"$work/initrd" | cksum)" "0 $(cksum <"$top/tests/guest/module/outside.c")" \
	"with linux-headers.tar.zst a module is built against it and in the initrd"
printf 'modules:\n\t@echo "outside.c:9: error: no such header"; exit 1\n' >"$headers/Makefile"
tar -C "$work/headers" -cf - usr/src | zstd -q >"$project/dist/9.1/linux-headers.tar.zst"
guest good
run env scripts/boot/smoke.sh
like "$rc $err" '^1 smoke: error: dist/9.1/linux-headers.tar.zst: a module cannot be built against it$' "one that cannot be built is an error"
like "$err" '^  outside.c:9: error: no such header$' "with the reason"
rm "$project/dist/9.1/linux-headers.tar.zst"

# ---- two lines at once, both with the guest's init to build
cp -R "$project/dist/9.1" "$project/dist/9.2"
cp "$project/tests/guest/Makefile" "$work/Makefile"
# shellcheck disable=SC2016 # make's own
printf 'all:\n\tmkdir -p $(O)\n\tmkdir $(O)/busy\n\tsleep 1\n\techo init >$(O)/init\n\trmdir $(O)/busy\n' >"$project/tests/guest/Makefile"
guest good
(cd "$project" && LTS=9.2 exec scripts/boot/smoke.sh) >"$work/other" 2>&1 &
other=$!
guest good
run env scripts/boot/smoke.sh
wait $other || rc="$rc, 9.2: $(cat "$work/other")"
is "$rc$err" 0 "they build it one after the other"
cp "$work/Makefile" "$project/tests/guest/Makefile"

# ---- a /dev/kvm that is there and runs nothing
# accels - what QEMU was started with since the last call
accels() {
	sed 's/accel //' "$work/accel" | tr '\n' ' '
	: >"$work/accel"
}
if [ -w /dev/kvm ]; then
	# 20 s are waited: a clock that runs fast
	fake date "echo \$((\$(cat $work/clock 2>/dev/null || echo 0) + 7)) | tee $work/clock.new
mv $work/clock.new $work/clock"
	accels >/dev/null
	guest dead
	run env TIMEOUT=40 scripts/boot/smoke.sh
	is "$rc $(accels)$(ls "$project/build/kvm" 2>/dev/null)" "1 kvm tcg " \
		"an image that prints nothing on either: not a fault of /dev/kvm"
	rm "$work/clock"
	guest silent
	run env scripts/boot/smoke.sh
	like "$out" '^smoke: the kernel printed nothing on /dev/kvm$' "a kernel that is silent under KVM"
	like "$rc $(printf '%s\n' "$out" | tail -n 1)" '^0 smoke: .* met its plan, TCG' "is booted under TCG"
	ok "[ $(cat "$work/clock") -lt 300 ]" "after 20 s, long before the time limit"
	is "$(accels)$(cat "$project/build/kvm")" "kvm tcg $(cat /proc/sys/kernel/random/boot_id) cannot" \
		"that /dev/kvm cannot is remembered"
	rm "$work/clock"
	guest silent
	run env scripts/boot/smoke.sh
	is "$rc $(accels)" "0 tcg " "the next run does not try it"
	like "$out" '^smoke: /dev/kvm has run no kernel since this machine booted \(remove build/kvm to try again\)$' "and says why"
	ok "[ $(cat "$work/clock") -lt 70 ]" "nor waits for it"
	echo "00000000-0000-0000-0000-000000000000 cannot" >"$project/build/kvm"
	guest good
	run env scripts/boot/smoke.sh
	is "$rc $(accels)" "0 kvm " "after the machine has booted again it is tried"
	rm "$project/build/kvm"
	guest silent
	run env scripts/boot/smoke.sh
	is "$rc $(accels)" "0 kvm tcg " "and after the file was removed"
	rm "$project/build/kvm" "$work/clock"
	mkdir "$project/build/kvm"
	guest silent
	run env scripts/boot/smoke.sh
	is "$rc $(accels)" "0 kvm tcg " "what cannot be remembered is no reason to fail"
	like "$err" '^smoke: warning: build/kvm: cannot be written' "and is said"
	rmdir "$project/build/kvm"
	printf '\0%s' "$(cat /proc/sys/kernel/random/boot_id) can" >"$project/build/kvm"
	guest good
	run env scripts/boot/smoke.sh
	is "$rc $err$(accels)" "0 kvm " "damaged, the file says nothing"
	skip 1 "this machine has /dev/kvm"
else
	skip 13 "this machine has no /dev/kvm"
	guest good
	run env scripts/boot/smoke.sh
	like "$out" '^smoke: no writable /dev/kvm$' "without /dev/kvm a line says so"
fi
