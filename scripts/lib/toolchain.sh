# shellcheck shell=sh
# The compiler and linker of the build, sourced after lib.sh. Sets $cc and $ld from CC
# and LLVM.

# CC= or gcc, and for LLVM=1 clang with LLVM's own tools
cc=${CC:-gcc} ld=ld
case ${LLVM:-} in
'') ;;
1) cc=${CC:-clang} ld=ld.lld ;;
*) die "LLVM=$LLVM" "is not 1" "a compiler by its name: CC=clang-14, or LLVM=1 CC=clang-14" ;;
esac

# toolchain - the versions of compiler and linker, and of pahole where it is
# installed, a line each
toolchain() {
	for chosen in "$cc" "$ld"; do
		need "${chosen%% *}"
		# shellcheck disable=SC2086 # CC="ccache gcc-14" is two words
		answer=$($chosen --version 2>/dev/null) ||
			die "$chosen" "does not print its version" "CC= or LLVM= requests it"
		printf '%s\n' "$answer" | head -n 1
	done
	pahole --version 2>/dev/null || :
}
