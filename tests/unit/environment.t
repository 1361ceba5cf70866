#!/bin/sh
# What a user's shell exports has no part in a build: lib/environment.sh lets through the
# variables of the project and those that the programs need to run, and no other.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 16
build_tools treestate config-check
tarball 9.1.5
unset CFLAGS

# what the programs of a build read, a line for each: Makefile, Kbuild and scripts/ of 4.19 and
# 6.18; kconfig and merge_config.sh; the programs of tools/ that a build runs; make; gcc and
# binutils; quilt and patch; tar, compressors, coreutils; the languages; git
names='
ARCH SUBARCH SRCARCH CROSS_COMPILE KBUILD_OUTPUT KBUILD_EXTMOD KBUILD_VERBOSE KBUILD_MODNAME KBUILD_BUILD_HOST KBUILD_DEFCONFIG KBUILD_CFLAGS KBUILD_CPPFLAGS KBUILD_AFLAGS KBUILD_LDFLAGS KBUILD_SYMTYPES KBUILD_IMAGE KBUILD_MODPOST_WARN KBUILD_MODPOST_NOFINAL KBUILD_EXTRA_SYMBOLS KBUILD_EXTRA_WARN KBUILD_CHECKSRC KBUILD_SIGN_PIN KBUILD_USERCFLAGS KBUILD_USERLDFLAGS KBUILD_HOSTCFLAGS KBUILD_HOSTLDFLAGS KBUILD_CLIPPY KBUILD_ABS_SRCTREE KBUILD_NOCMDDEP KBUILD_LDS KERNELRELEASE KERNELVERSION LOCALVERSION LOCALVERSION_AUTO EXTRAVERSION KCFLAGS KAFLAGS KCPPFLAGS KRUSTFLAGS CFLAGS_KERNEL CFLAGS_MODULE AFLAGS_KERNEL AFLAGS_MODULE LDFLAGS_MODULE LDFLAGS_vmlinux RUSTFLAGS_KERNEL EXTRA_CFLAGS EXTRA_AFLAGS EXTRA_LDFLAGS HOSTCFLAGS HOSTLDFLAGS HOSTLDLIBS HOSTCC HOSTCXX HOSTRUSTFLAGS USERCFLAGS USERLDFLAGS INSTALL_PATH INSTALL_MOD_PATH INSTALL_MOD_STRIP INSTALL_MOD_DIR INSTALL_HDR_PATH INSTALLKERNEL MODLIB DEPMOD LLVM_IAS LD AR NM OBJCOPY OBJDUMP READELF STRIP PAHOLE PAHOLE_FLAGS RESOLVE_BTFIDS LEX YACC AWK PERL PYTHON PYTHON3 BASH KGZIP KBZIP2 KLZOP LZMA LZ4 XZ ZSTD CHECKFLAGS CF C M O W Q quiet srctree objtree obj src
KCONFIG_CONFIG KCONFIG_ALLCONFIG KCONFIG_DEFCONFIG_LIST KCONFIG_OVERWRITECONFIG KCONFIG_NOSILENTUPDATE KCONFIG_AUTOCONFIG KCONFIG_AUTOHEADER KCONFIG_TRISTATE KCONFIG_RUSTCCFG KCONFIG_SEED KCONFIG_PROBABILITY KCONFIG_WERROR KCONFIG_WARN_UNKNOWN_SYMBOLS CONFIG_ CONFIG_HYPERV ZCONF_DEBUG ALLTARGET RUNMAKE OUTPUT WARNREDUN WARNOVERRIDE STRICT BUILTIN
OBJTOOL OBJTOOL_ARGS OBJTOOL_VERBOSE LIBBPF_BPF_TOKEN_PATH NO_LIBELF NO_LIBBPF NO_LIBPERL VF EXTRA_WARNINGS prefix
MAKEFLAGS MFLAGS MAKELEVEL MAKEFILES MAKEOVERRIDES GNUMAKEFLAGS MAKE_TERMOUT VPATH CFLAGS CPPFLAGS CXXFLAGS ASFLAGS LDFLAGS LDLIBS LOADLIBES ARFLAGS TARGET_ARCH RM
CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX GCC_COMPARE_DEBUG DEPENDENCIES_OUTPUT SUNPRO_DEPENDENCIES SOURCE_DATE_EPOCH CCC_OVERRIDE_OPTIONS LD_RUN_PATH LDEMULATION GNUTARGET DEBUG_FILE_MAP PKG_CONFIG_PATH
QUILT_PATCHES QUILT_SERIES QUILT_PC QUILTRC QUILT_DIFF_ARGS QUILT_DIFF_OPTS QUILT_PATCH_OPTS QUILT_PUSH_ARGS QUILT_REFRESH_ARGS QUILT_NO_DIFF_INDEX QUILT_NO_DIFF_TIMESTAMPS QUILT_BACKUP QUILT_PATCHES_PREFIX QUILT_COLORS QUILT_PAGER QUILT_DIR EDITOR PATCH_GET PATCH_VERSION_CONTROL VERSION_CONTROL SIMPLE_BACKUP_SUFFIX
TAR_OPTIONS GZIP XZ_OPT XZ_DEFAULTS BZIP2 ZSTD_CLEVEL ZSTD_NBTHREADS GREP_OPTIONS GREP_COLOR BLOCK_SIZE BLOCKSIZE DF_BLOCK_SIZE DU_BLOCK_SIZE LS_BLOCK_SIZE TIME_STYLE QUOTING_STYLE POSIXLY_CORRECT TABSIZE CDPATH
PERL5LIB PERL5OPT PYTHONPATH PYTHONSTARTUP AWKPATH AWKLIBPATH BASH_ENV ENV BISON_PKGDATADIR M4 LANGUAGE LC_ALL LC_COLLATE LC_NUMERIC TZ
GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_NAMESPACE GIT_EXTERNAL_DIFF GIT_DIFF_OPTS GIT_LITERAL_PATHSPECS GIT_OPTIONAL_LOCKS
root step new log list files file name obj_y a_name_that_nobody_knows_of'

