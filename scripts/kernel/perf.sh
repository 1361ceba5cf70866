#!/bin/sh
# Write dist/<line>/perf: the perf of the tree, one static program that needs no library of
# the distribution. Of the libraries that perf can use it has libelf and zlib, for symbols;
# what it lacks for that reason is in docs/modules.md. The same tree gives the same bytes.
# Does nothing when the tree and the compiler are those of the last run. Leaves
# build/<line>/log/perf.log. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 0 ] || usage "LTS=x.y J=n perf.sh"
check_pin
need make flex bison jq "${cc%% *}"
lock "build/$tree_name" "$root/build/$tree_name"
[ -f "$tree_meta/index" ] && [ -f "$dist/manifest.json" ] ||
	die "dist/$variant/manifest.json" "does not exist" "run make kernel LTS=$LTS$gpu"
[ -f "$src/tools/perf/Makefile.perf" ] ||
	die "build/$tree_name/src" "has no tools/perf" "a release has it: is TREE= a whole tree?"

# what is off: each needs a library, a program or Python, and none is needed to count,
# record and report. Names that a line does not know are ignored.
off="NO_JEVENTS=1 NO_LIBTRACEEVENT=1 NO_LIBDW=1 NO_DWARF=1 NO_LIBDW_DWARF_UNWIND=1
NO_LIBUNWIND=1 NO_SLANG=1 NO_GTK2=1 NO_LIBPERL=1 NO_LIBPYTHON=1 NO_LIBNUMA=1 NO_LIBCRYPTO=1
NO_LIBCAP=1 NO_LIBAUDIT=1 NO_LIBBABELTRACE=1 NO_LIBDEBUGINFOD=1 NO_LIBPFM4=1 NO_CAPSTONE=1
NO_LIBLLVM=1 NO_LZMA=1 NO_SDT=1 NO_JVMTI=1 NO_LIBBPF=1 BUILD_BPF_SKEL= NO_DEMANGLE=1
NO_SHELLCHECK=1 WERROR=0"

# build - perf's own make, in $build_dir/perf; its front end, Makefile, would lose srcdir_SQ
# and the flags of python-use.o, by which paths of this machine stay out of the program. What
# perf's make adds to is in the environment.
build() {
	# shellcheck disable=SC2086 # words
	env -u CFLAGS -u ARCH -u CROSS_COMPILE -u DEBUG -u LLVM LDFLAGS=-static \
		EXTRA_CFLAGS="-ffile-prefix-map=$src/=" \
		make -C "$src/tools/perf" -f Makefile.perf O="$build_dir/perf" -j"${J:-$(nproc)}" \
		CC="$cc" HOSTCC="$cc" prefix=/usr srcdir_SQ=/usr/share/doc/perf \
		CFLAGS_python-use.o='-DPYTHONPATH="BUILD_STR(/none)" -DPYTHON="BUILD_STR(python3)"' \
		$off "$build_dir/perf/perf"
}

inputs=$({
	head -n 1 "$tree_meta/index"
	toolchain
} | key kernel/perf.sh)
! fresh "$build_dir/stamp/perf" "$inputs" || ! intact perf || exit 0
watch_disk
log=$build_dir/log/perf.log out=$dist/perf
rm -rf "$build_dir/stamp/perf" "$build_dir/perf"
mkdir -p "$build_dir/perf" "$build_dir/log" "$build_dir/stamp"
say "building perf"
began=$(date +%s)
build >"$log" 2>&1 || die "linux $version" "perf cannot be built" \
	"$(grep -m 1 -E 'error:|\*\*\*' "$log")" "full log: build/$variant/log/perf.log"
strip -s -R .note.gnu.build-id -o "$out.new" "$build_dir/perf/perf"
"$out.new" --version >"$log.version" 2>&1 ||
	die "linux $version" "the perf that was built does not run" "$(head -n 1 "$log.version")"
rm "$log.version"
mv "$out.new" "$out"
rm -rf "$build_dir/perf"
"$root/scripts/kernel/manifest.sh" outputs
stamp "$build_dir/stamp/perf" "$inputs"
say "built dist/$variant/perf, $(($(stat -c %s "$out") >> 10)) kB, $(($(date +%s) - began)) s"
