#!/bin/sh
# Check the line's series before anything is pushed: every patch exists, is named once,
# is a -p1 patch with LF line ends, and has the header fields; Fixes-CVE: names CVEs. Warns of missing fields, and of
# a patch, external or not, that the series does not name. Exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/links.sh"
series=patches/$LTS/series
[ -f "$patches/series" ] ||
	die "$series" "is missing" \
		"a line without patches has an empty one; make rebase LTS=$LTS ports the queue"
cr=$(printf '\r')
! grep -q "$cr\$" "$patches/series" || die "$series" "has CRLF line ends" \
	"from an editor or git's autocrlf; tr -d '\\r' removes them"
twice=$(queue | sort | uniq -d)
[ -z "$twice" ] || die "$series" "names $(echo "$twice" | head -n 1) twice" "remove one of the lines"
queue | while read -r patch; do
	[ -f "$patches/$patch" ] || die "$series" "names $patch, which does not exist" \
		"quilt refresh writes a new patch; an external one needs a [link \"$patch\"] in upstream.lock" \
		"otherwise remove the line"
	# links.sh checks external patches, and they cannot be fixed here
	! is_external "$patch" || continue
	! grep -q "$cr\$" "$patches/$patch" || die "patches/$LTS/$patch" "has CRLF line ends" \
		"from an editor or git's autocrlf; tr -d '\\r' removes them"
	for field in Subject Upstream Lines; do
		[ "$(field $field "$patches/$patch")" ] ||
			warn "patches/$LTS/$patch" "has no $field: line in its header"
	done
	# make cve takes these off what is open: a wrong one would hide a CVE
	bad=$(fixes_cve "$patches/$patch" | grep -vxE 'CVE-[0-9]{4}-[0-9]{4,19}' | head -n 1) || :
	[ -z "$bad" ] || die "patches/$LTS/$patch" "its Fixes-CVE: field has \"$bad\", which is no CVE" \
		"write Fixes-CVE: CVE-2026-12345, with blanks between several"
done
if awk 'NF > 1 && $1 !~ /^#/ { exit 1 }' "$patches/series" ${gpu:+"$patches/series.gpu"}; then :; else
	die "$series" "has an option after a patch's name" "all patches are -p1: remove the option"
fi
{
	(cd "$patches" && find . -name '*.patch' | sed 's|^\./||')
	links | awk -F '\t' -v lts="$LTS" 'index(" " $4 " ", " " lts " ") { print $1 }'
} | sort -u | while read -r patch; do
	cat "$patches"/series* | grep -qE "^(# *)?$(printf %s "$patch" | sed 's/[.+]/\\&/g')\$" ||
		warn "patches/$LTS/$patch" "is not in the series and is not pushed"
done
