#!/bin/sh
# first-difference.sh OBJ OTHER - of the files that differ between two builds of one kernel,
# print the one that was made first in OBJ, the directory of its objects: what came later is
# made of it. The lines below it have the first text that only one of the two has. Debug
# information does not reach the image by itself, so an object that has another difference
# goes first; then one that differs in it, for the build id is a hash of it too.
# Exit 0 one was found; 1 none, and nothing is printed.
. "$(dirname "$0")/../lib.sh"
[ $# = 2 ] && [ -d "$1" ] && [ -d "$2" ] || usage "first-difference.sh OBJ OTHER"
here=$(cd "$1" && pwd -P) there=$(cd "$2" && pwd -P)
tempdir

# objects - the .config and the files that kbuild compiles or links, in the order in which they
# were made. Programs for the build machine do not count.
objects() {
	[ ! -f .config ] || echo .config
	find . \( -path ./scripts -o -path ./tools -o -path ./source \) -prune -o -type f \
		\( -name '*.o' -o -name '*.ko' -o -name 'vmlinux*' -o -name '*.bin' -o -name bzImage \) \
		! -name '*.cmd' -printf '%T@ %P\n' | sort -n | cut -d ' ' -f 2-
}

# plain FILE COPY - FILE without debug information; one that is not ELF as it is
plain() { strip -g -o "$2" "$1" 2>/dev/null || cp "$1" "$2"; }

# differs FILE - without debug information?
differs() {
	[ -f "$there/$1" ] || return 0
	plain "$here/$1" "$tmp/here"
	plain "$there/$1" "$tmp/there"
	! cmp -s "$tmp/here" "$tmp/there"
}

# only A B - the first text in A that B does not have
only() { awk 'NR == FNR { had[$0]; next } !($0 in had) { print; exit }' "$2" "$1"; }

# show FILE TEXT - what is printed of it
show() {
	printf '%s%s\n' "$1" "$2"
	[ -f "$there/$1" ] || { echo "it is not in the other build"; return; }
	strings -a "$here/$1" >"$tmp/here"
	strings -a "$there/$1" >"$tmp/there"
	echo "only in this build: $(only "$tmp/here" "$tmp/there")"
	echo "only in the other:  $(only "$tmp/there" "$tmp/here")"
}

cd "$here"
objects >"$tmp/list"
tr '\n' '\0' <"$tmp/list" | xargs -0r sha256sum >"$tmp/sums"
# sha256sum names what does not match, or is not there, with ": FAILED" behind it
(cd "$there" && sha256sum -c --quiet "$tmp/sums" 2>/dev/null) |
	sed -n 's/: FAILED.*//p' >"$tmp/differ" || :
debug=
while IFS= read -r file; do
	if differs "$file"; then
		show "$file" ""
		exit
	fi
	# what links these leaves their debug information behind
	case $file in arch/x86/boot/* | arch/x86/realmode/*) ;; *) debug=${debug:-$file} ;; esac
done <"$tmp/differ"
[ "$debug" ] || exit 1
show "$debug" ", in its debug information"
