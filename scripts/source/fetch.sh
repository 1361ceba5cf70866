#!/bin/sh
# Bring the pinned release of the line into build/cache, complete and verified.
# Takes: upstream.lock, MIRROR (a folder or URL, tried first). With TREE set
# there is nothing to fetch. Leaves: build/cache/<tarball>, its signature where
# the source has one, and <tarball>.verified, which says what was checked.
# A source that fails moves its file to build/cache/rejected and the next is
# tried. Exit 0 done, 1 no source gave a verified tarball.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
[ $# = 0 ] || usage "LTS=x.y MIRROR=... fetch.sh"
[ -z "${TREE:-}" ] || exit 0
check_pin
need curl gpg gpgv xz
lock build/cache "$cache"
if tarball=$("$root/scripts/source/cached.sh"); then
	say "${tarball##*/}: already in build/cache, verified"
	exit 0
fi
mkdir -p "$cache/part" "$cache/rejected"
tried=

# missed WHERE WHY - note it for the last word; in memory, the disk may be full
missed() {
	tried="$tried$1: $2
"
	[ ! -t 2 ] || warn "$1" "$2"
}

# urls WHERE - the addresses a source stands for; debian:PATH is below the root
# of each archive that apt is set up for
urls() {
	case $1 in
	debian:*)
		command -v apt-get >/dev/null || return 0
		# shellcheck disable=SC2016 # apt's own variable
		apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
			awk -v p="${1#debian:}" '/^(https?|file):/ && !seen[$0]++ { print $0 p }'
		;;
	*) printf '%s\n' "$1" ;;
	esac
}

# attempt WHERE URL SHA256 SIGN-URL - fetch, judge, and put it in its place
attempt() {
	name=${2##*/}
	# bytes of one address are never gone on with from another
	part=$cache/part/$(printf '%s' "$2" | sha256sum | cut -c1-12).$name
	resumed=
	[ ! -s "$part" ] || resumed=1
	why=$("$root/scripts/source/download.sh" "$2" "$part") || { missed "$2" "$why"; return 1; }
	proof=-
	if [ "$4" != - ]; then
		proof=$part.sign
		rm -f "$proof"
		why=$("$root/scripts/source/download.sh" "$4" "$proof") || { missed "$2" "its signature ${4##*/} is missing: $why"; return 1; }
	fi
	if ! how=$("$root/scripts/source/verify.sh" "$part" "$3" "$proof"); then
		# no judgement, no refusal: verify.sh has said on standard error what stopped it
		[ "$how" ] || exit 1
		mv "$part" "$cache/rejected/$name"
		[ ! -f "$part.sign" ] || mv "$part.sign" "$cache/rejected/$name.sign"
		# the start may have been left by another version of the file
		if [ "$resumed" ]; then
			say "$name: $how; it was resumed, once more from the start"
			attempt "$@"
			return
		fi
		missed "$2" "$how; kept as build/cache/rejected/$name"
		return 1
	fi
	[ "$proof" = - ] || mv "$proof" "$cache/${4##*/}"
	printf 'sha256 %s\nsigner %s\nfrom %s\nchecked %s\n' "$(sha256 "$part")" \
		"$([ "$proof" = - ] && echo - || echo "$signer")" "$1" "$how" >"$cache/$name.verified.new"
	# the tarball last: cut off before, the part is not lost
	rm -f "$cache/$name"
	mv "$cache/$name.verified.new" "$cache/$name.verified"
	mv "$part" "$cache/$name"
	say "$name: verified ($how), from $1"
}

# an address may have a ? or a * in it
set -f
for round in ${MIRROR:+mirror} source; do
	while read -r where sum sign; do
		if [ "$round" = mirror ]; then
			urls=${MIRROR%/}/${where##*/}
			where=$urls
			[ "$sign" = - ] || sign=${MIRROR%/}/${sign##*/}
		else
			urls=$(urls "$where")
			[ "$urls" ] || missed "$where" "this machine's apt knows no archive"
		fi
		# an address a line: a folder's name may have blanks in it
		IFS='
'
		for url in $urls; do
			unset IFS
			say "trying $url"
			attempt "$where" "$url" "$sum" "$sign" || continue
			"$root/scripts/source/cached.sh" >/dev/null && exit 0
			die "${where##*/}" "could not be put into build/cache" "$(df -Pm "$cache" | awk 'NR == 2 { print $4 }') MB are free there"
		done
		unset IFS
	done <<-EOF
		$sources
	EOF
done
# one source's reason a line
set --
while read -r text; do [ -z "$text" ] || set -- "$@" "$text"; done <<EOF
$tried
EOF
others=
for other in $(lines); do [ "$other" = "$LTS" ] || others="$others LTS=$other"; done
die "linux $version" "no source gave a verified tarball; tried:" "$@" \
	"set MIRROR= to a folder or URL that has it, TREE= to an unpacked $LTS kernel, or build another line:$others" \
	"make quickstart picks the first line that can be had from here"
