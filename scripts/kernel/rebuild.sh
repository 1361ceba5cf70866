#!/bin/sh
# Build again what a manifest describes and compare: MANIFEST= is the manifest.json of a build,
# of this machine or another. The project is that of the manifest's commit, which this
# repository must have, as a copy in build/rebuild/<release>; the tarball has the manifest's
# sha256, from its source, MIRROR= or build/cache; each patch must have the manifest's. If the
# build had EXTRA=, give the same files. LAYOUT=versioned if modules.vhdx had it.
# Prints a line for each output: the same, or which program of another version explains that
# it is not. The copy is removed if all are the same.
# Exit 0 all are the same, 1 not, or an error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
[ $# = 0 ] && [ "${MANIFEST:-}" ] || usage "make rebuild MANIFEST=file"
case $MANIFEST in /*) ;; *) MANIFEST=$PWD/$MANIFEST ;; esac
need jq git

# ask FILTER - of the manifest; nothing for null
ask() { jq -r "($1) // empty" "$MANIFEST"; }

# refuse WHAT [LINE...] - die: the manifest cannot be built again
refuse() { die "MANIFEST=${MANIFEST##*/}" "$@"; }

# read_manifest - set what is taken of it. It is a stranger's file: each value has to look
# as ours do before it is part of a path or of a command.
read_manifest() {
	jq -e 'type == "object"' "$MANIFEST" >/dev/null 2>&1 || refuse "is not a manifest.json of this project"
	LTS=$(ask .line) release=$(ask .release) commit=$(ask .project.commit)
	tarball=$(ask .source.sha256) from=$(ask .source.from)
	case $LTS in '' | *[!0-9.]* | .*) refuse "names no line and release" ;; esac
	case $release in '' | *[!A-Za-z0-9.-]* | .*) refuse "names no line and release" ;; esac
	[ "$(ask .verified)" = true ] && hex 64 "$tarball" || refuse "was built from TREE=, not from a release" \
		"no source is known for such a tree"
	hex 40 "$commit" || refuse "does not say which commit of the project it was built with" \
		"a build in a git repository does, from this version of the project on"
	[ "$(ask .project.changed)" != true ] || refuse "was built with changes that no commit has"
	git -C "$root" cat-file -e "$commit^{commit}" 2>/dev/null || refuse "was built with commit $commit" \
		"which this repository does not have: git fetch, or clone the one that published the manifest"
	read_options
	gpu=$(ask '.options.GPU // empty | " GPU=1"')
	[ "$(ask '.options.EXTRA[]?')" = "$(for file in ${EXTRA:-}; do sha256 "$file"; done)" ] ||
		refuse "was built with other files of EXTRA=" "their sha256: $(ask '.options.EXTRA // ["none"] | join(" ")')"
}

# read_options - set $options, arguments of make, which would run a $(shell) in them
read_options() {
	strange=$(ask '.options // {} | to_entries[] | select(.key != "EXTRA") | "\(.key)=\(.value)"' |
		grep -vxE '(GPU|DEBUG|LLVM|distcc)=1|MODULES=none|CC=(ccache )?([a-z0-9_]+-)*(gcc|clang)(-[0-9.]+)?') || :
	[ -z "$strange" ] || refuse "has options that are not ours:" "$strange"
	case $(ask .features) in *[!a-z0-9\ +-]*) refuse "has features that are not ours" ;; esac
	options=$(ask '.options // {} | to_entries[] | select(.key != "EXTRA" and .key != "distcc") | "\(.key)=\(.value)"')
}

# pin_source - let the copy's upstream.lock have the manifest's tarball as its only source
pin_source() {
	lock=$copy/upstream.lock
	[ "$(git config -f "$lock" "line.$LTS.version")" = "$(ask .pin)" ] ||
		refuse "is not of the release that upstream.lock pins at its commit"
	entry=$(git config -f "$lock" --get-all "line.$LTS.source" |
		awk -v name="${from##*/}" '{ n = split($1, part, "/"); if (part[n] == name) { print; exit } }')
	[ "$entry" ] || refuse "has a source that upstream.lock does not have at its commit: $from"
	sign=$(printf '%s\n' "$entry" | grep -o 'sign:[^ ]*') || :
	git config -f "$lock" --replace-all "line.$LTS.source" "${entry%% *} sha256:$tarball${sign:+ $sign}"
}

# check_patches - die unless the copy's queue is the manifest's
check_patches() {
	patches=$copy/patches/$LTS
	is=$(queue | while read -r patch; do
		if [ -f "$patches/$patch" ]; then sum=$(sha256 "$patches/$patch")
		else sum=$(git config -f "$copy/upstream.lock" "link.$patch.sha256") || sum=unknown; fi
		echo "$sum  $patch"
	done)
	wanted=$(ask '.patches[] | "\(.sha256)  \(.name)"')
	[ "$is" = "$wanted" ] || printf '%s\n%s\n' "$is" "$wanted" | sort | uniq -u | cut -c 67- | uniq |
		die_list "MANIFEST=${MANIFEST##*/}" "has other patches than its commit:"
}

# build - what the manifest has outputs of, in the copy
build() {
	targets=kernel
	for pair in modules.tar.gz:modules linux-headers.tar.zst:headers perf:perf modules.vhdx:modules-vhdx; do
		[ -z "$(ask ".outputs[\"${pair%:*}\"]")" ] || targets="$targets ${pair#*:}"
	done
	with=$(ask .features | tr ' ' '\n' | sed -n 's/^+//p' | paste -sd' ')
	less=$(ask .features | tr ' ' '\n' | sed -n 's/^-//p' | paste -sd' ')
	IFS='
'
	# shellcheck disable=SC2086 # a line each
	set -- $options
	unset IFS
	# shellcheck disable=SC2086 # words
	env -u DISTCC_HOSTS -u TREE -u GPU -u DEBUG -u MODULES -u CC -u LLVM MIRROR="${MIRROR:-$cache}" \
		WITH="$with" WITHOUT="$less" EXTRA="$extra" make -C "$copy" $targets LTS="$LTS" "$@"
}

extra=
for file in ${EXTRA:-}; do
	case $file in /*) ;; *) file=$PWD/$file ;; esac
	[ -f "$file" ] || die "EXTRA=$file" "no such file"
	extra="$extra $file"
done
[ -f "$MANIFEST" ] || die "MANIFEST=$MANIFEST" "no such file"
read_manifest
copy=$root/build/rebuild/$release
lock build/rebuild "$root/build/rebuild"
rm -rf "$copy"
mkdir -p "$copy"
git -C "$root" archive "$commit" | tar -C "$copy" -xf -
pin_source
check_patches
say "building $release of commit $(printf %.12s "$commit"), in ${copy#"$root/"}"
build 9>&- || die "linux $(ask .pin)" "cannot be built again (above)" "the copy is ${copy#"$root/"}"
rows=$(jq -rn --slurpfile was "$MANIFEST" --slurpfile is "$copy"/dist/*/manifest.json \
	-f "$root/scripts/kernel/rebuild.jq")
printf '%s\n' "$rows"
case $rows in
*": differs"*) die "$release" "is not the same when it is built again" "both manifests: $MANIFEST," \
	"${copy#"$root/"}/dist; docs/reproducible.md has a toolchain to build with" ;;
esac
rm -rf "$copy"
say "$release: every output is the same"
