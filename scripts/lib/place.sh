# shellcheck shell=sh
# Where the project is, and how it came there: what would make a build fail later, or lose
# files without a word. Sourced by lib.sh, which gets the functions below.

# make, the shell and (for the comma) gcc -Wp treat these characters specially, and 6.1
# does not build below any of them
case $root in
*[[:space:]\"\#\$%\&\'\(\)*,:\;\<=\>?\[\\\]\`\|]*)
	die "$root" "the path of the project has a character in it that the kernel's build cannot take" \
		"a blank, or one of : , = % # \$ & ; * ? ( ) [ ] < > | \\ ' \" \`" \
		"move the project to a path without one" ;;
esac

# what removes CRLF from a clone and lets git look at the files again; changes stay. The
# Makefile prints the same.
repair="in the project: git grep -lI '' | xargs sed -i 's/\\r\$//'; git rm -rq --cached .; git reset -q"

# A clone with core.autocrlf from before .gitattributes, of which the scripts are mended: the
# Makefile tells the rest. One file stands for all; doctor reads each.
if { IFS= read -r first <"$root/upstream.lock"; } 2>/dev/null; then
	case $first in *"$(printf '\r')") die upstream.lock "has CRLF line ends, and so may other files" \
		"git's core.autocrlf or an editor wrote them; to remove them," "$repair" ;;
	esac
fi

# what doctor and unpack say of a folder on /mnt/c
folds_what="does not tell upper from lower case in file names, as folders of Windows do not"
folds_why="a kernel has files like xt_tcpmss.c and xt_TCPMSS.c, of which one would be lost"
folds_remedy="move the project to the distribution's own disk: somewhere below ~, not below /mnt"

# folds_case DIR - does DIR take x and X for one name? A directory inherits that from the one
# it was made in, so ask for the very one that is to be filled. DIR gets a file for a moment.
folds_case() {
	: >"$1/.case-probe"
	rc=1
	[ ! -e "$1/.CASE-PROBE" ] || rc=0
	rm -f "$1/.case-probe"
	return $rc
}

# in_git - is the project in a git repository? Dies with git's reason if git refuses to say.
in_git() {
	answer=$(git -C "$root" rev-parse --is-inside-work-tree 2>&1) && return 0
	case $answer in *'not a git repository'*) return 1 ;; esac
	die "$root" "git does not read this repository" "git says: $(printf '%s\n' "$answer" | head -n 1)" \
		"if it belongs to another user and you trust it: git config --global --add safe.directory $root"
}
