#!/bin/sh
# Is the line's series sound, before anything is pushed? Every entry is there
# once, is a -p1 patch with LF line ends, and says where it stands upstream.
# A patch that no series names gets a warning, also a link for the line. Exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
series=patches/$LTS/series
[ -f "$patches/series" ] ||
	die "$series" "is missing" "a line without patches has an empty one; make rebase LTS=$LTS carries the queue over"
cr=$(printf '\r')
! grep -q "$cr\$" "$patches/series" || die "$series" "has CRLF line ends" \
	"an editor or git's autocrlf made them: tr -d '\\r' takes them out"
twice=$(queue | sort | uniq -d)
[ -z "$twice" ] || die "$series" "names $(echo "$twice" | head -n 1) twice" "take one of the lines out"
queue | while read -r patch; do
	[ -f "$patches/$patch" ] || die "$series" "names $patch, which is not there" \
		"a new patch exists once quilt refresh wrote it, and somebody else's has a [link \"$patch\"] in upstream.lock" \
		"otherwise take the line out"
	# links.sh looks at those, and nobody here can mend them
	! is_link "$patch" || continue
	! grep -q "$cr\$" "$patches/$patch" || die "patches/$LTS/$patch" "has CRLF line ends" \
		"an editor or git's autocrlf made them: tr -d '\\r' takes them out"
	for field in Subject Upstream Lines; do
		[ "$(field $field "$patches/$patch")" ] ||
			warn "patches/$LTS/$patch" "has no $field: line in its header"
	done
done
if awk 'NF > 1 && $1 !~ /^#/ { exit 1 }' "$patches/series"; then :; else
	die "$series" "has an option behind a patch's name" "all patches are -p1: take the option out"
fi
{
	(cd "$patches" && find . -name '*.patch' | sed 's|^\./||')
	links | awk -F '\t' -v lts="$LTS" 'index(" " $4 " ", " " lts " ") { print $1 }'
} | sort -u | while read -r patch; do
	grep -qE "^(# *)?$(printf %s "$patch" | sed 's/[.+]/\\&/g')\$" "$patches/series" ||
		warn "patches/$LTS/$patch" "is not in the series and is not pushed"
done
