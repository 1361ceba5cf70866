# shellcheck shell=sh
# The compiler and linker of the build, sourced after lib.sh.

# toolchain - what the chosen compiler and linker say they are, and pahole
# where it is installed, a line each
toolchain() {
	for chosen in "$cc" "$ld"; do
		need "${chosen%% *}"
		# shellcheck disable=SC2086 # CC="ccache gcc-14" is two words
		answer=$($chosen --version 2>/dev/null) ||
			die "$chosen" "does not tell its version" "CC= or LLVM= asks for it"
		printf '%s\n' "$answer" | head -n 1
	done
	pahole --version 2>/dev/null || :
}
