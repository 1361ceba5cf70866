# shellcheck shell=sh
# What a patch touches, and whether quilt can push it; sourced after lib.sh.

# patch_names NAME [LINE] - the files that $patches/NAME touches, a line each. Dies if it is no
# diff, has binary parts, or names something outside of the tree. LINE is for the message.
patch_names() {
	this=$patches/$1 subject=patches/${2:-$LTS}/$1
	# quilt pushes an empty patch
	[ -s "$this" ] || return 0
	! head -n 20 "$this" | grep -qiE '<!doctype html|<html' || die "$subject" "is an HTML page, not a patch" \
		"a browser or curl saved the page around the patch: save its raw form"
	grep -qE '^(\+\+\+|diff --git) ' "$this" || die "$subject" "has no diff in it" \
		"quilt refresh writes the diff; or remove the patch from the series"
	! grep -qE '^(GIT binary patch|Binary files .* differ)$' "$this" || die "$subject" \
		"has a binary diff, which quilt cannot push" "leave that file out, or add it in a form that is text"
	touched=$(GIT_DIR=/nonexistent git apply --numstat -p1 "$this" 2>&1) ||
		die "$subject" "is damaged" "git says: $(printf '%s\n' "$touched" | tail -n 1)"
	{
		printf '%s\n' "$touched" | cut -f3
		# of a rename git prints only the new name
		sed -n 's/^\(rename\|copy\) from \([^ ]*\)$/\2/p' "$this"
	} | while read -r touched; do
		case /$touched/ in
		*/../* | *//* | */./* | /.git/* | /.pc/* | /.queue/*) die "$subject" \
			"touches $touched, which is not in the kernel's tree" \
			"paths are those of -p1: a/ and b/, then the path from the top of the tree" ;;
		esac
		printf '%s\n' "$touched"
	done
}

# check_strip_level NAME - die if the names of the patch lack a/ and b/, or have more than that,
# so that -p1 makes files elsewhere in the tree. The current directory is the tree.
check_strip_level() {
	[ -s "$patches/$1" ] || return 0
	# git does not strip the names of a rename
	plain=$(GIT_DIR=/nonexistent git apply --numstat -p1 "$patches/$1" | cut -f3)
	GIT_DIR=/nonexistent git apply --numstat -p0 "$patches/$1" 2>/dev/null | cut -f3 |
		grep -vxF -- "$plain" | while IFS=/ read -r one two rest; do
		level=
		# a tree may be in a directory named kernel
		[ ! "$two" ] || [ ! -d "$one" ] || { [ -e "$two" ] && [ ! -e "$one/$two" ]; } || level=0
		# a patch may add a directory at the top, as rust/kernel
		case $one in a | b) ;; *) [ ! "$rest" ] || [ -e "$two" ] || [ ! -d "${rest%%/*}" ] || level=2 ;; esac
		[ -z "$level" ] || die "patches/$LTS/$1" "is a -p$level patch: it names $one/$two${rest:+/$rest}" \
			"paths are those of -p1: in a tree with it, quilt refresh -p ab writes them"
	done
}
