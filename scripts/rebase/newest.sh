#!/bin/sh
# newest.sh LINE - print the releases of LINE that are known here, newest first: "VERSION
# SOURCE" a line, SOURCE as in upstream.lock. It reads kernel.org's releases.json, MIRROR (a
# directory or URL with linux-VERSION.tar.xz and its .tar.sign), and the signed Sources
# indices of the archives that apt is configured for; copies of these are kept in
# build/cache/apt, so it needs neither root nor a deb-src line of the machine.
# Only lists are downloaded. The output is also kept as build/cache/newest.LINE, for
# make status. Exit 0; 1 when no release is known, with the reason of each source on
# standard error.
. "$(dirname "$0")/../lib.sh"
[ $# = 1 ] || usage "MIRROR=... newest.sh LINE"
line=$1
need curl jq
tempdir
escaped=$(printf '%s' "$line" | sed 's/\./\\./g')

# ask_kernel_org - write $tmp/kernel.org: its list has the newest release of each line
ask_kernel_org() {
	curl -fsSL --connect-timeout 2 --max-time 20 https://www.kernel.org/releases.json \
		>"$tmp/json" 2>"$tmp/why.kernel.org" || return 0
	jq -r '.releases[].version' "$tmp/json" 2>"$tmp/why.kernel.org" >"$tmp/kernel.org" || :
}

# ask_mirror - write $tmp/mirror: the releases whose signature it has
ask_mirror() {
	case ${MIRROR:-} in
	'') return 0 ;;
	http://* | https://*)
		curl -fsSL --connect-timeout 5 --max-time 20 "${MIRROR%/}/" \
			2>"$tmp/why.MIRROR" >"$tmp/listing" || return 0
		;;
	*) ls "${MIRROR#file:}" >"$tmp/listing" 2>"$tmp/why.MIRROR" || return 0 ;;
	esac
	grep -oE "linux-$escaped\.[0-9]+\.tar\.sign" "$tmp/listing" |
		sed 's/^linux-//; s/\.tar\.sign$//' >"$tmp/mirror"
	[ -s "$tmp/mirror" ] || echo "has no linux-$line.N.tar.sign" >"$tmp/why.MIRROR"
}

# ask_apt - write $tmp/apt: "VERSION PATH SHA256" of each .orig.tar.xz of the source packages
# linux and linux-LINE; apt takes no list without a good signature
ask_apt() {
	if ! command -v apt-get >/dev/null; then
		echo "is not installed" >"$tmp/why.apt"
		return 0
	fi
	configure_apt
	read_sources || return 0
	if other_suites; then read_sources || return 0; fi
	[ -s "$tmp/apt" ] || echo "its source packages linux and linux-$line," \
		"those of Debian's stable and stable-backports too, have no release of $line" >"$tmp/why.apt"
}

# read_sources - write $tmp/apt from the archives of configure_apt or other_suites
read_sources() {
	apt-get -qq update >/dev/null 2>"$tmp/why.apt" || return 1
	apt-cache showsrc linux "linux-$line" 2>/dev/null |
		awk -v line="$line" -f "$root/scripts/rebase/orig-tarballs.awk" | sort -u >"$tmp/apt"
}

# other_suites - configure, in place of the suites that the machine uses, those with other
# kernels of the same Debian archives. Fails if $tmp/apt is complete or there is no such archive
other_suites() {
	[ ! -s "$tmp/apt" ] || return 1
	# shellcheck disable=SC2016 # fields of apt
	apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Sources' |
		sed -n 's/ Debian$//p' | sort -u >"$tmp/archives"
	[ -s "$tmp/archives" ] || return 1
	rm -f "$apt"/sources/*
	signed_by=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -f "$signed_by" ] || signed_by=/etc/apt/trusted.gpg
	while read -r uri; do
		for suite in stable stable-backports; do
			echo "deb-src [signed-by=$signed_by] $uri $suite main"
		done
	done <"$tmp/archives" >"$apt/sources/other.list"
}

# configure_apt - in build/cache/apt, the archives of the machine as source archives
configure_apt() {
	apt=$cache/apt
	mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/sources"
	eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
	rm -f "$apt"/sources/*
	for file in "${list:-}" "${parts:-}"/*.list "${parts:-}"/*.sources; do
		[ ! -f "$file" ] ||
			sed 's/^deb\([[:blank:]]\)/deb-src\1/; s/^Types:.*/Types: deb-src/' "$file" \
				>"$apt/sources/${file##*/}"
	done
	cat >"$apt/conf" <<-EOT
		Dir::State::lists "$apt/lists";
		Dir::Cache "$apt";
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$apt/sources";
	EOT
	export APT_CONFIG="$apt/conf"
}

touch "$tmp/kernel.org" "$tmp/mirror" "$tmp/apt"
ask_kernel_org &
ask_mirror
# the note that it waits for the lock is not part of the output
(lock "the lists of apt" "$cache/apt" >&2 && ask_apt)
wait
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
	die "linux $line" "no release of it is known here" "$@" \
		"name one: SOURCE=file-or-URL-or-debian:path SHA256=..., or MIRROR="
}
# kernel.org keeps every release, so it is a source of each, by its signature
base=https://cdn.kernel.org/pub/linux/kernel/v${line%%.*}.x
while read -r version; do
	echo "$version $base/linux-$version.tar.xz sign:$base/linux-$version.tar.sign"
	awk -v version="$version" '
		$1 == version { print version, "debian:" $2, "sha256:" $3 }' "$tmp/apt"
done <"$tmp/versions" >"$tmp/list"
cp "$tmp/list" "$cache/newest.$line~"
mv "$cache/newest.$line~" "$cache/newest.$line"
cat "$tmp/list"
