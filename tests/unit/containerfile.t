#!/bin/sh
# scripts/setup/Containerfile: a base image of a date, packages of the snapshot that it names,
# those of programs.list, and no host by name.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 6
file=$top/scripts/setup/Containerfile
mkdir "$work/p"
project=$work/p

# shellcheck disable=SC2016 # the file's own
like "$(grep -A1 '^ARG ' "$file" | paste -sd' ')" '^ARG DATE=20[0-9]{6} FROM debian:[a-z]+-\$DATE-slim$' "the base image is one of a date"
is "$(grep -nE '[a-z0-9]\.(org|com|net|io)\b|https?:' "$file")" "" "no host is named"
# settled FILE - what its first RUN does, with FILE as the image's sources
settled() {
	sed -n '/^RUN sed/,/[^\\]$/p' "$file" | sed "1s/^RUN //; s|/etc/apt/sources.list.d/debian.sources|$1|g; s|/etc/apt/apt.conf.d/90snapshot|$work/apt.conf|" >"$work/run"
	run sh -c ". '$work/run'"
}
cat >"$work/sources" <<'END'
Types: deb
# http://archive.example/archive/debian/20251229T000000Z
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
# http://archive.example/archive/debian-security/20251229T000000Z
URIs: http://mirror.example/debian-security
Suites: bookworm-security
END
cp "$work/sources" "$work/two"
settled "$work/two"
is "$rc $(grep '^URIs' "$work/two" | paste -sd' ')$(grep -c mirror "$work/two")" \
	"0 URIs: http://archive.example/archive/debian/20251229T000000Z URIs: http://archive.example/archive/debian-security/20251229T0000""00Z0" \
	"both archives are those of the snapshot"
is "$(cat "$work/apt.conf")" 'Acquire::Check-Valid-Until "false";' "whose age is no error"
grep -v '^# .*security' "$work/sources" >"$work/one"
settled "$work/one"
ok "[ $rc != 0 ]" "an image that does not name one is refused"
is "$(sed -n 's/.*| *\(awk .*programs.list\).*/\1/p; s/.*&& \(awk .*programs.list\).*/\1/p' "$file" | sed "s|/programs.list|$top/scripts/setup/programs.list|" | sh | sort -u)" \
	"$(awk '!/^#/ && NF { print $2 }' "$top/scripts/setup/programs.list" | sort -u)" "it installs what make deps does"
