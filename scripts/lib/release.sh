# shellcheck shell=sh
# What was released last. Sourced after lib.sh, pin.sh, series.sh, fragments.sh and localversion.sh.
#
# [release "6.18"] of upstream.lock, or "6.18-gpu", has the last release of it: last is its
# name, 6.18.15-wsl1, and inputs a hash of its queue and configuration.

# read_last - set $last and $last_inputs; both are empty before the first release
read_last() {
	last=$(git config -f "$lockfile" "release.$variant.last") || last=
	last_inputs=$(git config -f "$lockfile" "release.$variant.inputs") || last_inputs=
}

# release_inputs - the hash of version, patches and .config as they are now
release_inputs() {
	sum=$({
		echo "$version"
		queue | while read -r patch; do printf '%s ' "$patch" && sha256sum <"$patches/$patch"; done
		cat "$obj/.config"
	} | sha256sum)
	printf '%s\n' "${sum%% *}"
}

# release_name - of the release that the lock gives now, 6.18.15-wsl1, or 6.18.15-wsl1-gpu-x1a2b3c4
# shellcheck disable=SC2046,SC2086 # lists
release_name() { echo "$version$(localversion $(fragments) ${EXTRA:-})"; }

# check_release - die unless a release of this can be made: neither a debug build nor TREE=,
# a git repository, the pinned tarball, which is half of the source, and no release of that name
check_release() {
	[ "$variant" = "$tree_name" ] || die "DEBUG=1" "is not for a release" "run make release LTS=$LTS$gpu without it"
	[ -z "${TREE:-}" ] || die "TREE=$TREE" "is not for a release" "its source is not verified"
	in_git || die "$root" "is not in a git repository, which tells the project's files from others" \
		"release from a clone"
	find_tarball || die "linux $version" "its tarball is not in build/cache" \
		"it is part of a release, as GPL-2.0 asks for the source: run make fetch LTS=$LTS"
	name=wsl-kernel-$(release_name)
	[ ! -e "$root/releases/$name.tar" ] || die "releases/$name.tar" "is there already" \
		"a release is never made twice; if it was not given to anyone, remove it and run this again"
}
