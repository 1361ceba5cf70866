#!/bin/sh
# A small kernel with two modules, BTF and a decompressor that speaks, built twice by make
# verify-reproducible: of the tree of the line that 40-kernel.t built, without what no file of
# this configuration is in. The second build uses no ccache.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
pick_line
plan 3
finish() { rm -rf "$work" "$small"; }
small=$root/build/tmp/small.$$
source=$root/build/$line/src
! tree_is_of "$line" || source=$TREE
if [ ! -f "$source/Makefile" ]; then
	skip 3 "build/$line/src does not exist: make prepare LTS=$line"
	exit
fi

# small_tree - the sources as $small/linux: makefiles and Kconfig of everything, the rest of
# what an x86 kernel without drivers reads
small_tree() {
	mkdir -p "$small/linux"
	tar -C "$source" -cf - --exclude=./.queue --exclude=./.pc --exclude='./arch/*/*.[chS]' --exclude='./arch/*.dts*' \
		--exclude='./drivers/gpu/*.[ch]' --exclude='./drivers/net/*.[ch]' --exclude='./drivers/media/*.[ch]' \
		--exclude='./drivers/staging/*.[ch]' --exclude='./sound/*.[ch]' --exclude='./Documentation/*.rst' \
		--exclude='./Documentation/*.yaml' --exclude='./tools/testing/*.[ch]' --exclude='./tools/perf/*.json' . |
		tar -C "$small/linux" -xf -
	tar -C "$source" -cf - arch/x86 | tar -C "$small/linux" -xf -
}

# small_project - this project with an empty queue, and instead of its configuration
# tinyconfig with the symbols below
small_project() {
	mkdir -p "$small/project/patches/$line"
	tar -C "$root" -cf - Makefile config keys scripts series tools upstream.lock | tar -C "$small/project" -xf -
	: >"$small/project/patches/$line/series"
	cat >"$small/project/config/small.config" <<-END
		CONFIG_64BIT=y
		CONFIG_EXPERT=y
		CONFIG_PRINTK=y
		CONFIG_BUG=y
		CONFIG_PROC_FS=y
		CONFIG_SYSFS=y
		CONFIG_MODULES=y
		CONFIG_BINFMT_ELF=y
		CONFIG_BINFMT_MISC=m
		CONFIG_CONFIGFS_FS=m
		CONFIG_BPF_SYSCALL=y
		CONFIG_DEBUG_KERNEL=y
		CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y
		CONFIG_DEBUG_INFO_BTF=y
		CONFIG_IKCONFIG=y
		CONFIG_IKCONFIG_PROC=y
		CONFIG_RELOCATABLE=y
		CONFIG_RANDOMIZE_BASE=y
		CONFIG_X86_VERBOSE_BOOTUP=y
		CONFIG_KERNEL_ZSTD=y
	END
	cat >"$small/project/scripts/config/config.sh" <<-'END'
		#!/bin/sh
		. "$(dirname "$0")/../lib.sh"
		[ ! -f "$obj/.config" ] || exit 0
		mkdir -p "$obj"
		"$root/scripts/kernel/kbuild.sh" tinyconfig >&2
		(cd "$obj" && "$src/scripts/kconfig/merge_config.sh" -m -O "$obj" .config "$root/config/small.config") >&2
		"$root/scripts/kernel/kbuild.sh" olddefconfig >&2
		# 4.19 has other names for some
		lost=$(grep -vxFf "$obj/.config" "$root/config/small.config") || :
		[ "$LTS" = 4.19 ] || [ -z "$lost" ] || die .config "lacks these:" "$lost"
		mkdir -p "$build_dir/stamp"
		echo -wsl1 >"$build_dir/stamp/localversion"
	END
}

small_tree
small_project
build() { (cd "$small/project" && LTS=$line TREE=$small/linux EXTRA='' WITH='' WITHOUT='' make "$@") >"$work/out" 2>&1; }
began=$(date +%s)
ok "build modules-vhdx" "$line: a small kernel is built"
ok "tar -tzf '$small/project/dist/$line/modules.tar.gz' | grep -q 'configfs\.ko'" "with modules"
ok "build verify-reproducible && grep -q ': the same twice, [0-9a-f]\{64\}\$' '$work/out'" "again, elsewhere and without ccache: the same bytes"
note "$(tail -n 1 "$work/out"), $(($(date +%s) - began)) s"
