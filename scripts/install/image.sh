# shellcheck shell=sh
# What make install refuses about dist/<line>, sourced after lib.sh.
. "$root/scripts/lib/proof.sh"

# bytes FILE OFFSET COUNT - in hex; none behind the end
bytes() { od -An -v -tx1 -j "$2" -N "$3" "$1" 2>/dev/null | tr -d ' \n'; }

# image_release FILE - the release in the header of a bzImage: a 16-bit offset at 0x20e
# points to it, 0x200 before it (Documentation/x86/boot.rst of the kernel)
image_release() {
	low=$(bytes "$1" 526 1) high=$(bytes "$1" 527 1)
	dd if="$1" bs=1 skip=$((0x$high$low + 512)) count=64 2>/dev/null | tr '\0' ' ' | cut -d ' ' -f 1
}

# check_bzimage FILE - is it one for this machine? Other boot files are named by what they are
check_bzimage() {
	name=${1#"$root/"} machine=$(uname -m)
	if [ "$(bytes "$1" 0 4)" = 7f454c46 ]; then
		die "$name" "is vmlinux, an ELF file; WSL boots a bzImage" "run make kernel LTS=$LTS$gpu"
	elif [ "$(bytes "$1" 56 4)" = 41524d64 ]; then
		kind=aarch64
	elif [ "$(bytes "$1" 514 4)" != 48647253 ]; then
		die "$name" "is not a bzImage" "run make kernel LTS=$LTS$gpu"
	elif [ $((0x$(bytes "$1" 566 1) & 1)) = 1 ]; then
		# XLF_KERNEL_64 of xloadflags
		kind=x86_64
	else
		kind=i686
	fi
	[ "$kind" = "$machine" ] ||
		die "$name" "is for another machine: it is for $kind, this is $machine"
}

# recorded NAME - the sha256 of that output in manifest.json
recorded() { jq -r --arg name "$1" '.outputs[$name].sha256 // ""' "$dist/manifest.json"; }

# check_modules FILE - are they of this build? A module names its release in the .modinfo
# that it is checked by; the file's digest says that the build wrote this file.
check_modules() {
	other=$(grep -aoE 'vermagic=[!-~]+ ' "$1" | sort -u | sed 's/^vermagic=//; s/ $//' |
		grep -vxF "$release" | paste -sd' ') || :
	[ -z "$other" ] || die "${1#"$root/"}" "has modules of another release: $other, the image is $release" \
		"run make modules-vhdx LTS=$LTS$gpu"
	[ "$(recorded modules.vhdx)" = "$(sha256 "$1")" ] ||
		die "${1#"$root/"}" "is not what manifest.json says" "run make modules-vhdx LTS=$LTS$gpu"
}

# check_proofs - were both boots green for this very image? FORCE=1 goes on without
check_proofs() {
	missing=
	for run in smoke smoke-hyperv; do
		has_proof $run "$digest" || missing="$missing${missing:+ and }make $run"
	done
	[ "$missing" ] || return 0
	if [ "${FORCE:-}" ]; then
		warn "dist/$variant/bzImage" "has not passed $missing; installed because of FORCE=1"
		return 0
	fi
	die "dist/$variant/bzImage" "has not passed $missing" \
		"run $missing with LTS=$LTS$gpu first; FORCE=1 installs it all the same"
}

# check_image - all of it. Sets $release, $digest and $modules (the file, or empty).
check_image() {
	[ -f "$dist/manifest.json" ] && [ -f "$dist/bzImage" ] ||
		die "dist/$variant/bzImage" "is not built" "run make kernel LTS=$LTS$gpu"
	check_bzimage "$dist/bzImage"
	release=$(jq -r .release "$dist/manifest.json") digest=$(sha256 "$dist/bzImage")
	[ "$(recorded bzImage)" = "$digest" ] && [ "$(image_release "$dist/bzImage")" = "$release" ] ||
		die "dist/$variant/bzImage" "is not what manifest.json says" "run make kernel LTS=$LTS$gpu"
	modules=
	if [ -f "$dist/modules.vhdx" ]; then
		modules=$dist/modules.vhdx
		check_modules "$modules"
	fi
	check_proofs
}
