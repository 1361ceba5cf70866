# shellcheck shell=sh
# The release that the queue is ported to, sourced by rebase.sh: find it, verify it, pin it
# in STATE/project. Reads $state $project $from.

# pin_release - pin the newest release that can be downloaded and verified, or the one of
# SOURCE=. Writes STATE/target (its version) and, last, STATE/new.tarball (its path).
pin_release() {
	[ ! -f "$state/new.tarball" ] || return 0
	list_releases
	for version in $(cut -d' ' -f1 "$state/releases" | uniq); do
		# a pin needs a release date; the real one is in the tarball
		write_pin "$version" 2000-01-01
		if (cd "$project" && scripts/source/fetch.sh 2>"$state/fetch.log"); then
			record_release "$version"
			return
		fi
		set --
		while IFS= read -r why; do set -- "$@" "${why#  }"; done <<-EOT
			$(grep -v -e 'no source gave' -e '^  set MIRROR=' -e '^  make quickstart' "$state/fetch.log")
		EOT
		[ ! -f "$state/update" ] || die "linux $version" \
			"cannot be downloaded, or fails verification:" "$@" \
			"nothing was changed; another release: SOURCE= SHA256="
		# the reason of the last source is enough
		shift $(($# - 1))
		warn "linux $version" "cannot be downloaded, or fails verification: $1"
	done
	die "linux $LTS" "no release could be downloaded and verified" "$@" \
		"nothing was changed; name a release with SOURCE= SHA256=, or set MIRROR="
}

# list_releases - write STATE/releases, the releases to try, as newest.sh prints them
list_releases() {
	if [ ! -f "$state/given" ]; then
		"$root/scripts/rebase/newest.sh" "$LTS" >"$state/releases"
		return
	fi
	escaped=$(printf %s "$LTS" | sed 's/\./\\./g')
	version=$(sed 's/ sha256:.*//; s|.*/||' "$state/given" |
		grep -oE "(^|[^0-9.])$escaped\.[0-9]+" | sed 's/^[^0-9]//' | head -n 1) || :
	[ "$version" ] || die "SOURCE=$(cut -d' ' -f1 "$state/given")" \
		"does not name a release of $LTS" "the file needs a name such as linux-$LTS.1.tar.xz"
	sed "s/^/$version /" "$state/given" >"$state/releases"
}

# record_release VERSION - pin the verified tarball in the cache, with its date and digest
record_release() {
	tarball=$(cd "$project" && scripts/source/cached.sh)
	tarball=$cache/${tarball##*/}
	released=$(tar --utc -tvf "$tarball" 2>/dev/null | awk '/^-/ { print $4; exit }')
	write_pin "$1" "$released" "${tarball##*/}" "$(sed -n 's/^sha256 //p' "$tarball.verified")"
	echo "$1" >"$state/target"
	echo "$tarball" >"$state/new.tarball.new"
	mv "$state/new.tarball.new" "$state/new.tarball"
}

# write_pin VERSION RELEASED [NAME SHA256] - write the line's section of the copy's
# upstream.lock, with the digest of the verified tarball NAME once it is known. (git config
# would keep the comments of the old pin in it, and put a new line below the links.)
write_pin() {
	ends=$(awk -v line="$LTS" '$1 == line { print $2 }' "$root/scripts/rebase/lines.list")
	[ "$ends" ] || ends=$(git config -f "$lockfile" "line.$LTS.eol") || :
	{
		printf '[line "%s"]\n\tversion = %s\n\treleased = %s\n' "$LTS" "$1" "$2"
		[ -z "$ends" ] || printf '\teol = %s\n' "$ends"
		printf '\trevision = 1\n\tsigner = %s\n' \
			"$(git config -f "$lockfile" "line.$from.signer")"
		print_sources "$1" "${3:-}" "${4:-}"
	} >"$state/pin"
	awk -v header="[line \"$LTS\"]" -v section="$state/pin" \
		-f "$root/scripts/rebase/replace-section.awk" "$lockfile" >"$project/upstream.lock.new"
	mv "$project/upstream.lock.new" "$project/upstream.lock"
}

# print_sources VERSION NAME SHA256 - its `source` entries; the one for the file NAME gets
# SHA256 if it has no digest, so that the pin names the tarball that was verified
print_sources() {
	awk -v version="$1" -v name="$2" -v digest="$3" '
		$1 != version { next }
		{ file = $2; sub(/.*\//, "", file); sub(/^[^ ]* /, "") }
		file == name && !/ sha256:/ { sub(/ /, " sha256:" digest " ") }
		{ print "\tsource = " $0 }' "$state/releases"
}
