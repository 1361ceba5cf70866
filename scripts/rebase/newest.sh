#!/bin/sh
# newest.sh LINE - the releases of LINE that this machine knows of, newest first:
# VERSION and a `source` of upstream.lock, a line each. It asks kernel.org's
# releases.json, MIRROR (a folder or URL with linux-VERSION.tar.xz and its .tar.sign),
# and the signed Sources indices of the archives that apt is set up for; these are
# kept in build/cache/apt, so that neither root nor a deb-src of the machine is wanted.
# Nothing is downloaded but lists; the answer is kept in build/cache/newest.LINE. Exit 0; 1 when nobody knows a release, with what
# each said on standard error.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "MIRROR=... newest.sh LINE"
of=$1
need curl jq
tempdir
escaped=$(printf '%s' "$of" | sed 's/\./\\./g')

# by_kernel_org - the one release that it has for the line
by_kernel_org() {
	curl -fsSL --connect-timeout 2 --max-time 20 https://www.kernel.org/releases.json >"$tmp/json" 2>"$tmp/why.kernel.org" || return 0
	jq -r '.releases[].version' "$tmp/json" 2>"$tmp/why.kernel.org" >"$tmp/kernel.org" || :
}

# by_mirror - what is signed in it
by_mirror() {
	case ${MIRROR:-} in
	'') return 0 ;;
	http://* | https://*) curl -fsSL --connect-timeout 5 --max-time 20 "${MIRROR%/}/" 2>"$tmp/why.MIRROR" >"$tmp/listing" || return 0 ;;
	*) ls "${MIRROR#file:}" >"$tmp/listing" 2>"$tmp/why.MIRROR" || return 0 ;;
	esac
	grep -oE "linux-$escaped\.[0-9]+\.tar\.sign" "$tmp/listing" | sed 's/^linux-//; s/\.tar\.sign$//' >"$tmp/mirror" ||
		echo "has no linux-$of.N.tar.sign" >"$tmp/why.MIRROR"
}

# by_apt - VERSION PATH SHA256 of each .orig.tar.xz of the source packages linux and
# linux-LINE; what is not signed apt does not take
by_apt() {
	command -v apt-get >/dev/null || { echo "is not installed" >"$tmp/why.apt"; return 0; }
	apt=$cache/apt
	mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/sources"
	eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
	rm -f "$apt"/sources/*
	for file in "${list:-}" "${parts:-}"/*.list "${parts:-}"/*.sources; do
		[ ! -f "$file" ] || sed 's/^deb\([[:blank:]]\)/deb-src\1/; s/^Types:.*/Types: deb-src/' "$file" >"$apt/sources/${file##*/}"
	done
	printf 'Dir::State::lists "%s/lists";\nDir::Cache "%s";\nDir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "%s/sources";\n' \
		"$apt" "$apt" "$apt" >"$apt/conf"
	export APT_CONFIG="$apt/conf"
	apt-get -qq update >/dev/null 2>"$tmp/why.apt" || return 0
	apt-cache showsrc linux "linux-$of" 2>/dev/null | awk -v re="^linux[-0-9.]*_$escaped\\.[0-9]+\\.orig\\.tar\\.xz\$" '
		/^Directory:/ { dir = $2 }
		/^[A-Z]/ { sums = /^Checksums-Sha256:/ }
		sums && $3 ~ re { file = $3; sum = $1 }
		/^$/ || /^Package:/ { put() }
		END { put() }
		function put(v) {
			if (file && dir) { v = file; sub(/^.*_/, "", v); sub(/\.orig.*/, "", v); print v, dir "/" file, sum }
			file = dir = ""
		}' | sort -u >"$tmp/apt"
	[ -s "$tmp/apt" ] || echo "its source packages linux and linux-$of have no release of $of" >"$tmp/why.apt"
}

touch "$tmp/kernel.org" "$tmp/mirror" "$tmp/apt"
by_kernel_org &
by_mirror
# what it says of waiting is no part of the answer
(lock "the lists of apt" "$cache/apt" >&2 && by_apt)
wait
# kernel.org keeps every release, so it is a source of each, by its signature
base=https://cdn.kernel.org/pub/linux/kernel/v${of%%.*}.x
{
	cat "$tmp/kernel.org" "$tmp/mirror"
	cut -d' ' -f1 "$tmp/apt"
} | sed -n "/^$escaped\.[0-9][0-9]*\$/p" | sort -urV >"$tmp/versions"
[ -s "$tmp/versions" ] || {
	[ -s "$tmp/why.kernel.org" ] || echo "lists no release of it" >"$tmp/why.kernel.org"
	for why in "$tmp"/why.*; do
		[ ! -s "$why" ] || set -- "$@" "${why##*/why.}: $(head -n 1 "$why")"
	done
	shift
	die "linux $of" "no release of it is known here" "$@" \
		"give one by hand: SOURCE=file-or-URL-or-debian:path SHA256=..., or MIRROR="
}
while read -r version; do
	echo "$version $base/linux-$version.tar.xz sign:$base/linux-$version.tar.sign"
	awk -v v="$version" '$1 == v { print v, "debian:" $2, "sha256:" $3 }' "$tmp/apt"
done <"$tmp/versions" >"$tmp/list"
cp "$tmp/list" "$cache/newest.$of~"
mv "$cache/newest.$of~" "$cache/newest.$of"
cat "$tmp/list"
