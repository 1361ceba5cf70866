#!/bin/sh
# Download the pinned release of the line to build/cache and verify it.
# Takes: upstream.lock, MIRROR (a directory or URL, tried first). With TREE set there is
# nothing to fetch. Leaves: build/cache/<tarball>, its signature where the source has
# one, and <tarball>.verified, its record (pin.sh). The file of a source that fails
# verification is moved to build/cache/rejected, and the next source is tried.
# Exit 0 done, 1 no source gave a verified tarball.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
[ $# = 0 ] || usage "LTS=x.y MIRROR=... fetch.sh"
[ -z "${TREE:-}" ] || exit 0

# failed URL WHY - record it for the final error; in memory, as the disk may be full
failed() {
	tried="$tried$1: $2
"
	[ ! -t 2 ] || warn "$1" "$2"
}

# urls ADDRESS - the URLs of a source's address, one per line: debian:PATH is below the root
# of each archive that apt is configured for
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

# attempt ADDRESS URL SHA256 SIGN-URL - download, verify and store the tarball
attempt() {
	name=${2##*/} signature=-
	# a partial download is never resumed from another URL
	part=$cache/part/$(printf '%s' "$2" | sha256sum | cut -c1-12).$name
	resumed=
	[ ! -s "$part" ] || resumed=1
	why=$("$root/scripts/source/download.sh" "$2" "$part") || {
		failed "$2" "$why"
		return 1
	}
	if [ "$4" != - ]; then
		signature=$part.sign
		rm -f "$signature"
		why=$("$root/scripts/source/download.sh" "$4" "$signature") || {
			failed "$2" "its signature ${4##*/} is missing: $why"
			return 1
		}
	fi
	if record=$("$root/scripts/source/verify.sh" "$part" "$3" "$signature"); then
		store "$1" "$4"
		return
	fi
	# verify.sh was stopped by an error, which it has printed
	[ "$record" ] || exit 1
	reject "$record" "$@"
}

# store ADDRESS SIGN-URL - move $part, which is verified, to build/cache. The tarball is moved
# last: until then the next run finds it in part/.
store() {
	{ [ "$signature" = - ] || mv "$signature" "$cache/${2##*/}"; } &&
		rm -f "$cache/$name" &&
		printf '%s\nversion %s\nfrom %s\n' "$record" "$version" "$1" |
		replace "$cache/$name.verified" &&
		mv "$part" "$cache/$name" ||
		die "$name" "could not be stored in build/cache" "$(free_mb "$cache") MB are free there"
	say "$name: verified (${record##*checked }), from $1"
}

# reject WHY ADDRESS URL SHA256 SIGN-URL - move $part to rejected/; try once more if it was
# resumed, as its first bytes may be of another version of the file
reject() {
	mv "$part" "$cache/rejected/$name"
	[ ! -f "$part.sign" ] || mv "$part.sign" "$cache/rejected/$name.sign"
	why=$1
	shift
	if [ "$resumed" ]; then
		say "$name: $why; the download was resumed, starting again from the first byte"
		attempt "$@"
		return
	fi
	failed "$2" "$why; kept as build/cache/rejected/$name"
	return 1
}

# try_source ADDRESS SHA256 SIGN-ADDRESS - attempt each URL of it
try_source() {
	found=$(urls "$1")
	[ "$found" ] || failed "$1" "no archive is configured in apt"
	# split at newlines: the name of a directory may have blanks in it
	IFS='
'
	for url in $found; do
		unset IFS
		say "trying $url"
		! attempt "$1" "$url" "$2" "$3" || exit 0
	done
	unset IFS
}

check_pin
need curl gpg gpgv xz
lock build/cache "$cache"
if find_tarball; then
	say "${tarball##*/}: already in build/cache, verified"
	exit 0
fi
mkdir -p "$cache/part" "$cache/rejected"
tried=
# a URL may have a ? or a * in it
set -f
for round in ${MIRROR:+mirror} source; do
	while read -r address digest sign; do
		if [ "$round" = mirror ]; then
			address=${MIRROR%/}/${address##*/}
			[ "$sign" = - ] || sign=${MIRROR%/}/${sign##*/}
		fi
		try_source "$address" "$digest" "$sign"
	done <<-EOF
		$sources
	EOF
done
others=$(lines | grep -vxF "$LTS" | sed 's/^/ LTS=/' | tr -d '\n')
choices="a directory or URL that has it, TREE= to an unpacked $LTS kernel, or build another line"
die_list "linux $version" "no source gave a verified tarball; tried:" \
	"set MIRROR= to $choices:$others" \
	"make quickstart picks the newest line that can be downloaded from here" <<EOF
$tried
EOF
