#!/bin/sh
# The first step of make release: refuse what cannot be released, before the build, and raise
# `revision` of the line in upstream.lock if queue or configuration changed since the last
# release of this version, and record there what it is made of. KEY= has to sign. A compiler of another version is another
# configuration, as .config names it. Exit 0; 1: nothing changed, or there cannot be a release.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/fragments.sh"
. "$root/scripts/lib/localversion.sh"
. "$root/scripts/lib/release.sh"
. "$root/scripts/lib/signature.sh"
[ $# = 0 ] && [ "${KEY:-}" ] || usage "make release LTS=x.y KEY=key"
check_pin
[ -f "$obj/.config" ] || die "build/$variant/obj/.config" "does not exist" "run make config LTS=$LTS$gpu"
read_last
was=${last#"$version-wsl"} inputs=$(release_inputs)
# of another version, or before the first release, the revision is that of the pin
if [ "$was" != "$last" ]; then
	was=${was%%-*}
	is_number "$was" || die upstream.lock "[release \"$variant\"] has last $last, which is no release" \
		"restore it: git checkout upstream.lock"
	[ "$inputs" != "$last_inputs" ] || die "linux $version" "is released as $last, and neither queue nor configuration changed since" \
		"change a patch or an option, or move to a newer release: make update LTS=$LTS"
	[ "$revision" -ge "$was" ] || die upstream.lock "[line \"$LTS\"] has revision $revision, and $last is released" \
		"a name is never used twice: set it to $was at least"
fi
raise=
[ "$was" != "$revision" ] || raise=$((revision + 1))
revision=${raise:-$revision}
# the plain build of what is released has the plain name
pinned_inputs=$("$root/scripts/kernel/inputs-hash.sh") pinned_inputs=${pinned_inputs#* }
check_release
tempdir
echo "KEY= signs" >"$tmp/try"
sign_file "$tmp/try"
[ -z "$raise" ] || git config -f "$lockfile" "line.$LTS.revision" "$raise"
"$root/scripts/kernel/inputs-hash.sh" record >/dev/null
[ "$raise" ] || exit 0
say "queue or configuration changed since $last: revision is $raise now"
