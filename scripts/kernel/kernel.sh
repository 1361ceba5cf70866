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
. "$root/scripts/lib/eol.sh"
. "$root/scripts/lib/origin.sh"
. "$root/scripts/kernel/progress.sh"
. "$root/scripts/kernel/first-error.sh"
case $*,$# in
kernel,1) outputs="bzImage vmlinux System.map config" ;;
modules,1) outputs=modules.tar.gz ;;
*) usage "LTS=x.y J=n kernel.sh kernel|modules" ;;
esac
target=$1
check_pin
lock "build/$tree_name" "$root/build/$tree_name"
need make perl bc flex bison cpio jq
[ -f "$tree_meta/index" ] && [ -f "$obj/.config" ] && [ -f "$build_dir/stamp/localversion" ] ||
	die "build/$tree_name" "has no configured tree" "run make $target LTS=$LTS$gpu"
! grep -q "^CONFIG_KERNEL_ZSTD=y" "$obj/.config" || need zstd

# build LOG ARG... - kbuild.sh with its output in log/LOG.log, until its first error; on
# failure an excerpt of it
build() {
	name=$1 log=$build_dir/log/$1.log pid='' watch=''
	shift
	: >"$log"
	# Ctrl-C does not reach a background job of a script
	trap 'kill $watch ${pid:-${!:-}} 2>/dev/null || :; wait 2>/dev/null || :; exit 130' INT TERM HUP
	"$root/scripts/kernel/kbuild.sh" "$@" >"$log" 2>&1 &
	pid=$!
	# what it starts may outlive it by a second, and must not hold the lock
	{ exec 9>&-; stop_at_error "$pid" "$log"; } &
	watch=$!
	progress "$pid" "$log" "$name"
	rc=0
	wait $pid 2>/dev/null || rc=$?
	[ $rc != 0 ] || kill $watch 2>/dev/null || :
	wait $watch 2>/dev/null || :
	trap - INT TERM HUP
	[ $rc != 0 ] || return 0
	grep -nE 'error:|Error [0-9]|undefined reference|No space left|Killed' "$log" |
		head -n 12 >&2 || :
	missing=$("$root/scripts/setup/doctor.sh" packages | grep -e '-dev$' | tr '\n' ' ') || :
	die "linux $version" "the build failed" \
		${missing:+"headers are missing: make deps installs ${missing% }"} \
		"full log: build/$variant/log/$name.log; V=1 prints it during the build"
}

# build_kernel - the image and what belongs to it
build_kernel() {
	tell_eol
	say "building $(basename "$("$root/scripts/kernel/kbuild.sh" -s kernelrelease | tail -n 1)")"
	rm -f "$build_dir/stamp/kernel" "$build_dir/stamp/modules"
	build kernel bzImage
	# no manifest until all its files are there, and no modules of another build
	rm -f "$dist/manifest.json" "$dist/modules.tar.gz" "$dist/modules.vhdx" \
		"$dist/linux-headers.tar.zst" "$dist/perf"
	for out in arch/x86/boot/bzImage vmlinux System.map .config; do
		[ -f "$obj/$out" ] || die "build/$variant/obj/$out" "the build did not make it" \
			"full log: build/$variant/log/kernel.log"
		name=${out##*/}
		name=${name#.}
		# debug information is some hundred MB and stays in build/; BTF is shipped
		if [ "$out" = vmlinux ] && grep -q "^CONFIG_DEBUG_INFO=y" "$obj/.config"; then
			strip -g -o "$dist/vmlinux.new" "$obj/vmlinux"
		else
			cp "$obj/$out" "$dist/$name.new"
		fi
		mv "$dist/$name.new" "$dist/$name"
	done
}

# build_modules - modules.tar.gz. An entry for lib/ would make tar replace the link
# /lib of a system with merged /usr, and an entry for lib/modules/ change its mode.
build_modules() {
	need depmod
	staging=$build_dir/modules
	rm -rf "$staging" "$build_dir/stamp/modules"
	build modules modules
	build modules_install INSTALL_MOD_PATH="$staging" INSTALL_MOD_STRIP=1 modules_install
	# links into the build directory mean nothing elsewhere
	find "$staging" -type l -delete
	tar -C "$staging" --sort=name --owner=0 --group=0 --numeric-owner --mtime="$released" \
		-cf "$dist/modules.tar.new" "lib/modules/$(cat "$obj/include/config/kernel.release")"
	gzip -9nf "$dist/modules.tar.new"
	rm -f "$dist/manifest.json" "$dist/modules.vhdx" "$dist/linux-headers.tar.zst"
	mv "$dist/modules.tar.new.gz" "$dist/modules.tar.gz"
	rm -rf "$staging"
}

inputs=$(kernel_key "$target")
# shellcheck disable=SC2086 # a list
if fresh "$build_dir/stamp/$target" "$inputs" && intact $outputs; then
	# a patch's header is in no file of the tree, and what had no commit may have one now
	has_queue "$dist/manifest.json" && origin_known "$dist/manifest.json" ||
		"$root/scripts/kernel/manifest.sh" patches
	exit 0
fi
watch_disk
mkdir -p "$dist" "$build_dir/log" "$build_dir/stamp"
began=$(date +%s)
case $target in
kernel) build_kernel; output=bzImage ;;
modules) build_modules; output=modules.tar.gz ;;
esac
"$root/scripts/kernel/manifest.sh"
stamp "$build_dir/stamp/$target" "$inputs"
say "built dist/$variant/$output, $(($(date +%s) - began)) s"
