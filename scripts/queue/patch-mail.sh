#!/bin/sh
# Write build/<line>/mail/NAME.patch: PATCH=topic/NAME of the line's series as a mail,
# from and signed off by the user that git knows, to whom the tree's get_maintainer.pl
# names, clean by the tree's checkpatch.pl. The diff is against the release, or, where
# it does not apply there, against the patches of the queue below it, which are named.
# A link, and a patch that is upstream already, is refused. Exit 0 done, 1 error; a
# mail that is not clean is left as NAME.draft.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
[ $# = 0 ] && [ "${PATCH:-}" ] || usage "make patch-mail PATCH=topic/name [LTS=x.y]"
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
check_pin
need git perl
patch=${PATCH#"patches/$LTS/"}
patch=${patch%.patch}.patch
name=${patch##*/} name=${name%.patch}
ours=patches/$LTS/$patch
if ! queue | grep -qxF -- "$patch"; then
	# shellcheck disable=SC2046 # names without blanks
	die "PATCH=$PATCH" "is not in patches/$LTS/series, which has:" $(queue)
fi
! is_link "$patch" || die "$ours" "is a link: somebody else's patch, and theirs to send"
subject=$(field Subject "$ours") upstream=$(field Upstream "$ours")
[ "$subject" ] || die "$ours" "has no Subject: line"
case $upstream in
none) ;;
none\ * | sent\ *) warn "$ours" "before it is sent: Upstream: $upstream" ;;
'') die "$ours" "has no Upstream: line" "say where it stands: Upstream: none" ;;
*) die "$ours" "is upstream already: $upstream" "there is nothing to send; correct its Upstream: line if that is not so" ;;
esac
author=$(git -C "$root" config user.name) && email=$(git -C "$root" config user.email) && [ "$author" ] && [ "$email" ] ||
	die git "does not know who you are, and a patch is sent and signed off by somebody" \
		"git config --global user.name 'Your Name'; git config --global user.email you@example.org"
lock "build/$LTS" "$root/build/$LTS"
"$root/scripts/tree/prepare.sh"
tempdir

# body - the header's text as it stands in a mail: without the fields, filled to 75
# columns; indented lines and trailers are left alone. "|" marks what may be filled
body() {
	awk '
		/^(--- |---$|diff |Index: )/ { exit }
		/^(Subject|Upstream|Lines): / { skip = 1; next }
		/^[ \t]/ && skip { next }
		/^[ \t]/ && field { sub(/^./, ""); if ($0 == ".") $0 = ""; put(); next }
		{ skip = 0; field = sub(/^Description: /, ""); put() }
		function put() { print (/^[ \t]/ || /^[A-Z][A-Za-z-]*: / || $0 == "" ? "" : "|") $0 }' "$1" |
		fmt -w 76 -p '|' | sed '/^|/ { s/^.//; s/\([.?!:]\)  */\1 /g; }'
}

# mine COMMAND... - git in the scratch repository, whatever the user has set
mine() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -C "$tmp/git" \
		-c user.name="$author" -c user.email="$email" "$@"
}

# base FOLDER - a commit of what FOLDER has of the patch's files; quilt keeps a file
# that a patch adds as an empty one
base() {
	rm -rf "$tmp/git"
	mkdir "$tmp/git"
	mine init -q
	(cd "$src/.pc/$patch" && find . -type f ! -name .timestamp) | while read -r file; do
		[ -s "$1/$file" ] || continue
		mkdir -p "$(dirname "$tmp/git/$file")"
		cp -p "$1/$file" "$tmp/git/$file"
	done
	mine add -A
	mine commit -q --allow-empty -m base
	mine apply --index --whitespace=nowarn "$root/$ours" 2>"$tmp/log"
}
cd "$root"
if ! base "$src/.queue/pristine"; then
	base "$src/.pc/$patch" || die "$ours" "git cannot apply it" "$(tail -n 1 "$tmp/log")"
	warn "$ours" "is for a tree with patches of the queue below it, which have to be sent before it: $(queue | sed "\|^$patch\$|,\$d" |
		while read -r below; do
			(cd "$src/.pc/$patch" && find . -type f ! -name .timestamp) | while read -r file; do
				[ ! -e "$src/.pc/$below/$file" ] || { printf '%s ' "$below"; break; }
			done
		done)"
fi
{ printf '%s\n\n' "$subject"; body "$ours"; } | mine commit -q -s -F -

# both programs know a kernel by its README, which not every TREE has kept
tree=
[ -f "$src/README" ] || tree=--no-tree

# whom FLAG... - the addresses that get_maintainer.pl has for the patch, one a line
whom() {
	# shellcheck disable=SC2086 # $tree may be nothing
	(cd "$src" && perl scripts/get_maintainer.pl $tree --no-git --no-git-fallback --no-rolestats "$@" "$root/$ours" 2>"$tmp/log") ||
		die "build/$LTS/src/scripts/get_maintainer.pl" "failed" "$(tail -n 1 "$tmp/log")"
}
to=$(whom --nol --nor)
cc=$(whom --nom)
[ "$to$cc" ] || die "$ours" "get_maintainer.pl names nobody for it"
set --
while read -r one; do [ -z "$one" ] || set -- "$@" --to="$one"; done <<EOF
$to
EOF
while read -r one; do [ -z "$one" ] || set -- "$@" --cc="$one"; done <<EOF
$cc
EOF
mail=build/$LTS/mail/$name
mkdir -p "build/$LTS/mail"
rm -f "$mail.patch"
mine format-patch -q -1 --stdout "$@" >"$mail.draft"

# whether MAINTAINERS has a new file is a question that checkpatch.pl asks of every one
# shellcheck disable=SC2086 # $tree may be nothing
out=$(cd "$src" && perl scripts/checkpatch.pl $tree --ignore FILE_PATH_CHANGES --no-summary --terse "$root/$mail.draft" 2>&1) || {
	printf '%s\n' "$out" >&2
	die "$mail.draft" "checkpatch.pl has complaints (above)" "mend $ours, its header or its code, and run it again"
}
mv "$mail.draft" "$mail.patch"
say "$mail.patch is clean by checkpatch.pl, for $# addresses"
say "read it, then: git send-email --annotate $mail.patch"
say "when it is sent: 'Upstream: sent URL-IN-THE-LIST-ARCHIVE' in the header of patches/*/$patch, the one record"
