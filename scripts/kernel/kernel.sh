#!/bin/sh
# kernel.sh kernel|modules - build the prepared, configured tree.
#   kernel   dist/<line>/{bzImage,vmlinux,System.map,config,manifest.json}
#   modules  dist/<line>/modules.tar.gz: lib/modules/<release> and nothing above it.
#            To install them, as root:
#            tar -C / -xzf dist/<line>/modules.tar.gz --keep-directory-symlink
# Does nothing when tree, configuration, pin and toolchain are those of the last
# build. The log is build/<line>/log/<target>.log. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 1 ] || usage "LTS=x.y J=n kernel.sh kernel|modules"
check_pin
lock "build/$LTS" "$root/build/$LTS"
need make perl bc flex bison cpio jq
[ -f "$tree_meta/index" ] && [ -f "$obj/.config" ] || die "build/$LTS" "has no configured tree" "run make $1 LTS=$LTS"
! grep -q "^CONFIG_KERNEL_ZSTD=y" "$obj/.config" || need zstd
inputs=$(kernel_key "$1")

# whole kernel|modules - the outputs are there, as the manifest has them
whole() {
	sizes=$(jq -r --arg step "$1" '.outputs | to_entries[] | select((.key == "modules.tar.gz") == ($step == "modules")) |
		"\(.value.bytes) \(.key)"' "$dist/manifest.json" 2>/dev/null) && [ "$sizes" ] &&
		printf '%s\n' "$sizes" | while read -r bytes name; do
			[ "$(stat -c %s "$dist/$name" 2>/dev/null)" = "$bytes" ] || exit 1
		done
}
case $1 in
kernel | modules) fresh "$build_dir/stamp/$1" "$inputs" && whole "$1" && exit 0 ;;
*) usage "LTS=x.y J=n kernel.sh kernel|modules" ;;
esac

# watch PID LOG COUNT - the number of objects so far, against the last build's
watch() {
	if [ "${V:-0}" != 0 ]; then
		tail -f -n +1 --pid="$1" "$2"
	elif [ -t 1 ]; then
		while kill -0 "$1" 2>/dev/null; do
			printf '\r%s: %s of about %s objects ' "$step" "$(grep -c '^  [A-Z]' "$2")" "$3"
			sleep 1
		done
		printf '\r\033[K'
	fi
}

# build TARGET... - kbuild with its output in the log, an excerpt of it on failure
build() {
	log=$build_dir/log/$target.log
	count=$(cat "$build_dir/log/$target.count" 2>/dev/null || echo '?')
	: >"$log"
	# a job of a script does not hear Ctrl-C
	trap 'kill ${!:-} 2>/dev/null || :; wait || :; exit 130' INT TERM HUP
	"$root/scripts/kernel/kbuild.sh" "$@" >"$log" 2>&1 &
	pid=$!
	watch $pid "$log" "$count"
	rc=0
	wait $pid || rc=$?
	trap - INT TERM HUP
	if [ $rc != 0 ]; then
		grep -nE 'error:|Error [0-9]|undefined reference|No space left|Killed' "$log" | head -n 12 >&2 || :
		missing=$("$root/scripts/setup/doctor.sh" packages | grep -e '-dev$' | tr '\n' ' ') || :
		die "linux $version" "the build failed" ${missing:+"headers are missing: make deps installs ${missing% }"} \
			"build/$variant/log/$target.log has it all; V=1 prints it as it comes"
	fi
	# a build after a small edit says nothing of the next whole one
	[ "$(grep -c '^  [A-Z]' "$log")" -lt "${count#\?}0" ] 2>/dev/null ||
		grep -c '^  [A-Z]' "$log" >"$build_dir/log/$target.count" || :
}

target=$1
mind_room
mkdir -p "$dist" "$build_dir/log" "$build_dir/stamp"
began=$(date +%s)
if [ "$1" = kernel ]; then
	say "building $(basename "$("$root/scripts/kernel/kbuild.sh" -s kernelrelease | tail -n 1)")"
	rm -f "$build_dir/stamp/kernel" "$build_dir/stamp/modules"
	build bzImage
	# no manifest until all it speaks of is there, and no modules of another build
	rm -f "$dist/manifest.json" "$dist/modules.tar.gz"
	for out in arch/x86/boot/bzImage vmlinux System.map .config; do
		[ -f "$obj/$out" ] || die "build/$variant/obj/$out" "the build did not leave it" "see build/$variant/log/kernel.log"
		name=${out##*/}
		# debug information is some hundred MB; it stays in build/, what is shipped has BTF
		if [ "$out" = vmlinux ] && grep -q "^CONFIG_DEBUG_INFO=y" "$obj/.config"; then
			strip -g -o "$dist/vmlinux.new" "$obj/vmlinux"
		else
			cp "$obj/$out" "$dist/${name#.}.new"
		fi
		mv "$dist/${name#.}.new" "$dist/${name#.}"
	done
else
	need depmod
	rm -rf "$build_dir/modules" "$build_dir/stamp/modules"
	build modules
	build INSTALL_MOD_PATH="$build_dir/modules" INSTALL_MOD_STRIP=1 modules_install
	# links into the build folder mean nothing elsewhere
	find "$build_dir/modules" -type l -delete
	# an entry for lib/ would make tar replace the link /lib of a system with merged
	# /usr, and an entry for lib/modules/ change its mode
	tar -C "$build_dir/modules" --sort=name --owner=0 --group=0 --numeric-owner --mtime="$released" \
		-cf "$dist/modules.tar.new" "lib/modules/$(cat "$obj/include/config/kernel.release")"
	gzip -9nf "$dist/modules.tar.new"
	rm -f "$dist/manifest.json"
	mv "$dist/modules.tar.new.gz" "$dist/modules.tar.gz"
	rm -rf "$build_dir/modules"
fi
"$root/scripts/kernel/manifest.sh"
stamp "$build_dir/stamp/$1" "$inputs"
say "dist/$variant/$([ "$1" = kernel ] && echo bzImage || echo modules.tar.gz) is there, $(($(date +%s) - began)) s"