# the programs say what they are called with
for program in make quilt patch gcc tar git awk; do
	fake $program "{ echo; env; } >>'$work/seen.$program'; exec $(command -v $program) \"\$@\""
done
PATH=$work/bin:$PATH

# built NAME COMMAND... - project NAME, its tree, .config and image, made by COMMAND script
built() {
	project "$1"
	pin 9.1 9.1.5 "$(source_of 9.1.5)"
	shift
	for script in tree/prepare.sh config/config.sh "kernel/kernel.sh kernel" "kernel/kernel.sh modules"; do
		# shellcheck disable=SC2086 # a script and its argument
		run "$@" scripts/$script
		[ $rc = 0 ] || break
	done
}
# made - the names of what the project has, and the contents of the tree and the outputs
made() {
	(cd "$project" && find . -path ./build/tools -prune -o -print | sort
		cat build/9.1/obj/.config dist/9.1/bzImage build/9.1/src/.pc/applied-patches)
	contents "$project/build/9.1/src"
}

built plain
is "$rc$err" 0 "a build"
wanted=$(made)
rm -f "$work"/seen.*
set --
for name in $names; do set -- "$@" "$name=$work/exported"; done
built poison env "$@"
is "$rc$err" 0 "with $# variables of the caller's"
rm -f "$work/made"
is "$(made | sed "s|$project|PROJECT|g")" "$(printf '%s\n' "$wanted" | sed "s|$work/plain|PROJECT|g")" \
	"the files, the tree, .config and the image are the same"
ok "[ ! -e '$work/exported' ]" "and there is no other file"
for program in make quilt patch gcc tar git; do
	is "$(grep "=$work/exported\$" "$work/seen.$program" | sort -u)" "" "$program is called with none of them"
done

# ---- what is let through
# shellcheck disable=SC2016 # the variables of the other shell
is "$(sed -n 's/^\([A-Z0-9_]*\)=.*/\1/p' "$top/scripts/variables.list" | while read -r name; do
	env "$name=9.1" sh -c '. "$0"; env' "$project/scripts/lib.sh" 2>&1 | grep -q "^$name=" || echo "$name"
done)" "" "every variable of variables.list"
# a script that has to drop a variable that is kept may, but three or more are a second list
is "$(grep -rnE '^[^#]*unset( [A-Za-z_]+){3}' "$top/scripts" --include='*.sh' | grep -v -e lib/environment.sh: -e kernel/inputs-hash.sh:)" "" \
	"and there is no other list"
two_lines="first
export PATH='/nowhere'
export root='/nowhere'"
run env MESSAGE="$two_lines" WITHOUT="$two_lines" scripts/tree/prepare.sh
is "$rc$out$err" 0 "a value whose second line looks like a variable"

# ---- make itself
for flag in -i --ignore-errors; do
	run env MAKEFLAGS=$flag make kernel
	like "$rc $err" '^.*-i in MAKEFLAGS' "MAKEFLAGS=$flag would build on after a step that failed"
done
run env MAKEFLAGS='-k -j2 --no-print-directory' make kernel
is "$rc$err" 0 "other flags are of no harm"
