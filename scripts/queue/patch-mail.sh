#!/bin/sh
# Write build/<line>/mail/NAME.patch: PATCH=topic/NAME of the line's series as a mail to
# those that the tree's get_maintainer.pl names, from and signed off by the user that git
# knows, clean by the tree's checkpatch.pl. The diff is against the release, or, if it does
# not apply there, against the patches below it in the queue, which are named.
# An external patch is refused, and so is one that is upstream already. Exit 0 done, 1 error; a mail
# that is not clean stays as NAME.draft.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
[ $# = 0 ] && [ "${PATCH:-}" ] || usage "make patch-mail PATCH=topic/name [LTS=x.y]"
check_pin
need git perl
patch=${PATCH#"patches/$LTS/"}
patch=${patch%.patch}.patch
name=${patch##*/} name=${name%.patch}
ours=patches/$LTS/$patch
mail=build/$tree_name/mail/$name

# check_patch - die unless it can be sent; sets $subject
check_patch() {
	if ! queue | grep -qxF -- "$patch"; then
		# shellcheck disable=SC2046 # names without blanks
		die "PATCH=$PATCH" "is not in patches/$LTS/series, which has:" $(queue)
	fi
	! is_external "$patch" || die "$ours" "is an external patch; its author has to send it"
	subject=$(field Subject "$ours") upstream=$(field Upstream "$ours")
	[ "$subject" ] || die "$ours" "has no Subject: line"
	case $upstream in
	none) ;;
	none\ * | sent\ *) warn "$ours" "before it is sent: Upstream: $upstream" ;;
	'') die "$ours" "has no Upstream: line" "if it was never sent: Upstream: none" ;;
	*) die "$ours" "is upstream already: $upstream" \
		"there is nothing to send; if that is wrong, correct its Upstream: line" ;;
	esac
}

# body - the header's description as text of a mail: without the fields, filled to 75
# columns except for indented lines and trailers; "|" marks what may be filled
body() {
	awk '
		/^(--- |---$|diff |Index: )/ { exit }
		/^(Subject|Upstream|Lines|Fixes-CVE): / { skip = 1; next }
		/^[ \t]/ && skip { next }
		/^[ \t]/ && field { sub(/^./, ""); if ($0 == ".") $0 = ""; put(); next }
		{ skip = 0; field = sub(/^Description: /, ""); put() }
		function put() { print (/^[ \t]/ || /^[A-Z][A-Za-z-]*: / || $0 == "" ? "" : "|") $0 }' "$ours" |
		fmt -w 76 -p '|' | sed '/^|/ { s/^.//; s/\([.?!:]\)  */\1 /g; }'
}

# g COMMAND... - git in the scratch repository, without the user's settings
g() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -C "$tmp/git" \
		-c user.name="$author" -c user.email="$email" "$@"
}

# files PATCH - the files that PATCH of the queue touches
files() { (cd "$src/.pc/$1" && find . -type f ! -name .timestamp); }

# apply_to DIR - make the scratch repository: a commit of the patch's files as DIR has them,
# and the patch in the index. False if it does not apply.
apply_to() {
	rm -rf "$tmp/git"
	mkdir "$tmp/git"
	g init -q
	files "$patch" | while read -r file; do
		# quilt keeps an empty file for one that a patch adds
		[ -s "$1/$file" ] || continue
		mkdir -p "$(dirname "$tmp/git/$file")"
		cp -p "$1/$file" "$tmp/git/$file"
	done
	g add -A
	g commit -q --allow-empty -m base
	g apply --index --whitespace=nowarn "$root/$ours" 2>"$tmp/log"
}

# below - the patches below it in the queue that touch the same files
below() {
	queue | sed "\|^$patch\$|,\$d" | while read -r other; do
		files "$patch" | while read -r file; do
			[ ! -e "$src/.pc/$other/$file" ] || { printf '%s ' "$other"; break; }
		done
	done
}

# addresses FLAG... - those that get_maintainer.pl prints for the patch, one per line
addresses() {
	# shellcheck disable=SC2086 # $no_tree may be nothing
	(cd "$src" && perl scripts/get_maintainer.pl $no_tree --no-git --no-git-fallback --no-rolestats \
		"$@" "$root/$ours" 2>"$tmp/log") ||
		die "build/$tree_name/src/scripts/get_maintainer.pl" "failed" "$(tail -n 1 "$tmp/log")"
}

check_patch
author=$(git -C "$root" config user.name) && email=$(git -C "$root" config user.email) && [ "$author" ] && [ "$email" ] ||
	die git "does not know your name and address, which a mail and its sign-off need" \
		"git config --global user.name 'Your Name'; git config --global user.email you@example.org"
lock "build/$tree_name" "$root/build/$tree_name"
"$root/scripts/tree/prepare.sh"
tempdir
cd "$root"
if ! apply_to "$src/.queue/pristine"; then
	apply_to "$src/.pc/$patch" || die "$ours" "git cannot apply it" "$(tail -n 1 "$tmp/log")"
	warn "$ours" "needs patches below it in the queue, which have to be sent before it: $(below)"
fi
{ printf '%s\n\n' "$subject"; body; } | g commit -q -s -F -

# both programs recognize a kernel tree by its README, which a TREE may not have
no_tree=
[ -f "$src/README" ] || no_tree=--no-tree
to=$(addresses --nol --nor)
cc=$(addresses --nom)
[ "$to$cc" ] || die "$ours" "get_maintainer.pl prints no address for it"
set --
while read -r one; do [ -z "$one" ] || set -- "$@" --to="$one"; done <<EOF
$to
EOF
while read -r one; do [ -z "$one" ] || set -- "$@" --cc="$one"; done <<EOF
$cc
EOF
mkdir -p "build/$tree_name/mail"
rm -f "$mail.patch"
g format-patch -q -1 --stdout "$@" >"$mail.draft"

# for every new file checkpatch.pl warns that MAINTAINERS may need an entry
# shellcheck disable=SC2086 # $no_tree may be nothing
out=$(cd "$src" && perl scripts/checkpatch.pl $no_tree --ignore FILE_PATH_CHANGES --no-summary --terse \
	"$root/$mail.draft" 2>&1) || {
	printf '%s\n' "$out" >&2
	die "$mail.draft" "checkpatch.pl reports problems (above)" \
		"fix $ours, its header or its code, and run it again"
}
mv "$mail.draft" "$mail.patch"
say "$mail.patch is clean by checkpatch.pl, for $# addresses"
say "read it, then: git send-email --annotate $mail.patch"
say "when it is sent, record it: 'Upstream: sent URL-IN-THE-LIST-ARCHIVE' in the header of patches/*/$patch"
