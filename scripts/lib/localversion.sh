# shellcheck shell=sh
# How builds of one release are told apart in their release name. Sourced after lib.sh, pin.sh,
# fragments.sh and series.sh, and needs check_pin.

# diffs - the patches that are pushed, in order: the diff of each without the header above it,
# and of an external one the sha256 that pins it
diffs() {
	nl='
'
	pinned=$nl$(git config -f "$lockfile" --get-regexp '^link\..*\.sha256$') || :
	for patch in $(queue); do
		echo patch
		case $pinned in
		*"${nl}link.$patch.sha256 "*)
			rest=${pinned#*"${nl}link.$patch.sha256 "}
			printf '%s\n' "${rest%%"$nl"*}"
			;;
		*)
			[ -f "$patches/$patch" ] || die "patches/$LTS/$patch" "does not exist" \
				"the series of $LTS names it: restore it, or remove it there"
			sed -n '/^\(--- \|diff \|Index: \)/,$p' "$patches/$patch"
			;;
		esac
	done
}

# requests FILE... - the lines of these fragments that request something, without comments
requests() { sed -n '/^CONFIG_/p; /^# CONFIG_[A-Za-z0-9_]* is not set$/p' "$@"; }

# build_inputs FRAGMENT... - all that makes one image of a release another: queue, requests,
# the tree of TREE=, and the compiler that CC= or LLVM= chooses. The compiler that the machine
# has is not part of it, nor is the tarball: each has the same kernel in it.
build_inputs() {
	diffs
	echo config
	requests "$@"
	[ -z "${MODULES:-}" ] || {
		echo "MODULES=$MODULES"
		requests "$root/config/builtin.config"
	}
	# its first line has a digest of all files
	case $(cat "$tree_meta/base" 2>/dev/null) in tree:*) head -n 1 "$tree_meta/release" ;; esac
	[ "${cc#ccache } $ld" = "gcc ld" ] || toolchain | head -n 2
}

# inputs_hash FRAGMENT... - 7 hex digits, the start of the sha256 of build_inputs
inputs_hash() {
	sum=$(cd "$root" && build_inputs "$@") || exit
	sum=$(printf '%s\n' "$sum" | sha256sum)
	printf '%.7s\n' "$sum"
}

# localversion FRAGMENT... - what stands behind the kernel's version in its release name: -wslN,
# -gpu, -debug, and -xHASH unless upstream.lock records these inputs for -wslN. A module names
# its release, so that a kernel refuses one of another build. 6.18.15-wsl10-gpu-debug-x1a2b3c4
# has 32 characters; uname -r has room for 64.
localversion() {
	hash=$(inputs_hash "$@") || exit
	[ "$hash" != "$pinned_inputs" ] || hash=
	printf '%s\n' "-wsl$revision${variant#"$LTS"}${hash:+-x$hash}"
}
