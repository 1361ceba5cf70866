# shellcheck shell=sh
# What manifest.json says so that make rebuild can make the same again, as JSON. Sourced after
# lib.sh.

# project_origin - {commit, changed}: the project's commit, and whether files that a build reads
# differ from it. null outside of git
project_origin() {
	[ "$(git -C "$root" rev-parse --show-toplevel 2>/dev/null)" = "$root" ] &&
		commit=$(git -C "$root" rev-parse -q --verify HEAD) || {
		echo null
		return
	}
	changed=$(git -C "$root" status --porcelain -- Makefile config keys patches scripts series \
		tools upstream.lock)
	jq -n --arg commit "$commit" --arg changed "$changed" '{$commit, changed: ($changed != "")}'
}

# origin_known MANIFEST - does it have a commit, or all that can be said now? A build that make
# update has moved here was made outside of git, and what had no commit may have one by now.
origin_known() {
	jq -e '.project.changed == false' "$1" >/dev/null ||
		[ "$(jq .project "$1")" = "$(project_origin)" ]
}

# build_options - {NAME: VALUE} of the variables that change what is built and that .features
# does not have; EXTRA is a list of the sha256 of its files
build_options() {
	extra=$(for file in ${EXTRA:-}; do sha256 "$file"; done | jq -R . | jq -s .)
	jq -n --arg gpu "${gpu:+1}" --arg debug "$([ "$variant" = "$tree_name" ] || echo 1)" \
		--arg modules "${MODULES:-}" --arg cc "${CC:-}" --arg llvm "${LLVM:-}" \
		--arg distcc "${DISTCC_HOSTS:+1}" --argjson extra "$extra" \
		'{GPU: $gpu, DEBUG: $debug, MODULES: $modules, CC: $cc, LLVM: $llvm, distcc: $distcc,
			EXTRA: $extra} | with_entries(select(.value != "" and .value != []))'
}

# packing_tools - {PROGRAM: VERSION} of what compresses and packs the outputs; "" for one that
# is not installed
packing_tools() {
	for program in gzip zstd tar depmod mke2fs qemu-img; do
		flag=--version
		[ $program != mke2fs ] || flag=-V
		said=$($program $flag 2>&1 </dev/null | head -n 1) || :
		command -v $program >/dev/null || said=
		jq -n --arg program $program --arg said "$said" '{($program): $said}'
	done | jq -s add
}
